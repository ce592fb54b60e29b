"""The demo's citizen on the pages of the application form: every answer is chosen, ticked or typed on the page's own keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from PySide6.QtWidgets import QAbstractButton

from config.area_tables import Area
from kiosk.screens import form
from kiosk.screens.base import Page, Screen
from kiosk.verbs import demo_pinyin
from kiosk.verbs.demo_hands import AGAIN_S, Hands, Stuck
from kiosk.verbs.fingers import NotThere
from ui.widgets.field_box import FieldBox
from ui.widgets.form_entry import OTHER, Entry
from ui.widgets.lookups import areas
from ui.widgets.name_border import boxes_before, boxes_of

HANZI = "form.hanzi"
KEYS = {
    "digits": "form.digits.keys",
    "date": "form.date.keys",
    "letters": "form.letters.tray",
    "document": "form.document.tray",
}
"""Where the keys of a keypad are, and `clear`."""
ON_THE_PAGE = ("下一项", "继续核对下一页", "还有没看的，往后看")
"""What the button says while it leads on within the page."""


async def touch(hands: Hands, page: Page[Any], screen: Screen[Any], answer: Any) -> bool:
    """Give this answer. False: no page of this service. Raises NotThere when the page changed under the finger, Stuck where a text
    cannot be typed."""
    tap = hands.fingers.tap
    match screen:
        case form.FormSections():
            await _section(hands, answer)
        case form.FormQuestion():
            await _question(hands, page, screen, answer)
        case form.SplitName():
            await _split(hands, page, screen, answer)
        case form.SpellName():
            await _spell(hands, page, answer)
        case form.ChoosePhotoWay():
            await tap(f"photo.way.{answer}")
        case form.PhotoTaken():
            await tap("action.next" if answer == "ok" else "action.back")
        case form.EnterPhotoReceipt():
            await tap("receipt.key.clear")
            await hands.fingers.type("receipt.key", _bare(answer).upper())
            await hands.picture(page, "ready")
            await tap("action.next")
        case form.ReviewForm():
            await _review(hands, page, screen, answer)
        case form.PreviewForm():
            await _preview(hands, page, answer)
        case form.BringForm() | form.TakePhoto():
            await tap("action.next")
        case _:
            return False
    return True


async def _section(hands: Hands, answer: str) -> None:
    if answer == "next":
        await hands.fingers.tap("action.next")
    elif answer == "phone":
        await hands.fingers.tap("c18.bring")
    else:
        await hands.fingers.turn_to(f"c18.section.{answer}", "c18.pager", hands.guard)
        await hands.fingers.tap(f"c18.section.{answer}")


async def _go_on(hands: Hands, page: Page[Any], state: str) -> None:
    """Through what the page still has to show, then on."""
    for part in count(2):
        if hands.fingers.says("action.next") not in ON_THE_PAGE:
            break
        await hands.fingers.tap("action.next")
        await asyncio.sleep(max(hands.guard, AGAIN_S))
        await hands.picture(page, f"{state}-{part}")
    await hands.fingers.tap("action.next")


# -- a question ------------------------------------------------------------------------------------------------------------


async def _question(hands: Hands, page: Page[Any], screen: form.FormQuestion, answer: Mapping[str, str]) -> None:
    missing = ""
    for asked in screen.fields:
        if not asked.locked and asked.key in answer:
            missing += await _fill(hands, page, screen, asked, answer[asked.key])
    await hands.picture(page, f"{screen.id}-ready")
    if missing:
        raise Stuck(f"the keypad does not offer {' '.join(f'U+{ord(char):04X}' for char in missing)}")
    await _go_on(hands, page, screen.id)


async def _fill(hands: Hands, page: Page[Any], screen: form.FormQuestion, asked: form.FieldAsked, wanted: str) -> str:
    """Returns the characters that could not be typed. Raises NotThere."""
    fingers, box = hands.fingers, f"form.field.{asked.key}"
    if asked.ask == "ticks":
        await fingers.turn_to(box, "form.pager", hands.guard)
        if _chosen(hands, box) != bool(wanted):
            await fingers.tap(box)
            await asyncio.sleep(AGAIN_S)
        return ""
    if len(screen.fields) > 1 or asked.ask != "choice":
        if len(screen.fields) > 1:
            await fingers.turn_to(box, "form.pager", hands.guard)
        if _shown(hands, box) == _bare(Entry.of(replace(asked, value=wanted)).look(False).value):
            return ""
        if await _activate(hands, box):
            await hands.picture(page, f"{screen.id}-{asked.key}")

    async def look() -> None:
        await hands.picture(page, f"{screen.id}-{asked.key}-typing")

    if asked.ask == "choice":
        return await _choose(hands, asked, wanted, look)
    if asked.ask == "address":
        return await _address(hands, asked.key, wanted, look)
    if asked.keypad in KEYS:
        await _type(hands, box, KEYS[asked.keypad], wanted)
        return ""
    if _shown(hands, box):
        await demo_pinyin.clear(hands, HANZI)
    return await demo_pinyin.write(hands, HANZI, wanted, look)


async def _activate(hands: Hands, box: str) -> bool:
    """False: it is being filled already."""
    field = hands.fingers.find(box)
    if not isinstance(field, FieldBox) or field.look.active:
        return False
    await hands.fingers.tap(box)
    await asyncio.sleep(hands.guard)
    return True


async def _type(hands: Hands, box: str, keys: str, wanted: str) -> None:
    """Signs that such a keypad does not have, the brackets of an identity number or the dashes of a day, nobody types."""
    if _shown(hands, box):
        await hands.fingers.tap(f"{keys}.clear")
    await hands.fingers.type(keys, "".join(char for char in wanted.upper() if char.isascii() and char.isalnum()))


async def _choose(hands: Hands, asked: form.FieldAsked, wanted: str, look: demo_pinyin.Look) -> str:
    fingers, listed = hands.fingers, f"form.choices.{asked.key}"
    if fingers.find("form.lists") is not None:  # typed on keys the last time
        await fingers.tap("form.lists")
        await asyncio.sleep(hands.guard)
    codes = [choice.code for choice in asked.choices]
    if not wanted:
        chosen = next((code for code in codes if _chosen(hands, f"{listed}.{code}")), None)
        if chosen is not None and asked.optional:
            await fingers.tap(f"{listed}.{chosen}")
            await asyncio.sleep(AGAIN_S)
        return ""
    name = f"{listed}.{wanted if wanted in codes else OTHER}"
    await fingers.turn_to(name, f"{listed}.pager", hands.guard)
    if not _chosen(hands, name):
        await fingers.tap(name)
        await asyncio.sleep(AGAIN_S)
    return "" if wanted in codes else await demo_pinyin.write(hands, HANZI, wanted, look)


async def _address(hands: Hands, key: str, wanted: str, look: demo_pinyin.Look) -> str:
    """Province, city and district from their lists, then the street on the keys."""
    fingers, listed = hands.fingers, f"form.areas.{key}"
    if fingers.find(listed) is None:
        await demo_pinyin.clear(hands, HANZI)
        await fingers.tap("form.lists")
        await asyncio.sleep(hands.guard)
    area, street = areas().of_address(wanted)
    for step in _way_down(area):
        name = f"{listed}.list.{step}"
        await fingers.turn_to(name, f"{listed}.list.pager", hands.guard)
        await look()
        await fingers.tap(name)
        await asyncio.sleep(max(hands.guard, AGAIN_S))
    if fingers.find(f"{listed}.keys") is not None:
        await fingers.tap(f"{listed}.keys")
        await asyncio.sleep(hands.guard)
    return await demo_pinyin.write(hands, HANZI, street, look)


def _way_down(area: Area | None) -> list[str]:
    if area is None:
        return []
    return [
        area.code[:length] for length in (2, 4, 6) if area.code[:length] in areas().areas and length <= len(area.code)
    ]


def _shown(hands: Hands, box: str) -> str:
    """What stands in the box, without the gaps between its groups."""
    field = hands.fingers.find(box)
    return _bare(field.look.value) if isinstance(field, FieldBox) else ""


def _chosen(hands: Hands, name: str) -> bool:
    control = hands.fingers.find(name)
    return isinstance(control, QAbstractButton) and control.isChecked()


def _bare(text: str) -> str:
    return "".join(text.split())


# -- the name --------------------------------------------------------------------------------------------------------------


async def _split(hands: Hands, page: Page[Any], screen: form.SplitName, length: int) -> None:
    if length != screen.surname_length:
        boxes = boxes_before(boxes_of(screen.name), length)
        ways = (f"split.way.{boxes}", f"split.name.at.{boxes}")
        await hands.fingers.tap(next((way for way in ways if hands.fingers.find(way) is not None), ways[0]))
        await asyncio.sleep(AGAIN_S)
        await hands.picture(page, "ready")
    await hands.fingers.tap("action.next")


async def _spell(hands: Hands, page: Page[Any], answer: form.PinyinAnswer) -> None:
    fingers = hands.fingers
    if answer.do == "ok":
        await _go_on(hands, page, "part")
    elif answer.do == "reading":
        name = f"pinyin.{answer.part}.{answer.index}.{answer.spelling}"
        await fingers.turn_to(name, "pinyin.pager", hands.guard)
        await fingers.tap(name)
        await asyncio.sleep(AGAIN_S)
    else:
        await fingers.tap("pinyin.edit")
        await asyncio.sleep(hands.guard)
        for part, letters in (("surname", answer.surname), ("given", answer.given)):
            box = f"pinyin.field.{part}"
            if fingers.find(box) is not None:
                await _activate(hands, box)
                await _type(hands, box, "pinyin.pad.tray", letters)
        await hands.picture(page, "typed")
        await fingers.tap("action.next")


# -- check and preview -----------------------------------------------------------------------------------------------------


async def _review(hands: Hands, page: Page[Any], screen: form.ReviewForm, answer: str) -> None:
    """On: every page is read before the last button appears. Else the row that opens this question, on whatever page it is."""
    fingers = hands.fingers
    if answer == "next":
        await _go_on(hands, page, "part")
        return
    rows = [
        f"c20.row.{s}.{r}.act"
        for s, section in enumerate(screen.sections)
        for r, row in enumerate(section.rows)
        if row.question == answer
    ]
    name = "c20.photo.act" if answer == "photo" else next(iter(rows), "")
    if not name:
        raise NotThere(answer)
    await fingers.turn_to(name, "c20.pager", hands.guard)
    await hands.picture(page, "changes")
    await fingers.tap(name)


async def _preview(hands: Hands, page: Page[Any], answer: str) -> None:
    """Nobody prints what they have not looked at closely."""
    if answer == "print":
        await hands.fingers.tap("c21.desk.zoom")
        await asyncio.sleep(max(hands.guard, AGAIN_S))
        await hands.picture(page, "enlarged")
        await hands.fingers.tap("c21.desk.whole")
        await asyncio.sleep(max(hands.guard, AGAIN_S))
    await hands.fingers.tap("action.next" if answer == "print" else "action.back")


def state_of(screen: Screen[Any]) -> str | None:
    """What makes this look of a page worth a picture of its own; None: no page of this service."""
    match screen:
        case form.FormSections():
            return f"{screen.done}-of-{screen.total}"
        case form.BringForm():
            return "trouble" if screen.trouble else ""
        case form.FormQuestion():
            return screen.id + ("-trouble" if any(field.trouble for field in screen.fields) else "")
        case form.SpellName():
            readings = (*screen.spelt.surname, *screen.spelt.given)
            return f"{sum(reading.chosen for reading in readings)}" + ("-trouble" if screen.trouble else "")
        case form.TakePhoto():
            return screen.hint.name.lower() if screen.frame is not None else ""
        case form.EnterPhotoReceipt():
            return "trouble" if screen.trouble else ""
    return None
