"""Pixmaps that are the same for every citizen: icons, shadows and key caps. Holds nothing personal, so it lives as long as the window."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.paint.text import TextRun

_CAPS = 400
"""Key caps kept, of some 50 KB each: the keys of every pad in two of the four themes."""
_ICONS = Path(__file__).parents[1] / "icons"


class PaintCache:
    """Icons by (name, pixels, colour) and shadow patches by (radius, blur, strength, colour)."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self._icons: dict[tuple[str, int, int], QPixmap] = {}
        self._shadows: dict[tuple[int, int, int, int], QPixmap] = {}
        self._caps: dict[tuple[object, ...], tuple[QPixmap, tuple[TextRun, ...]]] = {}

    def icon(self, name: str, size: int, color: QColor) -> QPixmap:
        """Raises FileNotFoundError for an icon that is not shipped."""
        key = (name, size, color.rgba())
        found = self._icons.get(key)
        if found is None:
            found = self._icons[key] = self._render(name, size, color)
        return found

    def cap(
        self,
        key: tuple[object, ...],
        width: int,
        height: int,
        ratio: float,
        draw: Callable[[QPainter], Sequence[TextRun]],
    ) -> tuple[QPixmap, tuple[TextRun, ...]]:
        """What `draw` paints, and the texts it wrote: painted once for a `key`, which names all that its looks depend on.

        Not for a key held down: what is kept must not tell what was ever typed here.
        """
        whole = (*key, width, height, ratio)
        found = self._caps.get(whole)
        if found is None:
            if len(self._caps) >= _CAPS:
                self._caps.clear()
            pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            runs = tuple(draw(painter))
            painter.end()
            found = self._caps[whole] = (pixmap, runs)
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
        QSvgRenderer(text.encode()).render(painter, QRectF(0, 0, size, size))
        painter.end()
        return pixmap

    def shadow(self, radius: int, blur: int, percent: int, color: QColor) -> QPixmap:
        """A nine-patch of a soft rounded rectangle: corners `radius + blur`, one stretchable pixel in the middle.

        Drawn as one rounded rectangle inside another with a smooth fall-off, which looks like a Gaussian and needs no blur pass.
        """
        key = (radius, blur, percent, color.rgb())
        found = self._shadows.get(key)
        if found is None:
            found = self._shadows[key] = _shadow_patch(radius, blur, percent, color)
        return found


def _shadow_patch(radius: int, blur: int, percent: int, color: QColor) -> QPixmap:
    side = 2 * (radius + 2 * blur) + 1
    patch = QPixmap(side, side)
    patch.fill(Qt.GlobalColor.transparent)
    painter = QPainter(patch)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.setPen(Qt.PenStyle.NoPen)
    tone = QColor(color)
    for inset in range(2 * blur):  # from the outside in, each a pixel smaller and a shade darker
        tone.setAlpha(_fall_off(blur - inset - 0.5, blur, percent))
        painter.setBrush(tone)
        bend = max(0, radius + blur - inset)
        painter.drawRoundedRect(QRectF(inset, inset, side - 2 * inset, side - 2 * inset), bend, bend)
    painter.end()
    return patch


def _fall_off(distance: float, blur: int, percent: int) -> int:
    """Alpha at a distance from the casting rectangle's edge (negative inside it)."""
    if distance >= blur:
        return 0
    ramp = min(1.0, (blur - distance) / (2 * blur))
    return round(255 * percent / 100 * ramp * ramp * (3 - 2 * ramp))
