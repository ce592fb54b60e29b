"""Is this pad well? Three levels.

Findings: `link`, `grab`, `codes`, `keys`, `headphones` · `self_test` · `key_up` … one for each key, `jack`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from config.nav_pad import KEYS
from drivers.nav_pad.events import SW_HEADPHONE_INSERT, Type
from drivers.service import part_is, skipped
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import PadKey
from kiosk.ports.devices import Link
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.nav_pad.pad import EvdevPad

KEYS_WITHIN = 30.0
JACK_WITHIN = 20.0


async def examine(pad: EvdevPad, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(pad)
        case Level.EXTERNAL:
            return (skipped("self_test", "A pad does nothing by itself; a person must press."),)
        case Level.INTERACTIVE:
            return (*await _keys(pad, person), await _jack(pad, person))


async def _internal(pad: EvdevPad) -> tuple[Finding, ...]:
    status = await pad.check()
    up = status.link in (Link.READY, Link.DEGRADED)
    findings = [Finding("link", Verdict.PASSED if up else Verdict.FAILED, status.link.value, "ready", status.detail)]
    device = pad.input
    if up and device is not None:
        taken = Verdict.PASSED if device.grabbed else Verdict.FAILED
        findings.append(Finding("grab", taken, device.refusal or ("yes" if device.grabbed else "no"), "yes"))
        able = device.codes(Type.KEY) or frozenset()
        missing = sorted({name for name, code in pad.table.pairs() if code not in able} - _covered(pad, able))
        verdict = Verdict.FAILED if missing else Verdict.PASSED
        detail = "The pad has no such key: another table?" if missing else ""
        findings.append(Finding("codes", verdict, ",".join(missing) or "all", "all", detail))
    findings.append(part_is("keys", status.parts["keys"], ("ok",)))
    findings.append(part_is("headphones", status.parts["headphones"], ("present", "absent")))
    return tuple(findings)


def _covered(pad: EvdevPad, able: frozenset[int]) -> set[str]:
    """Entries of the table of which the device has at least one code."""
    return {name for name, code in pad.table.pairs() if code in able}


async def _keys(pad: EvdevPad, person: Person) -> tuple[Finding, ...]:
    waiting = [PadKey(name) for name in KEYS if getattr(pad.table, name)]
    asked = await person.ask(Ask.PRESS_KEYS)
    if not asked:
        return tuple(_unasked(f"key_{key}", asked) for key in waiting)
    pressed: set[PadKey] = set()
    trouble = "Not pressed, or not heard."
    loop = asyncio.get_running_loop()
    end = loop.time() + KEYS_WITHIN
    while len(pressed) < len(waiting) and (left := end - loop.time()) > 0:
        try:
            event = await pad.event(left)
        except DeviceError as error:
            if error.kind is not ErrorKind.TIMEOUT:
                trouble = error.hint
            break
        if event.key is not None:
            pressed.add(event.key)
    return tuple(
        Finding(f"key_{key}", Verdict.PASSED, "pressed", "pressed")
        if key in pressed
        else Finding(f"key_{key}", Verdict.FAILED, "silent", "pressed", trouble)
        for key in waiting
    )


async def _jack(pad: EvdevPad, person: Person) -> Finding:
    device = pad.input
    if device is not None and not pad.table.jack_in and SW_HEADPHONE_INSERT not in (device.codes(Type.SW) or ()):
        return skipped("jack", "The pad does not tell whether headphones are there.")
    before = pad.status().parts["headphones"]
    asked = await person.ask(Ask.PLUG_HEADPHONES)
    if not asked:
        return _unasked("jack", asked)
    loop = asyncio.get_running_loop()
    end = loop.time() + JACK_WITHIN
    try:
        while (now := pad.status().parts["headphones"]) != "present" or before == "present":
            if before == "present" and now != before:
                before = now  # they were in: pulling them out is seen too, then they are to be put in again
            await pad.event(max(0.0, end - loop.time()))
    except DeviceError as error:
        detail = "Nothing was plugged in, or not noticed." if error.kind is ErrorKind.TIMEOUT else error.hint
        return Finding("jack", Verdict.FAILED, pad.status().parts["headphones"], "present", detail)
    return Finding("jack", Verdict.PASSED, "present", "present")


def _unasked(name: str, asked: bool | None) -> Finding:
    if asked is None:
        return Finding(name, Verdict.UNKNOWN, detail="Nobody answered.")
    return skipped(name, "The person did not want to.")
