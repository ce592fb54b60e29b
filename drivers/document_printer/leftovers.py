"""What earlier sessions left at the print service: taken off the queue, and out of the spool.

A form that could not be printed must not come out while the next citizen stands there, and nobody's form stays on a disk. Only jobs
of this machine are touched, told by their names (`IppClient.title`): a queue of the hall may serve others as well.
"""

from __future__ import annotations

import structlog

from drivers.document_printer import ipp
from drivers.document_printer.client import IppClient
from drivers.document_printer.job import Job, Pace
from kiosk.domain.errors import DeviceError
from kiosk.ports.devices import PrintOutcome

log = structlog.get_logger(__name__)


async def clear(client: IppClient, pace: Pace, device: str, *, purge: bool) -> tuple[list[PrintOutcome], bool]:
    """How each job of ours ended, oldest first, and whether all are off the queue (and, with `purge`, out of the spool).

    Nobody follows these jobs any more. Raises DeviceError where the print service cannot say what it has.
    """
    clean = True
    for found in await client.jobs("not-completed", pace.answer_s):
        job = Job(client, client.job_id(found), pace, device)
        job.number = ipp.number(found, "job-id")
        taken = await job.take_back()
        log.warning("print_job_of_nobody", device=device, job=client.job_id(found), left=not taken)
        clean = clean and taken
    ended = []
    for found in sorted(await client.jobs("completed", pace.answer_s), key=lambda job: ipp.number(job, "job-id") or 0):
        ended.append(Job(client, client.job_id(found), pace, device).known(found))
        number = ipp.number(found, "job-id")
        if purge and number is not None:
            clean = await purged(client, number, pace, device) and clean
    return ended, clean


async def purged(client: IppClient, number: int, pace: Pace, device: str) -> bool:
    """Have an ended job forgotten, its document first of all. False where trying again may help."""
    try:
        await client.cancel(number, pace.answer_s, purge=True)
    except DeviceError as error:
        log.warning("print_spool_not_purged", device=device, kind=error.kind, native=error.native)
        return bool(error.native)  # an answer, and it is no: it would be the same the next time
    return True
