"""Is this ID-card reader well? Three levels; no card is read unless a person was asked to lay one there, and nothing of it is told.

Findings: `link`, `answer_ms`, `sam`, `sam_id` · `reset`, `line_errors`, `field` · `card_read`, `read_ms`, `photo`, `card_removed`.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from drivers.id_card.samv import meaning
from drivers.service import at_most, failed, part_is, skipped
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.id_card.reader import SamvReader

ANSWER_MS = 300.0
"""For a status answer. Its 21 bytes take 2 ms at 115200 baud and 22 ms at 9600, the module itself some tens of ms; a fifth of the
1.5 s after which the driver gives an answer up. Own figure."""
READ_MS = 3000.0
"""For one card. About 1.5 s is usual, 1295 bytes alone take 1.35 s at 9600 baud. Own figure."""
_SAMPLES = 5
_EXCHANGES = 20
PLACE_WITHIN = 30.0
REMOVE_WITHIN = 20.0
_NOISE = ("bad_answers", "timeouts", "retries")


async def examine(reader: SamvReader, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(reader)
        case Level.EXTERNAL:
            return await _external(reader)
        case Level.INTERACTIVE:
            return await _interactive(reader, person)


async def _internal(reader: SamvReader) -> tuple[Finding, ...]:
    loop = asyncio.get_running_loop()
    status = await reader.check()
    took: list[float] = []
    while len(took) < _SAMPLES and status.link in (Link.READY, Link.BUSY):
        began = loop.time()
        status = await reader.check()
        took.append((loop.time() - began) * 1000)
    up = status.link in (Link.READY, Link.BUSY)
    link = Finding("link", Verdict.PASSED if up else Verdict.FAILED, status.link.value, "ready", status.detail)
    sam_id = str(reader.capabilities.get("sam_id", "unknown"))
    known = Finding("sam_id", Verdict.UNKNOWN if sam_id == "unknown" else Verdict.PASSED, sam_id)
    if not up:
        return (
            link,
            skipped("answer_ms", "The reader does not answer."),
            part_is("sam", status.parts["sam"], ("ok",)),
            known,
        )
    return (
        link,
        at_most("answer_ms", round(median(took), 1), ANSWER_MS, "ms"),
        part_is("sam", status.parts["sam"], ("ok",)),
        known,
    )


async def _external(reader: SamvReader) -> tuple[Finding, ...]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        await reader.reset()
    except DeviceError as error:
        why = "The module could not be reset."
        return failed("reset", error), skipped("line_errors", why), skipped("field", why)
    reset = Finding("reset", Verdict.PASSED, f"{round((loop.time() - began) * 1000)} ms")
    return reset, await _line_errors(reader), await _field(reader)


async def _line_errors(reader: SamvReader) -> Finding:
    """Twenty questions in a row: what a bad plug or a wrong speed spoils shows here before a citizen meets it."""
    before = _noise(reader)
    for _ in range(_EXCHANGES):
        status = await reader.check()
        if status.link is Link.OFFLINE:
            return Finding("line_errors", Verdict.FAILED, "no answer", f"≤ 0 of {_EXCHANGES}", status.detail)
    return at_most("line_errors", _noise(reader) - before, 0, f"of {_EXCHANGES}")


async def _field(reader: SamvReader) -> Finding:
    """The antenna is switched on and looks. A card that lies there is found, not read."""
    try:
        found = await reader.look()
    except DeviceError as error:
        return failed("field", error, "empty/present")
    detail = "A card lies on the reader." if found else ""
    return Finding("field", Verdict.PASSED, "present" if found else "empty", "empty/present", detail)


async def _interactive(reader: SamvReader, person: Person) -> tuple[Finding, ...]:
    if await person.ask(Ask.PLACE_CARD) is not True:
        why = "Nobody laid a card on the reader."
        return Finding("card_read", Verdict.UNKNOWN, detail=why), *(skipped(name, why) for name in _AFTER_CARD)
    try:
        card = await reader.wait_card(PLACE_WITHIN)
    except DeviceError as error:
        why = "No card was read."
        told = Finding("card_read", Verdict.FAILED, error.native or error.kind.value, "a card", _reason(error))
        return told, *(skipped(name, why) for name in _AFTER_CARD)
    read = Finding("card_read", Verdict.PASSED, card.kind.value, "a card")
    photo = _photo(reader, decoded=card.photo is not None)
    del card  # a citizen's or a technician's: nothing of it is needed any more
    took = at_most("read_ms", round((reader.read_took or 0.0) * 1000), READ_MS, "ms")
    return read, took, photo, await _removed(reader, person)


_AFTER_CARD = ("read_ms", "photo", "card_removed")


def _photo(reader: SamvReader, *, decoded: bool) -> Finding:
    decoder = str(reader.capabilities.get("photo_decoder", "none"))
    if decoder == "none":
        return skipped("photo", "No decoder for chip photos is configured.")
    return Finding(
        "photo", Verdict.PASSED if decoded else Verdict.FAILED, "decoded" if decoded else "no picture", decoder
    )


async def _removed(reader: SamvReader, person: Person) -> Finding:
    await person.ask(Ask.REMOVE_CARD)
    try:
        gone = await reader.wait_removed(REMOVE_WITHIN)
    except DeviceError as error:
        return failed("card_removed", error, "empty")
    value = "empty" if gone else "present"
    return Finding("card_removed", Verdict.PASSED if gone else Verdict.FAILED, value, "empty")


def _reason(error: DeviceError) -> str:
    """In words, also where the error carries only a code."""
    if (
        error.kind is ErrorKind.NO_MEDIA
    ):  # the person was asked for a card, so an antenna that sees none is the likelier cause
        return "No card was found: none was laid there, or the antenna does not see it."
    if error.native.startswith("SW3=") and len(error.native) >= 6:
        return meaning(int(error.native[4:6], 16)).text.capitalize() + "."
    return error.hint


def _noise(reader: SamvReader) -> int:
    counted = reader.counters()
    return sum(counted.get(name, 0) for name in _NOISE)
