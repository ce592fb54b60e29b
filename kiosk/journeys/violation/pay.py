"""The fines are paid at the till, then told to the police side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.journeys.kit import Kit, working
from kiosk.journeys.till import Bill, take_payment
from kiosk.journeys.violation.visit import Visit
from kiosk.ledger.cashier import Charge
from kiosk.ledger.states import PaymentState, PostingState
from kiosk.screens.base import Button, Page
from kiosk.screens.common import Phase

SUBJECT = "交通违法罚款"
LATER = Button("later", "以后再缴")


async def pay(visit: Visit, kit: Kit) -> Visit:
    """Ends paid, unpaid (pay later within 15 days), or unknown (the sweeper goes on; the slip says so)."""
    owed = [row for row in visit.decisions if row["fine_fen"]]
    bill = Bill(
        visit.order_id,
        [Charge(row.id, row["fine_fen"]) for row in owed],
        SUBJECT,
        f"应缴罚款 {len(owed)} 笔",
        "您的处罚决定已经作出，没有扣款。可以再试一次，也可以在缴款期限内用别的方式缴。",
        LATER,
        "您的处罚决定不变，请在缴款期限内缴清，可以用 12123 App、银行或本机。",
    )
    payment = await take_payment(bill, kit)
    if payment is None:
        return visit
    visit = replace(visit, payment=payment)
    return await _post(visit, kit) if payment.state == PaymentState.PAID else visit


async def _post(visit: Visit, kit: Kit) -> Visit:
    """Tell the police side which fines are paid. Not reaching it changes nothing for the citizen: it is repeated later."""
    async with kit.guard.hold():
        page: Page[None] = kit.desk.open(
            working("正在记录缴款", (Phase("收到付款", "done"), Phase("记录缴款", "doing")), "请稍等，正在登记。")
        )
        postings = await kit.books.cashier.post(visit.order_id)
        posted = bool(postings) and all(posting.state == PostingState.POSTED for posting in postings)
        state: Any = "done" if posted else "unknown"
        page.update(working("正在记录缴款", (Phase("收到付款", "done"), Phase("记录缴款", state)), ""))
    return replace(visit, posted=posted)
