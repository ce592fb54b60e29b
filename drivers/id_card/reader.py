"""ID-card reader with a SAM_V module (GA/T 467-2019): find, select, read, and what to do about everything that may happen.

Timing of the field: a card is looked for every 300 ms, twice each time because some readers answer 80 once after a read;
an answer's head comes within 1.5 s, its body within 2.5 s, and a card once found is read or refused within 6 s.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

from drivers.id_card.link import BODY_TIMEOUT, HEADER_TIMEOUT, SamvLink, refusal
from drivers.id_card.photo import WLT_BYTES, PhotoDecoder
from drivers.id_card.procedure import ReadProcedure
from drivers.id_card.samv import BAUD_COMMANDS, SW3, Answer, Command, sam_id_text
from drivers.id_card.text import CardDataError, parse_addresses, parse_text
from drivers.link_state import LinkState
from drivers.transport.base import BaudLine, ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import CardKind, IdCard
from kiosk.ports.devices import DeviceStatus, Link

WATCHDOG = 6.0
FIND_INTERVAL = 0.3
SETTLE = 0.3
_PROBE_TIMEOUT = 0.5  # per baud rate tried; a status answer takes 15 bytes
_SHORTEST_LOOK = 0.2  # a caller whose deadline is 0 still gets one look at the field
_STILL_THERE = (SW3.DONE, SW3.NO_ITEM)
_SAM_STATES: dict[int, str] = {
    SW3.DONE: "ok",
    SW3.SELF_TEST_FAILED: "selftest_failed",
    SW3.UNAUTHORISED: "unauthorised",
}
log = structlog.get_logger(__name__)


class SamvReader:
    """Implements `kiosk.ports.devices.IdCardReader` over any line. All seconds are constructor parameters, for tests."""

    device_id = "id_card"

    def __init__(
        self,
        line: ByteTransport,
        decoder: PhotoDecoder,
        *,
        driver: str = "samv",
        header_timeout: float = HEADER_TIMEOUT,
        body_timeout: float = BODY_TIMEOUT,
        watchdog: float = WATCHDOG,
        find_interval: float = FIND_INTERVAL,
        settle: float = SETTLE,
    ) -> None:
        self.driver = driver
        self.simulated = line.simulated
        self.capabilities: Mapping[str, object] = {}
        self._line = line
        self._decoder = decoder
        self._link = SamvLink(line, header_timeout, body_timeout)
        self._procedure = ReadProcedure(self._link, self.device_id, settle)
        self._watchdog = watchdog
        self._find_interval = find_interval
        self._lock = asyncio.Lock()
        self._state = LinkState(self.device_id, line)
        self._field = "unknown"
        self._sam = "unknown"
        self._read_card_lies = False

    # --- life -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect, find the speed where the line has one, ask for the SAM's state and number."""
        self._state.wanted = True
        async with self._turn():
            pass

    async def close(self) -> None:
        self._state.wanted = self._state.connected = False
        await self._line.close()
        self._state.note(Link.CLOSED)
        self._field = self._sam = "unknown"

    def status(self) -> DeviceStatus:
        return DeviceStatus(self._state.link, {"field": self._field, "sam": self._sam}, self._state.detail)

    async def check(self) -> DeviceStatus:
        if self._state.wanted:
            try:
                async with self._turn():
                    self._judge_sam(await self._link.ask(Command.STATUS))
            except DeviceError:
                return self.status()  # `_turn` has put it into the status
        return self.status()

    async def set_baud(self, baud: int) -> None:
        """Change the speed of SAM and line; the SAM answers at the old speed. Raises UNSUPPORTED for other lines."""
        if not isinstance(self._line, BaudLine) or baud not in BAUD_COMMANDS:
            raise DeviceError(ErrorKind.UNSUPPORTED, self.device_id, f"This reader cannot be set to {baud} baud.")
        async with self._turn():
            answer = await self._link.ask(BAUD_COMMANDS[baud])
            if answer.sw3 != SW3.DONE:
                raise refusal(answer, self.device_id)
            self._line.set_baud(baud)
            self._judge_sam(await self._link.ask(Command.STATUS))

    # --- cards ----------------------------------------------------------------------------------------------------

    async def wait_card(self, deadline: float) -> IdCard:
        loop = asyncio.get_running_loop()
        end = loop.time() + max(deadline, _SHORTEST_LOOK)
        answers_before, reading = self._link.answers, False
        data = None
        try:
            async with asyncio.timeout_at(end) as limit:
                while data is None:
                    async with self._turn():
                        if await self._find():
                            reading = True
                            limit.reschedule(max(end, loop.time() + self._watchdog))
                            data = await self._read()
                            reading = False
                            limit.reschedule(end)
                    if data is None:
                        await asyncio.sleep(self._find_interval)
                limit.reschedule(None)
        except TimeoutError:
            if reading:
                hint, kind, native = f"Reading took more than {self._watchdog:g} s.", ErrorKind.TIMEOUT, "WATCHDOG"
            elif self._link.answers == answers_before:
                hint, kind, native = "The reader does not answer.", ErrorKind.TIMEOUT, "TIMEOUT"
                self._state.note(Link.OFFLINE, hint)
            else:
                hint, kind, native = f"No card came within {deadline:g} s.", ErrorKind.NO_MEDIA, ""
            raise DeviceError(kind, self.device_id, hint, native) from None
        return await self._decode(*data)

    async def present(self) -> bool:
        async with self._turn():
            return await self._read_card_is_there()

    async def wait_removed(self, deadline: float) -> bool:
        loop = asyncio.get_running_loop()
        answers_before = self._link.answers
        try:
            async with asyncio.timeout_at(loop.time() + max(deadline, _SHORTEST_LOOK)):
                while True:
                    async with self._turn():
                        if not await self._read_card_is_there() and not await self._find():
                            return True
                    await asyncio.sleep(self._find_interval)
        except TimeoutError:
            if self._link.answers == answers_before:
                raise DeviceError(ErrorKind.TIMEOUT, self.device_id, "The reader does not answer.", "TIMEOUT") from None
            return False

    async def read_new_addresses(self) -> tuple[str, ...]:
        """Addresses written to the card after it was issued, usually none; only after `wait_card`, card still there."""
        async with self._turn():
            answer = await self._link.ask(Command.READ_NEW_ADDRESS)
            if answer.sw3 == SW3.NO_ITEM:
                return ()
            if answer.sw3 != SW3.DONE:
                raise refusal(answer, self.device_id)
            try:
                return parse_addresses(answer.data)
            except CardDataError as error:
                raise self._unreadable(error) from None

    # --- inside a turn --------------------------------------------------------------------------------------------

    async def _find(self) -> bool:
        found = await self._procedure.find()
        if found:
            self._read_card_lies = False  # the SAM has begun anew with this card
        # A card that was read and still lies there is not found again by many readers: 80 does not mean empty then.
        self._field = "present" if found else "unknown" if self._read_card_lies else "empty"
        return found

    async def _read(self) -> tuple[bytes, bytes] | None:
        self._state.note(Link.BUSY)
        data = await self._procedure.read()
        self._read_card_lies = data is not None
        if data is None:
            self._field = "empty"
        return data

    async def _read_card_is_there(self) -> bool:
        """30 03 is the presence test: 90 or 91 while the card that was read stays, whatever `find` would say."""
        if not self._read_card_lies:
            return False
        answer = await self._link.ask(Command.READ_NEW_ADDRESS)
        if answer.sw3 in (SW3.SELF_TEST_FAILED, SW3.UNAUTHORISED):
            raise refusal(answer, self.device_id)
        if answer.sw3 not in _STILL_THERE:
            self._read_card_lies = False
            self._field = "empty"
        return self._read_card_lies

    async def _decode(self, text: bytes, photo: bytes) -> IdCard:
        try:
            card = parse_text(text)
        except CardDataError as error:
            raise self._unreadable(error) from None  # the cause would carry the field's content into a traceback
        picture = await self._decoder.decode(photo) if len(photo) == WLT_BYTES else None
        return dataclasses.replace(card, photo=picture)

    def _unreadable(self, error: CardDataError) -> DeviceError:
        return DeviceError(ErrorKind.MEDIA_BAD, self.device_id, f"Unusable data on the card: {error}.", "TEXT")

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One caller at a time, on a line that is up (reopened if it was lost); keeps the status true whatever happens."""
        async with self._lock:
            try:
                await self._ensure_connected()
                yield
            except DeviceError as error:
                self._note_error(error)
                raise DeviceError(error.kind, self.device_id, error.hint, error.native) from error
            except BaseException:
                self._state.broken_off()
                raise
            self._state.note(Link.READY)

    async def _ensure_connected(self) -> None:
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The reader is not open.")
        if self._state.connected:
            return
        if self._state.link is Link.CLOSED:
            self._state.note(Link.OPENING)
        self._field, self._read_card_lies = "unknown", False
        await self._line.open()
        try:
            self._judge_sam(await self._greet())
            await self._learn_sam_id()
        except BaseException:
            await self._line.close()
            raise
        self._state.connected = True

    async def _greet(self) -> Answer:
        """First answer of the SAM, at whatever speed it speaks."""
        try:
            return await self._link.ask(Command.STATUS)
        except DeviceError as error:
            if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL):
                raise
            silence = error
        for baud in self._speeds():
            if isinstance(self._line, BaudLine) and baud is not None:
                self._line.set_baud(baud)
            try:
                answer = await self._link.ask(Command.STATUS, header_timeout=_PROBE_TIMEOUT)
            except DeviceError as error:
                if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL):
                    raise
            else:
                log.info("id_reader_greeted", baud=baud)
                return answer
        raise silence

    def _speeds(self) -> tuple[int | None, ...]:
        """What to try after silence: the same line again, then each other speed, and at last back to the configured one."""
        if not isinstance(self._line, BaudLine):
            return (None,)
        configured = self._line.baud
        return (*(baud for baud in BAUD_COMMANDS if baud != configured), configured)

    async def _learn_sam_id(self) -> None:
        """Good to know for the technician, and never a reason not to work."""
        sam_id = "unknown"
        try:
            answer = await self._link.ask(Command.SAM_ID)
            if answer.sw3 == SW3.DONE:
                sam_id = sam_id_text(answer.data)
        except DeviceError as error:
            if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL):
                raise
            log.info("id_reader_without_sam_id", native=error.native)
        self.capabilities = {
            "sam_id": sam_id,
            "card_kinds": tuple(kind.value for kind in CardKind),
            "new_address": True,
            "photo_decoder": self._decoder.name,
            "line": self._line.name,
            "max_baud": max(BAUD_COMMANDS) if isinstance(self._line, BaudLine) else 0,
        }

    def _judge_sam(self, answer: Answer) -> None:
        self._sam = _SAM_STATES.get(answer.sw3, "unknown")
        if answer.sw3 != SW3.DONE:
            raise refusal(answer, self.device_id)

    # --- status ---------------------------------------------------------------------------------------------------

    def _note_error(self, error: DeviceError) -> None:
        match error.kind:
            case ErrorKind.OFFLINE | ErrorKind.PERMISSION | ErrorKind.BUSY | ErrorKind.NOT_OPEN:
                self._state.connected = False
                self._field = self._sam = "unknown"
                self._state.note(Link.OFFLINE, error.hint)
            case ErrorKind.TIMEOUT:
                self._field = "unknown"
                self._state.note(Link.OFFLINE, error.hint)
            case ErrorKind.HARDWARE | ErrorKind.CONFIG:
                self._sam = _SAM_STATES.get(_native_sw3(error), self._sam)
                self._state.note(Link.FAULT, error.hint)
            case ErrorKind.PROTOCOL:
                self._state.note(Link.DEGRADED, error.hint)
            case _:  # about the card, not about the reader
                if error.kind is ErrorKind.MEDIA_REMOVED:
                    self._field = "empty"
                self._state.note(Link.READY)


def _native_sw3(error: DeviceError) -> int:
    """From `SW3=66`; -1 where the error does not come from a status code."""
    return int(error.native[4:6], 16) if error.native.startswith("SW3=") else -1
