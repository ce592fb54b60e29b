"""The printer's state, asked for byte by byte. Silence is *unknown*, never "ok".

Requests: DLE EOT 1-4 (real time, answered even when the paper is out), or ESC v on cheap clones (paper only, answered in
the order of printing). An answer is believed only when it stands alone: a late or stale one makes us ask again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from drivers.receipt_printer.answers import Answer, AnswerParser, Kind
from drivers.receipt_printer.options import StatusMethod
from drivers.receipt_printer.realtime import CLEAR
from drivers.service import Service
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link

_ATTEMPTS = 2
_FULL_HEAD, _FULL_SIZE = b"\x10\x0f", 6
_ASB_ON = b"\x1da\x0e"
"""GS a: tell of the panel and offline, of errors, of the paper. Not of the drawer's contact, which is open in a kiosk. A machine that does
not know the command prints nothing for these bytes."""
_CLEARED = b"\x37\x25"
_STRAY_S = 0.05
"""After a silence, how long to look for an answer that belongs to an earlier question."""


@dataclass(frozen=True, slots=True)
class Readings:
    """The four DLE EOT bytes as they came; None where nothing came."""

    printer: int | None = None
    cause: int | None = None
    error: int | None = None
    paper_end: int | None = None
    full: bytes | None = None
    """The full status of a printer with a presenter: paper, user, recoverable and unrecoverable errors."""
    presents: bool = False
    """The printer has a presenter, whether it tells of it now or not."""

    @property
    def heard(self) -> bool:
        """Enough was answered to say anything: the printer itself and its paper."""
        return self.printer is not None and self.paper_end is not None

    @property
    def offline(self) -> bool:
        return _bit(self.printer, 3)

    @property
    def paper(self) -> str:
        if (self.paper_end is not None and self.paper_end & 0x60) or _bit(self.cause, 5):
            return "out"
        if self.paper_end is None:
            return "unknown"
        return "low" if self.paper_end & 0x0C else "full"

    @property
    def cover(self) -> str:
        return "unknown" if self.cause is None else "open" if _bit(self.cause, 2) else "closed"

    @property
    def cutter(self) -> str:
        return "unknown" if self.error is None else "jammed" if _bit(self.error, 3) else "ok"

    @property
    def head(self) -> str:
        return "unknown" if self.error is None else "hot" if _bit(self.error, 6) else "ok"

    @property
    def presenter(self) -> str:
        if self.full is None:
            return "unknown"
        if self.full[2] & 0x40:
            return "jammed"
        return "not_taken" if self.full[0] & 0x20 else "clear"

    @property
    def parts(self) -> dict[str, str]:
        parts = {"paper": self.paper, "cover": self.cover, "cutter": self.cutter, "head": self.head}
        return {**parts, "presenter": self.presenter} if self.presents else parts

    @property
    def passing(self) -> bool:
        """Trouble that ends by itself: a hot head cools down, a feed button is let go."""
        found = self.trouble()
        return found is not None and (found[0] is ErrorKind.OFFLINE or found[1] == _HOT)

    def trouble(self) -> tuple[ErrorKind, str] | None:
        """Why the printer cannot print now, the most helpful reason first; None when it can, as far as it says."""
        if self.paper == "out":
            return ErrorKind.SUPPLY_OUT, "The paper is out."
        if self.cover == "open":
            return ErrorKind.COVER_OPEN, "The cover is open."
        if self.cutter == "jammed":
            return ErrorKind.CONSUMABLE_MECH, "The cutter is jammed."
        if self.presenter == "jammed":
            return ErrorKind.MEDIA_JAMMED, "A slip is jammed in the presenter."
        if _bit(self.error, 5):
            return ErrorKind.HARDWARE, "The printer reports an unrecoverable error; switch it off and on."
        if self.head == "hot":
            return ErrorKind.CONSUMABLE_MECH, _HOT
        if _bit(self.error, 2) or _bit(self.cause, 6):
            return ErrorKind.HARDWARE, "The printer reports a mechanical error."
        if self.offline:
            return ErrorKind.OFFLINE, "The printer is switched offline at its panel."
        return None


_HOT = "The print head is too hot; it goes on when it has cooled down."
UNKNOWN = Readings()


def merge(readings: Readings, misses: int) -> DeviceStatus:
    """The status to show for these readings, after `misses` rounds without an answer in a row."""
    if not readings.heard:
        if misses >= 2:
            hint, nothing = "The printer does not answer status requests.", Readings(presents=readings.presents)
            return DeviceStatus(Link.OFFLINE, nothing.parts, hint, ErrorKind.OFFLINE)
        hint = "The printer missed a status request."
        return DeviceStatus(Link.DEGRADED, readings.parts, hint, ErrorKind.TIMEOUT)
    found = readings.trouble()
    if found is not None:
        link = Link.DEGRADED if readings.passing else Link.FAULT
        return DeviceStatus(link, readings.parts, found[1], found[0])
    if readings.paper == "low":
        return DeviceStatus(Link.DEGRADED, readings.parts, "The paper is nearly out.", ErrorKind.SUPPLY_LOW)
    if "unknown" in readings.parts.values():
        hint = "The printer does not report all of its parts."
        return DeviceStatus(Link.DEGRADED, readings.parts, hint, ErrorKind.UNSUPPORTED)
    return DeviceStatus(Link.READY, readings.parts)


class StatusReader:
    """Asks for the state over a line, `answer_s` seconds per question (0.3 s on USB and TCP, 1 s on serial lines).

    Raises DeviceError only when the line itself is gone (OFFLINE, NOT_OPEN, PERMISSION, BUSY); silence gives None.
    """

    def __init__(
        self,
        transport: ByteTransport,
        method: StatusMethod,
        answer_s: float,
        service: Service | None = None,
        *,
        presents: bool = False,
    ) -> None:
        self.method = method
        self._presents = presents
        self._service = service or Service(lambda: None)
        self._transport = transport
        self._answer_s = answer_s
        self._parser = AnswerParser()
        self._suspect = False
        self._marks: list[Answer] = []
        self._news = False
        self.automatic: bool | None = None
        """Whether the printer tells of changes by itself; None when that is not known yet."""

    @property
    def paused(self) -> bool:
        """The printer sent XOFF and no XON since."""
        return self._parser.paused

    def restart(self) -> None:
        """For a line that was just opened."""
        self._parser = AnswerParser()
        self._suspect = self._news = False
        self._marks.clear()
        self.automatic = None

    async def read(self) -> Readings:
        """One round of questions; what was not answered is None."""
        if self.method == "esc_v":
            byte = await self._ask(b"\x1bv", Kind.QUEUED)
            return UNKNOWN if byte is None else _from_esc_v(byte)
        if self.method == "none":
            return UNKNOWN
        first = await self.query(1)
        if first is None:
            return Readings(presents=self._presents)
        four = (first, await self.query(2), await self.query(3), await self.query(4))
        return Readings(*four, await self._full() if self._presents else None, self._presents)

    async def _full(self) -> bytes | None:
        """DLE EOT 20: DLE, 0F and four bytes of any value, so that nothing but their head tells them from other answers."""
        self.listen_now()
        self._parser.reset()
        self._service.count("commands")
        try:
            await self._transport.write(b"\x10\x04\x14", self._answer_s)
        except DeviceError as error:
            if error.kind is not ErrorKind.TIMEOUT:
                raise
            return None
        clock = asyncio.get_running_loop().time
        until = clock() + self._answer_s
        came = b""
        while (left := until - clock()) > 0:
            came += await self._receive(left)
            at = came.find(_FULL_HEAD)
            if at >= 0 and len(came) >= at + _FULL_SIZE:
                self._note(came[:at] + came[at + _FULL_SIZE :])
                return came[at + len(_FULL_HEAD) : at + _FULL_SIZE]
        self._service.count("timeouts")
        return None

    async def query(self, number: int) -> int | None:
        """DLE EOT `number`."""
        for attempt in range(_ATTEMPTS):
            self._service.count("retries", int(attempt > 0))
            byte = await self._ask(bytes((0x10, 0x04, number)), Kind.REALTIME)
            if byte is not None:
                return byte
        return None

    async def answers_gs_r(self) -> bool:
        """True when the printer answers GS r 1, which it does in the order of printing: an end mark for jobs."""
        for _ in range(_ATTEMPTS):
            if await self._ask(b"\x1dr\x01", Kind.QUEUED) is not None:
                return True
        return False

    async def switch_on(self) -> bool:
        """Automatic status, while the printer is idle and well: it answers with its first one, in the order of printing."""
        self.automatic = await self._ask(_ASB_ON, Kind.ASB) is not None
        self._news = False
        return self.automatic

    @property
    def switching_on(self) -> bytes:
        """What a job says after it has set the printer back (ESC @), which may switch the automatic status off; empty: nothing."""
        return _ASB_ON if self.automatic else b""

    def take_news(self) -> bool:
        """Whether an automatic status came since this was last asked."""
        news, self._news = self._news, False
        return news

    async def clear_buffers(self) -> bool:
        """DLE DC4 8: throw away what is in the receive and the print buffer. True when the printer says that it has done so.

        Raises DeviceError when the line is gone, or TIMEOUT when it takes nothing.
        """
        self.forget_marks()
        self._parser.reset()
        self._service.count("commands")
        await self._transport.write(CLEAR, self._answer_s)
        clock = asyncio.get_running_loop().time
        until = clock() + self._answer_s
        while not self.has_mark(_CLEARED) and (left := until - clock()) > 0:
            await self.listen(left)
        return self.has_mark(_CLEARED)

    def forget_marks(self) -> None:
        """Before a job: what came until now, a stray XOFF of an idle printer included, says nothing about it."""
        self.listen_now()
        self._marks.clear()
        self._parser.paused = False

    def has_mark(self, block: bytes | None) -> bool:
        """Whether an end mark has come since `forget_marks`: this block, or for None any queued one-byte answer."""
        if block is not None:
            return any(mark.kind is Kind.BLOCK and mark.data == block for mark in self._marks)
        return any(mark.kind is Kind.QUEUED for mark in self._marks)

    def last_mark(self) -> int | None:
        """The newest queued one-byte answer."""
        return next((mark.data[0] for mark in reversed(self._marks) if mark.kind is Kind.QUEUED), None)

    def listen_now(self) -> None:
        """Take what has come in already (flow control, end marks)."""
        self._note(self._transport.drain())

    async def listen(self, seconds: float) -> None:
        """Wait for something to come in, at most `seconds`."""
        self._note(await self._receive(seconds))

    async def _ask(self, request: bytes, kind: Kind) -> int | None:
        self.listen_now()
        self._parser.reset()
        self._service.count("commands")
        try:
            await self._transport.write(request, self._answer_s)
        except DeviceError as error:
            if error.kind is not ErrorKind.TIMEOUT:
                raise
            self._service.count("timeouts")
            return None
        clock = asyncio.get_running_loop().time
        until = clock() + self._answer_s
        found: list[int] = []
        while not found and (left := until - clock()) > 0:
            found += self._of(kind, self._note(await self._receive(left)))
        if not found:
            self._service.count("timeouts")
            self._suspect = True
            self._parser.give_up()
            return None
        if self._suspect:
            found += self._of(kind, self._note(await self._receive(_STRAY_S)))
        found += self._of(kind, self._note(self._transport.drain()))
        self._suspect = len(set(found)) > 1
        self._service.count("bad_answers", int(self._suspect))
        return None if self._suspect else found[0]

    async def _receive(self, seconds: float) -> bytes:
        try:
            return await self._transport.read(256, seconds)
        except DeviceError as error:
            if error.kind is not ErrorKind.TIMEOUT:
                raise
            return b""

    def _note(self, data: bytes) -> list[Answer]:
        answers = self._parser.feed(data)
        self._news |= any(answer.kind is Kind.ASB for answer in answers)
        self._marks += (answer for answer in answers if answer.kind in (Kind.QUEUED, Kind.BLOCK))
        return answers

    @staticmethod
    def _of(kind: Kind, answers: list[Answer]) -> list[int]:
        return [answer.data[0] for answer in answers if answer.kind is kind]


def _from_esc_v(byte: int) -> Readings:
    """00 = paper there, 0F = none (clones); Epson: bits 0-1 nearly out, bits 2-3 out. Nothing else is known."""
    if byte & 0x0C:
        return Readings(printer=0x12, paper_end=0x72)
    return Readings(printer=0x12, paper_end=0x1E if byte & 0x03 else 0x12)


def _bit(byte: int | None, number: int) -> bool:
    return byte is not None and bool(byte >> number & 1)
