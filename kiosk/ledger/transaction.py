"""One transaction on a ledger's connection: commits at the end, rolls back on any exception; and how SQLite is set up for it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

_SQLITE = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "temp_store=MEMORY",
    "mmap_size=0",
    "trusted_schema=OFF",
    "cell_size_check=ON",
)


def on_sqlite(engine: sa.Engine) -> None:
    """Set up for money: what was committed survives a power cut, and every transaction takes the writer's lock at its beginning."""
    sa.event.listen(engine, "connect", _settings)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))


def _settings(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN IMMEDIATE stands instead of the driver's own BEGIN
    for pragma in _SQLITE:
        connection.execute(f"PRAGMA {pragma}")


class Ordinary:
    """By SQLAlchemy, for any database and any statement."""

    def __init__(self, connection: sa.Connection) -> None:
        self._transaction = connection.begin()
        self._connection = connection

    def __enter__(self) -> sa.Connection:
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._transaction.rollback()
            return
        try:
            self._transaction.commit()
        except BaseException:
            # A COMMIT that failed may leave the transaction standing, and SQLAlchemy then takes it for ended: both must know, or
            # no other could begin.
            self._transaction.rollback()
            self._connection.connection.rollback()
            raise


class Direct:
    """On SQLite's own connection, for statements that are run there too (`statements`): what SQLAlchemy does around a BEGIN and a COMMIT
    takes as long as all the statements between them. Raises what SQLAlchemy would raise."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._raw: Any = connection.connection.driver_connection

    def __enter__(self) -> sa.Connection:
        self._run("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._raw.rollback()
            return
        try:
            self._run("COMMIT")
        except BaseException:
            # A COMMIT that failed may leave the transaction standing, and no other could begin.
            self._raw.rollback()
            raise

    def _run(self, statement: str) -> None:
        try:
            self._raw.execute(statement)
        except self._connection.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            raise sa.exc.DBAPIError.instance(
                statement,
                None,
                error,
                self._connection.dialect.dbapi.Error,  # type: ignore[union-attr]
                hide_parameters=True,
                dialect=self._connection.dialect,
            ) from None


class Bare:
    """None at all, for one statement that reads: SQLite gives every statement a transaction of its own, and the writer's lock is not
    taken for it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sa.Connection:
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        return


Way = type[Ordinary] | type[Direct] | type[Bare]
