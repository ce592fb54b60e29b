"""Sheets as pictures for the preview, painted away from the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, QRunnable, Qt, QThreadPool, Signal, Slot
from PySide6.QtGui import QImage, QPainter

from kiosk.domain.forms.sheet import Sheet
from ui.forms.page import Halt, Halted, Tint, never, paint_sheet
from ui.forms.units import MM


def sheet_picture(sheet: Sheet, width: int, *, tint: Tint | None = None, halt: Halt = never) -> QImage:
    """The page `width` pixels wide, white where nothing is printed. Any thread. Raises Halted."""
    page = sheet.form.page
    scale = width / page.width
    image = QImage(width, round(page.height * scale), QImage.Format.Format_RGB32)
    image.setDotsPerMeterX(round(scale * 1000))
    image.setDotsPerMeterY(round(scale * 1000))
    image.fill(Qt.GlobalColor.white)
    p = QPainter(image)
    try:
        p.scale(scale / MM, scale / MM)
        paint_sheet(p, sheet, tint=tint, halt=halt)
    finally:
        p.end()
    return image


class Wanted(NamedTuple):
    place: int
    """Given back with the picture."""
    sheet: Sheet
    width: int


class Pictures(QObject):
    """Pictures painted one after the other on a pool thread and handed to `deliver(place, image)` on the GUI thread.

    The image is null where painting failed. Lives until its thread is done and deletes itself then, whatever became of who asked.
    """

    _arrived = Signal(int, QImage)
    _ended = Signal()

    def __init__(self, wanted: Sequence[Wanted], tint: Tint | None, deliver: Callable[[int, QImage], None]) -> None:
        super().__init__(QCoreApplication.instance())
        self._deliver: Callable[[int, QImage], None] | None = deliver
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._end, Qt.ConnectionType.QueuedConnection)
        QThreadPool.globalInstance().start(_Job(self, tuple(wanted), tint))

    def unwanted(self) -> bool:
        return self._deliver is None

    def abandon(self) -> None:
        """Nothing is delivered any more; the thread stops at its next cell."""
        self._deliver = None

    def send(self, place: int, image: QImage) -> None:
        """Called on the pool thread."""
        self._arrived.emit(place, image)

    def end(self) -> None:
        """Called on the pool thread, last."""
        self._ended.emit()

    @Slot(int, QImage)
    def _hand_over(self, place: int, image: QImage) -> None:
        if self._deliver is not None:
            self._deliver(place, image)

    @Slot()
    def _end(self) -> None:
        self._deliver = None
        self.deleteLater()


class _Job(QRunnable):
    def __init__(self, post: Pictures, wanted: tuple[Wanted, ...], tint: Tint | None) -> None:
        super().__init__()
        self._post, self._wanted, self._tint = post, wanted, tint

    def run(self) -> None:
        """What goes wrong here ends in `sys.excepthook`; the page is told by a picture that is null."""
        try:
            for place, sheet, width in self._wanted:
                image = QImage()
                try:
                    image = sheet_picture(sheet, width, tint=self._tint, halt=self._post.unwanted)
                except Halted:
                    break
                finally:
                    self._post.send(place, image)
        finally:
            self._post.end()
