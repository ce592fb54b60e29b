"""Takes the drivers' counters to the logbook, so that totals outlive the program, and notices when supplies were refilled.

Counters begin at zero with every driver; what is written are differences. What stands in for a device (its simulator, while a
technician tries something) is not counted: its paper is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from config.diagnostics_tables import DiagnosticsTable, SupplyTable
from kiosk.care.forecast import Supply, Usage, forecast
from kiosk.care.socket import plugged
from kiosk.ports.devices import Device, DeviceStatus
from kiosk.ports.health import Serviced

log = structlog.get_logger(__name__)


class Tally(Usage, Protocol):
    """Where counts are kept: the logbook."""

    async def add_all(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Add to the totals, by device and counter; all or nothing."""
        ...

    async def refilled(self, device: str, supply: str) -> None:
        """From now on the supply is full."""
        ...


class Changing(Protocol):
    """The supervisor, as far as it is needed here."""

    @property
    def devices(self) -> Mapping[str, Device]: ...

    @property
    def revision(self) -> int: ...

    async def changed(self, after: int | None = None) -> int: ...


class Counting:
    """`run` beside the supervisor; `settle` writes what has been counted since the last time."""

    def __init__(self, watched: Changing, tally: Tally, table: DiagnosticsTable) -> None:
        self._watched = watched
        self._tally = tally
        self._table = table
        self._own = {name: plugged(device) for name, device in watched.devices.items()}
        self._written: dict[str, Mapping[str, int]] = {}
        self._settling = asyncio.Lock()
        self._gauges = {item: _Gauge(item) for item in table.supplies.item}
        self._told: set[tuple[str, str]] = set()
        self.supplies: tuple[Supply, ...] = ()
        """How long they last, as of the last settling."""

    async def run(self) -> None:
        """Until it is cancelled; what was counted until then is written first."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._by_the_clock())
                group.create_task(self._watch())
        finally:
            await self._settle()

    async def settle(self) -> None:
        """Raises what the logbook raises; nothing is lost then, the next call writes it."""
        async with self._settling:
            counts: dict[str, dict[str, int]] = {}
            seen: dict[str, Mapping[str, int]] = {}
            for name, own in self._own.items():
                if not isinstance(own, Serviced):
                    continue
                now, before = dict(own.counters()), self._written.get(name, {})
                grown = {key: value - before.get(key, 0) for key, value in now.items() if value > before.get(key, 0)}
                if grown:
                    counts[name], seen[name] = grown, now
            if counts:
                await self._tally.add_all(counts)
                self._written.update(seen)
            self.supplies = await forecast(self._own, self._tally, self._table)
        for supply in self.supplies:
            self._tell(supply)

    async def refilled(self, device: str, supply: str) -> None:
        """Somebody has filled it up, and says so. Raises KeyError for a supply this device has not, and what the logbook raises."""
        if not any((item.device, item.id) == (device, supply) for item in self._gauges):
            raise KeyError(f"{device} has no {supply}")
        await self.settle()  # what was used until now belongs to the old one
        await self._tally.refilled(device, supply)
        log.info("supply_refilled", device=device, part=supply)
        await self.settle()

    def _tell(self, supply: Supply) -> None:
        """Once when it runs low."""
        key = (supply.device, supply.id)
        if supply.low and key not in self._told:
            log.warning("supply_low", device=supply.device, part=supply.id, left=supply.left)
        self._told = self._told | {key} if supply.low else self._told - {key}

    async def _settle(self) -> None:
        try:
            await self.settle()
        except Exception as error:  # a full disk must not end the counting
            log.error("counters_not_written", exc_info=error)

    async def _by_the_clock(self) -> None:
        while True:
            await self._settle()
            await asyncio.sleep(self._table.counting.every_s)

    async def _watch(self) -> None:
        revision: int | None = None
        while True:
            await self._look()
            revision = await self._watched.changed(revision if revision is not None else self._watched.revision)

    async def _look(self) -> None:
        for item, gauge in self._gauges.items():
            device = self._watched.devices.get(item.device)
            own = self._own.get(item.device)
            if device is None or own is None or plugged(device) is not own:
                continue
            if gauge.filled(own.status()):
                try:
                    await self.refilled(item.device, item.id)
                except Exception as error:  # as in `_settle`
                    log.error("refill_not_written", device=item.device, exc_info=error)


class _Gauge:
    """Remembers whether a supply was at its end, and whether the cover was opened since it ran low."""

    def __init__(self, item: SupplyTable) -> None:
        self._item = item
        self._empty = False
        self._low = False
        self._opened = False

    def filled(self, status: DeviceStatus) -> bool:
        """Whether this status says that it has just been filled up.

        From out to full it was. From low to full only where the cover was open meanwhile: a sensor near the end of the paper may
        waver. While it is unknown (an open cover, a lost line) nothing is concluded.
        """
        value = status.parts.get(self._item.part, "unknown")
        self._opened = self._opened or (self._low and status.parts.get("cover") == "open")
        if value in self._item.empty:
            self._empty = True
        elif value == "low":
            self._low = True
        elif value in self._item.filled:
            if status.parts.get("cover") == "open":
                return False
            was = self._empty or (self._low and self._opened)
            self._empty = self._low = self._opened = False
            return was
        return False
