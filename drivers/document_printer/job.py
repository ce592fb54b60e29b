"""One document from hand-over to its end.

The job is created first and its document sent second: if the answer to the first is lost there is no document that could be
printed, and if the answer to the second is lost the job's number is known and can be asked about. So "failed" is only said when
no page can have come out: `time-at-processing` was never set, or the document was refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import structlog

from drivers.document_printer import condition, ipp
from drivers.document_printer.client import IppClient
from drivers.document_printer.condition import Condition
from drivers.document_printer.ipp import Attributes, Field, Op, Tag
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import PrintEnd, PrintOutcome
from kiosk.ports.documents import DocumentOptions, Sides

log = structlog.get_logger(__name__)


class State(IntEnum):
    """`job-state`, RFC 8011, 5.3.7."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


_UNPRINTABLE = (
    "document-format-error",
    "document-unprintable-error",
    "unsupported-document-format",
    "document-access-error",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. `answer_s` per exchange, `trouble_s` for staff to put in paper before the job is taken back, `watch_s` between two looks
    at an idle queue."""

    answer_s: float = 5.0
    poll_s: float = 1.0
    trouble_s: float = 30.0
    watch_s: float = 5.0


class Job:
    """Follows one job of ours on one queue."""

    def __init__(
        self, client: IppClient, job_id: str, pace: Pace, device: str, told: Callable[[], None] = lambda: None
    ) -> None:
        """`told` is called after each look at the job and its queue."""
        self._client = client
        self._id = job_id
        self._pace = pace
        self._device = device
        self._told = told
        self.number: int | None = None
        self._named = False
        """The print service gives names back as they were: not all printers do."""
        self.condition: Condition | None = None
        """The queue at the last look."""
        self.state: State | None = None
        """Of the job at the last look."""
        self.pages = 0
        """Put out so far, where the print service counts them."""

    async def hand_over(self, pdf: bytes, options: DocumentOptions, until: float) -> PrintOutcome | None:
        """Create the job and send its document; an outcome only where that already ends it."""
        try:
            answer = await self._client.ask(
                Op.CREATE_JOB,
                [("job-name", Tag.NAME, self._client.title(self._id)), ("ipp-attribute-fidelity", Tag.BOOLEAN, False)],
                self._left(until),
                job=_template(options),
            )
        except DeviceError as error:
            return self._ended(PrintEnd.FAILED, error.kind, error.hint)  # no document, no page
        self.number = ipp.number(answer.group(Tag.JOB), "job-id")
        if self.number is None:
            return self._ended(PrintEnd.FAILED, ErrorKind.PROTOCOL, "The print service gave the job no number.")
        fields: list[Field] = [
            ("job-id", Tag.INTEGER, self.number),
            ("document-format", Tag.MIME, "application/pdf"),
            ("last-document", Tag.BOOLEAN, True),
        ]
        try:
            await self._client.ask(Op.SEND_DOCUMENT, fields, max(self._left(until), self._pace.answer_s), data=pdf)
        except DeviceError as error:
            if error.native.startswith(("ipp", "http")):  # an answer, and it is no
                await self.take_back()
                return self._ended(PrintEnd.FAILED, error.kind, error.hint)
            log.warning("print_hand_over_unanswered", device=self._device, job=self._id, kind=error.kind)
        return None

    async def follow(self, until: float) -> PrintOutcome:
        """Watch the job to its end; take it off the queue when the time is over or trouble does not pass."""
        now = asyncio.get_running_loop().time
        trouble: tuple[ErrorKind, str] | None = None
        since: float | None = None
        lost: DeviceError | None = None
        while True:
            try:
                job = await self._job()
                self._note(job)
                self.condition = condition.read(await self._client.printer(self._pace.answer_s))
                self._told()
                lost = None
            except DeviceError as error:
                if error.native == "ipp 0x0406":
                    hint = "The job is no longer known to the print service; somebody removed it or its queue."
                    return self._ended(PrintEnd.UNCERTAIN, ErrorKind.CANCELLED, hint)
                lost, job = error, {}
            if job and (ended := self._end_of(job, trouble)) is not None:
                return ended
            if job:
                assert self.condition is not None
                found = self.condition.closed or self.condition.trouble
                trouble, since = found, (since if found and since is not None else now() if found else None)
            overdue = since is not None and now() - since >= self._pace.trouble_s
            if overdue or now() >= until:
                return await self._give_up(trouble, lost)
            await asyncio.sleep(max(0.01, min(self._pace.poll_s, until - now())))

    async def _give_up(self, trouble: tuple[ErrorKind, str] | None, lost: DeviceError | None) -> PrintOutcome:
        kind, hint = trouble or (ErrorKind.TIMEOUT, "The printer did not finish in time.")
        if lost is not None:
            kind, hint = lost.kind, lost.hint
        if not await self.take_back():
            return self._ended(PrintEnd.UNCERTAIN, kind, f"{hint} The job may still be in the queue.")
        try:
            job = await self._job()
        except DeviceError:
            log.warning("print_job_unknown_after_cancel", device=self._device, job=self._id)
            return self._ended(PrintEnd.UNCERTAIN, kind, hint)
        if ipp.number(job, "job-state") == State.COMPLETED:
            return self._ended(PrintEnd.DONE)
        return self._ended(PrintEnd.UNCERTAIN if _was_processed(job) else PrintEnd.FAILED, kind, hint)

    def _end_of(self, job: Attributes, trouble: tuple[ErrorKind, str] | None) -> PrintOutcome | None:
        """What the job's state means; None while it goes on. `trouble` is what kept it before."""
        state = ipp.number(job, "job-state")
        reasons = ipp.words(job, "job-state-reasons")
        if state == State.COMPLETED:
            if "job-completed-with-errors" in reasons:
                return self._ended(PrintEnd.UNCERTAIN, ErrorKind.HARDWARE, "The printer ended the job with errors.")
            return self._ended(PrintEnd.DONE)
        if state == State.CANCELED:
            end = PrintEnd.UNCERTAIN if _was_processed(job) else PrintEnd.FAILED
            return self._ended(end, ErrorKind.CANCELLED, "The job was taken off the queue.")
        if state == State.ABORTED:
            if any(word in reasons for word in _UNPRINTABLE):
                return self._ended(PrintEnd.FAILED, ErrorKind.INVALID_ARGUMENT, "The printer cannot read the document.")
            kind, hint = trouble or (ErrorKind.HARDWARE, "The print service gave the job up.")
            return self._ended(PrintEnd.UNCERTAIN if _was_processed(job) else PrintEnd.FAILED, kind, hint)
        return None

    def known(self, job: Attributes) -> PrintOutcome:
        """The outcome of a job found on the queue; one that goes on is uncertain."""
        ended = self._end_of(job, None)
        return ended or self._ended(PrintEnd.UNCERTAIN, ErrorKind.BUSY, "The job is still in the queue.")

    async def take_back(self) -> bool:
        """Cancel the job; True when it is off the queue for sure."""
        if self.number is None:
            return False
        try:
            await self._client.cancel(self.number, self._pace.answer_s)
            return True
        except DeviceError as error:
            log.warning("print_cancel_failed", device=self._device, job=self._id, kind=error.kind, native=error.native)
            # "not possible" is the answer for a job that has ended by itself
            return error.native == "ipp 0x0404"

    def _note(self, job: Attributes) -> None:
        self.pages = ipp.number(job, "job-impressions-completed") or self.pages
        number = ipp.number(job, "job-state")
        self.state = State(number) if number in tuple(State) else None

    async def _job(self) -> Attributes:
        """Raises DeviceError; unknown too where the number is somebody else's now: a print service that was killed counts anew."""
        assert self.number is not None
        job = await self._client.job(self.number, self._pace.answer_s)
        named = self._client.job_id(job)
        if named != self._id and (named or self._named):
            raise DeviceError(ErrorKind.CONFIG, self._device, "The job's number belongs to another one.", "ipp 0x0406")
        self._named = self._named or bool(named)
        return job

    def _left(self, until: float) -> float:
        return max(0.05, min(self._pace.answer_s, until - asyncio.get_running_loop().time()))

    def _ended(self, end: PrintEnd, kind: str = "", detail: str = "") -> PrintOutcome:
        return PrintOutcome(self._id, end, str(kind), detail)


def _was_processed(job: Mapping[str, list[ipp.Value]]) -> bool:
    """True unless the spooler says for sure that it never started on the job (`no-value`, RFC 8011, 5.3.14.2)."""
    return "time-at-processing" not in job or ipp.first(job, "time-at-processing") is not None


def _template(options: DocumentOptions) -> list[Field]:
    fields: list[Field] = [
        ("media", Tag.KEYWORD, "iso_a4_210x297mm"),
        ("sides", Tag.KEYWORD, options.sides.value if options.sides is not Sides.ONE else "one-sided"),
        # the form's boxes are in millimetres: nothing may be scaled to the page
        ("print-scaling", Tag.KEYWORD, "none"),
    ]
    if options.copies > 1:
        fields.append(("copies", Tag.INTEGER, options.copies))
        order = "separate-documents-collated-copies" if options.collate else "separate-documents-uncollated-copies"
        fields.append(("multiple-document-handling", Tag.KEYWORD, order))
    return fields


def refused(earlier: PrintOutcome) -> PrintOutcome:
    """What is answered to a document that was handed over before."""
    if earlier.end is PrintEnd.DONE:
        return earlier
    hint = f"This job was handed over before and is not sent again. {earlier.detail}".strip()
    return PrintOutcome(earlier.job_id, PrintEnd.UNCERTAIN, ErrorKind.INVALID_ARGUMENT, hint)
