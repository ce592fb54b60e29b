"""Who writes endorsements into the chip, and what is known afterwards.

The files of the chip that hold endorsements open only with keys of the state, and the data come sealed by the issuing authority: no
kiosk has either. So the writer is a part that can be exchanged: `UnitWriter` hands the sealed data to the unit's own writer module; an
authority that supplies another module (a contactless coupler with its own library) puts in its `EndorsementWriter`.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Sequence
from typing import Protocol

import structlog

from drivers.permit_unit.codes import MEANINGS, Code, JobKind, JobState, Trouble
from drivers.permit_unit.link import DEVICE, UnitRefusal
from drivers.permit_unit.messages import JobOrder, JobRecord, PayloadError, read_numbers
from drivers.permit_unit.session import UnitSession, malformed
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.permit import WriteEnd, WriteJob, WriteOutcome

JOB_ID = re.compile(r"[A-Z0-9]{1,32}")
_OFFSET = 4  # bytes before the data of a DATA command
log = structlog.get_logger(__name__)


class EndorsementWriter(Protocol):
    """Writes into the chip of the card that lies at the unit's writer position, and reads what is there."""

    name: str
    """For the technician: whose writer this is."""

    async def write(self, job: WriteJob) -> WriteOutcome:
        """As `PermitUnit.write`: the whole set or none, never twice for one job id, never DeviceError once the chip may be touched."""
        ...

    async def written(self) -> Sequence[str]:
        """Numbers of the endorsements on the chip, oldest first. Raises DeviceError."""
        ...


class UnitWriter:
    """The writer module inside the unit, reached over the unit's own protocol."""

    name = "unit"

    def __init__(self, session: UnitSession) -> None:
        self._session = session

    async def write(self, job: WriteJob) -> WriteOutcome:
        end, kind, detail = await self._write(job)
        log.info("permit_write_ended", device=DEVICE, job=job.job_id, end=end.value, kind=kind)
        return WriteOutcome(job.job_id, end, kind, detail)

    async def written(self) -> Sequence[str]:
        async with self._session.turn():
            payload = await self._session.ask(Code.READ_CHIP, limit=self._session.patience.move)
            try:
                return read_numbers(payload)
            except PayloadError as error:
                raise malformed(error) from None

    async def _write(self, job: WriteJob) -> tuple[WriteEnd, str, str]:
        record, sent, error = await run_job(self._session, JobKind.WRITE, job.job_id, job.data)
        if not sent:
            assert error is not None
            return WriteEnd.NOT_WRITTEN, error.kind, error.hint
        return _WRITE_ENDS[verdict(record, job.job_id)], *trouble_told(record, job.job_id, error)


async def run_job(
    session: UnitSession, kind: JobKind, job_id: str, data: bytes
) -> tuple[JobRecord | None, bool, DeviceError | None]:
    """Load the data, give the order, and learn how it ended.

    Returns the unit's record of its last job (None: it could not be asked), whether the order may have reached the unit, and the
    trouble. Never raises DeviceError.
    """
    sent = False
    code, limit = (
        (Code.WRITE, session.patience.write) if kind is JobKind.WRITE else (Code.PRINT, session.patience.print)
    )
    try:
        if not JOB_ID.fullmatch(job_id):
            raise DeviceError(ErrorKind.INVALID_ARGUMENT, DEVICE, "A job id is 1 to 32 characters of A–Z and 0–9.")
        if not data:
            raise DeviceError(ErrorKind.INVALID_ARGUMENT, DEVICE, "A job without data cannot be carried out.")
        async with session.turn():
            await load(session, data)
            sent = True
            await session.ask(code, JobOrder(job_id, len(data), zlib.crc32(data)).pack(), limit)
            return JobRecord(JobState.DONE, job_id), True, None
    except DeviceError as error:
        if not sent:
            return None, False, error
        log.warning("permit_job_answer_missing", job=job_id, command=code.name, native=error.native)
        return await _settle(session, kind, job_id), True, error


async def load(session: UnitSession, data: bytes) -> None:
    """Bring the data of a job into the unit, in pieces. Changes nothing on the card."""
    assert session.hello is not None
    size = max(64, min(session.hello.max_payload, 1024)) - _OFFSET
    for at in range(0, len(data), size):
        await session.ask(Code.DATA, at.to_bytes(_OFFSET, "big") + data[at : at + size])


async def _settle(session: UnitSession, kind: JobKind, job_id: str) -> JobRecord | None:
    """Ask the unit, reconnecting where needed, until it says how its last job ended or patience ends."""
    loop = asyncio.get_running_loop()
    end = loop.time() + session.patience.settle
    record: JobRecord | None = None
    while session.wanted_open:
        try:
            async with session.turn():
                status = await session.status()
                record = JobRecord.read(await session.ask(Code.JOB, kind.value))
        except PayloadError as error:
            log.warning("permit_job_record_malformed", job=job_id, error=str(error))
        except DeviceError as error:
            log.info("permit_job_asked_in_vain", job=job_id, kind=error.kind.value)
            if isinstance(error, UnitRefusal) and error.trouble in (Trouble.UNKNOWN_COMMAND, Trouble.NOT_FITTED):
                return record
        else:
            if record.job_id != job_id or record.state is not JobState.STARTED or not status.busy:
                return record
        if loop.time() >= end:
            break
        await asyncio.sleep(session.patience.poll)
    return record


def verdict(record: JobRecord | None, job_id: str) -> JobState:
    """DONE, NOT_DONE, or STARTED for what nobody knows. A unit that remembers another job never began this one."""
    if record is None:
        return JobState.STARTED
    if record.job_id != job_id or record.state is JobState.NONE:
        return JobState.NOT_DONE
    return record.state


def trouble_told(record: JobRecord | None, job_id: str, error: DeviceError | None) -> tuple[str, str]:
    """ErrorKind and sentence for an outcome; both empty when the job is done."""
    if verdict(record, job_id) is JobState.DONE:
        return "", ""
    if record is not None and record.job_id == job_id and record.reason is not Trouble.NONE:
        told = MEANINGS[record.reason]
        return told.kind, told.text
    if error is not None:
        return error.kind, error.hint
    return ErrorKind.TIMEOUT, "The unit did not say how the job ended."


_WRITE_ENDS = {
    JobState.DONE: WriteEnd.WRITTEN,
    JobState.NOT_DONE: WriteEnd.NOT_WRITTEN,
    JobState.STARTED: WriteEnd.UNCERTAIN,
}
