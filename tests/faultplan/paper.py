"""Printers that keep a book of their paper, in a file: what lies there outlives the process that printed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kiosk.domain.slip import Slip
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd, PrintOutcome
from kiosk.ports.documents import PLAIN, DocumentOptions


class _Book:
    driver, simulated = "book", True
    device_id = ""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._link = Link.CLOSED

    @property
    def capabilities(self) -> Mapping[str, object]:
        return {}

    async def open(self) -> None:
        self._link = Link.READY

    async def close(self) -> None:
        self._link = Link.CLOSED

    def status(self) -> DeviceStatus:
        return DeviceStatus(self._link, {"paper": "full", "cover": "closed"})

    async def check(self) -> DeviceStatus:
        return self.status()

    def _come_out(self, job_id: str, what: str) -> PrintOutcome:
        with self._file.open("a") as book:
            book.write(json.dumps([self.device_id, job_id, what]) + "\n")
        return PrintOutcome(job_id, PrintEnd.DONE)


class SlipBook(_Book):
    device_id = "receipt_printer"

    async def print_slip(self, slip: Slip, job_id: str) -> PrintOutcome:
        return self._come_out(job_id, slip.kind)


class SheetBook(_Book):
    device_id = "document_printer"

    async def print_pdf(
        self, pdf: bytes, job_id: str, options: DocumentOptions = PLAIN, deadline: float = 120.0
    ) -> PrintOutcome:
        return self._come_out(job_id, "form")

    async def recall(self, job_id: str, deadline: float = 5.0) -> PrintOutcome | None:
        return None

    async def cancel(self, job_id: str, deadline: float = 5.0) -> bool:
        return False


def papers(file: Path) -> list[tuple[str, str, str]]:
    """Printer, job and kind of each paper, as they came out."""
    if not file.exists():
        return []
    return [tuple(json.loads(line)) for line in file.read_text().splitlines()]
