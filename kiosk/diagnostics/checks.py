"""Orders of the self-test: examine, break off, what the person saw, the report on paper."""

from __future__ import annotations

import asyncio

from kiosk.care.checkup import Checkup, Examiner
from kiosk.care.readiness import headline, slip
from kiosk.care.readiness_json import as_json
from kiosk.care.supervisor import Holder
from kiosk.diagnostics.visit import Refused, Visit
from kiosk.ledger.store import LedgerError
from kiosk.ports.devices import PrintEnd, ReceiptPrinter
from kiosk.ports.health import QUESTIONS, Ask, Level
from kiosk.screens.diagnostics import Order, Section

ALL = "all"
PRINTER = "receipt_printer"
_ENDS = {
    PrintEnd.DONE: ("就绪报告已打印。", "ok"),
    PrintEnd.FAILED: ("就绪报告没有打印：", "bad"),
    PrintEnd.UNCERTAIN: ("不能确认就绪报告是否打印完整，请看纸：", "warn"),
}


class AtThePage:
    """The technician, asked on the page of the self-test."""

    def __init__(self, visit: Visit, device: str) -> None:
        self._visit = visit
        self._device = device
        self._answer: asyncio.Future[bool] | None = None

    async def ask(self, what: Ask) -> bool | None:
        if what not in QUESTIONS:
            return True  # the examiner shows the words
        self._answer = asyncio.get_running_loop().create_future()
        try:
            said = await self._answer
        finally:
            self._answer = None
        examiner = self._visit.examiner
        device = examiner.doing.device if examiner is not None else self._device
        await self._visit.record_end("person_said", device=device, question=str(what), answer="yes" if said else "no")
        return said

    def say(self, saw: bool) -> None:
        """Where nothing was asked it is not heard."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(saw)


async def check(visit: Visit, order: Order) -> Section:
    devices = visit.tools.supervisor.devices
    if order.key and order.key not in devices:
        raise Refused("本机没有这个设备。")
    if order.value not in ("1", "2", "3"):
        raise Refused("没有这一级自检。")
    level = Level(int(order.value))
    visit.begin(_check(visit, level, order.key), interactive=level is Level.INTERACTIVE)
    return Section.CHECKS


async def _check(visit: Visit, level: Level, only: str) -> None:
    tools, what = visit.tools, only or ALL
    await visit.record("health_check", device=what, level=int(level), verdict="started")
    supervisor = tools.supervisor
    examiner = Examiner(
        supervisor.devices,
        tools.clock,
        tools.table,
        tools.needs,
        lambda: supervisor.lease(Holder.HEALTH),
        alarms=tools.day_end.alarms if tools.day_end is not None else (),
        must_pay=tools.must_pay,
    )
    person = AtThePage(visit, only)
    visit.examiner, visit.person = examiner, person
    verdict = "broken_off"
    try:
        found = await examiner.run(level, person, only, visit.wake)
        verdict = str(found.verdict)
        await _keep(visit, found)
    finally:
        await visit.record_end("health_check", device=what, level=int(level), verdict=verdict)
        visit.found, visit.person = examiner.so_far(), None


async def _keep(visit: Visit, found: Checkup) -> None:
    tools = visit.tools
    try:
        report = as_json(found, tools.kiosk_id, await tools.audit.anchor())
        await tools.logbook.keep(int(found.level), str(found.verdict), report)
    except LedgerError:
        visit.say("自检结果没有存入日志簿，请检查磁盘。", "bad")


async def stop(visit: Visit, _: Order) -> None:
    await visit.stop()


async def say(visit: Visit, order: Order) -> None:
    if visit.person is not None and order.value in ("yes", "no"):
        visit.person.say(order.value == "yes")


async def print_report(visit: Visit, _: Order) -> None:
    if visit.found is None:
        raise Refused("还没有自检结果，请先自检。")
    if PRINTER not in visit.tools.supervisor.devices:
        raise Refused("本机没有凭证打印机。")
    visit.begin(_print(visit))


async def _print(visit: Visit) -> None:
    tools, found = visit.tools, visit.found
    assert found is not None
    await visit.record("readiness_printed", verdict=str(found.verdict))
    paper = slip(
        found,
        tools.table,
        tools.titles,
        kiosk_id=tools.kiosk_id,
        version=tools.version,
        staff=visit.staff,
        audit=await tools.audit.anchor(),
        printed_at=tools.clock.now(),
    )
    visit.say(f"正在打印就绪报告：{headline(found)}。")
    printer: ReceiptPrinter = tools.supervisor.devices[PRINTER]  # type: ignore[assignment]
    async with tools.supervisor.lease(Holder.DIAGNOSTICS):
        outcome = await printer.print_slip(paper, f"READY{tools.clock.now():%y%m%d%H%M%S}")
    words, tone = _ENDS[outcome.end]
    visit.say(words + (f"{outcome.detail}" if outcome.end is not PrintEnd.DONE else ""), tone)  # type: ignore[arg-type]
