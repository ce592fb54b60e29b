"""CardPhoto: a picture of a card as the machine's camera took it, as large as the page allows, decoded off the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.identity import Photo
from ui.paint.shapes import Elevation, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.photo_decoder import Decoding

WAIT = "正在取照片…"
NONE = "没有拍到照片，请看下面的内容"
BROKEN = "照片打不开，请看下面的内容"


class CardPhoto(Painted):
    """A dark plate with the picture in its middle, whole and unrotated; words where there is none."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str, picture: Photo | None, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, NONE, parent)
        self._image = QImage()
        self._fitted = QImage()
        self._words = NONE
        self._decoding: Decoding | None = None
        self._picture: Photo | None = None
        self.setMinimumHeight(theme.px(260))
        self.setMaximumHeight(theme.px(640))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_picture(picture)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), self.theme.px(640))

    def set_picture(self, picture: Photo | None) -> None:
        if picture == self._picture:
            return
        self._forget()
        self._picture = picture
        if picture is not None:
            self._say(WAIT)
            bounds = QSize(self.theme.px(984), self.theme.px(640))
            self._decoding = Decoding([picture.data], bounds, self._arrived)
        else:
            self._say(NONE)

    def _say(self, words: str) -> None:
        self._words = words
        self.setAccessibleName(words or "通行证背面的照片")
        self.update()

    def _arrived(self, index: int, image: QImage, fitted: QImage) -> None:
        self._decoding = None
        self._image, self._fitted = image, fitted
        self._say("" if not image.isNull() else BROKEN)

    def _forget(self) -> None:
        if self._decoding is not None:
            self._decoding.abandon()
            self._decoding = None
        self._picture = None
        self._image = self._fitted = QImage()

    def clear(self) -> None:
        self._forget()
        self._say(NONE)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = t.color("card_edge")
        if self._image.isNull():
            fill_round(p, rect, t.px("radius.card"), t.color("well"), t.color("outline"), t.px("stroke.divider"))
            icon = t.icon("photo", "icon_l", "muted")
            self.stamp(p, icon, rect.center().x(), rect.center().y() - t.px(48))
            box = QRectF(t.px(32), rect.center().y() + t.px(24), rect.width() - t.px(64), t.line("body"))
            self.line_text(p, box, self._words, ("body", "label", "small"), "text", "center")
            return
        fill_round(p, rect, t.px("radius.card"), t.color("preview"), edge, t.px("stroke.outline"))
        room = rect.adjusted(t.px(20), t.px(20), -t.px(20), -t.px(20)).size().toSize()
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        wanted = self._image.size().scaled(room, keep)
        if self._fitted.size() != wanted:  # once per size of the page
            self._fitted = self._image.scaled(wanted, keep, smooth)
        x = (self.width() - self._fitted.width()) // 2
        y = (self.height() - self._fitted.height()) // 2
        p.drawImage(x, y, self._fitted)
