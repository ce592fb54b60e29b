"""Modbus RTU: frames, checksums, and the four functions a board of relays and inputs has.

Sources: MODBUS over serial line, specification and implementation guide V1.02 (framing, silence, CRC), MODBUS application protocol
V1.1b3 (functions, exceptions).

    unit 1 | function 1 | data | CRC 2, low byte first
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from kiosk.domain.errors import ErrorKind

MOST_BITS = 2000
"""One answer's worth (V1.1b3 §6.1); 0x7B0 for writing."""
MOST_WRITTEN = 0x7B0
GAP = 16
"""Numbers that lie no further apart are read with one question."""
LONGEST_FRAME = 256
_EXCEPTION = 0x80
_POLYNOMIAL = 0xA001


class Function(IntEnum):
    READ_COILS = 0x01
    READ_INPUTS = 0x02
    WRITE_COIL = 0x05
    WRITE_COILS = 0x0F


class Exceptional(NamedTuple):
    kind: ErrorKind
    text: str


EXCEPTIONS: Mapping[int, Exceptional] = {
    0x01: Exceptional(ErrorKind.UNSUPPORTED, "The board does not have this function."),
    0x02: Exceptional(ErrorKind.CONFIG, "The board has no output or input of this number."),
    0x03: Exceptional(ErrorKind.PROTOCOL, "The board did not understand the data."),
    0x04: Exceptional(ErrorKind.HARDWARE, "The board tells a failure of its own."),
    0x05: Exceptional(ErrorKind.BUSY, "The board is still at work on it."),
    0x06: Exceptional(ErrorKind.BUSY, "The board is busy."),
    0x08: Exceptional(ErrorKind.HARDWARE, "The board tells an error of its memory."),
    0x0A: Exceptional(ErrorKind.CONFIG, "The gateway has no way to the board."),
    0x0B: Exceptional(ErrorKind.OFFLINE, "The board behind the gateway does not answer."),
}
"""V1.1b3 §7."""
AGAIN = (0x05, 0x06)
"""After these the same question a little later is answered."""


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC = _table()


def crc16(data: bytes) -> int:
    """CRC-16/MODBUS (V1.02 §6.2.2): start FFFF, polynomial A001 reflected. Over 02 07 it is 1241."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def frame(unit: int, pdu: bytes) -> bytes:
    head = bytes((unit,)) + pdu
    return head + crc16(head).to_bytes(2, "little")


def intact(data: bytes) -> bool:
    """Whether these bytes are one whole frame, at least unit, function, one byte and the checksum."""
    return len(data) >= 5 and crc16(data[:-2]) == int.from_bytes(data[-2:], "little")


def silence(baud: int | None) -> float:
    """Seconds between two frames: 3.5 characters of 11 bits, and 1.75 ms above 19200 baud (V1.02 §2.5.1.1)."""
    return 0.00175 if baud is None or baud > 19200 else 3.5 * 11 / baud


# --- what is asked


def read_bits(function: Function, start: int, count: int) -> bytes:
    """READ_COILS or READ_INPUTS of 1 to 2000 bits."""
    return bytes((function,)) + start.to_bytes(2, "big") + count.to_bytes(2, "big")


def write_coil(at: int, on: bool) -> bytes:
    return bytes((Function.WRITE_COIL,)) + at.to_bytes(2, "big") + (b"\xff\x00" if on else b"\x00\x00")


def write_coils(start: int, bits: Sequence[bool]) -> bytes:
    packed = pack_bits(bits)
    head = bytes((Function.WRITE_COILS,)) + start.to_bytes(2, "big") + len(bits).to_bytes(2, "big")
    return head + bytes((len(packed),)) + packed


def pack_bits(bits: Sequence[bool]) -> bytes:
    """The first bit is the lowest of the first byte."""
    number = sum(1 << at for at, bit in enumerate(bits) if bit)
    return number.to_bytes((len(bits) + 7) // 8, "little")


def unpack_bits(data: bytes, count: int) -> tuple[bool, ...]:
    number = int.from_bytes(data, "little")
    return tuple(bool(number >> at & 1) for at in range(count))


def spans(numbers: Iterable[int], gap: int = GAP, most: int = MOST_BITS) -> tuple[tuple[int, int], ...]:
    """Runs of numbers as (start, count): those not more than `gap` apart together, no run longer than `most`."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and number - (found[-1][0] + found[-1][1]) <= gap and number - found[-1][0] < most:
            found[-1] = (found[-1][0], number - found[-1][0] + 1)
        else:
            found.append((number, 1))
    return tuple(found)


# --- what is answered


class Answer(NamedTuple):
    unit: int
    function: int
    """Without the bit that marks an exception."""
    exception: int
    """0: none."""
    data: bytes
    """Behind the function code; empty for an exception."""


def answers(asked: bytes, answer: Answer) -> bool:
    """Whether this can be the answer to that question: a late one to another must not pass for it."""
    function = asked[0]
    if answer.function != function:
        return False
    if answer.exception:
        return True
    if function in (Function.READ_COILS, Function.READ_INPUTS):
        return len(answer.data) == 1 + (int.from_bytes(asked[3:5], "big") + 7) // 8
    return answer.data == asked[1:5]  # both writing functions repeat address and value or number


def find(data: bytes) -> tuple[Answer, int] | None:
    """The first whole answer in `data`, and how many bytes it ends behind.

    Frames are told apart by their length and checksum, as a machine that does not see the silences must.
    """
    for at in range(len(data)):
        length = _length(data[at : at + 3])
        if length and intact(data[at : at + length]):
            return _answer(data[at : at + length]), at + length
    return None


def _length(head: bytes) -> int:
    """Of the answer that begins so; 0: none does, or it cannot be said yet."""
    if len(head) < 3:
        return 0
    function = head[1]
    if function & _EXCEPTION:
        return 5
    if function in (Function.READ_COILS, Function.READ_INPUTS):
        return 5 + head[2]
    return 8 if function in (Function.WRITE_COIL, Function.WRITE_COILS) else 0


def _answer(whole: bytes) -> Answer:
    unit, function = whole[0], whole[1]
    if function & _EXCEPTION:
        return Answer(unit, function & ~_EXCEPTION, whole[2] or 0xFF, b"")
    return Answer(unit, function, 0, whole[2:-2])
