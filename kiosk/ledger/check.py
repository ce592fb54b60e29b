"""The money invariants, told from the ledger alone; the same hold against the remote side's books in the tests.

I1 nothing is posted that was not paid, and what was paid and kept is all posted or being posted. I2 no order is settled without
evidence. I3 no refund without payment. I4 nothing stays open for more than 48 hours. I5 the event chain is unbroken and ends in
the row's state. I6 each slip is printed once per copy number.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from kiosk.ledger.cashier import PAID_ONCE
from kiosk.ledger.states import FINAL, DecisionState, Kind, OrderState, PaymentState, PostingState
from kiosk.ledger.store import Store, chain

TOO_OLD = dt.timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken invariant; `record` is an id without personal data."""

    invariant: str
    record: str
    what: str


async def check(store: Store, now: dt.datetime) -> list[Breach]:
    """Every breach found; an empty list is the only good answer."""
    found: list[Breach] = []
    rows = {kind: await store.find(kind) for kind in Kind}
    payments = {payment.id: payment for payment in rows[Kind.PAYMENT]}
    spent: Counter[str] = Counter()
    for posting in rows[Kind.POSTING]:
        payment = payments[posting["payment_id"]]
        spent[payment.id] += posting["amount_fen"]
        if payment.state != PaymentState.PAID:
            found.append(Breach("I1", posting.id, f"posting by a payment that is {payment.state}"))
    for payment in payments.values():
        paid = (payment["paid_fen"] or 0) if payment.state == PaymentState.PAID else 0
        if spent[payment.id] != paid:
            found.append(
                Breach("I1", payment.id, f"{spent[payment.id]} fen posted or to be posted, {paid} paid and kept")
            )
    decided = {decision.id: decision for decision in rows[Kind.DECISION]}
    posted = {row["decision_id"] for row in rows[Kind.POSTING] if row.state == PostingState.POSTED}
    settled = {order.id for order in rows[Kind.ORDER] if order.state == OrderState.SETTLED}
    for decision in decided.values():
        owed = decision.state == DecisionState.DECIDED and decision["fine_fen"]
        if decision.order_id in settled and owed and decision.id not in posted:
            found.append(Breach("I2", decision.order_id, f"settled, but {decision.id} is not posted"))
    paid_for = Counter(payment.order_id for payment in payments.values() if payment.state == PaymentState.PAID)
    found += [Breach("I1", order, f"{n} payments kept") for order, n in paid_for.items() if n > 1]
    for payment in payments.values():
        if payment.state in PAID_ONCE and not (payment["trade_no"] and payment["paid_fen"]):
            found.append(Breach("I3", payment.id, f"{payment.state} without evidence of payment"))
    for kind in (Kind.ORDER, Kind.DECISION, Kind.PAYMENT, Kind.POSTING):
        for row in rows[kind]:
            if row.state not in FINAL[kind] and now - dt.datetime.fromisoformat(row.moved_at) > TOO_OLD:
                found.append(Breach("I4", row.id, f"{row.state} since {row.moved_at}"))
    copies = Counter((job["slip"], job["subject_id"], job["copy"]) for job in rows[Kind.PRINT])
    found += [Breach("I6", subject, f"{slip} copy {n} twice") for (slip, subject, n), c in copies.items() if c > 1]
    return found + await _chain_breaches(store, {row.id: row.state for kind in Kind for row in rows[kind]})


async def _chain_breaches(store: Store, states: dict[str, str]) -> list[Breach]:
    found: list[Breach] = []
    previous = ""
    last: dict[str, str] = {}
    for said in await store.events():
        record = said["record"]
        if said["old"] != last.get(record):
            found.append(Breach("I5", record, f"event {said['seq']} starts at {said['old']}, not {last.get(record)}"))
        previous = chain(
            previous, said["kind"], record, said["old"], said["new"], said["version"], said["at"], said["why"]
        )
        if previous != said["hash"]:
            found.append(Breach("I5", record, f"event {said['seq']} was altered, or one before it is gone"))
            previous = said["hash"]
        last[record] = said["new"]
    for record in states.keys() | last.keys():
        if last.get(record) != states.get(record):
            found.append(Breach("I5", record, f"row says {states.get(record)}, events say {last.get(record)}"))
    return found
