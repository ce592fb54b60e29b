"""Rings: count-down, spinner, and the round mirror of the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import draw_disc, draw_ring, draw_tick, draw_turning
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.moving import Moving

if TYPE_CHECKING:
    from kiosk.ports.devices import Frame


class CountdownRing(Painted):
    """Seconds in a ring. The digits change once a second; the arc shows what is left of `total`."""

    def __init__(
        self, theme: Theme, name: str, total: int, left: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, f"还剩 {total if left is None else left} 秒", parent)
        self._total = max(1, total)
        self._left = total if left is None else left
        side = theme.px(260)
        self.setFixedSize(side, side)

    @property
    def left(self) -> int:
        return self._left

    def set_left(self, seconds: int) -> None:
        if seconds != self._left:
            self._left = seconds
            self._total = max(self._total, seconds)
            self.setAccessibleName(f"还剩 {seconds} 秒")
            self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        draw_ring(p, rect, t.px(20), t.color("track"), t.color("warn"), min(1.0, self._left / self._total))
        self.line_text(p, rect, str(self._left), "display", "text", "center")


class Spinner(Moving):
    """Something is going on and its length is not known. Stands still, as an open ring, where motion is off."""

    def __init__(
        self, theme: Theme, name: str, spoken: str = "请稍等", size: int = 96, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, spoken, parent)
        side = theme.px(size)
        self.setFixedSize(side, side)

    def moving(self) -> QRect | None:
        return self.rect()

    def paint(self, p: QPainter) -> None:
        draw_turning(p, self.theme, QRectF(self.rect()), max(4, self.width() // 10), self._phase, 0.28)


class FaceRing(Painted):
    """The citizen in a round mirror, with the progress of the capture as a ring around it.

    Shows the newest frame only and keeps nothing: `clear()` drops it. Mirrored left to right, as people know themselves.
    """

    def __init__(
        self, theme: Theme, name: str = "c05.mirror", diameter: int = 728, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, "摄像头画面", parent)
        self._diameter = diameter
        self._image: QImage | None = None
        self._progress = 0.0
        self._ok = False
        side = theme.px(diameter)
        self.setMinimumSize(theme.px(420), theme.px(420))
        self.setMaximumSize(side, side)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        side = self.theme.px(self._diameter)
        return QSize(side, side)

    def set_state(self, frame: Frame | None, progress: float, *, ok: bool = False) -> None:
        """Raises ValueError when the frame's bytes do not match its size."""
        self._progress = min(1.0, max(0.0, progress))
        self._ok = ok
        if frame is None:
            self._image = None
        else:
            if len(frame.bgr) != frame.width * frame.height * 3:
                raise ValueError("frame size and bytes differ")
            image = QImage(frame.bgr, frame.width, frame.height, frame.width * 3, QImage.Format.Format_BGR888)
            side = min(frame.width, frame.height)
            # copy() so that the camera's buffer is not kept alive, square so that little is converted
            self._image = image.copy((frame.width - side) // 2, (frame.height - side) // 2, side, side)
        self.update()

    def clear(self) -> None:
        self._image = None
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        side = float(min(self.width(), self.height()))
        area = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        ring = t.px(20)
        draw_ring(p, area, ring, t.color("track"), t.color("ok"), self._progress)
        gap = ring + t.px(14)
        round_area = area.adjusted(gap, gap, -gap, -gap)
        radius = round_area.width() / 2
        if self._image is None:
            draw_disc(p, round_area.center(), radius, t.color("preview"))
            icon = t.icon("user", 320, "preview_figure")
            self.stamp(p, icon, round_area.center().x(), round_area.center().y())
        else:
            scale = round_area.width() / self._image.width()
            brush = QBrush(self._image)
            mirror = QTransform(-scale, 0, 0, scale, round_area.right(), round_area.top())
            brush.setTransform(mirror)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(brush)
            p.drawEllipse(round_area)
        if self._ok:
            disc = t.px(110)
            centre = QPointF(round_area.center().x(), round_area.center().y())
            draw_disc(p, centre, disc, t.color("ok"))
            draw_tick(p, QRectF(centre.x() - disc, centre.y() - disc, 2 * disc, 2 * disc), t.color("on_ok"), t.px(22))
