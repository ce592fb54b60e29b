"""ID-card reader with a SAM_V module (GA/T 467-2019): find, select, read, and what to do about everything that may happen.

Timing of the field: a card is looked for every 300 ms, twice each time because some readers answer 80 once after a read;
an answer's head comes within 1.5 s, its body within 2.5 s, and a card once found is read or refused within 6 s.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping

from drivers.id_card.link import BODY_TIMEOUT, HEADER_TIMEOUT, refusal
from drivers.id_card.photo import WLT_BYTES, PhotoDecoder
from drivers.id_card.procedure import ReadProcedure
from drivers.id_card.samv import BAUD_COMMANDS, SW3, Command
from drivers.id_card.session import SamvSession
from drivers.id_card.text import CardDataError, parse_addresses, parse_text
from drivers.transport.arrival import wait_return
from drivers.transport.base import BaudLine, ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import CardKind, IdCard
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person

WATCHDOG = 6.0
FIND_INTERVAL = 0.3
SETTLE = 0.3
_SHORTEST_LOOK = 0.2  # a caller whose deadline is 0 still gets one look at the field
_STILL_THERE = (SW3.DONE, SW3.NO_ITEM)


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
        self._decoder = decoder
        self._session = SamvSession(self.device_id, line, header_timeout, body_timeout)
        self._link = self._session.link
        self._service = self._session.service
        self._procedure = ReadProcedure(self._link, self.device_id, settle, self._service.count)
        self._watchdog = watchdog
        self._find_interval = find_interval
        self.read_took: float | None = None
        """Seconds the last card took, from the look that found it."""

    @property
    def capabilities(self) -> Mapping[str, object]:
        line = self._session.line
        return {
            "sam_id": self._session.sam_id,
            "card_kinds": tuple(kind.value for kind in CardKind),
            "new_address": True,
            "photo_decoder": self._decoder.name,
            "line": line.name,
            "max_baud": max(BAUD_COMMANDS) if isinstance(line, BaudLine) else 0,
        }

    # --- life -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect, find the speed where the line has one, ask for the SAM's state and number. Connects anew where all is not well."""
        state = self._session.state
        state.wanted = True
        async with self._session.turn(anew=state.link not in (Link.READY, Link.BUSY)):
            self._session.judge(await self._link.ask(Command.STATUS))

    async def close(self) -> None:
        await self._session.close()

    def status(self) -> DeviceStatus:
        return self._session.status()

    async def check(self) -> DeviceStatus:
        if self._session.state.wanted:
            try:
                async with self._session.turn():
                    self._session.judge(await self._link.ask(Command.STATUS))
            except DeviceError:
                return self.status()  # the turn has put it into the status
        return self.status()

    async def reset(self) -> None:
        """Reset the SAM (10 FF) and connect anew: self-test, number, no card known. Raises DeviceError."""
        async with self._session.turn():
            await self._procedure.recover("RESET")
        async with self._session.turn(anew=True):
            return

    async def wait_return(self) -> None:
        await wait_return(self._session.line)

    # --- service --------------------------------------------------------------------------------------------------

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        from drivers.id_card.exam import examine

        return await examine(self, level, person)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    async def look(self) -> bool:
        """Whether a card lies in the field. Nothing of it is read."""
        async with self._session.turn():
            return await self._find()

    async def set_baud(self, baud: int) -> None:
        """Change the speed of SAM and line; the SAM answers at the old speed. Raises UNSUPPORTED for other lines."""
        if not isinstance(self._session.line, BaudLine) or baud not in BAUD_COMMANDS:
            raise DeviceError(ErrorKind.UNSUPPORTED, self.device_id, f"This reader cannot be set to {baud} baud.")
        async with self._session.turn():
            answer = await self._link.ask(BAUD_COMMANDS[baud])
            if answer.sw3 != SW3.DONE:
                raise refusal(answer, self.device_id)
            self._session.line.set_baud(baud)
            self._session.judge(await self._link.ask(Command.STATUS))

    # --- cards ----------------------------------------------------------------------------------------------------

    async def wait_card(self, deadline: float) -> IdCard:
        loop = asyncio.get_running_loop()
        end = loop.time() + max(deadline, _SHORTEST_LOOK)
        answers_before, reading = self._link.answers, False
        data = None
        try:
            async with asyncio.timeout_at(end) as limit:
                while data is None:
                    async with self._session.turn():
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
                self._service.count("failed_reads")
            elif self._link.answers == answers_before:
                hint, kind, native = "The reader does not answer.", ErrorKind.TIMEOUT, "TIMEOUT"
                self._session.lost(kind, hint)
            else:
                hint, kind, native = f"No card came within {deadline:g} s.", ErrorKind.NO_MEDIA, ""
            raise DeviceError(kind, self.device_id, hint, native) from None
        return await self._decode(*data)

    async def present(self) -> bool:
        async with self._session.turn():
            return await self._read_card_is_there()

    async def wait_removed(self, deadline: float) -> bool:
        loop = asyncio.get_running_loop()
        answers_before = self._link.answers
        try:
            async with asyncio.timeout_at(loop.time() + max(deadline, _SHORTEST_LOOK)):
                while True:
                    async with self._session.turn():
                        if not await self._read_card_is_there() and not await self._find():
                            return True
                    await asyncio.sleep(self._find_interval)
        except TimeoutError:
            if self._link.answers == answers_before:
                raise DeviceError(ErrorKind.TIMEOUT, self.device_id, "The reader does not answer.", "TIMEOUT") from None
            return False

    async def read_new_addresses(self) -> tuple[str, ...]:
        """Addresses written to the card after it was issued, usually none; only after `wait_card`, card still there."""
        async with self._session.turn():
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
            self._session.read_card_lies = False  # the SAM has begun anew with this card
        # A card that was read and still lies there is not found again by many readers: 80 does not mean empty then.
        self._session.field = "present" if found else "unknown" if self._session.read_card_lies else "empty"
        return found

    async def _read(self) -> tuple[bytes, bytes] | None:
        self._session.state.note(Link.BUSY)
        began = asyncio.get_running_loop().time()
        try:
            data = await self._procedure.read()
        except DeviceError:
            self._service.count("failed_reads")
            raise
        self.read_took = asyncio.get_running_loop().time() - began
        self._session.read_card_lies = data is not None
        if data is None:
            self._session.field = "empty"
        return data

    async def _read_card_is_there(self) -> bool:
        """30 03 is the presence test: 90 or 91 while the card that was read stays, whatever `find` would say."""
        if not self._session.read_card_lies:
            return False
        answer = await self._link.ask(Command.READ_NEW_ADDRESS)
        if answer.sw3 in (SW3.SELF_TEST_FAILED, SW3.UNAUTHORISED):
            raise refusal(answer, self.device_id)
        if answer.sw3 not in _STILL_THERE:
            self._session.read_card_lies = False
            self._session.field = "empty"
        return self._session.read_card_lies

    async def _decode(self, text: bytes, photo: bytes) -> IdCard:
        try:
            card = parse_text(text)
        except CardDataError as error:
            self._service.count("failed_reads")
            raise self._unreadable(error) from None  # the cause would carry the field's content into a traceback
        self._service.count("reads")
        picture = await self._decoder.decode(photo) if len(photo) == WLT_BYTES else None
        return dataclasses.replace(card, photo=picture)

    def _unreadable(self, error: CardDataError) -> DeviceError:
        return DeviceError(ErrorKind.MEDIA_BAD, self.device_id, f"Unusable data on the card: {error}.", "TEXT")
