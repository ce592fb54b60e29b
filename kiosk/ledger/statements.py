"""The few statements of a commit, compiled once each and run on the driver's own cursor.

Building and compiling them anew for every commit takes several times as long as the disk. The text, the parameter style and
the types are SQLAlchemy's, so that every database it knows is served alike; its errors are raised as well.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine.default import StrCompileDialect
from sqlalchemy.sql.compiler import SQLCompiler

from kiosk.ledger.schema import TABLES, event

_LAST_HASH = sa.select(event.c.hash).order_by(event.c.seq.desc()).limit(1)


class Statements:
    """For one connection; only from the thread that owns it. Raises what SQLAlchemy would raise."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._error: type[Exception] = cast(Any, self._dialect.dbapi).Error
        self._known: dict[Hashable, _Statement] = {}

    def last_hash(self) -> str:
        """The hash of the newest event; empty before the first one."""
        rows, _ = self._run("last", lambda: _LAST_HASH, {})
        return str(rows[0]["hash"]) if rows else ""

    def insert(self, kind: str, values: Mapping[str, Any]) -> None:
        table = TABLES[kind]
        self._run(("insert", kind, *values), lambda: _insert(table, values), values)

    def insert_event(self, values: Mapping[str, Any]) -> None:
        self._run("event", lambda: _insert(event, values), values)

    def update(self, kind: str, record_id: str, version: int, state: str, values: Mapping[str, Any]) -> int:
        """Set `values` where the row still is in this version and state; how many rows that were (0 or 1)."""
        table = TABLES[kind]
        found = {"where_id": record_id, "where_version": version, "where_state": state}
        _, count = self._run(("update", kind, *values), lambda: _update(table, values), {**values, **found})
        return count

    def row(self, kind: str, record_id: str) -> dict[str, Any]:
        table = TABLES[kind]
        rows, _ = self._run(("row", kind), lambda: _row(table), {"where_id": record_id})
        return rows[0]

    def _run(
        self, key: Hashable, build: Callable[[], sa.Executable], values: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], int]:
        statement = self._known.get(key)
        if statement is None:
            statement = self._known[key] = _Statement(build(), self._dialect)
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(statement.text, statement.parameters(values))
            rows = statement.rows(cursor) if statement.reads else []
            return rows, cursor.rowcount
        except self._error as error:
            raise sa.exc.DBAPIError.instance(
                statement.text, None, error, self._error, hide_parameters=True, dialect=self._dialect
            ) from None
        finally:
            cursor.close()


class _Statement:
    """A compiled statement with what its values and results go through."""

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect) -> None:
        compiled = cast(
            SQLCompiler, cast(sa.ClauseElement, statement).compile(dialect=cast(StrCompileDialect, dialect))
        )
        self.text = str(compiled)
        self._compiled = compiled
        self._order = compiled.positiontup
        self._constants = compiled.construct_params({}, _check=False)
        binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._outward = {name: process for name, process in binds.items() if process is not None}
        columns = statement.selected_columns if isinstance(statement, sa.Select) else ()
        self.reads = isinstance(statement, sa.Select)
        self._inward = [
            (column.name, column.type.dialect_impl(dialect).result_processor(dialect, None)) for column in columns
        ]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        given = {**self._constants, **values}
        for name, process in self._outward.items():
            given[name] = process(given[name])
        return given if self._order is None else [given[name] for name in self._order]

    def rows(self, cursor: Any) -> list[dict[str, Any]]:
        return [
            {
                name: value if process is None else process(value)
                for (name, process), value in zip(self._inward, row, strict=True)
            }
            for row in cursor.fetchall()
        ]


def _insert(table: sa.Table, values: Mapping[str, Any]) -> sa.Executable:
    return sa.insert(table).values({name: sa.bindparam(name, type_=table.c[name].type) for name in values})


def _update(table: sa.Table, values: Mapping[str, Any]) -> sa.Executable:
    return (
        sa.update(table)
        .where(
            table.c.id == sa.bindparam("where_id"),
            table.c.version == sa.bindparam("where_version"),
            table.c.state == sa.bindparam("where_state"),
        )
        .values({name: sa.bindparam(name, type_=table.c[name].type) for name in values})
    )


def _row(table: sa.Table) -> sa.Executable:
    return sa.select(table).where(table.c.id == sa.bindparam("where_id"))
