"""A connection with a SAM: opened when it is needed, at whatever speed it speaks; its status kept true whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from drivers.id_card.link import SamvLink, refusal
from drivers.id_card.samv import BAUD_COMMANDS, SW3, Answer, Command, sam_id_text
from drivers.link_state import LinkState
from drivers.service import Service
from drivers.transport.base import BaudLine, ByteTransport, TellsLoss
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link

_PROBE_TIMEOUT = 0.5  # per baud rate tried; a status answer takes 15 bytes
_UP = (Link.READY, Link.BUSY, Link.DEGRADED)
_SAM_STATES: dict[int, str] = {
    SW3.DONE: "ok",
    SW3.SELF_TEST_FAILED: "selftest_failed",
    SW3.UNAUTHORISED: "unauthorised",
}
log = structlog.get_logger(__name__)


class SamvSession:
    """`turn()` gives one caller at a time a SAM that answers; `link` is for the holder of the turn. Counters and listeners are in
    `service`, the state of the line in `state`."""

    def __init__(self, device_id: str, line: ByteTransport, header_timeout: float, body_timeout: float) -> None:
        self._device_id = device_id
        self.line = line
        self.service = Service(self.status)
        self.link = SamvLink(line, header_timeout, body_timeout, self.service.count)
        self.state = LinkState(device_id, line, self.service.tell)
        self.sam_id = "unknown"
        self.sam = "unknown"
        self.field = "unknown"
        """What lies on the reader; kept by whoever has the turn."""
        self.read_card_lies = False
        """The card that was read has not been seen to leave."""
        self._lock = asyncio.Lock()
        if isinstance(line, TellsLoss):
            line.on_loss(self._line_lost)

    def status(self) -> DeviceStatus:
        state = self.state
        return DeviceStatus(state.link, {"field": self.field, "sam": self.sam}, state.detail, state.trouble)

    async def close(self) -> None:
        self.state.wanted = self.state.connected = False
        await self.line.close()
        self.field = self.sam = "unknown"
        self.state.note(Link.CLOSED)

    @asynccontextmanager
    async def turn(self, *, anew: bool = False) -> AsyncIterator[None]:
        """One caller at a time, on a line that is up (reopened if it was lost, or `anew`); keeps the status true whatever happens."""
        async with self._lock:
            try:
                if anew:
                    self.state.connected = False
                await self._ensure_connected()
                yield
            except DeviceError as error:
                self._note_error(error)
                raise DeviceError(error.kind, self._device_id, error.hint, error.native) from error
            except BaseException:
                self.state.broken_off()
                self.service.tell()
                raise
            self.state.note(Link.READY)

    async def _ensure_connected(self) -> None:
        if not self.state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, self._device_id, "The reader is not open.")
        if self.state.connected:
            return
        if self.state.link is Link.CLOSED:
            self.state.note(Link.OPENING)
        self.field, self.read_card_lies = "unknown", False
        await self.line.open()
        self.link.begin()
        try:
            self.judge(await self._greet())
            await self._learn_sam_id()
        except BaseException:
            await self.line.close()
            raise
        self.state.connected = True
        self.service.count("opens")

    async def _greet(self) -> Answer:
        """First answer of the SAM, at whatever speed it speaks."""
        try:
            return await self.link.ask(Command.STATUS)
        except DeviceError as error:
            if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL):
                raise
            silence = error
        for baud in self._speeds():
            if isinstance(self.line, BaudLine) and baud is not None:
                self.line.set_baud(baud)
            try:
                answer = await self.link.ask(Command.STATUS, header_timeout=_PROBE_TIMEOUT)
            except DeviceError as error:
                if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL):
                    raise
            else:
                log.info("id_reader_greeted", baud=baud)
                return answer
        raise silence

    def _speeds(self) -> tuple[int | None, ...]:
        """What to try after silence: the same line again, then each other speed, and at last back to the configured one."""
        if not isinstance(self.line, BaudLine):
            return (None,)
        configured = self.line.baud
        return (*(baud for baud in BAUD_COMMANDS if baud != configured), configured)

    async def _learn_sam_id(self) -> None:
        """Good to know for the technician, and never a reason not to work."""
        self.sam_id = "unknown"
        try:
            answer = await self.link.ask(Command.SAM_ID)
            if answer.sw3 == SW3.DONE:
                self.sam_id = sam_id_text(answer.data)
        except DeviceError as error:
            if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL):
                raise
            log.info("id_reader_without_sam_id", native=error.native)

    def judge(self, answer: Answer) -> None:
        self.sam = _SAM_STATES.get(answer.sw3, "unknown")
        if answer.sw3 != SW3.DONE:
            raise refusal(answer, self._device_id)

    # --- status ---------------------------------------------------------------------------------------------------

    def _note_error(self, error: DeviceError) -> None:
        match error.kind:
            case ErrorKind.OFFLINE | ErrorKind.PERMISSION | ErrorKind.BUSY | ErrorKind.NOT_OPEN:
                self.state.connected = False
                self.field = self.sam = "unknown"
                self.lost(error.kind, error.hint)
            case ErrorKind.TIMEOUT:
                self.field = "unknown"
                self.lost(error.kind, error.hint)
            case ErrorKind.HARDWARE | ErrorKind.CONFIG:
                self.sam = _SAM_STATES.get(_native_sw3(error), self.sam)
                self.state.note(Link.FAULT, error.hint, error.kind)
            case ErrorKind.PROTOCOL:
                self.state.note(Link.DEGRADED, error.hint, error.kind)
            case _:  # about the card, not about the reader
                if error.kind is ErrorKind.MEDIA_REMOVED:
                    self.field = "empty"
                self.state.note(Link.READY)

    def _line_lost(self) -> None:
        """The line ended while nobody used it; who holds the turn finds out by himself."""
        if self.state.connected and not self._lock.locked():
            hint = f"The other side of {self.line.name} hung up."
            self._note_error(DeviceError(ErrorKind.OFFLINE, self._device_id, hint))

    def lost(self, kind: ErrorKind, hint: str) -> None:
        if self.state.link in _UP:
            self.service.count("losses")
        self.state.note(Link.OFFLINE, hint, kind)


def _native_sw3(error: DeviceError) -> int:
    """From `SW3=66`; -1 where the error does not come from a status code."""
    return int(error.native[4:6], 16) if error.native.startswith("SW3=") else -1
