"""Print jobs: written down before paper moves, and never a reason to change money.

A job whose end is not known stays UNCERTAIN; nobody prints it again on their own. The citizen may ask for a copy (补打), which
carries its own number.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.domain.slip import Slip
from kiosk.ledger.issuance import BACK
from kiosk.ledger.states import Kind, PrintState
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ports.devices import PrintEnd, PrintOutcome, ReceiptPrinter
from kiosk.ports.documents import DocumentPrinter
from kiosk.ports.permit import BackFace, PermitUnit

log = structlog.get_logger(__name__)
_ENDS = {PrintEnd.DONE: PrintState.DONE, PrintEnd.FAILED: PrintState.FAILED, PrintEnd.UNCERTAIN: PrintState.UNCERTAIN}


class Press:
    def __init__(self, store: Store, printer: ReceiptPrinter) -> None:
        self._store = store
        self._printer = printer

    async def print_slip(
        self, order_id: str, subject_id: str, slip: Slip, compose: Callable[[int], Slip] | None = None
    ) -> PrintOutcome:
        """Print one slip about `subject_id` (a decision, a payment). `compose` makes it anew for copy numbers above 1.

        Never raises for the printer's trouble: the outcome says what is known.
        """
        earlier = await self._store.find(Kind.PRINT, subject_id=subject_id, slip=slip.kind)
        copy = len(earlier) + 1
        if compose is not None and copy > 1:
            slip = compose(copy)
        data = {"slip": slip.kind, "subject_id": subject_id, "copy": copy}
        job = New(Kind.PRINT, f"{subject_id}J{slip.kind[:6].upper()}{copy}", order_id, "asked", data)
        return await self._print(job, lambda job_id: self._printer.print_slip(slip, job_id))

    async def print_page(
        self, order_id: str, subject_id: str, page: str, pdf: bytes, printer: DocumentPrinter, patience: float
    ) -> PrintOutcome:
        """Print a document on A4 about `subject_id`; `page` names its kind, as a slip's does. After `patience` seconds it is taken back."""
        copy = len(await self._store.find(Kind.PRINT, subject_id=subject_id, slip=page)) + 1
        data = {"slip": page, "subject_id": subject_id, "copy": copy}
        job = New(Kind.PRINT, f"{subject_id}J{page[:6].upper()}{copy}", order_id, "asked", data)
        return await self._print(job, lambda job_id: printer.print_pdf(pdf, job_id, deadline=patience))

    async def print_back(self, order_id: str, subject_id: str, face: BackFace, unit: PermitUnit) -> PrintOutcome:
        """Reprint the back of the permit in the unit, about the issuance `subject_id`.

        Only what failed for sure is printed again: an earlier job that is done, or of which nobody knows, is the answer, and the
        unit is left alone. Never raises for the unit's trouble.
        """
        earlier = await self._store.find(Kind.PRINT, subject_id=subject_id, slip=BACK)
        for job in earlier:
            if job.state != PrintState.FAILED:
                end = PrintEnd.DONE if job.state == PrintState.DONE else PrintEnd.UNCERTAIN
                return PrintOutcome(job.id, end, job["trouble"] or "", "printed before")
        copy = len(earlier) + 1
        data = {"slip": BACK, "subject_id": subject_id, "copy": copy}
        new = New(Kind.PRINT, f"{subject_id}B{copy}", order_id, "asked", data)
        return await self._print(new, lambda job_id: unit.print_back(face, job_id))

    async def _print(self, new: New, send: Callable[[str], Awaitable[PrintOutcome]]) -> PrintOutcome:
        (job,) = await self._store.commit(new)
        (job,) = await self._store.commit(Move(job, PrintState.PRINTING, "sending"))
        try:
            outcome = await send(job.id)
        except DeviceError as error:
            outcome = PrintOutcome(job.id, PrintEnd.FAILED, str(error.kind), error.hint)
        if outcome.end is not PrintEnd.DONE:
            log.warning("print_trouble", job=job.id, end=str(outcome.end), trouble=outcome.kind)
        await self._store.commit(Move(job, _ENDS[outcome.end], "printer_says", {"trouble": outcome.kind or None}))
        return outcome

    async def recover(self) -> list[Record]:
        """At boot: what was being printed when the power went is uncertain; what was not begun has failed."""
        done: list[Record] = []
        for job in await self._store.find(Kind.PRINT, [PrintState.PRINTING]):
            done += await self._store.commit(Move(job, PrintState.UNCERTAIN, "interrupted"))
        for job in await self._store.find(Kind.PRINT, [PrintState.QUEUED]):
            done += await self._store.commit(Move(job, PrintState.FAILED, "interrupted"))
        return done
