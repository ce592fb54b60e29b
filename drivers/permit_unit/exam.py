"""How healthy is this card unit? Three levels. Only the third moves a card, a test card that a person puts in.

Findings: `link`, `answer_ms`, `sensors`, `media`, `shutter`, `bin`, `bin_count` · `slot`, `locate` · `draw_in`, `line`, `picture`,
`give_out_s`, `taken`. Nothing that a card says is told.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from drivers.permit_unit.codes import Feature, Position, Shutter
from drivers.permit_unit.messages import StatusBlock
from drivers.service import at_most, failed, part_is, skipped
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.permit_unit.driver import PermitUnitDriver

INSERT_WITHIN = 30.0
TAKE_WITHIN = 30.0
_UP = (Link.READY, Link.BUSY, Link.DEGRADED)
_ANSWER_MS = 500.0
"""Quick commands are answered within that (docs/permit-unit-protocol.md, section 3.2)."""
_TRIES = 3
_GIVE_OUT_S = 10.0
"""Units take one to two seconds; one that needs longer slips or drags. Own figure."""
_INSIDE = ("answer_ms", "sensors", "media", "shutter", "bin", "bin_count")
_MOVED = ("line", "picture", "give_out_s", "taken")


async def examine(unit: PermitUnitDriver, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(unit)
        case Level.EXTERNAL:
            return await _external(unit)
        case Level.INTERACTIVE:
            return await _interactive(unit, person)


async def _internal(unit: PermitUnitDriver) -> tuple[Finding, ...]:
    status = await unit.check()
    verdict = Verdict.PASSED if status.link in _UP else Verdict.FAILED
    link = Finding("link", verdict, status.link.value, "ready", status.detail)
    try:
        answer = at_most("answer_ms", round(await unit.answer_s() * 1000, 1), _ANSWER_MS, "ms")
    except DeviceError as error:
        return (
            link,
            failed("answer_ms", error, f"≤ {_ANSWER_MS:g} ms"),
            *_none(_INSIDE[1:], "The unit does not answer."),
        )
    seen = unit.seen
    if seen is None:
        return link, answer, *_none(_INSIDE[1:], "The unit was lost.")
    count = Finding("bin_count", Verdict.PASSED, f"{seen.bin_count} cards", f"bin holds {_capacity(unit)}")
    bin_state = part_is("bin", seen.bin.name.lower(), ("ok", "high"))
    return link, answer, _sensors(seen), _media(seen), _shutter(seen), bin_state, count


def _capacity(unit: PermitUnitDriver) -> object:
    return unit.capabilities.get("bin_capacity", "unknown")


def _sensors(seen: StatusBlock) -> Finding:
    where = seen.position.name.lower()
    if seen.position is Position.UNKNOWN:
        hint = "The unit cannot find out whether and where a card is inside."
        return Finding("sensors", Verdict.FAILED, where, "a place", hint)
    return Finding("sensors", Verdict.PASSED, where, "a place")


def _media(seen: StatusBlock) -> Finding:
    if seen.position in (Position.UNKNOWN, Position.MOVING):
        return Finding("media", Verdict.UNKNOWN, seen.position.name.lower(), "none")
    finding = part_is("media", seen.position.name.lower(), ("none",))
    if finding.verdict is Verdict.FAILED:
        return Finding("media", Verdict.FAILED, finding.value, "none", "A card is in the unit.")
    return finding


def _shutter(seen: StatusBlock) -> Finding:
    wanted = Shutter.OPEN if seen.position is Position.MOUTH or seen.entry else Shutter.CLOSED
    return part_is("shutter", seen.shutter.name.lower(), (wanted.name.lower(),))


async def _external(unit: PermitUnitDriver) -> tuple[Finding, ...]:
    """The slot opens and shuts, and the unit looks for its card: the parts a machine can watch moving by itself."""
    return await _slot(unit), await _locate(unit)


async def _slot(unit: PermitUnitDriver) -> Finding:
    seen = unit.seen
    if seen is not None and (seen.position is not Position.NONE or seen.waiting):
        return skipped("slot", "A card is in the unit or before its slot.")
    try:
        opened, shut = await unit.try_slot()
    except DeviceError as error:
        return failed("slot", error, "open, closed")
    value = f"{opened.shutter.name.lower()}, {shut.shutter.name.lower()}"
    if Shutter.UNKNOWN in (opened.shutter, shut.shutter):
        return Finding("slot", Verdict.UNKNOWN, value, "open, closed", "This unit does not see its shutter.")
    moved = (opened.shutter, shut.shutter) == (Shutter.OPEN, Shutter.CLOSED)
    return Finding("slot", Verdict.PASSED if moved else Verdict.FAILED, value, "open, closed")


async def _locate(unit: PermitUnitDriver) -> Finding:
    try:
        found = await unit.locate()
    except DeviceError as error:
        return failed("locate", error, "a place")
    fine = found.position not in (Position.UNKNOWN, Position.JAMMED)
    return Finding("locate", Verdict.PASSED if fine else Verdict.FAILED, found.position.name.lower(), "a place")


async def _interactive(unit: PermitUnitDriver, person: Person) -> tuple[Finding, ...]:
    seen = unit.seen
    if seen is not None and seen.position is not Position.NONE:
        return _none(("draw_in", *_MOVED), "A card is in the unit.")
    if await person.ask(Ask.INSERT_PERMIT) is not True:
        return _not_in("Nobody put a card in.")
    try:
        await unit.accept(INSERT_WITHIN)
    except DeviceError as error:
        if error.kind is ErrorKind.NO_MEDIA:
            return _not_in(error.hint)
        return failed("draw_in", error, "reader"), *_none(_MOVED, "No card was drawn in.")
    out: Finding | None = None
    try:
        looked = (await _line(unit), await _picture(unit))
    finally:
        out = await _give_out(unit)  # whatever happens: nobody's card stays inside
    return Finding("draw_in", Verdict.PASSED, "reader", "reader"), *looked, out, await _taken(unit, person, out)


def _not_in(why: str) -> tuple[Finding, ...]:
    return Finding("draw_in", Verdict.UNKNOWN, "none", "reader", why), *_none(_MOVED, why)


async def _line(unit: PermitUnitDriver) -> Finding:
    if not _has(unit, Feature.LINE):
        return skipped("line", "This unit does not read the printed line.")
    try:
        length = len(await unit.read_line())
    except DeviceError as error:
        return failed("line", error, "30 characters")
    verdict = Verdict.PASSED if length == 30 else Verdict.FAILED
    return Finding("line", verdict, f"{length} characters", "30 characters")


async def _picture(unit: PermitUnitDriver) -> Finding:
    if not _has(unit, Feature.CAMERA):
        return skipped("picture", "This unit has no camera.")
    try:
        photo = await unit.picture()
    except DeviceError as error:
        return failed("picture", error)
    return Finding("picture", Verdict.PASSED, f"{len(photo.data)} bytes")


async def _give_out(unit: PermitUnitDriver) -> Finding:
    now = asyncio.get_running_loop().time
    began = now()
    for left in reversed(range(_TRIES)):
        try:
            await unit.eject()
            break
        except DeviceError as error:
            # What was broken off before may still be at work inside.
            if not left or error.kind not in (ErrorKind.BUSY, ErrorKind.TIMEOUT):
                return failed("give_out_s", error, f"≤ {_GIVE_OUT_S:g} s")
    return at_most("give_out_s", round(now() - began, 2), _GIVE_OUT_S, "s")


async def _taken(unit: PermitUnitDriver, person: Person, out: Finding) -> Finding:
    if out.verdict is Verdict.FAILED and not out.value.endswith(" s"):
        return skipped("taken", "The card was not given out.")
    await person.ask(Ask.TAKE_PERMIT)
    try:
        taken = await unit.wait_taken(TAKE_WITHIN)
    except DeviceError as error:
        return failed("taken", error, "taken")
    return Finding("taken", Verdict.PASSED if taken else Verdict.FAILED, "taken" if taken else "at the mouth", "taken")


def _has(unit: PermitUnitDriver, feature: Feature) -> bool:
    features = unit.capabilities.get("features", ())
    return isinstance(features, tuple) and (feature.name or "").lower() in features


def _none(names: tuple[str, ...], why: str) -> tuple[Finding, ...]:
    return tuple(skipped(name, why) for name in names)
