"""Reports from and to a HID device over a line of envelopes: input reports to who listens, one question at a time."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable

from drivers.service import Service
from drivers.signature_pad.envelope import Envelope, Kind, Opener
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind

DEVICE = "signature_pad"
_CHUNK = 16 * 1024
_HALF = 0.2
"""Seconds of silence after which half an envelope is given up."""
_IDLE = 3600.0


class HidLink:
    """`on_input` is called for each input report, `on_loss` once when the line is lost; both from the event loop.

    `answer`: seconds until a question must be answered. All errors are DeviceError: TIMEOUT, UNSUPPORTED (no such report), those of the
    line.
    """

    def __init__(
        self,
        line: ByteTransport,
        service: Service,
        on_input: Callable[[bytes], None],
        on_loss: Callable[[DeviceError], None],
        *,
        answer: float,
    ) -> None:
        self.line = line
        self._service = service
        self._on_input, self._on_loss = on_input, on_loss
        self._within = answer
        self._opener = Opener()
        self._pump: asyncio.Task[None] | None = None
        self._waiting: asyncio.Future[Envelope] | None = None
        self._turn = asyncio.Lock()
        self._asking: set[asyncio.Task[bytes]] = set()

    async def open(self) -> None:
        await self.close()
        await self.line.open()
        self._opener = Opener()
        self._pump = asyncio.create_task(self._listen(), name="signature-pad-line")

    async def close(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:  # first: that we close the line is no loss
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            self._fail(DeviceError(ErrorKind.OFFLINE, DEVICE, "The line was closed."))
        await asyncio.gather(
            *(task for task in self._asking if task is not asyncio.current_task()), return_exceptions=True
        )
        await self.line.close()

    async def feature(self, number: int) -> bytes:
        """The feature report of this number."""
        report = await self._ask(Envelope(Kind.GET, bytes((number,))))
        if report[:1] != bytes((number,)):
            self._service.count("bad_answers")
            raise DeviceError(
                ErrorKind.PROTOCOL, DEVICE, f"Report {number:#04x} was asked for, another came.", "REPORT"
            )
        return report

    async def set_feature(self, report: bytes) -> None:
        await self._ask(Envelope(Kind.SET, report))

    async def _ask(self, question: Envelope) -> bytes:
        """Whoever stops waiting leaves the question to itself: its answer must not be taken for that to the next."""
        asking = asyncio.create_task(self._exchange(question), name="signature-pad-question")
        self._asking.add(asking)
        asking.add_done_callback(self._asked)
        return await asyncio.shield(asking)

    def _asked(self, asking: asyncio.Task[bytes]) -> None:
        self._asking.discard(asking)
        if not asking.cancelled():
            asking.exception()  # whoever asked has it; where nobody waits any more it is nobody's

    async def _exchange(self, question: Envelope) -> bytes:
        async with self._turn:
            if self._pump is None:
                raise DeviceError(ErrorKind.OFFLINE, DEVICE, "The line was closed.")
            self._service.count("commands")
            waiting: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
            self._waiting = waiting
            try:
                async with asyncio.timeout(self._within):
                    await self.line.write(question.pack(), self._within)
                    answer = await waiting
            except TimeoutError:
                self._service.count("timeouts")
                raise DeviceError(ErrorKind.TIMEOUT, DEVICE, "The pad does not answer.", "TIMEOUT") from None
            except DeviceError as error:
                raise DeviceError(error.kind, DEVICE, error.hint, error.native) from error
            finally:
                self._waiting = None
        if answer.kind is Kind.ERROR:
            code = errno.errorcode.get(answer.report[0] if answer.report else 0, "EIO")
            raise DeviceError(ErrorKind.UNSUPPORTED, DEVICE, f"The pad refuses report {question.report[0]:#04x}.", code)
        return answer.report

    async def _listen(self) -> None:
        while True:
            data = b""
            try:
                data = await self.line.read(_CHUNK, _HALF if self._opener.pending else _IDLE)
            except DeviceError as error:
                if error.kind is not ErrorKind.TIMEOUT:
                    self._fail(error)
                    self._on_loss(error)
                    return
            before = self._opener.bad
            if not data:
                self._opener.silence()
            for envelope in self._opener.feed(data):
                self._take(envelope)
            self._service.count("bad_answers", self._opener.bad - before)

    def _take(self, envelope: Envelope) -> None:
        if envelope.kind is Kind.INPUT:
            self._on_input(envelope.report)
        elif envelope.kind in (Kind.FEATURE, Kind.ERROR) and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(envelope)
        else:
            self._service.count("bad_answers")  # not asked for

    def _fail(self, error: DeviceError) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
