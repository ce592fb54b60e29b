"""The A4 printer behind CUPS: hands PDF documents over from memory and says honestly how each ended.

No copy of a document is kept, and no job goes on that nobody follows: one whose end nobody saw (the program died, the call was
cancelled) is taken off the queue before the next document, at the next check between citizens, when the driver is closed, or when it is
opened again. `Keep.PURGE`: what has ended is purged from the spool at once; this run of the program still knows how it ended.
`Keep.SPOOLER`: the cupsd is set up with `PreserveJobFiles No` and remembers names and states only, which lets a job be recognised for
longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from enum import StrEnum
from uuid import uuid4

import structlog

from drivers.document_printer import condition, ipp
from drivers.document_printer.client import IppClient, Place
from drivers.document_printer.ipp import Attributes
from drivers.document_printer.job import Job, Pace, State
from drivers.document_printer.leftovers import clear, purged
from drivers.document_printer.testpage import page
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd, PrintOutcome
from kiosk.ports.documents import PLAIN, DocumentOptions, Sides

log = structlog.get_logger(__name__)

_REMEMBERED = 500
_LONGEST_ID = 190
"""Bytes; a title on the queue has 255 at most, and names the machine as well."""
_MISSES = 2
Host = Callable[[], AbstractAsyncContextManager[int]]


class Keep(StrEnum):
    PURGE = "purge"
    SPOOLER = "spooler"


class CupsPrinter:
    """`DocumentPrinter` over IPP. One document at a time; `recall`, `cancel` and `status` go beside it."""

    def __init__(
        self,
        place: Place,
        pace: Pace | None = None,
        *,
        keep: Keep = Keep.PURGE,
        driver: str = "cups",
        device_id: str = "document_printer",
        host: Host | None = None,
    ) -> None:
        self.device_id = device_id
        self.driver = driver
        self.simulated = host is not None
        self.capabilities: Mapping[str, object] = {}
        self._place = place
        self._pace = pace or Pace()
        self._keep = keep
        self._host = host
        self._hosting: AsyncExitStack | None = None
        self._client: IppClient | None = None
        self._lock = asyncio.Lock()
        self._status = DeviceStatus(Link.CLOSED, condition.UNKNOWN)
        self._ended: dict[str, PrintOutcome] = {}
        self._numbers: dict[str, int] = {}
        self._printed = False
        self._misses = 0
        self._job: Job | None = None
        self._left = False
        """A job of ours may be in the queue, or its document in the spool, with nobody to follow it."""

    async def open(self) -> None:
        """Find the queue and ask for its state; a paused queue or missing paper is no reason to fail.

        Raises DeviceError: OFFLINE (no print service), CONFIG (no such queue), UNSUPPORTED (takes no PDF), PERMISSION, TIMEOUT.
        """
        async with self._lock:
            self._set(DeviceStatus(Link.OPENING, condition.UNKNOWN))
            try:
                client = IppClient(await self._found(), self.device_id)
                attributes = await client.printer(self._pace.answer_s)
                formats = ipp.words(attributes, "document-format-supported")
                if formats and not {"application/pdf", "application/octet-stream"} & set(formats):
                    raise DeviceError(ErrorKind.UNSUPPORTED, self.device_id, "The queue does not take PDF.")
            except BaseException as error:
                await self._leave()
                hint = error.hint if isinstance(error, DeviceError) else "Opening was broken off."
                self._set(DeviceStatus(Link.OFFLINE, condition.UNKNOWN, hint))
                raise
            self._client, self._misses = client, 0
            self.capabilities = _abilities(attributes)
            self._set(condition.read(attributes, printed=self._printed).status())
            await self._sweep(client)

    async def close(self) -> None:
        async with self._lock:
            if self._client is not None and self._left:
                await self._sweep(self._client)
            await self._leave()
            self._set(DeviceStatus(Link.CLOSED, condition.UNKNOWN))

    def status(self) -> DeviceStatus:
        """During a job it tells what that job sees: paper that ran out, for example."""
        if self._lock.locked() and self._status.link in (Link.READY, Link.DEGRADED):
            seen = self._job.condition if self._job is not None else None
            return replace(seen.status() if seen is not None else self._status, link=Link.BUSY)
        return self._status

    async def check(self) -> DeviceStatus:
        """Ask for the state; during a job the last one known is returned, because the job watches it itself."""
        if self._lock.locked() or self._client is None:
            return self.status()
        async with self._lock:
            try:
                await self._look(self._client)
            except DeviceError as error:
                self._lost(error)
            else:
                if self._left:
                    await self._sweep(self._client)
        return self._status

    async def print_test(self) -> PrintOutcome:
        """A page for the technician. It also renews what an idle queue says of its printer."""
        return await self.print_pdf(page(self._place.name), f"test-{uuid4().hex[:12]}")

    async def print_pdf(
        self, pdf: bytes, job_id: str, options: DocumentOptions = PLAIN, deadline: float = 120.0
    ) -> PrintOutcome:
        until = asyncio.get_running_loop().time() + deadline
        try:
            async with asyncio.timeout_at(until):
                await self._lock.acquire()
        except TimeoutError:
            return PrintOutcome(job_id, PrintEnd.FAILED, ErrorKind.BUSY, "The printer is busy with another document.")
        try:
            outcome = await self._print(pdf, job_id, options, until)
        finally:
            self._lock.release()
        log.info("print_job_ended", device=self.device_id, job=job_id, end=outcome.end, kind=outcome.kind)
        return outcome

    async def recall(self, job_id: str, deadline: float = 5.0) -> PrintOutcome | None:
        if (known := self._ended.get(job_id)) is not None:
            return known
        client = self._ready()
        async with _within(deadline, self.device_id):
            found = await self._find(client, job_id)
        return None if found is None else Job(client, job_id, self._pace, self.device_id).known(found)

    async def cancel(self, job_id: str, deadline: float = 5.0) -> bool:
        client = self._ready()
        async with _within(deadline, self.device_id):
            found = await self._find(client, job_id)
            number = ipp.number(found, "job-id") if found is not None else None
            if found is None or number is None or (ipp.number(found, "job-state") or 0) >= State.CANCELED:
                return False
            try:
                await client.cancel(number, deadline)
            except DeviceError as error:
                if error.native == "ipp 0x0404":
                    return False
                raise
        return True

    async def _print(self, pdf: bytes, job_id: str, options: DocumentOptions, until: float) -> PrintOutcome:
        try:
            client = self._ready()
            self._check(pdf, job_id, options)
            earlier = await self.recall(job_id, self._pace.answer_s)
            if earlier is not None and earlier.end is not PrintEnd.FAILED:
                return _refused(earlier)
            found = await self._look(client)
            if self._left:
                await self._sweep(client)
        except DeviceError as error:
            self._lost(error)
            return PrintOutcome(job_id, PrintEnd.FAILED, error.kind, error.hint)
        reason = found.closed or (found.trouble if found.fresh else None)
        if reason is not None:
            return PrintOutcome(job_id, PrintEnd.FAILED, *reason)
        self._job = job = Job(client, job_id, self._pace, self.device_id)
        try:
            outcome = await job.hand_over(pdf, options, until) or await job.follow(until)
        except Exception:
            # A bug of ours must not look like "nothing came out": the document may be on its way.
            log.exception("print_job_crashed", device=self.device_id, job=job_id)
            outcome = PrintOutcome(job_id, PrintEnd.UNCERTAIN, ErrorKind.INTERNAL, "The driver failed during the job.")
        except asyncio.CancelledError:
            self._left = True
            raise
        finally:
            self._job = None
            if job.number is not None:
                self._numbers[job_id] = job.number
        await self._afterwards(client, job, outcome)
        return outcome

    async def _afterwards(self, client: IppClient, job: Job, outcome: PrintOutcome) -> None:
        self._remember(outcome)
        self._printed = outcome.end is PrintEnd.DONE
        try:
            if outcome.end is PrintEnd.UNCERTAIN:
                await self._sweep(client)
            elif job.number is not None and self._purges:
                self._left |= not await purged(client, job.number, self._pace, self.device_id)
            await self._look(client)
        except DeviceError as error:
            self._lost(error)

    def _remember(self, outcome: PrintOutcome) -> None:
        self._ended[outcome.job_id] = outcome
        for book in (self._ended, self._numbers):
            while len(book) > _REMEMBERED:
                book.pop(next(iter(book)))

    def _check(self, pdf: bytes, job_id: str, options: DocumentOptions) -> None:
        """Raises DeviceError for what would come out wrong."""
        if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-1024:]:
            raise DeviceError(ErrorKind.INVALID_ARGUMENT, self.device_id, "The document is no complete PDF.")
        if not 0 < len(job_id.encode()) <= _LONGEST_ID:
            raise DeviceError(ErrorKind.INVALID_ARGUMENT, self.device_id, f"A job id has 1 to {_LONGEST_ID} bytes.")
        sides = self.capabilities.get("sides")
        if options.sides is not Sides.ONE and isinstance(sides, tuple) and options.sides.value not in sides:
            raise DeviceError(ErrorKind.UNSUPPORTED, self.device_id, "This printer cannot print on both sides.")
        if not 1 <= options.copies <= 20:
            raise DeviceError(ErrorKind.INVALID_ARGUMENT, self.device_id, "A document is printed 1 to 20 times.")

    async def _find(self, client: IppClient, job_id: str) -> Attributes | None:
        """The newest job of this name on the queue, ended ones included, as far as the spooler remembers."""
        if (number := self._numbers.get(job_id)) is not None:
            try:
                return await client.job(number, self._pace.answer_s)
            except DeviceError as error:
                if error.native != "ipp 0x0406":
                    raise
        for which in ("not-completed", "completed"):
            named = [job for job in await client.jobs(which, self._pace.answer_s) if client.job_id(job) == job_id]
            if named:
                return max(named, key=lambda job: ipp.number(job, "job-id") or 0)
        return None

    async def _sweep(self, client: IppClient) -> None:
        """Leave nothing of ours at the print service, and remember how it ended: it is not printed a second time."""
        self._left = True
        try:
            ended, clean = await clear(client, self._pace, self.device_id, purge=self._purges)
        except DeviceError as error:
            log.warning("print_spool_not_swept", device=self.device_id, kind=error.kind, native=error.native)
            # A printer that keeps no list of jobs says so every time.
            self._left = not error.native
            return
        for outcome in ended:
            self._remember(self._ended.get(outcome.job_id, outcome))
        self._left = not clean

    @property
    def _purges(self) -> bool:
        return self._keep is Keep.PURGE and bool(self.capabilities.get("spooler"))

    async def _look(self, client: IppClient) -> condition.Condition:
        found = condition.read(await client.printer(self._pace.answer_s), printed=self._printed)
        self._misses = 0
        self._set(found.status())
        return found

    async def _found(self) -> Place:
        if self._host is None:
            return self._place
        if self._hosting is None:
            self._hosting = AsyncExitStack()
            port = await self._hosting.enter_async_context(self._host())
            self._place = replace(self._place, host="127.0.0.1", port=port)
        return self._place

    async def _leave(self) -> None:
        self._client = None
        hosting, self._hosting = self._hosting, None
        if hosting is not None:
            await hosting.aclose()

    def _ready(self) -> IppClient:
        if self._client is None:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The printer is not open.")
        return self._client

    def _lost(self, error: DeviceError) -> None:
        """Keep what an error says of the queue: gone at once, silent only the second time in a row."""
        if error.kind is ErrorKind.TIMEOUT:
            self._misses += 1
            link = Link.OFFLINE if self._misses >= _MISSES else Link.DEGRADED
            self._set(DeviceStatus(link, condition.UNKNOWN, error.hint))
        elif error.kind in (ErrorKind.OFFLINE, ErrorKind.PERMISSION, ErrorKind.CONFIG):
            self._set(DeviceStatus(Link.OFFLINE, condition.UNKNOWN, error.hint))

    def _set(self, status: DeviceStatus) -> None:
        """Keep the status; say once that the printer was lost and once that it is back."""
        was, self._status = self._status.link, status
        if status.link is Link.OFFLINE and was not in (Link.OFFLINE, Link.OPENING):
            log.warning("device_lost", device=self.device_id, line=self._place.name)
        elif was is Link.OFFLINE and status.link not in (Link.OFFLINE, Link.OPENING, Link.CLOSED):
            log.info("device_found", device=self.device_id, line=self._place.name)


class _within:  # noqa: N801  a context manager, named for how it reads
    """A deadline whose passing is a DeviceError."""

    def __init__(self, seconds: float, device: str) -> None:
        self._timeout = asyncio.timeout(seconds)
        self._device = device

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            await self._timeout.__aexit__(kind, error, None)
        except TimeoutError as late:
            raise DeviceError(ErrorKind.TIMEOUT, self._device, "The print service did not answer in time.") from late


def _refused(earlier: PrintOutcome) -> PrintOutcome:
    if earlier.end is PrintEnd.DONE:
        return earlier
    hint = f"This job was handed over before and is not sent again. {earlier.detail}".strip()
    return PrintOutcome(earlier.job_id, PrintEnd.UNCERTAIN, ErrorKind.INVALID_ARGUMENT, hint)


def _abilities(attributes: Attributes) -> Mapping[str, object]:
    sides = ipp.words(attributes, "sides-supported")
    return {
        "sides": sides or ("one-sided",),
        "duplex": any(word.startswith("two-sided") for word in sides),
        "pages_per_min": ipp.number(attributes, "pages-per-minute"),
        "model": str(ipp.first(attributes, "printer-make-and-model") or ""),
        "spooler": "device-uri" in attributes,
    }
