"""Text with a line height of our choosing: QLabel ignores one, so paragraphs are laid out here with QTextLayout.

Positions are optical: a hanzi's square (0.88 em above the baseline, 0.12 em below) is what gets centred, not the font's
ascent and descent, which in Noto Sans CJK are 1.16 and 0.29 em.
"""

from __future__ import annotations

import math
import re
from itertools import combinations, pairwise
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

PAUSES = "，。；：？"
_DATE = re.compile(r"(?<=\d)(?=[年月日])|(?<=[年月])(?=\d)")
_UNIT = re.compile(r"(?<=\d) (?=[\u4e00-\u9fff])| (?=·)")
ABOVE = 0.88
"""Part of the em above the baseline, of a hanzi's square."""


def glued(text: str) -> str:
    """What is read in one breath stays on one line: a date, a number and its unit, a dot and what stands before it."""
    return _UNIT.sub("\u00a0", _DATE.sub("\u2060", text))


class TextRun(NamedTuple):
    """What was written where, for the structural checks: `fits` False means clipped or too long for its box."""

    text: str
    rect: QRectF
    font_px: int
    fits: bool
    elided: bool


def baseline(top: float, height: float, font_px: float) -> float:
    """Baseline that centres one line of hanzi in a box."""
    return top + height / 2 + (ABOVE - 0.5) * font_px


class TextShape:
    """A paragraph broken to a width. Keeps to Chinese line-breaking rules (no full stop at the start of a line).

    `balance` narrows the paragraph as far as the number of lines allows, so that no line ends up with one character.
    """

    def __init__(self, text: str, font: QFont, width: float, line: float, *, balance: bool = False) -> None:
        self._font_px = font.pixelSize()
        self._line = line
        self.width = width
        self._one: tuple[str, QFont] | None = None
        """Most paragraphs are one line, which needs no layout."""
        if text.isprintable() and len(text) * self._font_px < 2 * width:  # else surely longer
            advance = text_width(text, font)
            if advance < width - 1:
                self._one = (text, font)
                self.lines = 1
                self._widths = [advance]
                return
        from PySide6.QtGui import QTextLayout, QTextOption  # the home screen needs none

        text = glued(text)
        self._layout = QTextLayout(text.replace("\n", "\u2028"), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self._break(width)
        if balance and self.lines > 1 and not self._break_at_pause(text, font):
            self._balance()

    def _break_at_pause(self, text: str, font: QFont) -> bool:
        """Two or three lines read best when each ends where the voice would pause; not at the price of a very short line."""
        if self.lines not in (2, 3) or "\n" in text:
            return False
        metrics = QFontMetricsF(font)
        pauses = [i for i in range(1, len(text)) if text[i - 1] in PAUSES or text[i] == "（" or text[:i].endswith("· ")]
        best: tuple[float, list[str]] | None = None
        for cuts in combinations(pauses, self.lines - 1):
            parts = [text[start:end] for start, end in pairwise((0, *cuts, len(text)))]
            widths = [metrics.horizontalAdvance(part) for part in parts]
            longest = max(widths)
            if longest <= self.width and min(widths) >= 0.3 * longest and (best is None or longest < best[0]):
                best = (longest, parts)
        if best is None:
            return False
        self._layout.setText("\u2028".join(best[1]))
        self._break(self.width)
        return True

    def _break(self, width: float) -> None:
        self._layout.beginLayout()
        lines: list[float] = []
        top = 0.0
        while True:
            line = self._layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            line.setPosition(QPointF(0, baseline(top, self._line, self._font_px) - line.ascent()))
            lines.append(line.naturalTextWidth())
            top += self._line
        self._layout.endLayout()
        self.lines = len(lines)
        self._widths = lines

    def _balance(self) -> None:
        wanted = self.lines
        low, high = self.width / wanted / 1.1, self.width
        while high - low > self._font_px / 2:
            middle = (low + high) / 2
            self._break(middle)
            if self.lines > wanted:
                low = middle
            else:
                high = middle
        self._break(high)

    @property
    def height(self) -> int:
        return math.ceil(self.lines * self._line)

    @property
    def natural_width(self) -> float:
        return max(self._widths, default=0.0)

    def draw(self, painter: QPainter, x: float, y: float, color: QColor, align: str = "left") -> None:
        painter.setPen(color)
        if self._one is not None:
            text, font = self._one
            slack = 0.0 if align == "left" else (self.width - self._widths[0]) / (2 if align == "center" else 1)
            painter.setFont(font)
            painter.drawText(QPointF(x + slack, baseline(y, self._line, self._font_px)), text)
            return
        if align == "left":
            self._layout.draw(painter, QPointF(x, y))
            return
        for i in range(self.lines):
            slack = self.width - self._widths[i]
            self._layout.lineAt(i).draw(painter, QPointF(x + (slack / 2 if align == "center" else slack), y))


def draw_line(
    painter: QPainter, rect: QRectF, text: str, font: QFont, color: QColor, align: str = "left", *, elide: bool = False
) -> TextRun:
    """One line, vertically centred. Tells whether it fitted; `elide` marks text that may end in an ellipsis (addresses)."""
    metrics = QFontMetricsF(font)
    width = metrics.horizontalAdvance(text)
    fits = width <= rect.width() + 1
    shown = text
    if elide and not fits:
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        width = metrics.horizontalAdvance(shown)
    x = rect.x()
    if align == "center":
        x += (rect.width() - width) / 2
    elif align == "right":
        x += rect.width() - width
    painter.setFont(font)
    painter.setPen(color)
    size = font.pixelSize()
    painter.drawText(QPointF(x, baseline(rect.y(), rect.height(), size)), shown)
    used = QRectF(x, rect.y() + (rect.height() - size) / 2, width, size)
    return TextRun(text, used, size, fits or elide, elide and not fits)


def text_width(text: str, font: QFont) -> float:
    return QFontMetricsF(font).horizontalAdvance(text)
