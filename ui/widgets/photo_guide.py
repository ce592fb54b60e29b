"""The photo studio's mirror and its hint: what the camera sees, what of it will be the photo, and the one thing to change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import Elevation, draw_disc, draw_ring, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.photo_signs import Sign, draw_arrow, draw_sign

if TYPE_CHECKING:
    from kiosk.ports.devices import Frame

GUIDE_HEAD = (0.5, 0.44, 0.45, 0.62)
"""Middle x, middle y and size of the head to aim at, the size in shares of the frame's height: a head of this size can be cut
to every profile with room to move."""
_WIDE = 16 / 9
"""Shape of the picture assumed before the first frame."""

Outline = tuple[float, float, float, float]


class PhotoMirror(Painted):
    """The live picture, mirrored as people know themselves, as large as the page allows; a frame around it fills while the citizen
    holds still.

    A head to aim at is drawn while the place is wrong (`placing`); afterwards the cut of the photo, with everything outside it
    darkened. Shows the newest frame only and keeps nothing: `clear()` drops it.
    """

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "摄像头画面", parent)
        self._image: QImage | None = None
        self._size = (1280, 720)
        self._progress = 0.0
        self._outline: Outline | None = None
        self._placing, self._done = True, False
        self._way: Sign | None = None
        self.setMinimumHeight(theme.px(360))
        self.setMaximumHeight(theme.px(900))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), self.theme.px(860))

    def set_state(
        self,
        frame: Frame | None,
        progress: float = 0.0,
        outline: Outline | None = None,
        *,
        placing: bool = True,
        way: Sign | None = None,
        done: bool = False,
    ) -> None:
        """`outline` is in pixels of the frame, `way` as the citizen sees it. Raises ValueError when the frame's bytes do not match
        its size."""
        if frame is None:
            self._image = None
        else:
            if len(frame.bgr) != frame.width * frame.height * 3:
                raise ValueError("frame size and bytes differ")
            image = QImage(frame.bgr, frame.width, frame.height, frame.width * 3, QImage.Format.Format_BGR888)
            # converted once, because painting from BGR takes ten times as long; and so the camera's buffer is not kept alive
            self._image = image.convertToFormat(QImage.Format.Format_RGB32)
            self._size = (frame.width, frame.height)
        self._progress = min(1.0, max(0.0, progress))
        self._outline, self._placing, self._way, self._done = outline, placing, way, done
        self.update()

    def clear(self) -> None:
        self._image, self._outline = None, None
        self.update()

    # -- places ----------------------------------------------------------------------------------------------------------

    def _ring(self) -> float:
        return self.theme.pick(16, 18)

    def _area(self) -> QRectF:
        """The picture, inside the frame that fills."""
        inset = self._ring() + self.theme.px(8)
        return QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)

    def _scale(self, area: QRectF) -> float:
        width, height = self._size
        return max(area.width() / width, area.height() / height)

    def _seen_at(self, area: QRectF, x: float, y: float) -> QPointF:
        """A place of the frame in the mirror."""
        width, height = self._size
        scale = self._scale(area)
        return QPointF(area.center().x() - (x - width / 2) * scale, area.center().y() + (y - height / 2) * scale)

    def cut(self) -> QRectF | None:
        """Where the photo would be cut, in the mirror and no further than it."""
        if self._outline is None:
            return None
        area = self._area()
        x, y, width, height = self._outline
        box = QRectF(self._seen_at(area, x + width, y), self._seen_at(area, x, y + height))
        edge = self.theme.px(8)
        return box & area.adjusted(edge, edge, -edge, -edge)

    # -- painting --------------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        area = self._area()
        self._paint_ring(p)
        self._paint_picture(p, area)
        if self._placing or self._image is None:
            self._paint_guide(p, area)
        else:
            self._paint_cut(p, area)
        if self._way is not None and self._image is not None:
            self._paint_way(p, area, self._way)

    def _radius(self) -> float:
        return self.theme.px("radius.card")

    def _paint_picture(self, p: QPainter, area: QRectF) -> None:
        p.setPen(Qt.PenStyle.NoPen)
        if self._image is None:
            p.setBrush(self.theme.color("preview"))
        else:
            scale = self._scale(area)
            brush = QBrush(self._image)
            origin = self._seen_at(area, 0, 0)
            brush.setTransform(QTransform(-scale, 0, 0, scale, origin.x(), origin.y()))
            p.setBrush(brush)
        p.drawRoundedRect(area, self._radius(), self._radius())

    def _paint_ring(self, p: QPainter) -> None:
        """A frame around the picture, filling clockwise from the middle of its top."""
        t = self.theme
        width = self._ring()
        rect = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        r = self._radius() + t.px(8) + width / 2
        path = QPainterPath(QPointF(rect.center().x(), rect.top()))
        for corner, start in (
            (QRectF(rect.right() - 2 * r, rect.top(), 2 * r, 2 * r), 90),
            (QRectF(rect.right() - 2 * r, rect.bottom() - 2 * r, 2 * r, 2 * r), 0),
            (QRectF(rect.left(), rect.bottom() - 2 * r, 2 * r, 2 * r), 270),
            (QRectF(rect.left(), rect.top(), 2 * r, 2 * r), 180),
        ):
            path.arcTo(corner, start, -90)
        path.closeSubpath()
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(QPen(t.color("track"), width))
        p.drawPath(path)
        if self._progress > 0:
            pen = QPen(t.color("ok"), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
            if self._progress < 1:
                length = 2 * (rect.width() + rect.height()) - 8 * r + 2 * math.pi * r
                pen.setDashPattern([length * self._progress / width, 2 * length / width])
            p.setPen(pen)
            p.drawPath(path)

    def _paint_guide(self, p: QPainter, area: QRectF) -> None:
        """Head and shoulders to aim at: dashes on an edge of the other brightness, so that they show on any picture."""
        t = self.theme
        middle_x, middle_y, wide, high = GUIDE_HEAD
        frame_w, frame_h = self._size if self._image is not None else (720 * _WIDE, 720)
        unit = self._scale(area) * frame_h
        centre = self._seen_at(area, middle_x * frame_w, middle_y * frame_h)
        head = QRectF(centre.x() - wide * unit / 2, centre.y() - high * unit / 2, wide * unit, high * unit)
        path = QPainterPath()
        path.addEllipse(head)
        bottom = area.bottom() - t.px(14)
        for side in (-1, 1):
            neck = QPointF(head.center().x() + side * head.width() * 0.30, head.bottom() - head.height() * 0.10)
            path.moveTo(neck)
            foot = QPointF(head.center().x() + side * head.width() * 1.02, bottom)
            path.cubicTo(
                QPointF(neck.x(), bottom - (bottom - neck.y()) * 0.45),
                QPointF(foot.x(), neck.y() + (bottom - neck.y()) * 0.42),
                foot,
            )
        p.setBrush(Qt.BrushStyle.NoBrush)
        width = t.pick(9, 11)
        under = QColor(0, 0, 0) if t.high_contrast else QColor(255, 255, 255)
        p.setPen(QPen(under, width + t.px(8), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        p.drawPath(path)
        pen = QPen(t.color("primary"), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([3.4, 1.8])
        p.setPen(pen)
        p.drawPath(path)

    def _paint_cut(self, p: QPainter, area: QRectF) -> None:
        t = self.theme
        cut = self.cut()
        if cut is None or cut.isEmpty():
            return
        corner = t.px(16)
        outside = QPainterPath()
        outside.addRoundedRect(area, self._radius(), self._radius())
        outside.addRoundedRect(cut, corner, corner)
        p.fillPath(outside, QColor(0, 0, 0, 140))
        edge = QPainterPath()
        edge.addRoundedRect(cut, corner, corner)
        if self._progress > 0 or self._done:
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.setPen(QPen(QColor(255, 255, 255), t.px(14)))
            p.drawPath(edge)
            p.setPen(QPen(t.color("ok"), t.px(8)))
            p.drawPath(edge)
        else:
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.setPen(QPen(QColor(0, 0, 0), t.px(12)))
            p.drawPath(edge)
            p.setPen(QPen(QColor(255, 255, 255), t.px(7)))
            p.drawPath(edge)

    def _paint_way(self, p: QPainter, area: QRectF, way: Sign) -> None:
        """A large arrow at the side to move to."""
        t = self.theme
        radius = t.pick(76, 88)
        gap = radius + t.px(28)
        centre = {
            "left": QPointF(area.left() + gap, area.center().y()),
            "right": QPointF(area.right() - gap, area.center().y()),
            "up": QPointF(area.center().x(), area.top() + gap),
            "down": QPointF(area.center().x(), area.bottom() - gap),
        }[way]
        draw_disc(p, centre, radius, t.color("primary"), t.color("on_primary"), t.px("stroke.selected"))
        side = radius * 1.2
        draw_arrow(p, QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side), way, t.color("on_primary"))


class HintBand(Painted):
    """One hint: a pictogram, what to do, and a line that helps. Words come debounced, so they are shown at once.

    While the citizen holds still the pictogram stands in a ring that fills.
    """

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "")
        self._words, self._help = "", ""
        self._sign: Sign = "user"
        self._progress = 0.0
        self._done = False
        self.setFixedHeight(theme.pick(176, 200))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_hint(self, words: str, more: str, sign: Sign, progress: float = 0.0, *, done: bool = False) -> None:
        progress = min(1.0, max(0.0, progress))
        if (words, more, sign, progress, done) == (self._words, self._help, self._sign, self._progress, self._done):
            return
        self._words, self._help, self._sign, self._progress, self._done = words, more, sign, progress, done
        self.setAccessibleName(f"{words}。{more}" if more else words)
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill, color = ("ok", "on_ok") if self._done else ("primary", "on_primary")
        fill_round(p, rect, t.px("radius.card"), t.color(fill))
        side = rect.height() - t.px(40)
        disc = QRectF(t.px(28), t.px(20), side, side)
        draw_disc(p, disc.center(), side / 2, t.color("surface"))
        inset = side * 0.18
        if self._progress > 0:
            ring = disc.adjusted(t.px(6), t.px(6), -t.px(6), -t.px(6))
            draw_ring(p, ring, t.px(14), t.color("track"), t.color("ok"), self._progress)
            inset = side * 0.27
        role = "ok_text" if self._done else "icon"
        draw_sign(p, t, disc.adjusted(inset, inset, -inset, -inset), self._sign, role)
        x = disc.right() + t.px(32)
        room = rect.right() - t.px(28) - x
        upper, lower = t.line("h1"), t.line("body")
        y = (rect.height() - upper - (lower if self._help else 0)) / 2
        self.line_text(p, QRectF(x, y, room, upper), self._words, ("h1", "h2", "h3"), color, bold=True)
        if self._help:
            fits = text_width(self._help, t.font("body")) <= room
            self.line_text(p, QRectF(x, y + upper, room, lower), self._help, "body" if fits else "small", color)
