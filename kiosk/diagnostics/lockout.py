"""The lock after three failures: for the whole machine, kept in the ledger's file.

An attempt is charged before it is looked at: pulling the plug does not win one. A lock is served in time that this machine was up, by
the clock that runs since the boot; the wall clock, which somebody may set, has no part in it. A new boot begins the lock anew.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from kiosk.ledger.schema import access_lock
from kiosk.ledger.store import Store

TRIES = 3
FIRST_S, LONGEST_S = 300.0, 3600.0


class Uptime(Protocol):
    def boot(self) -> str:
        """Another text after each boot."""
        ...

    def seconds(self) -> float:
        """Since the boot, also while the machine slept; never backwards."""
        ...


class SystemUptime:
    """Linux: CLOCK_BOOTTIME and the kernel's id of this boot. Elsewhere the monotonic clock, and every boot looks the same."""

    def boot(self) -> str:
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return ""

    def seconds(self) -> float:
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class Charge:
    refused: bool
    """Locked: the attempt is not to be looked at."""
    left: int
    """Tries left if this one fails."""
    locked_s: int
    """How long the lock still lasts (refused), or will last if this attempt fails; seconds."""
    round: int
    """The lock's number since the last time somebody came in."""


class Lockout:
    def __init__(self, store: Store, uptime: Uptime) -> None:
        self._store = store
        self._uptime = uptime

    async def remaining_s(self) -> int:
        """Whole seconds until an attempt is taken again, rounded up; 0: now."""
        return await self._store.work(lambda connection: self._remaining(_state(connection)))

    async def charge(self) -> Charge:
        """Count an attempt as failed, before it is known. Raises LedgerError."""
        return await self._store.work(self._charge)

    # In the ledger's thread.

    def _charge(self, connection: sa.Connection) -> Charge:
        state = _state(connection)
        if remaining := self._remaining(state):
            return Charge(True, 0, remaining, state.rounds)
        failures, rounds, lock_s = state.failures + 1, state.rounds, 0.0
        if failures >= TRIES:
            rounds += 1
            failures, lock_s = 0, min(FIRST_S * 2 ** min(rounds - 1, 10), LONGEST_S)
        new = _State(failures, rounds, lock_s, self._uptime.boot(), self._uptime.seconds())
        values = asdict(new)
        if connection.execute(sa.update(access_lock).where(access_lock.c.id == 1).values(**values)).rowcount == 0:
            connection.execute(sa.insert(access_lock).values(id=1, **values))
        return Charge(False, 0 if lock_s else TRIES - failures, math.ceil(lock_s), rounds)

    def _remaining(self, state: _State) -> int:
        now = self._uptime.seconds()
        served = max(now - state.since_s, 0.0) if state.boot == self._uptime.boot() else now
        return max(math.ceil(state.lock_s - served), 0)


@dataclass(frozen=True, slots=True)
class _State:
    failures: int
    rounds: int
    lock_s: float
    boot: str
    since_s: float


def _state(connection: sa.Connection) -> _State:
    row = connection.execute(sa.select(access_lock).where(access_lock.c.id == 1)).one_or_none()
    return _State(*row[1:]) if row else _State(0, 0, 0.0, "", 0.0)


def forgive(connection: sa.Connection) -> None:
    """Somebody came in: failures and rounds begin anew. For a transaction of `Store.work`."""
    connection.execute(sa.delete(access_lock))
