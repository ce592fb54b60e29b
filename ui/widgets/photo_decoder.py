"""Pictures decoded off the GUI thread: an evidence photo of some megabytes takes longer than a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from ui.errand import Errand

LARGEST = 3200
"""Pixels of the longer side kept for enlarging; larger pictures are scaled down while they are decoded."""


def whole(data: bytes) -> bool:
    """Whether a JPEG or PNG has its end: Qt paints what there is of a torn one and says nothing. The end is looked for in the second
    half, since cameras put a small picture with an end of its own in front, and sometimes something behind."""
    ends = {b"\xff\xd8": b"\xff\xd9", b"\x89P": b"IEND"}
    end = ends.get(data[:2])
    return end is None or data.rfind(end) >= len(data) // 2


def decode(data: bytes) -> QImage:
    """The picture ready to paint, its longer side at most `LARGEST`; a null image for bytes that are no picture, or not a whole one.
    Any thread."""
    if not whole(data):
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LARGEST:
        reader.setScaledSize(size.scaled(LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return image if image.isNull() else image.convertToFormat(QImage.Format.Format_RGB32)


class Decoding:
    """Pictures being decoded beside the GUI thread and handed to `deliver(index, image, fitted)` on it, each as it is done.

    `fitted` is the picture scaled once to `bounds`; both are null for bytes that are no picture.
    """

    def __init__(
        self, pictures: Sequence[bytes], bounds: QSize, deliver: Callable[[int, QImage, QImage], None]
    ) -> None:
        self._bounds, self._deliver = bounds, deliver
        self._wanted = True
        self._errands = [Errand(partial(self._decode, i, data), self._arrived) for i, data in enumerate(pictures)]

    def abandon(self) -> None:
        self._wanted = False
        for errand in self._errands:
            errand.abandon()

    def _decode(self, index: int, data: bytes) -> tuple[int, QImage, QImage]:
        """On the errand's thread."""
        image = decode(data) if self._wanted else QImage()
        fitted = QImage()
        if not image.isNull():
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            fitted = image.scaled(self._bounds, keep, smooth)
        return index, image, fitted

    def _arrived(self, decoded: tuple[int, QImage, QImage]) -> None:
        self._deliver(*decoded)
