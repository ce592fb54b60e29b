"""SignaturePad: a sheet to sign on. One finger, one line; vectors with times, and a cropped black-and-white picture of them.

Nothing leaves the widget but `strokes` and `png()`, nothing stays in it after `clear_ink()`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEventPoint,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.ink import Point, Stroke, draw_strokes, encode_png, leaving_point
from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.pen_ink import PenInk

PEN = 9
"""Pixels at scale 1.0 = 2.2 mm, a felt pen."""
MARGIN = 16
"""White around the ink in the picture, pixels at scale 1.0."""
LEAST_INK_MM = 60.0
LEAST_SPAN_MM = 25.0
"""Below these it is a dot or a tick, not a signature: length of all lines, longer side of what they cover."""
MOST_POINTS = 6000
MOST_STROKES = 250
MOST_PNG_BYTES = 60_000


class SignaturePad(Painted):
    """Takes touch and mouse. The first finger writes, others (the ball of the hand) are ignored; what leaves the sheet is cut off
    at its edge. At most 6000 points and 250 strokes are kept; more writing leaves no ink.

    Where a pad with a pen lies beside the screen its ink is shown too (`show_pen`), and both together are the signature."""

    changed = Signal()
    """A stroke was begun or ended, or all was cleared."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "签名框，请用手指写上您的姓名", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(theme.px(240))
        self._strokes: list[list[Point]] = []
        self._drawing = False
        self._writable = True
        self._last: QPointF | None = None
        """Where the finger is, also off the sheet; None while it is up."""
        self._finger: int | None = None
        self._began = 0.0
        self._count = 0
        self._alarm = False
        self._ink = QImage()
        self._pen_ink = PenInk()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), self.theme.px(372))

    # -- what was written ------------------------------------------------------------------------------------------------

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """All there is, the pen's first."""
        return (*self._pen_ink.strokes, *self.by_finger)

    @property
    def by_finger(self) -> tuple[Stroke, ...]:
        return tuple(tuple(points) for points in self._strokes)

    @property
    def empty(self) -> bool:
        return not self.strokes

    def show_pen(self, strokes: Sequence[Stroke], width_mm: float, height_mm: float) -> None:
        """What was written on the pad beside the screen so far, in millimetres of its surface."""
        self._pen_ink.tell(strokes, width_mm, height_mm)
        if strokes:
            self.set_alarm(False)
        self.update()

    @property
    def full(self) -> bool:
        return self._count >= MOST_POINTS or len(self._strokes) >= MOST_STROKES

    @property
    def signed(self) -> bool:
        """Whether there is ink enough for a name."""
        length = sum(
            math.hypot(x2 - x1, y2 - y1) for points in self.strokes for (x1, y1, _), (x2, y2, _) in pairwise(points)
        )
        bounds = self._bounds()
        span = max(bounds.width(), bounds.height())
        return length >= self.theme.mm(LEAST_INK_MM) and span >= self.theme.mm(LEAST_SPAN_MM)

    def _bounds(self) -> QRectF:
        xs = [x for points in self.strokes for x, _, _ in points]
        ys = [y for points in self.strokes for _, y, _ in points]
        return QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys))) if xs else QRectF()

    def png(self) -> bytes:
        """Black ink on white, cropped with a margin, at most 60 kB. Empty without ink."""
        if self.empty:
            return b""
        room = self.theme.px(PEN) / 2 + self.theme.px(MARGIN)
        area = self._bounds().adjusted(-room, -room, room, room).toAlignedRect()
        picture = QImage(area.size(), QImage.Format.Format_Grayscale8)
        picture.fill(Qt.GlobalColor.white)
        painter = QPainter(picture)
        painter.translate(-area.topLeft())
        draw_strokes(painter, self.strokes, QColor(Qt.GlobalColor.black), self.theme.px(PEN))
        painter.end()
        data = encode_png(picture)
        if len(data) > MOST_PNG_BYTES:  # a sheet scribbled full: one bit per pixel has a bound
            flat = picture.convertToFormat(QImage.Format.Format_Mono, Qt.ImageConversionFlag.ThresholdDither)
            data = encode_png(flat)
        return data

    def set_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Put back what was written on a pad of the same width (another theme)."""
        self._strokes = [list(points) for points in strokes]
        self._count = sum(len(points) for points in self._strokes)
        self._began = time.monotonic() - max((points[-1][2] for points in self._strokes), default=0.0)
        self._redraw()
        self.changed.emit()

    def clear_ink(self) -> None:
        self._strokes.clear()
        self._count = 0
        self._drawing = False
        self._last = None
        self._pen_ink.tell((), 0, 0)
        self._ink.fill(Qt.GlobalColor.transparent)
        self.update()
        self.changed.emit()

    def forget(self) -> None:
        """Before deletion: no line, no picture of it."""
        self.clear_ink()
        self._pen_ink.forget()
        self._ink = QImage()

    def set_alarm(self, alarm: bool) -> None:
        """Mark the sheet as what is missing; the words for it stand beside it."""
        if alarm != self._alarm:
            self._alarm = alarm
            self.update()

    # -- writing ---------------------------------------------------------------------------------------------------------

    def _sheet(self) -> QRectF:
        """Where the middle of the pen may be, so that the line never covers the frame."""
        edge = self.theme.px("stroke.selected") + self.theme.px(PEN) / 2
        return QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)

    def set_writable(self, writable: bool) -> None:
        """Whether a finger leaves ink. A line under way ends."""
        if not writable and self._drawing:
            self._end()
        if not writable:
            self._last = None
        self._writable = writable

    def _press(self, at: QPointF) -> None:
        if not self._writable:
            return
        self._last = at
        if self._sheet().contains(at):
            self._begin(at)

    def _move(self, at: QPointF) -> None:
        if self._last is None:
            return
        before, self._last = self._last, at
        sheet = self._sheet()
        if sheet.contains(at):
            if not self._drawing:
                self._begin(leaving_point(at, before, sheet))
            self._extend(at)
        elif self._drawing:
            self._extend(leaving_point(before, at, sheet))
            self._end()

    def _release(self) -> None:
        self._last = None
        if self._drawing:
            self._end()

    def _now(self) -> float:
        now = time.monotonic()
        if not self._strokes:
            self._began = now
        return round(now - self._began, 4)

    def _begin(self, at: QPointF) -> None:
        if self.full:
            return
        self._drawing = True
        self._strokes.append([(at.x(), at.y(), self._now())])
        self._count += 1
        self.set_alarm(False)
        self._dirty(at)
        self.changed.emit()

    def _extend(self, at: QPointF) -> None:
        points = self._strokes[-1]
        x, y, _ = points[-1]
        if self._count >= MOST_POINTS or math.hypot(at.x() - x, at.y() - y) < 2:
            return
        points.append((at.x(), at.y(), self._now()))
        self._count += 1
        if len(points) >= 3:
            self._commit(points)
        self._dirty(*(QPointF(px, py) for px, py, _ in points[-3:]))

    def _commit(self, points: Sequence[Point]) -> None:
        """Draw the piece that no later point changes into the ink."""
        (ax, ay, _), (bx, by, _), (cx, cy, _) = points[-3:]
        start = QPointF(ax, ay) if len(points) == 3 else QPointF((ax + bx) / 2, (ay + by) / 2)
        path = QPainterPath(start)
        path.quadTo(QPointF(bx, by), QPointF((bx + cx) / 2, (by + cy) / 2))
        painter = self._pen(self._ink)
        painter.drawPath(path)
        painter.end()

    def _end(self) -> None:
        self._drawing = False
        points = self._strokes[-1]
        painter = self._pen(self._ink)
        self._tail(painter, points)
        painter.end()
        self.update()
        self.changed.emit()

    def _tail(self, p: QPainter, points: Sequence[Point]) -> None:
        """The end of a line, from the last middle to the finger."""
        x, y, _ = points[-1]
        if len(points) == 1:
            p.drawPoint(QPointF(x, y))
            return
        bx, by, _ = points[-2]
        start = QPointF(bx, by) if len(points) == 2 else QPointF((bx + x) / 2, (by + y) / 2)
        p.drawLine(start, QPointF(x, y))

    def _pen(self, target: QImage) -> QPainter:
        painter = QPainter(target)
        self._set_pen(painter)
        return painter

    def _set_pen(self, p: QPainter) -> None:
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setBrush(Qt.BrushStyle.NoBrush)
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        p.setPen(QPen(self.theme.color("text"), self.theme.px(PEN), Qt.PenStyle.SolidLine, cap, join))

    def _dirty(self, *points: QPointF) -> None:
        room = self.theme.px(PEN) + 2
        xs, ys = [at.x() for at in points], [at.y() for at in points]
        spot = QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))
        self.update(spot.adjusted(-room, -room, room, room).toAlignedRect())

    def _redraw(self) -> None:
        if self.size().isEmpty():
            return
        self._pen_ink.lay(self._sheet(), self.size())
        self._ink = QImage(self.size(), QImage.Format.Format_ARGB32_Premultiplied)
        self._ink.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._ink)
        painter.setClipRect(self._sheet().adjusted(-self.theme.px(PEN), -self.theme.px(PEN), PEN, PEN))
        draw_strokes(painter, self._strokes, self.theme.color("text"), self.theme.px(PEN))
        painter.end()
        self.update()

    # -- events ----------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            self._touch(event)
            event.accept()
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        if event.type() == QEvent.Type.TouchCancel:
            self._finger = None
            self._release()
            return
        for point in event.points():
            state = point.state()
            if state == QEventPoint.State.Pressed and self._finger is None:
                self._finger = point.id()
                self._press(point.position())
            elif point.id() == self._finger:
                if state == QEventPoint.State.Updated:
                    self._move(point.position())
                elif state == QEventPoint.State.Released:
                    self._move(point.position())
                    self._finger = None
                    self._release()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._finger is None:
            self._press(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # two quick strokes are two strokes

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._finger is None:
            self._move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._finger is None:
            self._release()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = "bad" if self._alarm else "outline"
        width = t.px("stroke.selected" if self._alarm else "stroke.outline")
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color(edge), width)
        base = rect.bottom() - rect.height() * 0.21
        word_w = t.pick(110, 140)
        box = QRectF(t.px(48), base - t.line("small") + t.px(6), word_w, t.line("small"))
        self.line_text(p, box, "签名", "small", "muted")
        pen = QPen(t.color("outline"), t.px("stroke.divider"))
        pen.setDashPattern([6.0, 5.0])
        p.setPen(pen)
        p.drawLine(QPointF(box.x() + word_w - t.px(24), base), QPointF(rect.right() - t.px(48), base))
        if not self._ink.isNull():
            p.drawImage(0, 0, self._ink)
        self._pen_ink.paint(p, t.color("text"), t.px(PEN))
        if self._drawing:
            self._set_pen(p)
            self._tail(p, self._strokes[-1])
