"""The one connection to the front's database: SQLite in a file, or PostgreSQL. Everything here runs in the ledger's thread.

A second front on the same ledger is refused: by a lock on a file beside an SQLite file, by an advisory lock in PostgreSQL; both end
with the process, however it ends. A guest (the command line beside a front that runs) takes its turn with it, commit by commit.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
import structlog

from kiosk.front.statements import FrontStatements
from kiosk.ledger.states import LedgerError
from kiosk.ledger.transaction import Bare, Direct, Ordinary, Way, on_sqlite
from kiosk.ledger.upgrade import revision_of, upgrade

log = structlog.get_logger(__name__)

EXAMPLES = "sqlite:////var/lib/onetrip/front.db or postgresql+psycopg://onetrip@/front?host=/run/postgresql"
_POSTGRESQL = (
    # The server's own setting may be off; what was committed must survive a power cut.
    "SET SESSION synchronous_commit = on",
    "SET SESSION statement_timeout = '30s'",
    "SET SESSION idle_in_transaction_session_timeout = '60s'",
)
LOCK_WAIT_S = 5.0
"""How long a new front waits for the one before it: its server may not have seen yet that it is dead."""
_ADVISORY = 0x4F6E_6554_7269_70
"""The number that fronts on one database agree on."""
_TURN = _ADVISORY + 1
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """`guest`: beside a front that may be running; the ledger must be there, and is neither made nor migrated."""

    def __init__(self, url: str, *, guest: bool = False) -> None:
        self._url = url
        self._guest = guest
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._statements: FrontStatements | None = None
        self._writing: Way = Ordinary
        self._reading: Way = Ordinary
        self._lock: int | None = None

    def open(self) -> None:
        """Raises LedgerError: not to be reached, not writable, in use by another front, damaged, of a newer version."""
        try:
            url = sa.make_url(self._url)
            if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
                raise LedgerError(f"The front's ledger cannot be kept in {url.drivername}; use {EXAMPLES}.")
            sqlite = url.get_backend_name() == "sqlite"
            if sqlite:
                self._take_file(url)
            # Values never stand in an error's text.
            self._engine = sa.create_engine(url, poolclass=sa.StaticPool, hide_parameters=True)
            if sqlite:
                self._writing, self._reading = Direct, Bare
                on_sqlite(self._engine)
            self._connect()
            if sqlite and not self._guest:
                with self.begin() as connection:
                    if connection.exec_driver_sql("PRAGMA quick_check").scalar() != "ok":
                        raise LedgerError("The front's ledger is damaged; stop the front and restore it from a backup.")
        except sa.exc.ArgumentError:
            raise LedgerError(f"The front's ledger has no usable address; it should look like {EXAMPLES}.") from None
        except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
            self.close()
            raise LedgerError(f"The front's ledger cannot be opened: {_cause(error)}.") from None
        except LedgerError:
            self.close()
            raise

    def close(self) -> None:
        """Idempotent."""
        self._drop()
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @contextlib.contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction for anything: committed at the end, rolled back on any exception. A connection that was lost is made again at
        the next call. Raises LedgerError; of a commit whose answer was lost nobody knows, and the rows' versions tell the next reader."""
        with self._within(Ordinary) as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[FrontStatements]:
        """For one statement that reads. Raises as `begin`."""
        with self._within(self._reading) as connection:
            yield self._ready(connection)

    @contextlib.contextmanager
    def writing(self, *, turn: bool = True) -> Iterator[FrontStatements]:
        """A transaction that writes. With its `turn` nobody else's commit comes between its reading and its end. Raises as `begin`, and
        IntegrityError."""
        with self._within(self._writing) as connection:
            if turn and connection.dialect.name == "postgresql":  # SQLite's transactions are all like that
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
            yield self._ready(connection)

    @contextlib.contextmanager
    def _within(self, way: Way) -> Iterator[sa.Connection]:
        try:
            connection = self._connection or self._connect()
            transaction = way(connection)
            transaction.__enter__()
        except sa.exc.SQLAlchemyError as error:
            self._drop()
            raise LedgerError(f"The front's ledger cannot be reached: {_cause(error)}.") from None
        try:
            yield connection
        except sa.exc.IntegrityError as error:
            self._undo(transaction, error)
            raise  # two records under one key: for the caller to understand
        except sa.exc.SQLAlchemyError as error:
            self._undo(transaction, error)
            raise LedgerError(f"The front's ledger cannot be used: {_cause(error)}.") from None
        except BaseException as error:
            self._undo(transaction, error)
            raise
        try:
            transaction.__exit__(None, None, None)
        except sa.exc.SQLAlchemyError as error:
            self._drop()
            raise LedgerError(f"The front's ledger cannot be written: {_cause(error)}.") from None

    def _ready(self, connection: sa.Connection) -> FrontStatements:
        if self._statements is None:
            self._statements = FrontStatements(connection)
        return self._statements

    def _undo(self, transaction: Ordinary | Direct | Bare, error: BaseException) -> None:
        try:
            transaction.__exit__(type(error), error, None)
        except (sa.exc.SQLAlchemyError, sqlite3.Error):
            # The connection is gone, and the transaction with it.
            log.warning("front_ledger_connection_lost")
            self._drop()
            return
        if self._connection is None or self._connection.invalidated:
            self._drop()

    def _drop(self) -> None:
        self._statements = None
        if self._connection is not None:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None

    def _connect(self) -> sa.Connection:
        if self._engine is None:
            raise LedgerError("The front's ledger is not open.")
        connection = self._engine.connect()
        try:
            if connection.dialect.name == "postgresql":
                for statement in _POSTGRESQL:
                    connection.exec_driver_sql(statement)
                if not self._guest:
                    _take_database(connection)
                connection.commit()
            _upgrade(connection, only_look=self._guest)
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        self._connection = connection
        return connection

    def _take_file(self, url: sa.URL) -> None:
        if url.database in (None, "", ":memory:"):
            raise LedgerError(f"The front's ledger names no file; it should look like {EXAMPLES}.")
        assert url.database is not None
        file = Path(url.database)
        if self._guest:
            if not file.exists():
                raise LedgerError(f"There is no ledger at {file}; the front makes it when it first starts.")
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerError("Another payment front uses this ledger; stop it first.") from None


def _take_database(connection: sa.Connection) -> None:
    connection.exec_driver_sql(f"SET SESSION lock_timeout = '{LOCK_WAIT_S * 1000:.0f}ms'")
    try:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_ADVISORY})")
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "55P03":
            raise LedgerError("Another payment front uses this database; stop it first.") from None
        raise


def _upgrade(connection: sa.Connection, *, only_look: bool) -> None:
    if revision_of(connection) is None:
        with connection.begin():
            if sa.inspect(connection).has_table("order"):
                raise LedgerError("This is a kiosk's ledger; the front needs a database of its own.")
    upgrade(
        connection, _MIGRATIONS, "The front's ledger", older="start the front once to bring it up." if only_look else ""
    )


def _cause(error: BaseException) -> str:
    """One line; database drivers add hints and positions on others."""
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
