"""What the end-of-day match compares the ledger with: the wallets' bills and the fines the police side has booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class BillKind(StrEnum):
    PAID = "paid"
    REFUND = "refund"
    """Money that went back, in a row of its own; also a reversal of a payment that had been made."""


@dataclass(frozen=True, slots=True)
class BillRow:
    """One movement of money as the wallet (or acquirer) books it. Amounts are integer fen and never negative."""

    kind: BillKind
    order_no: str
    """The merchant's number of the payment (out_trade_no)."""
    trade_no: str
    """The wallet's own."""
    fen: int
    at: dt.datetime
    """Aware, Asia/Shanghai."""
    wallet: str
    refund_no: str = ""
    """The merchant's number of the refund; empty for payments, and where a wallet reversed without one."""
    fee_fen: int = 0


@dataclass(frozen=True, slots=True)
class PostedRow:
    """One fine as the police side has it on its books."""

    decision_no: str
    fen: int
    trade_no: str
    """The wallet's number it was posted with."""
    at: dt.datetime


class Bills(Protocol):
    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        """All movements of this machine's orders on that day (Asia/Shanghai). Raises GatewayUnavailable; Refused `bill_not_ready` before
        the wallets have made their bill (T+1, from 10:00)."""
        ...


class PostedFines(Protocol):
    async def posted(self, day: dt.date) -> Sequence[PostedRow]:
        """All fines posted by this machine on that day. Raises GatewayUnavailable, Refused."""
        ...
