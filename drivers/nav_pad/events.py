"""Linux input events as they are read from /dev/input/event*: `struct input_event`, 24 bytes on 64-bit machines (16 on 32-bit).

Source: linux/input.h, linux/input-event-codes.h and Documentation/input/input.rst (event interface) of the kernel.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

EVENT = struct.Struct("@llHHi")
"""Seconds, microseconds, type, code, value, in the machine's own byte order and word size."""
SYN_REPORT, SYN_DROPPED = 0, 3
SW_HEADPHONE_INSERT = 2
RELEASED, PRESSED, REPEATED = 0, 1, 2
_MICROSECONDS = 1_000_000
_JUMP = 86_400
"""Seconds; two events of one line do not lie further apart by the same clock, or something between them was lost."""


class Type(IntEnum):
    SYN = 0x00
    KEY = 0x01
    REL = 0x02
    ABS = 0x03
    MSC = 0x04
    SW = 0x05
    LED = 0x11
    SND = 0x12
    REP = 0x14
    FF = 0x15
    PWR = 0x16
    FF_STATUS = 0x17


_HIGHEST = {
    Type.SYN: 0x0F, Type.KEY: 0x2FF, Type.REL: 0x0F, Type.ABS: 0x3F, Type.MSC: 0x07, Type.SW: 0x10, Type.LED: 0x0F,
    Type.SND: 0x07, Type.REP: 0x01, Type.FF: 0x7F, Type.PWR: 0xFF, Type.FF_STATUS: 0x01,
}  # fmt: skip
"""The highest code of each type."""


@dataclass(frozen=True, slots=True)
class Event:
    type: int
    code: int
    value: int
    at: float = 0.0
    """Seconds, by the clock of the kernel's choice: good for differences only."""

    def pack(self) -> bytes:
        seconds = int(self.at)
        return EVENT.pack(seconds, int((self.at - seconds) * _MICROSECONDS), self.type, self.code, self.value)


def plausible(event: Event, seconds: int, microseconds: int) -> bool:
    """Whether the kernel can have sent this. Values that have few possibilities are what tells an event from two halves of others."""
    highest = _HIGHEST.get(event.type)  # type: ignore[call-overload]  # an int looks up its IntEnum member
    if highest is None or event.code > highest:
        return False
    if not (0 <= microseconds < _MICROSECONDS and seconds >= 0):
        return False
    match event.type:
        case Type.SYN:
            return event.value in (0, 1)  # 1: the report of a soft repeat
        case Type.KEY:
            return event.code > 0 and event.value in (RELEASED, PRESSED, REPEATED)
        case Type.SW:
            return event.value in (0, 1)
    return True


class EventParser:
    """Cuts a stream into events. The kernel never gives half an event, a line in between may: what is no event is left out byte by byte
    until one fits. `bad` counts how often that was necessary."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._in_step = True
        self._seconds: int | None = None
        self.bad = 0

    @property
    def pending(self) -> bool:
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Event]:
        self._buffer += data
        events: list[Event] = []
        at = 0
        while len(self._buffer) - at >= EVENT.size:
            seconds, microseconds, kind, code, value = EVENT.unpack_from(self._buffer, at)
            event = Event(kind, code, value, seconds + microseconds / _MICROSECONDS)
            if plausible(event, seconds, microseconds) and self._fits(event, seconds):
                events.append(event)
                at += EVENT.size
                self._in_step, self._seconds = True, seconds
                continue
            if self._in_step:
                self.bad += 1
                self._in_step = False
            at += 1
        del self._buffer[:at]
        return events

    def silence(self) -> None:
        """Nothing more came: the rest of an event that was begun is not coming, and what comes next is a beginning."""
        if self._buffer:
            self.bad += self._in_step
            self._buffer.clear()
        self._in_step, self._seconds = True, None

    def _fits(self, event: Event, seconds: int) -> bool:
        """In step: not far from the event before. Out of step: no SYN, which is nearly all zeros, as the middle of any event is."""
        if self._in_step:
            return self._seconds is None or abs(seconds - self._seconds) < _JUMP
        return event.type != Type.SYN
