"""Looks after the devices between citizens: opens what is closed, asks how it is, and says when something changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.ports.devices import Device, Link

log = structlog.get_logger(__name__)
GONE = (Link.CLOSED, Link.OFFLINE, Link.FAULT)
LOST = (Link.OFFLINE, Link.FAULT)
FIRST_RETRY_S, LAST_RETRY_S = 2.0, 20.0


class DeviceWatch:
    """`every` seconds each device is asked how it is, unless a citizen's session holds the devices (`lend`).

    Those named in `resting` (the camera: asking wakes it, and its lamp) are asked only while something is wrong with them.

    A lost device is opened again after 2 s, doubling to 20 s; lost and found are logged once each.
    """

    def __init__(self, devices: Mapping[str, Device], every: float = 2.0, resting: Collection[str] = ()) -> None:
        self._devices = devices
        self._resting = resting
        self._every = every
        self._free = asyncio.Event()
        self._free.set()
        self._changed = asyncio.Event()
        self._seen: dict[str, tuple[str, object]] = {}
        self._lock = asyncio.Lock()

    async def changed(self) -> None:
        """Returns at the next change of any device's status."""
        await self._changed.wait()
        self._changed.clear()

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[None]:
        """While a citizen uses the devices nobody else asks them anything."""
        self._free.clear()
        async with self._lock:
            pass  # a check that is under way ends first
        try:
            yield
        finally:
            self._free.set()

    async def run(self) -> None:
        await asyncio.gather(*(self._watch(name, device) for name, device in self._devices.items()))

    async def _watch(self, name: str, device: Device) -> None:
        wait = FIRST_RETRY_S
        while True:
            await self._free.wait()
            async with self._lock:
                if self._free.is_set():
                    try:
                        await self._look(name, device)
                    except Exception:  # a bug in one driver must not end the watch over the others
                        log.exception("device_watch_crashed", device=name)
            if device.status().link in GONE:
                await asyncio.sleep(wait)
                wait = min(wait * 2, LAST_RETRY_S)
            else:
                wait = FIRST_RETRY_S
                await asyncio.sleep(self._every)

    async def _look(self, name: str, device: Device) -> None:
        self._note(name, device, "")  # a session may have lost it
        if device.status().link in GONE:
            try:
                await device.open()
            except DeviceError as error:
                self._note(name, device, error.hint)
                return
        if name not in self._resting or device.status().link is not Link.READY:
            await device.check()
        self._note(name, device, "")

    def _note(self, name: str, device: Device, hint: str) -> None:
        status = device.status()
        before = self._seen.get(name)
        now = (str(status.link), tuple(sorted(status.parts.items())))
        if before == now:
            return
        self._seen[name] = now
        if status.link in LOST:
            log.warning("device_lost", device=name, hint=hint or status.detail)
        elif before is not None and before[0] in LOST:
            log.info("device_found", device=name)
        self._changed.set()
