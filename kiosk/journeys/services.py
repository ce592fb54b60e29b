"""The services of this machine: what the home screen offers, what each needs, and how a session is summed up."""

from __future__ import annotations

import datetime as dt

from kiosk.journeys import reprint
from kiosk.journeys.cards import ENDORSEMENT, FINE, FORM, REPRINT, VIOLATION
from kiosk.journeys.endorsement import journey as endorsement
from kiosk.journeys.endorsement.custody import in_hand
from kiosk.journeys.endorsement.hours import VISIT
from kiosk.journeys.fine import journey as fine
from kiosk.journeys.fine.visit import Visit as FineVisit
from kiosk.journeys.form import journey as form
from kiosk.journeys.kit import Kit
from kiosk.journeys.lobby import Ended, Service
from kiosk.journeys.surplus import GOES_BACK
from kiosk.journeys.violation import journey as violation
from kiosk.journeys.violation.visit import Visit
from kiosk.ledger.issuance import grants_of
from kiosk.ledger.registrar import from_json
from kiosk.ledger.states import CustodyState, IssuanceState, PaymentState


async def run_violation(kit: Kit) -> Ended:
    """`amount_fen` is what was paid. The order leaves the citizen's hands here, whatever happened."""
    try:
        walked = await violation.run(kit)
    finally:
        kit.books.orders.in_session.clear()
    visit = walked.context
    paid = visit.payment is not None and visit.payment.state == PaymentState.PAID
    outcome = _outcome(visit) if walked.outcome == "completed" else walked.outcome
    numbers = tuple(from_json(row["issued"]).printed_number for row in visit.decisions)
    amount = visit.payment["paid_fen"] if paid and visit.payment is not None else 0
    return Ended("violation", outcome, visit.order_id, amount, numbers, visit.again)


def _outcome(visit: Visit) -> str:
    """The end of a visit that reached its last step, in one word."""
    state = visit.payment.state if visit.payment is not None else ""
    if not visit.owed_fen():
        word = "warned"
    elif state == PaymentState.PAID:
        word = "paid" if visit.posted else "posted_later"
    elif state in (
        "",
        PaymentState.CLOSED,
        PaymentState.FAILED,
        PaymentState.REFUNDED,
    ):  # "": outside the hours of payment
        word = "unpaid"
    else:
        word = "amount_alarm" if state == PaymentState.MANUAL else "payment_unknown"
    return word if visit.printed or word == "posted_later" else "printed_later"


async def run_endorsement(kit: Kit) -> Ended:
    """`amount_fen` is what was paid and kept; `decision_nos` are the new endorsements' numbers."""
    try:
        walked = await endorsement.run(kit)
    finally:
        kit.books.orders.in_session.clear()
        if kit.permits is not None:
            kit.permits.keeper.in_hands.clear()  # what is still inside is recovered between citizens
    visit = walked.context
    outcome = walked.outcome
    if outcome == "completed":
        outcome = "endorsed" if visit.back_printed else "endorsed_unprinted"
    custody = visit.kept.custody
    if custody is not None and custody.state == CustodyState.RETAINED:
        outcome = "permit_retained"
    elif not in_hand(visit.kept):
        outcome = "permit_stuck"
    # The step that ended the visit took its own context along: the ledger knows how far it came.
    order_id = custody.order_id if custody is not None else ""
    row = await kit.permits.issuer.find(order_id) if order_id and kit.permits is not None else None
    made = row is not None and row.state in (IssuanceState.WRITTEN, IssuanceState.CONFIRMED)
    numbers = tuple(grant.number for grant in grants_of(row)) if made and row is not None else ()
    fee_fen = row["fee_fen"] if made and row is not None else 0
    return Ended("endorsement", outcome, order_id, fee_fen, numbers, visit.again)


async def run_form(kit: Kit) -> Ended:
    walked = await form.run(kit)
    outcome = "printed" if walked.outcome == "completed" else walked.outcome
    return Ended("form", outcome, again=walked.context.again)


async def run_fine(kit: Kit) -> Ended:
    """`amount_fen` is what was paid, surcharge included. The order leaves the citizen's hands here, whatever happened."""
    try:
        walked = await fine.run(kit)
    finally:
        kit.books.orders.in_session.clear()
    visit = walked.context
    paid = visit.payment is not None and visit.payment.state == PaymentState.PAID
    outcome = _fine_outcome(visit) if walked.outcome == "completed" else walked.outcome
    amount = visit.payment["paid_fen"] if paid and visit.payment is not None else 0
    numbers = (visit.fine.printed_number,) if visit.fine is not None else ()
    return Ended("fine", outcome, visit.order_id, amount, numbers, visit.again)


def _fine_outcome(visit: FineVisit) -> str:
    """The end of a visit that reached its last step, in one word."""
    state = visit.payment.state if visit.payment is not None else PaymentState.CLOSED
    if state == PaymentState.PAID:
        word = "posting_refused" if visit.by_hand else "paid" if visit.posted else "posted_later"
    elif state in (PaymentState.CLOSED, PaymentState.FAILED, *GOES_BACK):
        word = "unpaid"
    else:
        word = "amount_alarm" if state == PaymentState.MANUAL else "payment_unknown"
    return word if visit.printed or word in ("posted_later", "posting_refused") else "printed_later"


async def run_reprint(kit: Kit) -> Ended:
    walked = await reprint.run(kit)
    order = walked.context.order
    return Ended("reprint", walked.outcome, order.id if order is not None else "")


SERVICES: dict[str, Service] = {
    "violation": Service(
        VIOLATION,
        run_violation,
        ("id_card", "receipt_printer"),
        pays="later",
        signs=True,
    ),
    "fine": Service(
        FINE,
        run_fine,
        ("receipt_printer",),
        yields=True,
        pays="must",
        pays_within=dt.timedelta(),
    ),
    "endorsement": Service(
        ENDORSEMENT,
        run_endorsement,
        ("id_card", "receipt_printer", "permit_unit", "permit_reader"),
        optional=True,
        pays="must",
        pays_within=VISIT,
    ),
    "form": Service(
        FORM,
        run_form,
        ("id_card", "document_printer"),
        optional=True,
    ),
    "reprint": Service(
        REPRINT,
        run_reprint,
        ("receipt_printer",),
        tile=True,
    ),
}
