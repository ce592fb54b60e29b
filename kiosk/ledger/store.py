"""The one way into the ledger's database: reads, and commits of checked moves.

One connection, owned by one thread; SQLite in WAL mode with synchronous=FULL, so that what was committed survives a power
cut. Every commit is a list of `New`, `Move`, `Note` and `Hold`; what changes is written with its event, all or none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
import structlog

from kiosk.ledger.schema import TABLES, event
from kiosk.ledger.statements import Statements, Wanted
from kiosk.ledger.states import FIRST, Kind, Stale, check_birth, check_move
from kiosk.ledger.transaction import Bare, Direct, Ordinary, Way
from kiosk.ledger.worker import Worker
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)
T = TypeVar("T")
_CANONICAL = json.JSONEncoder(ensure_ascii=False).encode
_FIXED = frozenset({"id", "order_id", "state", "version", "created_at", "moved_at"})


class LedgerError(Exception):
    """The database cannot be used; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it was read. `data` holds the columns the kind has besides these."""

    kind: Kind
    id: str
    order_id: str
    """Empty for a permit that belongs to no order yet, and for the slip about it."""
    state: str
    version: int
    created_at: str
    moved_at: str
    data: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, column: str) -> Any:
        return self.data[column]


@dataclass(frozen=True, slots=True)
class New:
    """Write a record in its first state, or in another one that it may begin in (`states.BIRTHS`)."""

    kind: Kind
    id: str
    order_id: str
    why: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    state: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Take `record` from the state it was read in to `state`. `why` is a short technical word for the event, no personal data."""

    record: Record
    state: str
    why: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """Write columns of a record that stays in its state. It gets a new version and an event as any move does."""

    record: Record
    why: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing about `record` changes, but the commit is only good while it is as it was read; Stale otherwise."""

    record: Record


Change = New | Move | Note | Hold
CommitHook = Callable[[Literal["before", "after"], tuple[Change, ...]], None]


class Store:
    """Call `open` first. `on_commit` is told of every list of changes, right before and right after it is durable, in the
    ledger's thread: crash tests stop the process there."""

    def __init__(self, url: str, clock: Clock, on_commit: CommitHook | None = None) -> None:
        self._url = url
        self._clock = clock
        self._on_commit = on_commit
        self._thread = Worker("ledger")
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._statements: Statements | None = None
        self._writing: Way = Ordinary
        self._reading: Way = Ordinary

    async def open(self) -> None:
        """Connect, migrate, check. Raises LedgerError (not writable, newer schema, damaged)."""
        await self._in_thread(self._open)

    async def close(self) -> None:
        await self._in_thread(self._close)
        self._thread.stop()

    async def commit(self, *changes: Change) -> tuple[Record, ...]:
        """Write all changes in one transaction and return the new rows.

        Raises IllegalMove (a bug), Stale (another hand moved a record first), LedgerError (disk full, not writable): then
        nothing was written.
        """
        return await self._in_thread(lambda: self._commit(changes))

    async def get(self, kind: Kind, record_id: str) -> Record:
        """Raises KeyError."""
        found = await self.find(kind, id=record_id)
        if not found:
            raise KeyError(f"{kind} {record_id}")
        return found[0]

    async def find(
        self, kind: Kind, states: Iterable[str] | None = None, moved_since: str | None = None, **equal: Any
    ) -> list[Record]:
        """Rows in order of creation, filtered by state, by the time of their last move (ISO) and by equal columns; a set of values
        takes any of them."""
        wanted = None if states is None else frozenset(map(str, states))
        return await self._in_thread(lambda: self._find(kind, Wanted(wanted, moved_since, equal)))

    async def newest(self, kind: Kind) -> Record | None:
        table = TABLES[kind]
        query = sa.select(table).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(1)
        return await self._in_thread(lambda: next((_record(kind, row) for row in self._rows(query)), None))

    async def events(self, record_id: str | None = None) -> list[Mapping[str, Any]]:
        query = sa.select(event).order_by(event.c.seq)
        if record_id is not None:
            query = query.where(event.c.record == record_id)
        return await self._in_thread(lambda: [dict(row) for row in self._rows(query)])

    async def count(self, kind: Kind, since: str) -> int:
        """How many records of this kind were created at or after `since` (ISO time)."""
        table = TABLES[kind]
        query = sa.select(sa.func.count().label("n")).where(table.c.created_at >= since)
        return await self._in_thread(lambda: int(self._rows(query)[0]["n"]))

    async def work(self, work: Callable[[sa.Connection], T]) -> T:
        """Something else in the same file, in one transaction: the audit chain, the devices' logbook. `work` runs in the ledger's thread.

        Raises LedgerError; whatever `work` raises rolls back.
        """

        def run() -> T:
            try:
                with self._begin() as connection:
                    return work(connection)
            except sa.exc.DatabaseError as error:
                raise LedgerError(f"The ledger cannot be used: {error.orig}.") from None

        return await self._in_thread(run)

    # Everything below runs in the ledger's thread.

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await self._thread.do(work)

    def _find(self, kind: Kind, wanted: Wanted) -> list[Record]:
        try:
            with self._begin(self._reading) as connection:
                return [_record(kind, row) for row in self._ready(connection).find(kind, wanted)]
        except sa.exc.DatabaseError as error:
            raise LedgerError(f"The ledger cannot be read: {error.orig}.") from None

    def _ready(self, connection: sa.Connection) -> Statements:
        if self._statements is None:
            self._statements = Statements(connection)
        return self._statements

    def _rows(self, query: sa.Select[Any]) -> list[dict[Any, Any]]:
        try:
            with self._begin() as connection:
                return [dict(row._mapping) for row in connection.execute(query)]
        except sa.exc.DatabaseError as error:
            raise LedgerError(f"The ledger cannot be read: {error.orig}.") from None

    def _begin(self, way: Way = Ordinary) -> Ordinary | Direct | Bare:
        if self._connection is None:
            raise LedgerError("The ledger is not open.")
        return way(self._connection)

    def _open(self) -> None:
        try:
            url = sa.make_url(self._url)
            if url.get_backend_name() == "sqlite":
                if url.database in (None, "", ":memory:"):
                    raise LedgerError(
                        "The ledger's address names no file; it should look like sqlite:////var/lib/ledger.db."
                    )
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            # Values never stand in an error's text: they are citizens' data.
            self._engine = sa.create_engine(url, poolclass=sa.StaticPool, hide_parameters=True)
            if self._engine.dialect.name == "sqlite":
                self._writing, self._reading = Direct, Bare
                sa.event.listen(self._engine, "connect", _sqlite_settings)
                sa.event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
            self._connection = self._engine.connect()
            _migrate(self._connection)
            if self._engine.dialect.name == "sqlite":
                with self._begin() as connection:
                    verdict = connection.exec_driver_sql("PRAGMA quick_check").scalar()
                if verdict != "ok":
                    raise LedgerError("The ledger file is damaged; stop taking money and restore it from the backup.")
        except sa.exc.ArgumentError:
            raise LedgerError(
                "The ledger's address is none; it should look like sqlite:////var/lib/ledger.db."
            ) from None
        except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
            self._close()
            cause = getattr(error, "orig", None) or error
            raise LedgerError(f"The ledger cannot be opened: {cause}.") from None
        except LedgerError:
            self._close()
            raise

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = self._statements = None
        if self._engine is not None:
            self._engine.dispose()

    def _commit(self, changes: tuple[Change, ...]) -> tuple[Record, ...]:
        now = self._clock.now().isoformat(timespec="milliseconds")
        try:
            with self._begin(self._writing) as connection:
                statements = self._ready(connection)
                previous = statements.last_hash()
                written = []
                for change in changes:
                    record, previous = _write(statements, change, now, previous)
                    written.append(record)
                if self._on_commit is not None:
                    self._on_commit("before", changes)
        except sa.exc.IntegrityError:
            raise  # two records under one key: a bug, not the disk's fault
        except sa.exc.DatabaseError as error:
            raise LedgerError(f"The ledger cannot be written: {error.orig}.") from None
        if self._on_commit is not None:
            self._on_commit("after", changes)
        return tuple(written)


def _write(statements: Statements, change: Change, now: str, previous: str) -> tuple[Record, str]:
    if isinstance(change, Hold):
        held = change.record
        row = statements.row(held.kind, held.id)
        if (row["version"], row["state"]) != (held.version, held.state):
            raise _stale(held)
        return held, previous
    if isinstance(change, New):
        kind, record_id, old, version = change.kind, change.id, None, 1
        new = change.state or FIRST[kind]
        check_birth(kind, new)
        values = {"id": record_id, "state": new, "version": 1, "created_at": now, "moved_at": now, **change.data}
        if kind is not Kind.ORDER:
            values["order_id"] = change.order_id or None
        row = statements.insert(kind, values)
    else:
        kind, record_id, old = change.record.kind, change.record.id, change.record.state
        version = change.record.version + 1
        if isinstance(change, Move):
            new = change.state
            check_move(kind, old, new)
            values = {"state": new, "version": version, "moved_at": now, **change.data}
        else:
            new = old
            values = {"version": version, **change.data}
        _check_columns(change.record, change.data)
        updated = statements.update(kind, record_id, change.record.version, old, values)
        if updated is None:
            raise _stale(change.record)
        row = updated
    digest = chain(previous, kind, record_id, old, new, version, now, change.why)
    said = {"kind": str(kind), "record": record_id, "old": old, "new": new, "version": version, "at": now}
    statements.insert_event({**said, "why": change.why, "hash": digest})
    return _record(kind, row), digest


def _check_columns(record: Record, data: Mapping[str, Any]) -> None:
    """What makes a record is not written over; only a custody without an order is given one, once. Raises ValueError."""
    loose = {"order_id"} if record.kind is Kind.CUSTODY and not record.order_id else set()
    if data.keys() & (_FIXED - loose):
        raise ValueError(f"{record.kind} {record.id}: {', '.join(sorted(data.keys() & _FIXED))} cannot be written")


def _stale(record: Record) -> Stale:
    return Stale(f"{record.kind} {record.id} is no longer {record.state} at version {record.version}")


def chain(previous: str, kind: str, record: str, old: str | None, new: str, version: int, at: str, why: str) -> str:
    """The hash of one event: over the hash before it and what the event says."""
    said = _CANONICAL([previous, str(kind), record, old, new, version, at, why])
    return hashlib.sha256(said.encode()).hexdigest()


def _record(kind: Kind, row: Mapping[str, Any]) -> Record:
    data = {name: value for name, value in row.items() if name not in _FIXED}
    order_id = row["id"] if kind is Kind.ORDER else row["order_id"] or ""
    return Record(kind, row["id"], order_id, row["state"], row["version"], row["created_at"], row["moved_at"], data)


def _sqlite_settings(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN IMMEDIATE stands instead of the driver's own BEGIN
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "temp_store=MEMORY",
        "mmap_size=0",
        "trusted_schema=OFF",
        "cell_size_check=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(connection: sa.Connection) -> None:
    """Bring the schema to the newest revision; Alembic is imported only when there is something to do."""
    known = sorted(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    with connection.begin():
        found = None
        if sa.inspect(connection).has_table("alembic_version"):
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found == known[-1]:
        return
    if found is not None and found not in known:
        raise LedgerError(
            f"The ledger was written by a newer version of this software (revision {found}, known up to {known[-1]}); "
            "install that version again."
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
    log.info("ledger_migrated", found=found, now=known[-1])


_MIGRATIONS = Path(__file__).parent / "migrations"
