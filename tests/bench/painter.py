"""A kiosk frame without a window system, and how long it takes from opening a screen on its desk until the page is painted."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QWidget


class Shown(NamedTuple):
    """Milliseconds. `busy` leaves out what other processes took of this one's core; everything here runs in one thread."""

    wall: float
    busy: float


class _Watch(QObject):
    painted = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.painted = True
        return False


class Painter:
    """1080x1920, raster, standard theme with motion."""

    def __init__(self) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from ui.desk import QtDesk
        from ui.frame import KioskFrame
        from ui.gallery import BRAND, FixedClock
        from ui.theme import ThemeSource, dress

        app = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(app, QApplication)
        themes = ThemeSource(1.0, motion=True)
        dress(app, themes.theme)
        self.frame = KioskFrame(themes, FixedClock(), BRAND, guard_page_ms=0)
        self.frame.set_closable(True)
        self.frame.resize(1080, 1920)
        self.desk = QtDesk(self.frame, themes)
        self.frame.show()

    def show(self, make: Callable[[], Any], *, back: bool = True, cancel: bool = True, progress: Any = None) -> Shown:
        """From asking for the screen (`make`) until it is painted."""
        self.desk.allow(back=back, cancel=cancel)
        self.desk.progress(progress)
        started, busy = time.perf_counter(), time.thread_time()
        self.desk.open(make())
        self.settle()
        return Shown((time.perf_counter() - started) * 1000, (time.thread_time() - busy) * 1000)

    def settle(self) -> None:
        """Until the page that was opened last is painted."""
        watch = _Watch()
        page = self.frame.page
        assert page is not None
        page.installEventFilter(watch)
        _settle(watch)

    def pass_events(self) -> None:
        """What is due: layouts, paints, pages that are gone."""
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def floor(self) -> float:
        """A fresh window-filling label put through the same path: what Qt itself takes."""
        label: QWidget = QLabel("请选择要办理的业务", self.frame)
        label.setGeometry(0, 0, 1080, 1920)
        label.setAutoFillBackground(True)
        watch = _Watch()
        label.installEventFilter(watch)
        started = time.perf_counter()
        label.show()
        _settle(watch)
        took = (time.perf_counter() - started) * 1000
        label.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return took


def _settle(watch: _Watch) -> None:
    """The event loop's own order: layouts, deletion of the page before, then the update request that paints."""
    for _ in range(20):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if watch.painted:
            QCoreApplication.processEvents()
            return
    raise RuntimeError("the page was never painted")
