"""Is this power supply well? Three levels. The mains power is never cut by the examination.

Findings: `link`, `answer_ms`, `power`, `battery`, `charge`, `runtime`, `load` · `battery_test` · `mains_plug`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from drivers.service import at_least, at_most, failed, part_is, skipped
from drivers.ups.link import NutRefusal
from kiosk.domain.errors import DeviceError
from kiosk.ports.controls import Power
from kiosk.ports.devices import Link
from kiosk.ports.health import Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.ups.driver import NutUps

ANSWER_MS = 500.0
CHARGE = 50.0
RUNTIME_S = 300.0
"""What a machine needs to bring a visit to its end and shut down, with room. Own figure."""
LOAD = 80.0
TEST = "test.battery.start.quick"
TEST_BEGINS_WITHIN, TEST_WITHIN = 10.0, 60.0
_TEST_LOOK = 0.5
_FIGURES = (("charge", "battery.charge", "%"), ("runtime", "battery.runtime", "s"), ("load", "ups.load", "%"))


async def examine(ups: NutUps, level: Level, person: Person) -> tuple[Finding, ...]:
    del person  # nothing here is asked of one
    match level:
        case Level.INTERNAL:
            return await _internal(ups)
        case Level.EXTERNAL:
            return (await _battery_test(ups),)
        case Level.INTERACTIVE:
            return (
                skipped("mains_plug", "Pull the mains plug and see that the power of this device becomes battery."),
            )


async def _internal(ups: NutUps) -> tuple[Finding, ...]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    status = await ups.check()
    took = (loop.time() - began) * 1000
    up = status.link in (Link.READY, Link.DEGRADED)
    findings = [Finding("link", Verdict.PASSED if up else Verdict.FAILED, status.link.value, "ready", status.detail)]
    if not up:
        why = "The supply does not answer."
        return (
            *findings,
            *(skipped(name, why) for name in ("answer_ms", "power", "battery", "charge", "runtime", "load")),
        )
    findings.append(at_most("answer_ms", round(took, 1), ANSWER_MS, "ms"))
    findings.append(part_is("power", status.parts["power"], (Power.MAINS.value,)))
    findings.append(part_is("battery", status.parts["battery"], ("ok",)))
    for name, variable, unit in _FIGURES:
        value = ups.values.get(variable)
        if value is None:
            findings.append(skipped(name, "The supply does not tell."))
        elif name == "load":
            findings.append(at_most(name, value, LOAD, unit))
        else:
            findings.append(at_least(name, value, CHARGE if name == "charge" else RUNTIME_S, unit))
    return tuple(findings)


async def _battery_test(ups: NutUps) -> Finding:
    """The supply's own short test: it carries the load from the battery for some seconds. Not while the mains power is lost."""
    name = "battery_test"
    if not ups.capabilities["battery_test"]:
        return skipped(name, "No user of upsd is configured.")
    try:
        if ups.power() is not Power.MAINS:
            return skipped(name, "Not on mains power.")
        if TEST not in await ups.commands():
            return skipped(name, "The supply has no such test.")
        before = await ups.variable("ups.test.result")
        await ups.command(TEST)
        result = await _result(ups, before)
    except NutRefusal as refusal:
        return failed(name, refusal)
    except DeviceError as error:
        return failed(name, error)
    if result is None:
        return Finding(name, Verdict.UNKNOWN, "started", detail="The supply does not tell how its test went.")
    good = not any(word in result.lower() for word in ("fail", "error", "bad", "abort", "warning"))
    return Finding(name, Verdict.PASSED if good else Verdict.FAILED, result[:60], "passed")


async def _result(ups: NutUps, before: str | None) -> str | None:
    """What `ups.test.result` says at the end; None where nothing is said in time. Drivers word it freely, "in progress" is the one common
    word; a result that stays the same says nothing."""
    loop = asyncio.get_running_loop()
    end, running = loop.time() + TEST_BEGINS_WITHIN, False
    while loop.time() < end:
        await asyncio.sleep(_TEST_LOOK)
        result = await ups.variable("ups.test.result")
        if result is None:
            return None
        if "progress" in result.lower():
            end = end if running else loop.time() + TEST_WITHIN
            running = True
        elif running or result != before:
            return result
    return None
