"""What of a receipt printer's line is personal: everything that comes out on paper. Its states are not.

Text, pictures and the contents of codes become other bytes of the same number; the commands between them stay, so that the layout of
the slip can be seen and compared. A command nobody knows is taken for one without arguments: what follows it is then text, and masked.
"""

from __future__ import annotations

from collections.abc import Iterator

from drivers.receipt_printer.stream import Command, next_command
from drivers.transport.tape import Piece

_LAYOUT = b"\x00\x09\x0a\x0c\x0d\x18"
"""Control bytes that move the paper or the print position."""
_LONGEST = 4 * 1024 * 1024
_HEADS = {"\x1b*": 3, "\x1dv": 6, "\x1d8": 7, "\x1d*": 2, "\x1b(": 3, "\x1c(": 3, "\x1c2": 0}
"""How many bytes of a command's arguments say what follows and how much of it. The rest is a picture, or unknown."""
_GRAPHICS_HEAD = 5
_STORE_CODE = 80
_MOST_TABS = 32


class EscposMasker:
    """Implements `drivers.transport.tape.Masker`."""

    name = "receipt_printer"

    def __init__(self) -> None:
        self._sent = bytearray()
        self._kanji = False

    def came(self, data: bytes) -> list[Piece]:
        """A printer knows nothing of citizens: states, its own name, the numbers of jobs."""
        return [Piece(data)] if data else []

    def sent(self, data: bytes) -> list[Piece]:
        self._sent += data
        pieces = list(self._commands())
        if len(self._sent) > _LONGEST:
            pieces.append(Piece.hidden(len(self._sent)))
            self._sent.clear()
        return pieces

    def end(self) -> tuple[list[Piece], list[Piece]]:
        rest, self._sent = bytes(self._sent), bytearray()
        return ([Piece.hidden(len(rest))] if rest else []), []

    def _commands(self) -> Iterator[Piece]:
        at, data = 0, bytes(self._sent)
        while (command := next_command(data[at:], self._kanji)) is not None:
            yield self._masked(command, data[at : at + command.size])
            at += command.size
        del self._sent[:at]

    def _masked(self, command: Command, data: bytes) -> Piece:
        if command.name == "text" or (command.name == "control" and data[0] not in _LAYOUT):
            return Piece.synthetic(_text(data))
        if command.name in ("\x1c&", "\x1c."):
            self._kanji = command.name == "\x1c&"
        elif command.name == "\x1b@":
            self._kanji = False
        kept = _kept(command)
        return Piece(data[:kept] + bytes(len(data) - kept), ((kept, len(data)),)) if kept < len(data) else Piece(data)


def _kept(command: Command) -> int:
    """How many bytes at the beginning of the command may be stored."""
    args = command.args
    if command.name in _HEADS:
        return min(2 + _HEADS[command.name], command.size)
    if command.name == "\x1bD":  # tab stops: none of them before the one before it
        stops = args[:-1]
        return command.size if list(stops) == sorted(set(stops)) and len(stops) <= _MOST_TABS else 2
    if command.name == "\x1dk":
        return 3 if args[0] <= 6 else 4
    if command.name == "\x1d(":
        match args[:1]:
            case b"k":  # k pL pH cn fn m, then the content of a code where fn stores one
                return min(2 + 6 if args[4:5] == bytes([_STORE_CODE]) else 2 + 7, command.size)
            case b"H" | b"A" | b"K" | b"E":  # job numbers, test prints, settings
                return min(2 + 9, command.size)
            case b"L":
                return min(2 + _GRAPHICS_HEAD, command.size)
            case _:
                return 2 + 3
    return command.size


def _text(data: bytes) -> bytes:
    if len(data) == 2:
        return b"\xa1\xf5"  # a square in GBK
    return b"0" if data.isdigit() else data if data == b" " else b"x"
