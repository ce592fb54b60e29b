"""Touches on real widgets, as a touch panel sends them: the demo's citizen has nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

STROKE_STEP_S = 0.012
"""Between two points of a drawn stroke: about 80 Hz, as touch panels report."""
KEY_S = 0.1
"""Between two keys of a keypad."""


class NotThere(Exception):
    """The control to be touched is not on the page, or cannot be seen."""


class Fingers:
    """One finger on one window."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._device: QPointingDevice = QTest.createTouchDevice()

    def find(self, name: str) -> QWidget | None:
        """The visible, enabled widget of this objectName."""
        found = self._window.findChildren(QWidget, name)
        return next((widget for widget in reversed(found) if widget.isVisible() and widget.isEnabled()), None)

    def says(self, name: str) -> str:
        """What the control would be called when read out; empty where it is not there."""
        widget = self.find(name)
        return "" if widget is None else widget.accessibleName()

    async def tap(self, name: str) -> None:
        """Press and release in the middle of the control. Raises NotThere."""
        widget = self.find(name)
        if widget is None:
            raise NotThere(name)
        point = widget.rect().center()
        QTest.touchEvent(self._window, self._device, False).press(0, point, widget).commit(False)
        await asyncio.sleep(0.03)
        if not isValid(widget):  # the page went away under the finger
            raise NotThere(name)
        QTest.touchEvent(self._window, self._device, False).release(0, point, widget).commit(False)
        await asyncio.sleep(0.03)

    async def turn_to(self, name: str, pager: str, guard: float) -> None:
        """Turn a list's pages, forwards and then back, until the control is there. `guard`: seconds a fresh page ignores touches.

        Raises NotThere.
        """
        for button in ("next", "previous"):
            while self.find(name) is None and self.find(f"{pager}.{button}") is not None:
                await self.tap(f"{pager}.{button}")
                await asyncio.sleep(guard)
        if self.find(name) is None:
            raise NotThere(name)

    async def type(self, pad: str, text: str) -> None:
        """Key after key on an on-screen keypad. Raises NotThere."""
        for letter in text:
            await self.tap(f"{pad}.{letter}")
            await asyncio.sleep(KEY_S)

    async def draw(self, name: str, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
        """Strokes on a pad; points are shares of its width and height. Raises NotThere."""
        widget = self.find(name)
        if widget is None:
            raise NotThere(name)
        for stroke in strokes:
            points = [QPoint(round(x * widget.width()), round(y * widget.height())) for x, y in stroke]
            QTest.touchEvent(self._window, self._device, False).press(0, points[0], widget).commit(False)
            for point in points[1:]:
                await asyncio.sleep(STROKE_STEP_S)
                QTest.touchEvent(self._window, self._device, False).move(0, point, widget).commit(False)
            await asyncio.sleep(STROKE_STEP_S)
            QTest.touchEvent(self._window, self._device, False).release(0, points[-1], widget).commit(False)
            await asyncio.sleep(0.05)
