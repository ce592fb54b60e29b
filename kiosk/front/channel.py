"""What the payment front may ask of one wallet, whichever it is: Alipay, WeChat Pay, or an acquirer with one contract for all codes.

No answer is never "failed": it raises `GatewayUnavailable`, and only a signed answer to a later query, a signed notification or a bill row
may say what happened. `Refused` is a signed no; nothing was done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.domain.errors import GatewayUnavailable
from kiosk.ports.bills import BillRow

LINES = 16
"""Connections to one wallet at the same time: what the engine looks after at once (`engine.AT_ONCE`), and room for kiosks that ask."""


class State(StrEnum):
    NOT_FOUND = "not_found"
    """Alipay creates no trade before the payer scans; or the order never arrived."""
    WAITING = "waiting"
    PAYING = "paying"
    """The payer is asked for a password (10003, USERPAYING)."""
    PAID = "paid"
    CLOSED = "closed"
    """Unpaid for good: closed, revoked, or a payment that failed."""
    REFUNDED = "refunded"
    """Was paid, and the whole of it went back."""


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt to be paid. `number` is ≤ 32 characters of 0-9 A-Z a-z _ -, new for every payer code."""

    number: str
    fen: int
    subject: str
    expires_at: dt.datetime
    """Aware. When the wallet must stop taking the code."""
    terminal_id: str
    """The registered payment terminal (银发〔2021〕259号)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order stands at the wallet."""

    number: str
    state: State
    fen: int = 0
    """What was really paid; 0 unless PAID or REFUNDED."""
    trade_no: str = ""
    paid_at: dt.datetime | None = None
    refunded_fen: int = 0
    detail: str = ""
    """The wallet's own code (sub_code, trade_state), for the log; no personal data."""


@dataclass(frozen=True, slots=True)
class Refund:
    number: str
    """The payment's order number."""
    refund_no: str
    """≤ 64 characters; the same for every repetition."""
    fen: int
    paid_fen: int
    reason: str = ""


class RefundState(StrEnum):
    NOT_FOUND = "not_found"
    PROCESSING = "processing"
    DONE = "done"
    ABNORMAL = "abnormal"
    """For a person: the payer's card is closed, the refund was given up."""


@dataclass(frozen=True, slots=True)
class RefundStanding:
    refund_no: str
    state: RefundState
    fen: int = 0
    detail: str = ""


class BillSpoilt(GatewayUnavailable):
    """A wallet's bill came, but it is not that day's whole bill: cut off, damaged, or its totals do not fit its rows. None of it counts."""


class Forged(Exception):
    """A notification (or an answer) that the wallet did not sign, or not for us, or long ago."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a wallet's notification says, once its signature, age and addressee are believed. It is a reason to look, and evidence."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Reply:
    """What the wallet wants to hear back."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


class Channel(Protocol):
    name: str
    """alipay, wechat, acquirer …; what the kiosk stores as `wallet`."""
    accepted: Reply
    """The answer to a notification that was taken (also to one that was known already)."""
    declined: Reply
    """The answer to one that was not: the wallet sends it again."""

    async def show(self, order: Order) -> str:
        """Open an order whose code the kiosk shows; what the QR symbol holds. The same order again gives a code of the same order."""
        ...

    async def charge(self, order: Order, payer_code: str) -> Standing:
        """Charge the code on the payer's phone. PAYING while the payer must confirm."""
        ...

    def takes(self, payer_code: str) -> bool:
        """Whether a payer code is of this wallet, by its first digits and its length."""
        ...

    async def query(self, number: str) -> Standing: ...

    async def close(self, number: str) -> Standing:
        """Close an order that is shown as a code. Its state afterwards: CLOSED, or PAID when the payer was faster."""
        ...

    async def undo(self, number: str) -> Standing:
        """Undo a charge whose end is unclear (cancel, reverse): CLOSED when it was unpaid, REFUNDED when it had been paid. Raises
        GatewayUnavailable when the wallet wants to be asked again."""
        ...

    async def refund(self, refund: Refund) -> RefundStanding: ...

    async def refund_query(self, refund: Refund) -> RefundStanding: ...

    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        """The day's bill, fetched and unpacked. Raises Refused `bill_not_ready`."""
        ...

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Raises Forged. Header names are lower case."""
        ...

    async def aclose(self) -> None: ...
