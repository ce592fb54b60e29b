"""What a journey and the sweeper may ask of a wallet ("kiosk shows the code"). No answer is never "failed": it raises
`GatewayUnavailable`, and only a later query or bill may say what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class TradeState(StrEnum):
    NOT_FOUND = "not_found"
    """The wallet does not know this number: not scanned yet (Alipay) or never arrived."""
    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"
    """Unpaid for good."""
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Trade:
    order_no: str
    state: TradeState
    amount_fen: int = 0
    """What was paid, integer fen; 0 unless PAID or REFUNDED."""
    trade_no: str = ""
    """The wallet's own number, kept as evidence."""
    paid_at: dt.datetime | None = None
    wallet: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A payment code to show. `payload` is what the QR symbol holds; `expires_at` is when the wallet stops taking it."""

    order_no: str
    payload: str
    expires_at: dt.datetime


class Wallet(Protocol):
    async def create(self, order_no: str, amount_fen: int, subject: str, expires_in: float) -> Code:
        """Open a trade and get its code. Same order number and content again gives the same trade; Refused otherwise."""
        ...

    async def query(self, order_no: str) -> Trade: ...

    async def close(self, order_no: str) -> Trade:
        """Close an unpaid trade; the returned state is PAID when the citizen was faster."""
        ...

    async def refund(self, order_no: str, refund_no: str, amount_fen: int) -> Trade:
        """Give back a whole duplicate or late payment. Idempotent by `refund_no`."""
        ...
