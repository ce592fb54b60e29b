"""Orders: what one citizen did in one session, and how it stands."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kiosk.domain.ids import order_no
from kiosk.ledger.cashier import PAID_ONCE
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.numbering import unused
from kiosk.ledger.states import (
    FINAL,
    MOVES,
    DecisionState,
    IssuanceState,
    Kind,
    OrderState,
    PaymentState,
    PostingState,
)
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ports.clock import Clock

_DECIDE = (Kind.ORDER, Kind.DECISION, Kind.ISSUANCE, Kind.PAYMENT, Kind.POSTING)
"""What an order's own state depends on."""


class Orders:
    def __init__(self, store: Store, cipher: FieldCipher, clock: Clock, kiosk_id: str) -> None:
        self._store = store
        self._cipher = cipher
        self._clock = clock
        self._kiosk_id = kiosk_id
        self._numbering = asyncio.Lock()
        self.in_session: set[str] = set()
        """Orders a citizen is working on now; the sweeper leaves them alone."""

    async def open(
        self, journey: str, id_number: str, subject: Any, amount_fen: int, items: Callable[[str], Sequence[New]]
    ) -> str:
        """Write a new order and its items in one commit; returns its number. `subject` is encrypted. One after another, whoever asks at
        the same time: a number is taken only when the order before stands in the ledger."""
        async with self._numbering:
            return await self._open(journey, id_number, subject, amount_fen, items)

    async def _open(
        self, journey: str, id_number: str, subject: Any, amount_fen: int, items: Callable[[str], Sequence[New]]
    ) -> str:
        now = self._clock.now()
        number = await unused(self._store, Kind.ORDER, now, lambda n: order_no(self._kiosk_id, now.date(), n))
        data = {
            "journey": journey,
            "amount_fen": amount_fen,
            "subject_index": self._cipher.index(id_number),
            "subject_enc": self._cipher.seal(subject, "order", "subject_enc", number),
        }
        self.in_session.add(number)
        try:
            await self._store.commit(New(Kind.ORDER, number, number, "signed", data), *items(number))
        except BaseException:
            self.in_session.discard(number)
            raise
        return number

    async def check_key(self) -> None:
        """Whether this key sealed what stands in the ledger. Raises ValueError when it did not."""
        newest = await self._store.newest(Kind.ORDER)
        if newest is not None:
            self.subject(newest)

    def subject(self, order: Record) -> Any:
        return self._cipher.open(order["subject_enc"], "order", "subject_enc", order.id)

    async def of_person(self, id_number: str, since: dt.datetime) -> list[Record]:
        """The orders of this person at this machine, newest first, for 补打."""
        found = await self._store.find(Kind.ORDER, subject_index=self._cipher.index(id_number))
        return [order for order in reversed(found) if dt.datetime.fromisoformat(order.created_at) >= since]

    async def of_decision(self, number: str) -> list[Record]:
        """The decisions of this number in any order of this machine, the newest first: decided here, or paid here by number."""
        return list(reversed(await self._store.find(Kind.DECISION, number=number)))

    async def conclude(self, order_id: str, *, citizen_present: bool) -> Record:
        """Bring the order's own state in line with its parts; unchanged while something is still open."""
        return await conclude(self._store, order_id, citizen_present=citizen_present)


async def conclude(store: Store, order_id: str, *, citizen_present: bool) -> Record:
    """As `Orders.conclude`, for whom has only the ledger."""
    parts = await store.of_order(order_id, *_DECIDE)
    if not parts[Kind.ORDER]:
        raise KeyError(f"{Kind.ORDER} {order_id}")
    order = parts[Kind.ORDER][0]
    state = _should_be(parts, citizen_present)
    if state is None or state not in MOVES[Kind.ORDER][order.state]:
        return order
    return (await store.commit(Move(order, state, "concluded")))[0]


async def fines_covered(store: Store, payment_id: str) -> list[tuple[str, int]]:
    """The numbers of the decisions that a payment pays for, with what each costs (integer fen). None for a payment of anything else."""
    found: list[tuple[str, int]] = []
    for payment in await store.find(Kind.PAYMENT, id=payment_id):
        for decision in await store.find(Kind.DECISION, order_id=payment.order_id):
            if decision.id in payment["covers"]:
                found.append((decision["number"], decision["fine_fen"]))
    return found


def _should_be(parts: Mapping[Kind, Sequence[Record]], citizen_present: bool) -> OrderState | None:
    decisions, payments, postings = parts[Kind.DECISION], parts[Kind.PAYMENT], parts[Kind.POSTING]
    for issuance in parts[Kind.ISSUANCE]:
        return _issued(issuance, payments)
    if any(part.state not in FINAL[part.kind] for part in (*decisions, *postings)):
        return None
    if any(part.state in (PaymentState.MANUAL, PostingState.MANUAL) for part in (*payments, *postings)):
        return OrderState.MANUAL
    decided = [decision for decision in decisions if decision.state == DecisionState.DECIDED]
    owed = [decision for decision in decided if decision["fine_fen"]]
    if not decided:
        return None if any(payment.state not in FINAL[Kind.PAYMENT] for payment in payments) else OrderState.VOID
    posted = {posting["decision_id"] for posting in postings}
    if all(decision.id in posted for decision in owed):
        return OrderState.SETTLED
    return None if citizen_present else OrderState.UNPAID


def _issued(issuance: Record, payments: Sequence[Record]) -> OrderState | None:
    """How an order for endorsements stands. Where money was taken for nothing staff know of it, whether it is back already or
    not: the citizen may come and ask."""
    if issuance.state not in FINAL[Kind.ISSUANCE]:
        return None
    states = {payment.state for payment in payments}
    if issuance.state == IssuanceState.MANUAL or PaymentState.MANUAL in states:
        return OrderState.MANUAL
    if issuance.state == IssuanceState.CONFIRMED:
        return OrderState.SETTLED
    if states & set(PAID_ONCE):
        return OrderState.MANUAL
    return None if states - FINAL[Kind.PAYMENT] else OrderState.VOID
