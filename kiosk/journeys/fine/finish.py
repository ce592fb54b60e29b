"""C13: what was paid, what to take along, what comes next."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.money import format_fen
from kiosk.domain.texts import written_date
from kiosk.journeys.fine.visit import Visit
from kiosk.journeys.finish import see_off
from kiosk.journeys.kit import Kit
from kiosk.journeys.surplus import DUE_BACK, GOES_BACK, by_staff, sentence
from kiosk.ledger.states import PaymentState
from kiosk.screens.common import Finish, Tone


async def finish(visit: Visit, kit: Kit) -> Visit:
    await kit.books.orders.conclude(visit.order_id, citizen_present=False)
    screen = replace(_screen(visit, kit), seconds=kit.settings.session.finish_s)
    again = await see_off(kit, screen, visit.order_id, ("凭证",) if visit.printed and _has_paper(visit) else ())
    return replace(visit, again=again)


def _has_paper(visit: Visit) -> bool:
    """Nothing is printed about a payment that was not made."""
    state = visit.payment.state if visit.payment is not None else ""
    return state in (PaymentState.PAID, PaymentState.UNKNOWN, PaymentState.PENDING, PaymentState.MANUAL, *GOES_BACK)


def _screen(visit: Visit, kit: Kit) -> Finish:
    fine = visit.owed
    state = visit.payment.state if visit.payment is not None else ""
    notes: list[str] = []
    tone: Tone = "ok"
    if state == PaymentState.PAID:
        title = f"缴款成功，{format_fen(fine.total_fen)}"
        if visit.posted:
            notes.append(f"这份决定书的罚款已经缴清。{visit.ebills if visit.printed else ''}")
        elif visit.by_hand:
            tone, title = "warn", "已收到付款，登记没有成功"
            notes.append("请拿好核对单。工作人员会核对，多收的会退回，请不要重复付款。")
        else:
            tone, title = "info", "已收到付款，登记还在处理"
            notes.append("请拿好凭证。登记会自动完成，1 个工作日内可在窗口或手机查询，不用再付款。")
    elif state in (PaymentState.UNKNOWN, PaymentState.PENDING, PaymentState.INTENT, PaymentState.MANUAL):
        tone, title = "warn", "正在核对付款结果"
        notes.append("如果手机显示已付款，请不要重复付款。核对完会自动登记。")
    elif state in DUE_BACK and visit.payment is not None:  # somebody has paid this decision in the meantime
        tone, title = "info", "这份决定书的罚款已经缴清"
        notes.append(f"多付的 {sentence([visit.payment], by_staff(kit))}")
    elif state == PaymentState.REFUNDED and visit.payment is not None:
        tone, title = "info", "这次付款已撤销，钱会退回"
        notes.append(sentence([visit.payment], owed=True))
    else:
        tone, title = "info", "还没有缴款，没有扣款"
        if fine.deadline is not None and not fine.surcharge_fen:
            notes.append(f"请在 {written_date(fine.deadline)} 前缴清，逾期每日加处 3%。")
    if not visit.printed:
        notes.append("凭证没有打印完，可以用决定书编号“补打凭证”。")
    return Finish(title, f"流水号 {visit.order_id}", (), tone, tuple(notes))
