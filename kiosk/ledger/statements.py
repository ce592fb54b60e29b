"""The few statements of a commit, compiled once each and run on the driver's own cursor.

Building and compiling them anew for every commit takes several times as long as the disk. The text, the parameter style and
the types are SQLAlchemy's, so that every database it knows is served alike; its errors are raised as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine.default import StrCompileDialect
from sqlalchemy.sql.compiler import SQLCompiler

from kiosk.ledger.schema import TABLES, event


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are looked for: in any of these states, moved at or after that time (ISO), with these values; a set of values takes
    any of them."""

    states: frozenset[str] | None
    moved_since: str | None
    equal: Mapping[str, Any]

    def shape(self) -> Hashable:
        """What the statement's text depends on: not the values, but how many there are."""
        states = None if self.states is None else len(self.states)
        return states, self.moved_since is None, *((name, _count(value)) for name, value in self.equal.items())

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {f"state_{n}": state for n, state in enumerate(sorted(self.states or ()))}
        found["moved_since"] = self.moved_since
        for name, value in self.equal.items():
            found |= (
                {f"{name}_{n}": each for n, each in enumerate(sorted(value))}
                if isinstance(value, frozenset)
                else {name: value}
            )
        return found


def _count(value: object) -> int | None:
    """Of a set, its size; -1 for one value, None for none."""
    if value is None:
        return None
    return len(value) if isinstance(value, frozenset) else -1


_COMPILED: dict[tuple[type[sa.Dialect], sa.Table], dict[Hashable, _Statement]] = {}
"""By database and ledger (known by the table of its events), for all of its connections in this process."""


class Statements:
    """For one connection; only from the thread that owns it. Raises what SQLAlchemy would raise. `tables` by kind of record, `events`
    with their chain."""

    def __init__(
        self, connection: sa.Connection, tables: Mapping[str, sa.Table] = TABLES, events: sa.Table = event
    ) -> None:
        self._tables, self._events = tables, events
        self._driver: Any = connection.connection.driver_connection
        self._dialect = connection.dialect
        self._error: type[Exception] = cast(Any, self._dialect.dbapi).Error
        self._known = _COMPILED.setdefault((type(connection.dialect), events), {})
        self._columns = {
            kind: {column.name: isinstance(column.type, sa.JSON) for column in table.c}
            for kind, table in tables.items()
        }
        """By kind, its columns, and whether they hold JSON."""

    def last_hash(self) -> str:
        """The hash of the newest event; empty before the first one."""
        newest = self._events.c.seq.desc()
        rows = self._read("last", lambda: sa.select(self._events.c.hash).order_by(newest).limit(1), {})
        return str(rows[0]["hash"]) if rows else ""

    def others(self) -> int | None:
        """A number that is another one once anybody else has written to this file; None where the database cannot tell."""
        if self._dialect.name != "sqlite":
            return None
        return int(self._driver.execute("PRAGMA data_version").fetchone()[0])

    def insert(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The new row as it will be read."""
        table = self._tables[kind]
        self.add(table, values)
        return {**dict.fromkeys(self._columns[kind]), **self.as_read(kind, values)}

    def as_read(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """What reading these columns gives once they are written: a list for a tuple in JSON, a plain word for one of a StrEnum. Asking the
        database for it takes as long as writing it."""
        return {name: _as_read(value, self._columns[kind][name]) for name, value in values.items()}

    def insert_event(self, values: Mapping[str, Any]) -> None:
        self.add(self._events, values)

    def add(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        """A row that nobody reads back. Raises IntegrityError for a key that is there."""
        self._run(("add", table.name, *values), lambda: _insert(table, values), values)

    def run(self, name: str, build: Callable[[], sa.Executable], values: Mapping[str, Any]) -> None:
        """Another statement, of the same text every time."""
        self._run(name, build, values)

    def update(self, kind: str, record_id: str, version: int, state: str, values: Mapping[str, Any]) -> bool:
        """Set `values` where the row still is in this version and state; False where there is no such row."""
        table = self._tables[kind]
        found = {"where_id": record_id, "where_version": version, "where_state": state}
        return self._run(("update", kind, *values), lambda: _update(table, values), {**values, **found})[1] > 0

    def find(self, kind: str, wanted: Wanted) -> list[dict[str, Any]]:
        """The rows in order of creation."""
        table = self._tables[kind]
        return self._read(("find", kind, wanted.shape()), lambda: _find(table, wanted), wanted.values())

    def row(self, kind: str, record_id: str) -> dict[str, Any]:
        table = self._tables[kind]
        rows = self._read(("row", kind), lambda: _row(table), {"where_id": record_id})
        return rows[0]

    def _read(
        self, key: Hashable, build: Callable[[], sa.Executable], values: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        return self._run(key, build, values)[0]

    def _run(
        self, key: Hashable, build: Callable[[], sa.Executable], values: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], int]:
        """What it reads, and how many rows it changed."""
        statement = self._known.get(key)
        if statement is None:
            statement = self._known[key] = _Statement(build(), self._dialect)
        cursor = self._driver.cursor()
        try:
            cursor.execute(statement.text, statement.parameters(values))
            return (statement.rows(cursor) if statement.reads else []), cursor.rowcount
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
        self._order = compiled.positiontup
        stands = compiled.construct_params({}, _check=False)
        self._constants = {name: value for name, value in stands.items() if value is not None}
        binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._outward = {name: process for name, process in binds.items() if process is not None}
        columns = tuple(statement.selected_columns) if isinstance(statement, sa.Select) else ()
        self.reads = bool(columns)
        self._names = tuple(column.name for column in columns)
        inward = {column.name: column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns}
        self._inward = {name: process for name, process in inward.items() if process is not None}

    def parameters(self, values: Mapping[str, Any]) -> Any:
        given = values
        if self._constants or self._outward:
            given = {**self._constants, **values}
            for name, process in self._outward.items():
                given[name] = process(given[name])
        return given if self._order is None else [given[name] for name in self._order]

    def rows(self, cursor: Any) -> list[dict[str, Any]]:
        found = [dict(zip(self._names, row, strict=True)) for row in cursor.fetchall()]
        for row in found:
            for name, process in self._inward.items():
                row[name] = process(row[name])
        return found


def _as_read(value: Any, in_json: bool) -> Any:
    if in_json:
        return json.loads(json.dumps(value))
    return value.value if isinstance(value, Enum) else value


def _insert(table: sa.Table, values: Mapping[str, Any]) -> sa.Insert:
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


def _find(table: sa.Table, wanted: Wanted) -> sa.Executable:
    query = sa.select(table).order_by(table.c.created_at, table.c.id)
    if wanted.states is not None:
        query = query.where(_any_of(table.c.state, "state", len(wanted.states)))
    if wanted.moved_since is not None:
        query = query.where(table.c.moved_at >= sa.bindparam("moved_since", type_=table.c.moved_at.type))
    for name, value in wanted.equal.items():
        column = table.c[name]
        if value is None:
            query = query.where(column.is_(None))
        elif isinstance(value, frozenset):
            query = query.where(_any_of(column, name, len(value)))
        else:
            query = query.where(column == sa.bindparam(name, type_=column.type))
    return query


def _any_of(column: sa.Column[Any], name: str, count: int) -> sa.ColumnElement[bool]:
    """One of so many values; none of none."""
    if count == 0:
        return sa.false()
    return column.in_([sa.bindparam(f"{name}_{n}", type_=column.type) for n in range(count)])


def _row(table: sa.Table) -> sa.Executable:
    return sa.select(table).where(table.c.id == sa.bindparam("where_id"))
