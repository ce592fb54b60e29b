"""The one way into the ledger's database: reads, and commits of checked moves.

One connection, owned by one thread; SQLite in WAL mode with synchronous=FULL, so that what was committed survives a power
cut. Every commit is a list of `New`, `Move`, `Note` and `Hold`; what changes is written with its event, all or none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from kiosk.ledger.changes import Change, Hold, Move, New, Note, Record, chain, record_of, write
from kiosk.ledger.schema import TABLES, event
from kiosk.ledger.statements import Statements, Wanted
from kiosk.ledger.states import Kind, LedgerError
from kiosk.ledger.transaction import Bare, Direct, Ordinary, Way, on_sqlite
from kiosk.ledger.upgrade import upgrade
from kiosk.ledger.worker import Worker
from kiosk.ports.clock import Clock

__all__ = ["Change", "CommitHook", "Hold", "LedgerError", "Move", "New", "Note", "Record", "Store", "chain"]

T = TypeVar("T")
_OWNER = {kind: "id" if kind is Kind.ORDER else "order_id" for kind in Kind}
MIGRATIONS = Path(__file__).parent / "migrations"
TOGETHER = 32
"""So many commits that wait for the disk at the same moment are made durable by one transaction."""


@dataclass(slots=True)
class _Asked:
    """A commit that waits for its turn. `off`: whoever asked waits no more."""

    changes: tuple[Change, ...]
    written: tuple[Record, ...] | None = None
    error: BaseException | None = None
    off: bool = False


CommitHook = Callable[[Literal["before", "after"], tuple[Change, ...]], None]


class Store:
    """Call `open` first. `on_commit` is told of every list of changes, right before and right after it is durable, in the
    ledger's thread: crash tests stop the process there."""

    def __init__(self, url: str, clock: Clock, on_commit: CommitHook | None = None) -> None:
        self._url = url
        self._clock = clock
        self._on_commit = on_commit
        self._thread = Worker("ledger")
        self._waiting: deque[_Asked] = deque()
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._statements: Statements | None = None
        self._writing: Way = Ordinary
        self._reading: Way = Ordinary
        self._newest: tuple[int | None, str] = None, ""
        """The hash of the newest event, as long as nobody else has written since (`Statements.others`)."""

    async def open(self) -> None:
        """Connect, migrate, check. Raises LedgerError (not writable, newer schema, damaged)."""
        await self._in_thread(self._open)

    async def close(self) -> None:
        await self._in_thread(self._close)
        self._thread.stop()

    async def commit(self, *changes: Change) -> tuple[Record, ...]:
        """Write all changes in one transaction and return the new rows; they are durable when this returns.

        Commits that wait at the same moment share one transaction and one wait for the disk; each is still all or nothing.
        Raises IllegalMove (a bug), Stale (another hand moved a record first), LedgerError (disk full, not writable): then
        nothing was written. Cancelled before its turn it is not begun; cancelled later, it may be written all the same.
        """
        asked = _Asked(changes)
        self._waiting.append(asked)
        try:
            return await self._in_thread(partial(self._turn, asked))
        finally:
            asked.off = True

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

    async def of_order(self, order_id: str, *kinds: Kind) -> dict[Kind, list[Record]]:
        """Its records of these kinds (of ORDER, itself), each in order of creation; nothing is written between two of the readings."""

        def read() -> dict[Kind, list[Record]]:
            return {kind: self._find(kind, Wanted(None, None, {_OWNER[kind]: order_id})) for kind in kinds}

        return await self._in_thread(read)

    async def newest(self, kind: Kind) -> Record | None:
        table = TABLES[kind]
        query = sa.select(table).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(1)
        return await self._in_thread(lambda: next((record_of(kind, row) for row in self._rows(query)), None))

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
                return [record_of(kind, row) for row in self._ready(connection).find(kind, wanted)]
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
                on_sqlite(self._engine)
            self._connection = self._engine.connect()
            upgrade(self._connection, MIGRATIONS, "The ledger")
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

    def _turn(self, asked: _Asked) -> tuple[Record, ...]:
        """What became of this commit; where it was not written with an earlier one, it is now, with those that wait behind it."""
        while asked.written is None and asked.error is None:
            group = [first for first in self._next() if not first.off or first is asked]
            self._write(group)
        if asked.error is not None:
            error, asked.error = asked.error, None
            raise error
        return asked.written or ()

    def _next(self) -> list[_Asked]:
        return [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]

    def _write(self, group: list[_Asked]) -> None:
        """All of them in one transaction. One that cannot be written is left out, and the others are written without it; where the
        COMMIT itself fails, each has another of its own."""
        while group:
            at_fault: _Asked | None = None
            now = self._clock.now().isoformat(timespec="milliseconds")
            try:
                with self._begin(self._writing) as connection:
                    statements = self._ready(connection)
                    others, previous = self._newest_hash(statements)
                    for at_fault in group:
                        at_fault.written, previous = _written(statements, at_fault.changes, now, previous)
                    if self._on_commit is not None:
                        for at_fault in group:
                            self._on_commit("before", at_fault.changes)
                    at_fault = None
                self._newest = others, previous
            except BaseException as error:  # noqa: BLE001  # it belongs to whoever asked for it
                self._newest = None, ""
                for asked in group:
                    asked.written = None
                if at_fault is None and len(group) > 1:
                    for asked in group:
                        self._write([asked])
                    return
                at_fault = at_fault or group[0]
                at_fault.error = _told(error)
                group = [asked for asked in group if asked is not at_fault]
                continue
            self._after(group)
            return

    def _newest_hash(self, statements: Statements) -> tuple[int | None, str]:
        """Within the transaction that will write behind it."""
        others = statements.others()
        if others is not None and others == self._newest[0]:
            return self._newest
        return others, statements.last_hash()

    def _after(self, group: list[_Asked]) -> None:
        if self._on_commit is None:
            return
        for asked in group:
            try:
                self._on_commit("after", asked.changes)
            except BaseException as error:  # noqa: BLE001  # as above
                asked.error = error


def _written(
    statements: Statements, changes: tuple[Change, ...], now: str, previous: str
) -> tuple[tuple[Record, ...], str]:
    rows = []
    for change in changes:
        row, previous = write(statements, change, now, previous)
        rows.append(row)
    return tuple(rows), previous


def _told(error: BaseException) -> BaseException:
    """As `commit` raises it. Two records under one key are a bug, not the disk's fault."""
    if isinstance(error, sa.exc.DatabaseError) and not isinstance(error, sa.exc.IntegrityError):
        told = LedgerError(f"The ledger cannot be written: {error.orig}.")
        told.__suppress_context__ = True
        return told
    return error
