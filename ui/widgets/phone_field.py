"""PhoneField: a mobile number in large digits, grouped 3-4-4 as people say it."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted

PLACES = 11
GROUPS = (3, 4, 4)


def grouped(digits: str) -> str:
    """138 0000 0000; of an unfinished number what there is."""
    parts = []
    for size in GROUPS:
        parts.append(digits[:size])
        digits = digits[size:]
    return " ".join(part for part in parts if part)


class PhoneField(Painted):
    """Shows what was typed, a line for every digit still to come, and where the next one goes."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "手机号码，没有填", parent)
        self._digits, self._alarm = "", False
        self.setFixedHeight(theme.pick(152, 164))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_digits(self, digits: str, alarm: bool = False) -> None:
        self._digits, self._alarm = digits, alarm
        said = f"{grouped(digits)}，已输入 {len(digits)} 位，共 {PLACES} 位" if digits else "没有填"
        self.setAccessibleName(f"手机号码，{said}")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = "bad" if self._alarm else "primary"
        fill = "bad_tint" if self._alarm else "surface"
        fill_round(p, rect, t.px("radius.field"), t.color(fill), t.color(edge), t.px("stroke.selected"))
        between = t.px(40)
        cell = min(t.px(68), (rect.width() - t.px(64) - 2 * between) / PLACES)
        x = (rect.width() - PLACES * cell - 2 * between) / 2
        place = 0
        for size in GROUPS:
            for _ in range(size):
                self._place(p, QRectF(x, 0, cell, rect.height()), place)
                x += cell
                place += 1
            x += between

    def _place(self, p: QPainter, box: QRectF, place: int) -> None:
        t = self.theme
        if place < len(self._digits):
            self.line_text(
                p, box.adjusted(0, 0, 0, -t.px(10)), self._digits[place], ("display", "h1"), "text", "center"
            )
            return
        here = place == len(self._digits)
        line = QRectF(box.x() + t.px(10), box.bottom() - t.px(36), box.width() - t.px(20), t.px(8 if here else 4))
        fill_round(p, line, line.height() / 2, t.color("primary" if here else "outline"))
        if here:
            caret = QRectF(box.center().x() - t.px(3), box.center().y() - t.px(36), t.px(6), t.px(56))
            fill_round(p, caret, t.px(3), t.color("primary"))
