"""C14: the permit goes in, its line and its chip are read, and it must be the permit of the person with the identity card."""

from __future__ import annotations

from dataclasses import replace

import structlog

from kiosk.domain.chip_text import ChipTextError, parse_dg1
from kiosk.domain.endorsement import Stop
from kiosk.domain.endorsement_rules import first_stop, shown_code
from kiosk.domain.errors import DeviceError, ErrorKind, Refusal
from kiosk.domain.identity import Photo
from kiosk.domain.mrz import LineError, parse_line
from kiosk.domain.permit import PermitLine
from kiosk.journeys import identify
from kiosk.journeys.endorsement.applicant import applicant_of, rules_of
from kiosk.journeys.endorsement.custody import give_back, held, in_hand, take_in
from kiosk.journeys.endorsement.hours import FROM_THE_SLOT, check_hours
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.identify import PlatformMatcher, check_face_against
from kiosk.journeys.kit import EXIT, Answered, Kit, Permits, race, tell
from kiosk.journeys.walker import Ended
from kiosk.ledger.keeper import NOT_IN
from kiosk.screens.base import Back, Page
from kiosk.screens.endorsement import InsertPermit

log = structlog.get_logger(__name__)
CHIP_S = 5.0
"""Within this time a good chip says something (seconds); the card lies before the reader already. The reading itself has the reader's
own limit."""
CHIP_TRIES = 2
CARD_TRIES = 3
ABOUT_THE_CHIP = frozenset(
    {ErrorKind.NO_MEDIA, ErrorKind.MEDIA_BAD, ErrorKind.MEDIA_REMOVED, ErrorKind.TIMEOUT, ErrorKind.PROTOCOL}
)
"""Troubles of the reader that speak against the permit; of all others the permit is innocent."""
FACE_RULE = "EE03"
WRONG_WAY = "没有认出来。请看图示，{side}，再放一次。"
NOT_A_PERMIT = "这不是往来港澳通行证，请放卡式的往来港澳通行证。"
NOT_READ = "没有读清。请看看是不是卡式往来港澳通行证，擦干净，再放一次。"
TAKEN_AWAY = "还没有读完，通行证被取走了。请再放一次。"


def permits_of(kit: Kit) -> Permits:
    """The home screen offers the service only where they are."""
    if kit.permits is None:
        raise RuntimeError("this machine has no card unit")
    return kit.permits


class _WrongCard(Exception):
    """The card goes back to the citizen, who may try another."""

    def __init__(self, trouble: str) -> None:
        super().__init__("wrong card")
        self.trouble = trouble


async def insert_permit(visit: Visit, kit: Kit) -> Visit:
    """Until a permit lies inside whose line and chip belong together. Cards that do not belong here are given back; so is the permit
    of whoever goes back from here, or comes back to here."""
    permits = permits_of(kit)
    await _out_again(visit, kit, permits)
    await check_hours(visit, kit, FROM_THE_SLOT)
    trouble, failures = "", 0
    while True:
        page = kit.desk.open(_screen(kit, trouble))
        try:
            await race(page, take_in(visit.kept, permits, kit.settings.session.card_s))
            async with kit.guard.hold():
                visit = await _read(visit, kit, permits, page)
            page.update(replace(_screen(kit), state="done"))
            await page.answer()
            return visit
        except Answered:
            await _out_again(visit, kit, permits)
            continue
        except Back:
            await _out_again(visit, kit, permits)
            raise
        except _WrongCard as wrong:
            trouble = wrong.trouble
        except DeviceError as error:
            inside = held(visit.kept)
            if error.kind is ErrorKind.NO_MEDIA and not inside:
                continue  # nobody came yet; the idle guard ends the wait
            log.warning("permit_unit_trouble", kind=str(error.kind), native=error.native, hint=error.hint)
            if inside or error.kind not in NOT_IN:
                await _out_of_order(visit, kit, permits, error)
            pulled = error.kind is ErrorKind.MEDIA_REMOVED
            trouble = TAKEN_AWAY if pulled else WRONG_WAY.format(side=kit.settings.devices.slot_side)
        failures += 1
        await _out_again(visit, kit, permits)
        if failures >= CARD_TRIES:
            body = f"请到{kit.settings.kiosk.window}核对通行证，或请工作人员帮忙。您没有付款。"
            await tell(kit, "通行证没有放好", body, tone="warn", code="E-PRM-01")
            raise Ended("card_unreadable")


async def _out_again(visit: Visit, kit: Kit, permits: Permits) -> None:
    """What is inside goes back into the hand. Raises Ended where it went into the bin or sticks: there is nobody to go on with."""
    if not held(visit.kept):
        return
    await give_back(visit.kept, kit, permits)
    if not in_hand(visit.kept):
        raise Ended("permit_stuck" if held(visit.kept) else "permit_retained")
    kit.desk.allow(back=True, cancel=True)


def _screen(kit: Kit, trouble: str = "") -> InsertPermit:
    devices = kit.settings.devices
    return InsertPermit(
        "given_back" if trouble else "waiting", devices.slot_position, devices.slot_arrow, devices.slot_side, trouble
    )


async def _out_of_order(visit: Visit, kit: Kit, permits: Permits, error: DeviceError) -> None:
    """Raises Ended: the unit or the reader cannot be used; the permit, if one is inside, comes out first."""
    await give_back(visit.kept, kit, permits)
    if not held(visit.kept):
        body = "您没有付款，也没有提交申请。请到旁边的机器或人工窗口办理。"
        await tell(kit, "签注设备暂时不能用", body, code=f"D-{error.device.upper()}-{error.kind}")
    raise Ended(f"device:{error.device}")


async def _read(visit: Visit, kit: Kit, permits: Permits, page: Page[None]) -> Visit:
    """Raises _WrongCard, Ended (a permit that cannot be used here), DeviceError."""
    page.update(replace(_screen(kit), state="reading"))
    today = kit.clock.now().date()
    line = await _line(visit, kit, permits)
    visit = replace(visit, line=line)
    for left in range(CHIP_TRIES - 1, -1, -1):
        try:
            chip = await permits.reader.read(line.key, CHIP_S)
            visit = replace(visit, chip=chip, chip_holder=parse_dg1(chip.dg1, today))
            break
        except ChipTextError as error:
            log.warning("chip_text_bad", hint=str(error))
        except DeviceError as error:
            log.warning("permit_chip_trouble", kind=str(error.kind), native=error.native, hint=error.hint)
            if error.kind is ErrorKind.UNSUPPORTED:
                raise _WrongCard(NOT_A_PERMIT) from None
            if error.kind not in ABOUT_THE_CHIP:
                raise
            if error.kind is ErrorKind.MEDIA_REMOVED and not (await permits.unit.place()).inside:
                raise _WrongCard(TAKEN_AWAY) from None
        log.info("permit_chip_tried", left=left)
    await _describe(visit, permits)
    stop = first_stop(applicant_of(visit), today, rules_of(kit, permits), phase="permit")
    if stop is not None:
        await turn_away(visit, kit, stop)
    return visit


async def _describe(visit: Visit, permits: Permits) -> None:
    """Whose permit it is, for the staff who may have to give it back."""
    if visit.kept.custody is not None:
        known = {"number": visit.permit.number, "name": visit.holder.name}
        visit.kept.custody = await permits.keeper.describe(visit.kept.custody, known)


async def _line(visit: Visit, kit: Kit, permits: Permits) -> PermitLine:
    legacy = permits.tables.limits.legacy_taiwan_number
    for _ in range(2):
        raw = await permits.unit.read_line()
        try:
            return parse_line(raw, kit.clock.now().date(), visit.holder.birth, legacy_taiwan=legacy)
        except LineError as error:
            log.warning("permit_line_bad", hint=str(error), length=len(raw))
    raise _WrongCard(NOT_READ)


async def turn_away(visit: Visit, kit: Kit, stop: Stop) -> None:
    """Give the permit back first, then say why not and where to go. Always raises Ended."""
    refusal: Refusal = stop.refusal
    log.info("refused", code=refusal.code, reason=refusal.reason)
    await give_back(visit.kept, kit, permits_of(kit))
    if not held(visit.kept):
        title = "请到人工窗口办理" if stop.outcome == "window" else "本机不能办理"
        await tell(kit, title, refusal.message, EXIT, tone="warn", code=shown_code(stop))
    raise Ended(f"refused:{refusal.code}")


async def check_card(visit: Visit, kit: Kit) -> Visit:
    """EE01, EE04 …: what the identity card alone already says, before anybody puts a permit in."""
    stop = first_stop(applicant_of(visit), kit.clock.now().date(), rules_of(kit, permits_of(kit)), phase="card")
    if stop is not None:
        await turn_away(visit, kit, stop)
    return visit


async def check_face(visit: Visit, kit: Kit) -> Visit:
    """C05 against the chip's picture, else the identity card's, else what the platform has on file."""
    platform = permits_of(kit).platform

    async def reference() -> Photo | None:
        inside = visit.chip.photo if visit.chip is not None else None
        return inside or visit.holder.photo or await platform.photo_on_file(visit.permit.number)

    matcher = PlatformMatcher(platform) if isinstance(kit.matcher, PlatformMatcher) else kit.matcher
    return await check_face_against(visit, kit, matcher, reference, FACE_RULE)


async def check_by_staff(visit: Visit, kit: Kit) -> Visit:
    return await identify.check_by_staff(visit, kit, FACE_RULE)
