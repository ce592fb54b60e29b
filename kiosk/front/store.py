"""The one way into the front's ledger: reads, and commits of checked moves, all in one thread over one connection.

A commit is a list of `New`, `Move` and `Note`; each changes a row by compare-and-set on id, version and state and adds one event to the
hashed chain, all or none. What was committed survives a power cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from kiosk.front.database import Database
from kiosk.front.schema import TABLES, event
from kiosk.front.statements import FrontStatements
from kiosk.front.states import Kind, check_move
from kiosk.ledger.statements import Wanted
from kiosk.ledger.states import Stale
from kiosk.ledger.store import chain
from kiosk.ledger.worker import Worker
from kiosk.ports.clock import Clock

T = TypeVar("T")
_FIXED = frozenset({"id", "trade_id", "device", "state", "version", "created_at", "moved_at"})


class Exists(Exception):
    """There is a record under this key already."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it was read. `data` holds the columns the kind has besides these."""

    kind: Kind
    id: str
    device: str
    state: str
    version: int
    created_at: str
    moved_at: str
    data: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, column: str) -> Any:
        return self.data[column]


@dataclass(frozen=True, slots=True)
class New:
    kind: Kind
    id: str
    device: str
    state: str
    why: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Move:
    """Take `record` from the state it was read in to `state`. `why`: a short technical word, no personal data."""

    record: Record
    state: str
    why: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """Write columns of a record that stays in its state."""

    record: Record
    why: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


Change = New | Move | Note
CommitHook = Callable[[Literal["before", "after"], tuple[Change, ...]], None]


class Store:
    """Call `open` first. A `guest` works beside a front that runs. `on_commit` is told of every list of changes, right before and right
    after it is durable, in the ledger's thread: crash tests stop the process there."""

    def __init__(self, url: str, clock: Clock, *, guest: bool = False, on_commit: CommitHook | None = None) -> None:
        self._database = Database(url, guest=guest)
        self._clock = clock
        self._on_commit = on_commit
        self._thread = Worker("front-ledger")

    async def open(self) -> None:
        """Connect, migrate, check. Raises LedgerError with a sentence."""
        try:
            await self._in_thread(self._database.open)
        except BaseException:
            self._thread.stop()
            raise

    async def close(self) -> None:
        await self._in_thread(self._database.close)
        self._thread.stop()

    async def commit(self, *changes: Change) -> tuple[Record, ...]:
        """Write all changes in one transaction and return the new rows.

        Raises Exists, IllegalMove (a bug), Stale (another hand moved a record first), LedgerError (not writable): then nothing
        was written; after a LedgerError that may be unknown, and reading again tells.
        """
        return await self._in_thread(lambda: self._commit(changes))

    async def get(self, kind: Kind, record_id: str) -> Record | None:
        found = await self.find(kind, id=record_id)
        return found[0] if found else None

    async def find(
        self, kind: Kind, states: Iterable[str] | None = None, moved_since: str | None = None, **equal: Any
    ) -> list[Record]:
        """Rows in order of creation, filtered by state, by the time of their last move (ISO) and by equal columns."""
        wanted = Wanted(None if states is None else frozenset(map(str, states)), moved_since, equal)

        def look() -> list[Record]:
            with self._database.reading() as statements:
                return [_record(kind, row) for row in statements.find(kind, wanted)]

        return await self._in_thread(look)

    async def of_device(self, device: str, order_nos: Iterable[str]) -> frozenset[str]:
        """Which of these order numbers are this device's."""
        table, wanted = TABLES[Kind.TRADE], list(order_nos)

        def look() -> frozenset[str]:
            found: set[str] = set()
            with self._database.begin() as connection:
                for start in range(0, len(wanted), 500):
                    some = table.c.id.in_(wanted[start : start + 500])
                    found.update(connection.scalars(sa.select(table.c.id).where(table.c.device == device, some)))
            return frozenset(found)

        return await self._in_thread(look)

    async def on_work_list(self) -> list[Record]:
        """What waits for staff, oldest first of each kind."""
        found: list[Record] = []
        for kind, table in TABLES.items():
            query = sa.select(table).where(table.c.staff.is_not(None)).order_by(table.c.created_at, table.c.id)
            found += await self._records(kind, query)
        return found

    async def events(self) -> list[Mapping[str, Any]]:
        query = sa.select(event).order_by(event.c.seq)
        return await self._in_thread(lambda: [dict(row) for row in self._rows(query)])

    async def use_nonce(self, device: str, value: str, now: int, kept_s: int) -> bool:
        """False when this device used it within the last `kept_s` seconds; durable when this returns. What is older is forgotten."""

        def run() -> bool:
            try:
                with self._database.writing(turn=False) as statements:
                    statements.forget_nonces(now - kept_s)
                    statements.insert_nonce(device, value, now)
            except sa.exc.IntegrityError:
                return False
            return True

        return await self._in_thread(run)

    async def ping(self) -> None:
        """Raises LedgerError when the ledger cannot be used."""
        await self._in_thread(lambda: self._rows(sa.select(sa.literal(1))))

    # Everything below runs in the ledger's thread.

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await self._thread.do(work)

    async def _records(self, kind: Kind, query: sa.Select[Any]) -> list[Record]:
        return await self._in_thread(lambda: [_record(kind, row) for row in self._rows(query)])

    def _rows(self, query: sa.Select[Any]) -> list[dict[Any, Any]]:
        with self._database.begin() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def _commit(self, changes: tuple[Change, ...]) -> tuple[Record, ...]:
        now = self._clock.now().isoformat(timespec="milliseconds")
        try:
            with self._database.writing() as statements:
                previous = statements.last_hash()
                written = []
                for change in changes:
                    record, previous = _write(statements, change, now, previous)
                    written.append(record)
                if self._on_commit is not None:
                    self._on_commit("before", changes)
        except sa.exc.IntegrityError:
            raise Exists(", ".join(change.id for change in changes if isinstance(change, New))) from None
        if self._on_commit is not None:
            self._on_commit("after", changes)
        return tuple(written)


def _write(statements: FrontStatements, change: Change, now: str, previous: str) -> tuple[Record, str]:
    if isinstance(change, New):
        kind, record_id, old, new, version = change.kind, change.id, None, str(change.state), 1
        values = {"created_at": now, "moved_at": now, "tries": 0, **change.data}
        values |= {"id": record_id, "device": change.device, "state": new, "version": 1}
        written = _record(kind, statements.insert(kind, values))
    else:
        was, old, new = change.record, change.record.state, change.record.state
        kind, record_id, version, moved_at = was.kind, was.id, was.version + 1, was.moved_at
        if change.data.keys() & _FIXED:
            raise ValueError(f"{kind} {record_id}: {', '.join(sorted(change.data.keys() & _FIXED))} cannot be written")
        values = {"version": version, **change.data}
        if isinstance(change, Move):
            new, moved_at = str(change.state), now
            check_move(kind, old, new)
            values |= {"state": new, "moved_at": now}
        if not statements.update(kind, record_id, was.version, old, values):
            raise Stale(f"{kind} {record_id} is no longer {old} at version {was.version}")
        data = {**was.data, **statements.as_read(kind, change.data)}
        written = Record(kind, record_id, was.device, new, version, was.created_at, moved_at, data)
    why = change.why[:64]
    digest = chain(previous, kind, record_id, old, new, version, now, why)
    said = {"kind": str(kind), "record": record_id, "old": old, "new": new, "version": version, "at": now}
    statements.insert_event({**said, "why": why, "hash": digest})
    return written, digest


def _record(kind: Kind, row: Mapping[str, Any]) -> Record:
    data = {name: value for name, value in row.items() if name not in _FIXED or name == "trade_id"}
    head = (kind, row["id"], row["device"], row["state"], row["version"], row["created_at"], row["moved_at"])
    return Record(*head, data)
