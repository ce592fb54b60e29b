"""Sheets as pictures for the preview, painted away from the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from kiosk.domain.forms.sheet import Sheet
from ui.errand import Errand
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


class Pictures:
    """Pictures painted one after the other beside the GUI thread and handed to `deliver(place, image)` on it.

    The image is null where painting failed; why is then raised in the GUI thread.
    """

    def __init__(self, wanted: Sequence[Wanted], tint: Tint | None, deliver: Callable[[int, QImage], None]) -> None:
        self._left = list(wanted)
        self._tint, self._deliver = tint, deliver
        self._errand: Errand[QImage] | None = None
        self._wanted = True
        self._next()

    def abandon(self) -> None:
        """Nothing is delivered any more; the thread stops at its next cell."""
        self._wanted = False
        self._left.clear()
        if self._errand is not None:
            self._errand.abandon()

    def _next(self) -> None:
        if not self._left:
            return
        place, sheet, width = self._left.pop(0)

        def paint() -> QImage:
            try:
                return sheet_picture(sheet, width, tint=self._tint, halt=lambda: not self._wanted)
            except Halted:
                return QImage()

        self._errand = Errand(paint, partial(self._arrived, place), partial(self._arrived, place, QImage()))

    def _arrived(self, place: int, image: QImage) -> None:
        self._next()
        self._deliver(place, image)
