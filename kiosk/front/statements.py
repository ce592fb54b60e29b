"""The few statements of the front's work, on its own tables: compiled once and run on the driver's cursor, as the kiosk's ledger does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from kiosk.front.schema import TABLES, event, nonce
from kiosk.front.states import Kind
from kiosk.ledger.statements import Statements, Wanted, _find, _insert, _update

_LAST_HASH = sa.select(event.c.hash).order_by(event.c.seq.desc()).limit(1)


class FrontStatements(Statements):
    """For one connection; only from the thread that owns it. Raises what SQLAlchemy would raise."""

    def last_hash(self) -> str:
        rows = self._run("last", lambda: _LAST_HASH, {})
        return str(rows[0]["hash"]) if rows else ""

    def insert(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        table = TABLES[Kind(kind)]
        return self._run(("insert", kind, *values), lambda: _insert(table, values).returning(table), values)[0]

    def insert_event(self, values: Mapping[str, Any]) -> None:
        self._run("event", lambda: _insert(event, values), values)

    def update(
        self, kind: str, record_id: str, version: int, state: str, values: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        found = {"where_id": record_id, "where_version": version, "where_state": state}
        build = ("update", kind, *values), lambda: _update(TABLES[Kind(kind)], values)
        rows = self._run(*build, {**values, **found})
        return rows[0] if rows else None

    def find(self, kind: str, wanted: Wanted) -> list[dict[str, Any]]:
        build = ("find", kind, wanted.shape()), lambda: _find(TABLES[Kind(kind)], wanted)
        return self._run(*build, wanted.values())

    def forget_nonces(self, before: int) -> None:
        """Those used before this time (unix seconds)."""
        old = sa.delete(nonce).where(nonce.c.used_at < sa.bindparam("before"))
        self._run("forget", lambda: old, {"before": before})

    def insert_nonce(self, device: str, value: str, used_at: int) -> None:
        """Raises IntegrityError for one that is there."""
        values = {"device": device, "nonce": value, "used_at": used_at}
        self._run("nonce", lambda: _insert(nonce, values), values)
