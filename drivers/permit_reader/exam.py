"""How healthy is this chip reader? Three levels. Of a card only its kind is looked at: nothing is read from it.

Findings: `link`, `reader`, `service`, `service_ms` · `atr`, `apdu_ms`, `application` (where a card lies there already) · the same with a
card that a person lays there, and `card_removed`.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from drivers.permit_reader.apdu import NOT_FOUND, NOT_SATISFIED
from drivers.permit_reader.channel import Media
from drivers.service import at_most, failed, skipped
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.permit_reader.reader import CardTrial, PermitChipReader

SERVICE_MS = 200.0
"""pcscd answers in a millisecond or two; own figure for one that is held up by a driver or a full bus."""
APDU_MS = 300.0
"""A selection takes a contactless chip 10 to 60 ms. Own figure."""
PLACE_WITHIN = 20.0
REMOVE_WITHIN = 20.0
_LOOK = 1.0
_SAMPLES = 5
_CARD = ("atr", "apdu_ms", "application")
_UP = (Link.READY, Link.BUSY, Link.DEGRADED)


async def examine(reader: PermitChipReader, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(reader)
        case Level.EXTERNAL:
            return await _external(reader)
        case Level.INTERACTIVE:
            return await _interactive(reader, person)


async def _internal(reader: PermitChipReader) -> tuple[Finding, ...]:
    status = await reader.check()
    verdict = Verdict.PASSED if status.link in _UP else Verdict.FAILED
    link = Finding("link", verdict, status.link.value, "ready", status.detail)
    took: list[float] = []
    try:
        for _ in range(_SAMPLES):
            answer = await reader.ask_service()
            took.append(answer.seconds * 1000)
    except DeviceError as error:
        rest = (failed("service", error), skipped("service_ms", "The service does not answer."))
        return link, skipped("reader", "No reader is known."), *rest
    name = Finding("reader", Verdict.PASSED, reader.slot.reader, str(reader.capabilities["line"]))
    service = Finding("service", Verdict.PASSED, answer.name)
    return link, name, service, at_most("service_ms", round(median(took), 2), SERVICE_MS, "ms")


async def _external(reader: PermitChipReader) -> tuple[Finding, ...]:
    if reader.slot.media is not Media.PRESENT:
        return tuple(skipped(name, "No card lies on the reader.") for name in _CARD)
    return await _card(reader, _LOOK)


async def _card(reader: PermitChipReader, within: float) -> tuple[Finding, ...]:
    try:
        trial = await reader.try_card(within)
    except DeviceError as error:
        verdict = Verdict.UNKNOWN if error.kind is ErrorKind.NO_MEDIA and not error.native else Verdict.FAILED
        told = Finding("atr", verdict, error.native or error.kind.value, "a card that answers", error.hint)
        return told, *(skipped(name, "No card answered.") for name in _CARD[1:])
    atr = Finding("atr", Verdict.PASSED, trial.atr.hex().upper(), "a card that answers")
    return atr, at_most("apdu_ms", round(trial.seconds * 1000, 1), APDU_MS, "ms"), _application(trial)


def _application(trial: CardTrial) -> Finding:
    value, limit = f"{trial.status:04X}", "9000"
    if trial.selected:
        return Finding("application", Verdict.PASSED, value, limit)
    if trial.status == NOT_SATISFIED:
        return Finding("application", Verdict.PASSED, value, limit, "The card wants its key first.")
    if trial.status == NOT_FOUND:
        return Finding("application", Verdict.FAILED, value, limit, "This card is no travel document.")
    return Finding("application", Verdict.UNKNOWN, value, limit)


async def _interactive(reader: PermitChipReader, person: Person) -> tuple[Finding, ...]:
    if reader.slot.media is not Media.PRESENT and await person.ask(Ask.PLACE_CARD) is not True:
        why = "Nobody laid a card on the reader."
        return Finding("atr", Verdict.UNKNOWN, detail=why), *(
            skipped(name, why) for name in (*_CARD[1:], "card_removed")
        )
    found = await _card(reader, PLACE_WITHIN)
    if found[0].verdict is Verdict.UNKNOWN:
        return *found, skipped("card_removed", "No card lay on the reader.")
    await person.ask(Ask.REMOVE_CARD)
    gone = await _gone(reader)
    value = "empty" if gone else "present"
    return *found, Finding("card_removed", Verdict.PASSED if gone else Verdict.FAILED, value, "empty")


async def _gone(reader: PermitChipReader) -> bool:
    """The service tells by itself when the field is empty."""
    changed = asyncio.Event()
    stop = reader.listen(changed.set)
    try:
        async with asyncio.timeout(REMOVE_WITHIN):
            while reader.slot.media is Media.PRESENT:
                await changed.wait()
                changed.clear()
    except TimeoutError:
        return False
    finally:
        stop()
    return True
