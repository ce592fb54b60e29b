"""What a printer sends back, told apart by the fixed bits of each kind of answer.

DLE EOT        0xx1xx10   one byte, at once
ASB            0xx1xx00   then three bytes 0xx0xxxx, whenever something changes
GS r, ESC v    0xx0xxxx   one byte, in the order of printing
GS ( H, GS I   37 or 5F   a block of text that ends with NUL; DLE DC4 8 answers with such a block too: 37 25 00
XON, XOFF      11, 13     flow control on serial lines, anywhere

An automatic status may be torn by what stands between its bytes, and its last three bytes look like answers in the order of printing.
So it is waited for a while: taken for such answers they would tell of the end of a job that has not ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

XON, XOFF = 0x11, 0x13
_BLOCK_HEADS = (0x37, 0x5F)
_BLOCK_LIMIT = 80
_HOLD_S = 1.0
"""How long the rest of an automatic status is waited for; it comes within milliseconds, or a byte of it was lost."""


class Kind(Enum):
    REALTIME = auto()
    ASB = auto()
    QUEUED = auto()
    BLOCK = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    kind: Kind
    data: bytes


class AnswerParser:
    """Cuts the incoming bytes into answers; `paused` follows XOFF and XON. Bytes that fit nothing are skipped."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.paused = False
        self._now = now
        self._begun = 0.0
        self._group = bytearray()
        self._block = bytearray()

    def reset(self) -> None:
        """Forget a half block: what comes now belongs to a new request. An automatic status belongs to none and may still go on."""
        self._block.clear()

    def give_up(self) -> None:
        """Nothing came for a while: the rest of an automatic status is not coming."""
        self._group.clear()

    def feed(self, data: bytes) -> list[Answer]:
        return [answer for byte in data if (answer := self._take(byte)) is not None]

    def _take(self, byte: int) -> Answer | None:
        if byte in (XON, XOFF):
            self.paused = byte == XOFF
            return None
        if self._block:
            return self._take_block(byte)
        if self._group and self._now() - self._begun > _HOLD_S:
            self._group.clear()  # a lone byte was left over from before
        if self._group and byte & 0x90 == 0:
            self._group.append(byte)
            return self._full_group()
        if byte & 0x93 == 0x12:
            return Answer(Kind.REALTIME, bytes([byte]))
        if byte & 0x93 == 0x10:
            self._group[:] = bytes([byte])
            self._begun = self._now()
        elif byte in _BLOCK_HEADS:
            self._block.append(byte)
        elif byte & 0x90 == 0:
            return Answer(Kind.QUEUED, bytes([byte]))
        return None

    def _full_group(self) -> Answer | None:
        if len(self._group) < 4:
            return None
        group = bytes(self._group)
        self._group.clear()
        return Answer(Kind.ASB, group)

    def _take_block(self, byte: int) -> Answer | None:
        if byte == 0:
            block = bytes(self._block)
            self._block.clear()
            return Answer(Kind.BLOCK, block)
        if not 0x20 <= byte < 0x7F or len(self._block) >= _BLOCK_LIMIT:
            self._block.clear()
            return self._take(byte)
        self._block.append(byte)
        return None
