"""The A4 printer behind CUPS: hands PDF documents over from memory and says honestly how each ended.

No copy of a document is kept, and no job goes on that nobody follows: one whose end nobody saw (the program died, the call was
cancelled) is taken off the queue before the next document, at the next check between citizens, when the driver is closed, or when it is
opened again. `Keep.PURGE`: what has ended is purged from the spool at once; this run of the program still knows how it ended.
`Keep.SPOOLER`: the cupsd is set up with `PreserveJobFiles No` and remembers names and states only, which lets a job be recognised for
longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from enum import StrEnum
from uuid import uuid4

import structlog

from drivers.document_printer import condition, ipp
from drivers.document_printer.book import JobBook
from drivers.document_printer.client import IppClient, Place, within
from drivers.document_printer.comeback import answers_again
from drivers.document_printer.exam import examine
from drivers.document_printer.job import Job, Pace, State, refused
from drivers.document_printer.leftovers import clear, purged
from drivers.document_printer.paper import count_pages
from drivers.document_printer.standing import Standing
from drivers.document_printer.testpage import page
from drivers.service import Service
from drivers.transport.arrival import Replug
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd, PrintOutcome
from kiosk.ports.documents import PLAIN, DocumentOptions, Sides
from kiosk.ports.health import Finding, Level, Person

log = structlog.get_logger(__name__)

_LONGEST_ID = 190
"""Bytes; a title on the queue has 255 at most, and names the machine as well."""
_COUNTED = {PrintEnd.DONE: "jobs", PrintEnd.UNCERTAIN: "uncertain_jobs", PrintEnd.FAILED: "failed_jobs"}
Host = Callable[[], AbstractAsyncContextManager[int]]


class Keep(StrEnum):
    PURGE = "purge"
    SPOOLER = "spooler"


class CupsPrinter:
    """`DocumentPrinter` over IPP. One document at a time; `recall`, `cancel` and `status` go beside it.

    While it is open and prints nothing it looks at the queue every `watch_s` seconds, because IPP tells nothing by itself.
    """

    def __init__(
        self,
        place: Place,
        pace: Pace | None = None,
        *,
        keep: Keep = Keep.PURGE,
        driver: str = "cups",
        device_id: str = "document_printer",
        host: Host | None = None,
        plug: Replug | None = None,
    ) -> None:
        self.device_id = device_id
        self.driver = driver
        self.simulated = host is not None
        self.capabilities: Mapping[str, object] = {}
        self._place = place
        self._pace = pace or Pace()
        self._keep = keep
        self._host = host
        self._plug = plug
        self.service = Service(self.status)
        self._standing = Standing(self.service)
        self._watching: asyncio.Task[None] | None = None
        self._looked_at = float("-inf")
        self.last_test: PrintEnd | None = None
        """How the test page of the last examination ended; None once a person was asked about it."""
        self._hosting: AsyncExitStack | None = None
        self._client: IppClient | None = None
        self._lock = asyncio.Lock()
        self._busy = False
        self._book = JobBook()
        self._printed = False
        self._job: Job | None = None
        self._left = False
        """A job of ours may be in the queue, or its document in the spool, with nobody to follow it."""

    async def open(self) -> None:
        """Find the queue and ask for its state; a paused queue or missing paper is no reason to fail.

        Raises DeviceError: OFFLINE (no print service), CONFIG (no such queue), UNSUPPORTED (takes no PDF), PERMISSION, TIMEOUT.
        """
        async with self._turn():
            self._standing.opening()
            try:
                client = IppClient(await self._found(), self.device_id, service=self.service)
                attributes = await client.printer(self._pace.answer_s)
                formats = ipp.words(attributes, "document-format-supported")
                if formats and not {"application/pdf", "application/octet-stream"} & set(formats):
                    raise DeviceError(ErrorKind.UNSUPPORTED, self.device_id, "The queue does not take PDF.")
            except BaseException as error:
                await self._leave()
                self._standing.not_opened(error)
                raise
            self._client = client
            self.service.count("opens")
            self.capabilities = condition.abilities(attributes)
            self._standing.set(condition.read(attributes, printed=self._printed).status())
            await self._sweep(client)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="document-printer-watch")

    async def close(self) -> None:
        async with self._turn():
            watching, self._watching = self._watching, None
            if watching is not None:  # it sleeps: a look has the turn
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            if self._client is not None and self._left:
                await self._sweep(self._client)
            await self._leave()
            self._standing.closed()

    def status(self) -> DeviceStatus:
        """During a job it tells what that job sees: paper that ran out, for example."""
        if self._busy and self._standing.status.link in (Link.READY, Link.DEGRADED):
            job = self._job
            seen = job.condition.status() if job is not None and job.condition is not None else self._standing.status
            doing = {"job": job.state.name.lower()} if job is not None and job.state is not None else {}
            return replace(seen, link=Link.BUSY, parts={**seen.parts, **doing})
        return self._standing.status

    async def check(self) -> DeviceStatus:
        """Ask for the state; during a job the last one known is returned, because the job watches it itself."""
        if self._lock.locked() or self._client is None:
            return self.status()
        async with self._lock:  # a look is no work that anybody should be told of
            try:
                await self._look(self._client)
            except DeviceError as error:
                self._standing.lost(error)
            else:
                if self._left:
                    await self._sweep(self._client)
        return self._standing.status

    async def wait_return(self) -> None:
        """Until the print service answers again and knows the queue."""
        if self._plug is not None:
            await self._plug.wait()
        elif self._standing.status.trouble is ErrorKind.UNSUPPORTED:  # it is there, and of no use
            await asyncio.get_running_loop().create_future()
        else:
            await answers_again(self._place, self.device_id, self._pace.answer_s)

    async def _watch(self) -> None:
        """Look at an idle queue `watch_s` after anybody has looked last."""
        now = asyncio.get_running_loop().time
        while True:
            due = self._looked_at + self._pace.watch_s - now()
            await asyncio.sleep(due if due > 0 else self._pace.watch_s)
            if now() - self._looked_at < self._pace.watch_s:
                continue
            try:
                await self.check()
            except Exception:
                log.exception("print_watch_crashed", device=self.device_id)

    # --- for the technician ---------------------------------------------------------------------------------------

    def counters(self) -> Mapping[str, int]:
        return self.service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self.service.listen(changed)

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        return await examine(self, level, person)

    async def answer_s(self) -> float:
        """Seconds until the print service has told of the queue. Raises DeviceError."""
        now = asyncio.get_running_loop().time
        asked = now()
        await self._ready().printer(self._pace.answer_s)
        return now() - asked

    async def reset(self) -> None:
        """Take what is left of earlier jobs off the queue and let a paused one go on. Raises DeviceError, PERMISSION for a kiosk that
        may not resume it, and what is still wrong afterwards."""
        async with self._turn():
            client = self._ready()
            await self._sweep(client)
            found = await self._look_or_lose(client)
            if found.closed is not None and found.parts["queue"] in ("paused", "closed"):
                await client.resume(self._pace.answer_s)
                found = await self._look_or_lose(client)
            reason = found.closed or (found.trouble if found.fresh else None)
            if reason is not None:
                raise DeviceError(reason[0], self.device_id, reason[1])

    # --- documents ------------------------------------------------------------------------------------------------

    async def print_test(self) -> PrintOutcome:
        """A page for the technician. It also renews what an idle queue says of its printer."""
        outcome = await self.print_pdf(page(self._place.name), f"test-{uuid4().hex[:12]}")
        self.last_test = outcome.end
        return outcome

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
            self._work(on=True)
            outcome = await self._print(pdf, job_id, options, until)
        finally:
            self._work(on=False)
            self._lock.release()
        log.info("print_job_ended", device=self.device_id, job=job_id, end=outcome.end, kind=outcome.kind)
        return outcome

    async def recall(self, job_id: str, deadline: float = 5.0) -> PrintOutcome | None:
        if (known := self._book.ended(job_id)) is not None:
            return known
        client = self._ready()
        async with within(deadline, self.device_id):
            found = await self._book.find(client, job_id, self._pace.answer_s)
        return None if found is None else Job(client, job_id, self._pace, self.device_id).known(found)

    async def cancel(self, job_id: str, deadline: float = 5.0) -> bool:
        client = self._ready()
        async with within(deadline, self.device_id):
            found = await self._book.find(client, job_id, self._pace.answer_s)
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
                return refused(earlier)
            found = await self._look(client)
            if self._left:
                await self._sweep(client)
        except DeviceError as error:
            self._standing.lost(error)
            self.service.count("failed_jobs")
            return PrintOutcome(job_id, PrintEnd.FAILED, error.kind, error.hint)
        reason = found.closed or (found.trouble if found.fresh else None)
        if reason is not None:
            self.service.count("failed_jobs")
            return PrintOutcome(job_id, PrintEnd.FAILED, *reason)
        self._job = job = Job(client, job_id, self._pace, self.device_id, self._heard)
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
                self._book.handed_over(job_id, job.number)
        self.service.count(_COUNTED[outcome.end])
        done = outcome.end is PrintEnd.DONE
        self.service.count("pages", job.pages or (count_pages(pdf) * options.copies if done else 0))
        await self._afterwards(client, job, outcome)
        return outcome

    def _heard(self) -> None:
        """The job under way has looked at its queue."""
        if self._job is not None and self._job.condition is not None:
            self._standing.heard(self._job.condition.parts)

    async def _afterwards(self, client: IppClient, job: Job, outcome: PrintOutcome) -> None:
        self._book.remember(outcome)
        self._printed = outcome.end is PrintEnd.DONE
        try:
            if outcome.end is PrintEnd.UNCERTAIN:
                await self._sweep(client)
            elif job.number is not None and self._purges:
                self._left |= not await purged(client, job.number, self._pace, self.device_id)
            await self._look(client)
        except DeviceError as error:
            self._standing.lost(error)

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
            self._book.remember(self._book.ended(outcome.job_id) or outcome)
        self._left = not clean

    @property
    def _purges(self) -> bool:
        return self._keep is Keep.PURGE and bool(self.capabilities.get("spooler"))

    async def _look(self, client: IppClient) -> condition.Condition:
        found = condition.read(await client.printer(self._pace.answer_s), printed=self._printed)
        self._looked_at = asyncio.get_running_loop().time()
        self._standing.answered()
        self._standing.set(found.status())
        return found

    async def _look_or_lose(self, client: IppClient) -> condition.Condition:
        try:
            return await self._look(client)
        except DeviceError as error:
            self._standing.lost(error)
            raise

    async def _found(self) -> Place:
        if self._plug is not None:
            self._plug.note()
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

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One caller at a time; while somebody has it the printer is busy."""
        async with self._lock:
            try:
                self._work(on=True)
                yield
            finally:
                self._work(on=False)

    def _work(self, *, on: bool) -> None:
        self._busy = on
        self.service.tell()
