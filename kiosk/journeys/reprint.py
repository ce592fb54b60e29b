"""补打凭证: the papers of the latest order at this machine with the identity card, or the voucher of one decision by its number.

Every print is numbered, and what nobody knows the end of is said to be uncertain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from kiosk.domain.errors import Refused
from kiosk.domain.money import format_fen
from kiosk.domain.numbers import DecisionNumber
from kiosk.domain.violation import EBill
from kiosk.journeys.endorsement import paper as endorsement
from kiosk.journeys.fine.copies import Prints, print_numbered, prints_of, voucher_of
from kiosk.journeys.fine.number import ask_number
from kiosk.journeys.fine.visit import Kept
from kiosk.journeys.identify import Visitor, read_card
from kiosk.journeys.kit import EXIT, Kit, reach, tell
from kiosk.journeys.papers import TITLES, Paper, print_all
from kiosk.journeys.violation import paper as violation
from kiosk.journeys.walker import Ended, Step, Walked, walk
from kiosk.journeys.words import moment
from kiosk.ledger.states import DecisionState, Kind, PrintState
from kiosk.ledger.store import Record
from kiosk.screens.base import Back, Button, Row, ask
from kiosk.screens.common import Message
from kiosk.screens.fine import ChooseReprintWay

KEPT = dt.timedelta(days=180)
"""A decision can be printed again for six months (published rule of the online service)."""
PRINT = Button("print", "打印凭证")
RETYPE = Button("retype", "重新输入编号")
COPIES = "补打的凭证会印上“补打”、次数和时间。"


@dataclass(frozen=True, slots=True)
class Reprint(Visitor):
    by_number: bool = False
    number: DecisionNumber = field(default=DecisionNumber(""), repr=False)
    kept: Kept = field(default_factory=Kept)
    order: Record | None = None
    voucher: tuple[str, Paper] | None = None
    """By number: the order (empty: paid elsewhere) and its one paper."""
    printed: bool = False


async def choose_way(visit: Reprint, kit: Kit) -> Reprint:
    return replace(visit, by_number=await ask(kit.desk, ChooseReprintWay()) == "number")


async def enter_number(visit: Reprint, kit: Kit) -> Reprint:
    return replace(visit, number=await ask_number(kit, visit.kept, "copy"))


async def find_order(visit: Reprint, kit: Kit) -> Reprint:
    """The newest order that has anything to print."""
    for order in await kit.books.orders.of_person(visit.holder.number, kit.clock.now() - KEPT):
        papers = await _papers(order, kit, {})
        if papers:
            rows = (
                Row("办理时间", moment(dt.datetime.fromisoformat(order.created_at))),
                *await _money(order, kit),
                Row("凭证", f"{len(papers)} 张"),
                *await _printed_before(papers, kit),
            )
            screen = Message("要补打这次的凭证吗？", COPIES, (PRINT, EXIT), "info", rows=rows)
            if await ask(kit.desk, screen) != PRINT.id:
                raise Ended("declined")
            return replace(visit, order=order)
    body = "本机没有找到您最近半年的凭证。在别的机器办理的，请到那台机器或人工窗口补打。"
    await tell(kit, "没有可以补打的凭证", body, tone="info")
    raise Ended("nothing_to_print")


async def find_voucher(visit: Reprint, kit: Kit) -> Reprint:
    """The voucher of this decision's payment, made here or elsewhere. Never the decision itself: a number is not who its party is."""

    async def call() -> tuple[str, Paper] | None:
        try:
            return await voucher_of(visit.number, None, kit)
        except Refused:
            return None  # no such decision; the same to whoever asks for a voucher

    found = await reach(kit, "正在查询缴款", call)
    if found is None:
        body = "没有查到这份决定书的缴款。请核对编号，没有缴款的可以先在本机缴款。"
        if await tell(kit, "没有可以补打的凭证", body, RETYPE, EXIT, tone="info") == RETYPE.id:
            raise Back
        raise Ended("nothing_to_print")
    order_id, paper = found
    before = await prints_of(kit, paper[0], paper[1].kind)
    told = before.told() if order_id else f"在本机{before.told()}"
    rows = (
        Row("决定书编号", visit.number.spaced),
        Row("凭证", TITLES.get(paper[1].kind, "打印凭证").removeprefix("打印")),
        Row("以前", told),
    )
    screen = Message("要补打这份凭证吗？", COPIES, (PRINT, EXIT), "info", rows=rows)
    if await ask(kit.desk, screen) != PRINT.id:
        raise Ended("declined")
    return replace(visit, voucher=found)


async def _papers(order: Record, kit: Kit, bills: Mapping[str, EBill] | None = None) -> list[Paper]:
    """`bills` None: the electronic bills are asked for as well, which may take a moment."""
    if order["journey"] == "endorsement":
        return await endorsement.papers_of(order.id, kit)
    return await violation.papers_of(order.id, kit, bills)


async def _printed_before(papers: list[Paper], kit: Kit) -> list[Row]:
    """Only where something is to be said: that a print was uncertain."""
    found = [await prints_of(kit, subject, slip.kind) for subject, slip in papers]
    unsure = sum(prints.uncertain for prints in found)
    count = sum(prints.count for prints in found)
    return [Row("以前", Prints(count, unsure).told())] if unsure else []


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
    if visit.voucher is not None:
        return replace(visit, printed=await print_numbered(kit, *visit.voucher))
    if visit.order is None:
        raise RuntimeError("no order was chosen")
    papers = await reach(kit, "正在查询电子票据", partial(_papers, visit.order, kit))
    printed = await print_all(kit, visit.order.id, papers)
    title, body = "凭证已打印", "请取走凭证和身份证。"
    if not printed:
        unsure = await _any_uncertain(papers, kit)
        title = "不确定凭证打出来没有" if unsure else "凭证没有打印完"
        body = "可以稍后再试，也可以到人工窗口补打。"
        if unsure:
            body = f"打印机没有回答，请看看出纸口。{body}新的一张会另编补打次数。"
    await tell(kit, title, body, EXIT, tone="ok" if printed else "warn")
    return replace(visit, printed=printed)


async def _any_uncertain(papers: list[Paper], kit: Kit) -> bool:
    """Whether the newest print of any of them is one nobody knows the end of."""
    for subject, slip in papers:
        jobs = await kit.books.store.find(Kind.PRINT, subject_id=subject, slip=slip.kind)
        if jobs and jobs[-1].state == PrintState.UNCERTAIN:
            return True
    return False


STEPS: tuple[Step[Reprint, Kit], ...] = (
    Step("选方式", choose_way),
    Step("查凭证", read_card, when=lambda visit: not visit.by_number),
    Step("查凭证", enter_number, when=lambda visit: visit.by_number),
    Step("核对", find_order, when=lambda visit: not visit.by_number),
    Step("核对", find_voucher, when=lambda visit: visit.by_number),
    Step("打印", print_again, barrier=True),
)


async def run(kit: Kit) -> Walked[Reprint]:
    return await walk(STEPS, Reprint(), kit, kit.desk, kit.guard)
