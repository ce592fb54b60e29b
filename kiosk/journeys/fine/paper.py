"""The voucher of a fine that was paid by number, or the slip that says what is not known yet. Printing never changes money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import TypeAdapter

from kiosk.domain.ebill_blocks import finish_line
from kiosk.domain.fine import BookedPayment, PayableFine
from kiosk.domain.slip import Slip
from kiosk.domain.slips import IncidentSlipData, PaymentLine, PaymentVoucherData, incident_slip, payment_voucher
from kiosk.domain.violation import EBill
from kiosk.journeys.ebills import ask_ebills
from kiosk.journeys.fine.visit import Visit
from kiosk.journeys.kit import GO_ON, Kit, tell
from kiosk.journeys.papers import CHANNELS, Paper, print_all
from kiosk.journeys.surplus import surplus_papers
from kiosk.ledger.cashier import PAID_ONCE, paying
from kiosk.ledger.states import Kind, PaymentState, PostingState
from kiosk.ledger.store import Record

_FINE: TypeAdapter[PayableFine] = TypeAdapter(PayableFine)


def detail_of(fine: PayableFine) -> dict[str, Any]:
    """What the voucher needs later, as JSON; the ledger keeps it encrypted."""
    return {"fine": _FINE.dump_python(fine, mode="json")}


def fine_of(decision: Record, kit: Kit) -> PayableFine:
    """The decision as it was when it was paid, back from the ledger."""
    return _FINE.validate_python(kit.books.registrar.detail(decision)["fine"])


async def papers_of(order_id: str, kit: Kit, bills: Mapping[str, EBill] | None = None) -> list[Paper]:
    """What the order has to show for itself now, from the ledger alone (also after a restart). `bills` by decision number; None: they are
    asked for, where a voucher is due."""
    store = kit.books.store
    decisions = await store.find(Kind.DECISION, order_id=order_id)
    payments = await store.find(Kind.PAYMENT, order_id=order_id)
    if not decisions:
        return []
    fine, payment = fine_of(decisions[0], kit), paying(payments)
    back = await surplus_papers(payments, (fine.printed_number,), kit)
    if payment is not None:
        postings = await store.find(Kind.POSTING, order_id=order_id)
        if postings and all(posting.state == PostingState.POSTED for posting in postings):
            if bills is None:
                bills = await ask_ebills(kit, [fine.number])
            return [(payment.id, _voucher(payment, fine, bills.get(fine.number), kit)), *back]
        return [(payment.id, _incident("paid_not_booked", order_id, payment, fine, kit)), *back]
    unknown = [
        (row.id, _incident("payment_unknown", row.id, row, fine, kit))
        for row in payments
        if row.state not in (PaymentState.CLOSED, PaymentState.FAILED, *PAID_ONCE)
    ]
    return unknown + back


def _voucher(payment: Record, fine: PayableFine, bill: EBill | None, kit: Kit) -> Slip:
    data = _voucher_data(fine, bill, kit)
    wallet = payment["wallet"] or ""
    return payment_voucher(
        replace(
            data,
            order_no=payment.id,
            trade_no=payment["trade_no"],
            channel=CHANNELS.get(wallet, wallet or "扫码支付"),
            paid_at=dt.datetime.fromisoformat(payment["paid_at"]),
            session_id=payment.order_id,
        ),
        kit.tables.legal,
    )


def booked_voucher(fine: PayableFine, booked: BookedPayment, kit: Kit, bill: EBill | None = None) -> Slip:
    """For a fine that was paid elsewhere: what the police side has on its books."""
    extra = max(0, booked.amount_fen - fine.principal_fen)
    line = PaymentLine(fine.printed_number, fine.act, booked.amount_fen - extra, extra, bill)
    data = replace(_voucher_data(fine, bill, kit), trade_no=booked.trade_no, paid_at=booked.paid_at, lines=(line,))
    return payment_voucher(data, kit.tables.legal)


def _voucher_data(fine: PayableFine, bill: EBill | None, kit: Kit) -> PaymentVoucherData:
    return PaymentVoucherData(
        order_no="",
        trade_no="",
        channel="",
        paid_at=kit.clock.now(),
        lines=(PaymentLine(fine.printed_number, fine.act, fine.principal_fen, fine.surcharge_fen or 0, bill),),
        payer="",
        id_number="",
        plate=fine.plate,
        collected_for=fine.authority,
        kiosk_id=kit.settings.kiosk.id,
        session_id="",
        party=fine.party,
    )


def _incident(
    what: Literal["payment_unknown", "paid_not_booked"], reference: str, payment: Record, fine: PayableFine, kit: Kit
) -> Slip:
    data = IncidentSlipData(
        what,
        reference,
        kit.clock.now(),
        kit.settings.kiosk.id,
        payment["amount_fen"],
        (fine.printed_number,),
        payment["trade_no"] or "",
    )
    return incident_slip(data, kit.tables.legal)


async def print_papers(visit: Visit, kit: Kit) -> Visit:
    """At the end of the journey. What did not come out can be had again with the decision's number (补打)."""
    numbers = [visit.owed.number] if visit.posted else []
    bills = await ask_ebills(kit, numbers)
    papers = await papers_of(visit.order_id, kit, bills)
    if not papers:
        return visit  # nothing was paid, and there is nothing to say of it
    printed = await print_all(kit, visit.order_id, papers)
    if not printed:
        body = "缴款已办成。可以在本机换纸后，用决定书编号“补打凭证”，也可以到旁边的机器或人工窗口。"
        if visit.payment is None or visit.payment.state != PaymentState.PAID:
            body = "请记下流水号，到人工窗口核对。没有结果之前，请不要重复付款。"
        await tell(kit, "凭证没有打印完", body, GO_ON, tone="warn", code="W-PRN-01")
    return replace(visit, printed=printed, ebills=finish_line([bills.get(number) for number in numbers]))
