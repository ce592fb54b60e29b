"""Receipt printers that speak ESC/POS, over any line, and one that is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.receipt_printer.printer import EscposPrinter
    from drivers.simulator import Simulator


def connect(url: str, *, simulator: Simulator | None = None, columns: int = 48, **options: object) -> EscposPrinter:
    """The printer a settings URL names, not opened yet; see `drivers.receipt_printer.url.connect`."""
    from drivers.receipt_printer import url as by_url

    return by_url.connect(url, simulator=simulator, columns=columns, **options)
