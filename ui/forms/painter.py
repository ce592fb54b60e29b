"""PagePainter: the port's painter of application forms, and of slips that go onto A4. Qt is loaded when the first form is painted."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import structlog

from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.slip import Slip

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

_log = structlog.get_logger(__name__)
_Made = tuple[bytes, list[list[str]]]
"""A document, and the painter's warnings for each of its pages."""


class PagePainter:
    """`kiosk.ports.forms.FormPainter`. Each document has a thread of its own, gone when it is done: with it go Qt's caches of glyphs.

    Needs Qt's application object for its fonts; without a window it makes one that needs no display.
    """

    def __init__(self) -> None:
        self._application: QGuiApplication | None = None

    async def pdf(self, sheets: Sequence[Sheet]) -> bytes:
        """As the port says. A caller that is cancelled goes on when the thread has ended, at the next cell. Raises ValueError, OSError."""
        pdf, warnings = await self._made(partial(_paint, tuple(sheets)))
        for page, (sheet, told) in enumerate(zip(sheets, warnings, strict=True), 1):
            for warning in told:
                field, _, what = warning.partition(": ")
                _log.warning("form_page", id=sheet.form.id, page=page, field=field, what=what)
        return pdf

    async def slip_pdf(self, slip: Slip) -> bytes:
        """As the port says, and as `pdf`."""
        pdf, warnings = await self._made(partial(_paint_slip, slip))
        for page, told in enumerate(warnings, 1):
            for warning in told:
                field, _, what = warning.partition(": ")
                _log.warning("slip_page", id=slip.kind, page=page, field=field, what=what)
        return pdf

    async def _made(self, paint: Callable[[threading.Event], _Made]) -> _Made:
        self._application = self._application or _graphics()
        stop = threading.Event()
        thread = ThreadPoolExecutor(1, thread_name_prefix="form-painter")
        painting = asyncio.get_running_loop().run_in_executor(thread, paint, stop)
        try:
            return await asyncio.shield(painting)
        finally:
            if not painting.done():
                stop.set()
                await asyncio.wait([painting])
            thread.shutdown(wait=painting.done())


def _paint(sheets: Sequence[Sheet], stop: threading.Event) -> _Made:
    from ui.forms.page import Halted
    from ui.forms.pdf import make_pdf

    try:
        return make_pdf(sheets, stop.is_set)
    except Halted:
        return b"", []  # whom it was for has gone


def _paint_slip(slip: Slip, stop: threading.Event) -> _Made:
    from ui.forms.page import Halted
    from ui.forms.pdf import make_slip_pdf

    try:
        return make_slip_pdf(slip, stop.is_set)
    except Halted:
        return b"", []


def _graphics() -> QGuiApplication:
    """The application there is, or one without a display. Raises OSError."""
    try:
        from PySide6.QtCore import QCoreApplication
        from PySide6.QtGui import QGuiApplication
        from PySide6.QtWidgets import QApplication

        from ui.qt_types import make_all
    except ImportError as error:
        raise OSError("Qt's libraries cannot be loaded, so no form can be painted") from error
    running = QCoreApplication.instance()
    if running is None:
        if threading.current_thread() is not threading.main_thread():
            raise OSError("Qt must be started in the main thread before a form can be painted")
        # widgets are not needed here; the richer kind serves whoever opens a window in this process later
        running = QApplication([sys.argv[0] if sys.argv else "", "-platform", "offscreen"])
    if not isinstance(running, QGuiApplication):
        raise OSError("the Qt application that runs has no graphics, so no form can be painted")
    make_all()
    return running
