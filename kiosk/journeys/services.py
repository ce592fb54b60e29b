"""The services of this machine: what the home screen offers, what each needs, and how a session is summed up."""

from __future__ import annotations

from kiosk.journeys import reprint
from kiosk.journeys.kit import Kit
from kiosk.journeys.lobby import Ended, Service
from kiosk.journeys.violation import journey as violation
from kiosk.ledger.registrar import from_json
from kiosk.ledger.states import PaymentState
from kiosk.screens.common import ServiceCard


async def run_violation(kit: Kit) -> Ended:
    """`amount_fen` is what was paid. The order leaves the citizen's hands here, whatever happened."""
    try:
        walked = await violation.run(kit)
    finally:
        kit.books.orders.in_session.clear()
    visit = walked.context
    outcome = walked.outcome
    paid = visit.payment is not None and visit.payment.state == PaymentState.PAID
    if outcome == "completed":
        if not visit.owed_fen():
            outcome = "decided_no_fine"
        elif paid:
            outcome = "paid" if visit.posted else "paid_not_posted"
        elif visit.payment is not None and visit.payment.state in (PaymentState.CLOSED, PaymentState.FAILED):
            outcome = "unpaid"
        else:
            outcome = "payment_unknown"
        if not visit.printed:
            outcome += "_not_printed"
    numbers = tuple(from_json(row["issued"]).printed_number for row in visit.decisions)
    amount = visit.payment["paid_fen"] if paid and visit.payment is not None else 0
    return Ended("violation", outcome, visit.order_id, amount, numbers, visit.again)


async def run_reprint(kit: Kit) -> Ended:
    walked = await reprint.run(kit)
    order = walked.context.order
    return Ended("reprint", walked.outcome, order.id if order is not None else "")


SERVICES: dict[str, Service] = {
    "violation": Service(
        ServiceCard("violation", "交通违法处理", "查询、确认并缴纳本人违法罚款", 3, "身份证", "car-alert"),
        run_violation,
        ("id_card", "receipt_printer"),
    ),
    "reprint": Service(
        ServiceCard("reprint", "补打凭证", "刷身份证，补打处罚决定书和缴款凭证", 1, "身份证", "printer"),
        run_reprint,
        ("id_card", "receipt_printer"),
        tile=True,
    ),
}
