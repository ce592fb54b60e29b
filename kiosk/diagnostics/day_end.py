"""T08: what can be done about a day: match it once more, its slip on paper."""

from __future__ import annotations

import datetime as dt

from kiosk.care.supervisor import Holder
from kiosk.diagnostics import checks
from kiosk.diagnostics.visit import Refused, Visit
from kiosk.ledger.reconcile_day import CannotMatch
from kiosk.ledger.reconcile_desk import DayEndDesk
from kiosk.ledger.reconcile_lock import MatchUnderWay
from kiosk.ports.devices import PrintEnd, ReceiptPrinter
from kiosk.screens.diagnostics import Order, Tone

SLIP = "day_end"
SIMULATED = "支付前置是模拟的，没有可以核对的账单。"
_ENDS: dict[PrintEnd, tuple[str, Tone]] = {
    PrintEnd.DONE: ("日终结账单已打印。", "ok"),
    PrintEnd.FAILED: ("日终结账单没有打印：", "bad"),
    PrintEnd.UNCERTAIN: ("不能确认日终结账单是否打印完整，请看纸：", "warn"),
}


async def print_paper(visit: Visit, order: Order) -> None:
    if order.key != SLIP:
        await checks.print_report(visit, order)
        return
    desk, day = _desk(visit), _day(order.value)
    if checks.PRINTER not in visit.tools.supervisor.devices:
        raise Refused("本机没有凭证打印机。")
    visit.begin(_print(visit, desk, day))


async def match(visit: Visit, order: Order) -> None:
    desk, day = _desk(visit), _day(order.value)
    if not desk.can_match:
        raise Refused(SIMULATED)
    if day >= desk.today():
        raise Refused("这一天还没有结束，第二天才能对账。")
    visit.begin(_match(visit, desk, day))


async def _match(visit: Visit, desk: DayEndDesk, day: dt.date) -> None:
    await visit.record("day_matched", day=day.isoformat(), outcome="asked")
    visit.say(f"正在核对 {day.isoformat()}，请稍等。")
    outcome, breaks, note, tone = "broken_off", 0, "", "bad"
    try:
        found = await desk.match(day)
        breaks = len(found.breaks)
        outcome = "good" if found.good else "alarm" if found.alarms else "breaks"
        note, tone = _said(day, outcome, breaks)
    except MatchUnderWay:
        outcome, note, tone = "under_way", "另一个程序正在对账，请稍后再试。", "warn"
    except CannotMatch as trouble:
        outcome, note = "no_books", f"账单取不到，没有核对。{trouble}"
    finally:
        await visit.record_end("day_matched", day=day.isoformat(), outcome=outcome, breaks=breaks)
    visit.say(note, tone)  # type: ignore[arg-type]


def _said(day: dt.date, outcome: str, breaks: int) -> tuple[str, Tone]:
    match outcome:
        case "good":
            return f"{day.isoformat()} 三方账目一致。", "ok"
        case "alarm":
            return f"{day.isoformat()} 有 {breaks} 项不一致，其中有报警，本机暂停缴款。", "bad"
    return f"{day.isoformat()} 有 {breaks} 项不一致，见待办清单。", "warn"


async def _print(visit: Visit, desk: DayEndDesk, day: dt.date) -> None:
    tools = visit.tools
    await visit.record("day_slip_printed", day=day.isoformat(), outcome="asked")
    outcome = "broken_off"
    try:
        paper = await desk.slip(day)
        visit.say("正在打印日终结账单。")
        printer: ReceiptPrinter = tools.supervisor.devices[checks.PRINTER]  # type: ignore[assignment]
        async with tools.supervisor.lease(Holder.DIAGNOSTICS):
            ended = await printer.print_slip(paper, f"DAY{day:%y%m%d}T{tools.clock.now():%H%M%S}")
        outcome = str(ended.end)
        words, tone = _ENDS[ended.end]
        visit.say(words + (ended.detail if ended.end is not PrintEnd.DONE else ""), tone)
    finally:
        await visit.record_end("day_slip_printed", day=day.isoformat(), outcome=outcome)


def _desk(visit: Visit) -> DayEndDesk:
    if visit.tools.day_end is None:
        raise Refused("本机不收款，没有日终账目。")
    return visit.tools.day_end


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Refused("没有这一天。") from None
