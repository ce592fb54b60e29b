"""The match of one day from its beginning to its mark: whose books are asked, and when the day counts as matched.

Everything is fetched before anything is written: half the books of a day are none. The mark (`matched_days`) is written last; a run that
was broken off leaves none, and is repeated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from kiosk.domain.bill import BillRow, PostedRow
from kiosk.ledger.reconcile_books import keep_bill, keep_posted, mark_matched
from kiosk.ledger.reconcile_run import Outcome, Settler, run
from kiosk.ledger.store import Store
from kiosk.ports.clock import Clock


class CannotMatch(Exception):
    """The books of a side cannot be had; the sentence says why and what to do. `silent`: nobody answers, for any day."""

    def __init__(self, sentence: str, *, silent: bool = False) -> None:
        super().__init__(sentence)
        self.silent = silent


class DayBooks(Protocol):
    """What the other two sides have of a day."""

    async def bill(self, day: dt.date) -> Mapping[str, Sequence[BillRow]]:
        """By wallet; "" is all of them in one. Raises CannotMatch."""
        ...

    async def posted(self, day: dt.date) -> Sequence[PostedRow] | None:
        """None where nobody can be asked. Raises CannotMatch."""
        ...


async def match_day(
    store: Store,
    clock: Clock,
    day: dt.date,
    books: DayBooks,
    settler: Settler | None,
    *,
    mark: bool = True,
    platform_bills: bool = False,
) -> Outcome:
    """Ask both sides, match, mark. Who only looks hands in no settler and sets no mark: the day keeps waiting for its match. Raises
    CannotMatch, LedgerError."""
    bills, posted = await books.bill(day), await books.posted(day)
    for wallet, rows in bills.items():
        await keep_bill(store, day, rows, clock.now(), wallet)
    if posted is not None:
        await keep_posted(store, day, posted, clock.now())
    outcome = await run(store, clock, day, settler, platform_bills=platform_bills)
    if mark and not outcome.without_bill:
        await mark_matched(store, day, clock.now(), len(outcome.breaks))
    return outcome
