"""SplitCard: one way to divide a name, as a card to choose: 姓 欧阳, 名 娜娜."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from ui.paint.shapes import Elevation
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.base import Tappable
from ui.widgets.choice_cards import draw_plate, draw_radio, shaped
from ui.widgets.name_border import WHOLE


class SplitCard(Tappable):
    """Side by side where both parts fit in one line, else one under the other. Without a given name the card says so."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str, surname: str, given: str, width: int) -> None:
        spoken = f"姓，{surname}，名，{given}" if given else f"{WHOLE}，{surname}"
        super().__init__(theme, name, spoken)
        self.setCheckable(True)
        self._parts = (("姓", surname), ("名", given)) if given else ((WHOLE, surname),)
        room = width - self._left() - theme.px(32)
        labels = [text_width(label, theme.font("label")) + theme.px(20) for label, _ in self._parts]
        beside = room / len(self._parts)
        self._role = next(
            (
                role
                for role in ("h2", "h3")
                if all(
                    label + text_width(text, theme.font(role, True)) + theme.px(12) <= beside
                    for label, (_, text) in zip(labels, self._parts, strict=True)
                )
            ),
            "",
        )
        if not self._role and not given:  # the boxes above show the name; a long card would say it twice
            self._parts, self._role = ((WHOLE, ""),), "h3"
        self._label_w = round(max(labels))
        self._shapes: list[TextShape] = []
        if not self._role:
            under = room - self._label_w
            self._shapes = [shaped(theme, text, "h3", under, bold=True) for _, text in self._parts]
        words = sum(shape.height for shape in self._shapes)
        self.setFixedHeight(max(theme.pick(112, 124), words + theme.px(36)))

    def _left(self) -> int:
        return self.theme.pick(104, 108)

    def set_chosen(self, chosen: bool) -> None:
        self.setChecked(chosen)
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        draw_plate(self, p, off=False, chosen=self.isChecked(), down=self.isDown(), radius=radius)
        draw_radio(self, p, QPointF(t.pick(58, 60), rect.center().y()), t.pick(26, 32), self.isChecked())
        if self._role:
            self._paint_beside(p, rect)
        else:
            self._paint_under(p, rect)
        self.focus_ring(p, radius)

    def _paint_beside(self, p: QPainter, rect: QRectF) -> None:
        t = self.theme
        room = (rect.width() - self._left() - t.px(32)) / len(self._parts)
        for i, (label, text) in enumerate(self._parts):
            x = self._left() + i * room
            spot = QRectF(x, 0, room, rect.height())
            if not text:
                self.line_text(p, spot, label, self._role, "text", bold=True)
                continue
            used = self.line_text(p, spot, label, "label", "muted")
            left = used.right() + t.px(20)
            spot = QRectF(left, 0, x + room - left, rect.height())
            self.line_text(p, spot, text, self._role, "text", bold=True)

    def _paint_under(self, p: QPainter, rect: QRectF) -> None:
        t = self.theme
        y = (rect.height() - sum(shape.height for shape in self._shapes)) / 2
        for (label, text), shape in zip(self._parts, self._shapes, strict=True):
            line = QRectF(self._left(), y, self._label_w, t.line("h3"))
            self.line_text(p, line, label, "label", "muted")
            area = QRectF(self._left() + self._label_w, y, shape.width, shape.height)
            self.write(p, shape, text, area, "h3")
            y += shape.height
