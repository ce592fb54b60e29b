"""The few statements of the front's work, on its own tables: compiled once and run on the driver's cursor, as the kiosk's ledger does."""

from __future__ import annotations

import sqlalchemy as sa

from kiosk.front.schema import TABLES, event, nonce
from kiosk.ledger.statements import Statements


class FrontStatements(Statements):
    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection, {str(kind): table for kind, table in TABLES.items()}, event)

    def forget_nonces(self, before: int) -> None:
        """Those used before this time (unix seconds)."""
        self.run("forget", lambda: sa.delete(nonce).where(nonce.c.used_at < sa.bindparam("before")), {"before": before})

    def insert_nonce(self, device: str, value: str, used_at: int) -> None:
        """Raises IntegrityError for one that is there."""
        self.add(nonce, {"device": device, "nonce": value, "used_at": used_at})
