"""Pictures decoded off the GUI thread: an evidence photo of some megabytes takes longer than a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QObject,
    QRunnable,
    QSize,
    Qt,
    QThreadPool,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage, QImageReader

LARGEST = 3200
"""Pixels of the longer side kept for enlarging; larger pictures are scaled down while they are decoded."""


def decode(data: bytes) -> QImage:
    """The picture ready to paint, its longer side at most `LARGEST`; a null image for bytes that are no picture. Any thread."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LARGEST:
        reader.setScaledSize(size.scaled(LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return image if image.isNull() else image.convertToFormat(QImage.Format.Format_RGB32)


class Decoding(QObject):
    """Pictures being decoded on pool threads and handed to `deliver(index, image, fitted)` on the GUI thread, by a queued signal.

    `fitted` is the picture scaled once to `bounds`; both are null for bytes that are no picture. Lives until its last job is done and
    deletes itself then, whatever happened to who asked.
    """

    _arrived = Signal(int, QImage, QImage)

    def __init__(
        self, pictures: Sequence[bytes], bounds: QSize, deliver: Callable[[int, QImage, QImage], None]
    ) -> None:
        super().__init__(QCoreApplication.instance())
        self._deliver: Callable[[int, QImage, QImage], None] | None = deliver
        self._left = len(pictures)
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        for i, data in enumerate(pictures):
            QThreadPool.globalInstance().start(_Decode(self, i, data, bounds))

    @property
    def wanted(self) -> bool:
        return self._deliver is not None

    def send(self, index: int, image: QImage, fitted: QImage) -> None:
        """Called on the pool thread."""
        self._arrived.emit(index, image, fitted)

    @Slot(int, QImage, QImage)
    def _hand_over(self, index: int, image: QImage, fitted: QImage) -> None:
        self._left -= 1
        if self._deliver is not None:
            self._deliver(index, image, fitted)
        if self._left == 0:
            self._deliver = None
            self.deleteLater()

    def abandon(self) -> None:
        self._deliver = None


class _Decode(QRunnable):
    def __init__(self, post: Decoding, index: int, data: bytes, bounds: QSize) -> None:
        super().__init__()
        self._post, self._index, self._data, self._bounds = post, index, data, bounds

    def run(self) -> None:
        image = decode(self._data) if self._post.wanted else QImage()
        fitted = QImage()
        if not image.isNull():
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            fitted = image.scaled(self._bounds, keep, smooth)
        self._post.send(self._index, image, fitted)
