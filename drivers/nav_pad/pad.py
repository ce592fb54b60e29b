"""The tactile pad's driver: keys and the headphone jack from Linux input events, over a device file or any line that carries them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog

from config.nav_pad import KEYS, PadTable
from drivers.link_state import LinkState
from drivers.nav_pad.evdev_line import EvdevLine
from drivers.nav_pad.events import SW_HEADPHONE_INSERT, SYN_DROPPED, EventParser, Type
from drivers.nav_pad.keys import STUCK_AFTER, Keys
from drivers.service import Service
from drivers.transport.arrival import wait_return
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import PadEvent
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person

_CHUNK = 4096
_HALF = 0.1
"""Seconds of silence after which half an event is given up."""
_IDLE = 3600.0
log = structlog.get_logger(__name__)


class EvdevPad:
    """Implements `kiosk.ports.controls.NavPad`, and `Serviced`, `Resettable`, `Returning`. `stuck_after` in seconds, for tests."""

    device_id = "nav_pad"

    def __init__(
        self, line: ByteTransport, table: PadTable, *, driver: str = "evdev", stuck_after: float = STUCK_AFTER
    ) -> None:
        self.driver = driver
        self.simulated = line.simulated
        self.table = table
        self._line = line
        self._service = Service(self.status)
        self._state = LinkState(self.device_id, line, self._service.tell)
        self._parser = EventParser()
        self._news = asyncio.Event()
        self._keys = Keys(table, self._service, self._service.tell, self._news.set, stuck_after=stuck_after)
        self._pump: asyncio.Task[None] | None = None
        self._asked = False
        self._connecting = asyncio.Lock()

    @property
    def capabilities(self) -> Mapping[str, object]:
        keys = tuple(key for key in KEYS if getattr(self.table, key))
        jack = "keys" if self.table.jack_in else "switch"
        return {"line": self._line.name, "keys": keys, "jack": jack, "grabbed": self.grabbed}

    @property
    def input(self) -> EvdevLine | None:
        """The line, where it is an input device that can be asked."""
        return self._line if isinstance(self._line, EvdevLine) and self._line.is_evdev else None

    @property
    def grabbed(self) -> bool:
        return self.input is not None and self.input.grabbed

    # --- life

    async def open(self) -> None:
        """Take the device; what it was is let go. Raises DeviceError OFFLINE, PERMISSION, BUSY, CONFIG."""
        self._state.wanted = True
        if not self._state.connected:
            await self._connect()

    async def close(self) -> None:
        self._state.wanted = False
        await self._disconnect()
        self._keys.forget(everything=True)
        self._state.note(Link.CLOSED)

    def status(self) -> DeviceStatus:
        stuck = self._keys.stuck
        up = self._state.connected
        headphones = {True: "present", False: "absent", None: "unknown"}[self._keys.headphones if up else None]
        parts = {"headphones": headphones, "keys": ("stuck" if stuck else "ok") if up else "unknown"}
        if up and stuck:
            hint = f"A key is held down without end: {', '.join(stuck)}."
            return DeviceStatus(Link.DEGRADED, parts, hint, ErrorKind.HARDWARE)
        if up and self.input is not None and self.input.refusal:
            hint = f"The keys go to the window too: the pad could not be taken for this program alone ({self.input.refusal})."
            kind = ErrorKind.BUSY if self.input.refusal == "EBUSY" else ErrorKind.PERMISSION
            return DeviceStatus(Link.DEGRADED, parts, hint, kind)
        return DeviceStatus(self._state.link, parts, self._state.detail, self._state.trouble)

    async def check(self) -> DeviceStatus:
        """A pad cannot be asked, but the kernel can: what is held down and whether headphones are there."""
        if self._state.wanted:
            if not self._state.connected:
                with suppress(DeviceError):  # it is in the status
                    await self._connect()
            else:
                self._resync()
        return self.status()

    async def reset(self) -> None:
        """Let go of the device and take it again."""
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The pad is not open.")
        await self._disconnect()
        await self._connect()

    async def wait_return(self) -> None:
        await wait_return(self._line)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        from drivers.nav_pad.exam import examine

        return await examine(self, level, person)

    # --- keys

    async def event(self, deadline: float) -> PadEvent:
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The pad is not open.")
        if self._asked:
            raise DeviceError(ErrorKind.BUSY, self.device_id, "The pad is being read already.")
        self._asked = True
        try:
            async with asyncio.timeout(max(deadline, 0.0)):
                while True:
                    if (found := self._keys.fetch()) is not None:
                        return found
                    if not self._state.connected:
                        await self._connect()
                    self._news.clear()
                    await self._news.wait()
                    if not self._state.connected and not self._state.wanted:
                        raise DeviceError(ErrorKind.OFFLINE, self.device_id, "The pad was closed.")
                    if not self._state.connected:
                        raise DeviceError(ErrorKind.OFFLINE, self.device_id, self._state.detail)
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, f"No key was pressed within {deadline:g} s.") from None
        finally:
            self._asked = False

    # --- the line

    async def _connect(self) -> None:
        async with self._connecting:
            if self._state.connected:
                return
            await self._disconnect()
            if self._state.link is Link.CLOSED:
                self._state.note(Link.OPENING)
            try:
                await self._line.open()
            except DeviceError as error:
                self._state.note(Link.OFFLINE, error.hint, error.kind)
                raise DeviceError(error.kind, self.device_id, error.hint, error.native) from error
            except BaseException:
                self._state.broken_off()
                raise
            self._parser = EventParser()
            self._keys.forget()
            self._state.connected = True
            self._service.count("opens")
            self._pump = asyncio.create_task(self._listen(), name="nav-pad-line")
            self._resync()
            self._state.note(Link.READY)

    async def _disconnect(self) -> None:
        pump, self._pump = self._pump, None
        self._state.connected = False
        await self._line.close()
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        self._keys.forget()
        self._news.set()

    async def _listen(self) -> None:
        while True:
            try:
                data = await self._line.read(_CHUNK, _HALF if self._parser.pending else _IDLE)
            except DeviceError as error:
                if error.kind is not ErrorKind.TIMEOUT:
                    self._lost(error)
                    return
                data = b""
            before = self._parser.bad
            if not data:
                self._parser.silence()
            for event in self._parser.feed(data):
                if event.type == Type.SYN and event.code == SYN_DROPPED:
                    self._resync()
                else:
                    self._keys.take(event)
            self._service.count("bad_answers", self._parser.bad - before)

    def _lost(self, error: DeviceError) -> None:
        if not self._state.connected:
            return
        self._state.connected = False
        self._keys.forget()
        self._service.count("losses")
        self._state.note(Link.OFFLINE, error.hint, error.kind)
        self._news.set()

    def _resync(self) -> None:
        device = self.input
        if device is None:
            return
        held = device.held_keys()
        if held is not None:
            self._keys.resync(held)
        able, on = device.codes(Type.SW), device.switches()
        if able is not None and on is not None and SW_HEADPHONE_INSERT in able:
            self._keys.set_headphones(SW_HEADPHONE_INSERT in on)
