"""Pixmaps that are the same for every citizen: icons and shadows. Holds nothing personal, so it lives as long as the window."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap, qRgba
from PySide6.QtSvg import QSvgRenderer

_ICONS = Path(__file__).parents[1] / "icons"


class PaintCache:
    """Icons by (name, pixels, colour) and shadow patches by (radius, blur, strength, colour)."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self._icons: dict[tuple[str, int, int], QPixmap] = {}
        self._shadows: dict[tuple[int, int, int, int], QPixmap] = {}

    def icon(self, name: str, size: int, color: QColor) -> QPixmap:
        """Raises FileNotFoundError for an icon that is not shipped."""
        key = (name, size, color.rgba())
        found = self._icons.get(key)
        if found is None:
            found = self._icons[key] = self._render(name, size, color)
        return found

    def _render(self, name: str, size: int, color: QColor) -> QPixmap:
        source = self._sources.get(name)
        if source is None:
            source = (_ICONS / f"{name}.svg").read_text(encoding="utf-8")
            self._sources[name] = source
        text = source.replace("currentColor", color.name())  # QSvgRenderer paints currentColor black
        if size >= 96:  # large icons look heavy with the full stroke
            text = text.replace('stroke-width="2"', 'stroke-width="1.75"')
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(color.alphaF())
        QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size, size))
        painter.end()
        return pixmap

    def shadow(self, radius: int, blur: int, percent: int, color: QColor) -> QPixmap:
        """A nine-patch of a soft rounded rectangle: corners `radius + blur`, one stretchable pixel in the middle.

        Drawn from the distance to the rounded edge with a smooth fall-off, which looks like a Gaussian and needs no blur pass.
        """
        key = (radius, blur, percent, color.rgb())
        found = self._shadows.get(key)
        if found is None:
            found = self._shadows[key] = _shadow_patch(radius, blur, percent, color)
        return found


def _shadow_patch(radius: int, blur: int, percent: int, color: QColor) -> QPixmap:
    corner = radius + 2 * blur
    side = 2 * corner + 1
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    half = side / 2
    inner = half - blur  # half the size of the casting rectangle
    for y in range(corner + 1):
        for x in range(corner + 1):
            dx = max(abs(x + 0.5 - half) - (inner - radius), 0.0)
            dy = max(abs(y + 0.5 - half) - (inner - radius), 0.0)
            distance = math.hypot(dx, dy) - radius  # < 0 inside the casting rectangle
            ramp = min(1.0, max(0.0, (blur - distance) / (2 * blur)))
            alpha = round(255 * percent / 100 * ramp * ramp * (3 - 2 * ramp))
            value = qRgba(color.red(), color.green(), color.blue(), alpha)
            for px, py in ((x, y), (side - 1 - x, y), (x, side - 1 - y), (side - 1 - x, side - 1 - y)):
                image.setPixel(px, py, value)
    return QPixmap.fromImage(image)
