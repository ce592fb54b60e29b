"""ReceiptField: a number of letters and digits in groups of four, and the slip it is printed on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import draw_bar_label, draw_disc, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted

PLACES = 32
GROUP = 4


def grouped(number: str) -> str:
    """JX33 0226 0001 8; people read and compare four at a time."""
    return " ".join(number[i : i + GROUP] for i in range(0, len(number), GROUP))


class ReceiptField(Painted):
    """Shows what was typed and where the next character goes. How long the number is differs, so no place is drawn before it is
    reached. Grows by a row where one is full."""

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, f"{spoken}，没有填", parent)
        self._spoken = spoken
        self._text, self._alarm = "", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit()

    def show_text(self, text: str, alarm: bool = False) -> None:
        self._text, self._alarm = text, alarm
        said = f"{grouped(text)}，已输入 {len(text)} 位" if text else "没有填"
        self.setAccessibleName(f"{self._spoken}，{said}")
        self._fit()
        self.update()

    def _per_row(self) -> int:
        return GROUP * (3 if self.theme.large else 4)

    def _line_h(self) -> int:
        return self.theme.pick(84, 92)

    def _fit(self) -> None:
        per_row = self._per_row()
        places = min(len(self._text) + 1, PLACES)  # with the caret's
        rows = -(-places // per_row)
        self.setFixedHeight(rows * self._line_h() + self.theme.pick(52, 48))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = "bad" if self._alarm else "primary"
        fill = "bad_tint" if self._alarm else "surface"
        fill_round(p, rect, t.px("radius.field"), t.color(fill), t.color(edge), t.px("stroke.selected"))
        per_row, line = self._per_row(), self._line_h()
        between, pad = t.px(36), t.px(32)
        groups = per_row // GROUP
        cell = (rect.width() - 2 * pad - (groups - 1) * between) / per_row
        top = t.pick(26, 24)
        for i in range(min(len(self._text) + 1, PLACES)):
            row, place = divmod(i, per_row)
            x = pad + place * cell + (place // GROUP) * between
            box = QRectF(x, top + row * line, cell, line)
            if i < len(self._text):
                self.line_text(p, box, self._text[i], "h1" if cell >= t.font_px("h1") else "h2", "text", "center")
            else:
                caret = QRectF(box.center().x() - t.px(3), box.center().y() - t.px(28), t.px(6), t.px(56))
                fill_round(p, caret, t.px(3), t.color("primary"))


class ReceiptPicture(Painted):
    """A photo receipt (相片回执) as it is handed out: photo, bar code, and the number under it framed."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "相片回执上，号码是条码旁边的一串字母和数字")
        self.setMinimumHeight(theme.pick(230, 196))
        self.setMaximumHeight(theme.px(380))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("outline"), t.px("stroke.divider"))
        pad = t.px(28)
        high = min(rect.height() - 2 * pad, t.px(260))
        photo = QRectF(pad + t.px(8), (rect.height() - high) / 2, high * 0.72, high)
        self._photo(p, photo)
        x = photo.right() + t.px(44)
        frame_h = t.pick(76, 88)
        bars_h = max(t.px(40), min(t.px(90), high - frame_h - t.line("small") - t.px(24)))
        y = (rect.height() - t.line("small") - bars_h - frame_h - t.px(24)) / 2
        room = rect.right() - pad - t.px(8) - x
        self.line_text(p, QRectF(x, y, room, t.line("small")), "相片回执", "small", "muted", bold=True)
        y += t.line("small") + t.px(8)
        draw_bar_label(p, t, QRectF(x, y, room, bars_h))
        y += bars_h + t.px(16)
        frame = QRectF(x, y, room, frame_h)
        fill_round(p, frame, t.px("radius.chip"), t.color("warn_tint"), t.color("warn"), t.px("stroke.selected"))
        words = "号码：条码旁的字母和数字"
        self.line_text(p, frame.adjusted(t.px(20), 0, -t.px(16), 0), words, ("label", "small"), "warn_text", bold=True)

    def _photo(self, p: QPainter, box: QRectF) -> None:
        t = self.theme
        fill_round(p, box, t.px(8), t.color("tint"), t.color("outline"), t.px("stroke.divider"))
        p.save()
        p.setClipRect(box.adjusted(t.px(3), t.px(3), -t.px(3), -t.px(3)))
        radius = box.width() * 0.23
        draw_disc(p, box.center() - _down(box.height() * 0.12), radius, t.color("outline"))
        body = QRectF(0, 0, box.width() * 0.84, box.height() * 0.6)
        body.moveCenter(box.center() + _down(box.height() * 0.46))
        fill_round(p, body, body.width() / 2.4, t.color("outline"))
        p.restore()


def _down(distance: float) -> QPointF:
    return QPointF(0, distance)
