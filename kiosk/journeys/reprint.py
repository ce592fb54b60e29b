"""补打凭证: with the identity card, the citizen gets the papers of the latest order at this machine once more, marked as copies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from kiosk.domain.money import format_fen
from kiosk.journeys.endorsement import paper as endorsement
from kiosk.journeys.identify import Visitor, read_card
from kiosk.journeys.kit import EXIT, Kit, tell
from kiosk.journeys.papers import Paper, print_all
from kiosk.journeys.violation import paper as violation
from kiosk.journeys.walker import Ended, Step, Walked, walk
from kiosk.journeys.words import moment
from kiosk.ledger.states import DecisionState, Kind
from kiosk.ledger.store import Record
from kiosk.screens.base import Button, Row, ask
from kiosk.screens.common import Message

KEPT = dt.timedelta(days=180)
"""A decision can be printed again for six months (published rule of the online service)."""
PRINT = Button("print", "打印凭证")


@dataclass(frozen=True, slots=True)
class Reprint(Visitor):
    order: Record | None = None
    printed: bool = False


async def find_order(visit: Reprint, kit: Kit) -> Reprint:
    """The newest order that has anything to print."""
    for order in await kit.books.orders.of_person(visit.holder.number, kit.clock.now() - KEPT):
        papers = await _papers(order, kit)
        if papers:
            rows = (
                Row("办理时间", moment(dt.datetime.fromisoformat(order.created_at))),
                *await _money(order, kit),
                Row("凭证", f"{len(papers)} 张"),
            )
            screen = Message("要补打这次的凭证吗？", "补打的凭证会印上“补打”和时间。", (PRINT, EXIT), "info", rows=rows)
            if await ask(kit.desk, screen) != PRINT.id:
                raise Ended("declined")
            return replace(visit, order=order)
    body = "本机没有找到您最近半年的凭证。在别的机器办理的，请到那台机器或人工窗口补打。"
    await tell(kit, "没有可以补打的凭证", body, tone="info")
    raise Ended("nothing_to_print")


async def _papers(order: Record, kit: Kit) -> list[Paper]:
    if order["journey"] == "endorsement":
        return await endorsement.papers_of(order.id, kit)
    return await violation.papers_of(order.id, kit)


async def _money(order: Record, kit: Kit) -> list[Row]:
    """What was really decided or paid: the order's own amount is what was asked for, and a part may have been refused, or all of it
    given back."""
    store = kit.books.store
    if order["journey"] != "endorsement":
        decided = await store.find(Kind.DECISION, [DecisionState.DECIDED], order_id=order.id)
        return [Row("金额", format_fen(sum(row["fine_fen"] for row in decided)))]
    money = endorsement.money_of(await store.find(Kind.PAYMENT, order_id=order.id))
    if not money.paid_fen:
        return [Row("付款", "还没有查到")]
    parts = (("已退款", money.refunded_fen), ("正在退款", money.refund_fen), ("待窗口核对", money.by_hand_fen))
    told = [Row(label, format_fen(fen)) for label, fen in parts if fen]
    return [
        Row("已付", format_fen(money.paid_fen)),
        *told,
        *([Row("实收", format_fen(money.kept_fen))] if told else []),
    ]


async def print_again(visit: Reprint, kit: Kit) -> Reprint:
    if visit.order is None:
        raise RuntimeError("no order was chosen")
    printed = await print_all(kit, visit.order.id, await _papers(visit.order, kit))
    title = "凭证已打印" if printed else "凭证没有打印完"
    body = "请取走凭证和身份证。" if printed else "可以稍后再试，也可以到人工窗口补打。"
    await tell(kit, title, body, EXIT, tone="ok" if printed else "warn")
    return replace(visit, printed=printed)


STEPS: tuple[Step[Reprint, Kit], ...] = (
    Step("刷身份证", read_card),
    Step("核对", find_order),
    Step("打印", print_again, barrier=True),
)


async def run(kit: Kit) -> Walked[Reprint]:
    return await walk(STEPS, Reprint(), kit, kit.desk, kit.guard)
