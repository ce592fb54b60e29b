"""HID reports on a line of bytes: what a hidraw device file does with reads and ioctls, in envelopes that any line can carry.

kind 1 | length 2, big-endian | report, its number first

I  an input report has come            G  give the feature report of this number (the report is the number alone)
F  the feature report, or nothing:     S  set this feature report
   what was set is set                 E  it did not work; one byte: errno
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

LONGEST = 4096
"""Bytes; what the kernel takes for one report (HID_MAX_BUFFER_SIZE is larger, no pad's report is)."""


class Kind(IntEnum):
    INPUT = ord("I")
    GET = ord("G")
    FEATURE = ord("F")
    SET = ord("S")
    ERROR = ord("E")


_KINDS = frozenset(int(kind) for kind in Kind)


class Envelope(NamedTuple):
    kind: Kind
    report: bytes

    def pack(self) -> bytes:
        return bytes((self.kind,)) + len(self.report).to_bytes(2, "big") + self.report


class Opener:
    """Cuts a stream into envelopes. What is none is left out byte by byte; `bad` counts how often that was necessary."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._in_step = True
        self.bad = 0

    @property
    def pending(self) -> bool:
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Envelope]:
        self._buffer += data
        found: list[Envelope] = []
        at = 0
        while len(self._buffer) - at >= 3:
            kind, length = self._buffer[at], int.from_bytes(self._buffer[at + 1 : at + 3], "big")
            if kind not in _KINDS or length > LONGEST:
                if self._in_step:
                    self.bad += 1
                self._in_step = False
                at += 1
                continue
            if len(self._buffer) - at < 3 + length:
                break
            found.append(Envelope(Kind(kind), bytes(self._buffer[at + 3 : at + 3 + length])))
            self._in_step = True
            at += 3 + length
        del self._buffer[:at]
        return found

    def silence(self) -> None:
        """Nothing more came: the rest of an envelope that was begun is not coming."""
        if self._buffer:
            self.bad += self._in_step
            self._buffer.clear()
        self._in_step = True
