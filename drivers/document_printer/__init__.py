"""A4 printers behind CUPS, or any printer that speaks IPP itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.document_printer.printer import CupsPrinter
    from drivers.document_printer.simulator import IppSimulator


def connect(url: str, *, simulator: IppSimulator | None = None, **options: object) -> CupsPrinter:
    """The printer a settings URL names, not opened yet; see `drivers.document_printer.url.connect`."""
    from drivers.document_printer import url as by_url

    return by_url.connect(url, simulator=simulator, **options)
