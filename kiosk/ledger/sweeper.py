"""Finishes everything that is not final: at boot, before the machine takes money, and again and again while it runs."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass

import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.ledger.cashier import OPEN, PAID_ONCE, Cashier
from kiosk.ledger.orders import UNSETTLED, Orders
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import DecisionState, Kind, OrderState, PaymentState, PostingState, Stale
from kiosk.ledger.store import LedgerError, Record, Store
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)
LATE_CHECKS = (dt.timedelta(minutes=2), dt.timedelta(minutes=15), dt.timedelta(hours=1))
"""A closed attempt is asked about again this long after it was closed: wallets have been seen to take late money."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one pass left behind: records that are still not final."""

    decisions: int
    payments: int
    postings: int

    @property
    def clean(self) -> bool:
        return not (self.decisions or self.payments or self.postings)


class Sweeper:
    def __init__(self, store: Store, orders: Orders, registrar: Registrar, cashier: Cashier, clock: Clock) -> None:
        self._store = store
        self._orders = orders
        self._registrar = registrar
        self._cashier = cashier
        self._clock = clock
        self._late_checked: dict[str, int] = {}

    async def sweep(self) -> Swept:
        """One pass over all that is open and not in a citizen's hands. Safe to run at any time, any number of times."""
        touched: set[str] = set()
        for decision in await self._todo(Kind.DECISION, (DecisionState.INTENT, DecisionState.UNKNOWN)):
            touched.add((await self._registrar.settle_absent(decision)).order_id)
        for payment in await self._todo(Kind.PAYMENT, OPEN):
            touched.add((await self._payment(payment)).order_id)
        for payment in await self._closed_lately():
            touched.add((await self._payment(payment)).order_id)
        for payment in await self._todo(Kind.PAYMENT, (PaymentState.PAID,)):
            # A stop between "paid" and "refund due" of a duplicate is made good here.
            await self._duplicate(payment)
        for payment in await self._todo(Kind.PAYMENT, (PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT)):
            await self._cashier.refund(payment)
        for posting in await self._todo(Kind.POSTING, (PostingState.INTENT, PostingState.UNKNOWN)):
            touched.add(posting.order_id)
        for order in await self._store.find(Kind.ORDER, [OrderState.OPEN]):
            touched.add(order.id)
        for order_id in sorted(touched - self._orders.in_session):
            await self._cashier.post(order_id)
            order = await self._store.get(Kind.ORDER, order_id)
            if order.state in UNSETTLED:
                await self._orders.conclude(order_id, citizen_present=False)
        return await self.left()

    async def left(self) -> Swept:
        """How much is open now, sessions included."""
        decisions = await self._store.find(Kind.DECISION, (DecisionState.INTENT, DecisionState.UNKNOWN))
        payments = await self._store.find(Kind.PAYMENT, (*OPEN, PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT))
        postings = await self._store.find(Kind.POSTING, (PostingState.INTENT, PostingState.UNKNOWN))
        return Swept(len(decisions), len(payments), len(postings))

    async def run(self, every: float) -> None:
        """Sweep for ever, `every` seconds after the last pass ended."""
        while True:
            try:
                await self.sweep()
            except (LedgerError, Stale) as trouble:
                log.error("sweep_failed", error=type(trouble).__name__, hint=str(trouble))
            await asyncio.sleep(every)

    async def _todo(self, kind: Kind, states: tuple[str, ...]) -> list[Record]:
        return [row for row in await self._store.find(kind, states) if row.order_id not in self._orders.in_session]

    async def _payment(self, payment: Record) -> Record:
        try:
            payment = await self._cashier.ask(payment)
        except GatewayUnavailable as trouble:
            log.warning("sweep_wallet_silent", payment=payment.id, hint=trouble.hint)
            return payment
        if payment.state in OPEN and self._cashier.expired(payment):
            return await self._cashier.close(payment)
        return payment

    async def _closed_lately(self) -> list[Record]:
        due = []
        now = self._clock.now()
        for payment in await self._todo(Kind.PAYMENT, (PaymentState.CLOSED,)):
            age = now - dt.datetime.fromisoformat(payment.moved_at)
            if age > LATE_CHECKS[-1] * 3:
                self._late_checked.pop(payment.id, None)
                continue
            reached = sum(age >= check for check in LATE_CHECKS)
            if reached > self._late_checked.get(payment.id, 0):
                self._late_checked[payment.id] = reached
                due.append(payment)
        return due

    async def _duplicate(self, payment: Record) -> None:
        others = [row for row in await self._cashier.attempts(payment.order_id) if row.id != payment.id]
        used = {row["payment_id"] for row in await self._store.find(Kind.POSTING, order_id=payment.order_id)}
        if payment.id not in used and any(row.state in PAID_ONCE for row in others):
            await self._cashier.duplicate(payment)
