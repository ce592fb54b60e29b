"""The diagnostics mode: somebody signs in, goes from section to section, gives orders, leaves.

Pages show what the supervisor, the log and the work under way say, and are refreshed when that changes. Every order that does
something stands in the audit chain before it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import structlog

from kiosk.diagnostics import acts, checks, day_end, faults, panel, saving
from kiosk.diagnostics.page_checks import ChecksPage
from kiosk.diagnostics.page_day_end import DayEndPage
from kiosk.diagnostics.page_device import DevicePage
from kiosk.diagnostics.page_logs import LogsPage
from kiosk.diagnostics.page_overview import OverviewPage
from kiosk.diagnostics.page_records import AuditPage, SettingsPage
from kiosk.diagnostics.sign_in import sign_in
from kiosk.diagnostics.tools import Tools
from kiosk.diagnostics.visit import Refused, Visit
from kiosk.ledger.store import LedgerError
from kiosk.screens.base import Back, Cancelled, Screen
from kiosk.screens.diagnostics import Order, Section, Verb

log = structlog.get_logger(__name__)
SOON_S = 30.0
"""The technician is told so long before they are signed out."""


class Part(Protocol):
    """The page of one section."""

    async def enter(self) -> None:
        """Read what the page shows besides what is known anyway; called again after each order."""
        ...

    def screen(self) -> Screen[Order]: ...

    async def obey(self, order: Order) -> None:
        """An order about the page itself."""
        ...

    async def leave(self) -> None: ...


Handler = Callable[[Visit, Order], Awaitable[Section | None]]
ORDERS: Mapping[Verb, Handler] = {
    Verb.CHECK: checks.check,
    Verb.STOP: checks.stop,
    Verb.SAY: checks.say,
    Verb.PRINT: day_end.print_paper,
    Verb.MATCH: day_end.match,
    Verb.DO: acts.do,
    Verb.RESET: acts.reset,
    Verb.SWAP: acts.swap,
    Verb.ARM: faults.arm,
    Verb.DISARM: faults.disarm,
    Verb.PRESET: faults.preset,
    Verb.EXPORT: saving.export,
    Verb.TURN: panel.turn,
}
PAGES: Mapping[Section, Callable[[Visit, str], Part]] = {
    Section.OVERVIEW: lambda visit, _: OverviewPage(visit),
    Section.DEVICE: DevicePage,
    Section.CHECKS: lambda visit, _: ChecksPage(visit),
    Section.DAY_END: lambda visit, _: DayEndPage(visit),
    Section.LOGS: lambda visit, _: LogsPage(visit),
    Section.FAULTS: lambda visit, _: faults.FaultsPage(visit),
    Section.SETTINGS: lambda visit, _: SettingsPage(visit),
    Section.AUDIT: lambda visit, _: AuditPage(visit),
}


async def diagnostics(tools: Tools) -> str:
    """From the sign-in to the end; the desk is wiped then. Returns why it ended: not_entered, exit, idle or shutdown.

    The caller sees to it that no citizen is served meanwhile.
    """
    try:
        staff = await sign_in(tools, tools.table.session.idle_s)
        if staff is None:
            return "not_entered"
        return await _Session(tools, staff).run()
    finally:
        tools.desk.on_touch(None)
        tools.desk.wipe()


class _Session:
    def __init__(self, tools: Tools, staff: str) -> None:
        self._tools = tools
        self._news = asyncio.Event()
        self._visit = Visit(tools, staff, self._news.set)
        self._touched = asyncio.get_running_loop().time()
        self._warned = False

    async def run(self) -> str:
        tools, visit = self._tools, self._visit
        tools.desk.on_touch(self._touch)
        tools.desk.allow(back=False, cancel=False)
        deaf = [virtual.listen(self._news.set) for virtual in visit.virtual().values()]
        following = [asyncio.ensure_future(work) for work in (self._follow(), self._tick())]
        why = "shutdown"
        try:
            why = await self._sections()
        finally:
            for task in following:
                task.cancel()
            for end in deaf:
                end()
            await visit.stop()
            await visit.preview.stop()
            await asyncio.gather(*following, return_exceptions=True)
            await self._tidy(why)
        return why

    # -- the way through the sections ----------------------------------------------------------------------------------

    async def _sections(self) -> str:
        section, key = Section.OVERVIEW, ""
        while True:
            part = PAGES[section](self._visit, key)
            try:
                order = await self._stay(part)
            finally:
                await part.leave()
            if isinstance(order, str):
                return order
            section, key = Section(order.key), order.value
            await self._opened(section, key)

    async def _stay(self, part: Part) -> Order | str:
        """Show one page until an order leads away from it: that order, or why the visit is over."""
        await part.enter()
        shown = part.screen()
        page = self._tools.desk.open(shown)
        answer = asyncio.ensure_future(page.answer())
        busy = self._visit.busy
        try:
            while True:
                await self._wait(answer)
                if busy and not self._visit.busy:
                    await part.enter()  # it may have changed what is on record
                busy = self._visit.busy
                if answer.done():
                    try:
                        order = answer.result()
                    except Back:
                        order = Order(Verb.LEAVE)
                    except Cancelled as cancelled:
                        return cancelled.why
                    if order.verb is Verb.LEAVE:
                        return "exit"
                    if (away := await self._obey(part, order)) is not None:
                        return away
                    answer = asyncio.ensure_future(page.answer())
                elif self._idle_s() <= 0:
                    return "idle"
                if (now := part.screen()) != shown:
                    page.update(now)
                    shown = now
        finally:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)

    async def _wait(self, answer: asyncio.Future[Order]) -> None:
        """For an answer, or something new to show."""
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait((answer, news), return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            await asyncio.gather(news, return_exceptions=True)
        self._news.clear()

    async def _obey(self, part: Part, order: Order) -> Order | None:
        """Carry an order out; the order that leads to another page, or None to stay on this one."""
        self._touch()
        visit = self._visit
        visit.say("")
        if order.verb is Verb.GO:
            return order if order.key in set(Section) and not self._absent(order.key) else None
        went: Section | None = None
        try:
            handler = ORDERS.get(order.verb)
            went = await handler(visit, order) if handler is not None else await part.obey(order)  # type: ignore[func-returns-value]
        except Refused as refused:
            visit.say(str(refused), "bad")
        if went is not None:
            return Order(Verb.GO, went)
        if order.verb not in (Verb.SAY, Verb.FILTER, Verb.PAUSE, Verb.PAGE):
            await part.enter()
        return None

    def _absent(self, section: str) -> bool:
        return section == Section.DAY_END and self._tools.day_end is None

    async def _opened(self, section: Section, key: str) -> None:
        try:
            device = key if section is Section.DEVICE and key in self._tools.supervisor.devices else ""
            await self._tools.audit.write(self._visit.staff, "page_opened", page=str(section), device=device)
        except LedgerError as error:  # looking is allowed all the same
            log.error("audit_not_written", what="page_opened", exc_info=error)

    # -- what goes on meanwhile ----------------------------------------------------------------------------------------

    def _touch(self) -> None:
        self._touched = asyncio.get_running_loop().time()

    def _idle_s(self) -> float:
        """Seconds until the technician is signed out."""
        now = asyncio.get_running_loop().time()
        since = max(self._touched, self._visit.active_until())
        return self._tools.table.session.idle_s - (now - since)

    async def _follow(self) -> None:
        """A device's change is on the page at once."""
        revision: int | None = None
        while True:
            revision = await self._tools.supervisor.changed(revision)
            self._news.set()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._tools.table.session.refresh_s)
            left = self._idle_s()
            if 0 < left <= min(SOON_S, self._tools.table.session.idle_s / 2):
                self._visit.say(f"{left:.0f} 秒后自动退出，点任意处继续。", "warn")
                self._warned = True
            elif self._warned and left > 0:
                self._visit.say("")
                self._warned = False
            self._news.set()

    async def _tidy(self, why: str) -> None:
        """Leave the machine as citizens may find it, and say so in the audit chain."""
        staff, stand_ins = self._visit.staff, self._tools.stand_ins
        for name in () if stand_ins.stay else stand_ins.names():
            try:
                await self._tools.audit.write(staff, "simulator_out", device=name, reason="left")
            except LedgerError as error:  # a simulator must not serve citizens, recorded or not
                log.error("audit_not_written", what="simulator_out", exc_info=error)
            await stand_ins.take_away(name)
        try:
            await self._tools.audit.write(staff, "technician_left", why=why)
        except LedgerError as error:
            log.error("audit_not_written", what="technician_left", exc_info=error)
