"""Finishes everything that is not final: at boot, before the machine takes money, and again and again while it runs."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.ledger.age import older
from kiosk.ledger.at_once import at_once
from kiosk.ledger.cashier import OPEN, Cashier
from kiosk.ledger.custody import PERMIT_GONE
from kiosk.ledger.issuance import OPEN_ISSUANCES
from kiosk.ledger.issuer import Issuer
from kiosk.ledger.numbers import OPEN_NUMBERS
from kiosk.ledger.orders import Orders
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import (
    DecisionState,
    IssuanceState,
    Kind,
    OrderState,
    PaymentState,
    PostingState,
    Stale,
)
from kiosk.ledger.store import LedgerError, Move, Record, Store
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)
AT_ONCE = 4
"""Orders looked after at the same time: half of what a gateway keeps lines for, the rest is the citizen's."""
LATE_CHECKS = (dt.timedelta(minutes=2), dt.timedelta(minutes=15), dt.timedelta(hours=1))
"""A closed attempt is asked about again this long after it was closed: wallets have been seen to take late money. So is a
decision that was given up."""
LATE = dt.timedelta(hours=48)
"""What was given up longer ago is left to the end-of-day match; a machine that was off for a night still asks."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one pass left behind: records that are still not final."""

    decisions: int
    payments: int
    postings: int
    issuances: int = 0

    @property
    def clean(self) -> bool:
        return not (self.decisions or self.payments or self.postings or self.issuances)


class Sweeper:
    """Without an issuer (a machine that does not offer endorsements) issuances are left as they are."""

    def __init__(
        self,
        store: Store,
        orders: Orders,
        registrar: Registrar,
        cashier: Cashier,
        clock: Clock,
        issuer: Issuer | None = None,
    ) -> None:
        self._store = store
        self._orders = orders
        self._registrar = registrar
        self._cashier = cashier
        self._issuer = issuer
        self._clock = clock
        self._late_checked: dict[Kind, dict[str, int]] = {}
        self._first = True

    async def sweep(self) -> Swept:
        """One pass over all that is open and not in a citizen's hands. Safe to run at any time, any number of times, and to be
        cancelled anywhere. A record that makes trouble does not keep the others waiting. Raises LedgerError."""
        touched = await self._interrupted() if self._first else set()
        undecided = await self._todo(Kind.DECISION, (DecisionState.INTENT, DecisionState.UNKNOWN))
        await self._each(undecided, self._registrar.settle_absent)
        for decision in await self._lately(Kind.DECISION, DecisionState.ABANDONED):
            with _alone(decision.id):
                await self._landed_late(decision)
        await self._each(await self._todo(Kind.NUMBER, OPEN_NUMBERS), self._registrar.settle_number)
        if self._issuer is not None:
            touched |= await self._issuances(self._issuer)
        touched |= await self._each(await self._todo(Kind.PAYMENT, OPEN), self._payment)
        touched |= await self._each(await self._lately(Kind.PAYMENT, PaymentState.CLOSED), self._payment)
        due = await self._todo(Kind.PAYMENT, (PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT))
        touched |= await self._each(due, self._cashier.refund)
        for posting in await self._todo(Kind.POSTING, (PostingState.INTENT, PostingState.UNKNOWN)):
            touched.add(posting.order_id)
        for order in await self._store.find(Kind.ORDER, [OrderState.OPEN]):
            touched.add(order.id)
        await at_once([partial(self._finish, order) for order in sorted(touched - self._orders.in_session)], AT_ONCE)
        self._first = False
        return await self.left()

    async def _each(self, rows: Sequence[Record], work: Callable[[Record], Awaitable[object]]) -> set[str]:
        """Several orders at once, the records of one order one after another. Returns the orders."""
        orders: dict[str, list[Record]] = {}
        for row in rows:
            orders.setdefault(row.order_id, []).append(row)

        async def one_order(of_order: Sequence[Record]) -> None:
            for row in of_order:
                with _alone(row.id):
                    await work(row)

        await at_once([partial(one_order, of_order) for of_order in orders.values()], AT_ONCE)
        return set(orders)

    async def _finish(self, order_id: str) -> None:
        if order_id in self._orders.in_session:  # a citizen has come back to it meanwhile
            return
        with _alone(order_id):
            await self._cashier.post(order_id)
            await self._orders.conclude(order_id, citizen_present=False)

    async def left(self) -> Swept:
        """How much is open now, sessions included."""
        decisions = await self._store.find(Kind.DECISION, (DecisionState.INTENT, DecisionState.UNKNOWN))
        payments = await self._store.find(Kind.PAYMENT, (*OPEN, PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT))
        postings = await self._store.find(Kind.POSTING, (PostingState.INTENT, PostingState.UNKNOWN))
        issuances = await self._store.find(Kind.ISSUANCE, OPEN_ISSUANCES)
        return Swept(len(decisions), len(payments), len(postings), len(issuances))

    async def run(self, every: float) -> None:
        """Sweep for ever, `every` seconds after the last pass ended."""
        while True:
            try:
                await self.sweep()
            except LedgerError as trouble:
                log.error("sweep_failed", hint=str(trouble))
            except Exception:
                # Whatever it is: the machine must not stop looking after money because of one bad pass.
                log.exception("sweep_crashed")
            await asyncio.sleep(every)

    async def _todo(self, kind: Kind, states: tuple[str, ...]) -> list[Record]:
        return [row for row in await self._store.find(kind, states) if row.order_id not in self._orders.in_session]

    async def _issuances(self, issuer: Issuer) -> set[str]:
        """Before the payments are asked about: what is void by then takes no late money. Returns the orders they belong to."""
        touched = set()
        for issuance in await self._todo(Kind.ISSUANCE, OPEN_ISSUANCES):
            touched.add(issuance.order_id)
            with _alone(issuance.id):
                await issuer.settle_absent(issuance, await self._permit_gone(issuance))
        for issuance in await self._lately(Kind.ISSUANCE, IssuanceState.VOIDED):
            with _alone(issuance.id):
                if not issuance["application_no"]:
                    await issuer.landed_late(issuance)
        return touched

    async def _permit_gone(self, issuance: Record) -> bool:
        """Nobody can ask its chip any more. While it is in the unit, finding it comes first (`Keeper.recover`)."""
        custodies = await self._store.find(Kind.CUSTODY, order_id=issuance.order_id)
        return all(custody.state in PERMIT_GONE for custody in custodies)

    async def _payment(self, payment: Record) -> Record:
        if payment.state in OPEN and self._cashier.expired(payment):
            return await self._cashier.close(payment)  # which asks first
        try:
            return await self._cashier.ask(payment)
        except GatewayUnavailable as trouble:
            log.warning("sweep_wallet_silent", payment=payment.id, hint=trouble.hint)
            return payment

    async def _lately(self, kind: Kind, state: str) -> list[Record]:
        """What was given up within LATE, at each of LATE_CHECKS after that (after a restart: the last one that is due)."""
        now = self._clock.now()
        since = (now - LATE).isoformat(timespec="milliseconds")
        rows = [
            row for row in await self._store.find(kind, [state], since) if row.order_id not in self._orders.in_session
        ]
        due = []
        checked = self._late_checked.get(kind, {})
        self._late_checked[kind] = {}
        for row in rows:
            reached = sum(older(row.moved_at, now, check) for check in LATE_CHECKS)
            if reached > checked.get(row.id, 0):
                due.append(row)
            self._late_checked[kind][row.id] = max(reached, checked.get(row.id, 0))
        return due

    async def _landed_late(self, decision: Record) -> None:
        """A decision that was given up exists after all: the citizen has signed it, owes it, and can have it printed."""
        landed = await self._registrar.landed_late(decision)
        if landed is None:
            return
        order = await self._store.get(Kind.ORDER, decision.order_id)
        changes = [landed]
        if landed.data["fine_fen"] and order.state in (OrderState.VOID, OrderState.SETTLED):
            changes.append(Move(order, OrderState.UNPAID, "landed_late"))
        await self._store.commit(*changes)
        await self._orders.conclude(order.id, citizen_present=False)

    async def _interrupted(self) -> set[str]:
        """After a start: orders whose last fine was posted, or whose late fee went back, right before the stop, and which do not
        say so yet."""
        since = (self._clock.now() - LATE).isoformat(timespec="milliseconds")
        posted = await self._store.find(Kind.POSTING, [PostingState.POSTED], since)
        behind = await self._store.find(Kind.ORDER, [OrderState.UNPAID, OrderState.MANUAL])
        refunded = await self._store.find(Kind.PAYMENT, [PaymentState.REFUNDED], since)
        late = {payment.order_id for payment in refunded}
        return late | ({posting.order_id for posting in posted} & {order.id for order in behind})


@contextmanager
def _alone(record_id: str) -> Iterator[None]:
    """Keep one record's trouble to itself; only a ledger that cannot be used ends the pass."""
    try:
        yield
    except LedgerError:
        raise
    except Stale:
        log.info("sweep_found_it_moved", record=record_id)
    except Exception:
        log.exception("sweep_record_failed", record=record_id)
