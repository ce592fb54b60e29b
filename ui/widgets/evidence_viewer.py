"""EvidenceViewer: the pictures behind a violation, one at a time, enlarged by buttons or two fingers and moved by one.

Pictures are decoded elsewhere (`photo_decoder`); here they are only painted. `clear()` drops everything; a picture that is still
being decoded then is thrown away when it arrives.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEventPoint, QImage, QMouseEvent, QPainter, QResizeEvent, QTouchEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.identity import Photo
from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.photo_decoder import Decoding
from ui.widgets.rings import Spinner

ZOOMS = (1.0, 1.5, 2.0, 3.0, 4.0)
TAP_SLOP = 16
"""Pixels a finger may roll and still be a tap."""

State = Literal["loading", "none", "broken", "shown"]
WORDS: dict[State, tuple[str, str]] = {
    "loading": ("正在取证据照片…", ""),
    "none": ("证据照片暂时看不到", "可以先看违法记录，或到人工窗口查看。"),
    "broken": ("这张照片打不开", "可以看其他照片，或到人工窗口查看。"),
}


class Pinch(NamedTuple):
    """Two fingers on the picture: how far apart they were, how large it was, and what lay between them (parts of the picture)."""

    apart: float
    factor: float
    place: QPointF


class EvidenceViewer(Painted):
    """984x738 at most, on near-black in every theme. `changed` tells that state, picture or enlargement differ."""

    broken = Signal()
    """A picture that came cannot be shown."""
    changed = Signal()

    def __init__(self, theme: Theme, name: str = "c07.photo", parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "证据照片", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(theme.px(240))
        self.setMaximumHeight(theme.px(738))
        self._photos: tuple[Photo, ...] | None = None
        self._images: dict[int, QImage] = {}
        self._fitted: dict[int, QImage] = {}
        self._decoding: Decoding | None = None
        self._index = 0
        self._factor = 1.0
        """How much larger than fitted."""
        self._centre = QPointF(0.5, 0.5)
        self._grip: tuple[QPointF, QPointF] | None = None
        self._pinch: Pinch | None = None
        self._moved = False
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self._spinner = Spinner(theme, f"{name}.spinner", "正在取证据照片", 96, self)

    # -- pictures --------------------------------------------------------------------------------------------------------

    def set_photos(self, photos: tuple[Photo, ...] | None) -> None:
        """None: still being fetched. Empty: could not be had."""
        if photos == self._photos and photos is not None:
            return
        self._abandon()
        self._photos = photos
        self._images, self._fitted = {}, {}
        self._index, self._factor = 0, 1.0
        self._centre = QPointF(0.5, 0.5)
        if photos:
            bounds = QSize(self.theme.px(984), self.theme.px(738))
            self._decoding = Decoding(tuple(photo.data for photo in photos), bounds, self._deliver)
        self._tell()

    def _deliver(self, index: int, image: QImage, fitted: QImage) -> None:
        self._images[index], self._fitted[index] = image, fitted
        if index == self._index:
            self._tell()
        if image.isNull():
            self.broken.emit()

    def _abandon(self) -> None:
        if self._decoding is not None and len(self._images) < self.count:
            self._decoding.abandon()
        self._decoding = None  # when all have arrived it deletes itself

    def clear(self) -> None:
        """Forget all pictures."""
        self._abandon()
        self._photos = ()
        self._images, self._fitted = {}, {}
        self._spinner.hide()
        self.update()

    @property
    def count(self) -> int:
        return len(self._photos or ())

    @property
    def index(self) -> int:
        return self._index

    @property
    def state(self) -> State:
        if self._photos is None:
            return "loading"
        if not self._photos:
            return "none"
        image = self._images.get(self._index)
        if image is None:
            return "loading"
        return "broken" if image.isNull() else "shown"

    # -- looking ---------------------------------------------------------------------------------------------------------

    @property
    def can_enlarge(self) -> bool:
        return self.state == "shown" and self._factor < ZOOMS[-1]

    @property
    def can_reduce(self) -> bool:
        return self.state == "shown" and self._factor > 1.0

    def zoom(self, by: int) -> None:
        """Steps in (+1) or out (-1), about the middle of what is seen."""
        steps = [zoom for zoom in ZOOMS if (zoom > self._factor if by > 0 else zoom < self._factor)]
        if self.state == "shown" and steps:
            place = min(abs(by), len(steps)) - 1
            self._factor = steps[place] if by > 0 else steps[-1 - place]
            self._look_at(self._centre)
            self._tell()

    def next_photo(self) -> None:
        """The next one; the first after the last."""
        if self.count > 1:
            self._index = (self._index + 1) % self.count
            self._factor = 1.0
            self._centre = QPointF(0.5, 0.5)
            self._tell()

    def _tell(self) -> None:
        state = self.state
        self._spinner.setVisible(state == "loading")
        words = WORDS[state][0] if state != "shown" else f"证据照片，第 {self._index + 1} 张，共 {self.count} 张"
        self.setAccessibleName(words)
        self.update()
        self.changed.emit()

    def _view(self) -> tuple[QRectF, float]:
        """Where the whole picture would lie on the widget, and how many of our pixels one of its pixels takes."""
        image = self._images[self._index]
        fit = min(self.width() / image.width(), self.height() / image.height())
        scale = fit * self._factor
        w, h = image.width() * scale, image.height() * scale
        x = self.width() / 2 - self._centre.x() * w
        y = self.height() / 2 - self._centre.y() * h
        return QRectF(x, y, w, h), scale

    def _look_at(self, centre: QPointF) -> None:
        """Move the middle of the view, in parts of the picture, but not beyond its edges."""
        image = self._images[self._index]
        fit = min(self.width() / image.width(), self.height() / image.height()) * self._factor
        half_w = min(0.5, self.width() / (2 * image.width() * fit))
        half_h = min(0.5, self.height() / (2 * image.height() * fit))
        x = min(max(centre.x(), half_w), 1 - half_w)
        y = min(max(centre.y(), half_h), 1 - half_h)
        self._centre = QPointF(x, y)
        self.update()

    # -- finger ----------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._press(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._drag(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._release(event.position())

    def event(self, event: QEvent) -> bool:
        """One finger moves the picture, two enlarge it; the buttons do the same (WCAG 2.2, 2.5.1, 2.5.7)."""
        if not isinstance(event, QTouchEvent):
            return super().event(event)
        event.accept()
        points = [point for point in event.points() if point.state() != QEventPoint.State.Released]
        at = event.points()[0].position() if event.points() else QPointF()
        if event.type() == QEvent.Type.TouchCancel:
            self._grip = self._pinch = None
        elif len(points) >= 2:
            self._grip = None
            self._spread(points[0].position(), points[1].position())
        elif event.type() == QEvent.Type.TouchBegin:
            self._press(at)
        elif event.type() == QEvent.Type.TouchEnd:
            self._release(at)
        elif self._pinch is not None and points:  # the second finger has gone: the first goes on from where it is
            self._pinch = None
            self._press(points[0].position())
            self._moved = True
        elif points:
            self._drag(points[0].position())
        return True

    def _press(self, at: QPointF) -> None:
        if self.state == "shown" and self._factor > 1.0:
            self._grip = (at, QPointF(self._centre))
            self._moved = False

    def _drag(self, at: QPointF) -> None:
        if self._grip is None:
            return
        start, centre = self._grip
        by = at - start
        if not self._moved and by.manhattanLength() < self.theme.px(TAP_SLOP):
            return
        self._moved = True
        area, _ = self._view()
        self._look_at(QPointF(centre.x() - by.x() / area.width(), centre.y() - by.y() / area.height()))

    def _release(self, at: QPointF) -> None:
        """A tap brings the place that was tapped to the middle: nobody has to drag (WCAG 2.2, 2.5.7)."""
        if self._grip is not None and not self._moved:
            area, _ = self._view()
            self._look_at(QPointF((at.x() - area.x()) / area.width(), (at.y() - area.y()) / area.height()))
        self._grip = self._pinch = None

    def _spread(self, one: QPointF, other: QPointF) -> None:
        """What lies between the fingers stays between them."""
        if self.state != "shown":
            return
        between = (one + other) / 2
        apart = max(QLineF(one, other).length(), 1.0)
        area, _ = self._view()
        if self._pinch is None:
            place = QPointF((between.x() - area.x()) / area.width(), (between.y() - area.y()) / area.height())
            self._pinch = Pinch(apart, self._factor, place)
            return
        pinch = self._pinch
        self._factor = min(max(pinch.factor * apart / pinch.apart, 1.0), ZOOMS[-1])
        area, _ = self._view()
        centre = QPointF(
            pinch.place.x() + (self.width() / 2 - between.x()) / area.width(),
            pinch.place.y() + (self.height() / 2 - between.y()) / area.height(),
        )
        self._look_at(centre)
        self.changed.emit()

    # -- painting --------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = self._spinner.width()
        self._spinner.move((self.width() - side) // 2, self.height() // 2 - side)
        if self.state == "shown":
            self._look_at(self._centre)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        if self.state != "shown":
            self._words(p, self.state)
            return
        p.fillRect(rect, t.color("preview"))
        image = self._images[self._index]
        area, scale = self._view()
        fitted = self._fitted[self._index]
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._factor == 1.0:
            p.drawImage(area, fitted)  # one to one where the widget has its full size
        else:
            seen = area & rect
            source = QRectF(
                (seen.x() - area.x()) / scale,
                (seen.y() - area.y()) / scale,
                seen.width() / scale,
                seen.height() / scale,
            )
            p.drawImage(seen, image, source)
        if t.high_contrast:
            fill_round(p, rect, 0, None, t.color("card_edge"), t.px("stroke.divider"))

    def _words(self, p: QPainter, state: State) -> None:
        """On a light ground, so that nobody takes it for a dark picture."""
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("well"), t.color("outline"), t.px("stroke.divider"))
        title, text = WORDS[state]
        if state == "broken" and self.count == 1:
            text = "可以先看违法记录，或到人工窗口查看。"
        centre = rect.center()
        if state != "loading" and rect.height() >= t.px(400):
            self.stamp(p, t.icon("photo", 120, "muted"), centre.x(), centre.y() - t.px(110))
        room = rect.width() - t.px(96)
        top = centre.y() + t.px(20 if state == "loading" else -24)
        height = self._centred(p, title, room, top, "h3", "text")
        if text:
            self._centred(p, text, room, top + height + t.px(8), "label", "muted")

    def _centred(self, p: QPainter, text: str, room: float, top: float, role: str, color: str) -> int:
        """Returns the height of the lines written."""
        shape = self.shape(text, role, room, balance=True)
        shape.width = room
        left = (self.width() - room) / 2
        self.write(p, shape, text, QRectF(left, top, room, shape.height), role, color, "center")
        return shape.height
