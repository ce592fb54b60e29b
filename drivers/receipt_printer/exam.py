"""How healthy is this receipt printer? Three levels.

Findings: `link`, `answer_ms`, `paper`, `cover`, `cutter`, `head`, `presenter` (where there is one), `end_mark` · `test_slip`,
`test_slip_s` · `saw_slip`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from drivers.service import answered, at_most, failed, part_is, skipped
from kiosk.domain.errors import DeviceError
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.receipt_printer.printer import EscposPrinter

_UP = (Link.READY, Link.BUSY, Link.DEGRADED)
_ANSWERS = (*_UP, Link.FAULT)
_GOOD = {"paper": ("full", "low"), "cover": ("closed",), "cutter": ("ok",), "head": ("ok",)}
_PRESENTER = {"presenter": ("clear",)}
_SLIP_S = 15.0
"""Three centimetres of paper take a second; a printer that needs this long has a trouble nobody named. Own figure."""
_ENDS = {PrintEnd.DONE: Verdict.PASSED, PrintEnd.FAILED: Verdict.FAILED, PrintEnd.UNCERTAIN: Verdict.UNKNOWN}


async def examine(printer: EscposPrinter, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(printer)
        case Level.EXTERNAL:
            return await _external(printer)
        case Level.INTERACTIVE:
            return await _interactive(printer, person)


async def _internal(printer: EscposPrinter) -> tuple[Finding, ...]:
    status = await printer.check()
    verdict = Verdict.PASSED if status.link in _UP else Verdict.FAILED
    good = _GOOD | (_PRESENTER if "presenter" in status.parts else {})
    link = Finding("link", verdict, status.link.value, "ready", status.detail)
    if status.link not in _ANSWERS:
        why = "The printer does not answer."
        return link, *(skipped(name, why) for name in ("answer_ms", *good, "end_mark"))
    parts = (part_is(name, status.parts.get(name, "unknown"), fine) for name, fine in good.items())
    return link, await _answer(printer), *(_explained(part) for part in parts), _end_mark(printer)


async def _answer(printer: EscposPrinter) -> Finding:
    if printer.options.status == "none":
        return skipped("answer_ms", "This line is write-only.")
    limit = printer.options.answer_s * 1000
    try:
        seconds = await printer.answer_s()
    except DeviceError as error:
        return failed("answer_ms", error, f"≤ {limit:g} ms")
    if seconds is None:
        return Finding("answer_ms", Verdict.FAILED, "none", f"≤ {limit:g} ms", "No answer came.")
    return at_most("answer_ms", round(seconds * 1000, 1), limit, "ms")


def _explained(part: Finding) -> Finding:
    if (part.name, part.value) == ("paper", "low"):
        return replace(part, detail="The paper is nearly out.")
    return replace(part, detail="This printer does not tell.") if part.verdict is Verdict.UNKNOWN else part


def _end_mark(printer: EscposPrinter) -> Finding:
    """How the end of a job is known."""
    mark = str(printer.capabilities["end_mark"])
    if mark != "none":
        return Finding("end_mark", Verdict.PASSED, mark, "queued_status/process_id")
    why = "The printer does not say when a job is through: its end is taken from the time and the state after it."
    return skipped("end_mark", why)


async def _external(printer: EscposPrinter) -> tuple[Finding, ...]:
    now = asyncio.get_running_loop().time
    began = now()
    outcome = await printer.print_short_test()
    slip = Finding("test_slip", _ENDS[outcome.end], outcome.end.value, "done", outcome.detail)
    if outcome.end is PrintEnd.FAILED:
        return slip, skipped("test_slip_s", "No slip was printed.")
    return slip, at_most("test_slip_s", round(now() - began, 2), _SLIP_S, "s")


async def _interactive(printer: EscposPrinter, person: Person) -> tuple[Finding, ...]:
    """About the slip of the external check; one is printed where that has not been done."""
    if printer.last_test is None:
        await printer.print_short_test()
    end, printer.last_test = printer.last_test, None
    if end is PrintEnd.FAILED:
        return (skipped("saw_slip", "No slip was printed."),)
    return (answered("saw_slip", await person.ask(Ask.SAW_SLIP)),)
