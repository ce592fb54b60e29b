"""The demo's citizen on the pages of the endorsement service. The permit itself is moved at the virtual unit, as a hand does it."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtWidgets import QAbstractButton

from kiosk.screens import endorsement
from kiosk.screens.base import Page, Screen
from kiosk.verbs.demo_hands import AGAIN_S, Hands
from kiosk.verbs.fingers import NotThere


async def touch(hands: Hands, page: Page[Any], screen: Screen[Any], answer: Any) -> bool:
    """Give this answer. False: no page of this service. Raises NotThere when the page changed under the finger."""
    tap = hands.fingers.tap
    match screen:
        case endorsement.ChooseEndorsementKind():
            await hands.fingers.turn_to(f"c15a.kind.{answer}", "c15a.pager", hands.guard)
            await tap(f"c15a.kind.{answer}")
        case endorsement.ChooseDestinations():
            await _places(hands, page, screen, answer)
        case endorsement.ChooseEntries():
            await _entries(hands, page, screen, answer)
        case endorsement.EnterPhone():
            if screen.value != answer:
                await tap("phone.pad.clear")
                await asyncio.sleep(AGAIN_S)
                await hands.fingers.type("phone.pad", answer)
            await hands.picture(page, "ready")
            await tap("action.next")
        case endorsement.ReviewEndorsement():
            await _review(hands, page, answer)
        case endorsement.CheckPermit():
            await tap("action.next" if answer == "ok" else "action.back")
        case _:
            return False
    return True


async def _places(
    hands: Hands, page: Page[Any], screen: endorsement.ChooseDestinations, wanted: tuple[str, ...]
) -> None:
    """Tick what is wanted and untick what is not: the page may come with ticks of an earlier visit."""
    for row in screen.places:
        name = f"c15b.place.{row.id}"
        card = hands.fingers.find(name)
        if isinstance(card, QAbstractButton) and card.isChecked() != (row.id in wanted):
            await hands.fingers.tap(name)
            await asyncio.sleep(AGAIN_S)
        elif card is None and row.id in wanted:
            raise NotThere(name)
    await hands.picture(page, "ready")
    await hands.fingers.tap("action.next")


async def _entries(hands: Hands, page: Page[Any], screen: endorsement.ChooseEntries, wanted: tuple[str, ...]) -> None:
    for group, option in zip(screen.groups, wanted, strict=True):
        name = f"c15c.option.{option}"
        await hands.fingers.turn_to(name, "c15c.pager", hands.guard)
        await hands.fingers.tap(name)
        await asyncio.sleep(AGAIN_S)
        await hands.picture(page, group.place_id)
    await hands.fingers.tap("action.next")


async def _review(hands: Hands, page: Page[Any], answer: str) -> None:
    """Every page is read before the last button appears. Only "submit" is given by touch: this citizen changes nothing."""
    if answer != "submit":
        raise NotThere(answer)
    while hands.fingers.find("c16.pager.next") is not None:
        await hands.fingers.tap("action.next")
        await asyncio.sleep(max(hands.guard, AGAIN_S))
        await hands.picture(page, "more")
    await hands.fingers.tap("action.next")


def state_of(screen: Screen[Any]) -> str | None:
    """What makes this look of a page worth a picture of its own; None: no page of this service."""
    match screen:
        case endorsement.InsertPermit():
            return screen.state + ("-trouble" if screen.trouble else "")
        case endorsement.MakingPermit():
            begun = [phase for phase in screen.phases if phase.state != "todo"]
            return f"{len(begun)}-{begun[-1].state}" if begun else ""
        case endorsement.TakePermit():
            return screen.state
        case endorsement.EnterPhone():
            return "trouble" if screen.trouble else ""
        case endorsement.CheckPermit():
            return "" if screen.picture is not None else "no-picture"
    return None
