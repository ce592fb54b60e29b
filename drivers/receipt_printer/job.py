"""Sending one job and finding out how it ended.

ESC/POS has no acknowledgement for "printed". The end is taken from the best the machine offers: the process id response
(GS ( H, newer Epson), else a request that is answered in the order of printing (GS r, ESC v), else the time the paper
needs and a clean state after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import structlog

from drivers.receipt_printer.options import PrinterOptions
from drivers.receipt_printer.status import Readings, StatusReader
from drivers.receipt_printer.ticket import DOTS_PER_MM, Piece, Ticket
from drivers.service import Service
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind

log = structlog.get_logger(__name__)

_CHUNK = 1024
_LISTEN_S = 0.25
_CUT_S = 1.0
_CUT_OFF = b"\x18\x1b@\x1bd\x06\x1dV\x00"
"""CAN and ESC @ (throw away what stands in the line and in page mode), feed past the knife, cut."""
_CUT_OFF_DOTS = 6 * 30
_ASK_AGAIN = 3
"""How often an end mark that does not come is asked for once more: its answer may have been lost on the line."""


class JobRunner:
    """Runs jobs on an open line, one at a time. `marks`: whether the printer answers GS r; None when not known yet."""

    def __init__(
        self,
        transport: ByteTransport,
        reader: StatusReader,
        options: PrinterOptions,
        device: str = "receipt_printer",
        service: Service | None = None,
    ) -> None:
        self.marks: bool | None = None
        self._service = service or Service(lambda: None)
        self._fed = 0
        """Dots sent that make no whole millimetre yet."""
        self._transport = transport
        self._reader = reader
        self._options = options
        self._device = device
        self._jobs = 0
        self._debris: int | None = None

    async def learn(self, readings: Readings) -> None:
        """Learn whether the printer answers GS r and tells of changes by itself (GS a); only while it is idle and well, because the
        answers are queued, and after a job that broke off they would be part of its last command."""
        well = readings.heard and readings.trouble() is None
        if self._reader.automatic is None and self._options.status == "realtime" and well and self._debris is None:
            await self._reader.switch_on()
        if self.marks is not None:
            return
        if self._options.status == "esc_v":
            self.marks = True
        elif self._options.status == "none" or self._options.end != "auto":
            self.marks = False
        elif well:
            self.marks = await self._reader.answers_gs_r()

    async def run(self, ticket: Ticket) -> None:
        """Send all of `ticket` and wait for its end.

        Raises DeviceError when the end is not known to be good. From the first byte on that means: uncertain.
        """
        now = asyncio.get_running_loop().time
        started = now()
        first, *rest = ticket.pieces  # ESC @, and what belongs to it
        pieces = (*self._left_over(), first, Piece(self._reader.switching_on), *rest)
        # Should this job break off, a command may have been cut short anywhere in it.
        self._debris = max(len(piece.data) for piece in pieces)
        await self._send(pieces, started + self._options.job_s)
        printed = asyncio.get_running_loop().time() + ticket.mm / self._options.speed_mm_s + _CUT_S
        match self._options:
            case PrinterOptions(status="none"):
                self._debris = None  # all bytes were taken; more is never known on this line
                raise DeviceError(
                    ErrorKind.UNSUPPORTED, self._device, "This line cannot tell whether the slip came out."
                )
            case PrinterOptions(end="process_id"):
                self._jobs += 1
                number = b"%04d" % (self._jobs % 10000)
                end = started + self._options.job_s
                await self._await_mark(b"\x1d(H\x06\x0000" + number, b"\x37\x22" + number, printed, end)
            case _ if self.marks:
                await self._await_mark(self._mark_request, None, printed, started + self._options.job_s)
            case _:
                await self._await_time(started + ticket.mm / self._options.speed_mm_s + _CUT_S)
        await self._await_clean(started + self._options.job_s)
        self._debris = None

    async def forget_broken(self) -> None:
        """Before the next job: what the printer still holds of one that broke off belongs to somebody who has gone.

        DLE DC4 8 throws it away. Where the printer does not know that, it comes out before the next slip, as a piece of its own:
        `_left_over` cuts it off. Raises DeviceError when the line is gone, or does not take the command.
        """
        if self._debris is not None and self._options.status == "realtime" and not await self._reader.clear_buffers():
            log.info("buffers_not_cleared", device=self._device)

    async def clear(self) -> None:
        """Cut off what a job that broke off has left, so that the next one begins like after power-up. Raises DeviceError."""
        await self.forget_broken()
        until = asyncio.get_running_loop().time() + self._options.stall_s
        await self._send((*self._left_over(), Piece(b"\x1b@" + self._reader.switching_on)), until)
        if self.marks:
            await self._await_mark(self._mark_request, None, until, until)
        self._debris = None

    @property
    def _mark_request(self) -> bytes:
        return b"\x1bv" if self._options.status == "esc_v" else b"\x1dr\x01"

    def _left_over(self) -> tuple[Piece, ...]:
        """After a job that broke off: complete the command that was cut short (NUL prints nothing), cut its paper off."""
        return () if self._debris is None else (Piece(b"\x00" * self._debris + _CUT_OFF, _CUT_OFF_DOTS, cuts=True),)

    async def _send(self, pieces: Sequence[Piece], until: float) -> None:
        now = asyncio.get_running_loop().time
        asked = now()
        self._reader.forget_marks()
        for chunk, whole, done in _chunks(pieces):
            await self._flow()
            await self._transport.write(chunk, self._options.stall_s)
            self._count(done)
            self._reader.listen_now()
            if now() > until:
                raise self._late()
            # Between two commands only: inside picture data a request would shift the dots.
            due = now() - asked >= self._options.poll_s or self._reader.take_news()
            if whole and self._options.status == "realtime" and due:
                self._raise_on(await self._reader.read())
                asked = now()

    def _count(self, pieces: Sequence[Piece]) -> None:
        whole, self._fed = divmod(self._fed + sum(piece.dots for piece in pieces), DOTS_PER_MM)
        self._service.count("mm_printed", whole)
        self._service.count("cuts", sum(piece.cuts for piece in pieces))

    async def _flow(self) -> None:
        """Wait while the printer holds us up with XOFF. Raises TIMEOUT after `stall_s`."""
        now = asyncio.get_running_loop().time
        until = now() + self._options.stall_s
        self._reader.listen_now()
        while self._reader.paused:
            if (left := until - now()) <= 0:
                raise self._held()
            await self._reader.listen(left)

    async def _await_mark(self, request: bytes, block: bytes | None, printed: float, until: float) -> None:
        """Send the end mark and wait for its answer, watching the state meanwhile.

        Where none comes although the paper must be out by now (`printed`), it is asked for again: the answer to a later mark says of
        all before it as much. Marks follow each other at once, so that none is left over for the next job.
        """
        now = asyncio.get_running_loop().time
        await self._flow()
        await self._transport.write(request, self._options.stall_s)
        asked, misses, again, at = now(), 0, 0, max(printed, now() + 2 * self._options.poll_s)
        while not self._reader.has_mark(block):
            if now() > until:
                raise self._late()
            await self._reader.listen(_LISTEN_S)
            if again < _ASK_AGAIN and now() > at and not self._reader.paused and not self._reader.has_mark(block):
                again, at = again + 1, now() + 2 * self._options.poll_s
                self._service.count("retries")
                await self._transport.write(request, self._options.stall_s)
            due = now() - asked >= self._options.poll_s or self._reader.take_news()
            if self._options.status == "realtime" and due:
                readings = await self._reader.read()
                misses = 0 if readings.heard else misses + 1
                if misses >= 2:
                    raise self._mute()
                self._raise_on(readings)
                asked = now()

    async def _await_time(self, until: float) -> None:
        now = asyncio.get_running_loop().time
        while (left := until - now()) > 0:
            await asyncio.sleep(min(left, self._options.poll_s))
            self._raise_on(await self._reader.read())

    async def _await_clean(self, until: float) -> None:
        """The state after the job decides: every byte of it must have been answered, and well."""
        now = asyncio.get_running_loop().time
        if self._options.status == "esc_v":
            mark = self._reader.last_mark()
            if mark is None or mark & 0x0C:
                raise DeviceError(ErrorKind.SUPPLY_OUT, self._device, "The paper ran out during the job.")
            return
        misses = 0
        while True:
            readings = await self._reader.read()
            self._raise_on(readings)
            if readings.heard and readings.trouble() is None:
                return
            misses = 0 if readings.heard else misses + 1
            if misses >= 2:
                raise self._mute()
            if now() > until:
                found = readings.trouble()
                raise self._late() if found is None else DeviceError(found[0], self._device, found[1])
            await asyncio.sleep(_LISTEN_S)

    def _raise_on(self, readings: Readings) -> None:
        """Trouble that somebody must mend ends the wait; trouble that passes by itself does not."""
        found = readings.trouble()
        if found is not None and not readings.passing:
            raise DeviceError(found[0], self._device, found[1])

    def _late(self) -> DeviceError:
        return DeviceError(ErrorKind.TIMEOUT, self._device, f"The job did not end within {self._options.job_s:g} s.")

    def _held(self) -> DeviceError:
        return DeviceError(ErrorKind.TIMEOUT, self._device, "The printer holds the line (XOFF).")

    def _mute(self) -> DeviceError:
        if self._reader.paused:
            return self._held()
        return DeviceError(ErrorKind.OFFLINE, self._device, "The printer stopped answering during the job.")


def _chunks(pieces: Sequence[Piece]) -> Iterator[tuple[bytes, bool, list[Piece]]]:
    """About 1 KB to write at once, whether it ends between two commands, and the commands that are complete with it."""
    waiting, done = b"", list[Piece]()
    for piece in pieces:
        if waiting and len(waiting) + len(piece.data) > _CHUNK:
            yield waiting, True, done
            waiting, done = b"", []
        waiting += piece.data
        while len(waiting) > _CHUNK:
            yield waiting[:_CHUNK], False, done
            waiting, done = waiting[_CHUNK:], []
        done.append(piece)
    if waiting:
        yield waiting, True, done
