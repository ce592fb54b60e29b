"""Is this board well? Three levels. Lights burn afterwards as they did before.

Findings: `link`, `answer_ms`, `lights`, `door`, `tamper`, … one for each input · `output_id_card` … one for each light, read back ·
`light_id_card` … one for each light, seen by a person, `door_opens`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from statistics import median
from typing import TYPE_CHECKING

from config.io_board import LIGHTS_PART
from drivers.service import answered, at_most, failed, part_is, skipped
from kiosk.domain.errors import DeviceError
from kiosk.ports.controls import Flash
from kiosk.ports.devices import Link
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.io_board.board import ModbusBoard

ANSWER_MS = 100.0
"""For one question. Its bytes and the silences take 20 ms at 9600 baud. Own figure."""
DOOR_WITHIN = 30.0
_SAMPLES = 5
_GOOD: Mapping[str, tuple[str, ...]] = {"door": ("closed",), "tamper": ("ok",)}
"""What an input should say while nobody is at the machine; any known state of others is well."""


async def examine(board: ModbusBoard, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(board)
        case Level.EXTERNAL:
            return await _external(board)
        case Level.INTERACTIVE:
            return await _interactive(board, person)


async def _internal(board: ModbusBoard) -> tuple[Finding, ...]:
    loop = asyncio.get_running_loop()
    took = []
    status = board.status()
    for _ in range(_SAMPLES):
        began = loop.time()
        status = await board.check()
        took.append((loop.time() - began) * 1000)
        if status.link not in (Link.READY, Link.DEGRADED):
            break
    up = status.link in (Link.READY, Link.DEGRADED)
    findings = [Finding("link", Verdict.PASSED if up else Verdict.FAILED, status.link.value, "ready", status.detail)]
    if up and board.table.inputs:
        findings.append(at_most("answer_ms", round(median(took), 1), ANSWER_MS, "ms"))
    else:
        findings.append(skipped("answer_ms", "There is nothing to ask." if up else "The board does not answer."))
    for name, value in status.parts.items():
        known = ("ok",) if name == LIGHTS_PART else board.table.words(name)
        findings.append(part_is(name, value, _GOOD.get(name, known)))
    return tuple(findings)


async def _external(board: ModbusBoard) -> tuple[Finding, ...]:
    """Each output on and off, read back from the board."""
    if not board.lights:
        return (skipped("outputs", "The board has no lights."),)
    async with _as_before(board):
        return tuple([await _output(board, name) for name in board.lights])


async def _output(board: ModbusBoard, name: str) -> Finding:
    finding = f"output_{name}"
    try:
        for how in (Flash.CONTINUOUS, Flash.OFF):
            await board.light(name, how)
            lit = await board.read_back(name)
            if lit is None:
                return Finding(
                    finding, Verdict.UNKNOWN, "set", "read back", "The board cannot be asked for its outputs."
                )
            if lit is not (how is Flash.CONTINUOUS):
                return Finding(finding, Verdict.FAILED, "on" if lit else "off", how.value, "Not as it was set.")
    except DeviceError as error:
        return failed(finding, error)
    return Finding(finding, Verdict.PASSED, "on, off", "on, off")


async def _interactive(board: ModbusBoard, person: Person) -> tuple[Finding, ...]:
    async with _as_before(board):
        lights = [await _seen(board, name, person) for name in board.lights]
    if "door" not in board.table.inputs:
        return tuple(lights)
    return (*lights, await _door(board, person))


async def _seen(board: ModbusBoard, name: str, person: Person) -> Finding:
    """One light alone, all others dark: so it is plain which one is meant."""
    try:
        for other in board.lights:
            await board.light(other, Flash.CONTINUOUS if other == name else Flash.OFF)
    except DeviceError as error:
        return failed(f"light_{name}", error)
    return answered(f"light_{name}", await person.ask(Ask.SAW_LIGHT))


async def _door(board: ModbusBoard, person: Person) -> Finding:
    closed, opened = board.table.words("door")
    before = board.status().parts["door"]
    if before == opened:
        return Finding("door_opens", Verdict.PASSED, opened, opened, "It is open already.")
    asked = await person.ask(Ask.OPEN_DOOR)
    if asked is None:
        return Finding("door_opens", Verdict.UNKNOWN, before, opened, "Nobody answered.")
    if not asked:
        return skipped("door_opens", "The person did not want to.")
    changed = asyncio.Event()
    deaf = board.listen(changed.set)
    try:
        async with asyncio.timeout(DOOR_WITHIN):
            while board.status().parts["door"] != opened:
                changed.clear()
                await changed.wait()
    except TimeoutError:
        return Finding("door_opens", Verdict.FAILED, closed, opened, "It was not opened, or not noticed.")
    finally:
        deaf()
    return Finding("door_opens", Verdict.PASSED, opened, opened)


@asynccontextmanager
async def _as_before(board: ModbusBoard) -> AsyncIterator[None]:
    before = {name: board.burning(name) for name in board.lights}
    try:
        yield
    finally:
        for name, how in before.items():
            with suppress(DeviceError):  # what is wanted is noted all the same, and set when the board is back
                await board.light(name, how)
