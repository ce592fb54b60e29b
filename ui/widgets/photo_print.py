"""PhotoPrint: the finished photo as it will be printed, on its paper, decoded off the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.identity import Photo
from ui.paint.shapes import Elevation, draw_shadow, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.photo_decoder import Decoding

PAPER_MM = (33.0, 48.0)
PRINTED_MM = (30.0, 40.0)
"""Paper and printed area of an exit-entry identity photo (《出入境证件相片照相指引》)."""
WAIT = "照片就要好了…"
BROKEN = "照片打不开，请重拍"
SHOWN = "拍好的照片"


class PhotoPrint(Painted):
    """A white paper of 33×48 mm on a grey ground, the photo in its printed area, never stretched."""

    elevation: Elevation = 0

    def __init__(self, theme: Theme, name: str, photo: Photo, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, WAIT, parent)
        self._words = WAIT
        self._image = QImage()
        self._fitted = QImage()
        self._photo: Photo | None = None
        self._decoding: Decoding | None = None
        self.setMinimumHeight(theme.px(380))
        self.setMaximumHeight(theme.px(1200))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_photo(photo)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), self.theme.px(860))

    def set_photo(self, photo: Photo) -> None:
        if photo == self._photo:
            return
        self.clear()
        self._photo = photo
        self._say(WAIT)
        self._decoding = Decoding([photo.data], self.printed().size().toSize(), self._arrived)

    def _say(self, words: str) -> None:
        self._words = words
        self.setAccessibleName(words or SHOWN)
        self.update()

    def _arrived(self, index: int, image: QImage, fitted: QImage) -> None:
        self._decoding = None
        self._image, self._fitted = image, fitted
        self._say("" if not image.isNull() else BROKEN)

    def clear(self) -> None:
        if self._decoding is not None:
            self._decoding.abandon()
            self._decoding = None
        self._photo = None
        self._image = self._fitted = QImage()
        self._say(WAIT)

    def paper(self) -> QRectF:
        gap = self.theme.px(28)
        room = QRectF(self.rect()).adjusted(gap, gap, -gap, -gap)
        height = min(room.height(), room.width() * PAPER_MM[1] / PAPER_MM[0])
        paper = QRectF(0, 0, round(height * PAPER_MM[0] / PAPER_MM[1]), round(height))
        paper.moveCenter(room.center())
        return QRectF(paper.toRect())

    def printed(self) -> QRectF:
        paper = self.paper()
        unit = paper.width() / PAPER_MM[0]
        area = QRectF(0, 0, PRINTED_MM[0] * unit, PRINTED_MM[1] * unit)
        area.moveCenter(paper.center())
        return area

    def paint(self, p: QPainter) -> None:
        t = self.theme
        edge = t.color("card_edge")
        fill_round(p, QRectF(self.rect()), t.px("radius.card"), t.color("well"), edge, t.px("stroke.outline"))
        paper = self.paper()
        draw_shadow(p, t, paper, t.px(4), 1)
        fill_round(p, paper, t.px(4), t.color("plate"))
        area = self.printed()
        if self._image.isNull():
            fill_round(p, area, t.px(4), t.color("preview"))
            pixmap = t.icon("user", 320, "preview_figure")
            self.stamp(p, pixmap, area.center().x(), area.center().y() - t.px(40))
            box = QRectF(area.x(), area.bottom() - t.px(120), area.width(), t.line("body"))
            self.line_text(p, box, self._words, ("body", "label", "small"), "on_calm", "center")
            return
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        wanted = self._image.size().scaled(area.size().toSize(), keep)
        if self._fitted.size() != wanted:  # once per size of the page
            self._fitted = self._image.scaled(wanted, keep, smooth)
        x = round(area.center().x() - wanted.width() / 2)
        y = round(area.center().y() - wanted.height() / 2)
        p.drawImage(x, y, self._fitted)
