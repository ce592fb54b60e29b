"""Handwriting: strokes as vectors, drawn as smooth lines, and the picture of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPainterPath, QPen

Point = tuple[float, float, float]
"""x and y in pixels of the pad, t in seconds since the first point of the signature."""
Stroke = tuple[Point, ...]


def stroke_path(points: Sequence[Point]) -> QPainterPath:
    """A smooth line: quadratic curves through the middles between points, with the points as control points."""
    path = QPainterPath(QPointF(points[0][0], points[0][1]))
    for (x, y, _), (next_x, next_y, _) in pairwise(points[1:]):
        path.quadTo(QPointF(x, y), QPointF((x + next_x) / 2, (y + next_y) / 2))
    path.lineTo(QPointF(points[-1][0], points[-1][1]))
    return path


def draw_strokes(p: QPainter, strokes: Sequence[Sequence[Point]], color: QColor, width: float) -> None:
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for points in strokes:
        if len(points) == 1:
            p.drawPoint(QPointF(points[0][0], points[0][1]))
        else:
            p.drawPath(stroke_path(points))


def leaving_point(inside: QPointF, outside: QPointF, rect: QRectF) -> QPointF:
    """Where the line from a point inside `rect` to one outside crosses its edge."""
    part = 1.0
    for start, end, low, high in (
        (inside.x(), outside.x(), rect.left(), rect.right()),
        (inside.y(), outside.y(), rect.top(), rect.bottom()),
    ):
        if end > high:
            part = min(part, (high - start) / (end - start))
        elif end < low:
            part = min(part, (low - start) / (end - start))
    return inside + (outside - inside) * max(0.0, part)


def encode_png(picture: QImage) -> bytes:
    """Raises OSError."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    if not writer.write(picture):
        raise OSError(f"the signature could not be written as PNG: {writer.errorString()}")
    return bytes(buffer.data().data())
