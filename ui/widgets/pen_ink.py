"""Ink of a pad with a pen, laid on the sheet on the screen as large as it fits. Lines that are ended are drawn once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from ui.paint.ink import Point, Stroke, draw_strokes


class PenInk:
    """`strokes` are in pixels of the sheet. A line only ever grows at its end, and lines come one after the other, until all are wiped."""

    def __init__(self) -> None:
        self.strokes: tuple[Stroke, ...] = ()
        self._told: tuple[Stroke, ...] = ()
        self._surface = (0.0, 0.0)
        self._sheet = QRectF()
        self._done = QImage()
        self._drawn = 0
        """How many lines are in the picture."""

    def tell(self, strokes: Sequence[Stroke], width_mm: float, height_mm: float) -> None:
        """What the pad has now, in millimetres of its surface."""
        before, self._told = self._told, tuple(strokes)
        if (width_mm, height_mm) != self._surface or not _grown(before, self._told):
            self._surface = (width_mm, height_mm)
            self._again()
            return
        whole = max(0, len(before) - 1)
        self.strokes = (*self.strokes[:whole], *(self._scaled(each) for each in self._told[whole:]))

    def lay(self, sheet: QRectF, size: QSize) -> None:
        """Where the ink may be, on a widget of this size."""
        self._sheet = sheet
        self._done = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        self._again()

    def forget(self) -> None:
        self._told = self.strokes = ()
        self._done = QImage()
        self._drawn = 0

    def paint(self, p: QPainter, color: QColor, width: float) -> None:
        ended = len(self.strokes) - 1
        if ended > self._drawn and not self._done.isNull():
            onto = QPainter(self._done)
            draw_strokes(onto, self.strokes[self._drawn : ended], color, width)
            onto.end()
            self._drawn = ended
        if not self._done.isNull():
            p.drawImage(0, 0, self._done)
        draw_strokes(p, self.strokes[self._drawn :], color, width)

    def _again(self) -> None:
        self._drawn = 0
        if not self._done.isNull():
            self._done.fill(Qt.GlobalColor.transparent)
        self.strokes = tuple(self._scaled(each) for each in self._told)

    def _scaled(self, stroke: Stroke) -> Stroke:
        width, height = self._surface
        if width <= 0 or height <= 0 or self._sheet.isEmpty():
            return stroke
        scale = min(self._sheet.width() / width, self._sheet.height() / height)
        left = self._sheet.x() + (self._sheet.width() - width * scale) / 2
        top = self._sheet.y() + (self._sheet.height() - height * scale) / 2
        points: list[Point] = [(left + x * scale, top + y * scale, t) for x, y, t in stroke]
        return tuple(points)


def _grown(before: Sequence[Stroke], after: Sequence[Stroke]) -> bool:
    """Whether the lines that were ended are the same."""
    ended = max(0, len(before) - 1)
    return len(after) >= len(before) and all(
        len(old) == len(new) and old[:1] == new[:1] for old, new in zip(before[:ended], after[:ended], strict=True)
    )
