"""The power supply's driver: asks upsd every two seconds, and tells who listens when the mains power goes, returns or the battery ends.

It goes on asking while a citizen is served, and connects again by itself: an outage does not wait for the end of a visit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import structlog

from drivers.link_state import LinkState
from drivers.service import Service
from drivers.transport.arrival import wait_return_or
from drivers.transport.base import ByteTransport
from drivers.ups.link import DEVICE, NutLink, NutRefusal
from drivers.ups.protocol import UNPROTECTED, Supply, number, supply
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Power
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person

ANSWER = 2.0
DEAD = 15.0
"""Seconds without news of a supply that was on battery, after which it counts as empty: what upsmon calls DEADTIME. The network switch
may simply have died before the machine."""
_NOTHING = Supply(Power.UNKNOWN, "unknown", ())
_MODEL = {
    "model": ("device.model", "ups.model"),
    "maker": ("device.mfr", "ups.mfr"),
    "serial": ("device.serial", "ups.serial"),
}
_OPTIONAL = ("battery.charge", "battery.runtime", "ups.load")
log = structlog.get_logger(__name__)


class NutUps:
    """Implements `kiosk.ports.controls.Ups`, and `Serviced`, `Resettable`, `Returning`. Seconds are parameters, for tests."""

    device_id = DEVICE

    def __init__(
        self,
        line: ByteTransport,
        name: str,
        *,
        driver: str = "nut",
        user: str = "",
        password: str = "",
        every: float = 2.0,
        answer: float = ANSWER,
        dead: float = DEAD,
    ) -> None:
        self.driver = driver
        self.simulated = line.simulated
        self.name = name
        self._line = line
        self._login = (user, password)
        self._every, self._dead = every, dead
        self._service = Service(self.status)
        self._link = NutLink(line, self._service.count, answer=answer)
        self._state = LinkState(DEVICE, line, self._service.tell)
        self._lock = asyncio.Lock()
        self._torn = False
        self._watch: asyncio.Task[None] | None = None
        self._supply = _NOTHING
        self._status_words: frozenset[str] = frozenset()
        self._lost_at: float | None = None
        self.values: dict[str, float | None] = {}
        """battery.charge, battery.runtime and ups.load as they were told last; None: the supply does not tell."""
        self._described: dict[str, str] = {}

    @property
    def capabilities(self) -> Mapping[str, object]:
        told = {key: self._described[key] for key in _MODEL if key in self._described}
        runtime = self.values.get("battery.runtime") is not None
        return {
            "line": self._line.name,
            "name": self.name,
            "runtime": runtime,
            "battery_test": bool(self._login[0]),
            **told,
        }

    # --- life

    async def open(self) -> None:
        """Connect, and have a first answer about the supply. Raises DeviceError OFFLINE, TIMEOUT, CONFIG (no such supply), PERMISSION."""
        self._state.wanted = True
        if self._state.link is Link.CLOSED:
            self._state.note(Link.OPENING)
        async with self._turn():
            await self._ask_all()
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._keep_asking(), name="ups-watch")

    async def close(self) -> None:
        self._state.wanted = False
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
        if self._state.connected:
            self._state.connected = False
            with suppress(DeviceError):  # whoever goes does not wait whether the goodbye was heard
                await self._link.goodbye()
        await self._link.close()
        self._supply, self._lost_at = _NOTHING, None
        self._state.note(Link.CLOSED)

    async def reset(self) -> None:
        """Connect anew and ask everything again; a supply itself is not to be reset while it feeds the machine."""
        async with self._turn(anew=True):
            await self._ask_all()

    def status(self) -> DeviceStatus:
        state = self._state
        parts = {"power": self.power().value, "battery": self._supply.battery if self._fresh else "unknown"}
        if state.link is not Link.READY or not self._fresh:
            return DeviceStatus(state.link, parts, state.detail, state.trouble)
        detail = " ".join(self._supply.notes)
        if self._status_words & UNPROTECTED:
            return DeviceStatus(Link.DEGRADED, parts, detail, ErrorKind.HARDWARE)
        if self._supply.power is Power.UNKNOWN:
            return DeviceStatus(
                Link.DEGRADED, parts, "upsd answers, but does not say how the supply is fed.", ErrorKind.OFFLINE
            )
        return DeviceStatus(Link.READY, parts, detail)

    async def check(self) -> DeviceStatus:
        if self._state.wanted:
            with suppress(DeviceError):  # it is in the status
                async with self._turn():
                    await self._ask()
        return self.status()

    async def wait_return(self) -> None:
        await wait_return_or(self._line, lambda: self._state.link is Link.READY, self._service.listen)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        from drivers.ups.exam import examine

        return await examine(self, level, person)

    # --- power

    def power(self) -> Power:
        """Nothing is known of a supply that does not answer; but if it was on battery, its silence is the end of it."""
        if self._fresh:
            return self._supply.power
        if self._supply.power not in (Power.BATTERY, Power.LOW) or self._lost_at is None:
            return Power.UNKNOWN
        if self._supply.power is Power.LOW or asyncio.get_running_loop().time() - self._lost_at >= self._dead:
            return Power.LOW
        return Power.BATTERY

    def runtime_s(self) -> int | None:
        seconds = self.values.get("battery.runtime") if self._fresh else None
        return None if seconds is None else int(seconds)

    def charge(self) -> int | None:
        """Per cent of the battery, where the supply tells."""
        percent = self.values.get("battery.charge") if self._fresh else None
        return None if percent is None else int(percent)

    @property
    def _fresh(self) -> bool:
        return self._state.connected and self._lost_at is None

    # --- what the examination needs

    async def variable(self, name: str) -> str | None:
        """One variable now; None where the supply has none of this name. Raises DeviceError."""
        async with self._turn():
            return await self._variable(name)

    async def commands(self) -> frozenset[str]:
        """What the supply can be told to do. Raises DeviceError."""
        async with self._turn(about_supply=False):
            return frozenset(row[0] for row in await self._link.table("CMD", self.name) if row)

    async def command(self, name: str) -> None:
        """Raises DeviceError, PERMISSION without a user who may."""
        async with self._turn(about_supply=False):
            await self._link.ask("INSTCMD", self.name, name)

    # --- inside a turn

    async def _ask_all(self) -> None:
        rows = await self._link.table("VAR", self.name)
        told = {row[0]: row[1] for row in rows if len(row) > 1}
        for key, names in _MODEL.items():
            found = next((told[name].strip() for name in names if told.get(name, "").strip()), "")
            if found:
                self._described[key] = found
        await self._ask()

    async def _ask(self) -> None:
        status = await self._link.ask("GET", "VAR", self.name, "ups.status", echo=3)
        self.values = {name: number(await self._variable(name)) for name in _OPTIONAL}
        text = status[0] if status else ""
        before, self._supply = self._supply, supply(text)
        self._status_words = frozenset(text.upper().split())
        self._lost_at = None
        if before.power is not self._supply.power:
            log.info("power_changed", found=self._supply.power.value, seconds=self.runtime_s())

    async def _variable(self, name: str) -> str | None:
        try:
            answer = await self._link.ask("GET", "VAR", self.name, name, echo=3)
        except NutRefusal as refusal:
            if refusal.word == "VAR-NOT-SUPPORTED":
                return None
            raise
        return answer[0] if answer else None

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            with suppress(DeviceError):  # it is in the status, and asked again
                async with self._turn():
                    # A driver of upsd that has only begun knows nothing yet, not even which supply it is.
                    await (self._ask() if self._described else self._ask_all())
            self._service.tell()  # time alone changes what silence means

    @asynccontextmanager
    async def _turn(self, *, anew: bool = False, about_supply: bool = True) -> AsyncIterator[None]:
        """One question at a time, on a line that is up (connected again where it was lost, or `anew`). A refusal of what is asked
        `about_supply` means that nothing is known of it any more."""
        async with self._lock:
            if not self._state.wanted:
                raise DeviceError(ErrorKind.NOT_OPEN, DEVICE, "The supply is not open.")
            try:
                if anew or self._torn or not self._state.connected:
                    await self._connect()
                yield
            except NutRefusal as refusal:
                if about_supply:
                    self._lose(refusal)
                raise
            except DeviceError as error:
                await self._link.close()  # what comes late must not be taken for another answer
                self._lose(error, hung_up=True)
                raise DeviceError(error.kind, DEVICE, error.hint, error.native) from error
            except BaseException:
                self._torn = True  # broken off in the middle of an answer, whose rest must not be taken for another
                self._state.broken_off()
                raise
            if self._lost_at is None:
                self._state.note(Link.READY)

    async def _connect(self) -> None:
        await self._link.open()
        self._torn = False
        user, password = self._login
        if user:
            await self._link.ask("USERNAME", user)
            await self._link.ask("PASSWORD", password)
        self._state.connected = True
        self._service.count("opens")

    def _lose(self, error: DeviceError, *, hung_up: bool = False) -> None:
        if self._fresh and self._state.link is Link.READY:
            self._service.count("losses")
        if self._lost_at is None:
            self._lost_at = asyncio.get_running_loop().time()
        if hung_up:
            self._state.connected = False
        unheard = error.kind in (ErrorKind.OFFLINE, ErrorKind.TIMEOUT, ErrorKind.PROTOCOL, ErrorKind.BUSY)
        self._state.note(Link.OFFLINE if unheard else Link.FAULT, error.hint, error.kind)
