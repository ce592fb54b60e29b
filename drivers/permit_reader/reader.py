"""The reader of the permit's chip: one reading at a time, a watchdog over each, and a status that stays true."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from drivers.link_state import LinkState
from drivers.permit_reader.apdu import OK
from drivers.permit_reader.channel import DEVICE, CardChannel, ServiceAnswer, Slot, trouble
from drivers.permit_reader.ciphers import key_seed
from drivers.permit_reader.conversation import Conversation
from drivers.permit_reader.exam import examine
from drivers.permit_reader.files import APPLICATION
from drivers.permit_reader.habits import Habits
from drivers.permit_reader.procedure import read_chip
from drivers.service import Service
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit import ChipData, ChipKey
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person

ANSWER_TIMEOUT = 5.0
READ_TIMEOUT = 20.0
SERVICE_TIMEOUT = 2.0
_NO_FAULT_OF_THE_CARD = (ErrorKind.NO_MEDIA, ErrorKind.OFFLINE, ErrorKind.NOT_OPEN, ErrorKind.BUSY, ErrorKind.CONFIG)


@dataclass(frozen=True, slots=True)
class CardTrial:
    """A card that was switched on, and its answer to the selection of the travel document application."""

    atr: bytes
    status: int
    seconds: float
    """Of that one exchange."""

    @property
    def selected(self) -> bool:
        return self.status == OK


class PermitChipReader:
    """Implements `kiosk.ports.permit.PermitReader` over any channel.

    `answer_timeout`: seconds one answer of the chip may take; `read_timeout`: seconds a whole reading may take once a chip was found.
    `entropy` gives random bytes.
    """

    device_id = DEVICE

    def __init__(
        self,
        channel: CardChannel,
        *,
        driver: str = "icao",
        answer_timeout: float = ANSWER_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.driver = driver
        self.simulated = channel.simulated
        self._channel = channel
        self._answer_timeout = answer_timeout
        self._read_timeout = read_timeout
        self._entropy = entropy
        self._lock = asyncio.Lock()
        self.service = Service(self.status)
        self._state = LinkState(DEVICE, channel, self.service.tell)
        self._heals = False
        """What has put it out of order is over as soon as the channel is up again."""
        channel.attend(self.service, self._noticed)

    # --- life -----------------------------------------------------------------------------------------------------

    @property
    def capabilities(self) -> Mapping[str, object]:
        return {"access": ("pace", "bac"), "groups": ("DG1", "DG2", "DG11"), "line": self._channel.name}

    async def open(self) -> None:
        """Raises OFFLINE (no reader, no PC/SC service), CONFIG (the machine lacks the library)."""
        self._state.wanted = True
        async with self._turn():
            pass

    async def close(self) -> None:
        self._state.wanted = self._state.connected = False
        await self._channel.close()
        self._state.note(Link.CLOSED)

    def status(self) -> DeviceStatus:
        slot = self._channel.slot()
        state, detail, why = self._state.link, self._state.detail, self._state.trouble
        if self._state.wanted and self._state.connected and not slot.up and state in (Link.READY, Link.DEGRADED):
            state, detail, why = Link.OFFLINE, slot.detail, ErrorKind.OFFLINE
        return DeviceStatus(state, {"field": slot.media.value}, detail, why)

    def _noticed(self) -> None:
        """The channel's slot has become another: a card came or went, the reader or its service was lost or is back."""
        state = self._state
        lost = state.wanted and self._heals and state.link in (Link.OFFLINE, Link.FAULT)
        if lost and not self._lock.locked() and self._channel.slot().up:
            state.connected = True
            state.note(Link.READY)
        self.service.tell()

    async def check(self) -> DeviceStatus:
        """Whether the reader and the service are there; the card is left alone."""
        if self._state.wanted and not self._lock.locked():
            try:
                async with self._turn():
                    await self._channel.ask_service(SERVICE_TIMEOUT)
            except DeviceError:
                return self.status()  # `_turn` has put it into the status
        return self.status()

    async def wait_return(self) -> None:
        await self._channel.wait_return()

    # --- for the technician ---------------------------------------------------------------------------------------

    def counters(self) -> Mapping[str, int]:
        return self.service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self.service.listen(changed)

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        return await examine(self, level, person)

    async def reset(self) -> None:
        """Begin anew with the service, and switch a card that lies there off and on. Raises DeviceError."""
        async with self._turn():
            await self._channel.restart()

    @property
    def slot(self) -> Slot:
        """Reader and field, as far as known without asking."""
        return self._channel.slot()

    async def ask_service(self) -> ServiceAnswer:
        """Raises DeviceError: what the service does not answer."""
        async with self._turn():
            return await self._channel.ask_service(SERVICE_TIMEOUT)

    async def try_card(self, deadline: float) -> CardTrial:
        """Switch a card on, select the travel document application, switch it off; nothing is read from it. Raises as `read` does."""
        async with self._turn():
            now = asyncio.get_running_loop().time
            try:
                atr = await self._channel.connect(deadline)
                talk, habits, asked = Conversation(self._channel, self._answer_timeout), Habits(), now()
                answer = await talk.send(habits.select(0x04, APPLICATION))
                took = now() - asked
                if habits.learn_selection(answer.sw):
                    answer = await talk.send(habits.select(0x04, APPLICATION))
                return CardTrial(atr, answer.sw, took)
            finally:
                await self._channel.release()

    # --- reading --------------------------------------------------------------------------------------------------

    async def read(self, key: ChipKey, deadline: float) -> ChipData:
        async with self._turn():
            self._state.note(Link.BUSY)
            _require_usable(key)
            try:
                await self._channel.connect(deadline)
                async with asyncio.timeout(self._read_timeout):
                    data = await read_chip(
                        self._channel, key, answer_timeout=self._answer_timeout, entropy=self._entropy
                    )
                self.service.count("reads")
                return data
            except TimeoutError:
                self.service.count("failed_reads")
                hint = f"Reading the chip took more than {self._read_timeout:g} s."
                raise trouble(ErrorKind.TIMEOUT, hint, "WATCHDOG") from None
            except DeviceError as error:
                self.service.count("failed_reads", int(error.kind not in _NO_FAULT_OF_THE_CARD))
                self.service.count("bad_answers", int(error.native == "SM"))
                raise
            finally:
                await self._channel.release()

    # --- inside ---------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One caller at a time, on a channel that is up (reopened if it was lost); keeps the status true whatever happens."""
        async with self._lock:
            try:
                await self._ensure_up()
                yield
            except DeviceError as error:
                self._note_error(error)
                raise
            except BaseException:
                self._state.broken_off()
                raise
            self._state.note(Link.READY)

    async def _ensure_up(self) -> None:
        if not self._state.wanted:
            raise trouble(ErrorKind.NOT_OPEN, "The reader is not open.")
        if self._state.connected and self._channel.slot().up:
            return
        if self._state.link is Link.CLOSED:
            self._state.note(Link.OPENING)
        self._state.connected = False
        await self._channel.open()
        self.service.count("opens")
        self._state.connected = True

    def _note_error(self, error: DeviceError) -> None:
        self.service.count("timeouts", int(error.kind is ErrorKind.TIMEOUT))
        self._heals = error.kind in (ErrorKind.OFFLINE, ErrorKind.TIMEOUT)
        match error.kind:
            case ErrorKind.OFFLINE | ErrorKind.NOT_OPEN | ErrorKind.PERMISSION:
                self._state.connected = False
                self._state.note(Link.OFFLINE, error.hint, error.kind)
            case ErrorKind.TIMEOUT | ErrorKind.CONFIG:
                self._state.connected = False  # the channel is brought up anew before it is used again
                self._state.note(Link.FAULT, error.hint, error.kind)
            case ErrorKind.BUSY:
                self._state.note(Link.DEGRADED, error.hint, error.kind)
            case _:  # about the card, not about the reader
                self._state.note(Link.READY)


def _require_usable(key: ChipKey) -> None:
    """A key with characters no line has opens no chip."""
    try:
        key_seed(key)
    except (ValueError, UnicodeError):
        raise trouble(ErrorKind.MEDIA_BAD, "The key has characters that no line has.", "KEY") from None
