"""The A4 printer: whole PDF documents, ready to sign.

Rules of `kiosk.ports.devices` hold: deadlines in seconds, values or `DeviceError`, `status()` cached. `status().parts` has
paper=full|low|out|jammed|unknown, cover=open|closed|unknown, toner=ok|low|out|unknown, queue=ready|busy|paused|closed|full|unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.ports.devices import Device, PrintOutcome


class Sides(StrEnum):
    """Keywords of `sides` in RFC 8011, 5.2.8."""

    ONE = "one-sided"
    LONG_EDGE = "two-sided-long-edge"
    SHORT_EDGE = "two-sided-short-edge"


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """How the pages come out. What the printer cannot do (no duplex unit, for example) is refused before anything is sent."""

    copies: int = 1
    sides: Sides = Sides.ONE
    collate: bool = True
    """Whole copies one after another, not all first pages first. Only sent where there is more than one copy."""


PLAIN = DocumentOptions()


class DocumentPrinter(Device, Protocol):
    async def print_pdf(
        self, pdf: bytes, job_id: str, options: DocumentOptions = PLAIN, deadline: float = 120.0
    ) -> PrintOutcome:
        """Print one document and follow it to its end; never raises DeviceError.

        FAILED: no paper came out, for sure. UNCERTAIN: it was handed over and its end is not known. A `job_id` whose document was
        handed over before, also by an earlier run of the program, is never sent again: what is known of the first one comes back,
        with kind `invalid_argument` where that is not "done". After `deadline` seconds the job is taken off the queue.

        Cancelling the call leaves the job to the queue until the next document, check or close, which takes it off.
        """
        ...

    async def recall(self, job_id: str, deadline: float = 5.0) -> PrintOutcome | None:
        """What is known of a job handed over earlier; None when the queue knows no such job (it may have forgotten).

        Raises DeviceError: OFFLINE, TIMEOUT, PERMISSION, CONFIG, PROTOCOL.
        """
        ...

    async def cancel(self, job_id: str, deadline: float = 5.0) -> bool:
        """Take a job off the queue; True once it is off. False when it is unknown, ended already or not ours.

        Pages on their way still come out. Raises DeviceError as `recall` does.
        """
        ...
