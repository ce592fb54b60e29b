"""Pictograms beside a hint of the photo studio: what to do, without words. Drawn, because they must fit one another and a hint's size."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ui.theme import Theme

Sign = Literal[
    "camera", "user", "users", "closer", "away", "left", "right", "up", "down", "lean", "turn", "eye", "glasses",
    "mouth", "dark", "bright", "half", "colour", "background", "hand", "check",
]  # fmt: skip

_ICONS: dict[Sign, str] = {
    "camera": "camera",
    "user": "user",
    "users": "users",
    "eye": "eye",
    "bright": "sun",
    "hand": "hand-stop",
    "check": "check",
}
_TURNS: dict[Sign, float] = {"right": 0, "down": 90, "left": 180, "up": 270}
"""Degrees clockwise from an arrow that points to the right."""


def draw_arrow(p: QPainter, box: QRectF, sign: Sign, color: QColor) -> None:
    """A broad arrow to one side, filling `box`."""
    p.save()
    p.translate(box.center())
    p.rotate(_TURNS[sign])
    unit = min(box.width(), box.height()) / 2
    points = ((-0.8, -0.26), (0.05, -0.26), (0.05, -0.68), (0.85, 0), (0.05, 0.68), (0.05, 0.26), (-0.8, 0.26))
    p.setPen(QPen(color, unit * 0.1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(color)
    p.drawPolygon(QPolygonF([QPointF(x * unit, y * unit) for x, y in points]))
    p.restore()


def draw_sign(p: QPainter, theme: Theme, box: QRectF, sign: Sign, role: str) -> None:
    """Fill `box` (a square) with a pictogram in the colour `role`."""
    color = theme.color(role)
    if sign in _TURNS:
        draw_arrow(p, box, sign, color)
        return
    if sign in _ICONS:
        pixmap = theme.cache.icon(_ICONS[sign], round(box.width()), color)
        p.drawPixmap(
            round(box.center().x() - pixmap.width() / 2), round(box.center().y() - pixmap.height() / 2), pixmap
        )
        return
    p.save()
    p.translate(box.topLeft())
    p.scale(box.width() / 24, box.height() / 24)  # drawn on the grid of the icons, with their stroke
    p.setPen(QPen(color, 1.9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(Qt.BrushStyle.NoBrush)
    _DRAWN[sign](p, color)
    p.restore()


def _line(p: QPainter, *points: tuple[float, float]) -> None:
    p.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _shoulders(p: QPainter) -> None:
    path = QPainterPath(QPointF(3.5, 22))
    path.cubicTo(QPointF(3.5, 17.5), QPointF(7, 16.5), QPointF(12, 16.5))
    path.cubicTo(QPointF(17, 16.5), QPointF(20.5, 17.5), QPointF(20.5, 22))
    p.drawPath(path)


def _person(p: QPainter, x: float, y: float, size: float) -> None:
    """Head and shoulders, filled; `y` is the middle of the head."""
    p.save()
    p.setPen(Qt.PenStyle.NoPen)
    p.drawEllipse(QPointF(x, y), size, size * 1.2)
    path = QPainterPath(QPointF(x - size * 2, y + size * 3.4))
    path.cubicTo(
        QPointF(x - size * 2, y + size * 1.4),
        QPointF(x + size * 2, y + size * 1.4),
        QPointF(x + size * 2, y + size * 3.4),
    )
    path.closeSubpath()
    p.drawPath(path)
    p.restore()


def _corners(p: QPainter) -> None:
    for x, y, dx, dy in ((2, 2, 1, 1), (22, 2, -1, 1), (2, 22, 1, -1), (22, 22, -1, -1)):
        _line(p, (x + 4.5 * dx, y), (x, y), (x, y + 4.5 * dy))


def _closer(p: QPainter, color: QColor) -> None:
    """Small in a large frame, and the frame is to be filled."""
    _corners(p)
    p.setBrush(color)
    _person(p, 12, 9.2, 2.0)
    p.setBrush(Qt.BrushStyle.NoBrush)
    for side in (-1, 1):
        _line(p, (12 + side * 5.2, 12), (12 + side * 8.6, 12))
        _line(p, (12 + side * 7, 10.2), (12 + side * 8.8, 12), (12 + side * 7, 13.8))


def _away(p: QPainter, color: QColor) -> None:
    """Too large for the frame."""
    p.save()
    p.setBrush(color)
    _person(p, 12, 10.4, 3.2)
    p.restore()
    for side in (-1, 1):
        _line(p, (12 + side * 6.2, 7.5), (12 + side * 10.6, 7.5))
        _line(p, (12 + side * 8.2, 5.4), (12 + side * 6, 7.5), (12 + side * 8.2, 9.6))


def _lean(p: QPainter, color: QColor) -> None:
    _shoulders(p)
    p.save()
    p.translate(12, 15)
    p.rotate(-24)
    p.drawEllipse(QPointF(0, -6.6), 4.0, 5.2)
    p.restore()
    p.drawArc(QRectF(6.4, 1.2, 14, 14), 72 * 16, -62 * 16)
    _line(p, (18.2, 6.4), (20.4, 7.6), (21.6, 5.2))


def _turn(p: QPainter, color: QColor) -> None:
    """A face, the axis it should stand on, and the way back to it from either side."""
    p.drawEllipse(QPointF(12, 11.5), 5.4, 7.4)
    p.setBrush(color)
    for x in (9.8, 14.2):
        _line(p, (x, 9.4), (x, 9.6))
    _line(p, (12, 11), (12, 13.2))
    _line(p, (10.4, 15.6), (13.6, 15.6))
    for side in (-1, 1):
        _line(p, (12 + side * 10.6, 9.4), (12 + side * 8.4, 11.5), (12 + side * 10.6, 13.6))
    _line(p, (9.8, 21.2), (12, 22.8), (14.2, 21.2))


def _glasses(p: QPainter, color: QColor) -> None:
    for x in (6.4, 17.6):
        p.drawEllipse(QPointF(x, 14), 4.4, 4.2)
        _line(p, (x - 1.4, 15.2), (x + 1.0, 12.4))
    p.drawArc(QRectF(10.4, 11.6, 3.2, 3.4), 20 * 16, 140 * 16)
    _line(p, (2.2, 12.4), (3.4, 6.8))
    _line(p, (21.8, 12.4), (20.6, 6.8))
    _line(p, (12, 8.6), (12, 2.6))
    _line(p, (9.8, 4.8), (12, 2.4), (14.2, 4.8))


def _mouth(p: QPainter, color: QColor) -> None:
    """Lips, closed."""
    path = QPainterPath(QPointF(2.5, 12))
    path.cubicTo(QPointF(6, 8.4), QPointF(9, 6.2), QPointF(12, 8.6))
    path.cubicTo(QPointF(15, 6.2), QPointF(18, 8.4), QPointF(21.5, 12))
    path.cubicTo(QPointF(17, 18.6), QPointF(7, 18.6), QPointF(2.5, 12))
    p.drawPath(path)
    _line(p, (5.4, 12), (18.6, 12))


def _sun(p: QPainter) -> None:
    p.drawEllipse(QPointF(12, 12), 4.2, 4.2)
    for i in range(8):
        c, s = math.cos(i * math.pi / 4), math.sin(i * math.pi / 4)
        _line(p, (12 + 7.2 * c, 12 + 7.2 * s), (12 + 9.4 * c, 12 + 9.4 * s))


def _dark(p: QPainter, color: QColor) -> None:
    _sun(p)
    _line(p, (3, 3), (21, 21))


def _half(p: QPainter, color: QColor) -> None:
    """Light from one side."""
    face = QRectF(5.5, 3, 13, 18)
    p.drawEllipse(face)
    p.setBrush(color)
    p.setPen(Qt.PenStyle.NoPen)
    p.drawPie(face, 90 * 16, 180 * 16)


def _colour(p: QPainter, color: QColor) -> None:
    """Lamps of several colours."""
    for x, y in ((12, 8.4), (8, 15.2), (16, 15.2)):
        p.drawEllipse(QPointF(x, y), 5.4, 5.4)


def _background(p: QPainter, color: QColor) -> None:
    """What is behind the person is striped."""
    p.drawRoundedRect(QRectF(2.2, 2.2, 19.6, 19.6), 2, 2)
    _line(p, (2.6, 9), (7, 3))
    _line(p, (2.6, 16), (6.4, 10.6))
    _line(p, (17, 3), (21.4, 7.4))
    _line(p, (17.6, 10.4), (21.4, 14.4))
    p.setBrush(color)
    _person(p, 12, 11, 3.0)


_DRAWN: dict[Sign, Callable[[QPainter, QColor], None]] = {
    "closer": _closer,
    "away": _away,
    "lean": _lean,
    "turn": _turn,
    "glasses": _glasses,
    "mouth": _mouth,
    "dark": _dark,
    "half": _half,
    "colour": _colour,
    "background": _background,
}
