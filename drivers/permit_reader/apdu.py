"""Command and answer of a chip card (ISO/IEC 7816-4), short and extended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

OK: Final = 0x9000
END_OF_FILE: Final = 0x6282
NOT_SATISFIED: Final = 0x6982
NOT_FOUND: Final = 0x6A82
SELECT, READ_BINARY, READ_BINARY_ODD = 0xA4, 0xB0, 0xB1
GET_CHALLENGE, MUTUAL_AUTHENTICATE, GENERAL_AUTHENTICATE = 0x84, 0x82, 0x86
MANAGE_SECURITY, GET_RESPONSE = 0x22, 0xC0
ALL = 256
"""Le 00: as much as a short answer holds."""


@dataclass(frozen=True, slots=True)
class Command:
    """`le`: bytes wanted (256, or 65536 where extended, is written as zeros), None when no data come back."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None

    @property
    def head(self) -> bytes:
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def encode(self) -> bytes:
        size, le = len(self.data), self.le
        if size > 255 or (le or 0) > 256:
            lc = b"\0" + size.to_bytes(2, "big") + self.data if size else b""
            return self.head + lc + (b"" if le is None else (b"" if size else b"\0") + (le & 0xFFFF).to_bytes(2, "big"))
        lc = bytes((size,)) + self.data if size else b""
        return self.head + lc + (b"" if le is None else bytes((le & 0xFF,)))

    @classmethod
    def decode(cls, raw: bytes) -> Command:
        """Raises ValueError when lengths contradict each other."""
        if len(raw) < 4:
            raise ValueError("a command has at least four bytes")
        (cla, ins, p1, p2), body = raw[:4], raw[4:]
        if not body:
            return cls(cla, ins, p1, p2)
        if len(body) == 1:
            return cls(cla, ins, p1, p2, le=body[0] or 256)
        if body[0] or len(body) == 2:
            size, start, wide = body[0], 1, 1
        elif len(body) == 3:
            return cls(cla, ins, p1, p2, le=int.from_bytes(body[1:3], "big") or 65536)
        else:
            size, start, wide = int.from_bytes(body[1:3], "big"), 3, 2
        data, rest = body[start : start + size], body[start + size :]
        if len(data) < size or len(rest) not in (0, wide):
            raise ValueError("the lengths of a command contradict each other")
        return cls(cla, ins, p1, p2, data, le=(int.from_bytes(rest, "big") or 256**wide) if rest else None)


@dataclass(frozen=True, slots=True)
class Answer:
    data: bytes = field(repr=False)
    sw: int
    bare: bool = False
    """A refusal without protection in the middle of a secured session, which the chip may have ended with it."""

    @classmethod
    def decode(cls, raw: bytes) -> Answer:
        """Raises ValueError for less than the two status bytes."""
        if len(raw) < 2:
            raise ValueError("an answer has at least two bytes")
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))

    def encode(self) -> bytes:
        return self.data + self.sw.to_bytes(2, "big")
