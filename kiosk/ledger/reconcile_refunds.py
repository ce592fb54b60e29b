"""The queue of refunds: money that is due back, asked for, back, or left to staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.ledger.states import Kind, PaymentState
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import Clock

SHOWN = dt.timedelta(days=31)
"""How long a refund that is done is still told of."""
WAITING = (PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT)


@dataclass(frozen=True, slots=True)
class Words:
    en: str
    zh: str


STANDS: Mapping[str, Words] = {
    PaymentState.REFUND_DUE: Words("due", "待退款"),
    PaymentState.REFUND_INTENT: Words("asked, not confirmed", "已申请，等钱包确认"),
    PaymentState.REFUNDED: Words("back", "已退回"),
    PaymentState.MANUAL: Words("for staff", "要人工处理"),
}


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    """The payment's number, under which the wallet knows it."""
    order_id: str
    state: str
    fen: int
    wallet: str
    trade_no: str
    why: str
    """The event that made the money due back; for staff: the last one."""
    since: str

    @property
    def refund_no(self) -> str:
        return f"{self.id}R1"

    @property
    def stands(self) -> Words:
        return STANDS[self.state]


async def refund_queue(store: Store, clock: Clock) -> list[Refund]:
    """What waits, the oldest first; what staff must see to; what is back already, for a month. Raises LedgerError."""
    since = (clock.now() - SHOWN).isoformat(timespec="milliseconds")
    waiting = await store.find(Kind.PAYMENT, WAITING)
    by_hand = [row for row in await store.find(Kind.PAYMENT, [PaymentState.MANUAL]) if row["paid_fen"]]
    done = await store.find(Kind.PAYMENT, [PaymentState.REFUNDED], since)
    return [await _refund(store, row) for row in (*waiting, *by_hand, *done)]


async def _refund(store: Store, payment: Record) -> Refund:
    events = await store.events(payment.id)
    first = next((event for event in events if event["new"] == PaymentState.REFUND_DUE), events[-1])
    return Refund(
        payment.id,
        payment.order_id,
        payment.state,
        payment["paid_fen"],
        payment["wallet"] or "",
        payment["trade_no"] or "",
        (events[-1] if payment.state == PaymentState.MANUAL else first)["why"],
        payment.moved_at,
    )
