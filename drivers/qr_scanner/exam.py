"""Is this code scanner well? Three levels, for engines on a line and for the camera as scanner. Of a code only kind and size are told.

Findings: `link`, `answer_ms` (engine) or `stream` (camera) · `trigger` (engine) or `decoder`, `decode_ms` (camera) · `code_read`.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from drivers.qr_scanner.dialects import COMMAND_GAP
from drivers.qr_scanner.dialects import Verdict as Reply
from drivers.service import at_most, failed, part_is, skipped
from drivers.transport.aside import aside
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Frame, Link, QrScanner
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.qr_scanner.camera_scanner import CameraScanner
    from drivers.qr_scanner.serial_scanner import SerialScanner

ANSWER_MS = 500.0
"""Engines may take 5 s by their manuals and take some tens of ms; a tenth of the manual's time. Own figure."""
DECODE_MS = 80.0
"""For one camera picture: twelve are looked at a second. Own figure."""
SHOW_WITHIN = 30.0
_SAMPLES = 3
_KNOWN = b"ONETRIP SELF-TEST 0123456789"
_UP = (Link.READY, Link.BUSY)


async def examine_engine(scanner: SerialScanner, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _engine_answers(scanner)
        case Level.EXTERNAL:
            return (await _engine_triggers(scanner),)
        case Level.INTERACTIVE:
            return (await _code_shown(scanner, person),)


async def examine_camera(scanner: CameraScanner, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            status = await scanner.check()
            return _link(status), part_is("stream", status.parts.get("stream", "unknown"), ("ok",))
        case Level.EXTERNAL:
            return await _decoder(scanner)
        case Level.INTERACTIVE:
            return (await _code_shown(scanner, person),)


def _link(status: DeviceStatus) -> Finding:
    verdict = Verdict.PASSED if status.link in _UP else Verdict.FAILED
    return Finding("link", verdict, status.link.value, "ready", status.detail)


async def _engine_answers(scanner: SerialScanner) -> tuple[Finding, ...]:
    loop = asyncio.get_running_loop()
    status = await scanner.check()
    if status.link not in _UP:
        return _link(status), skipped("answer_ms", "The engine does not answer.")
    if status.parts.get("engine") != "ok":
        return _link(status), skipped("answer_ms", "This engine takes no commands and gives no answers.")
    took: list[float] = []
    while len(took) < _SAMPLES and status.link in _UP:
        await asyncio.sleep(COMMAND_GAP)  # the driver would keep this pause, and it is not the engine's
        began = loop.time()
        status = await scanner.check()
        took.append((loop.time() - began) * 1000)
    return _link(status), at_most("answer_ms", round(median(took), 1), ANSWER_MS, "ms")


async def _engine_triggers(scanner: SerialScanner) -> Finding:
    """Its light goes on and off; the engine must say yes to both."""
    try:
        reply = await scanner.look_once()
    except DeviceError as error:
        if error.kind is ErrorKind.UNSUPPORTED:
            return skipped("trigger", error.hint)
        return failed("trigger", error, Reply.ACK)
    if reply is None:
        return Finding("trigger", Verdict.UNKNOWN, "sent", Reply.ACK, "This engine does not answer triggers.")
    return Finding("trigger", Verdict.PASSED if reply is Reply.ACK else Verdict.FAILED, reply.value, Reply.ACK)


async def _decoder(scanner: CameraScanner) -> tuple[Finding, ...]:
    """A drawn code whose content is known, read by the same decoder as a citizen's; then the time a real picture takes."""
    try:
        drawn = await aside(_drawn, "qr-exam")
        found = [symbol.raw for symbol in await scanner.symbols_in(drawn)]
        seen = await scanner.newest()
        took = min([await _decoding_ms(scanner, seen) for _ in range(_SAMPLES)])
    except DeviceError as error:
        return failed("decoder", error, "known code"), skipped("decode_ms", "Nothing was decoded.")
    right = found == [_KNOWN]
    decoder = Finding("decoder", Verdict.PASSED if right else Verdict.FAILED, f"{len(found)} found", "known code")
    return decoder, at_most("decode_ms", round(took, 1), DECODE_MS, "ms")


async def _decoding_ms(scanner: CameraScanner, frame: Frame) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await scanner.symbols_in(frame)
    return (loop.time() - began) * 1000


def _drawn() -> Frame:
    from drivers.qr_scanner.draw import Look, render

    return render(_KNOWN, Look(size=0.6), width=640, height=480)


async def _code_shown(scanner: QrScanner, person: Person) -> Finding:
    if await person.ask(Ask.SHOW_CODE) is not True:
        return Finding("code_read", Verdict.UNKNOWN, limit="a code", detail="Nobody showed a code.")
    try:
        scan = await scanner.scan(SHOW_WITHIN)
    except DeviceError as error:
        return failed("code_read", error, "a code")
    return Finding("code_read", Verdict.PASSED, f"{scan.symbology}, {len(scan.raw)} bytes", "a code")
