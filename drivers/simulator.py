"""What all simulators share: a simulator plays the *device* at the other end of a wire, and takes commands while it runs.

Commands are small JSON objects, the same from a test, from the bench window, from a scenario file and from the control
socket. Every simulator knows these, through `control_common`:

    {"do": "fault", "id": "SAM.41", "count": 2}    happens the next two times; count absent = once, null = until cleared;
                                                   further keys are the fault's arguments ("seconds": 3)
    {"do": "clear"}  {"do": "clear", "id": "…"}    disarm all faults, or one
    {"do": "unplug"} {"do": "plug"}                cut every line now; connect again
    {"do": "state"}                                what a person would see
    {"do": "faults"}                               the faults it can play, each with a sentence

and its own verbs (place a card, tear the paper, show a face).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from drivers.transport.base import Wire

Command = Mapping[str, Any]
Reply = dict[str, Any]


LINE_FAULTS: Mapping[str, str] = {
    "LINE.MUTE": "the answer is swallowed",
    "LINE.LATE": "the answer comes `seconds` (2.0) late, when the driver may have asked the next thing",
    "LINE.DRIP": "the answer comes in pieces of `size` (1) bytes, `pause` (0.002) seconds apart",
    "LINE.STALL": "the answer stops in the middle for `seconds` (0.2), then goes on",
    "LINE.TRUNCATE": "only the first `keep` bytes (half) of the answer come",
    "LINE.FLIP": "one bit of the byte `at` (the middle) of the answer is turned",
    "LINE.NOISE_BEFORE": "a few wrong bytes come before the answer",
    "LINE.NOISE_AFTER": "a few wrong bytes come after the answer",
    "LINE.LOST_FIRST": "the first byte of the answer is lost",
    "LINE.DOUBLE": "the answer comes twice",
    "LINE.JOIN": "the answer is held back and comes joined to the next one",
    "LINE.GARBLE": "the answer is nonsense of the same length, as at a wrong baud rate",
    "LINE.HANGUP": "the line is cut instead of an answer",
    "LINE.HANGUP_MID": "the line is cut after half of the answer",
    "LINE.BLOCK": "the device takes no more bytes (flow control) until the fault is cleared",
    "LINE.REFUSE": "the next attempt to connect fails (not on a pty, which cannot refuse: unplug it)",
    "LINE.PERMISSION": "the next attempt to connect is forbidden (in-process line; elsewhere like LINE.REFUSE)",
    "LINE.BUSY": "the next attempt to connect finds the port taken (in-process line; elsewhere like LINE.REFUSE)",
}
"""Faults of the line itself, common to all devices. They strike one answer each: one `Wire.write` of the simulator."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One armed fault. `left` None means until cleared."""

    id: str
    left: int | None
    args: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str, default: float) -> float:
        """A numeric argument of the command. Raises ValueError when it is not a number."""
        return float(self.args.get(name, default))


class FaultBook:
    """Armed faults by id. `take` uses one up, `active` only looks."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known: Mapping[str, str] = dict(known)
        self._armed: dict[str, Fault] = {}
        self._waiters: set[asyncio.Future[None]] = set()

    def arm(self, fault_id: str, count: int | None = 1, args: Mapping[str, Any] | None = None) -> None:
        """Let the fault happen `count` times (None: until cleared). Raises ValueError for an unknown id or count < 1."""
        if fault_id not in self.known:
            raise ValueError(f"unknown fault {fault_id!r}; known are {', '.join(sorted(self.known))}")
        if count is not None and count < 1:
            raise ValueError(f"count of {fault_id} must be 1 or more, or null for 'until cleared'")
        self._armed[fault_id] = Fault(fault_id, count, dict(args or {}))
        self._wake()

    def take(self, fault_id: str) -> Fault | None:
        """The fault if it is to happen now; counts down."""
        fault = self._armed.get(fault_id)
        if fault is None or fault.left is None:
            return fault
        if fault.left == 1:
            del self._armed[fault_id]
        else:
            self._armed[fault_id] = replace(fault, left=fault.left - 1)
        self._wake()
        return fault

    def active(self, fault_id: str) -> Fault | None:
        return self._armed.get(fault_id)

    def clear(self, fault_id: str | None = None) -> None:
        """Disarm one fault, or all."""
        if fault_id is None:
            self._armed.clear()
        else:
            self._armed.pop(fault_id, None)
        self._wake()

    async def wait_cleared(self, fault_id: str) -> None:
        while fault_id in self._armed:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)

    def as_reply(self) -> dict[str, int | None]:
        """Armed fault ids and how often each is still to happen, for `state`."""
        return {fault.id: fault.left for fault in self._armed.values()}

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)


class Simulator(ABC):
    """One simulated device. It may serve several wires one after another (unplug and come back)."""

    kind: str
    fault_ids: ClassVar[Mapping[str, str]] = {}
    """The device's own faults, id to one English sentence. Line faults are added to them."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self.faults = FaultBook({**LINE_FAULTS, **self.fault_ids})
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

    def unplug(self) -> None:
        """Cut every line now and refuse new ones. Only from the event loop's thread."""
        self._plugged.clear()
        self._unplugged.set()
        self.changed()

    def plug(self) -> None:
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
                args = {k: v for k, v in command.items() if k not in ("do", "id", "count")}
                count = command.get("count", 1)
                if count is not None and (not isinstance(count, int) or isinstance(count, bool)):
                    raise ValueError("count must be a whole number, or null for 'until cleared'")
                self.faults.arm(str(command.get("id", "")), count, args)
                self.changed()
            case "clear":
                fault_id = command.get("id")
                self.faults.clear(None if fault_id is None else str(fault_id))
                self.changed()
            case "unplug":
                self.unplug()
            case "plug":
                self.plug()
            case "state":
                return {"ok": True, "kind": self.kind, "plugged": self.plugged, **self.state()}
            case "faults":
                return {"ok": True, "faults": dict(self.faults.known)}
            case _:
                return None
        return {"ok": True, "faults": self.faults.as_reply()}

    @abstractmethod
    def control(self, command: Command) -> Reply:
        """Carry out one command. Raises ValueError with a sentence when the command makes no sense."""

    @abstractmethod
    def state(self) -> Reply:
        """What a person would see now, for the bench window and for tests."""

    @abstractmethod
    async def serve(self, wire: Wire) -> None:
        """Be the device at the end of this wire until it is hung up."""
