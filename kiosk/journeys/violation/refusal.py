"""拒签: the party does not sign. An officer notes it, and the decision counts as delivered (公安部令105 第44条); or nothing is
decided here.

Who does not sign has not thereby waived statement and defence: without the tick nothing is decided, whoever stands beside them
(行政处罚法 第62条).
"""

from __future__ import annotations

import asyncio

import structlog

from kiosk.domain import identity, staff
from kiosk.domain.errors import Refusal
from kiosk.domain.slips import WindowSlipData, window_slip
from kiosk.journeys.kit import EXIT, Kit, tell
from kiosk.journeys.violation.handout import hand_out
from kiosk.journeys.violation.sign import Outcome
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Ended
from kiosk.screens.base import Back, Button, ask
from kiosk.screens.common import StaffCheck

log = structlog.get_logger(__name__)
OFFICER = Button("officer", "请民警来注明")
SIGN = Button("sign", "回去签名")
SLIP = Button("slip", "打印提示单")
REFUSED = Refusal(
    "H11",
    "您没有在处罚决定上签名，本机没有处理这些违法。请到窗口，由民警当面处理。",
    "公安部令105 第44条",
    "not signed",
)
TRIES = 3


async def refused(visit: Visit, kit: Kit, outcome: Outcome) -> str:
    """The number of the officer who noted it; empty: the citizen goes back to sign. Raises Ended where nothing is decided."""
    if kit.settings.signing.refusal == "officer" and outcome.waived_at is not None:
        return await _noted(visit, kit)
    title, body = (
        "不签名，就不在本机处理",
        f"没有作出处罚，没有记分，也没有扣款。请到{kit.settings.kiosk.window}，由民警当面处理。",
    )
    try:
        choice = await tell(kit, title, body, SIGN, SLIP, tone="info", code=REFUSED.code)
    except Back:
        return ""
    if choice == SIGN.id:
        return ""
    raise await _to_the_window(visit, kit)


async def _to_the_window(visit: Visit, kit: Kit) -> Ended:
    plate = visit.vehicle.plate if visit.vehicle is not None else ""
    data = WindowSlipData((REFUSED,), kit.clock.now(), kit.settings.kiosk.id, plate)
    if not await hand_out(kit, window_slip(data)):
        await tell(
            kit, "提示单没有打印出来", f"请带身份证、驾驶证、行驶证到{kit.settings.kiosk.window}。", EXIT, tone="warn"
        )
    return Ended("refused_to_sign")


async def _noted(visit: Visit, kit: Kit) -> str:
    body = "不签名也可以处理：由民警在本机注明，处罚决定书视为送达，您仍然可以申请行政复议。也可以回去签名，或者退出，到窗口办理。"
    try:
        choice = await tell(kit, "您选择不签名", body, SIGN, OFFICER, tone="info", code=REFUSED.code)
    except Back:
        return ""
    if choice == SIGN.id:
        return ""
    try:
        return await _officer(visit, kit)
    except Back:
        return ""


async def _officer(visit: Visit, kit: Kit) -> str:
    """An officer's own code; who entered it goes on record. Three that are nobody's end it: nothing is decided."""
    card = visit.holder
    officers = kit.settings.signing.officer
    trouble = ""
    for left in range(TRIES - 1, -1, -1):
        screen = StaffCheck(identity.mask_name(card.name), identity.mask_number(card.number), trouble, about="refusal")
        pin = await ask(kit.desk, screen)

        def whose(pin: str = pin) -> str:
            return next((each.number for each in officers if staff.pin_matches(pin, each.pin_hash)), "")

        async with kit.guard.hold():
            number = await asyncio.to_thread(whose)
        if number:
            log.info("refusal_to_sign_noted")
            return number
        log.warning("staff_pin_wrong", left=left)
        trouble = f"口令不对，还可以试 {left} 次。"
    raise await _to_the_window(visit, kit)
