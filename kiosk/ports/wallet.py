"""What a journey and the sweeper may ask of a wallet: the kiosk shows a code, or it scans the payer's. No answer is never "failed": it
raises `GatewayUnavailable`, and only a later query or bill may say what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class TradeState(StrEnum):
    NOT_FOUND = "not_found"
    """The wallet does not know this number: not scanned yet (Alipay) or never arrived."""
    WAITING = "waiting"
    """Can still be paid; of a charge: the payer is asked to confirm in the app."""
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
    refunded_fen: int = 0
    """What went back of it."""
    reason: str = ""
    """Of a charge that is CLOSED: why, as a name (insufficient_balance, abandoned …); UNDONE of one that is REFUNDED; may be empty."""


UNDONE = "undone"
"""The wallet gave the money back because the charge was closed in the moment it was paid; nobody asked for a refund."""


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

    async def charge(self, order_no: str, amount_fen: int, subject: str, payer_code: str, expires_in: float) -> Trade:
        """Take the money by the code on the payer's phone: PAID, WAITING (the payer must confirm within `expires_in` seconds) or CLOSED.

        One order number per payer code, asked once; after no answer only `query` and `close` are asked. Refused: nothing was taken and
        nothing will be for this number. The payer code is neither kept nor logged.
        """
        ...

    async def query(self, order_no: str) -> Trade: ...

    async def close(self, order_no: str) -> Trade:
        """Close an unpaid trade; the returned state is PAID when the citizen was faster, and REFUNDED with the reason UNDONE when a
        charge was paid and given back in that moment."""
        ...

    async def refund(self, order_no: str, refund_no: str, amount_fen: int) -> Trade:
        """Give back a whole duplicate or late payment. Idempotent by `refund_no`."""
        ...
