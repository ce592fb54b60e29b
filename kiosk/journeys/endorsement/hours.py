"""Nobody begins, and no permit goes in, where the fee could not be paid in the same visit."""

from __future__ import annotations

import datetime as dt

import structlog

from kiosk.journeys.cards import ENDORSEMENT
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.kit import Kit, tell
from kiosk.journeys.paying_hours import too_late
from kiosk.journeys.walker import Ended

log = structlog.get_logger(__name__)
VISIT = dt.timedelta(minutes=2 * ENDORSEMENT.minutes)
"""From the home screen to the payment: twice the minutes that the card names, for whoever reads slowly."""
FROM_THE_SLOT = dt.timedelta(minutes=ENDORSEMENT.minutes)
"""From the moment a permit may go in."""
CLOSED = "W-HOURS"


async def check_hours(visit: Visit, kit: Kit, span: dt.timedelta = VISIT) -> Visit:
    """Raises Ended where the hours of payment do not last for `span`. No permit is in the machine yet."""
    why = too_late(kit, span)
    if why:
        log.info("payment_outside_hours")
        body = f"{why}您没有提交申请，也没有付款，通行证不用放进机器。"
        await tell(kit, "现在不能办理签注", body, tone="warn", code=CLOSED)
        raise Ended(f"refused:{CLOSED}")
    return visit
