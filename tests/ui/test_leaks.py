"""What must not stay behind: references, widgets, citizens."""

from __future__ import annotations

import gc
import sys
import weakref

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from ui.gallery import Stage
from ui.pages import page_class
from ui.pages.base import Allowed
from ui.samples import all_samples


class Emitter(QObject):
    fired = Signal(bool)
    plain = Signal()


def test_emit_does_not_eat_references_to_true(qapp: QApplication) -> None:
    """PySide6 6.12.0 on Python 3.11 loses one reference to True per emit and aborts after about 600."""
    emitter = Emitter()
    emitter.fired.connect(lambda value: None)
    emitter.plain.connect(lambda: None)
    before = sys.getrefcount(True)
    for _ in range(10_000):
        emitter.fired.emit(True)
        emitter.plain.emit()
    assert abs(sys.getrefcount(True) - before) < 100


def test_500_pages_leave_nothing_behind(qapp: QApplication) -> None:
    samples = [s for name, s in all_samples().items() if name.startswith(("c0", "staff")) and s.overlay is None]
    stage = Stage("standard")
    for sample in samples:  # caches fill
        stage.show(sample)
    stage.frame.drop_page()
    gc.collect()
    widgets = len(stage.frame.findChildren(QWidget))
    pages: list[weakref.ref[object]] = []
    for i in range(500):
        sample = samples[i % len(samples)]

        page = page_class(type(sample.screen))(sample.screen, stage.themes.theme, Allowed())
        pages.append(weakref.ref(page))
        stage.frame.show_page(page)
        del page
        if i % 50 == 49:
            stage.settle()
    stage.frame.drop_page()
    stage.settle()
    gc.collect()
    alive = [ref for ref in pages if ref() is not None]
    assert not alive, f"{len(alive)} pages alive"
    assert len(stage.frame.findChildren(QWidget)) == widgets
    assert len(qapp.topLevelWidgets()) == 1
    stage.close()


def test_camera_picture_is_dropped_with_the_page(qapp: QApplication) -> None:
    stage = Stage("standard")
    stage.show(all_samples()["c05_face"])
    page = stage.frame.page
    assert page is not None
    ring = page._ring
    assert ring._image is not None
    stage.frame.drop_page()
    assert ring._image is None
    assert page.data is None
    stage.close()
