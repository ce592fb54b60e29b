"""The audit chain: what was done in diagnostics, and by whom, so that nobody can change it afterwards unnoticed.

Each row carries an HMAC-SHA256 over the row before and itself. The key is derived (HKDF, RFC 5869) from the ledger's, so that writing
the file is not enough to chain it anew. The newest row is kept in a file besides (`audit_head`). A row is committed first and the file
follows: after a crash it may be one row behind, never further and never ahead.

A chain that does not fit its file when a row is to be written is not mended: a row `audit_broken` says so for good, and what follows is
chained on. What this cannot find, and the anchor on paper that can, stands in docs/audit.md.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
import structlog

from config.event_tables import AuditEvent, load_events
from kiosk.ledger.audit_head import HeadAltered, HeadFile, Mark
from kiosk.ledger.audit_rows import BROKEN, Chain, Raw, Walk, insert, misfit, read, read_anchor, text_as_it_is
from kiosk.ledger.store import LedgerError, Store
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)

MACHINE, UNKNOWN = "kiosk", "unknown"
"""`who` for what the machine did by itself, and for somebody whose code it does not know."""
_WHO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}")
_WORD = re.compile(r"[A-Za-z0-9_.:+/@%-]{0,80}")
_FIGURES = re.compile(r"\d{7,}[Xx]?")
_LONGEST_TEXT = 120
_HIGHEST = 2**53
_TRIES = 3
"""Rows until one fits: the first may be the one that says that the chain is broken, a second such one another hand's doing."""
_CHUNK = 500
"""Rows checked in one transaction: the ledger's other work comes in between."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as people read it."""

    seq: int
    at: str
    who: str
    what: str
    detail: Mapping[str, Any]
    event: AuditEvent | None = field(repr=False)
    """None: not in this version's catalogue."""

    def say(self, language: Literal["en", "zh"] = "en") -> str:
        return self.event.say(self.detail, language) if self.event else self.what


class Audit:
    def __init__(
        self, store: Store, clock: Clock, key: bytes, head: Path, events: Mapping[str, AuditEvent] | None = None
    ) -> None:
        """`key` is the ledger's (32 bytes); `head` the file of `audit_head.head_file`. Raises TablesError for a broken catalogue."""
        self._store = store
        self._clock = clock
        self._key = _derived(key, b"onetrip audit chain 1")
        self._head = HeadFile(head, _derived(key, b"onetrip audit head 1"))
        self._events = load_events() if events is None else events
        self._one_by_one = asyncio.Lock()

    async def write(self, who: str, what: str, /, **detail: Any) -> int:
        """Append a row and return its number; it is durable then. Write before you act: what cannot be recorded is not done.

        Raises ValueError for what is not in the catalogue, LedgerError where it cannot be written.
        """
        said = self._checked(who, what, detail)
        async with self._one_by_one:
            for _ in range(_TRIES):
                new, trouble = await self._write(who, what, said)
                if not trouble:
                    return new.seq
                log.critical("audit_chain_broken", trouble=trouble, record=new.seq)
        raise LedgerError("The audit chain cannot be continued: what is written into it does not stay there.")

    async def rows(self, before: int | None = None, limit: int = 50) -> list[Entry]:
        """The newest `limit` rows, or those older than row `before`; newest first. They are not verified."""
        older = _HIGHEST if before is None else before

        def look(connection: sa.Connection) -> list[Entry]:
            with text_as_it_is(connection):
                found = read(connection, "WHERE seq < :older ORDER BY seq DESC LIMIT :limit", older=older, limit=limit)
            return [self._entry(row) for row in found]

        return await self._store.work(look)

    async def anchor(self) -> str:
        """The newest row in few characters, to be put on paper; "" where there is none. Not verified."""

        def look(connection: sa.Connection) -> str:
            with text_as_it_is(connection):
                return next((row.anchor for row in read(connection, "ORDER BY seq DESC LIMIT 1")), "")

        return await self._store.work(look)

    async def verify(self, anchor: str = "") -> Chain:
        """Check every row, in the order written, against its hash, and the end against the head file; and that the row of an `anchor`
        from paper is still the same. Raises ValueError for an anchor that is none, LedgerError for a file that cannot be read."""
        walk = Walk(self._key, read_anchor(anchor))
        while not (ended := await self._store.work(lambda connection: self._step(connection, walk))):
            continue
        return ended[0]

    async def _write(self, who: str, what: str, detail: str) -> tuple[Mark, str]:
        at = self._clock.now().isoformat(timespec="milliseconds")
        new, trouble = await self._store.work(lambda connection: self._append(connection, at, who, what, detail))
        await asyncio.get_running_loop().run_in_executor(None, self._advance, new)
        return new, trouble

    def _checked(self, who: str, what: str, detail: Mapping[str, Any]) -> str:
        """The detail as canonical text. Raises ValueError."""
        if not _WHO.fullmatch(who):
            raise ValueError("who is not the code of a staff pass, `kiosk` or `unknown`")
        event = self._events.get(what)
        if event is None or what == BROKEN:
            raise ValueError(f"{what!r} is not in the catalogue of audit events")
        if other := detail.keys() - event.fields.keys():
            raise ValueError(f"{what}: {', '.join(sorted(other))} may not stand in it")
        return canonical({name: _value(what, name, event.fields[name], value) for name, value in detail.items()})

    def _entry(self, row: Raw) -> Entry:
        try:
            detail = json.loads(row.detail) if isinstance(row.detail, str) else None
        except (ValueError, RecursionError):
            detail = None
        at, who, what = (str(value).encode(errors="replace").decode() for value in (row.at, row.who, row.what))
        return Entry(row.number, at, who, what, detail if isinstance(detail, dict) else {}, self._events.get(what))

    # In the ledger's thread.

    def _append(self, connection: sa.Connection, at: str, who: str, what: str, detail: str) -> tuple[Mark, str]:
        """Insert the row; or, where chain and file do not fit, one that says so, and why."""
        with text_as_it_is(connection):
            last, previous = [*read(connection, "ORDER BY seq DESC LIMIT 2"), None, None][:2]
        mark, trouble = self._mark()
        trouble = trouble or misfit(self._key, mark, last, previous)
        table_seq, file_seq = last.number if last else 0, mark.seq if mark else 0
        if table_seq >= _HIGHEST or (last is not None and type(last.seq) is not int):
            raise LedgerError("The audit chain cannot be continued: its newest row has an impossible number.")
        if trouble:
            detail = canonical({"trouble": trouble, "table_seq": table_seq, "file_seq": file_seq})
            who, what = MACHINE, BROKEN
        elif mark is None:
            self._advance(Mark(0, ""))  # before the first row: rows without a file are always a finding
        elif last is not None and file_seq < table_seq:
            # The process was stopped between a row and the file: without this, a second such stop would look like tampering.
            self._advance(Mark(table_seq, last.hash))
        before = last.hash if last and isinstance(last.hash, str) else ""
        row = Raw(max(table_seq, file_seq) + 1, at, who, what, detail, "")
        row = replace(row, hash=row.digest(self._key, before))
        insert(connection, row)
        return Mark(row.number, row.hash), trouble

    def _mark(self) -> tuple[Mark | None, str]:
        """What the head file says, or the word for what is wrong with it."""
        try:
            return self._head.read(), ""
        except HeadAltered:
            return None, "head_altered"
        except OSError as error:
            raise LedgerError(f"The audit chain's head file cannot be read: {error.strerror}.") from None

    def _advance(self, mark: Mark) -> None:
        try:
            self._head.advance(mark)
        except OSError as error:
            raise LedgerError(f"The audit chain's head file cannot be written: {error.strerror}.") from None

    def _step(self, connection: sa.Connection, walk: Walk) -> tuple[Chain] | None:
        """Some rows further; the verdict at the end, where table and file are looked at in one transaction."""
        if not sa.inspect(connection).has_table("audit"):
            return (walk.gone(),)
        with text_as_it_is(connection):
            if walk.take(connection, _CHUNK):
                return None
            mark, trouble = self._mark()
            return (walk.end(connection, mark, altered=bool(trouble)),)


def canonical(detail: Mapping[str, Any]) -> str:
    """One text for equal details: keys in order, no blanks, characters as they are."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _value(what: str, name: str, kind: str, value: Any) -> Any:
    """Raises ValueError, without quoting the value."""
    fits = {
        "number": isinstance(value, (bool, int, float)),
        "word": isinstance(value, str) and bool(_WORD.fullmatch(value)),
        "text": isinstance(value, str),
    }[kind]
    if not fits:
        raise ValueError(f"{what}: {name} is no {kind}")
    if kind == "text":
        # What people type may hold what it should not; a telephone or ID number is the likeliest.
        printable = "".join(letter if letter.isprintable() else " " for letter in value)
        return _FIGURES.sub("…", " ".join(printable.split()))[:_LONGEST_TEXT]
    return str(value) if kind == "word" else value


def _derived(key: bytes, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, None, purpose).derive(key)


__all__ = ["MACHINE", "UNKNOWN", "Audit", "Chain", "Entry", "canonical"]
