"""The money invariants, told from the ledger alone; the same hold against the remote side's books in the tests.

I1 nothing is posted that was not paid, and what was paid and kept is all posted or being posted; a fee is kept only for what is or
may still be issued, and nothing is issued unpaid. I2 no order is settled without evidence. I3 no refund without payment. I4 nothing
stays open for more than 48 hours without an entry on the work list. I5 the event chain is unbroken and ends in the row's state. I6
each slip is printed once per copy number. I7 no issuance is written or confirmed twice. I8 no permit is in the machine for more than
48 hours.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.ledger.age import older
from kiosk.ledger.cashier import PAID_ONCE
from kiosk.ledger.issuance import given_up
from kiosk.ledger.reconcile_list import BY_MATCH
from kiosk.ledger.states import (
    FINAL,
    DecisionState,
    IssuanceState,
    Kind,
    OrderState,
    PaymentState,
    PostingState,
)
from kiosk.ledger.store import Record, Store, chain

TOO_OLD = dt.timedelta(hours=48)
PAID_FIRST = (
    IssuanceState.AUTHORISING,
    IssuanceState.AUTHORISED,
    IssuanceState.WRITING,
    IssuanceState.WRITE_UNKNOWN,
    IssuanceState.WRITTEN,
    IssuanceState.CONFIRMED,
)
ONCE = (IssuanceState.WRITING, IssuanceState.WRITTEN, IssuanceState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken invariant; `record` is an id without personal data."""

    invariant: str
    record: str
    what: str


Rows = Mapping[Kind, Sequence[Record]]


async def check(store: Store, now: dt.datetime) -> list[Breach]:
    """Every breach found; an empty list is the only good answer."""
    rows = {kind: await store.find(kind) for kind in Kind}
    events = await store.events()
    found = _fines(rows) + await _fees(store, rows) + _payments(rows) + _copies(rows)
    found += _too_old(rows, now) + _twice(events)
    return found + _chain_breaches(events, {row.id: row.state for kind in Kind for row in rows[kind]})


def _fines(rows: Rows) -> list[Breach]:
    found: list[Breach] = []
    payments = {payment.id: payment for payment in rows[Kind.PAYMENT]}
    fees = {issuance.order_id for issuance in rows[Kind.ISSUANCE]}
    spent: Counter[str] = Counter()
    for posting in rows[Kind.POSTING]:
        payment = payments[posting["payment_id"]]
        spent[payment.id] += posting["amount_fen"]
        if payment.state != PaymentState.PAID:
            found.append(Breach("I1", posting.id, f"posting by a payment that is {payment.state}"))
    for payment in payments.values():
        paid = (payment["paid_fen"] or 0) if payment.state == PaymentState.PAID else 0
        if payment.order_id in fees:
            paid = 0
        if spent[payment.id] != paid:
            found.append(
                Breach("I1", payment.id, f"{spent[payment.id]} fen posted or to be posted, {paid} paid and kept")
            )
    posted = {row["decision_id"] for row in rows[Kind.POSTING] if row.state == PostingState.POSTED}
    numbers = Counter(row["number"] for row in rows[Kind.DECISION] if row["number"] and row.id in posted)
    found += [Breach("I1", number, f"posted {n} times") for number, n in numbers.items() if n > 1]
    settled = {order.id for order in rows[Kind.ORDER] if order.state == OrderState.SETTLED}
    for decision in rows[Kind.DECISION]:
        owed = decision.state == DecisionState.DECIDED and decision["fine_fen"]
        if decision.order_id in settled and owed and decision.id not in posted:
            found.append(Breach("I2", decision.order_id, f"settled, but {decision.id} is not posted"))
    return found


async def _fees(store: Store, rows: Rows) -> list[Breach]:
    found: list[Breach] = []
    kept = {payment.order_id: payment for payment in rows[Kind.PAYMENT] if payment.state == PaymentState.PAID}
    settled = {order.id for order in rows[Kind.ORDER] if order.state == OrderState.SETTLED}
    for issuance in rows[Kind.ISSUANCE]:
        payment = kept.get(issuance.order_id)
        before = (IssuanceState.INTENT, IssuanceState.UNKNOWN)
        if payment is None:
            if issuance.state in PAID_FIRST:
                found.append(Breach("I1", issuance.id, f"{issuance.state}, and no payment is kept for it"))
        elif issuance.state in before or await given_up(store, issuance):
            found.append(Breach("I1", payment.id, f"paid and kept for an issuance that is {issuance.state}"))
        elif payment["paid_fen"] != issuance["fee_fen"]:
            found.append(Breach("I1", payment.id, f"{payment['paid_fen']} fen kept, the fee is {issuance['fee_fen']}"))
        if issuance.order_id in settled and issuance.state != IssuanceState.CONFIRMED:
            found.append(Breach("I2", issuance.order_id, f"settled, but {issuance.id} is {issuance.state}"))
    return found


def _payments(rows: Rows) -> list[Breach]:
    paid_for = Counter(payment.order_id for payment in rows[Kind.PAYMENT] if payment.state == PaymentState.PAID)
    found = [Breach("I1", order, f"{n} payments kept") for order, n in paid_for.items() if n > 1]
    for payment in rows[Kind.PAYMENT]:
        if payment.state in PAID_ONCE and not (payment["trade_no"] and payment["paid_fen"]):
            found.append(Breach("I3", payment.id, f"{payment.state} without evidence of payment"))
    return found


def _copies(rows: Rows) -> list[Breach]:
    copies = Counter((job["slip"], job["subject_id"], job["copy"]) for job in rows[Kind.PRINT])
    return [Breach("I6", subject, f"{slip} copy {n} twice") for (slip, subject, n), c in copies.items() if c > 1]


def _too_old(rows: Rows, now: dt.datetime) -> list[Breach]:
    found: list[Breach] = []
    listed = {entry.order_id for entry in rows[Kind.WORK] if entry["settled_by"] != BY_MATCH}
    for kind in (Kind.ORDER, Kind.DECISION, Kind.NUMBER, Kind.PAYMENT, Kind.POSTING, Kind.ISSUANCE):
        for row in rows[kind]:
            too_old = row.state not in FINAL[kind] and older(row.moved_at, now, TOO_OLD)
            if too_old and row.order_id not in listed:
                found.append(Breach("I4", row.id, f"{row.state} since {row.moved_at}"))
    for permit in rows[Kind.CUSTODY]:
        # From when it came in: being moved about inside is no progress for its holder.
        if permit.state not in FINAL[Kind.CUSTODY] and older(permit.created_at, now, TOO_OLD):
            found.append(Breach("I8", permit.id, f"{permit.state}, in the machine since {permit.created_at}"))
    return found


def _twice(events: Sequence[Mapping[str, Any]]) -> list[Breach]:
    moves = Counter(
        (said["record"], said["new"])
        for said in events
        if said["kind"] == Kind.ISSUANCE and said["new"] in ONCE and said["old"] != said["new"]
    )
    return [Breach("I7", record, f"{state} {n} times") for (record, state), n in moves.items() if n > 1]


def _chain_breaches(events: Sequence[Mapping[str, Any]], states: dict[str, str]) -> list[Breach]:
    found: list[Breach] = []
    previous = ""
    last: dict[str, str] = {}
    for said in events:
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
