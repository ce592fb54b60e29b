"""The order is written down, the fine is paid at the till, and the police side is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import structlog

from config.zone import SHANGHAI
from kiosk.journeys.fine.decision import ask_again, review
from kiosk.journeys.fine.paper import detail_of
from kiosk.journeys.fine.visit import Visit
from kiosk.journeys.kit import Kit, tell, working
from kiosk.journeys.till import Bill, SumOutdated, take_payment
from kiosk.journeys.walker import Ended
from kiosk.ledger.cashier import Charge
from kiosk.ledger.states import PaymentState, PostingState
from kiosk.ledger.store import LedgerError, New
from kiosk.screens.base import Button, Page
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)
SUBJECT = "交通违法罚款"
LATER = Button("later", "以后再缴")


async def pay(visit: Visit, kit: Kit) -> Visit:
    """Ends paid, unpaid, or unknown (the sweeper goes on; the slip says so)."""
    visit = await _opened(visit, kit)
    while True:
        try:
            payment = await take_payment(_bill(visit), kit)
        except SumOutdated:
            visit = await _asked_anew(visit, kit)
            continue
        if payment is None:
            return visit
        visit = replace(visit, payment=payment)
        return await _post(visit, kit) if payment.state == PaymentState.PAID else visit


def _bill(visit: Visit) -> Bill:
    fine = visit.owed
    extra = "罚款和加处罚款" if fine.surcharge_fen else "罚款"
    return Bill(
        visit.order_id,
        [Charge(f"{visit.order_id}D1", fine.total_fen)],
        SUBJECT,
        f"应缴{extra} 1 笔",
        "没有扣款。可以再试一次，也可以用别的方式缴。",
        LATER,
        "这份决定书没有缴，可以用 12123 App、银行或本机缴。",
        _day_end(visit.asked_at) if visit.asked_at is not None else None,
    )


def _day_end(at: dt.datetime) -> dt.datetime:
    """The surcharge of an overdue fine grows with the calendar day (行政处罚法 第72条): what the cashier said holds until midnight."""
    return dt.datetime.combine(at.astimezone(SHANGHAI).date() + dt.timedelta(days=1), dt.time(), SHANGHAI)


async def _asked_anew(visit: Visit, kit: Kit) -> Visit:
    """Midnight has passed before a code was made. The same sum goes on; another one is shown, agreed to again, and is another order."""
    log.info("fine_asked_anew", order=visit.order_id)
    now = await ask_again(visit, kit)
    if now.owed.total_fen == visit.owed.total_fen:
        return now
    await kit.books.orders.conclude(visit.order_id, citizen_present=False)
    kit.desk.allow(back=False, cancel=True)  # nothing of the old order is open, and nobody has agreed to the new sum
    now = await review(replace(now, order_id=""), kit)
    kit.desk.allow(back=False, cancel=False)
    return await _opened(now, kit)


async def _opened(visit: Visit, kit: Kit) -> Visit:
    try:
        return replace(visit, order_id=await _open_order(visit, kit))
    except LedgerError as trouble:
        log.error("order_not_opened", hint=str(trouble))
        await tell(kit, "本机暂时不能办理", "没有扣款。请到旁边的机器或人工窗口办理。", code="L-FULL")
        raise Ended("unavailable") from None


async def _open_order(visit: Visit, kit: Kit) -> str:
    """One commit: the order and the decision it is for. Raises LedgerError."""
    fine = visit.owed

    def items(order_id: str) -> list[New]:
        return [kit.books.registrar.known(f"{order_id}D1", order_id, fine, detail_of(fine))]

    subject = {"decision": fine.number}
    return await kit.books.orders.open("fine", fine.number, subject, fine.total_fen, items)


async def _post(visit: Visit, kit: Kit) -> Visit:
    """Tell the police side that it is paid. Not reaching it changes nothing for the citizen: it is repeated later."""
    async with kit.guard.hold():
        page: Page[None] = kit.desk.open(
            working("正在记录缴款", (Phase("收到付款", "done"), Phase("记录缴款", "doing")), "请稍等，正在登记。")
        )
        postings = await kit.books.cashier.post(visit.order_id)
        posted = bool(postings) and all(posting.state == PostingState.POSTED for posting in postings)
        by_hand = any(posting.state == PostingState.MANUAL for posting in postings)
        state: Any = "done" if posted else "failed" if by_hand else "unknown"
        page.update(working("正在记录缴款", (Phase("收到付款", "done"), Phase("记录缴款", state)), ""))
    return replace(visit, posted=posted, by_hand=by_hand)
