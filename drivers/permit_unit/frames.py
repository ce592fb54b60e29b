"""Frames of the permit unit protocol (docs/permit-unit-protocol.md, section 2): packing, and finding them in a stream of bytes.

    STX 02 | LEN 2 | KIND 1 | SEQ 1 | CODE 1 | PAYLOAD 0…4096 | CRC 2

Numbers are big-endian. LEN counts KIND to the end of PAYLOAD. CRC is CRC-16/IBM-3740 (polynomial 1021, start FFFF, nothing
reflected, nothing xored at the end; "123456789" gives 29B1) over LEN to the end of PAYLOAD.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

STX = 0x02
MAX_PAYLOAD = 4096
_HEAD = 3  # KIND, SEQ, CODE
_CRC_START = 0xFFFF


class Kind(IntEnum):
    COMMAND = 0x43  # C
    DONE = 0x50  # P: positive answer
    REFUSED = 0x4E  # N: negative answer
    WORKING = 0x57  # W: the command is still being carried out
    EVENT = 0x45  # E


_KINDS = frozenset(int(kind) for kind in Kind)


def crc16(data: bytes) -> int:
    """CRC-16/IBM-3740, also called CCITT-FALSE."""
    return binascii.crc_hqx(data, _CRC_START)


@dataclass(frozen=True, slots=True)
class Frame:
    kind: Kind
    seq: int
    """0…255. Of a command and its answers: 0 for HELLO only; of an event: counted by the unit."""
    code: int
    payload: bytes = field(default=b"", repr=False)

    def pack(self) -> bytes:
        """Raises ValueError when the payload is longer than 4096 bytes."""
        if len(self.payload) > MAX_PAYLOAD:
            raise ValueError(f"a frame carries at most {MAX_PAYLOAD} bytes, not {len(self.payload)}")
        body = (_HEAD + len(self.payload)).to_bytes(2, "big") + bytes((self.kind, self.seq, self.code)) + self.payload
        return bytes((STX,)) + body + crc16(body).to_bytes(2, "big")


class FrameParser:
    """Gives the whole, undamaged frames of a stream. What is none is dropped byte by byte, so that a frame behind noise is found.

    `on_bad` is told of each damaged frame (its CRC does not fit), for the log and for tests.
    """

    def __init__(self, on_bad: Callable[[], None] | None = None) -> None:
        self._buffer = bytearray()
        self._on_bad = on_bad
        self.damaged = 0

    @property
    def in_frame(self) -> bool:
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        self._buffer += data
        return self._frames()

    def resync(self) -> list[Frame]:
        """The line fell silent inside a frame: its rest is not coming. Frames that stand behind its beginning are given."""
        found: list[Frame] = []
        while self._buffer:
            del self._buffer[0]
            found += self._frames()
        return found

    def reset(self) -> None:
        self._buffer.clear()

    def _frames(self) -> list[Frame]:
        found: list[Frame] = []
        buffer = self._buffer
        while True:
            start = buffer.find(STX)
            if start < 0:
                buffer.clear()
                return found
            del buffer[:start]
            if len(buffer) < 3:
                return found
            size = int.from_bytes(buffer[1:3], "big")
            if not _HEAD <= size <= _HEAD + MAX_PAYLOAD or (len(buffer) > 3 and buffer[3] not in _KINDS):
                del buffer[0]
                continue
            end = 3 + size + 2
            if len(buffer) < end:
                return found
            body = bytes(buffer[1 : end - 2])
            if crc16(body) != int.from_bytes(buffer[end - 2 : end], "big"):
                self.damaged += 1
                if self._on_bad is not None:
                    self._on_bad()
                del buffer[0]
                continue
            found.append(Frame(Kind(body[2]), body[3], body[4], body[5:]))
            del buffer[:end]
