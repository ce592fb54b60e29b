"""The demo's citizen on the pages of paying by a decision's number, and of choosing how to reprint."""

from __future__ import annotations

from typing import Any

from kiosk.screens import fine
from kiosk.screens.base import Page, Screen
from kiosk.verbs.demo_hands import Hands


async def touch(hands: Hands, page: Page[Any], screen: Screen[Any], answer: Any) -> bool:
    """Give this answer. False: no page of this service. Raises NotThere when the page changed under the finger."""
    match screen:
        case fine.EnterDecisionNumber() if answer == fine.SCAN:
            await hands.fingers.tap("decision.scan")
        case fine.EnterDecisionNumber():
            await hands.fingers.tap("decision.pad.clear")
            await hands.fingers.type("decision.pad", "".join(char for char in answer if char.isdigit())[:16])
            await hands.picture(page, "ready")
            await hands.fingers.tap("action.next")
        case fine.ScanDecision() | fine.ReviewFine():
            await hands.fingers.tap("action.next")
        case fine.ChooseReprintWay():
            await hands.fingers.tap(f"reprint.way.{answer}")
        case _:
            return False
    return True


def state_of(screen: Screen[Any]) -> str | None:
    """What makes this look of a page worth a picture of its own; None: no page of this service."""
    match screen:
        case fine.EnterDecisionNumber() | fine.ScanDecision():
            return "trouble" if screen.trouble else ""
        case fine.ReviewFine():
            return "overdue" if screen.surcharge_fen else ""
    return None
