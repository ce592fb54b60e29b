"""The end of a day for whoever stands before the machine: how it stands, the match once more, the slip. No citizen's data."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.zone import SHANGHAI
from kiosk.domain.day_end_slip import DayEndData, day_end_slip
from kiosk.domain.slip import Slip
from kiosk.ledger.reconcile_alarm import Paying
from kiosk.ledger.reconcile_books import matched_days, sides_of
from kiosk.ledger.reconcile_breaks import Break
from kiosk.ledger.reconcile_refunds import Refund, refund_queue
from kiosk.ledger.reconcile_run import Outcome, Sums, sums_of
from kiosk.ledger.reconcile_slip import day_end_data
from kiosk.ledger.reconcile_timer import Matcher
from kiosk.ledger.states import Kind, WorkState
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class DayEnd:
    """One day as the ledger's file has it now."""

    day: dt.date
    sums: Sums
    data: DayEndData
    wallets: frozenset[str]
    """Whose bills of this day are known."""
    posted_known: bool
    matched_at: dt.datetime | None
    trouble: str
    """Why the last match by the clock did not come to its end."""
    counts: Mapping[Break, int]
    """Open entries of this day by class, every class told."""
    work: tuple[Record, ...] = field(repr=False)
    """All open entries, older days included."""
    refunds: tuple[Refund, ...] = ()


class DayEndDesk:
    """`matcher` and `paying` are run by whoever serves citizens."""

    def __init__(self, store: Store, clock: Clock, matcher: Matcher, kiosk_id: str, hall: str) -> None:
        self._store = store
        self._clock = clock
        self.matcher = matcher
        self._kiosk_id = kiosk_id
        self._hall = hall

    @property
    def paying(self) -> Paying:
        return self.matcher.paying

    @property
    def can_match(self) -> bool:
        """Not where the payment front is simulated: its books begin anew with each start."""
        return self.matcher.usable

    @property
    def alarms(self) -> tuple[str, ...]:
        """What keeps the machine from taking money."""
        return self.paying.alarms

    def today(self) -> dt.date:
        return self._clock.now().astimezone(SHANGHAI).date()

    async def read(self, day: dt.date) -> DayEnd:
        """Raises LedgerError."""
        await self.paying.look()
        sides, matched = await sides_of(self._store, day), await matched_days(self._store)
        work = await self._store.find(Kind.WORK, [WorkState.OPEN])
        found = Counter(Break(row["what"]) for row in work if row["day"] == day.isoformat())
        return DayEnd(
            day=day,
            sums=await sums_of(self._store, day, sides),
            data=await day_end_data(self._store, self._kiosk_id, self._hall, day, self._clock.now()),
            wallets=sides.bill_days.get(day, frozenset()),
            posted_known=day in sides.posted_days,
            matched_at=matched.get(day),
            trouble=self.matcher.troubles.get(day, ""),
            counts={what: found[what] for what in Break},
            work=tuple(work),
            refunds=tuple(await refund_queue(self._store, self._clock)),
        )

    async def match(self, day: dt.date) -> Outcome:
        """Raises CannotMatch, MatchUnderWay, LedgerError. Cancelling does not break off what is asked of the wallets half-way."""
        return await asyncio.shield(asyncio.ensure_future(self.matcher.match(day)))

    async def slip(self, day: dt.date) -> Slip:
        """Raises LedgerError."""
        return day_end_slip(await day_end_data(self._store, self._kiosk_id, self._hall, day, self._clock.now()))
