"""C13, the last page of every service: what to take along, and how it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.journeys.kit import Kit
from kiosk.screens.base import Page
from kiosk.screens.common import Finish, FinishAnswer

log = structlog.get_logger(__name__)


async def see_off(kit: Kit, screen: Finish, order_id: str, papers: tuple[str, ...]) -> bool:
    """Show the page until it is left; the identity card is named as long as it lies there. True: the citizen wants to go on."""
    lying = await _card_lies(kit)
    without = replace(screen, take=papers)
    page = kit.desk.open(replace(screen, take=("身份证", *papers)) if lying else without)
    watch = asyncio.ensure_future(_until_taken(kit, page, without)) if lying else None
    try:
        async with kit.guard.hold():  # the page counts down by itself
            answer = await page.answer()
    finally:
        if watch is not None:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
    if answer.rating is not None:
        log.info("rated", order=order_id, rating=answer.rating, reasons=list(answer.reasons))
    return answer.next == "again"


async def _card_lies(kit: Kit) -> bool:
    try:
        return await kit.id_card.present()
    except DeviceError:
        return False


async def _until_taken(kit: Kit, page: Page[FinishAnswer], without: Finish) -> None:
    try:
        while not await kit.id_card.wait_removed(60.0):
            log.info("id_card_still_there")
        page.update(without)
    except DeviceError as error:
        log.warning("id_card_watch_lost", kind=str(error.kind))
