"""Sending one job and finding out how it ended.

ESC/POS has no acknowledgement for "printed". The end is taken from the best the machine offers: the process id response
(GS ( H, newer Epson), else a request that is answered in the order of printing (GS r, ESC v), else the time the paper
needs and a clean state after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from drivers.receipt_printer.options import PrinterOptions
from drivers.receipt_printer.status import Readings, StatusReader
from drivers.receipt_printer.ticket import Ticket
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind

_CHUNK = 1024
_LISTEN_S = 0.25
_CUT_S = 1.0
_CUT_OFF = b"\x1b@\x1bd\x06\x1dV\x00"


class JobRunner:
    """Runs jobs on an open line, one at a time. `marks`: whether the printer answers GS r; None when not known yet."""

    def __init__(
        self, transport: ByteTransport, reader: StatusReader, options: PrinterOptions, device: str = "receipt_printer"
    ) -> None:
        self.marks: bool | None = None
        self._transport = transport
        self._reader = reader
        self._options = options
        self._device = device
        self._jobs = 0
        self._debris: int | None = None

    async def find_end_mark(self, readings: Readings) -> None:
        """Learn whether the printer answers GS r; only while it is idle and well, because the answer is queued."""
        if self.marks is not None:
            return
        if self._options.status == "esc_v":
            self.marks = True
        elif self._options.status == "none" or self._options.end != "auto":
            self.marks = False
        elif readings.heard and readings.trouble() is None:
            self.marks = await self._reader.answers_gs_r()

    async def run(self, ticket: Ticket) -> None:
        """Send all of `ticket` and wait for its end.

        Raises DeviceError when the end is not known to be good. From the first byte on that means: uncertain.
        """
        now = asyncio.get_running_loop().time
        started = now()
        segments = (*self._left_over(), *ticket.segments)
        # Should this job break off, a command may have been cut short anywhere in it.
        self._debris = max(len(segment) for segment in segments)
        await self._send(segments, started + self._options.job_s)
        match self._options:
            case PrinterOptions(status="none"):
                self._debris = None  # all bytes were taken; more is never known on this line
                raise DeviceError(
                    ErrorKind.UNSUPPORTED, self._device, "This line cannot tell whether the slip came out."
                )
            case PrinterOptions(end="process_id"):
                self._jobs += 1
                number = b"%04d" % (self._jobs % 10000)
                await self._await_mark(
                    b"\x1d(H\x06\x0000" + number, b"\x37\x22" + number, started + self._options.job_s
                )
            case _ if self.marks:
                request = b"\x1bv" if self._options.status == "esc_v" else b"\x1dr\x01"
                await self._await_mark(request, None, started + self._options.job_s)
            case _:
                await self._await_time(started + ticket.mm / self._options.speed_mm_s + _CUT_S)
        await self._await_clean(started + self._options.job_s)
        self._debris = None

    def _left_over(self) -> tuple[bytes, ...]:
        """After a job that broke off: complete the command that was cut short (NUL prints nothing), cut its paper off."""
        return () if self._debris is None else (b"\x00" * self._debris + _CUT_OFF,)

    async def _send(self, segments: tuple[bytes, ...], until: float) -> None:
        now = asyncio.get_running_loop().time
        asked = now()
        self._reader.forget_marks()
        for chunk, whole in _chunks(segments):
            await self._flow()
            await self._transport.write(chunk, self._options.stall_s)
            self._reader.listen_now()
            if now() > until:
                raise self._late()
            # Between two commands only: inside picture data a request would shift the dots.
            if whole and self._options.status == "realtime" and now() - asked >= self._options.poll_s:
                self._raise_on(await self._reader.read())
                asked = now()

    async def _flow(self) -> None:
        """Wait while the printer holds us up with XOFF. Raises TIMEOUT after `stall_s`."""
        now = asyncio.get_running_loop().time
        until = now() + self._options.stall_s
        self._reader.listen_now()
        while self._reader.paused:
            if (left := until - now()) <= 0:
                raise self._held()
            await self._reader.listen(left)

    async def _await_mark(self, request: bytes, block: bytes | None, until: float) -> None:
        """Send the end mark and wait for its answer, watching the state meanwhile."""
        now = asyncio.get_running_loop().time
        await self._flow()
        await self._transport.write(request, self._options.stall_s)
        asked, misses = now(), 0
        while not self._reader.has_mark(block):
            if now() > until:
                raise self._late()
            await self._reader.listen(_LISTEN_S)
            if self._options.status == "realtime" and now() - asked >= self._options.poll_s:
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


def _chunks(segments: tuple[bytes, ...]) -> Iterator[tuple[bytes, bool]]:
    """Pieces of about 1 KB to write at once, and whether a piece ends between two commands."""
    waiting = b""
    for segment in segments:
        if waiting and len(waiting) + len(segment) > _CHUNK:
            yield waiting, True
            waiting = b""
        waiting += segment
        while len(waiting) > _CHUNK:
            yield waiting[:_CHUNK], False
            waiting = waiting[_CHUNK:]
    if waiting:
        yield waiting, True
