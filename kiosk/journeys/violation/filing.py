"""备案非本人机动车: the owner of a vehicle consents that this citizen handles its records, by scanning a code or by telephone.

The platform keeps the filing and its bounds (V04); the machine asks before, so that nobody bothers an owner in vain.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import structlog

from kiosk.domain import eligibility
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.plate import display_plate
from kiosk.domain.violation import Filing, Vehicle
from kiosk.journeys.kit import EXIT, Answered, Kit, race, reach, refuse, tell, working
from kiosk.journeys.pace import Pace
from kiosk.journeys.violation.let_go import let_go_soon
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Ended
from kiosk.screens.base import Back, Button, Page, ask
from kiosk.screens.common import Phase
from kiosk.screens.vehicle import EnterOwnerCode, OfferFiling, OwnerScans

log = structlog.get_logger(__name__)
WAITS_S = 300.0
"""How long an owner is waited for where the platform sets no end."""
NOT_FILED = {
    "refused": "车主没有同意备案，这辆车不能在本机处理。",
    "expired": "车主没有在时间内同意，备案没有办成。",
}
OTHER = Button("other", "换一辆车")
FILED = Button("go_on", "查询违法")


async def file_vehicle(visit: Visit, kit: Kit, vehicle: Vehicle, warning: str) -> Vehicle:
    """The vehicle as filed. Raises Back to the list of vehicles, Ended where it cannot be filed and the citizen leaves."""
    card, shown = visit.holder, display_plate(vehicle.plate)
    key = (card.number, vehicle.plate, vehicle.plate_type)
    standing = await reach(kit, "正在核对备案条件", partial(kit.police.filing_standing, *key))
    refusal = eligibility.filing_refusal(standing, vehicle, kit.tables.rules)
    if refusal is not None:
        raise await refuse(kit, refusal, "这辆车不能在本机备案")
    while True:
        way = await ask(kit.desk, OfferFiling(shown, warning))
        try:
            filing = await _by_scan(kit, key, shown) if way == "qr" else None
            if filing is None:
                filing = await _by_telephone(kit, key, shown)
        except Back:
            continue
        if filing.state == "filed":
            await tell(kit, "备案办好了", f"{shown} 已经备案，可以处理备案以后的违法。", FILED, tone="ok")
            return await _as_filed(visit, kit, vehicle)
        if await tell(kit, "没有备案成", NOT_FILED[filing.state], OTHER, EXIT, tone="warn", code="V02") != OTHER.id:
            raise Ended("refused:V02")
        raise Back


async def _request(kit: Kit, key: tuple[str, str, str], way: str) -> Filing:
    once = uuid.uuid4().hex
    return await reach(kit, "正在申请备案", partial(kit.police.request_filing, *key, way, once))


async def _by_scan(kit: Kit, key: tuple[str, str, str], shown: str) -> Filing | None:
    """As the owner answered. None: by telephone, please. Raises Back, after which nothing is asked of the owner any more."""
    filing = await _request(kit, key, "qr")
    ends = asyncio.get_running_loop().time() + _life(kit, filing)
    screen = OwnerScans(shown, filing.qr_text, "waiting", round(_left(ends)))
    page = kit.desk.open(screen)
    try:
        async with kit.guard.hold():
            answered = await race(page, _owner(kit, page, screen, filing, ends))
    except Answered:
        await _withdraw(kit, filing)
        return None
    except BaseException:
        await _withdraw(kit, filing)
        raise
    if answered.state != "waiting":
        return answered
    await _withdraw(kit, filing)
    return replace(answered, state="expired")


def _life(kit: Kit, filing: Filing) -> float:
    if filing.expires_at is None:
        return WAITS_S
    return min(WAITS_S, max(0.0, (filing.expires_at - kit.clock.now()).total_seconds()))


def _left(ends: float) -> float:
    return max(0.0, ends - asyncio.get_running_loop().time())


async def _owner(kit: Kit, page: Page[Literal["sms"]], screen: OwnerScans, filing: Filing, ends: float) -> Filing:
    """Until the owner has answered, or still waiting when the time is over. A question without an answer is asked again."""
    pace = Pace(kit.settings.wallet.poll_s)
    while filing.state == "waiting":
        left = _left(ends)
        if left <= 0:
            return filing
        page.update(replace(screen, seconds_left=round(left)))
        await asyncio.sleep(min(pace.left(), left, 1.0))
        if pace.due:
            pace.asked()
            filing = await _look(kit, filing)
    state: Any = filing.state
    page.update(replace(screen, state=state))
    return filing


async def _look(kit: Kit, filing: Filing) -> Filing:
    try:
        return await kit.police.filing(filing.filing_id)
    except (GatewayUnavailable, Refused) as trouble:
        log.warning("filing_not_known", error=type(trouble).__name__)
        return filing


async def _withdraw(kit: Kit, filing: Filing) -> None:
    """What nobody waits for is taken back; where that fails it ends by itself. The page goes first: it names the vehicle, and whoever was
    there may have left."""
    kit.desk.open(working("正在取消备案申请", (Phase("取消备案申请", "doing"),)))
    await let_go_soon(kit.police.withdraw_filing(filing.filing_id), "filing")


async def _by_telephone(kit: Kit, key: tuple[str, str, str], shown: str) -> Filing:
    """The owner tells the code; a wrong one may be tried again as often as the platform takes it. Raises Back."""
    filing = await _request(kit, key, "sms")
    trouble = ""
    while filing.state == "waiting":
        try:
            code = await ask(kit.desk, EnterOwnerCode(shown, filing.phone_tail, "", trouble))
        except BaseException:
            await _withdraw(kit, filing)
            raise
        filing, trouble = await _confirm(kit, filing, code)
    return filing


async def _confirm(kit: Kit, filing: Filing, code: str) -> tuple[Filing, str]:
    """The filing as it stands after the code, and what was wrong with it."""
    kit.desk.open(working("正在核对验证码", (Phase("核对验证码", "doing"),)))
    try:
        async with kit.guard.hold():
            return await kit.police.confirm_filing(filing.filing_id, code), ""
    except Refused as no:
        filing = await _look(kit, filing)
        return filing, "验证码不对，请车主再看一下。" if no.code == "wrong_code" else "这个验证码不能用了。"
    except GatewayUnavailable as trouble:
        log.warning("filing_not_confirmed", hint=trouble.hint)
        return await _look(kit, filing), "没有连上业务系统，请再试一次。"


async def _as_filed(visit: Visit, kit: Kit, vehicle: Vehicle) -> Vehicle:
    """As the platform has it now: its own day of filing counts."""
    number = visit.holder.number
    vehicles = await reach(kit, "正在查询您的车辆", lambda: kit.police.vehicles(number))
    same = [each for each in vehicles if (each.plate, each.plate_type) == (vehicle.plate, vehicle.plate_type)]
    return same[0] if same else replace(vehicle, relation="filed", filed_on=kit.clock.now().date())
