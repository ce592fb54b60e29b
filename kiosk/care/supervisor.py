"""Looks after the devices: opens what is closed, asks how it is, notices what is lost and found, and says whose they are now."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from kiosk.care.remedy import Remedy, remedy
from kiosk.care.socket import Socket, plugged
from kiosk.domain.errors import DeviceError
from kiosk.ports.clock import Clock
from kiosk.ports.devices import Device, DeviceStatus, Link
from kiosk.ports.health import Returning, Serviced

log = structlog.get_logger(__name__)
GONE = (Link.CLOSED, Link.OFFLINE, Link.FAULT)
MISSES = 3
"""As often a device that was there must not answer before it counts as absent: a cable that is touched, a hub that starts anew."""
JITTER = 0.2
SAMPLES = 60


class Holder(StrEnum):
    """Who may use the devices: one at a time, all of them."""

    CITIZEN = "citizen"
    DIAGNOSTICS = "diagnostics"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `every` between two looks at a device that is well; `first` to `last` between two tries to open one that is gone."""

    every: float = 2.0
    first: float = 2.0
    last: float = 20.0
    opening: float = 20.0
    check: float = 10.0
    """Longer than any driver takes that keeps its own deadlines. One that passes them hangs: it is closed, which ends its worker."""
    closing: float = 5.0
    grace: float = 2.0
    """For a look that is under way when somebody wants the devices; then it is broken off."""


class LeaseTaken(Exception):
    """Somebody else has the devices."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(f"the devices are in use ({holder})")
        self.holder = holder


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What is known of one device. `status` is the driver's own word; `shown` what to tell people while a loss is still in doubt."""

    name: str
    status: DeviceStatus
    shown: DeviceStatus
    since: dt.datetime
    """Since when the status is what it is."""
    absent: bool
    misses: int
    latency_ms: tuple[float | None, ...]
    """The last checks, oldest first; None: no answer."""
    driver: str
    simulated: bool
    remedy: Remedy


@dataclass(slots=True)
class _Watched:
    device: Device
    since: dt.datetime
    seen: DeviceStatus
    good: DeviceStatus | None = None
    """The last status with which it could be used."""
    misses: int = 0
    lost: bool = False
    """It was said to be lost, and not yet to be found."""
    latency: deque[float | None] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    deaf: Callable[[], None] | None = None
    """Ends listening to the driver."""


class Supervisor:
    """Every few seconds each device is asked how it is, unless somebody holds a lease.

    A device that is gone is opened again after 2 s, doubling to 20 s, each time a little earlier or later so that a hall's machines do
    not knock at the same moment; at once when its line says that it is back. Those named in `resting` (the camera: asking wakes it, and
    its lamp) are asked only while something is wrong with them. A device that does not come back from a call is closed and opened again;
    nobody waits for it meanwhile. Lost and found are logged once each.
    """

    def __init__(
        self,
        devices: Mapping[str, Device],
        clock: Clock,
        *,
        patience: Patience = Patience(),  # frozen
        resting: Collection[str] = (),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._resting = resting
        self._chance = chance
        self._holder: Holder | None = None
        self._free, self._wanted = asyncio.Event(), asyncio.Event()
        self._free.set()
        self._revision = 0
        self._waiters: set[asyncio.Future[None]] = set()
        now = clock.now()
        self._watched = {name: _Watched(device, now, device.status()) for name, device in devices.items()}
        for name in self._watched:
            self._hear(name)

    @property
    def devices(self) -> Mapping[str, Device]:
        return {name: watched.device for name, watched in self._watched.items()}

    @property
    def holder(self) -> Holder | None:
        """Who has the devices now."""
        return self._holder

    # -- what is known -----------------------------------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """Grows with every change."""
        return self._revision

    async def changed(self, after: int | None = None) -> int:
        """Returns the revision as soon as it is another than `after` (the present one)."""
        after = self._revision if after is None else after
        while self._revision == after:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)
        return self._revision

    def state(self, name: str) -> DeviceState:
        """Raises KeyError."""
        watched = self._watched[name]
        device = plugged(watched.device)
        status = device.status()
        doubtful = status.link in (Link.CLOSED, Link.OFFLINE) and watched.good is not None and watched.misses < MISSES
        shown = watched.good if doubtful and watched.good is not None else status
        return DeviceState(
            name=name,
            status=status,
            shown=shown,
            since=watched.since,
            absent=status.link in (Link.CLOSED, Link.OFFLINE) and not doubtful,
            misses=watched.misses,
            latency_ms=tuple(watched.latency),
            driver=device.driver,
            simulated=device.simulated,
            remedy=remedy(status),
        )

    def states(self) -> dict[str, DeviceState]:
        return {name: self.state(name) for name in self._watched}

    # -- whose they are ------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def lease(self, holder: Holder) -> AsyncIterator[None]:
        """While somebody uses the devices nobody else asks them anything. Raises LeaseTaken."""
        if self._holder is not None:
            raise LeaseTaken(self._holder)
        self._holder = holder
        self._free.clear()
        self._wanted.set()
        try:
            await self._end_looks()
            yield
        finally:
            self._holder = None
            self._wanted.clear()
            self._free.set()
            for watched in self._watched.values():
                watched.wake.set()  # somebody may have lost it

    async def _end_looks(self) -> None:
        """Looks that are under way have a moment to end; `_look` breaks off what takes longer."""
        for watched in self._watched.values():
            async with watched.looking:
                pass

    async def swap(self, name: str, device: Device) -> Device:
        """Another driver in the same place; returns the one that was there, closed. The new one is opened by the next look.

        Raises KeyError, ValueError where nothing can be exchanged.
        """
        watched = self._watched[name]
        socket = watched.device
        if not isinstance(socket, Socket):
            raise ValueError(f"{name} is built in for good")
        async with watched.looking:
            before = socket.plug(device)
            if watched.deaf is not None:
                watched.deaf()
            await self._close(name, before)
            watched.good, watched.misses, watched.lost = None, 0, False
            watched.latency.clear()
            self._hear(name)
        self._note(name)
        watched.wake.set()
        return before

    # -- the watch -----------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for name in self._watched:
                    group.create_task(self._watch(name))
        finally:
            for watched in self._watched.values():
                if watched.deaf is not None:
                    watched.deaf()
                    watched.deaf = None

    async def look_now(self, name: str) -> DeviceState:
        """Ask one device now, whoever holds it: for whoever has the lease. Raises KeyError."""
        await self._look(name, forced=True)
        return self.state(name)

    async def _watch(self, name: str) -> None:
        watched = self._watched[name]
        wait = self._patience.first
        while True:
            await self._free.wait()
            watched.wake.clear()
            try:
                await self._look(name)
            except Exception:  # a bug in one driver must not end the watch over the others
                log.exception("device_watch_crashed", device=name)
            if plugged(watched.device).status().link in GONE:
                await self._pause(watched, wait * (1 + JITTER * (2 * self._chance() - 1)), gone=True)
                wait = min(wait * 2, self._patience.last)
            else:
                wait = self._patience.first
                await self._pause(watched, self._patience.every, gone=False)

    async def _pause(self, watched: _Watched, seconds: float, *, gone: bool) -> None:
        """Until the time is over, somebody wakes the watch, or the lost device's line says that it is back."""
        device = plugged(watched.device)
        waits: list[asyncio.Future[None]] = [asyncio.ensure_future(_woken(watched.wake))]
        if gone and isinstance(device, Returning):
            waits.append(asyncio.ensure_future(device.wait_return()))
        try:
            done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if (error := one.exception()) is not None:
                    log.error("device_wait_crashed", device=device.device_id, exc_info=error)
                    await asyncio.wait(waits[:1], timeout=seconds)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _look(self, name: str, *, forced: bool = False) -> None:
        watched = self._watched[name]
        async with watched.looking:
            if self._holder is not None and not forced:
                return
            self._note(name)  # a session may have lost it
            device = plugged(watched.device)
            asking = asyncio.ensure_future(self._ask(name, device))
            try:
                await self._unless_wanted(asking, forced)
            finally:
                if not asking.done():
                    asking.cancel()
                    await asyncio.wait((asking,), timeout=self._patience.closing)
            if asking.done() and not asking.cancelled():
                self._count(watched, asking.result())
            self._note(name)

    async def _unless_wanted(self, asking: asyncio.Future[float | None], forced: bool) -> None:
        """Wait for the answer; where somebody takes the devices meanwhile, only a moment longer."""
        if forced:
            await asyncio.wait((asking,))
            return
        wanted = asyncio.ensure_future(_woken(self._wanted))
        try:
            await asyncio.wait((asking, wanted), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                await asyncio.wait((asking,), timeout=self._patience.grace)
        finally:
            wanted.cancel()
            await asyncio.gather(wanted, return_exceptions=True)

    async def _ask(self, name: str, device: Device) -> float | None:
        """Open or check; returns the milliseconds an answer took, None without one."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        opening = device.status().link in GONE
        if not opening and name in self._resting and device.status().link is Link.READY:
            return 0.0
        try:
            async with asyncio.timeout(self._patience.opening if opening else self._patience.check):
                if opening:
                    await device.open()
                else:
                    await device.check()
        except TimeoutError:
            log.warning("device_hangs", device=name, action="closed and opened again")
            await self._close(name, device)
            return None
        except DeviceError as error:
            log.debug("device_does_not_open", device=name, hint=error.hint)
            return None
        return None if device.status().link in GONE else (loop.time() - began) * 1000

    def _count(self, watched: _Watched, took: float | None) -> None:
        if took is None:
            watched.misses += 1
            watched.latency.append(None)
        elif took:
            watched.latency.append(round(took, 1))

    async def _close(self, name: str, device: Device) -> None:
        try:
            async with asyncio.timeout(self._patience.closing):
                await device.close()
        except TimeoutError:
            log.error("device_does_not_close", device=name)

    # -- changes -------------------------------------------------------------------------------------------------------------

    def _hear(self, name: str) -> None:
        """Be told by the driver itself, where it can: at once instead of at the next look, and while somebody uses it."""
        watched = self._watched[name]
        device = plugged(watched.device)
        watched.deaf = device.listen(lambda: self._heard(name)) if isinstance(device, Serviced) else None

    def _heard(self, name: str) -> None:
        self._note(name)
        watched = self._watched[name]
        if plugged(watched.device).status().link is Link.OFFLINE and not watched.looking.locked():
            watched.wake.set()  # lost since the last look: tried at once, not at the next beat

    def _note(self, name: str) -> None:
        watched = self._watched[name]
        status = plugged(watched.device).status()
        if status.link not in GONE:
            if status.link is not Link.OPENING:
                watched.misses, watched.good = 0, status
            if watched.lost and status.link is not Link.OPENING:
                watched.lost = False
                log.info("device_found", device=name)
        before, lost = watched.seen, watched.lost
        gone = status.link is Link.FAULT or (watched.misses > 0 and self.state(name).absent)
        if gone and not lost:
            watched.lost = True
            log.warning("device_lost", device=name, state=status.link.value, hint=status.detail)
        if (status, lost) != (before, watched.lost):
            if status != before:
                watched.seen, watched.since = status, self._clock.now()
            self._revision += 1
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)


async def _woken(event: asyncio.Event) -> None:
    await event.wait()
