"""What all simulators share: a simulator plays the *device* at the other end of a wire, and takes commands while it runs.

Commands are small JSON objects, the same from a test, from the bench window, from a scenario file and from the control
socket. Every simulator knows these, through `control_common`:

    {"do": "fault", "id": "SAM.41", "count": 2}    happens the next two times; count absent = once, null = until cleared;
                                                   after_calls, after_bytes, probability with seed, and for_seconds say more
                                                   about its life (config/scenario_faults.py), further keys are the fault's
                                                   own arguments ("keep": 3)
    {"do": "clear"}  {"do": "clear", "id": "…"}    disarm all faults, or one
    {"do": "unplug"} {"do": "plug"}                cut every line now; connect again
    {"do": "state"}                                what a person would see, and what is left of each armed fault's life
    {"do": "faults"}                               the faults it can play, each with a sentence

and its own verbs (place a card, tear the paper, show a face).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from drivers.faults import LINE_FAULTS, Fault, FaultBook
from drivers.transport.base import Wire

__all__ = ["LINE_FAULTS", "Command", "Fault", "FaultBook", "Reply", "Simulator"]

Command = Mapping[str, Any]
Reply = dict[str, Any]


class Simulator(ABC):
    """One simulated device. It may serve several wires one after another (unplug and come back)."""

    kind: str
    fault_ids: ClassVar[Mapping[str, str]] = {}
    """The device's own faults, id to one English sentence. Line faults are added to them."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self.faults = FaultBook({**LINE_FAULTS, **self.fault_ids}, self._mended)
        self._back: asyncio.TimerHandle | None = None
        self._loose: asyncio.Handle | None = None
        self._period = 3.0
        self._plugged = asyncio.Event()
        self._unplugged = asyncio.Event()
        self._plugged.set()

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every change a person could see; returns a function that stops it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def changed(self) -> None:
        for callback in tuple(self._listeners):
            callback()

    @property
    def plugged(self) -> bool:
        return self._plugged.is_set()

    def unplug(self, seconds: float | None = None) -> None:
        """Cut every line now and refuse new ones, for so many seconds or until plugged in. Only from the event loop's thread."""
        self._stay_out()
        self._plugged.clear()
        self._unplugged.set()
        if seconds is not None:
            self._back = asyncio.get_running_loop().call_later(seconds, self.plug)
        self.changed()

    def plug(self) -> None:
        self._stay_out()
        self._unplugged.clear()
        self._plugged.set()
        self.changed()

    async def wait_plugged(self) -> None:
        await self._plugged.wait()

    async def wait_unplugged(self) -> None:
        await self._unplugged.wait()

    def control_common(self, command: Command) -> Reply | None:
        """Carry out a command every simulator knows; None when it is not one of them. Raises ValueError."""
        match command.get("do"):
            case "fault":
                self.faults.command(command)
                self._shake()
                self.changed()
            case "clear":
                fault_id = command.get("id")
                self.faults.clear(None if fault_id is None else str(fault_id))
                if fault_id in (None, "LINE.FLAP"):
                    self._hold()
                self.changed()
            case "unplug":
                self.unplug()
            case "plug":
                self.plug()
            case "state":
                lives = {"lives": self.faults.lives()}
                return {"ok": True, "kind": self.kind, "plugged": self.plugged, **lives, **self.state()}
            case "faults":
                return {"ok": True, "faults": dict(self.faults.known)}
            case _:
                return None
        return {"ok": True, "faults": self.faults.as_reply(), "lives": self.faults.lives()}

    def _mended(self, fault_id: str) -> None:
        """The time of a fault is over: it is cleared as a person would, so that the device looks again."""
        self.control({"do": "clear", "id": fault_id})

    def _shake(self) -> None:
        """Begin with a loose plug, if it is to be one."""
        if self._loose is None and self.faults.peek("LINE.FLAP") is not None:
            self._loose = asyncio.get_running_loop().call_soon(self._flap)

    def _flap(self) -> None:
        """Out, or in again; and once more after the period, as long as the plug is loose or still out."""
        self._loose = None
        loose = self.faults.peek("LINE.FLAP")
        if not self.plugged:
            self.plug()
        elif self.faults.take("LINE.FLAP") is not None:
            self.unplug()
        if loose is not None:
            self._loose = asyncio.get_running_loop().call_later(loose.number("period", 3.0), self._flap)

    def _hold(self) -> None:
        """Somebody pushes a loose plug in for good."""
        if self._loose is not None:
            self._loose.cancel()
            self._loose = None
            if not self.plugged:
                self.plug()

    def _stay_out(self) -> None:
        """Somebody has the plug in the hand: no timer moves it any more."""
        if self._back is not None:
            self._back.cancel()
            self._back = None

    @abstractmethod
    def control(self, command: Command) -> Reply:
        """Carry out one command. Raises ValueError with a sentence when the command makes no sense."""

    @abstractmethod
    def state(self) -> Reply:
        """What a person would see now, for the bench window and for tests."""

    @abstractmethod
    async def serve(self, wire: Wire) -> None:
        """Be the device at the end of this wire until it is hung up."""
