"""One simulator as the bench's panels see it: commands go in, states come out, never faster than an eye can follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from kiosk.ports.bench import VirtualDevice
from ui.bench.texts import DEVICES

PACE_MS = 100
"""Shortest time between two refreshes: a device that changes a thousand times a second is painted ten times."""


@runtime_checkable
class ShowsBack(Protocol):
    """A virtual device that holds a card and can show its back."""

    def back_png(self) -> bytes | None: ...


class DeviceLink(QObject):
    """A `VirtualDevice` with its last state. `changed` comes in the GUI thread, at most once in PACE_MS.

    The device may call back from any thread and from the middle of its own work: nothing is read or painted there.
    """

    changed = Signal()
    done = Signal(str)
    """A sentence for the status line: what was done."""
    refused = Signal(str)
    """A sentence for the status line: what the device would not do."""
    _noticed = Signal()

    def __init__(self, key: str, device: VirtualDevice, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.caption = DEVICES.get(key, key)
        self.state: dict[str, Any] = {}
        self._device = device
        self._told = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self._noticed.connect(self._mark, Qt.ConnectionType.QueuedConnection)
        self._stop: list[Callable[[], None]] = []
        self.destroyed.connect(partial(_call_all, self._stop))
        self._known: dict[str, str] | None = None
        self.operations: tuple[str, ...] = ()
        """Operations a fault can be given to, where the device has such (remote systems)."""

    def open(self) -> None:
        """Listen, and read the state as it is. May be called twice."""
        if not self._stop:
            self._stop.append(self._device.listen(self._notice))
        self.refresh()

    def close(self) -> None:
        """Stop listening. May be called twice; callbacks that are under way change nothing any more. The last state, which may hold
        what was printed, is let go."""
        _call_all(self._stop)
        self.state = {}
        self._told = False
        self._timer.stop()

    def do(self, command: Mapping[str, Any], done: str = "") -> dict[str, Any] | None:
        """Carry out a command. None when the device refuses it, which `refused` then tells in a sentence."""
        try:
            reply = self._device.control(command)
        except ValueError as error:
            self.refused.emit(f"{self.caption}：{error}")
            return None
        if done:
            self.done.emit(f"{self.caption}：{done}")
        self._mark()
        return reply

    def ask(self, verb: str, **fields: object) -> dict[str, Any] | None:
        """A question that changes nothing and that the device may not know: None then, and nobody is told."""
        try:
            return self._device.control({"do": verb, **fields})
        except ValueError:
            return None

    def back_png(self) -> bytes:
        """The back of the card the device holds; empty where there is none. May be called from any thread."""
        return (self._device.back_png() or b"") if isinstance(self._device, ShowsBack) else b""

    @property
    def known_faults(self) -> Mapping[str, str]:
        """Fault ids (of a remote system: kinds) with the device's own sentences."""
        if self._known is None:
            reply = self.ask("faults") or {}
            known = reply.get("faults")
            self._known = dict(known) if isinstance(known, Mapping) else {}
            self.operations = ("any", *reply["operations"]) if reply.get("operations") else ()
        return self._known

    @property
    def armed(self) -> dict[str, int | None]:
        """Armed faults and how often each is still to happen; None is until cleared."""
        faults = self.state.get("faults", {})
        return dict(faults) if isinstance(faults, Mapping) else dict.fromkeys(faults)

    @Slot()
    def refresh(self) -> None:
        self._timer.stop()
        self._since.start()
        self.state = self._device.state()
        self.changed.emit()

    def _notice(self) -> None:
        if self._told or not self._stop:
            return
        self._told = True
        self._noticed.emit()

    @Slot()
    def _mark(self) -> None:
        self._told = False  # before the state is read: a change from here on is news again
        if self._timer.isActive() or not self._stop:
            return
        gone = self._since.elapsed() if self._since.isValid() else PACE_MS
        self._timer.start(max(0, PACE_MS - gone))


def _call_all(stops: list[Callable[[], None]], *_: object) -> None:
    while stops:
        stops.pop()()
