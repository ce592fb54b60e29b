"""The voucher of one decision once more (补打), by its number alone. Every print is numbered, and an uncertain one is said to be so.

Whoever has a number need not be the party: only the voucher is printed, whose names and plates are masked, never the decision.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.errors import Refused
from kiosk.domain.fine import PayableFine
from kiosk.domain.numbers import DecisionNumber
from kiosk.journeys.ebills import ask_ebills
from kiosk.journeys.fine.earlier import paid_here
from kiosk.journeys.fine.paper import booked_voucher, papers_of
from kiosk.journeys.kit import EXIT, Kit, reach, tell
from kiosk.journeys.papers import Paper, print_all
from kiosk.journeys.violation import paper as violation
from kiosk.ledger.states import Kind, PrintState
from kiosk.screens.base import Button

RETRY = Button("retry", "再打一次")
VOUCHER = "payment_voucher"


@dataclass(frozen=True, slots=True)
class Prints:
    """What became of the earlier prints of one paper."""

    count: int = 0
    uncertain: int = 0
    """Of these nobody knows whether paper came out."""

    def told(self) -> str:
        if not self.count:
            return "还没有打印过"
        unsure = f"，其中 {self.uncertain} 次不确定打出来没有" if self.uncertain else ""
        return f"打印过 {self.count} 次{unsure}"


async def prints_of(kit: Kit, subject_id: str, slip: str) -> Prints:
    jobs = await kit.books.store.find(Kind.PRINT, subject_id=subject_id, slip=slip)
    jobs = [job for job in jobs if job.state != PrintState.FAILED]  # of these nothing came out, for sure
    unsure = [job for job in jobs if job.state in (PrintState.UNCERTAIN, PrintState.PRINTING)]
    return Prints(len(jobs), len(unsure))


async def voucher_of(number: DecisionNumber, fine: PayableFine | None, kit: Kit) -> tuple[str, Paper] | None:
    """The order (empty: paid elsewhere) and the paper about this decision's payment: what this machine has, else what the police side
    has booked. None where neither knows of one.

    Raises GatewayUnavailable, Refused.
    """
    payment = await paid_here(kit, number.number)
    if payment is not None:
        order = await kit.books.store.get(Kind.ORDER, payment.order_id)
        of = violation.papers_of if order["journey"] == "violation" else papers_of
        papers = await of(payment.order_id, kit)
        paper = next((paper for paper in papers if paper[0] == payment.id), None)
        if paper is not None:
            return payment.order_id, paper
    booked = await kit.police.find_payment(number.number)
    if booked is None:
        return None
    fine = fine or await kit.police.payable_fine(number.number, number.check_char)
    bills = await ask_ebills(kit, [fine.number])
    return "", (number.number, booked_voucher(fine, booked, kit, bills.get(fine.number)))


async def print_copy(number: DecisionNumber, fine: PayableFine | None, kit: Kit) -> bool:
    """Print it and say what came of it."""

    async def call() -> tuple[str, Paper] | None:
        try:
            return await voucher_of(number, fine, kit)
        except Refused:
            return None

    found = await reach(kit, "正在查询缴款", call)
    if found is None:
        await tell(kit, "没有查到这份决定书的缴款", "请核对编号，或到人工窗口查询。", tone="info")
        return False
    return await print_numbered(kit, *found)


async def print_numbered(kit: Kit, order_id: str, paper: Paper) -> bool:
    """One paper; where nobody knows whether it came out, that is what the citizen reads, and the next one is a copy of its own."""
    while True:
        if await print_all(kit, order_id, [paper], elsewhere=not order_id):
            await tell(kit, "凭证已打印", "请取走凭证。", EXIT, tone="ok")
            return True
        jobs = await kit.books.store.find(Kind.PRINT, subject_id=paper[0], slip=paper[1].kind)
        unsure = bool(jobs) and jobs[-1].state == PrintState.UNCERTAIN
        title = "不确定凭证打出来没有" if unsure else "凭证没有打印出来"
        body = (
            "打印机没有回答。请看看出纸口，没有纸的再打一次，新的一张会另编补打次数。"
            if unsure
            else "可以稍后再试，也可以到人工窗口补打。"
        )
        if await tell(kit, title, body, RETRY, EXIT, tone="warn", code="W-PRN-02") != RETRY.id:
            return False
