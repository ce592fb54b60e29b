"""A stage with one page on it and a finger."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QPoint,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from kiosk.screens.base import Progress, Screen
from ui.gallery import Stage
from ui.pages.base import PageWidget
from ui.samples import Sample
from ui.widgets.base import PaintMixin

STEPS = Progress(("刷身份证", "人脸核验", "选违法", "确认", "缴款"), 2)


class Hall:
    """A stage, a finger, and what the page answered."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.finger = QTest.createTouchDevice()
        self.answers: list[Any] = []
        self.backs = 0
        stage.frame.next_tapped.connect(lambda: self.page.on_next())
        stage.frame.back_tapped.connect(lambda: self.page.on_back())

    @property
    def page(self) -> PageWidget[Any]:
        page = self.stage.frame.page
        assert page is not None
        return page

    def show(self, screen: Screen[Any]) -> PageWidget[Any]:
        self.answers.clear()
        self.stage.show(Sample(screen, STEPS))
        self.page.answered.connect(self.answers.append)
        self.page.went_back.connect(self._went_back)
        return self.page

    def _went_back(self) -> None:
        self.backs += 1

    def update(self, screen: Screen[Any]) -> None:
        self.page.update_screen(screen)
        self.settle()

    def settle(self) -> None:
        for _ in range(2):
            QCoreApplication.sendPostedEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self.stage.frame.grab()

    def find(self, name: str) -> QWidget:
        found = [w for w in self.stage.frame.findChildren(QWidget, name) if w.isVisible()]
        assert len(found) == 1, f"{len(found)} visible widgets are called {name}"
        return found[0]

    def touch(self, name: str, at: QPoint | None = None, *, guard: bool = False) -> None:
        """Press and lift a finger in the middle of the widget (or at a point of it)."""
        widget = self.find(name)
        if not guard and isinstance(widget, PaintMixin):
            widget._last_tap = float("-inf")  # type: ignore[attr-defined]
        spot = at or widget.rect().center()
        QTest.touchEvent(widget.window(), self.finger).press(0, spot, widget).commit()
        QTest.touchEvent(widget.window(), self.finger).release(0, spot, widget).commit()
        self.settle()

    def type(self, prefix: str, keys: str) -> None:
        for key in keys:
            self.touch(f"{prefix}.{key}")

    def said(self) -> set[str]:
        """Every text visible now."""
        self.stage.frame.grab()
        return {
            run.text
            for w in self.page.findChildren(QWidget)
            if isinstance(w, PaintMixin) and w.isVisible()
            for run in w.runs
        }
