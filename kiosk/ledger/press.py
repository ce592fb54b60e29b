"""Print jobs: written down before paper moves, and never a reason to change money.

A job whose end is not known stays UNCERTAIN; nobody prints it again on their own. The citizen may ask for a copy (补打), which
carries its own number.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.domain.slip import Slip
from kiosk.ledger.states import Kind, PrintState
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ports.devices import PrintEnd, PrintOutcome, ReceiptPrinter

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
        job_id = f"{subject_id}J{slip.kind[:6].upper()}{copy}"
        data = {"slip": slip.kind, "subject_id": subject_id, "copy": copy}
        (job,) = await self._store.commit(New(Kind.PRINT, job_id, order_id, "asked", data))
        (job,) = await self._store.commit(Move(job, PrintState.PRINTING, "sending"))
        try:
            outcome = await self._printer.print_slip(slip, job_id)
        except DeviceError as error:
            outcome = PrintOutcome(job_id, PrintEnd.FAILED, str(error.kind), error.hint)
        if outcome.end is not PrintEnd.DONE:
            log.warning("print_trouble", job=job_id, end=str(outcome.end), trouble=outcome.kind)
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
