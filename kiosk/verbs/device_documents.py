"""`kiosk device document-printer …` and `kiosk simulate document-printer`: the A4 printer, driven and played without the kiosk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from drivers.document_printer.printer import CupsPrinter
    from drivers.document_printer.simulator import IppSimulator

Act = Callable[[], Awaitable[Report]]


def document_acts(printer: CupsPrinter) -> dict[str, Act]:
    """The verbs of the A4 printer, besides status and health."""
    return {"print-test": lambda: _print_test(printer)}


async def _print_test(printer: CupsPrinter) -> Report:
    """One A4 page on the real way: also the check after paper was put in, for a queue that learns of its printer by printing only."""
    outcome = await printer.print_test()
    status = printer.status()
    data = {
        "job": outcome.job_id,
        "end": str(outcome.end),
        "trouble": outcome.kind,
        "detail": outcome.detail,
        "parts": dict(status.parts),
    }
    text = f"test page: {outcome.end}" + (f" ({outcome.detail})" if outcome.detail else "")
    return Report(data, text, outcome.end == "done")


def document_saver(simulator: IppSimulator, out: Path) -> Callable[[], None]:
    """What to call after every change of the simulator: each document that came out becomes a file in `out`, and leaves the tray."""
    out.mkdir(parents=True, exist_ok=True)

    def save() -> None:
        papers, simulator.papers[:] = list(simulator.papers), []
        for paper in papers:
            (out / f"document-{paper.number:03d}.pdf").write_bytes(paper.pdf)

    return save
