"""What is written into the ledger, one change at a time: checked against the table of moves, compared and set, and chained as an event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring as _quoted
from typing import Any

from kiosk.ledger.statements import Statements
from kiosk.ledger.states import FIRST, Kind, Stale, check_birth, check_move

_FIXED = frozenset({"id", "order_id", "state", "version", "created_at", "moved_at"})


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


def write(statements: Statements, change: Change, now: str, previous: str) -> tuple[Record, str]:
    """Within a transaction, and `previous` is the hash of the event before. The new row and the hash of its event.

    Raises Stale, IllegalMove, ValueError, and what SQLAlchemy raises; the transaction must then be rolled back.
    """
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
        written = record_of(kind, statements.insert(kind, values))
    else:
        was = change.record
        kind, record_id, old, new, version = was.kind, was.id, was.state, was.state, was.version + 1
        values = {"version": version, **change.data}
        moved_at = was.moved_at
        if isinstance(change, Move):
            new, moved_at = change.state, now
            check_move(kind, old, new)
            values = {"state": new, "moved_at": now, **values}
        _check_columns(was, change.data)
        if not statements.update(kind, record_id, was.version, old, values):
            raise _stale(was)
        # The row was as `was` has it, or nothing would have been written.
        data = {**was.data, **statements.as_read(kind, change.data)}
        order_id = data.pop("order_id", was.order_id) or ""
        written = Record(kind, record_id, order_id, str(new), version, was.created_at, moved_at, data)
    digest = chain(previous, kind, record_id, old, new, version, now, change.why)
    statements.insert_event(
        {
            "kind": str(kind),
            "record": record_id,
            "old": old,
            "new": new,
            "version": version,
            "at": now,
            "why": change.why,
            "hash": digest,
        }
    )
    return written, digest


def _check_columns(record: Record, data: Mapping[str, Any]) -> None:
    """What makes a record is not written over; only a custody without an order is given one, once. Raises ValueError."""
    if _FIXED.isdisjoint(data):
        return
    loose = {"order_id"} if record.kind is Kind.CUSTODY and not record.order_id else set()
    if data.keys() & (_FIXED - loose):
        raise ValueError(f"{record.kind} {record.id}: {', '.join(sorted(data.keys() & _FIXED))} cannot be written")


def _stale(record: Record) -> Stale:
    return Stale(f"{record.kind} {record.id} is no longer {record.state} at version {record.version}")


def chain(previous: str, kind: str, record: str, old: str | None, new: str, version: int, at: str, why: str) -> str:
    """The hash of one event: over the hash before it and what the event says, as a JSON list."""
    last = "null" if old is None else _quoted(old)
    said = (
        f"[{_quoted(previous)}, {_quoted(kind)}, {_quoted(record)}, {last}, {_quoted(new)}, {version}, {_quoted(at)}, "
        f"{_quoted(why)}]"
    )
    return hashlib.sha256(said.encode()).hexdigest()


def record_of(kind: Kind, row: dict[str, Any]) -> Record:
    """The row, which belongs to the record from now on."""
    take = row.pop
    record_id = take("id")
    order_id = record_id if kind is Kind.ORDER else take("order_id") or ""
    return Record(kind, record_id, order_id, take("state"), take("version"), take("created_at"), take("moved_at"), row)
