"""Pixmaps that are the same for every citizen: icons and shadows. Holds nothing personal, so it lives as long as the window."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
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
    half = side / 2
    start = half - blur - radius  # where the rounded part of the casting rectangle begins, from the middle
    reach = [max(abs(n + 0.5 - half) - start, 0.0) for n in range(corner + 1)]
    alphas = bytearray()
    quarters: list[list[int]] = []
    for y, dy in enumerate(reach):
        quarter = [row[y] for row in quarters]  # the same on both sides of the diagonal
        quarter += [_fall_off(math.hypot(dx, dy) - radius, blur, percent) for dx in reach[y:]]
        quarters.append(quarter)
        alphas += bytes(quarter + quarter[-2::-1])
    for y in range(corner - 1, -1, -1):  # the lower half is the upper one turned over
        alphas += alphas[y * side : (y + 1) * side]
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(color)
    image.setAlphaChannel(QImage(bytes(alphas), side, side, side, QImage.Format.Format_Alpha8))
    return QPixmap.fromImage(image)


def _fall_off(distance: float, blur: int, percent: int) -> int:
    """Alpha at a distance from the casting rectangle's edge (negative inside it)."""
    if distance >= blur:
        return 0
    ramp = min(1.0, (blur - distance) / (2 * blur))
    return round(255 * percent / 100 * ramp * ramp * (3 - 2 * ramp))
