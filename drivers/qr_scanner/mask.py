"""What of a scan engine's line is personal: every code. Commands and their answers are not.

A code becomes another one of the same length, in plain letters; the same code again within one recording becomes the same again, because
drivers tell a repetition by that. What ends a code (CR, LF, ETX) and the AIM identifier before it stay.
"""

from __future__ import annotations

import hashlib
import os
import re

from drivers.qr_scanner.dialects import Honeywell, Language, Newland
from drivers.transport.tape import Piece

_END = re.compile(rb"(?<!\x16M)\r|[\n\x03]")
"""Not the CR inside the head of a menu command, which some engines repeat."""
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")
_LONGEST = 64 * 1024
"""A code without an end that is longer than this is hidden."""
_REMEMBERED = 4096
"""Bytes of the driver's commands in which an answer's echo is looked for."""


class EngineMasker:
    """Implements `drivers.transport.tape.Masker`, for every dialect."""

    name = "qr_scanner"

    def __init__(self) -> None:
        self._said = b""
        self._came = bytearray()
        self._key = os.urandom(16)  # nobody can find out from the tape which code stood behind which
        self._numbers: dict[bytes, int] = {}
        self._languages: tuple[Language, ...] = (Newland(), Honeywell())

    def sent(self, data: bytes) -> list[Piece]:
        self._said = (self._said + data)[-_REMEMBERED:]
        return [Piece(data)]

    def came(self, data: bytes) -> list[Piece]:
        self._came += data
        pieces: list[Piece] = []
        while self._came:
            end = _END.search(self._came)
            reply = self._reply()
            if reply is not None and (end is None or reply[0] <= end.start()):
                pieces += self._code(self._take(reply[0]))
                pieces.append(Piece(self._take(reply[1] - reply[0])))
            elif end is not None:
                pieces += self._code(self._take(end.start()))
                pieces.append(Piece(self._take(end.end() - end.start())))
            else:
                break
        if len(self._came) > _LONGEST:
            pieces.append(Piece.hidden(len(self._take(len(self._came)))))
        return pieces

    def end(self) -> tuple[list[Piece], list[Piece]]:
        return [], self._code(self._take(len(self._came)))

    def _reply(self) -> tuple[int, int] | None:
        """Where the first answer to something the driver has said stands."""
        data, found = bytes(self._came), None
        for language in self._languages:
            before, reply, after = language.split_reply(data, anywhere=True)
            if reply is not None and reply.command[:6] in self._said:
                at = (len(before), len(data) - len(after))
                found = at if found is None else min(found, at)
        return found

    def _code(self, code: bytes) -> list[Piece]:
        if not code:
            return []
        aim = _AIM.match(code)
        kept = aim.group() if aim is not None else b""
        rest = code[len(kept) :]
        stand_in = Piece.synthetic(self._stand_in(rest)) if rest else None
        return [each for each in (Piece(kept) if kept else None, stand_in) if each is not None]

    def _stand_in(self, code: bytes) -> bytes:
        digest = hashlib.blake2b(code, key=self._key, digest_size=16).digest()
        number = self._numbers.setdefault(digest, len(self._numbers) + 1)
        return (b"%d-ONETRIP-" % number * (len(code) // 10 + 1))[: len(code)]

    def _take(self, size: int) -> bytes:
        data = bytes(self._came[:size])
        del self._came[:size]
        return data
