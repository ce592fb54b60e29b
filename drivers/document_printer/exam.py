"""How healthy is this A4 printer? Three levels.

Findings: `link`, `answer_ms`, `queue`, `paper`, `cover`, `toner` · `test_page`, `test_page_s`, and the parts once more · `saw_page`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from drivers.service import answered, at_most, failed, part_is, skipped
from kiosk.domain.errors import DeviceError
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.document_printer.printer import CupsPrinter

_UP = (Link.READY, Link.BUSY, Link.DEGRADED)
_GOOD = {"queue": ("ready", "busy"), "paper": ("full", "low"), "cover": ("closed",), "toner": ("ok", "low")}
_PRINTER = ("paper", "cover", "toner")
_ANSWER_MS = 1000.0
"""cupsd on the same machine answers in some 10 ms, a printer on the network in 100; a fifth of the 5 s after which the driver gives
an answer up. Own figure."""
_PAGE_S = 60.0
"""Office printers warm up for 10 to 30 s before the first page. Own figure."""
_ENDS = {PrintEnd.DONE: Verdict.PASSED, PrintEnd.FAILED: Verdict.FAILED, PrintEnd.UNCERTAIN: Verdict.UNKNOWN}


async def examine(printer: CupsPrinter, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(printer)
        case Level.EXTERNAL:
            return await _external(printer)
        case Level.INTERACTIVE:
            return await _interactive(printer, person)


async def _internal(printer: CupsPrinter) -> tuple[Finding, ...]:
    status = await printer.check()
    verdict = Verdict.PASSED if status.link in _UP else Verdict.FAILED
    link = Finding("link", verdict, status.link.value, "ready", status.detail)
    if status.link not in (*_UP, Link.FAULT):
        why = "The print service does not answer."
        return link, *(skipped(name, why) for name in ("answer_ms", *_GOOD))
    return link, await _answer(printer), part_is("queue", status.parts["queue"], _GOOD["queue"]), *_parts(status)


async def _answer(printer: CupsPrinter) -> Finding:
    try:
        return at_most("answer_ms", round(await printer.answer_s() * 1000, 1), _ANSWER_MS, "ms")
    except DeviceError as error:
        return failed("answer_ms", error, f"≤ {_ANSWER_MS:g} ms")


def _parts(status: DeviceStatus) -> tuple[Finding, ...]:
    """What the printer itself says. A spooler knows it only from the last job, and many printers do not tell of their toner: that is
    not done, rather than in doubt, because the test page shows it."""
    return tuple(
        skipped(name, "The queue does not tell; the test page shows it.")
        if (value := status.parts.get(name, "unknown")) == "unknown"
        else part_is(name, value, _GOOD[name])
        for name in _PRINTER
    )


async def _external(printer: CupsPrinter) -> tuple[Finding, ...]:
    now = asyncio.get_running_loop().time
    began = now()
    outcome = await printer.print_test()
    page = Finding("test_page", _ENDS[outcome.end], outcome.end.value, "done", outcome.detail)
    if outcome.end is PrintEnd.FAILED:
        return page, skipped("test_page_s", "No page was printed.")
    took = at_most("test_page_s", round(now() - began, 2), _PAGE_S, "s")
    return page, took, *_parts(printer.status())


async def _interactive(printer: CupsPrinter, person: Person) -> tuple[Finding, ...]:
    """About the page of the external check; one is printed where that has not been done."""
    if printer.last_test is None:
        await printer.print_test()
    end, printer.last_test = printer.last_test, None
    if end is PrintEnd.FAILED:
        return (skipped("saw_page", "No page was printed."),)
    return (answered("saw_page", await person.ask(Ask.SAW_PAGE)),)
