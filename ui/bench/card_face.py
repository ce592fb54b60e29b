"""The back of a permit as the virtual unit prints it, fetched and drawn away from the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget
from shiboken6 import isValid

from ui.errand import Errand
from ui.theme import Theme

_RATIO = 53.98 / 85.6
"""ISO/IEC 7810 ID-1."""
_RADIUS = 10


class CardFace(QWidget):
    """Shows the PNG that `draw` gives; b"" is an empty place. One picture is fetched at a time, the newest wish wins.

    `draw` is called in a worker thread: drawing hanzi takes longer than a frame.
    """

    def __init__(self, theme: Theme, name: str, width: int, draw: Callable[[], bytes]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName("通行证背面")
        self.setFixedSize(QSize(width, round(width * _RATIO)))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.png = b""
        self._theme = theme
        self._draw = draw
        self._picture = QPixmap()
        self._fetching = self._again = False

    def fetch(self) -> None:
        """Look at the card afresh."""
        if self._fetching:
            self._again = True
            return
        self._fetching = True
        Errand(self._draw, self._show, partial(self._show, b""))

    def _show(self, png: bytes) -> None:
        if not isValid(self):  # the window went away meanwhile
            return
        self._fetching = False
        if png != self.png:
            self.png = png
            self._picture = QPixmap()
            self._picture.loadFromData(png, "PNG")
            self.update()
        if self._again:
            self._again = False
            self.fetch()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        p.setClipPath(shape)
        p.fillRect(self.rect(), self._theme.color("well"))
        if self._picture.isNull():
            p.setPen(self._theme.color("placeholder"))
            p.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "没有卡")
        else:
            p.drawPixmap(QRectF(self.rect()), self._picture, QRectF(self._picture.rect()))
        p.end()
