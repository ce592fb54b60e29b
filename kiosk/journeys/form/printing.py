"""The form on paper: made into pages, printed, and printed again for whoever puts the same identity card down."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import structlog

from kiosk.domain.errors import ErrorKind
from kiosk.journeys.form.sheets import papers_of, sheets_of
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.identify import read_card
from kiosk.journeys.kit import EXIT, RETRY, Kit, applications_of, tell, working
from kiosk.journeys.walker import Ended
from kiosk.ports.devices import PrintEnd, PrintOutcome
from kiosk.ports.documents import DocumentOptions, Sides
from kiosk.screens.base import Button, Page, Screen
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)
TAKEN = Button("taken", "取到了，完成")
AGAIN = Button("again", "没打好，再打一次")
CAME = Button("came", "打出来了")
MISSING = Button("missing", "没有打出来")
REPRINTS = 2
LOOK_S = 0.5
"""Between looks at what the printer says while it prints."""
State = Literal["todo", "doing", "done", "failed", "unknown"]
ENDS: Mapping[PrintEnd, State] = {PrintEnd.DONE: "done", PrintEnd.FAILED: "failed", PrintEnd.UNCERTAIN: "unknown"}
WHY: Mapping[str, str] = {
    ErrorKind.SUPPLY_OUT: "打印机的纸或墨粉用完了。",
    ErrorKind.MEDIA_JAMMED: "打印机卡纸了。",
    ErrorKind.COVER_OPEN: "打印机的盖子没有关好。",
    ErrorKind.OFFLINE: "打印机暂时停用。",
    ErrorKind.BUSY: "打印机正忙。",
}
"""By the kind of a job's end."""
WAITING = (
    ("paper", "jammed", "打印机卡纸，请叫工作人员来处理，处理好会接着打。"),
    ("cover", "open", "打印机的盖子开着，关好会接着打。"),
    ("paper", "out", "打印机缺纸，请叫工作人员加纸，加好会接着打。"),
    ("toner", "out", "打印机的墨粉用完了，请叫工作人员更换，换好会接着打。"),
    ("queue", "paused", "打印机已暂停，请叫工作人员来处理，处理好会接着打。"),
)
"""Part and state of the printer; the first that holds is said."""


async def print_form(visit: Visit, kit: Kit) -> Visit:
    """Ends with the paper in the citizen's hand. Raises Ended("not_printed") where none came and they gave up."""
    left = REPRINTS
    while True:
        why = await _print(visit, kit)
        if why is None:
            visit.kept.printed = True
            look = "字迹和照片" if visit.photo is not None else "字迹"
            body = f"请从出纸口取走 {papers_of(visit, kit)} 张表，看一看{look}是否清楚。"
            buttons = (TAKEN, AGAIN) if left else (TAKEN,)
            if await tell(kit, "申请表打好了", body, *buttons, tone="ok") == TAKEN.id:
                return visit
            left -= 1
            try:
                await _same_card(visit, kit)
            except Ended:
                raise Ended("printed") from None  # the card could not be read; the first form is in their hand
            log.info("form_printed_again", left=left)
            continue
        body = f"{why}您填的内容都还在。可以再试一次，也可以到窗口办理。"
        if await tell(kit, "申请表没有打出来", body, RETRY, EXIT, code="F-PRINT") != RETRY.id:
            raise Ended("printed" if visit.kept.printed else "not_printed")


async def _print(visit: Visit, kit: Kit) -> str | None:
    """None: the paper came out. Otherwise why it did not, in a sentence that may be empty; where that is not known, the citizen looks."""
    made, sheets = applications_of(kit), sheets_of(visit, kit)
    async with kit.guard.hold():
        page = kit.desk.open(_screen("doing", "todo"))
        try:
            pdf = await made.painter.pdf(sheets)
        except OSError as error:
            log.error("form_not_painted", hint=str(error))
            return ""
        outcome = await _followed(visit, kit, page, pdf, len(sheets))
    if outcome.end is PrintEnd.DONE:
        return None
    why = WHY.get(outcome.kind, "")
    if outcome.end is PrintEnd.FAILED:
        return why
    earlier, visit.kept.printed = visit.kept.printed, True  # whoever walks away without looking may have the paper
    body = f"{why or '打印机没有回话。'}请看看出纸口，表打出来了吗？"
    came = await tell(kit, "请看一下出纸口", body, MISSING, CAME, tone="warn", code="F-UNSURE") == CAME.id
    visit.kept.printed = came or earlier
    return None if came else why


async def _followed(visit: Visit, kit: Kit, page: Page[None], pdf: bytes, count: int) -> PrintOutcome:
    """One job to its end. The page says what the printer waits for."""
    made = applications_of(kit)
    sides = Sides.LONG_EDGE if made.both_sides and count > 1 else Sides.ONE
    job_id, options, patience = uuid.uuid4().hex, DocumentOptions(sides=sides), kit.settings.form.print_s
    job = asyncio.ensure_future(made.printer.print_pdf(pdf, job_id, options, patience))
    shown: Screen[None] | None = None
    try:
        while not job.done():
            now = _screen("done", "doing", _waiting(made.printer.status().parts))
            if now != shown:
                page.update(now)
                shown = now
            await asyncio.wait((job,), timeout=LOOK_S)
        outcome = await job
    finally:
        if not job.done():
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
    page.update(_screen("done", ENDS[outcome.end]))
    log.info("form_printed", job=job_id, end=str(outcome.end), kind=outcome.kind, count=count)
    return outcome


def _waiting(parts: Mapping[str, str]) -> str:
    """What the printer cannot go on without, while the job is on it; staff may still help."""
    return next((text for part, state, text in WAITING if parts.get(part) == state), "")


def _screen(painting: State, printing: State, waiting: str = "") -> Screen[None]:
    phases = (Phase("生成表格", painting), Phase("打印", printing))
    return working("正在打印申请表", phases, waiting or "请等打印完再取走。")


async def _same_card(visit: Visit, kit: Kit) -> None:
    """Whoever wants one more page shows that it is theirs."""
    while True:
        again = await read_card(replace(visit, card=None), kit, "打好的表请带走。")
        if again.holder.number == visit.holder.number:
            return
        await tell(kit, "这不是刚才那张身份证", "请放填表人本人的身份证。", RETRY, tone="warn")
