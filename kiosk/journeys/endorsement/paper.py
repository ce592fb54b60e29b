"""The slips: the fee voucher, or what went wrong and what is safe. All of them from the ledger alone, so that they can be had again
after a restart. Printing never changes money."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from kiosk.domain.permit_slips import FeeItem, FeeVoucherData, ProblemSlipData, Trouble, fee_voucher, problem_slip
from kiosk.domain.slip import Slip
from kiosk.journeys.endorsement.say import say
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.endorsement.words import PLACES, grant_title
from kiosk.journeys.kit import GO_ON, Kit, Permits
from kiosk.journeys.papers import CHANNELS, Paper, print_all
from kiosk.ledger.cashier import PAID_ONCE, paying
from kiosk.ledger.issuance import BACK, given_up, grants_of
from kiosk.ledger.states import FINAL, CustodyState, IssuanceState, Kind, PaymentState, PrintState
from kiosk.ledger.store import Record

MADE = (IssuanceState.WRITTEN, IssuanceState.CONFIRMED)


async def papers_of(order_id: str, kit: Kit) -> list[Paper]:
    """Everything an order has to show for itself now."""
    if kit.permits is None:
        return []
    issuance = await kit.permits.issuer.find(order_id)
    if issuance is None:
        return []
    payments = await kit.books.store.find(Kind.PAYMENT, order_id=order_id)
    payment = paying(payments)
    if issuance.state in MADE and payment is not None:
        papers: list[Paper] = [(payment.id, _voucher(issuance, payment, kit))]
        if not await _back_done(issuance, kit):
            papers.append((issuance.id, await _problem("not_printed", issuance, payment, kit)))
        return papers
    trouble = _trouble(issuance, payments, void=await given_up(kit.books.store, issuance))
    if trouble is None:
        return []
    paid = next((row for row in payments if row.state in PAID_ONCE), None)
    return [(issuance.id, await _problem(trouble, issuance, paid, kit))]


def _trouble(issuance: Record, payments: list[Record], void: bool) -> Trouble | None:
    """What there is to say about an application that did not end with endorsements; None where no money is concerned. `void`: for sure
    nothing was written, also where staff have the rest of it on their list."""
    unsure = (IssuanceState.WRITE_UNKNOWN, IssuanceState.WRITING, IssuanceState.MANUAL)
    if issuance.state in unsure and not void:
        return "write_unknown"
    if any(row.state in PAID_ONCE for row in payments):
        return "not_written" if issuance["job_id"] else "not_granted"
    unclear = [row for row in payments if row.state not in FINAL[Kind.PAYMENT] or row.state == PaymentState.MANUAL]
    return "payment_unknown" if unclear else None


async def _back_done(issuance: Record, kit: Kit) -> bool:
    return bool(await kit.books.store.find(Kind.PRINT, [PrintState.DONE], subject_id=issuance.id, slip=BACK))


def _detail(issuance: Record, permits: Permits | None) -> dict[str, str]:
    return permits.issuer.detail(issuance) if permits is not None else {}


def _voucher(issuance: Record, payment: Record, kit: Kit) -> Slip:
    detail = _detail(issuance, kit.permits)
    grants = grants_of(issuance)
    fees = dict(zip(issuance["options"], detail["fees_fen"], strict=True))
    data = FeeVoucherData(
        application_no=issuance["application_no"],
        trade_no=payment["trade_no"],
        channel=CHANNELS.get(payment["wallet"], payment["wallet"] or "扫码支付"),
        paid_at=dt.datetime.fromisoformat(payment["paid_at"]),
        items=tuple(FeeItem(f"{PLACES[g.destination]} {grant_title(g)}", int(fees[g.option_id])) for g in grants),
        name=detail["name"],
        permit_number=detail["permit_number"],
        collected_for=kit.settings.endorsement.collected_for,
        kiosk_id=kit.settings.kiosk.id,
        session_id=issuance.order_id,
    )
    return fee_voucher(data)


async def _problem(what: Trouble, issuance: Record, payment: Record | None, kit: Kit) -> Slip:
    detail = _detail(issuance, kit.permits)
    custody = await kit.permits.keeper.of_order(issuance.order_id) if kit.permits is not None else None
    back = custody is None or custody.state == CustodyState.RETURNED
    refunding = payment is not None and payment.state in PAID_ONCE and payment.state != PaymentState.PAID
    data = ProblemSlipData(
        what=what,
        application_no=issuance["application_no"] or issuance.order_id,
        permit="returned" if back else "in_machine",
        at=kit.clock.now(),
        kiosk_id=kit.settings.kiosk.id,
        paid_fen=payment["paid_fen"] if payment is not None else 0,
        refund_fen=payment["paid_fen"] if refunding and payment is not None else 0,
        trade_no=(payment["trade_no"] or "") if payment is not None else "",
        permit_number=detail["permit_number"],
        place=kit.settings.kiosk.window,
        phone=kit.settings.staff.help_phone,
    )
    return problem_slip(data)


async def print_problem(visit: Visit, kit: Kit) -> None:
    """The slip about what went wrong; a printer that fails here is only noted."""
    await print_all(kit, visit.order_id, await papers_of(visit.order_id, kit))


async def print_voucher(visit: Visit, kit: Kit) -> Visit:
    """At the end of the journey. What did not come out can be had again with the identity card (补打)."""
    printed = await print_all(kit, visit.order_id, await papers_of(visit.order_id, kit))
    if not printed:
        body = "签注已办好。可以在本机换纸后，刷身份证“补打凭证”，也可以到旁边的机器或人工窗口。"
        await say(kit, "凭条没有打印完", body, GO_ON, tone="warn", code="W-PRN-01")
    return replace(visit, printed=printed)
