"""What a machine whose books contradict each other may not do: take money.

The alarm is an open entry of the work list, of a class in `ALARMS`: it is in the ledger's file, outlives any restart, and is gone when
staff settle it or a later match explains it. The cashier asks the file before every new payment; `Paying` watches it for the screens,
because the entry may be settled by another program (`kiosk ledger settle`). What was begun before the alarm is finished as always.
"""

from __future__ import annotations

import asyncio

import structlog

from kiosk.ledger.reconcile_breaks import ALARMS
from kiosk.ledger.states import Kind, WorkState
from kiosk.ledger.store import LedgerError, Record, Store

log = structlog.get_logger(__name__)
LOOK_S = 1.0
_ALARMS = frozenset(map(str, ALARMS))


class PayingStopped(Exception):
    """No payment is begun at this machine: an alarm of the end-of-day match is not settled."""


async def open_alarms(store: Store) -> list[Record]:
    """The oldest first. Raises LedgerError."""
    return await store.find(Kind.WORK, [WorkState.OPEN], what=_ALARMS)


class Paying:
    """Whether this machine takes money, as far as was seen last. Looks `every` so many seconds while `run` runs."""

    def __init__(self, store: Store, every: float = LOOK_S) -> None:
        self._store = store
        self._every = every
        self._news: set[asyncio.Future[None]] = set()
        self._alarms: tuple[str, ...] = ()
        self._failing = False

    @property
    def alarms(self) -> tuple[str, ...]:
        """The numbers of the entries that stop it."""
        return self._alarms

    @property
    def stopped(self) -> bool:
        return bool(self._alarms)

    async def look(self) -> bool:
        """Read the work list now. Returns whether paying is stopped. Raises LedgerError."""
        alarms = tuple(row.id for row in await open_alarms(self._store))
        if alarms != self._alarms:
            if alarms:
                log.warning("paying_stopped", count=len(alarms))
            else:
                log.warning("paying_open_again")
            self._alarms = alarms
            for waiter in self._news:
                if not waiter.done():
                    waiter.set_result(None)
        return self.stopped

    async def changed(self, known: tuple[str, ...]) -> None:
        """Returns as soon as the alarms are others than `known`."""
        while self._alarms == known:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._news.add(waiter)
            try:
                await waiter
            finally:
                self._news.discard(waiter)

    async def run(self) -> None:
        """Look for ever. A ledger that cannot be read keeps things as they were seen last; nothing can be begun with it anyway."""
        while True:
            try:
                await self.look()
                self._failing = False
            except LedgerError as trouble:
                if not self._failing:
                    log.error("alarms_not_read", hint=str(trouble))
                self._failing = True
            await asyncio.sleep(self._every)
