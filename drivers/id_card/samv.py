"""The SAM_V protocol of second-generation ID-card readers (GA/T 467-2019): frames, commands and status codes.

    host to SAM:  AA AA AA 96 69 | LenHi LenLo | CMD PARA [data] | CHK
    SAM to host:  AA AA AA 96 69 | LenHi LenLo | SW1 SW2 SW3 [data] | CHK

Len counts what follows it, CHK included; CHK is the XOR of everything from LenHi to the last data byte. Pure: no I/O here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce
from operator import xor

from kiosk.domain.errors import ErrorKind

PREAMBLE = bytes.fromhex("AAAAAA9669")
SYNC = bytes.fromhex("AAAA9669")
"""What a receiver looks for: tolerant of one lost or one extra AA, as readers in the field need it."""
MIN_LEN = 4
MAX_LEN = 3072


def checksum(data: bytes | bytearray) -> int:
    return reduce(xor, data, 0)


def build(body: bytes) -> bytes:
    """The frame around CMD PARA [data] or SW1 SW2 SW3 [data]."""
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes([checksum(counted)])


class Command(IntEnum):
    """CMD and PARA as one number."""

    RESET = 0x10FF
    STATUS = 0x11FF
    SAM_ID = 0x12FF
    FIND = 0x2001
    SELECT = 0x2002
    READ_BASE = 0x3001
    READ_NEW_ADDRESS = 0x3003
    READ_MANAGEMENT = 0x3005
    READ_WITH_FINGERPRINT = 0x3010
    BAUD_115200 = 0x6000
    BAUD_57600 = 0x6001
    BAUD_38400 = 0x6002
    BAUD_19200 = 0x6003
    BAUD_9600 = 0x6004
    RF_BYTES = 0x61FF

    def frame(self, data: bytes = b"") -> bytes:
        return build(self.to_bytes(2, "big") + data)


BAUD_COMMANDS = {
    115200: Command.BAUD_115200,
    57600: Command.BAUD_57600,
    38400: Command.BAUD_38400,
    19200: Command.BAUD_19200,
    9600: Command.BAUD_9600,
}


class SW3(IntEnum):
    """The third status byte, which tells the result."""

    DONE = 0x90
    FOUND = 0x9F
    NO_ITEM = 0x91
    NO_CARD = 0x80
    SELECT_FAILED = 0x81
    READ_FAILED = 0x41
    WRONG_CARD = 0x40
    CARD_AUTH_FAILED = 0x31
    SAM_AUTH_FAILED = 0x32
    MAC_FAILED = 0x33
    RANDOM_FAILED = 0x47
    BAD_CHECKSUM = 0x10
    BAD_LENGTH = 0x11
    BAD_COMMAND = 0x21
    UNKNOWN_COMMAND = 0x24
    SELF_TEST_FAILED = 0x60
    UNAUTHORISED = 0x66


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status code says, and the kind of trouble it is (None: none)."""

    text: str
    kind: ErrorKind | None


MEANINGS: dict[int, Meaning] = {
    SW3.DONE: Meaning("done", None),
    SW3.FOUND: Meaning("card found", None),
    SW3.NO_ITEM: Meaning("no such item on this card", None),
    SW3.NO_CARD: Meaning("no card, or finding it failed", ErrorKind.NO_MEDIA),
    SW3.SELECT_FAILED: Meaning("selecting the card failed", ErrorKind.MEDIA_REMOVED),
    SW3.READ_FAILED: Meaning("reading the card failed", ErrorKind.MEDIA_REMOVED),
    SW3.WRONG_CARD: Meaning("unsupported card type", ErrorKind.MEDIA_BAD),
    SW3.CARD_AUTH_FAILED: Meaning("the card did not authenticate the module", ErrorKind.MEDIA_BAD),
    SW3.SAM_AUTH_FAILED: Meaning("the module did not authenticate the card", ErrorKind.MEDIA_BAD),
    SW3.MAC_FAILED: Meaning("the information on the card failed verification", ErrorKind.MEDIA_BAD),
    SW3.RANDOM_FAILED: Meaning("getting a random number failed", ErrorKind.MEDIA_REMOVED),
    SW3.BAD_CHECKSUM: Meaning("the module saw a wrong checksum", ErrorKind.PROTOCOL),
    SW3.BAD_LENGTH: Meaning("the module saw a wrong length", ErrorKind.PROTOCOL),
    SW3.BAD_COMMAND: Meaning("the module saw an illegal command or order", ErrorKind.PROTOCOL),
    SW3.UNKNOWN_COMMAND: Meaning("the module does not know the command", ErrorKind.PROTOCOL),
    SW3.SELF_TEST_FAILED: Meaning("the security module failed its self-test", ErrorKind.HARDWARE),
    SW3.UNAUTHORISED: Meaning("the security module is not authorised", ErrorKind.CONFIG),
}


def meaning(sw3: int) -> Meaning:
    """Also for codes nobody documented: those are a protocol error, not a crash."""
    return MEANINGS.get(sw3, Meaning("undocumented status code", ErrorKind.PROTOCOL))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the SAM. `status` is SW1 SW2, where some readers pass on the card's own status word."""

    sw3: int
    status: int = 0
    data: bytes = field(default=b"", repr=False)

    @property
    def native(self) -> str:
        """For error records: SW3, and SW1 SW2 when they say something."""
        return f"SW3={self.sw3:02X}" + (f" SW12={self.status:04X}" if self.status else "")

    def frame(self) -> bytes:
        return build(self.status.to_bytes(2, "big") + bytes([self.sw3]) + self.data)

    @classmethod
    def from_body(cls, body: bytes) -> Answer:
        """From SW1 SW2 SW3 [data]; the parser never gives less than three bytes."""
        return cls(body[2], int.from_bytes(body[:2], "big"), body[3:])


class Parser:
    """Cuts a byte stream into frame bodies (without Len and CHK), whatever stands between, before and inside them.

    After a frame with a wrong length or checksum the search goes on right behind its sync mark, so that a good frame that
    a damaged one seems to swallow is still found. `rejected` counts such false starts, `skipped` the bytes thrown away.
    `on_bad` gets every complete frame with a wrong checksum or length field (a SAM answers those, 10 and 11).
    """

    def __init__(
        self, *, min_len: int = MIN_LEN, max_len: int = MAX_LEN, on_bad: Callable[[SW3], None] | None = None
    ) -> None:
        self._buffer = bytearray()
        self._min_len = min_len
        self._max_len = max_len
        self._on_bad = on_bad
        self.rejected = 0
        self.skipped = 0

    @property
    def in_frame(self) -> bool:
        """True once a header has been seen whose body is still coming."""
        return self._buffer.startswith(SYNC) and len(self._buffer) >= len(SYNC) + 2

    def reset(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> list[bytes]:
        """Complete bodies found so far, in order."""
        self._buffer += data
        bodies = []
        while (body := self._next()) is not None:
            bodies.append(body)
        return bodies

    def _next(self) -> bytes | None:
        buffer = self._buffer
        head = len(SYNC) + 2
        while True:
            start = buffer.find(SYNC)
            if start < 0:
                self._skip(max(0, len(buffer) - (len(SYNC) - 1)))  # the mark may be cut by the end
                return None
            self._skip(start)
            if len(buffer) < head:
                return None
            length = int.from_bytes(buffer[len(SYNC) : head], "big")
            if not self._min_len <= length <= self._max_len:
                self._reject(SW3.BAD_LENGTH)
                continue
            end = head + length
            if len(buffer) < end:
                return None
            if checksum(buffer[len(SYNC) : end]):
                self._reject(SW3.BAD_CHECKSUM)
                continue
            body = bytes(buffer[head : end - 1])
            del buffer[:end]
            return body

    def _skip(self, count: int) -> None:
        self.skipped += count
        del self._buffer[:count]

    def _reject(self, why: SW3) -> None:
        self.rejected += 1
        self._skip(len(SYNC))
        if self._on_bad is not None:
            self._on_bad(why)


def sam_id_text(data: bytes) -> str:
    """The 16 bytes of command 12 FF as printed on the reader's plate: 05.01-20120518-0000012345-…"""
    if len(data) != 16:
        raise ValueError(f"a SAM id has 16 bytes, not {len(data)}")
    u16 = [int.from_bytes(data[at : at + 2], "little") for at in (0, 2)]
    u32 = [int.from_bytes(data[at : at + 4], "little") for at in (4, 8, 12)]
    return f"{u16[0]:02d}.{u16[1]:02d}-{u32[0]:08d}-{u32[1]:010d}-{u32[2]:010d}"
