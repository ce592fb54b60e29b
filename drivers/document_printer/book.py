"""What this run of the program remembers of its jobs, and how one is found on the queue."""

from __future__ import annotations

from typing import Any

from drivers.document_printer import ipp
from drivers.document_printer.client import IppClient
from drivers.document_printer.ipp import Attributes
from kiosk.domain.errors import DeviceError
from kiosk.ports.devices import PrintOutcome

_REMEMBERED = 500


class JobBook:
    """Names of jobs with how they ended and which number they had; the oldest are forgotten."""

    def __init__(self) -> None:
        self._ended: dict[str, PrintOutcome] = {}
        self._numbers: dict[str, int] = {}

    def ended(self, job_id: str) -> PrintOutcome | None:
        return self._ended.get(job_id)

    def handed_over(self, job_id: str, number: int) -> None:
        self._numbers[job_id] = number
        _trim(self._numbers)

    def remember(self, outcome: PrintOutcome) -> None:
        self._ended[outcome.job_id] = outcome
        _trim(self._ended)

    async def find(self, client: IppClient, job_id: str, answer_s: float) -> Attributes | None:
        """The newest job of this name on the queue, ended ones included, as far as the spooler remembers. Raises DeviceError."""
        if (number := self._numbers.get(job_id)) is not None:
            try:
                job = await client.job(number, answer_s)
            except DeviceError as error:
                if error.native != "ipp 0x0406":
                    raise
            else:
                if client.job_id(job) in (job_id, ""):  # a print service that was killed gives numbers away again
                    return job
        for which in ("not-completed", "completed"):
            named = [job for job in await client.jobs(which, answer_s) if client.job_id(job) == job_id]
            if named:
                return max(named, key=lambda job: ipp.number(job, "job-id") or 0)
        return None


def _trim(book: dict[str, Any]) -> None:
    while len(book) > _REMEMBERED:
        book.pop(next(iter(book)))
