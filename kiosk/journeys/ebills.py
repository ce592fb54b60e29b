"""Asking for the finance office's electronic bills of what was just paid. Nobody waits long for it: a bill can be fetched later."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.violation import EBill
from kiosk.journeys.kit import Kit

log = structlog.get_logger(__name__)
PATIENCE_S = 2.0
"""For all of them together."""


async def ask_ebills(kit: Kit, numbers: Sequence[str]) -> dict[str, EBill]:
    """The bills by decision number, as far as the platform could tell in time: issued ones and those being made. Never raises for the
    platform's trouble."""
    asked = {asyncio.ensure_future(_ask(kit, number)): number for number in dict.fromkeys(numbers)}
    if not asked:
        return {}
    try:
        await asyncio.wait(asked, timeout=PATIENCE_S)
    finally:
        late = [task for task in asked if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    if late:
        log.info("ebills_not_waited_for", count=len(late))
    return {
        number: bill for task, number in asked.items() if not task.cancelled() and (bill := task.result()) is not None
    }


async def _ask(kit: Kit, number: str) -> EBill | None:
    try:
        return await kit.police.ebill(number)
    except (GatewayUnavailable, Refused) as trouble:
        log.warning("ebill_not_told", error=type(trouble).__name__)
        return None
