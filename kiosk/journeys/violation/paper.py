"""The papers: one decision each, the voucher, or the slip that says what is not known yet. Printing never changes money."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import structlog
from pydantic import TypeAdapter

from kiosk.domain.decision_slip import DecisionSlipData, decision_slip
from kiosk.domain.ebill_blocks import finish_line
from kiosk.domain.slip import Slip
from kiosk.domain.slips import IncidentSlipData, PaymentLine, PaymentVoucherData, incident_slip, payment_voucher
from kiosk.domain.vehicle_types import vehicle_kind
from kiosk.domain.violation import Driver, EBill, ViolationRecord
from kiosk.journeys.ebills import ask_ebills
from kiosk.journeys.kit import GO_ON, Kit, tell
from kiosk.journeys.papers import CHANNELS, Paper, print_all
from kiosk.journeys.surplus import surplus_papers
from kiosk.journeys.violation.visit import Visit
from kiosk.ledger.cashier import PAID_ONCE, paying
from kiosk.ledger.registrar import from_json
from kiosk.ledger.states import DecisionState, Kind, PaymentState, PostingState
from kiosk.ledger.store import Record

log = structlog.get_logger(__name__)
_RECORD: TypeAdapter[ViolationRecord] = TypeAdapter(ViolationRecord)
_DRIVER: TypeAdapter[Driver | None] = TypeAdapter(Driver | None)


def detail_of(visit: Visit, record: ViolationRecord) -> dict[str, Any]:
    """What the printed decision needs later, as JSON; the ledger keeps it encrypted."""
    return {
        "name": visit.holder.name,
        "record": _RECORD.dump_python(record, mode="json"),
        "driver": _DRIVER.dump_python(visit.driver, mode="json"),
        "vehicle_type": visit.vehicle.vehicle_type if visit.vehicle is not None else "",
    }


async def papers_of(order_id: str, kit: Kit, bills: Mapping[str, EBill] | None = None) -> list[Paper]:
    """Everything an order has to show for itself now, from the ledger alone (also after a restart). Nothing for an order of another
    service, which has no decisions. `bills` by decision number; None: they are asked for, where a voucher is due."""
    store = kit.books.store
    decisions = await store.find(Kind.DECISION, [DecisionState.DECIDED], order_id=order_id)
    if not decisions:
        return []
    payments = await store.find(Kind.PAYMENT, order_id=order_id)
    postings = await store.find(Kind.POSTING, order_id=order_id)
    papers = [(row.id, _decision(row, kit)) for row in decisions]
    payment = paying(payments)
    if payment is not None:
        covered = [row for row in decisions if row.id in payment["covers"]]
        posted = {row["decision_id"] for row in postings if row.state == PostingState.POSTED}
        if all(row.id in posted for row in covered):
            if bills is None:
                bills = await ask_ebills(kit, [row["number"] for row in covered])
            papers.append((payment.id, _voucher(payment, covered, bills, kit)))
        else:
            papers.append((payment.id, _incident(kit, "paid_not_booked", order_id, payment, covered)))
    else:
        for row in payments:
            if row.state not in (PaymentState.CLOSED, PaymentState.FAILED, *PAID_ONCE):
                papers.append((row.id, _incident(kit, "payment_unknown", row.id, row, decisions)))
    numbers = tuple(from_json(row["issued"]).printed_number for row in decisions)
    return papers + await surplus_papers(payments, numbers, kit)


def _decision(row: Record, kit: Kit) -> Slip:
    detail = kit.books.registrar.detail(row)
    place = kit.settings.kiosk
    data = DecisionSlipData(
        decision=from_json(row["issued"]),
        record=_RECORD.validate_python(detail["record"]),
        name=detail["name"],
        id_number=detail["id_number"],
        driver=_DRIVER.validate_python(detail["driver"]),
        place=f"{place.hall}自助机（{place.machine}）",
        kiosk_id=place.id,
        vehicle_kind=vehicle_kind(detail.get("vehicle_type", "")),
        refusal_noted_by=detail.get("refusal_noted_by", ""),
        signature_png=base64.b64decode(detail["signature_png"]) or None,
        signed_at=dt.datetime.fromisoformat(detail["waived_at"]),
    )
    return decision_slip(data, kit.tables.legal, kit.tables.rules)


def _voucher(payment: Record, decisions: Sequence[Record], bills: Mapping[str, EBill], kit: Kit) -> Slip:
    details = [kit.books.registrar.detail(row) for row in decisions]
    records = [_RECORD.validate_python(detail["record"]) for detail in details]
    issued = [from_json(row["issued"]) for row in decisions]
    data = PaymentVoucherData(
        order_no=payment.id,
        trade_no=payment["trade_no"],
        channel=CHANNELS.get(payment["wallet"], payment["wallet"] or "扫码支付"),
        paid_at=dt.datetime.fromisoformat(payment["paid_at"]),
        lines=tuple(
            PaymentLine(decision.printed_number, record.act, decision.fine_fen, bill=bills.get(decision.number))
            for decision, record in zip(issued, records, strict=True)
        ),
        payer=details[0]["name"],
        id_number=details[0]["id_number"],
        plate=records[0].plate,
        collected_for="、".join(dict.fromkeys(decision.authority for decision in issued)),
        kiosk_id=kit.settings.kiosk.id,
        session_id=payment.order_id,
        vehicle_kind=vehicle_kind(details[0].get("vehicle_type", "")),
    )
    return payment_voucher(data, kit.tables.legal)


def _incident(
    kit: Kit,
    what: Literal["payment_unknown", "paid_not_booked", "decision_unknown"],
    reference: str,
    payment: Record | None,
    decisions: Sequence[Record],
) -> Slip:
    data = IncidentSlipData(
        what,
        reference,
        kit.clock.now(),
        kit.settings.kiosk.id,
        payment["amount_fen"] if payment is not None else 0,
        tuple(from_json(row["issued"]).printed_number for row in decisions if row["issued"]),
        (payment["trade_no"] or "") if payment is not None else "",
    )
    return incident_slip(data, kit.tables.legal)


async def print_incident(visit: Visit, kit: Kit) -> None:
    """The 核对单 for decisions whose result is not known; a printer that fails here is only noted."""
    slip = _incident(kit, "decision_unknown", visit.order_id, None, ())
    await print_all(kit, visit.order_id, [(visit.order_id, slip)])


async def print_papers(visit: Visit, kit: Kit) -> Visit:
    """At the end of the journey. What did not come out can be had again with the identity card (补打)."""
    numbers = [row["number"] for row in visit.decisions if row["fine_fen"]] if visit.posted else []
    bills = await ask_ebills(kit, numbers)
    printed = await print_all(kit, visit.order_id, await papers_of(visit.order_id, kit, bills))
    if not printed:
        body = "业务已办成。可以在本机换纸后，刷身份证“补打凭证”，也可以到旁边的机器或人工窗口。"
        await tell(kit, "凭证没有打印完", body, GO_ON, tone="warn", code="W-PRN-01")
    return replace(visit, printed=printed, ebills=finish_line([bills.get(number) for number in numbers]))
