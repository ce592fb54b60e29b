"""The form on paper: made into pages, printed, and printed again for whoever puts the same identity card down."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import structlog

from kiosk.journeys.form.sheets import sheets_of
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.identify import read_card
from kiosk.journeys.kit import EXIT, RETRY, Kit, applications_of, tell, working
from kiosk.journeys.walker import Ended
from kiosk.ports.devices import PrintEnd
from kiosk.ports.documents import DocumentOptions, Sides
from kiosk.screens.base import Button
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)
TAKEN = Button("taken", "取到了，完成")
AGAIN = Button("again", "没打好，再打一次")
CAME = Button("came", "打出来了")
MISSING = Button("missing", "没有打出来")
REPRINTS = 2


async def print_form(visit: Visit, kit: Kit) -> Visit:
    """Ends with the paper in the citizen's hand. Raises Ended("not_printed") where none came and they gave up."""
    left = REPRINTS
    while True:
        if await _printed(visit, kit):
            visit.kept.printed = True
            count = len(sheets_of(visit, kit))
            body = f"请从出纸口取走 {count} 张表，看一看字迹和照片是否清楚。"
            buttons = (AGAIN, TAKEN) if left else (TAKEN,)
            if await tell(kit, "申请表打好了", body, *buttons, tone="ok") == TAKEN.id:
                return visit
            left -= 1
            await _same_card(visit, kit)
            log.info("form_printed_again", left=left)
            continue
        body = "您填的内容都还在。可以再试一次，也可以到窗口办理。"
        if await tell(kit, "申请表没有打出来", body, RETRY, EXIT, code="F-PRINT") != RETRY.id:
            raise Ended("printed" if visit.kept.printed else "not_printed")


async def _printed(visit: Visit, kit: Kit) -> bool:
    """One job, followed to its end; where that is not known, the citizen looks."""
    made, sheets = applications_of(kit), sheets_of(visit, kit)
    states: list[Any] = ["doing", "todo"]

    def screen() -> Any:
        phases = (Phase("生成表格", states[0]), Phase("打印", states[1]))
        return working("正在打印申请表", phases, "请等打印完再取走。")

    async with kit.guard.hold():
        page = kit.desk.open(screen())
        try:
            pdf = await made.painter.pdf(sheets)
        except OSError as error:
            log.error("form_not_painted", hint=str(error))
            return False
        states[:] = ["done", "doing"]
        page.update(screen())
        sides = Sides.LONG_EDGE if made.two_sided and len(sheets) > 1 else Sides.ONE
        job_id = uuid.uuid4().hex
        options, patience = DocumentOptions(sides=sides), kit.settings.form.print_s
        outcome = await made.printer.print_pdf(pdf, job_id, options, patience)
    log.info("form_printed", job=job_id, end=str(outcome.end), kind=outcome.kind, count=len(sheets))
    if outcome.end is not PrintEnd.UNCERTAIN:
        return outcome.end is PrintEnd.DONE
    body = "打印机没有回话。请看看出纸口，表打出来了吗？"
    return await tell(kit, "请看一下出纸口", body, MISSING, CAME, tone="warn", code="F-UNSURE") == CAME.id


async def _same_card(visit: Visit, kit: Kit) -> None:
    """Whoever wants one more page shows that it is theirs."""
    while True:
        again = await read_card(replace(visit, card=None), kit)
        if again.holder.number == visit.holder.number:
            return
        await tell(kit, "这不是刚才那张身份证", "请放填表人本人的身份证。", RETRY, tone="warn")
