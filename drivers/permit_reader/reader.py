"""The reader of the permit's chip: one reading at a time, a watchdog over each, and a status that stays true."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from drivers.link_state import LinkState
from drivers.permit_reader.channel import DEVICE, CardChannel, trouble
from drivers.permit_reader.ciphers import key_seed
from drivers.permit_reader.procedure import read_chip
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit import ChipData, ChipKey
from kiosk.ports.devices import DeviceStatus, Link

ANSWER_TIMEOUT = 5.0
READ_TIMEOUT = 20.0


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
        self._state = LinkState(DEVICE, channel)

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
        state, detail = self._state.link, self._state.detail
        if self._state.wanted and self._state.connected and not slot.up and state in (Link.READY, Link.DEGRADED):
            state, detail = Link.OFFLINE, slot.detail
        return DeviceStatus(state, {"field": slot.media.value}, detail)

    async def check(self) -> DeviceStatus:
        """Whether the reader and the service are there; the card is left alone."""
        if self._state.wanted and not self._lock.locked():
            try:
                async with self._turn():
                    pass
            except DeviceError:
                return self.status()  # `_turn` has put it into the status
        return self.status()

    # --- reading --------------------------------------------------------------------------------------------------

    async def read(self, key: ChipKey, deadline: float) -> ChipData:
        async with self._turn():
            self._state.note(Link.BUSY)
            _require_usable(key)
            try:
                await self._channel.connect(deadline)
                async with asyncio.timeout(self._read_timeout):
                    return await read_chip(
                        self._channel, key, answer_timeout=self._answer_timeout, entropy=self._entropy
                    )
            except TimeoutError:
                hint = f"Reading the chip took more than {self._read_timeout:g} s."
                raise trouble(ErrorKind.TIMEOUT, hint, "WATCHDOG") from None
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
        self._state.connected = True

    def _note_error(self, error: DeviceError) -> None:
        match error.kind:
            case ErrorKind.OFFLINE | ErrorKind.NOT_OPEN | ErrorKind.PERMISSION:
                self._state.connected = False
                self._state.note(Link.OFFLINE, error.hint)
            case ErrorKind.TIMEOUT | ErrorKind.CONFIG:
                self._state.connected = False  # the channel is brought up anew before it is used again
                self._state.note(Link.FAULT, error.hint)
            case _:  # about the card, not about the reader
                self._state.note(Link.READY)


def _require_usable(key: ChipKey) -> None:
    """A key with characters no line has opens no chip."""
    try:
        key_seed(key)
    except (ValueError, UnicodeError):
        raise trouble(ErrorKind.MEDIA_BAD, "The key has characters that no line has.", "KEY") from None
