"""Slips that belong to no order: an objection, a defence, the way to the window. Nothing of money or of a decision hangs on them."""

from __future__ import annotations

from itertools import count

import structlog

from kiosk.domain.slip import Slip
from kiosk.journeys.kit import Kit, working
from kiosk.ports.devices import PrintEnd
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)
TITLES = {"objection": "打印异议单", "statement": "打印陈述申辩单", "window": "打印提示单"}
_NUMBERS = count(1)


async def hand_out(kit: Kit, slip: Slip) -> bool:
    """Print it; False where it did not come out whole. The number stands on the screen as well."""
    title = TITLES.get(slip.kind, "打印单据")
    page = kit.desk.open(working("正在打印", (Phase(title, "doing"),), "请稍等，取走单据。"))
    async with kit.guard.hold():
        now = kit.clock.now()
        outcome = await kit.printer.print_slip(slip, f"{kit.settings.kiosk.id}{now:%y%m%d%H%M%S}H{next(_NUMBERS)}")
    done = outcome.end is PrintEnd.DONE
    page.update(working("正在打印", (Phase(title, "done" if done else "failed"),), ""))
    if not done:
        log.warning("handout_not_printed", slip=slip.kind, end=outcome.end.value)
    return done
