"""The permit in the machine's hands: taken in, given back, or kept with a record. The keeper writes down each move before a motor
makes it.

However a visit ends, `give_back` is its last word about the permit; what a loss of power leaves inside is the keeper's business
at the next start.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit_slips import RetainedSlipData, retained_slip
from kiosk.journeys.endorsement.visit import Kept
from kiosk.journeys.kit import Kit, Permits
from kiosk.ledger.states import FINAL, CustodyState, Kind
from kiosk.ledger.store import LedgerError, Record
from kiosk.ports.permit import CardPlace
from kiosk.screens.base import Button, Cancelled, Page
from kiosk.screens.common import Message
from kiosk.screens.endorsement import TakePermit

log = structlog.get_logger(__name__)
RETAINED_S = 10
"""How long the number to fetch the permit by stays on the screen, for somebody who comes back at once (seconds)."""
KNOWN = Button("exit", "知道了")


def held(kept: Kept) -> bool:
    """Whether the machine answers for a permit now."""
    if kept.custody is None or kept.out_unrecorded:
        return False
    return kept.custody.state not in FINAL[Kind.CUSTODY]


def in_hand(kept: Kept) -> bool:
    """Whether the citizen has it: none came in, or it was taken."""
    return (
        kept.custody is None or kept.out_unrecorded or kept.custody.state in (CustodyState.NONE, CustodyState.RETURNED)
    )


def whereabouts(kept: Kept, kit: Kit) -> str:
    """Where the permit is now: the same sentence on every page that ends a visit."""
    custody = kept.custody
    if custody is None or in_hand(kept):
        return "通行证已经退还。"
    if custody.state == CustodyState.RETAINED:
        return f"通行证已由机器收好，请凭身份证到{kit.settings.kiosk.window}领取，编号 {custody.id}。"
    return f"通行证请等工作人员来取，编号 {custody.id}。"


async def take_in(kept: Kept, permits: Permits, deadline: float) -> None:
    """Wait for a card and draw it in. Raises DeviceError as `PermitUnit.accept`; the record then already says what became of
    the card. Cancelling closes the slot; a card that came in at that very moment stays on record and is given back."""
    asked = kept.custody = await permits.keeper.ask()
    try:
        kept.custody = await permits.keeper.accept(asked, deadline)
    except DeviceError:
        kept.custody = await permits.keeper.latest(asked)
        raise
    except asyncio.CancelledError:
        kept.custody = await permits.keeper.close_slot(await permits.keeper.latest(asked))
        raise


async def give_back(kept: Kept, kit: Kit, permits: Permits) -> None:
    """C17: bring the permit to the slot and wait for the hand that takes it; alarm; then keep it safe. Never raises for the
    trouble of unit or ledger: the record and the citizen are told instead. May be called again, also after it was broken off."""
    if not held(kept) or kept.custody is None:
        return
    kit.desk.allow(back=False, cancel=False)
    async with kit.guard.hold():
        try:
            custody = await _bring_out(kept, kept.custody, kit, permits)
            at_slot = custody["place"] == CardPlace.MOUTH
        except LedgerError as trouble:
            # The permit matters more than the record of it.
            log.error("permit_move_not_recorded", record=kept.custody.id, hint=str(trouble))
            at_slot = await _bring_out_unrecorded(kept, kept.custody, kit, permits)
        if not in_hand(kept) and kept.custody.state != CustodyState.RETAINED and not kept.stuck_told:
            kept.stuck_told = True
            await _stuck(kept.custody, kit, at_slot)


async def _bring_out(kept: Kept, custody: Record, kit: Kit, permits: Permits) -> Record:
    """Raises LedgerError."""
    keeper = permits.keeper
    # Whoever was broken off between a commit and its return holds an old row.
    custody = kept.custody = await keeper.close_slot(await keeper.latest(custody))
    if custody.state in FINAL[Kind.CUSTODY] or custody.state == CustodyState.ASKED:
        return custody
    await keeper.settle_write(custody)
    custody = kept.custody = await keeper.offer(custody)
    if custody.state == CustodyState.OFFERED and custody["trouble"] is None:
        custody = kept.custody = await _hand_over(kept, custody, kit, permits)
    return custody


def _screen(kit: Kit) -> TakePermit:
    devices = kit.settings.devices
    return TakePermit(position=devices.slot_position, arrow=devices.slot_arrow, seconds=kit.settings.endorsement.take_s)


async def _hand_over(kept: Kept, custody: Record, kit: Kit, permits: Permits) -> Record:
    """The permit lies at the slot: taken, or in the bin after twice the time."""
    take_s = kit.settings.endorsement.take_s
    screen = _screen(kit)
    page = kit.desk.open(screen)
    for state in ("waiting", "alarm"):
        custody = kept.custody = await _taken(page, replace(screen, state=state), permits, custody, take_s)
        if custody.state == CustodyState.RETURNED:
            page.update(replace(screen, state="taken"))
            return custody
    log.warning("permit_not_taken", record=custody.id)
    custody = kept.custody = await permits.keeper.retain(custody, "not_taken")
    if custody.state == CustodyState.RETAINED:
        await _retained(custody, kit, page, screen)
    return custody


async def _taken(page: Page[None], screen: TakePermit, permits: Permits, custody: Record, seconds: int) -> Record:
    """Wait for the hand; the page counts."""
    waiting = asyncio.ensure_future(permits.keeper.wait_taken(custody, seconds))
    try:
        left = seconds
        while left > 0 and not waiting.done():
            page.update(replace(screen, seconds=left))
            await asyncio.wait((waiting,), timeout=1.0)
            left -= 1
        return await waiting
    finally:
        if not waiting.done():
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


async def _bring_out_unrecorded(kept: Kept, custody: Record, kit: Kit, permits: Permits) -> bool:
    """To the slot, and not into the bin, of which nobody would know. Whether it lies at the slot now."""
    take_s = kit.settings.endorsement.take_s
    screen = _screen(kit)
    try:
        await permits.unit.eject()
        page = kit.desk.open(screen)
        taken = await permits.unit.wait_taken(take_s)
        if not taken:
            page.update(replace(screen, state="alarm"))
            taken = await permits.unit.wait_taken(take_s)
    except DeviceError as error:
        log.error("permit_not_moved", record=custody.id, kind=str(error.kind), hint=error.hint)
        if error.kind is not ErrorKind.NO_MEDIA:
            return False
        taken = True
    if taken:
        kept.out_unrecorded = True
        permits.keeper.seen_taken(custody)
    return not taken


async def _retained(custody: Record, kit: Kit, page: Page[None], screen: TakePermit) -> None:
    """The permit lies in the bin: a slip with the number to fetch it by, and the same on the screen for a while."""
    place = kit.settings.kiosk
    note = f"请凭身份证到{place.window}领取。"
    page.update(replace(screen, state="retained", reference=_spaced(custody.id), note=note))
    if not custody.order_id:
        # Whoever went away before applying has nothing to print; staff find the permit by its record.
        await asyncio.sleep(min(RETAINED_S, screen.seconds))
        return
    known = kit.permits.keeper.permit(custody) if kit.permits is not None else None
    data = RetainedSlipData(
        reference=custody.id,
        at=kit.clock.now(),
        where=place.window,
        hours=kit.settings.endorsement.hours,
        kiosk_id=place.id,
        permit_number=(known or {}).get("number", ""),
        name=(known or {}).get("name", ""),
        phone=kit.settings.staff.help_phone,
    )
    await kit.books.press.print_slip(custody.order_id, custody.id, retained_slip(data))


def _spaced(custody_id: str) -> str:
    """C 20261121 00001: letter, day, number of the day; for whoever copies it."""
    return f"{custody_id[0]} {custody_id[1:9]} {custody_id[9:]}"


async def _stuck(custody: Record, kit: Kit, at_slot: bool) -> None:
    """The motor cannot bring it out, or nobody can say where it is. Only staff can."""
    log.error("permit_stuck", record=custody.id, state=custody.state)
    window = kit.settings.kiosk.window
    title, body = "通行证没有退出来", "您的证件在机器内，工作人员马上来。请不要离开，也可以到{window}，报编号 {id}。"
    if at_slot:
        title, body = "请取走通行证", "通行证在插卡口。请马上取走；取不下来，请叫工作人员，报编号 {id}。"
    elif custody.state == CustodyState.ASKED:
        title, body = (
            "签注设备没有回应",
            "通行证已经放进去的，请不要离开，工作人员马上来。也可以到{window}，报编号 {id}。",
        )
    elif custody.state == CustodyState.MISSING:
        title, body = (
            "机器没有找到通行证",
            "没有拿到通行证的，请不要离开，工作人员马上来。也可以到{window}，报编号 {id}。",
        )
    page = kit.desk.open(Message(title, body.format(window=window, id=custody.id), (KNOWN,), "bad", code="D-UNIT"))
    try:
        async with asyncio.timeout(kit.settings.session.finish_s * 4):
            await page.answer()
    except (TimeoutError, Cancelled):
        log.info("stuck_note_left", record=custody.id)
