"""How scan engines are told what to do, and how they answer. Pure bytes; nothing here waits.

plain      no commands: the engine scans by itself or by its own button
newland    Newland UCS serial commands: 7E 01 "0000" "#" CMD ";" 03, answered by 02 01 "0000" "#" CMD 06|15|05 ";" 03
           (ACK, NAK: not done, ENQ: not known). They answer "?" by "!" too, which is not used here: a lone "!" cannot
           be told from the beginning of a code
honeywell  16 54 0D starts and 16 55 0D stops a scan, unanswered; 16 4D 0D + command + "." is answered by the command
           and 06|15|05 before its "."
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Dialect(StrEnum):
    PLAIN = "plain"
    NEWLAND = "newland"
    HONEYWELL = "honeywell"


class Verdict(StrEnum):
    ACK = "ACK"
    NAK = "NAK"
    ENQ = "ENQ"


VERDICT_BYTES = {0x06: Verdict.ACK, 0x15: Verdict.NAK, 0x05: Verdict.ENQ}
COMMAND_GAP = 0.05
"""Seconds between two commands, by the engines' manuals."""
ANSWER_WITHIN = 5.0
"""Seconds an engine may take to answer, by the engines' manuals."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer found in the stream. `command` is what it echoes."""

    command: bytes
    verdict: Verdict


class Language(Protocol):
    """`start`, `stop` and `ping` are empty where the engine has no such command."""

    dialect: Dialect
    setup: tuple[bytes, ...]
    """Sent once after opening; an engine that does not know one of them is used all the same."""
    start: bytes
    stop: bytes
    ping: bytes
    trigger_answers: bool
    """Whether `start` and `stop` are answered."""

    def split_reply(self, data: bytes, *, anywhere: bool) -> tuple[bytes, Reply | None, bytes]:
        """Find the first answer: (bytes before it, it, bytes after it). None with everything before it if there is none.

        `anywhere` False takes one at the very start only: nothing is awaited, so bytes further in belong to a code.
        """
        ...

    def unfinished_reply(self, data: bytes, *, anywhere: bool) -> int:
        """Where in `data` an answer may begin whose rest has not come yet; len(data) when nowhere."""
        ...

    def is_reply_to(self, command: bytes, reply: Reply) -> bool: ...


class Plain:
    dialect = Dialect.PLAIN
    setup: tuple[bytes, ...] = ()
    start = stop = ping = b""
    trigger_answers = False

    def split_reply(self, data: bytes, *, anywhere: bool) -> tuple[bytes, Reply | None, bytes]:
        return data, None, b""

    def unfinished_reply(self, data: bytes, *, anywhere: bool) -> int:
        return len(data)

    def is_reply_to(self, command: bytes, reply: Reply) -> bool:
        return False


_UCS_HEAD = b"\x02\x010000"
_UCS_REPLY = re.compile(rb"\x02\x010000[@#]([^;\x03]{1,64}?)([\x06\x15\x05])[^;\x03]{0,64};\x03", re.DOTALL)
_UCS_LONGEST = 160


def ucs(command: str, *, permanent: bool = False) -> bytes:
    """A Newland command as it goes over the line. Temporary settings are gone after a power cycle, and spare the flash."""
    return b"\x7e\x010000" + (b"@" if permanent else b"#") + command.encode("ascii") + b";\x03"


class Newland:
    dialect = Dialect.NEWLAND
    setup: tuple[bytes, ...] = (ucs("SCNMOD0"),)  # level mode: the host says when
    start = ucs("SCNTRG1")
    stop = ucs("SCNTRG0")
    ping = ucs("SCNTRG0")  # harmless, and every engine of the family answers it
    trigger_answers = True

    def split_reply(self, data: bytes, *, anywhere: bool) -> tuple[bytes, Reply | None, bytes]:
        found = _UCS_REPLY.search(data) if anywhere else _UCS_REPLY.match(data)
        if found is None:
            return data, None, b""
        reply = Reply(found[1], VERDICT_BYTES[found[2][0]])
        return data[: found.start()], reply, data[found.end() :]

    def unfinished_reply(self, data: bytes, *, anywhere: bool) -> int:
        at = data.rfind(_UCS_HEAD[:1]) if anywhere else 0
        if at < 0:
            return len(data)
        tail = data[at : at + _UCS_LONGEST]
        head = tail[: len(_UCS_HEAD)]
        begun = bool(head) and _UCS_HEAD.startswith(head) and len(tail) < _UCS_LONGEST and b"\x03" not in tail
        return at if begun else len(data)

    def is_reply_to(self, command: bytes, reply: Reply) -> bool:
        return reply.command in command


_MENU_HEAD = b"\x16M\r"
_MENU_REPLY = re.compile(rb"(?:\x16M\r)?([0-9A-Za-z_?^*]{3,40})([\x06\x15\x05])[.!;,]?\r?\n?")

_MENU_BEGUN = re.compile(rb"(?:\x16(?:M\r?)?)?[0-9A-Za-z_?^*]{0,40}$")


def menu(command: str) -> bytes:
    """A Honeywell menu command: `TERMID130` sets, `TERMID?` asks."""
    return _MENU_HEAD + command.encode("ascii") + b"."


class Honeywell:
    dialect = Dialect.HONEYWELL
    setup: tuple[bytes, ...] = ()
    start = b"\x16T\r"
    stop = b"\x16U\r"
    ping = menu("TERMID?")
    trigger_answers = False

    def split_reply(self, data: bytes, *, anywhere: bool) -> tuple[bytes, Reply | None, bytes]:
        found = _MENU_REPLY.search(data) if anywhere else None  # only what was asked for is an answer
        if found is None:
            return data, None, b""
        return data[: found.start()], Reply(found[1], VERDICT_BYTES[found[2][0]]), data[found.end() :]

    def unfinished_reply(self, data: bytes, *, anywhere: bool) -> int:
        found = _MENU_BEGUN.search(data) if anywhere else None
        return len(data) if found is None else found.start()

    def is_reply_to(self, command: bytes, reply: Reply) -> bool:
        return reply.command[:6] in command


def language(dialect: Dialect) -> Language:
    match dialect:
        case Dialect.NEWLAND:
            return Newland()
        case Dialect.HONEYWELL:
            return Honeywell()
        case Dialect.PLAIN:
            return Plain()
