"""C13: what was done, what to take along, what comes next, and the rating nobody has to give."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.money import format_fen
from kiosk.domain.texts import written_date
from kiosk.journeys.finish import see_off
from kiosk.journeys.kit import Kit
from kiosk.journeys.surplus import DUE_BACK, by_staff, sentence
from kiosk.journeys.violation.visit import Visit
from kiosk.ledger.registrar import from_json
from kiosk.ledger.states import PaymentState
from kiosk.screens.common import Finish


async def finish(visit: Visit, kit: Kit) -> Visit:
    await kit.books.orders.conclude(visit.order_id, citizen_present=False)
    screen = replace(_screen(visit, by_staff(kit)), seconds=kit.settings.session.finish_s)
    again = await see_off(kit, screen, visit.order_id, ("凭证",) if visit.printed else ())
    return replace(visit, again=again)


def _screen(visit: Visit, window: str = "") -> Finish:
    count = len(visit.decisions)
    state = visit.payment.state if visit.payment is not None else ""
    notes: list[str] = []
    tone: str = "ok"
    if not visit.owed_fen():
        title = f"已处理 {count} 条违法，不用缴款"
    elif state == PaymentState.PAID:
        title = f"缴款成功，已处理 {count} 条违法"
        if not visit.posted:
            tone, title = "info", "已收到付款，登记还在处理"
            notes.append("请拿好凭证。登记会自动完成，1 个工作日内可在窗口或手机查询，不用再付款。")
        if visit.ebills and visit.printed:
            notes.append(visit.ebills)
    elif state in (PaymentState.UNKNOWN, PaymentState.PENDING, PaymentState.INTENT, PaymentState.MANUAL):
        tone, title = "warn", "正在核对付款结果"
        notes.append("如果手机显示已付款，请不要重复付款。核对完会自动登记。")
    elif state in DUE_BACK and visit.payment is not None:  # somebody has paid these fines in the meantime
        tone, title = "info", f"已处理 {count} 条违法，罚款已经缴清"
        notes.append(f"多付的 {sentence([visit.payment], window)}")
    else:
        tone, title = "info", f"已处理 {count} 条违法，还没有缴款"
        if visit.payment is not None and state == PaymentState.REFUNDED:
            notes.append(f"刚才的付款已撤销，{sentence([visit.payment], owed=True)}")
        days = [issued.deadline for row in visit.decisions if (issued := from_json(row["issued"])).deadline]
        if days:
            notes.append(
                f"应缴 {format_fen(visit.owed_fen())}，请在 {written_date(min(days))} 前缴清，逾期每日加处 3%。"
            )
    if not visit.printed:
        notes.append("凭证没有打印完。业务已办成，可以刷身份证“补打凭证”。")
    if visit.undecided:
        notes.append(f"另有 {visit.undecided} 条还在核对，请拿好核对单。")
    if left := _left_open(visit):
        notes.append(left)
    return Finish(title, f"流水号 {visit.order_id}", (), tone, tuple(notes))  # type: ignore[arg-type]


def _left_open(visit: Visit) -> str:
    """In one line what was not decided in this visit, and why."""
    parts = (
        (len(visit.kept.objected), "提出了异议"),
        (len(visit.kept.defended), "陈述了申辩"),
        (visit.rejected, "没有处理成"),
    )
    told = "、".join(f"{count} 条{words}" for count, words in parts if count)
    return f"另有 {told}，没有处罚，也没有扣款。" if told else ""
