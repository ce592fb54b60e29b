"""ReadingRow: a character of a name and its readings, each a button."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.names import Position
from ui.paint.shapes import Elevation, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable
from ui.widgets.choice_cards import draw_plate, draw_radio

CHOOSE = "请选一个"


class _ReadingButton(Tappable):
    def __init__(self, row: ReadingRow, character: str, spelling: str) -> None:
        super().__init__(row.theme, f"{row.objectName()}.{spelling}", f"{character}，读 {spelling}", row)
        self.spelling = spelling
        self._row = row
        self.setCheckable(True)

    def tap(self) -> None:
        super().tap()
        self._row.show_chosen(self._row.chosen, self._row.must)  # a tap must not look like the answer before it is one
        self._row.picked.emit(self.spelling)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.button")
        chosen = self.isChecked()
        draw_plate(self, p, off=False, chosen=chosen, down=self.isDown(), radius=radius)
        if not chosen and not t.high_contrast:
            fill_round(p, rect, radius, None, t.color("outline"), t.px("stroke.divider"))
        ring = t.pick(22, 26)
        draw_radio(self, p, QPointF(t.px(24) + ring, rect.center().y()), ring, chosen)
        left = t.px(24) + 2 * ring + t.px(16)
        spot = QRectF(left, 0, rect.width() - left - t.px(12), rect.height())
        self.line_text(p, spot, self.spelling, ("h2", "h3", "label"), "text", bold=True)
        self.focus_ring(p, radius)


class ReadingRow(Painted):
    """Emits `picked(spelling)`. What is chosen is told it afterwards, by `show_chosen`."""

    picked = Signal(str)
    elevation: Elevation = 1

    def __init__(
        self, theme: Theme, name: str, position: Position, character: str, parent: QWidget | None = None
    ) -> None:
        part = "姓" if position.part == "surname" else "名"
        super().__init__(theme, name, f"{part}里的{character}有 {len(position.options)} 种读音", parent)
        self.position, self._character, self._part = position, character, part
        self.chosen, self.must = "", False
        self.buttons = [_ReadingButton(self, character, spelling) for spelling in position.options]
        self._columns = min(2 if theme.large else 3, max(2, len(self.buttons)))
        lines = -(-len(self.buttons) // self._columns)
        self._button_h = theme.pick(96, 116)
        gap = theme.px("gap_min")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(lines * self._button_h + (lines - 1) * gap + 2 * theme.px(16))

    def show_chosen(self, spelling: str, must: bool) -> None:
        """`must`: nothing is chosen yet, and only the citizen can."""
        self.chosen, self.must = spelling, must
        for button in self.buttons:
            button.setChecked(button.spelling == spelling)
        self.update()

    def _left(self) -> int:
        return self.theme.pick(240, 292)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        gap, pad = self.theme.px("gap_min"), self.theme.px(16)
        wide = (self.width() - self._left() - pad - (self._columns - 1) * gap) // self._columns
        for i, button in enumerate(self.buttons):
            line, column = divmod(i, self._columns)
            x, y = self._left() + column * (wide + gap), pad + line * (self._button_h + gap)
            button.setGeometry(x, y, wide, self._button_h)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        if self.must:
            fill_round(p, rect, radius, t.color("warn_tint"), t.color("warn_text"), t.px("stroke.selected"))
        else:
            fill_round(p, rect, radius, t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        char = QRectF(t.px(32), 0, t.font_px("h1") + t.px(4), rect.height())
        self.line_text(p, char, self._character, "h1", "text", bold=True)
        color = "warn_text" if self.must else "muted"
        left = char.right() + t.px(12)
        words = f"{self._part}，读作"
        if self.must:
            tall = t.line("label")
            top = rect.height() / 2 - tall
            self.line_text(p, QRectF(left, top, self._left() - left, tall), words, ("label", "small"), color)
            spot = QRectF(left, top + tall, self._left() - left, tall)
            self.line_text(p, spot, CHOOSE, ("label", "small"), color, bold=True)
        else:
            self.line_text(p, QRectF(left, 0, self._left() - left, rect.height()), words, ("label", "small"), color)
