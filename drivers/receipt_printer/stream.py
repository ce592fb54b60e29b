"""The receive buffer of an ESC/POS machine cut into commands, with the argument lengths of the command reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_FIXED: dict[bytes, dict[int, str]] = {
    b"\x1b": {0: "@2<imvLS\x0c", 1: "!aEGMtdJ3-{ RVUreKT%=?u9", 2: "Bc$\\", 3: "p", 8: "W"},
    b"\x1d": {0: ":", 1: "!aBrIhwHfbjT/E", 2: "LWP$\\", 3: "^", 4: "g"},
    b"\x1c": {0: "&.", 1: "!W-C", 2: "Sp", 74: "2"},
}
_LENGTHS = {
    prefix + letter.encode("latin-1"): count
    for prefix, rows in _FIXED.items()
    for count, letters in rows.items()
    for letter in letters
}


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is the prefix and letter (1B 40), "text" for one character, "control" for a lone control byte."""

    name: str
    args: bytes
    size: int


def next_command(buffer: bytes | bytearray, kanji: bool) -> Command | None:
    """The first command in `buffer`, None while it is not complete. Never looks beyond the bytes it needs."""
    if not buffer:
        return None
    first = buffer[0]
    if first == 0x10:
        return _realtime(buffer)
    if first in (0x1B, 0x1C, 0x1D):
        if len(buffer) < 2:
            return None
        head = bytes(buffer[:2])
        size = _VARIABLE[head](buffer) if head in _VARIABLE else _LENGTHS.get(head, 0) + 2
        return _cut(head.decode("latin-1"), buffer, 2, size)
    if first < 0x20:
        return Command("control", bytes(buffer[:1]), 1)
    if kanji and first >= 0x81:
        if len(buffer) < 2:
            return None
        if 0x40 <= buffer[1] <= 0xFE:
            return Command("text", bytes(buffer[:2]), 2)
    return Command("text", bytes(buffer[:1]), 1)


def _cut(name: str, buffer: bytes | bytearray, head: int, size: int | None) -> Command | None:
    if size is None or len(buffer) < size:
        return None
    return Command(name, bytes(buffer[head:size]), size)


def _realtime(buffer: bytes | bytearray) -> Command | None:
    """Obeyed at reception already; here they are only skipped."""
    if len(buffer) < 2:
        return None
    if buffer[1] not in (0x04, 0x05, 0x14):
        return Command("control", bytes(buffer[:1]), 1)
    if len(buffer) < 3:
        return None
    if buffer[1] == 0x14:
        return _cut("realtime", buffer, 1, 10 if buffer[2] == 8 else 5)
    return _cut("realtime", buffer, 1, 4 if buffer[1] == 0x04 and buffer[2] in (7, 8) else 3)


def _word(buffer: bytes | bytearray, at: int) -> int:
    return int.from_bytes(buffer[at : at + 2], "little")


def _after(need: int, size: Callable[[bytes | bytearray], int]) -> Callable[[bytes | bytearray], int | None]:
    """A length that can be told once `need` bytes are there."""
    return lambda buffer: size(buffer) if len(buffer) >= need else None


def _until_nul(start: int) -> Callable[[bytes | bytearray], int | None]:
    return lambda buffer: end + 1 if (end := buffer.find(0, start)) >= 0 else None


def _barcode(buffer: bytes | bytearray) -> int | None:
    if len(buffer) < 4:
        return None
    return _until_nul(3)(buffer) if buffer[2] <= 6 else 4 + buffer[3]


_VARIABLE: dict[bytes, Callable[[bytes | bytearray], int | None]] = {
    b"\x1b*": _after(5, lambda b: 5 + _word(b, 3) * (3 if b[2] in (32, 33) else 1)),
    b"\x1bD": _until_nul(2),
    b"\x1b(": _after(5, lambda b: 5 + _word(b, 3)),
    b"\x1dV": _after(3, lambda b: 4 if b[2] >= 65 else 3),
    b"\x1dv": _after(8, lambda b: 8 + _word(b, 4) * _word(b, 6)),
    b"\x1d(": _after(5, lambda b: 5 + _word(b, 3)),
    b"\x1d8": _after(7, lambda b: 7 + int.from_bytes(b[3:7], "little")),
    b"\x1dk": _barcode,
    b"\x1d*": _after(4, lambda b: 4 + b[2] * b[3] * 8),
    b"\x1c(": _after(5, lambda b: 5 + _word(b, 3)),
}
