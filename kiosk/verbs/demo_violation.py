"""The demo's citizen on the pages of the violation service."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtWidgets import QAbstractButton

from kiosk.screens import vehicle, violation
from kiosk.screens.base import Page, Screen
from kiosk.verbs.demo_hands import AGAIN_S, Hands
from kiosk.verbs.fingers import Fingers
from ui.widgets.signature_pad import SignaturePad

SIGNATURE = (
    ((0.15, 0.35), (0.22, 0.30), (0.30, 0.28), (0.36, 0.30)),
    ((0.26, 0.20), (0.25, 0.40), (0.22, 0.58), (0.16, 0.72)),
    ((0.28, 0.45), (0.33, 0.58), (0.40, 0.70)),
    ((0.52, 0.30), (0.60, 0.26), (0.70, 0.24), (0.80, 0.27)),
    ((0.66, 0.18), (0.66, 0.35), (0.65, 0.55), (0.63, 0.75), (0.57, 0.70)),
    ((0.55, 0.50), (0.64, 0.48), (0.76, 0.50), (0.84, 0.52)),
)
"""Shares of the pad's width and height; nobody's name."""


async def touch(hands: Hands, page: Page[Any], screen: Screen[Any], answer: Any) -> bool:
    """Give this answer. False: no page of this service. Raises NotThere when the page changed under the finger."""
    tap = hands.fingers.tap
    match screen:
        case violation.ChooseVehicle():
            await tap("vehicle.other" if answer is None else f"vehicle.{answer}")
        case violation.EnterPlate():
            await _type(hands, page, "plate.key", answer.plate[2:])
        case violation.EnterVehicleProof():
            await _type(hands, page, "proof.key", answer[-6:])
        case vehicle.ChoosePlateType():
            await tap(f"plate.type.{answer}")
        case vehicle.OfferFiling():
            await tap(f"filing.way.{answer}")
        case vehicle.EnterOwnerCode():
            await _type(hands, page, "owner.pad", answer)
        case violation.ChooseViolations():
            await _choose(hands, page, screen, answer)
        case violation.Evidence():
            await tap("c07.object" if answer == "object" else "c07.close")
        case violation.PenaltyNotice():
            await _notice(hands, page, screen, answer)
        case violation.ChooseObjection():
            await tap(f"objection.{answer}")
            if hands.stands(page) and hands.fingers.find("action.next") is not None:
                await hands.picture(page, "ready")
                await tap("action.next")
        case _:
            return False
    return True


async def _type(hands: Hands, page: Page[Any], pad: str, text: str) -> None:
    await hands.fingers.type(pad, text)
    await hands.picture(page, "ready")
    await hands.fingers.tap("action.next")


async def _choose(hands: Hands, page: Page[Any], screen: violation.ChooseViolations, answer: Any) -> None:
    if isinstance(answer, violation.Chosen):
        await hands.picture(page, "chosen")
        await hands.fingers.tap("action.next")
        return
    if isinstance(answer, violation.ViewEvidence):
        name = f"c06.evidence.{answer.record_id}"
    else:
        name = f"c06.card.{next(each for each in answer.record_ids if each not in screen.chosen)}"
    await hands.fingers.turn_to(name, "c06.pager", hands.guard)
    await hands.fingers.tap(name)
    await asyncio.sleep(AGAIN_S)


async def _notice(hands: Hands, page: Page[Any], screen: violation.PenaltyNotice, answer: Any) -> None:
    fingers = hands.fingers
    if isinstance(answer, violation.Defend):
        await fingers.tap("c09.defend")
        return
    if not _ticked(fingers):  # a page that tells the seconds of the recording is looked at again and again
        await fingers.tap("c09.agree")
    if screen.sign:
        if fingers.find("c09.pad") is None:  # large type: the pad comes after the notice
            await hands.picture(page, "agreed")
            await fingers.tap("c09.confirm")
            await asyncio.sleep(hands.guard + 0.4)
        if isinstance(answer, violation.RefuseToSign):
            await fingers.tap("c09.refuse")
            return
        pad = fingers.find("c09.pad")
        written = isinstance(pad, SignaturePad) and not pad.empty
        if not written and (
            screen.pen is None or not screen.pen.strokes
        ):  # whoever wrote on the pad beside the screen has signed
            await fingers.draw("c09.pad", SIGNATURE)
    await hands.picture(page, "signed")
    await fingers.tap("c09.confirm")


def _ticked(fingers: Fingers) -> bool:
    box = fingers.find("c09.agree")
    return isinstance(box, QAbstractButton) and box.isChecked()
