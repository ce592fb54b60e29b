"""Cards, shadows, rings, pills: the few shapes everything is made of. All take their colours and measures from a Theme."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from ui.theme import Theme

Elevation = Literal[0, 1, 2]
_ELEVATION = {1: (14, 6, 9), 2: (28, 8, 12)}  # blur, drop, percent


def fill_round(
    p: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    edge: QColor | None = None,
    edge_width: float = 0,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    """A rounded rectangle whose edge lies inside `rect`, so that it is never cut by the widget."""
    inset = edge_width / 2
    if fill is not None:
        p.setBrush(fill)
    else:
        p.setBrush(Qt.BrushStyle.NoBrush)
    if edge is not None and edge_width and edge.alpha():
        pen = QPen(edge, edge_width)
        pen.setStyle(style)
        p.setPen(pen)
    else:
        p.setPen(Qt.PenStyle.NoPen)
        inset = 0
    p.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset)


def fill_rect(p: QPainter, rect: QRectF, color: QColor) -> None:
    """QPainter.fillRect would do, but it also takes gradients, and the 180 named presets of QGradient are loaded with the first call:
    too much before the first paint."""
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(color)
    p.drawRect(rect)


def draw_sweep(p: QPainter, rect: QRectF, left: QColor, right: QColor) -> None:
    """From one colour to the other, across, in 64 steps: between dark colours nobody sees more. No QGradient, as in `fill_rect`."""
    ends = tuple(zip((left.red(), left.green(), left.blue()), (right.red(), right.green(), right.blue()), strict=True))
    edges = [round(rect.x() + rect.width() * i / 64) for i in range(65)]
    for i in range(64):
        color = QColor(*(round(start + (end - start) * (i + 0.5) / 64) for start, end in ends))
        fill_rect(p, QRectF(edges[i], rect.y(), edges[i + 1] - edges[i], rect.height()), color)


def draw_nine_patch(p: QPainter, target: QRect, patch: QPixmap, corner: int) -> None:
    """Stretch the middle of `patch`, keep its corners. The centre is left out: the card covers it."""
    side = patch.width()
    far = side - corner
    x, y, w, h = target.x(), target.y(), target.width(), target.height()
    if w < 2 * corner or h < 2 * corner:
        return
    for tx, ty, tw, th, sx, sy, sw, sh in (
        (x, y, corner, corner, 0, 0, corner, corner),
        (x + w - corner, y, corner, corner, far, 0, corner, corner),
        (x, y + h - corner, corner, corner, 0, far, corner, corner),
        (x + w - corner, y + h - corner, corner, corner, far, far, corner, corner),
        (x + corner, y, w - 2 * corner, corner, corner, 0, 1, corner),
        (x + corner, y + h - corner, w - 2 * corner, corner, corner, far, 1, corner),
        (x, y + corner, corner, h - 2 * corner, 0, corner, corner, 1),
        (x + w - corner, y + corner, corner, h - 2 * corner, far, corner, corner, 1),
    ):
        p.drawPixmap(QRect(tx, ty, tw, th), patch, QRect(sx, sy, sw, sh))


def draw_shadow(p: QPainter, theme: Theme, rect: QRectF, radius: int, elevation: Elevation) -> None:
    """Paint outside `rect`: the painter's widget must be larger than the card or be the card's parent."""
    if not elevation or theme.high_contrast:
        return
    blur, drop, percent = _ELEVATION[elevation]
    blur, drop = theme.px(blur), theme.px(drop)
    patch = theme.cache.shadow(radius, blur, percent, theme.color("shadow"))
    spread = rect.adjusted(-blur, -blur + drop, blur, blur + drop).toRect()
    draw_nine_patch(p, spread, patch, radius + 2 * blur)


def draw_card(
    p: QPainter,
    theme: Theme,
    rect: QRectF,
    *,
    fill: str = "surface",
    edge: str = "card_edge",
    edge_width: float | None = None,
    radius: str = "radius.card",
    elevation: Elevation = 1,
) -> None:
    """A card with its shadow. Leave `theme.px(20)` around it for the shadow, where it is painted by a widget of its own."""
    r = theme.px(radius)
    draw_shadow(p, theme, rect, r, elevation)
    width = theme.px("stroke.outline") if edge_width is None else edge_width
    color = theme.color(edge)
    fill_round(p, rect, r, theme.color(fill), color, width if color.alpha() else 0)


def draw_focus(p: QPainter, theme: Theme, rect: QRectF, radius: float) -> None:
    """Two-colour ring for keyboard and nav pad, inside `rect`; visible on any ground."""
    w = theme.px("stroke.focus")
    fill_round(p, rect, radius, None, theme.color("focus_outer"), w)
    inner = rect.adjusted(w, w, -w, -w)
    fill_round(p, inner, max(1.0, radius - w), None, theme.color("focus_inner"), theme.px("stroke.outline"))


def draw_ring(
    p: QPainter, rect: QRectF, width: float, track: QColor | None, color: QColor, part: float, start: float = 90.0
) -> None:
    """An arc of `part` (0…1) of a circle inside `rect`, clockwise from `start` degrees (90 = twelve o'clock), round ends."""
    inset = width / 2
    area = rect.adjusted(inset, inset, -inset, -inset)
    p.setBrush(Qt.BrushStyle.NoBrush)
    if track is not None:
        p.setPen(QPen(track, width))
        p.drawEllipse(area)
    if part > 0:
        p.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if part >= 1:
            p.drawEllipse(area)
        else:
            p.drawArc(area, round(start * 16), -round(part * 360 * 16))


def draw_turning(p: QPainter, theme: Theme, rect: QRectF, width: float, phase: float, part: float = 0.3) -> None:
    """The waiting ring at `phase` (0…1) of its turn: something goes on, and nobody knows how much of it is left."""
    draw_ring(p, rect, width, theme.color("track"), theme.color("primary"), part, 90 - 360 * phase)


def draw_disc(
    p: QPainter, centre: QPointF, radius: float, fill: QColor | None, edge: QColor | None = None, w: float = 0
) -> None:
    if fill is not None:
        p.setBrush(fill)
    else:
        p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(edge, w) if edge is not None and w else QPen(Qt.PenStyle.NoPen))
    r = radius - w / 2
    p.drawEllipse(centre, r, r)


def draw_tick(p: QPainter, rect: QRectF, color: QColor, width: float) -> None:
    """A tick in the middle 60 % of `rect`."""
    path = QPainterPath()
    x, y, w, h = rect.x(), rect.y(), rect.width(), rect.height()
    path.moveTo(x + 0.24 * w, y + 0.52 * h)
    path.lineTo(x + 0.43 * w, y + 0.70 * h)
    path.lineTo(x + 0.77 * w, y + 0.33 * h)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.drawPath(path)


_BARS = (2, 1, 1, 2, 1, 3, 1)


def draw_bars(p: QPainter, box: QRectF, unit: float, ink: QColor) -> None:
    """The look of a bar code, filling `box` with bars of one to three units: a texture, not a code anybody could scan."""
    x, i = box.x(), 0
    while x + max(_BARS) * unit < box.right():
        width = unit * _BARS[i % len(_BARS)]
        if i % 2 == 0:
            fill_rect(p, QRectF(x, box.y(), width, box.height()), ink)
        x += width
        i += 1


def draw_bar_label(p: QPainter, theme: Theme, box: QRectF) -> None:
    """Such bars on a light plate."""
    fill_rect(p, box, theme.color("plate"))
    unit = theme.px(5)
    draw_bars(p, box.adjusted(2 * unit, unit, -unit, -unit), unit, theme.color("on_plate"))
