"""The devices' logbook: what they have counted over all restarts, when something was refilled, and the check-ups that were done.

Drivers count from zero whenever they are made; whoever watches them adds what has grown since the last time. No personal data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kiosk.ledger.schema import checkup, consumable, device_count
from kiosk.ledger.store import Store
from kiosk.ports.clock import Clock

KEPT = 500
"""Check-ups; older ones are dropped. One a morning for more than a year."""

_ADD = sa.text(
    "INSERT INTO device_count (device, name, total) VALUES (:device, :name, :grown) "
    "ON CONFLICT (device, name) DO UPDATE SET total = device_count.total + excluded.total"
)


@dataclass(frozen=True, slots=True)
class Checkup:
    id: int
    at: dt.datetime
    level: int
    verdict: str
    result: Mapping[str, Any]
    """The whole document, as it was given to `keep`."""


@dataclass(frozen=True, slots=True)
class Refill:
    """What a device has counted since something of it was refilled."""

    at: dt.datetime
    grown: Mapping[str, int]


class Logbook:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def add(self, device: str, grown: Mapping[str, int]) -> None:
        """As `add_all`, for one device."""
        await self.add_all({device: grown})

    async def add_all(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Add what has grown, by device and counter, since the last time: all of it or none. Nothing grown costs nothing.

        Raises ValueError for a counter that shrank, LedgerError: then give the same again later.
        """
        if any(by < 0 for grown in counts.values() for by in grown.values()):
            raise ValueError("a counter only grows")
        rows = [
            {"device": device, "name": name, "grown": by}
            for device, grown in counts.items()
            for name, by in grown.items()
            if by
        ]
        if rows:
            await self._store.work(lambda connection: connection.execute(_ADD, rows) and None)

    async def totals(self) -> dict[str, dict[str, int]]:
        """By device and counter."""
        found: dict[str, dict[str, int]] = {}
        query = sa.select(device_count).order_by(device_count.c.device, device_count.c.name)
        for device, name, total in await self._store.work(lambda connection: connection.execute(query).all()):
            found.setdefault(device, {})[name] = total
        return found

    async def keep(self, level: int, verdict: str, result: Mapping[str, Any]) -> None:
        """Store a check-up; `result` is a JSON document. Raises LedgerError."""
        values = {"at": self._now(), "level": level, "verdict": verdict, "result": dict(result)}

        def write(connection: sa.Connection) -> None:
            (number,) = connection.execute(sa.insert(checkup).values(**values)).inserted_primary_key or (0,)
            connection.execute(sa.delete(checkup).where(checkup.c.id <= number - KEPT))

        await self._store.work(write)

    async def last_checkup(self, level: int | None = None) -> Checkup | None:
        """The newest, or the newest of a level."""
        return next(iter(await self.checkups(1, level)), None)

    async def checkups(self, limit: int = 50, level: int | None = None) -> list[Checkup]:
        """Newest first."""
        query = sa.select(checkup).order_by(checkup.c.id.desc()).limit(limit)
        if level is not None:
            query = query.where(checkup.c.level == level)
        rows = await self._store.work(lambda connection: connection.execute(query).all())
        return [Checkup(number, dt.datetime.fromisoformat(at), *rest) for number, at, *rest in rows]

    async def refilled(self, device: str, supply: str, at_total: Mapping[str, int] | None = None) -> None:
        """`supply` of `device` (paper, toner …) is full again, at these totals; without them at those that stand in the book now, so add
        what has grown first."""
        row = {"device": device, "what": supply, "since_at": self._now()}

        def write(connection: sa.Connection) -> None:
            base = _totals_of(connection, device) if at_total is None else dict(at_total)
            connection.execute(sa.delete(consumable).where(_of(device, supply)))
            connection.execute(sa.insert(consumable).values(**row, base=base))

        await self._store.work(write)

    async def refill(self, device: str, supply: str) -> Refill | None:
        """When it was refilled, and everything counted since; None where no refill is known."""

        def look(connection: sa.Connection) -> Refill | None:
            query = sa.select(consumable.c.since_at, consumable.c.base).where(_of(device, supply))
            found = connection.execute(query).one_or_none()
            if found is None:
                return None
            at, base = found
            totals = _totals_of(connection, device).items()
            grown = {name: max(total - base.get(name, 0), 0) for name, total in totals}
            return Refill(dt.datetime.fromisoformat(at), grown)

        return await self._store.work(look)

    async def since_refill(self, device: str, counter: str, supply: str) -> int | None:
        """One counter's growth since the refill; None where no refill is known."""
        found = await self.refill(device, supply)
        return None if found is None else found.grown.get(counter, 0)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")


def _of(device: str, supply: str) -> sa.ColumnElement[bool]:
    return sa.and_(consumable.c.device == device, consumable.c.what == supply)


def _totals_of(connection: sa.Connection, device: str) -> dict[str, int]:
    query = sa.select(device_count.c.name, device_count.c.total).where(device_count.c.device == device)
    return {name: total for name, total in connection.execute(query)}
