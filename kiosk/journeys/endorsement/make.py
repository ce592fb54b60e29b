"""C17: the platform grants, the unit writes the chip, prints the back, shows it. Written once, never twice.

What is not certain is asked of the unit; what was not written for sure is taken back and the fee refunded; what was written stays
written, whatever becomes of the print.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import NoReturn

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.domain.identity import Photo
from kiosk.journeys.endorsement.custody import give_back, whereabouts
from kiosk.journeys.endorsement.paper import print_problem
from kiosk.journeys.endorsement.permit import permits_of
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.endorsement.words import back_row, grant_text, place_name
from kiosk.journeys.kit import GO_ON, Kit, Permits
from kiosk.journeys.say import answered, say
from kiosk.journeys.walker import Ended
from kiosk.ledger.issuance import grants_of
from kiosk.ledger.states import IssuanceState
from kiosk.ledger.store import Record
from kiosk.ports.devices import PrintEnd
from kiosk.ports.permit import BackFace, WriteEnd
from kiosk.screens.base import Page, Row
from kiosk.screens.common import Phase
from kiosk.screens.endorsement import CheckPermit, MakingPermit

log = structlog.get_logger(__name__)
GRANT_TRIES = 4
GRANT_PAUSE_S = 3.0
"""Between two tries to reach the platform for a grant that is paid; after the last the fee goes back."""
STEPS = ("核准签注", "写入芯片", "打印背面", "检查结果")


@dataclass
class _Progress:
    """The page of C17a: real phases, and seconds that pass."""

    page: Page[None]
    states: list[str] = field(default_factory=lambda: ["todo"] * len(STEPS))
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def enter(self, step: int) -> None:
        self.states[:step] = ["done"] * step
        self.states[step] = "doing"
        self.show()

    def end(self, step: int, state: str) -> None:
        self.states[step] = state
        self.show()

    def show(self) -> None:
        phases = tuple(Phase(title, state) for title, state in zip(STEPS, self.states, strict=True))  # type: ignore[arg-type]
        elapsed = int(asyncio.get_running_loop().time() - self.started)
        self.page.update(MakingPermit(phases, elapsed))

    async def tick(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.show()


@asynccontextmanager
async def _progress(kit: Kit) -> AsyncIterator[_Progress]:
    progress = _Progress(kit.desk.open(MakingPermit(tuple(Phase(title, "todo") for title in STEPS))))
    ticking = asyncio.ensure_future(progress.tick())
    try:
        yield progress
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


async def make(visit: Visit, kit: Kit) -> Visit:
    """Raises Ended when nothing was written (the permit is back, the fee is being refunded, the slip says so), and when nobody can
    say here whether the endorsements are in force."""
    permits = permits_of(kit)
    if visit.issuance is None or visit.payment is None:
        raise RuntimeError("nothing was applied for")
    async with kit.guard.hold(), _progress(kit) as progress:
        progress.enter(0)
        row = await _granted(visit.issuance, visit.payment, permits)
        if row.state != IssuanceState.AUTHORISED:
            progress.end(0, "failed")
            return await _not_made(replace(visit, issuance=row), kit)
        progress.enter(1)
        row = await _write(row, permits)
        visit = replace(visit, issuance=row)
        if row.state != IssuanceState.WRITTEN:
            progress.end(1, "failed" if row.state != IssuanceState.WRITE_UNKNOWN else "unknown")
            return await _not_made(visit, kit)
        progress.enter(2)
        visit = replace(visit, back_printed=await _print_back(visit, row, kit, permits))
        if not visit.back_printed:
            progress.end(2, "failed")
        row = await permits.issuer.confirm(row, printed=bool(visit.back_printed))
        visit = replace(visit, issuance=row)
        if row.state == IssuanceState.MANUAL:
            return await _disputed(visit, kit)
        if visit.back_printed:
            progress.enter(3)
            visit = replace(visit, picture=await _picture(permits))
            progress.end(3, "done")
    return visit


async def _granted(row: Record, payment: Record, permits: Permits) -> Record:
    for left in range(GRANT_TRIES - 1, -1, -1):
        row = await permits.issuer.authorise(row, payment)
        if row.state != IssuanceState.AUTHORISING:
            return row
        if left:
            await asyncio.sleep(GRANT_PAUSE_S)
    return await permits.issuer.void(row, "no_grant")


async def _write(row: Record, permits: Permits) -> Record:
    job = permits.issuer.write_job(row)
    row = await permits.issuer.begin_write(row, job.job_id)
    outcome = await permits.unit.write(job)
    if outcome.end is not WriteEnd.WRITTEN:
        log.warning("permit_write_trouble", job=job.job_id, kind=outcome.kind, hint=outcome.detail)
    row = await permits.issuer.wrote(row, outcome)
    return await permits.keeper.ask_chip(row)


async def _print_back(visit: Visit, row: Record, kit: Kit, permits: Permits) -> bool:
    today = kit.clock.now().date()
    shown = [held for held in visit.record.endorsements if held.valid_to >= today and held.entries_left != 0]
    rows = [back_row(permits.tables, held) for held in shown]
    rows += [back_row(permits.tables, grant) for grant in grants_of(row)]
    face = BackFace(visit.permit.number, tuple(rows))
    outcome = await kit.books.press.print_back(visit.order_id, row.id, face, permits.unit)
    return outcome.end is PrintEnd.DONE


async def _picture(permits: Permits) -> Photo | None:
    try:
        return await permits.unit.picture()
    except DeviceError as error:
        log.warning("permit_picture_missing", kind=str(error.kind), hint=error.hint)
        return None


async def check(visit: Visit, kit: Kit) -> Visit:
    """C17b, or the word about a back that could not be printed. The endorsements are in force either way, so the visit goes on
    although nobody answers."""
    window = kit.settings.kiosk.window
    if not visit.back_printed:
        body = f"签注已写入芯片，已经生效，不用再办。请拿通行证到{window}补印背面，不再收费。"
        await say(kit, "通行证背面没有印好", body, GO_ON, tone="warn", code="W-BACK")
        return visit
    tables = permits_of(kit).tables
    rows = tuple(
        Row(place_name(tables, grant.destination), grant_text(tables, grant))
        for grant in (grants_of(visit.issuance) if visit.issuance is not None else ())
    )
    if await answered(kit, CheckPermit(visit.picture, rows)) == "wrong":
        log.warning("permit_back_wrong", order=visit.order_id)
        body = f"签注已写入芯片。请取走通行证，到{window}核对背面，报流水号 {visit.order_id}。"
        await say(kit, "请工作人员核对", body, GO_ON, tone="warn", code="W-BACK")
        return replace(visit, back_printed=False)
    return visit


async def _not_made(visit: Visit, kit: Kit) -> NoReturn:
    """Paid, and not made: permit out, refund on record, slip with the number, a line on the work list."""
    permits = permits_of(kit)
    row = visit.issuance
    if row is not None and row.state == IssuanceState.VOIDING:
        visit = replace(visit, issuance=await permits.issuer.cancel(row))
    unclear = row is not None and row.state in (IssuanceState.WRITE_UNKNOWN, IssuanceState.MANUAL)
    await kit.books.orders.conclude(visit.order_id, citizen_present=False)
    await give_back(visit.kept, kit, permits)
    await print_problem(visit, kit)
    window = kit.settings.kiosk.window
    if unclear:
        title, body = (
            "签注有没有写成，要由窗口核对",
            f"请带核对单到{window}。没有写成的，费用原路退回；写成的，不用再付款。",
        )
    else:
        title, body = (
            "签注没有做成，费用正在退回",
            f"通行证没有改动。费用会原路退回付款账户。请拿好凭条，需要时到{window}办理。",
        )
    await say(kit, title, body + whereabouts(visit.kept, kit), code="D-WRITE")
    raise Ended("write_uncertain" if unclear else "write_failed")


async def _disputed(visit: Visit, kit: Kit) -> NoReturn:
    """The chip carries the endorsements, and the platform says no to them: staff look, and decide about the fee."""
    await kit.books.orders.conclude(visit.order_id, citizen_present=False)
    await give_back(visit.kept, kit, permits_of(kit))
    await print_problem(visit, kit)
    body = f"签注写进了通行证，业务系统没有确认。核对以前请先不要出行。请带核对单到{kit.settings.kiosk.window}，不用再付款。"
    await say(kit, "签注要由窗口核对", body + whereabouts(visit.kept, kit), code="R-CONFIRM")
    raise Ended("write_uncertain")
