"""Cut an engine's byte stream into codes. A code ends at its suffix, or, where that is configured, at a silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

import structlog

from drivers.qr_scanner.text import MAX_CODE_BYTES

_log = structlog.get_logger(__name__)


class Suffix(StrEnum):
    """What an engine sends after a code. AUTO ends at CR, LF or ETX, whichever comes; codes that hold such bytes
    themselves need the engine's exact suffix (or NONE)."""

    AUTO = "auto"
    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    ETX = "etx"
    NONE = "none"


_ENDS: dict[Suffix, tuple[bytes, ...]] = {
    Suffix.AUTO: (b"\r", b"\n", b"\x03"),
    Suffix.CR: (b"\r",),
    Suffix.LF: (b"\n",),
    Suffix.CRLF: (b"\r\n",),
    Suffix.ETX: (b"\x03",),
    Suffix.NONE: (),
}
# Not the members' own values: up to Python 3.11.3 an Enum turns an empty tuple into a nameless object.


def _nobody() -> None:
    """Nobody counts."""


class Splitter:
    """Bytes in, codes out. Empty codes (a suffix sent twice) are nothing; over-long ones are dropped with a log and `dropped()`."""

    def __init__(self, suffix: Suffix, *, limit: int = MAX_CODE_BYTES, dropped: Callable[[], None] = _nobody) -> None:
        self._ends = _ENDS[suffix]
        self._limit = limit
        self._on_dropped = dropped
        self._data = bytearray()
        self._dropped = 0
        """Bytes of an over-long code thrown away so far; its rest is thrown away up to its suffix."""

    @property
    def pending(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._data or self._dropped)

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._data += data
        while (end := self._next_end()) is not None:
            at, length = end
            code = bytes(self._data[:at])
            del self._data[: at + length]
            yield from self._whole(code)
        if len(self._data) > self._limit + len(max(self._ends, key=len, default=b"")):
            keep = self._held_back()
            self._dropped += len(self._data) - keep
            del self._data[: len(self._data) - keep]

    def silence(self, *, ends_code: bool) -> Iterator[bytes]:
        """Nothing came for the idle gap: the pending bytes are a code (`ends_code`), or a code that lost its end."""
        code = bytes(self._data)
        self._data.clear()
        if ends_code:
            yield from self._whole(code)
        elif code or self._dropped:
            _log.warning("scan_without_suffix_dropped", size=len(code) + self._dropped)
            self._on_dropped()
            self._dropped = 0

    def clear(self) -> None:
        self._data.clear()
        self._dropped = 0

    def _whole(self, code: bytes) -> Iterator[bytes]:
        size, self._dropped = len(code) + self._dropped, 0
        if size > self._limit:
            _log.warning("scan_too_long_dropped", size=size)
            self._on_dropped()
        elif code:
            yield code

    def _next_end(self) -> tuple[int, int] | None:
        found = [(at, len(end)) for end in self._ends if (at := self._data.find(end)) >= 0]
        return min(found, default=None)

    def _held_back(self) -> int:
        """Bytes at the end that may be the first half of a suffix."""
        return max((len(end) - 1 for end in self._ends if self._data.endswith(end[:1]) and len(end) > 1), default=0)
