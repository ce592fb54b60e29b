"""CountdownBar: how long something still waits, as a sentence over a bar that gets shorter once a second."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted


class CountdownBar(Painted):
    """`words` has one blank for the seconds: "{} 秒后自动继续"."""

    def __init__(self, theme: Theme, name: str, words: str, total: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "", parent)
        self._words, self._total, self._left = words, max(1, total), total
        self.setFixedHeight(theme.pick(84, 96))
        self.set_left(total)

    def set_left(self, left: int) -> None:
        self._left = max(0, left)
        self._total = max(self._total, self._left)
        self.setAccessibleName(self._words.format(self._left))
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        box = QRectF(0, 0, self.width(), t.line("label"))
        self.line_text(p, box, self._words.format(self._left), ("label", "small"), "muted", "center")
        bar = QRectF(t.px(92), self.height() - t.px(24), self.width() - t.px(184), t.px(16))
        fill_round(p, bar, t.px(8), t.color("track"))
        bar.setWidth(bar.width() * min(1.0, self._left / self._total))
        if bar.width() >= t.px(16):
            fill_round(p, bar, t.px(8), t.color("primary"))
