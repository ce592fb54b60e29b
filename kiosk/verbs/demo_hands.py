"""What the demo's citizen does with on every page: fingers, the page's calm after it opened, and pictures for the album."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from kiosk.screens import common, pay
from kiosk.screens.base import Page, Screen
from kiosk.verbs.fingers import Fingers

AGAIN_S = 0.45
"""The same control is not tapped twice within this time: a finger that bounces counts once."""


class Stuck(Exception):
    """The journey does not go on: a bug in the kiosk or in the scenario."""


@dataclass(frozen=True, slots=True)
class Hands:
    fingers: Fingers
    guard: float
    """Seconds a fresh page ignores touches."""
    picture: Callable[[Page[Any] | None, str], Awaitable[None]]
    """Keep the screen as it looks now, under this word."""
    stands: Callable[[Page[Any]], bool]
    """Whether this page is still the one that is shown."""


async def touch_common(hands: Hands, page: Page[Any], screen: Screen[Any], answer: Any) -> None:
    """Give this answer on a page that every service has. Raises NotThere when the page changed under the finger."""
    tap = hands.fingers.tap
    match screen:
        case common.ServiceStart():
            await tap("c03.terms_box")
            if answer.face_consent:
                await tap("c03.face_box")
            await hands.picture(page, "ready")
            await tap("action.next")
        case common.StaffCheck():
            await hands.fingers.type("staff.pad", answer)
            await tap("action.next")
        case common.Message():
            await tap("action.next" if screen.buttons[0].id == answer else "action.back")
        case common.Finish():
            if answer.rating is not None:
                await tap(f"c13.rating.{answer.rating}")
            await hands.picture(page, "rated")
            await tap("action.next")
        case pay.PayByQr():
            await tap("c10.renew" if answer == "renew" else f"c10.{answer}")
        case pay.ScanPayerCode():
            await tap(f"c11.{answer}")
        case _:
            if hands.fingers.find("action.next") is not None:
                await tap("action.next")
