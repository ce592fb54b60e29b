"""The permit in the machine's hands: taken in, given back, or kept with a record. The keeper writes down each move before a motor
makes it.

However a visit ends, `give_back` is its last word about the permit; what a loss of power leaves inside is the keeper's business
at the next start.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.domain.permit_slips import RetainedSlipData, retained_slip
from kiosk.journeys.endorsement.visit import Kept
from kiosk.journeys.kit import Kit, Permits
from kiosk.ledger.states import FINAL, CustodyState, Kind
from kiosk.ledger.store import Record
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
    return kept.custody is not None and kept.custody.state not in FINAL[Kind.CUSTODY]


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
    unit's trouble: the record and the citizen are told instead."""
    if not held(kept) or kept.custody is None:
        return
    kit.desk.allow(back=False, cancel=False)
    async with kit.guard.hold():
        custody = kept.custody = await permits.keeper.close_slot(kept.custody)
        if custody.state not in FINAL[Kind.CUSTODY]:
            custody = kept.custody = await permits.keeper.offer(custody)
        if custody.state == CustodyState.OFFERED and custody["trouble"] is None:
            custody = kept.custody = await _hand_over(custody, kit, permits)
        if custody.state not in (CustodyState.RETURNED, CustodyState.RETAINED, CustodyState.NONE):
            await _stuck(custody, kit)


async def _hand_over(custody: Record, kit: Kit, permits: Permits) -> Record:
    """The permit lies at the slot: taken, or in the bin after twice the time."""
    take_s = kit.settings.endorsement.take_s
    screen = TakePermit(position=kit.settings.devices.slot_position, seconds=take_s)
    page = kit.desk.open(screen)
    for state in ("waiting", "alarm"):
        custody = await _taken(page, replace(screen, state=state), permits, custody, take_s)
        if custody.state == CustodyState.RETURNED:
            page.update(replace(screen, state="taken"))
            return custody
    log.warning("permit_not_taken", record=custody.id)
    custody = await permits.keeper.retain(custody, "not_taken")
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


async def _retained(custody: Record, kit: Kit, page: Page[None], screen: TakePermit) -> None:
    """The permit lies in the bin: a slip with the number to fetch it by, and the same on the screen for a while."""
    place = kit.settings.kiosk
    note = f"请凭身份证到{place.window}领取。"
    page.update(replace(screen, state="retained", reference=custody.id, note=note))
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


async def _stuck(custody: Record, kit: Kit) -> None:
    """The motor cannot bring it out. Only staff can."""
    log.error("permit_stuck", record=custody.id, state=custody.state)
    if custody["place"] == CardPlace.MOUTH:
        title, body = "请取走通行证", f"通行证在插卡口。请马上取走；取不下来，请叫工作人员，报编号 {custody.id}。"
    else:
        title = "通行证没有退出来"
        body = (
            f"您的证件在机器内，工作人员马上来。请不要离开，也可以到{kit.settings.kiosk.window}，报编号 {custody.id}。"
        )
    page = kit.desk.open(Message(title, body, (KNOWN,), "bad", code="D-UNIT"))
    try:
        async with asyncio.timeout(kit.settings.session.finish_s * 4):
            await page.answer()
    except (TimeoutError, Cancelled):
        log.info("stuck_note_left", record=custody.id)
