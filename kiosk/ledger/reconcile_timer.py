"""Each day is matched by itself the day after, beside the citizens: the kiosk's own end of day.

The wallets' bills are ready from 10:00 (Asia/Shanghai). Days that were missed while the machine was off are caught up, the oldest first,
as far back as the settings say; what cannot be had is asked for again with growing delay. Time comes from the clock that was handed in;
the loop only looks at it again and again, so that a clock which is set, or a machine that slept, is noticed within a minute.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from config.zone import SHANGHAI
from kiosk.ledger.reconcile_alarm import Paying
from kiosk.ledger.reconcile_books import local, matched_days
from kiosk.ledger.reconcile_day import CannotMatch, DayBooks, match_day
from kiosk.ledger.reconcile_lock import MatchUnderWay, only_match
from kiosk.ledger.reconcile_run import Outcome, Settler
from kiosk.ledger.schema import event
from kiosk.ledger.store import LedgerError, Store
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)
LOOK_S = 60.0
"""So often the clock is looked at."""
FIRST_DELAY = dt.timedelta(minutes=5)
LONGEST_DELAY = dt.timedelta(hours=2)
NO_BOOKS = "The payment front is simulated inside the kiosk: its books begin anew with each start, so no day can be matched with them."


@dataclass(frozen=True, slots=True)
class Daily:
    """When, in Asia/Shanghai, and how many days back what was missed is caught up."""

    at: dt.time = dt.time(10, 30)
    days_back: int = 14


class Matcher:
    """Matches days in the kiosk's process: those that are due (`run`, `step`), or one that a technician names (`match`). Without `books`
    none can be matched."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ledger_url: str,
        books: DayBooks | None,
        settler: Settler,
        daily: Daily | None = None,
        *,
        platform_bills: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._url = ledger_url
        self._books = books
        self._settler = settler
        self.paying = Paying(store)
        """Is told of the alarms of each run."""
        self._daily = daily or Daily()
        self._platform_bills = platform_bills
        self._began: dt.date | None = None
        self._tries = 0
        self._again_at: dt.datetime | None = None
        self.troubles: dict[dt.date, str] = {}
        """Why a day that is due was not matched at the last try."""

    @property
    def usable(self) -> bool:
        return self._books is not None

    async def match(self, day: dt.date) -> Outcome:
        """Raises CannotMatch, MatchUnderWay, LedgerError."""
        if self._books is None:
            raise CannotMatch(NO_BOOKS)
        if day >= self._now().date():
            raise CannotMatch(f"{day} has not ended; a day is matched from the next day on.")
        try:
            with only_match(self._url):
                outcome = await match_day(
                    self._store, self._clock, day, self._books, self._settler, platform_bills=self._platform_bills
                )
        finally:
            await self.paying.look()
        self.troubles.pop(day, None)
        return outcome

    async def due(self) -> list[dt.date]:
        """Days that have ended, are not matched and lie in reach, the oldest first. Raises LedgerError."""
        began, now = await self._first_day(), self._now()
        if began is None:
            return []
        last = now.date() - dt.timedelta(days=1 if now.time() >= self._daily.at else 2)
        first = max(began, last - dt.timedelta(days=self._daily.days_back - 1))
        done = await matched_days(self._store)
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        return [day for day in days if day not in done]

    async def step(self) -> float:
        """Match what is due now, unless a failure asks for patience. Returns the seconds until it is worth looking again."""
        if self._again_at is not None:
            left = self._again_at - self._now()
            if dt.timedelta() < left <= LONGEST_DELAY:  # more: the clock was set back, and waiting for it helps nobody
                return left.total_seconds()
        whole = True
        try:
            days = await self.due() if self._books is not None else []
            for day in days:
                if not await self._try(day):
                    whole = False
                    break
            whole = whole and not self._left(days)
        except LedgerError as trouble:
            log.error("days_not_matched", hint=str(trouble))
            whole = False
        if whole:
            self._tries, self._again_at = 0, None
            return self._until_next()
        delay: dt.timedelta = min(FIRST_DELAY * 2 ** min(self._tries, 10), LONGEST_DELAY)
        self._tries += 1
        self._again_at = self._now() + delay
        return delay.total_seconds()

    async def run(self) -> None:
        """For ever. Whatever happens with one day: the machine must not stop looking at its books."""
        while True:
            try:
                wait = await self.step()
            except Exception:
                log.exception("match_crashed")
                wait = LOOK_S
            await asyncio.sleep(min(wait, LOOK_S))

    async def _try(self, day: dt.date) -> bool:
        """False: no other day needs to be tried now. Raises LedgerError."""
        try:
            outcome = await self.match(day)
        except MatchUnderWay:
            log.info("match_under_way", what=day.isoformat())
            self.troubles[day] = "Another program matches right now."
            return False
        except CannotMatch as trouble:
            log.warning("day_not_matched", what=day.isoformat(), hint=str(trouble))
            self.troubles[day] = str(trouble)
            return not trouble.silent
        except LedgerError:
            raise
        except Exception:  # one bad day must not keep the others from being matched
            log.exception("match_crashed", what=day.isoformat())
            self.troubles[day] = "The match of this day failed; see the log."
            return True
        log.info("day_matched", what=day.isoformat(), count=len(outcome.breaks), found=len(outcome.alarms))
        return True

    def _left(self, days: list[dt.date]) -> bool:
        self.troubles = {day: why for day, why in self.troubles.items() if day in days}
        return bool(self.troubles)

    def _until_next(self) -> float:
        now = self._now()
        next_at = dt.datetime.combine(now.date(), self._daily.at, SHANGHAI)
        if next_at <= now:
            next_at += dt.timedelta(days=1)
        return (next_at - now).total_seconds()

    async def _first_day(self) -> dt.date | None:
        """The day of the ledger's first event: nothing is matched from before this machine was there."""
        if self._began is None:
            query = sa.select(sa.func.min(event.c.at))
            oldest = await self._store.work(lambda connection: connection.execute(query).scalar())
            self._began = local(oldest).date() if oldest else None
        return self._began

    def _now(self) -> dt.datetime:
        return self._clock.now().astimezone(SHANGHAI)
