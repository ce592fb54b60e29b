"""What of this reader's line is personal: every field of CARD. Needed for `kiosk device … --record` only."""

from __future__ import annotations

import re

from acme_reader.protocol import build
from acme_reader.simulator import SAMPLE
from drivers.transport.tape import Piece

_END = b"\n"
_HARMLESS = re.compile(rb"\$(STATUS|READ|NONE|READY,[0-9A-Za-z.-]{0,20})\*[0-9A-F]{2}\r?\n")


class AcmeMasker:
    """Line by line. A line that holds a card becomes one of the same length with nobody in it; one that is not understood is hidden."""

    name = "acme"

    def __init__(self) -> None:
        self._sent = bytearray()
        self._came = bytearray()

    def sent(self, data: bytes) -> list[Piece]:
        self._sent += data
        return _lines(self._sent)

    def came(self, data: bytes) -> list[Piece]:
        self._came += data
        return _lines(self._came)

    def end(self) -> tuple[list[Piece], list[Piece]]:
        return _rest(self._sent), _rest(self._came)


def _lines(buffer: bytearray) -> list[Piece]:
    found = []
    while (end := buffer.find(_END)) >= 0:
        line = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        found.append(Piece(line) if _HARMLESS.fullmatch(line) else _masked(line))
    return found


def _masked(line: bytes) -> Piece:
    short = build("CARD", "X", *SAMPLE[1:3], "", *SAMPLE[4:5], "", *SAMPLE[6:])
    if not line.startswith(b"$CARD,") or len(line) < len(short):
        return Piece.hidden(len(line))
    filler = "X" * (len(line) - len(short))  # the issuer takes up what is left
    return Piece.synthetic(build("CARD", "X", *SAMPLE[1:3], "", *SAMPLE[4:5], filler, *SAMPLE[6:]))


def _rest(buffer: bytearray) -> list[Piece]:
    size = len(buffer)
    buffer.clear()
    return [Piece.hidden(size)] if size else []
