"""The receipt printer: prints slips on any ESC/POS machine, and says honestly how a job ended.

What cannot be confirmed is *uncertain*, never "done"; a printer that does not answer is *unknown*, never "ok".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from drivers.receipt_printer.ear import Ear
from drivers.receipt_printer.exam import examine
from drivers.receipt_printer.job import JobRunner
from drivers.receipt_printer.options import EncodeOptions, PrinterOptions
from drivers.receipt_printer.status import Readings, StatusReader, merge
from drivers.receipt_printer.testpage import printer_page, short_page
from drivers.receipt_printer.ticket import Ticket
from drivers.service import Service
from drivers.transport.arrival import wait_return
from drivers.transport.base import ByteTransport, TellsLoss
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Slip
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd, PrintOutcome
from kiosk.ports.health import Finding, Level, Person

if TYPE_CHECKING:
    from drivers.receipt_printer.encode import Encoder

log = structlog.get_logger(__name__)

_GONE = (ErrorKind.OFFLINE, ErrorKind.NOT_OPEN)
_AWAY = (Link.OFFLINE, Link.OPENING, Link.CLOSED)
_MISSES = 2
_SETTLE_STEP_S = 0.2
_RECOVER = b"\x10\x05\x02"
"""DLE ENQ 2: recover from an error after emptying the buffers. What was left in them belongs to somebody who has gone."""
_RECOVER_S = 0.3
_COUNTED = {PrintEnd.DONE: "jobs", PrintEnd.UNCERTAIN: "uncertain_jobs", PrintEnd.FAILED: "failed_jobs"}


class EscposPrinter:
    """`ReceiptPrinter` over any `ByteTransport`. One job at a time; everything else waits its turn."""

    def __init__(
        self,
        transport: ByteTransport,
        encoding: EncodeOptions,
        options: PrinterOptions | None = None,
        *,
        driver: str = "escpos",
        device_id: str = "receipt_printer",
    ) -> None:
        self.device_id = device_id
        self.driver = driver
        self.simulated = transport.simulated
        self.options = options or PrinterOptions()
        self._encoding = encoding
        self._transport = transport
        self.service = Service(self.status)
        presents = self.options.presenter != "none"
        self._reader = StatusReader(
            transport, self.options.status, self.options.answer_s, self.service, presents=presents
        )
        self._jobs = JobRunner(transport, self._reader, self.options, device_id, self.service)
        self._ear = Ear(self._reader, self._look_at_once)
        self._lock = asyncio.Lock()
        self._busy = False
        self._worker: ThreadPoolExecutor | None = None
        self._encoder: Encoder | None = None
        self._unknown = Readings(presents=presents).parts
        self._status = DeviceStatus(Link.CLOSED, self._unknown)
        self._misses = 0
        self._composing: Future[Ticket] | None = None
        self._looking: asyncio.Task[DeviceStatus] | None = None
        if isinstance(transport, TellsLoss):
            transport.on_loss(self._look_at_once)
        self.last_test: PrintEnd | None = None
        """How the test slip of the last examination ended; None once a person was asked about it."""
        self.capabilities: Mapping[str, object] = self._abilities()

    async def open(self) -> None:
        """Connect and ask for the state; no paper or an open cover is no reason to fail.

        Raises DeviceError: OFFLINE (cannot be reached, or never answers a status request), PERMISSION, BUSY.
        """
        async with self._turn():
            self._misses = 0
            self._set(DeviceStatus(Link.OPENING, self._unknown))
            try:
                readings = await self._connect()
                if not readings.heard and self.options.status != "none":
                    readings = await self._observe()
                    if not readings.heard:
                        raise self._mute()
                await self._jobs.learn(readings)
                self.capabilities = self._abilities()
            except BaseException as error:
                await self._transport.close()
                told = ("Opening was broken off.", None)
                hint, kind = (error.hint, error.kind) if isinstance(error, DeviceError) else told
                self._set(DeviceStatus(Link.OFFLINE, self._unknown, hint, kind))
                raise

    async def close(self) -> None:
        async with self._turn():
            await self._transport.close()
            worker, self._worker = self._worker, None
            if worker is not None:
                # An idle thread ends at once; one that still draws for a cancelled job is not waited for.
                worker.shutdown(wait=self._composing is None or self._composing.done(), cancel_futures=True)
            self._set(DeviceStatus(Link.CLOSED, self._unknown))

    def status(self) -> DeviceStatus:
        if self._busy and self._status.link in (Link.READY, Link.DEGRADED):
            return replace(self._status, link=Link.BUSY)
        return self._status

    async def check(self) -> DeviceStatus:
        """Ask for the state; during a job the last one known is returned, because the job watches it itself."""
        if self._lock.locked() or self._status.link is Link.CLOSED:
            return self.status()
        async with self._quiet():  # a look is no work that anybody should be told of
            try:
                # One that is known to be away is tried by whoever watches over it, in his own time.
                away = self._status.link in _AWAY
                readings = await (self._observe() if away else self._observe_anew())
                if self._misses >= _MISSES:
                    readings = await self._connect()  # a line that one side only still believes in looks like this
                await self._jobs.learn(readings)
                if self._reader.take_news():  # it changed while it was asked
                    await self._observe()
            except DeviceError as error:
                self._line_lost(error)
        return self._status

    async def _observe_anew(self) -> Readings:
        """As `_observe`, over a new connection where the old one is gone: network printers drop idle ones."""
        try:
            return await self._observe()
        except DeviceError as error:
            if error.kind not in _GONE:
                raise
            return await self._connect()

    def _look_at_once(self) -> None:
        """The line has ended by itself, or the printer tells of a change: see what that means, unless a job under way will see it."""
        if not self._lock.locked() and self._status.link not in _AWAY:
            self._looking = asyncio.get_running_loop().create_task(self.check(), name="receipt-printer-look")

    async def wait_return(self) -> None:
        await wait_return(self._transport)

    # -- for the technician --------------------------------------------------------------------------------------------

    def counters(self) -> Mapping[str, int]:
        return self.service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self.service.listen(changed)

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        return await examine(self, level, person)

    async def answer_s(self) -> float | None:
        """Seconds until the printer has answered one status request; None when it has not. Raises DeviceError when the line is gone."""
        async with self._turn():
            now = asyncio.get_running_loop().time
            asked = now()
            short = self.options.status == "realtime"
            heard = await self._reader.query(1) is not None if short else (await self._reader.read()).heard
            return now() - asked if heard else None

    async def reset(self) -> None:
        """Get the printer out of an error (DLE ENQ), forget what its buffers hold, cut off what hangs from a job that broke off.

        Raises DeviceError: what is still wrong afterwards.
        """
        async with self._turn():
            try:
                await self._recover()
            except DeviceError as error:
                self._line_lost(error)
                raise

    async def _recover(self) -> None:
        if self._status.link is Link.CLOSED:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The printer is not open.")
        if self._status.link is Link.OFFLINE:
            await self._connect()
        await self._jobs.forget_broken()  # first: a knife that is freed lets go what was held up
        await self._transport.write(_RECOVER, self.options.stall_s)
        await asyncio.sleep(_RECOVER_S)
        try:
            await self._jobs.clear()
        except DeviceError as error:
            if error.kind is ErrorKind.TIMEOUT:
                await self._require_fit(await self._observe())  # raises a better reason, where there is one
            raise
        await self._require_fit(await self._observe())

    # -- printing ------------------------------------------------------------------------------------------------------

    async def print_short_test(self) -> PrintOutcome:
        """A few lines: does the head burn, does the paper move, does the knife cut."""
        outcome = await self.print_slip(short_page(self._encoding.columns), "test")
        self.last_test = outcome.end
        return outcome

    async def print_test(self) -> PrintOutcome:
        """A page for the technician: width, fonts, codes."""
        return await self.print_slip(printer_page(self._encoding.columns, self._transport.name), "test")

    async def print_slip(self, slip: Slip, job_id: str) -> PrintOutcome:
        """Print and cut one slip; never raises DeviceError.

        FAILED: not a byte of the slip was sent. UNCERTAIN: bytes were sent and the end could not be confirmed; always so
        where the line cannot be read (`status="none"`).
        """
        async with self._turn():
            outcome = await self._print(slip, job_id)
            self.service.count(_COUNTED[outcome.end])
        log.info("print_job_ended", device=self.device_id, slip=slip.kind, end=outcome.end, kind=outcome.kind)
        return outcome

    async def _print(self, slip: Slip, job_id: str) -> PrintOutcome:
        try:
            ticket = await self._compose(slip)
            await self._ready_to_print()
        except DeviceError as error:
            self._line_lost(error)
            return PrintOutcome(job_id, PrintEnd.FAILED, error.kind, error.hint)
        except ValueError as error:
            # The encoder's own sentences never quote the slip; those of libraries and codecs may.
            hint = str(error) if type(error) is ValueError else "The slip holds something that cannot be printed."
            return PrintOutcome(job_id, PrintEnd.FAILED, ErrorKind.INVALID_ARGUMENT, hint)
        try:
            await self._jobs.run(ticket)
            await self._observe()
        except DeviceError as error:
            error = await self._diagnose(error)
            return PrintOutcome(job_id, PrintEnd.UNCERTAIN, error.kind, error.hint)
        except Exception:
            # A bug of ours must not look like "nothing came out": paper may be hanging from the machine.
            log.exception("print_job_crashed", device=self.device_id)
            return PrintOutcome(job_id, PrintEnd.UNCERTAIN, ErrorKind.INTERNAL, "The driver failed during the job.")
        return PrintOutcome(job_id, PrintEnd.DONE)

    async def _compose(self, slip: Slip) -> Ticket:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="receipt-printer")
        self._composing = self._worker.submit(self._encode, slip)
        ticket = await asyncio.wrap_future(self._composing)
        self._composing = None  # it would keep the citizen's slip until the next one
        return ticket

    def _encode(self, slip: Slip) -> Ticket:
        if self._encoder is None:
            from drivers.receipt_printer.encode import Encoder

            self._encoder = Encoder(self._encoding)
        return self._encoder.encode(slip)

    async def _ready_to_print(self) -> None:
        """Raises DeviceError, with nothing sent, when the printer is out of paper, open, silent or gone."""
        if self._status.link is Link.CLOSED:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The printer is not open.")
        readings = await self._observe_anew()
        if not readings.heard and self.options.status != "none":
            readings = await self._observe()
            if not readings.heard:
                readings = await self._connect()  # the printer may have forgotten a connection that we still have
        await self._require_fit(readings)
        await self._jobs.learn(await self._observe() if self._jobs.marks is None else readings)
        await self._jobs.forget_broken()

    async def _require_fit(self, readings: Readings) -> None:
        """Raises DeviceError for a printer that is silent or in trouble; bad news is asked for twice, passing trouble gets a moment."""
        if self.options.status == "none":
            return
        now = asyncio.get_running_loop().time
        until = now() + self.options.settle_s
        again = True
        while (found := readings.trouble()) is not None or not readings.heard:
            if not again and not (readings.passing and now() < until):
                break
            if readings.passing:
                await asyncio.sleep(_SETTLE_STEP_S)
            readings = await self._observe()
            again = False
        if not readings.heard:
            raise self._mute()
        if found is not None:
            raise DeviceError(found[0], self.device_id, found[1])

    async def _connect(self) -> Readings:
        await self._transport.close()
        await self._transport.open()
        self.service.count("opens")
        self._reader.restart()
        return await self._observe()

    async def _observe(self) -> Readings:
        """Read the state and keep it. Raises DeviceError when the line is gone."""
        readings = await self._reader.read()
        if self.options.status == "none":
            hint = "This line is write-only; the state is not known."
            self._set(DeviceStatus(Link.DEGRADED, self._unknown, hint, ErrorKind.UNSUPPORTED))
            return readings
        self._misses = 0 if readings.heard else self._misses + 1
        self._set(merge(readings, self._misses))
        return readings

    async def _diagnose(self, error: DeviceError) -> DeviceError:
        """After trouble in a job: keep the state, and where the job only ran out of time, find out why."""
        self._line_lost(error)
        if error.kind in _GONE:
            return error
        try:
            found = (await self._observe()).trouble()
        except DeviceError as loss:
            self._line_lost(loss)
            return loss
        if found is None or error.kind is not ErrorKind.TIMEOUT:
            return error
        return DeviceError(found[0], self.device_id, found[1])

    def _abilities(self) -> Mapping[str, object]:
        marks = "process_id" if self.options.end == "process_id" else "queued_status" if self._jobs.marks else "none"
        return {
            "columns": self._encoding.columns,
            "text": self._encoding.text,
            "qr": self._encoding.qr,
            "barcode": self._encoding.barcode,
            "cut": self._encoding.cut,
            "status": self.options.status,
            "end_mark": marks,
            "automatic_status": bool(self._reader.automatic),
            "presenter": self.options.presenter,
        }

    def _mute(self) -> DeviceError:
        return DeviceError(
            ErrorKind.OFFLINE, self.device_id, f"The printer at {self._transport.name} does not answer status requests."
        )

    def _line_lost(self, error: DeviceError) -> None:
        if error.kind in (ErrorKind.OFFLINE, ErrorKind.PERMISSION, ErrorKind.BUSY) and not self._says_so_itself(error):
            self._set(DeviceStatus(Link.OFFLINE, self._unknown, error.hint, error.kind))

    def _says_so_itself(self, error: DeviceError) -> bool:
        """A printer that is offline at its panel answers all the same: its line is not lost."""
        return self._status.trouble is error.kind and self._status.link in (Link.DEGRADED, Link.FAULT)

    def _set(self, status: DeviceStatus) -> None:
        if status.link is Link.OFFLINE and self._status.link not in _AWAY:
            self.service.count("losses")
        jammed, was = "jammed" in status.parts.values(), "jammed" in self._status.parts.values()
        self.service.count("jams", int(jammed and not was))
        self._status = status
        self.service.tell()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One caller at a time; while somebody has it the printer is busy."""
        async with self._quiet(busy=True):
            yield

    @asynccontextmanager
    async def _quiet(self, *, busy: bool = False) -> AsyncIterator[None]:
        """One caller at a time, who reads what comes in; afterwards the printer is listened to again."""
        async with self._lock:
            self._say_busy(busy)
            try:
                await self._ear.rest()
                yield
            finally:
                self._say_busy(False)
                if self._status.link not in _AWAY:
                    self._ear.listen()

    def _say_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.service.tell()
