"""The application and its fee. What is written down first is done first; from here there is no way back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import NoReturn

import structlog

from kiosk.journeys.endorsement.custody import give_back, whereabouts
from kiosk.journeys.endorsement.hours import CLOSED
from kiosk.journeys.endorsement.paper import print_problem
from kiosk.journeys.endorsement.permit import permits_of
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.kit import Kit, working
from kiosk.journeys.paying_hours import hours_of, open_for
from kiosk.journeys.say import say
from kiosk.journeys.surplus import CODE as SURPLUS
from kiosk.journeys.surplus import DUE_BACK, look_back, sentence
from kiosk.journeys.till import Bill, take_payment
from kiosk.journeys.walker import Ended
from kiosk.ledger.cashier import Charge
from kiosk.ledger.states import IssuanceState, PaymentState
from kiosk.ledger.store import LedgerError, New, Record
from kiosk.screens.base import Button
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)
SUBJECT = "出入境证件签注费"
NOTHING_KEPT = (PaymentState.CLOSED, PaymentState.FAILED, PaymentState.REFUNDED)
NOT_NOW = Button("exit", "不办了，退出通行证")


async def apply(visit: Visit, kit: Kit) -> Visit:
    """Submit the application. What the platform does not take costs nothing, and the permit comes back; so it does where a code could
    not be shown for its whole time within the hours of payment, and then nothing is applied for."""
    permits = permits_of(kit)
    if not open_for(kit, dt.timedelta(seconds=kit.settings.wallet.code_s)):
        log.info("payment_outside_hours")
        await _leave(
            visit,
            kit,
            "现在不能缴费",
            f"缴费时间是每天 {hours_of(kit)}。没有提交申请，也没有扣款。",
            CLOSED,
            f"refused:{CLOSED}",
        )
    async with kit.guard.hold():
        kit.desk.open(working("正在提交申请", (Phase("提交签注申请", "doing"),), "请稍等，处理中不能退出。"))
        try:
            visit = await _on_record(visit, kit)
        except LedgerError as trouble:
            log.error("order_not_opened", hint=str(trouble))
            await _leave(visit, kit, "本机暂时不能办理", "没有提交申请，也没有扣款。", "L-FULL")
        row = visit.issuance
        if row is None:
            raise RuntimeError("the application was not recorded")
        row = await permits.issuer.apply(row)
        why = row["trouble"]
        if row.state == IssuanceState.VOIDING:
            row = await permits.issuer.cancel(row)
    visit = replace(visit, issuance=row)
    if row.state == IssuanceState.APPLIED:
        return visit
    if why == "fee_differs":  # the platform's tariff is another than the one the citizen was shown
        await _leave(visit, kit, "费用和系统不一致", "没有扣款，申请会撤销。", "R-FEE", "refused:platform")
    if row.state != IssuanceState.UNKNOWN:  # refused, or the platform has it in a state that fits no new application
        await _leave(visit, kit, "申请没有受理", "没有扣款。", f"R-{why or 'REJECTED'}", "refused:platform")
    await _leave(visit, kit, "暂时连不上业务系统", "没有扣款，这次申请会自动撤销。", "N-EXIT-ENTRY")


async def _on_record(visit: Visit, kit: Kit) -> Visit:
    permits = permits_of(kit)
    chosen = visit.chosen()
    detail = {
        "id_number": visit.holder.number,
        "name": visit.holder.name,
        "permit_number": visit.permit.number,
        "phone": visit.kept.phone,
        "fees_fen": [offer.fee_fen for offer in chosen],
    }

    def items(order_id: str) -> list[New]:
        options = [offer.option.id for offer in chosen]
        return [permits.issuer.intent(order_id, options, visit.fee_fen(), detail)]

    subject = {"id_number": visit.holder.number, "name": visit.holder.name}
    order_id = await kit.books.orders.open("endorsement", visit.holder.number, subject, visit.fee_fen(), items)
    if visit.kept.custody is not None:
        visit.kept.custody = await permits.keeper.belongs_to(visit.kept.custody, order_id)
    return replace(visit, order_id=order_id, issuance=await permits.issuer.find(order_id))


async def _leave(visit: Visit, kit: Kit, title: str, safe: str, code: str, outcome: str = "unavailable") -> NoReturn:
    await give_back(visit.kept, kit, permits_of(kit))
    body = f"{safe}{whereabouts(visit.kept, kit)}请稍后再试，或到{kit.settings.kiosk.window}办理。"
    await say(kit, title, body, code=code)
    raise Ended(outcome)


async def pay(visit: Visit, kit: Kit) -> Visit:
    """Ends paid; or the application is taken back and the permit goes home unchanged."""
    bill = Bill(
        visit.order_id,
        [Charge(visit.issuance.id, visit.fee_fen())] if visit.issuance is not None else [],
        SUBJECT,
        f"签注费 {len(visit.kept.entries)} 项",
        "申请已提交，还没有扣款。可以再试一次；不办了，申请会撤销，通行证退还给您。",
        NOT_NOW,
        "这次申请会撤销，通行证退还给您。",
    )
    payment = await take_payment(bill, kit)
    visit = replace(visit, payment=payment)
    if payment is not None and payment.state == PaymentState.PAID:
        return visit
    return await _unpaid(visit, kit)


async def _unpaid(visit: Visit, kit: Kit) -> NoReturn:
    """No clear payment, no endorsement: the application is taken back, and what was or may still be paid goes back by itself."""
    permits = permits_of(kit)
    unclear = visit.payment is not None and visit.payment.state not in NOTHING_KEPT
    if visit.issuance is not None:
        async with kit.guard.hold():
            row = await permits.issuer.void(visit.issuance, "unpaid")
            visit = replace(visit, issuance=await permits.issuer.cancel(row))
    await give_back(visit.kept, kit, permits)
    where = whereabouts(visit.kept, kit)
    back = await _too_late(visit, kit)
    if back:
        await print_problem(visit, kit)
        body = f"没有制作签注。您付的 {sentence(back)}"
        await say(kit, "您付的钱会退回", body + where, tone="info", code=SURPLUS)
        raise Ended("unpaid")
    if visit.payment is not None and visit.payment.state == PaymentState.MANUAL:
        await print_problem(visit, kit)
        body = f"没有制作签注。请带付款记录和核对单到{kit.settings.kiosk.window}，工作人员会处理这笔付款。"
        await say(kit, "付款金额不对", body + where, tone="warn", code="N-PAY")
        raise Ended("amount_alarm")
    if unclear:
        await print_problem(visit, kit)
        body = "没有制作签注。如果手机显示已付款，钱会原路退回，请不要再付。请拿好核对单。"
        await say(kit, "付款结果还在核对", body + where, tone="warn", code="N-PAY")
        raise Ended("payment_unknown")
    await say(kit, "没有付款，申请已撤销", f"没有扣款。{where}需要时可以再来办理。", tone="info")
    raise Ended("unpaid")


async def _too_late(visit: Visit, kit: Kit) -> list[Record]:
    """Money that has come for the application since it was taken back: a wallet may close a code and take its money."""
    if visit.payment is None or visit.payment.state not in (PaymentState.CLOSED, *DUE_BACK):
        return []
    async with kit.guard.hold():
        await look_back(kit, visit.payment, itself=True)
    attempts = await kit.books.cashier.attempts(visit.order_id)
    return [row for row in attempts if row.state in DUE_BACK]
