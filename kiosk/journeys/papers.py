"""Printing the papers of any service, one after the other, with real phases. Printing never changes money.

A paper goes onto receipt paper, or onto A4 where the hall wants it so; what the A4 printer does not bring out goes onto receipt paper
after all, and the citizen reads why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from kiosk.domain.slip import Slip
from kiosk.domain.slips import reprint
from kiosk.journeys.kit import Kit, working
from kiosk.ledger.states import Kind
from kiosk.ports.devices import Link, PrintEnd
from kiosk.screens.base import Screen
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)
CHANNELS = {"alipay": "支付宝", "wechat": "微信支付", "unionpay": "云闪付"}
TITLES = {
    "penalty_decision": "打印处罚决定书",
    "payment_voucher": "打印缴款凭证",
    "incident": "打印核对单",
    "fee_voucher": "打印缴费凭条",
    "permit_problem": "打印核对单",
    "permit_retained": "打印领取凭条",
}
A4_PAGES: Mapping[str, str] = {"penalty_decision": "a4_decision"}
"""Papers that may go onto A4, and what the ledger calls them there."""
NOTE = "请等凭证全部打印完再取走。"
A4_LOST = "A4 打印机没有打出来，改用小票纸打印，效力相同。"
A4_UNSURE = "A4 打印机没有回话，请看看出纸口。另用小票纸打印一份，效力相同。"
Paper = tuple[str, Slip]
"""What the slip is about (a decision, a payment, an order), and the slip."""
State = Literal["todo", "doing", "done", "failed", "unknown"]
_ENDS: Mapping[PrintEnd, State] = {PrintEnd.DONE: "done", PrintEnd.FAILED: "failed", PrintEnd.UNCERTAIN: "unknown"}


@dataclass(slots=True)
class _Job:
    subject: str
    slip: Slip
    page: str = ""
    """The ledger's name of it on A4; empty: on receipt paper."""
    instead: bool = True
    """Whether receipt paper takes what A4 does not bring out."""
    state: State = "todo"

    @property
    def title(self) -> str:
        return TITLES.get(self.slip.kind, "打印凭证") + ("（A4）" if self.page else "")


async def print_all(kit: Kit, order_id: str, papers: Sequence[Paper], *, elsewhere: bool = False) -> bool:
    """Print paper after paper with real phases; stops at the first that did not come out whole. True when all did.

    `elsewhere`: what is printed here for the first time is a copy too, because the paper itself was given out elsewhere.
    """
    jobs = [
        job
        for subject, slip in papers
        for job in _jobs(kit, subject, await _marked(kit, subject, slip, elsewhere=elsewhere))
    ]
    note, lost = NOTE, False

    def screen() -> Screen[None]:
        return working("正在打印凭证", tuple(Phase(f"{n}. {j.title}", j.state) for n, j in enumerate(jobs, 1)), note)

    async with kit.guard.hold():
        page = kit.desk.open(screen())
        for job in list(jobs):
            if job.page and lost:  # nobody waits for it once more
                if not job.instead:
                    job.state = "failed"
                    continue
                job.page = ""
            job.state = "doing"
            page.update(screen())
            end = await (_on_a4(kit, order_id, job) if job.page else _on_receipt(kit, order_id, job))
            job.state = _ENDS[end]
            if end is not PrintEnd.DONE and job.page:
                lost, note = True, A4_LOST if end is PrintEnd.FAILED else A4_UNSURE
                if job.instead:
                    other = _Job(job.subject, job.slip, state="doing")
                    jobs.insert(jobs.index(job) + 1, other)
                    page.update(screen())
                    end = await _on_receipt(kit, order_id, other)
                    other.state = _ENDS[end]
                else:
                    end = PrintEnd.DONE  # the same paper comes out of the other printer anyway
            page.update(screen())
            if end is not PrintEnd.DONE:
                return False
    return True


def _jobs(kit: Kit, subject: str, slip: Slip) -> list[_Job]:
    page, wanted = A4_PAGES.get(slip.kind, ""), kit.settings.printing.decision
    if not page or wanted == "receipt" or kit.applications is None:
        return [_Job(subject, slip)]
    if wanted == "a4":
        return [_Job(subject, slip, page)]
    return [_Job(subject, slip, page, instead=False), _Job(subject, slip)]


async def _marked(kit: Kit, subject: str, slip: Slip, *, elsewhere: bool) -> Slip:
    """The paper, or a numbered copy of it (补打), on whichever paper it was printed before."""
    kinds = [slip.kind, *([A4_PAGES[slip.kind]] if slip.kind in A4_PAGES else [])]
    earlier = [len(await kit.books.store.find(Kind.PRINT, subject_id=subject, slip=kind)) for kind in kinds]
    copy = max(earlier) + (1 if elsewhere else 0)
    return reprint(slip, kit.clock.now(), copy) if copy else slip


async def _on_receipt(kit: Kit, order_id: str, job: _Job) -> PrintEnd:
    return (await kit.books.press.print_slip(order_id, job.subject, job.slip)).end


async def _on_a4(kit: Kit, order_id: str, job: _Job) -> PrintEnd:
    """FAILED also where nothing was handed over: no printer, or no page."""
    made = kit.applications
    if made is None or made.printer.status().link is not Link.READY:
        log.warning("a4_printer_not_ready")
        return PrintEnd.FAILED
    try:
        pdf = await made.painter.slip_pdf(job.slip)
    except OSError as error:
        log.error("slip_not_painted", hint=str(error))
        return PrintEnd.FAILED
    patience = kit.settings.printing.a4_s
    return (await kit.books.press.print_page(order_id, job.subject, job.page, pdf, made.printer, patience)).end
