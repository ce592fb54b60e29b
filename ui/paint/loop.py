"""A quiet animation clock: calls back with a phase of 0…1 while its widget is visible, and stands still where motion is off."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from ui.theme import Theme


class Loop(QObject):
    """Repeats every `loop_ms` at about 30 frames a second. Stops with its parent. With `theme.motion` off it never starts."""

    def __init__(self, theme: Theme, on_phase: Callable[[float], None], parent: QObject) -> None:
        super().__init__(parent)
        self._period = theme.ms("loop_ms")
        self._enabled = theme.motion
        self._on_phase = on_phase
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(33)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        if self._enabled and not self._timer.isActive():
            self._elapsed.start()
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        self._on_phase((self._elapsed.elapsed() % self._period) / self._period)
