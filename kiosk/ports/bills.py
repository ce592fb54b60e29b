"""What the end-of-day match compares the ledger with: the wallets' bills and the fines the police side has booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from kiosk.domain.bill import BillKind, BillRow, PostedRow


class Bills(Protocol):
    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        """All movements of this machine's orders on that day (Asia/Shanghai). Raises GatewayUnavailable; Refused `bill_not_ready` before
        the wallets have made their bill (T+1, from 10:00)."""
        ...


class PostedFines(Protocol):
    async def posted(self, day: dt.date) -> Sequence[PostedRow]:
        """All fines posted by this machine on that day. Raises GatewayUnavailable, Refused."""
        ...


__all__ = ["BillKind", "BillRow", "Bills", "PostedFines", "PostedRow"]
