"""DigitsField: a number of known length in large digits, in groups as people say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted


def grouped(digits: str, groups: Sequence[int]) -> str:
    """138 0000 0000; of an unfinished number what there is."""
    parts = []
    for size in groups:
        parts.append(digits[:size])
        digits = digits[size:]
    return " ".join(part for part in parts if part)


class DigitsField(Painted):
    """Shows what was typed, a line for every digit still to come, and where the next one goes. Subclass with what is measured here."""

    spoken: ClassVar[str]
    """手机号码"""
    groups: ClassVar[tuple[int, ...]]
    least: ClassVar[int] = 0
    """Digits that must be typed, where not all need be: the lines of the others are faint."""
    heights: ClassVar[tuple[int, int]]
    """In usual and in large text."""
    widest: ClassVar[int | None] = None
    """Most pixels a place may have; None: they share the width."""
    between: ClassVar[int] = 28
    """Pixels between two groups."""
    margin: ClassVar[int] = 24
    roles: ClassVar[tuple[str, ...]] = ("h1", "h2", "h3")
    bold: ClassVar[bool] = True
    inset: ClassVar[int] = 6
    """The line below a place keeps this far from its sides."""
    line_up: ClassVar[int] = 24
    """How far above the lower edge it is."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, f"{self.spoken}，没有填", parent)
        self._digits, self._alarm = "", False
        self.setFixedHeight(theme.pick(*self.heights))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def places(self) -> int:
        return sum(self.groups)

    def rows(self) -> tuple[tuple[int, ...], ...]:
        """How the groups stand below each other."""
        return (self.groups,)

    def show_digits(self, digits: str, alarm: bool = False) -> None:
        self._digits, self._alarm = digits, alarm
        of = "" if self.least else f"，共 {self.places} 位"
        said = f"{grouped(digits, self.groups)}，已输入 {len(digits)} 位{of}" if digits else "没有填"
        self.setAccessibleName(f"{self.spoken}，{said}")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = "bad" if self._alarm else "primary"
        fill = "bad_tint" if self._alarm else "surface"
        fill_round(p, rect, t.px("radius.field"), t.color(fill), t.color(edge), t.px("stroke.selected"))
        rows = self.rows()
        between, cell, x0 = t.px(self.between), *self._columns(rect)
        top = t.px(8) if len(rows) > 1 or self.widest is None else 0
        high = (rect.height() - 2 * top) / len(rows)
        place = 0
        for n, row in enumerate(rows):
            x = x0
            for size in row:
                for _ in range(size):
                    self._place(p, QRectF(x, top + n * high, cell, high), place)
                    x += cell
                    place += 1
                x += between

    def _columns(self, rect: QRectF) -> tuple[float, float]:
        """Width of a place, and where the first one begins."""
        t, rows = self.theme, self.rows()
        gaps = (max(len(row) for row in rows) - 1) * t.px(self.between)
        most = max(sum(row) for row in rows)
        cell = (rect.width() - 2 * t.px(self.margin) - gaps) / most
        if self.widest is None:
            return cell, rect.x() + t.px(self.margin)
        cell = min(t.px(self.widest), cell)
        return cell, (rect.width() - most * cell - gaps) / 2

    def _place(self, p: QPainter, box: QRectF, place: int) -> None:
        t = self.theme
        if place < len(self._digits):
            lifted = box.adjusted(0, 0, 0, -t.px(self.inset + 2))
            self.line_text(p, lifted, self._digits[place], self.roles, "text", "center", bold=self.bold)
            return
        here = place == len(self._digits)
        inset = t.px(self.inset)
        line = QRectF(
            box.x() + inset, box.bottom() - t.px(self.line_up), box.width() - 2 * inset, t.px(8 if here else 4)
        )
        faint = self.least and place >= self.least and not t.high_contrast
        fill_round(p, line, line.height() / 2, t.color("primary" if here else "divider" if faint else "outline"))
        if here:
            caret = QRectF(box.center().x() - t.px(3), box.center().y() - t.px(35), t.px(6), t.px(54))
            fill_round(p, caret, t.px(3), t.color("primary"))
