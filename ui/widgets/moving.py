"""Moving: a display widget whose drawing turns while it is seen and something goes on, and stands still otherwise."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from ui.paint.loop import Loop
from ui.theme import Theme
from ui.widgets.base import Painted


class Moving(Painted):
    """Subclasses say what the loop changes and call `restart` when that may have changed. Nothing moves where motion is off."""

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, spoken, parent)
        self._phase = 0.0
        """Where the loop is, 0…1."""
        self._loop = Loop(theme, self._move, self)

    def moving(self) -> QRect | None:
        """What is to be painted anew at every step of the loop; None: nothing goes on."""
        raise NotImplementedError

    def restart(self) -> None:
        """Run where something goes on that can be seen, else stand."""
        if self.isVisible() and self.moving() is not None:
            self._loop.start()
        else:
            self._loop.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.restart()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._loop.stop()

    def _move(self, phase: float) -> None:
        self._phase = phase
        area = self.moving()
        if area is not None:
            self.update(area)
