"""What the camera sees now, with the face that was found in it. Nothing of it outlives the page."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from kiosk.ports.devices import Frame
from kiosk.screens.diagnostics import Preview
from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.diag_base import TONE_SIGN, TechPanel, TechText

_HALF = 2
"""A picture more than twice as large as its place is halved by leaving out rows first: cheap, and no face detail is wanted here."""


class PreviewPanel(TechText, TechPanel):
    """As the camera sees it, not mirrored: left on the picture is left of the lens. Raises ValueError for a broken frame."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "diag.overview.preview", "实时预览", parent)
        self._image: QImage | None = None
        self._shape = QSize()
        """Of the frame, before it was made small."""
        self._box: tuple[int, int, int, int] | None = None
        self._lines: tuple[str, ...] = ()
        self._trouble = ""

    def show_preview(self, preview: Preview) -> None:
        self._box, self._lines, self._trouble = preview.box, preview.lines, preview.trouble
        self._image = self._taken(preview.frame) if preview.frame is not None else None
        self.setAccessibleName("，".join(["实时预览", *([preview.trouble] if preview.trouble else preview.lines)]))
        self.update()

    def clear(self) -> None:
        self._image, self._box, self._lines = None, None, ()
        self.update()

    def _place(self) -> QRectF:
        inner, t = self.inner(), self.theme
        lines = max(2, len(self._lines)) * t.px(36) + t.px(12)
        return QRectF(inner.x(), inner.y(), inner.width(), max(t.px(80), inner.height() - lines))

    def _taken(self, frame: Frame) -> QImage:
        if len(frame.bgr) != frame.width * frame.height * 3:
            raise ValueError("frame size and bytes differ")
        self._shape = QSize(frame.width, frame.height)
        row = frame.width * 3
        place = self._place().size().toSize()
        every = 1
        while frame.width // (every * _HALF) >= place.width() and frame.height // (every * _HALF) >= place.height():
            every *= _HALF
        if every == 1:
            # copy() so that the camera's buffer is not kept alive
            return QImage(frame.bgr, frame.width, frame.height, row, QImage.Format.Format_BGR888).copy()
        thin = QImage(frame.bgr, frame.width, frame.height // every, row * every, QImage.Format.Format_BGR888)
        return thin.scaled(frame.width // every, frame.height // every)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        self.draw_ground(p)
        place = self._place()
        fill_round(p, place, t.px("radius.chip"), t.color("preview"))
        if self._image is None:
            side = min(160, round(place.height() / t.scale * 0.5))
            self.stamp(p, t.icon("user", side, "preview_figure"), place.center().x(), place.center().y())
        else:
            self._picture(p, place, self._image)
        y = place.bottom() + t.px(10)
        if self._trouble:
            self.stamp(p, t.icon(TONE_SIGN["bad"], 32, "bad_text"), place.x() + t.px(16), y + t.line("tech") / 2)
            shape = self.shape(self._trouble, "tech", place.width() - t.px(44), bold=True)
            box = QRectF(place.x() + t.px(44), y, shape.width, self.height() - y)
            self.write(p, shape, self._trouble, box, "tech", "bad_text")
            return
        for line in self._lines[:3]:
            self.short_text(p, QRectF(place.x(), y, place.width(), t.px(36)), line, "tech", "muted")
            y += t.px(36)

    def _picture(self, p: QPainter, place: QRectF, image: QImage) -> None:
        t = self.theme
        factor = min(place.width() / self._shape.width(), place.height() / self._shape.height())
        width, height = self._shape.width() * factor, self._shape.height() * factor
        spot = QRectF(place.center().x() - width / 2, place.center().y() - height / 2, width, height)
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        p.drawImage(spot, image)
        if self._box is None:
            return
        x, y, w, h = (value * factor for value in self._box)
        face = QRectF(spot.x() + x, spot.y() + y, w, h) & spot
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(QPen(t.color("diagnostic"), t.px(4)))
        p.drawRoundedRect(face, t.px(10), t.px(10))
