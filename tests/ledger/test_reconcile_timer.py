"""Days match by themselves: when, how often, what is caught up, and with whom they never run at once. Nobody sleeps; the clock is set."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack

import pytest

from kiosk.domain.bill import BillRow, PostedRow
from kiosk.gateways.day_books import FrontBooks
from kiosk.ledger.reconcile_books import mark_matched, matched_days
from kiosk.ledger.reconcile_breaks import Break
from kiosk.ledger.reconcile_day import CannotMatch
from kiosk.ledger.reconcile_lock import MatchUnderWay, only_match
from kiosk.ledger.reconcile_run import Settler
from kiosk.ledger.reconcile_timer import Daily, Matcher
from kiosk.ledger.states import Kind, OrderState, PaymentState
from kiosk.ports.clock import SHANGHAI
from tests.ledger.parts import MORNING, Counter
from tests.ledger.test_reconcile_run import Accounts, orphan_row, paid

DAY = MORNING.date()
MINUTE = 60.0


def moment(days: int, clock: str) -> dt.datetime:
    return dt.datetime.combine(DAY + dt.timedelta(days=days), dt.time.fromisoformat(clock), SHANGHAI)


class Asked:
    """Empty books, or none; and which days were asked for."""

    def __init__(self) -> None:
        self.days: list[dt.date] = []
        self.refused: set[dt.date] = set()
        self.silent = False

    async def bill(self, day: dt.date) -> Mapping[str, Sequence[BillRow]]:
        self.days.append(day)
        if self.silent or day in self.refused:
            raise CannotMatch(f"no bill of {day}", silent=self.silent)
        return {"": ()}

    async def posted(self, day: dt.date) -> Sequence[PostedRow]:
        return ()

    def asked(self) -> list[int]:
        """The days since last time, counted from DAY."""
        days, self.days = self.days, []
        return [(day - DAY).days for day in days]


class Morning:
    def __init__(self, counter: Counter, back: int = 14) -> None:
        self.counter = counter
        self.books = Asked()
        self.matcher = self.made(back=back)

    def made(self, back: int = 14) -> Matcher:
        """Also after a restart."""
        at = self.counter
        settler = Settler(at.store, at.cashier, at.platform, at.orders.in_session)
        url = f"sqlite:///{at.file}"
        return Matcher(at.store, at.clock, url, self.books, settler, Daily(dt.time(10, 30), back))

    async def at(self, days: int, clock: str) -> tuple[list[int], float]:
        """Which days were asked for at this moment, and the seconds until the next look."""
        self.counter.clock.set(moment(days, clock))
        wait = await self.matcher.step()
        return self.books.asked(), wait


@pytest.fixture
async def morning(counter: Counter) -> Morning:
    await counter.order(present=False)  # from here on the ledger exists
    return Morning(counter)


async def test_a_machine_that_was_never_used_has_nothing_to_match(counter: Counter) -> None:
    assert await Morning(counter).at(3, "11:00") == ([], 23.5 * 60 * MINUTE)


async def test_yesterday_once_and_not_before_its_time(morning: Morning) -> None:
    assert await morning.at(0, "11:00") == ([], 23.5 * 60 * MINUTE)
    assert await morning.at(1, "10:29:59") == ([], 1.0)
    assert await morning.at(1, "10:30") == ([0], 24 * 60 * MINUTE)
    assert await morning.at(1, "10:31") == ([], 24 * 60 * MINUTE - MINUTE)
    assert await morning.at(1, "23:59:59") == ([], 10.5 * 60 * MINUTE + 1)
    assert await morning.at(2, "10:30") == ([1], 24 * 60 * MINUTE)


async def test_once_over_a_restart_too(morning: Morning) -> None:
    await morning.at(1, "10:30")
    await morning.counter.crash()
    morning.matcher = morning.made()
    assert (await morning.at(1, "10:35"))[0] == []


async def test_days_missed_are_caught_up_oldest_first_and_bounded(morning: Morning) -> None:
    assert (await morning.at(4, "09:00"))[0] == [0, 1, 2], "before the time of day only what was due yesterday"
    assert (await morning.at(40, "12:00"))[0] == list(range(26, 40))
    assert (await morning.at(40, "12:01"))[0] == []


async def test_nobody_answers_and_the_delay_grows(morning: Morning) -> None:
    morning.books.silent = True
    asked, wait = await morning.at(3, "10:30")
    assert (asked, wait) == ([0], 5 * MINUTE), "whoever is silent for one day is asked for no other"
    # Before that nobody is asked, however often somebody looks.
    assert await morning.at(3, "10:34:59") == ([], 1.0)
    waits = []
    for _ in range(7):
        morning.counter.clock.forward(seconds=wait)
        wait = await morning.matcher.step()
        waits.append(wait / MINUTE)
    assert waits == [10, 20, 40, 80, 120, 120, 120]
    assert morning.matcher.troubles == {DAY: f"no bill of {DAY}"}
    morning.books.silent = False
    morning.books.asked()
    morning.counter.clock.forward(seconds=wait)
    await morning.matcher.step()
    assert morning.books.asked() == [0, 1, 2]
    assert morning.matcher.troubles == {}


async def test_a_day_without_a_bill_keeps_no_other_waiting(morning: Morning) -> None:
    morning.books.refused = {DAY + dt.timedelta(days=1)}
    assert await morning.at(3, "10:30") == ([0, 1, 2], 5 * MINUTE)
    assert await morning.at(3, "10:35") == ([1], 10 * MINUTE)
    # It falls out of reach at last, and is no trouble any more.
    morning.matcher = morning.made(back=2)
    assert (await morning.at(9, "11:00"))[0] == [7, 8]
    assert morning.matcher.troubles == {}


async def test_a_clock_that_was_years_ahead_holds_nothing_up(morning: Morning) -> None:
    morning.books.silent = True
    await morning.at(3650, "12:00")
    morning.books.silent = False
    assert (await morning.at(1, "10:30"))[0] == [0]


async def test_never_at_once_with_another_program(morning: Morning) -> None:
    with only_match(f"sqlite:///{morning.counter.file}"):
        asked, wait = await morning.at(1, "10:30")
        assert (asked, wait) == ([], 5 * MINUTE)
        with pytest.raises(MatchUnderWay):
            await morning.matcher.match(DAY)
        await mark_matched(morning.counter.store, DAY, moment(1, "10:31"), 0)
    # The other one has done it meanwhile.
    assert (await morning.at(1, "10:40"))[0] == []


async def test_a_broken_run_leaves_no_mark(morning: Morning) -> None:
    morning.books.refused = {DAY}
    await morning.at(1, "10:30")
    assert await matched_days(morning.counter.store) == {}
    morning.books.refused = set()
    await morning.at(1, "10:36")
    assert await matched_days(morning.counter.store) == {DAY: moment(1, "10:36")}


async def test_without_books_nothing_is_asked(morning: Morning) -> None:
    at = morning.counter
    settler = Settler(at.store, at.cashier, at.platform)
    matcher = Matcher(at.store, at.clock, f"sqlite:///{at.file}", None, settler)
    at.clock.set(moment(1, "11:00"))
    assert await matcher.step() == 23.5 * 60 * MINUTE
    assert not matcher.usable
    with pytest.raises(CannotMatch, match="simulated"):
        await matcher.match(DAY)


@pytest.fixture
async def accounts(counter: Counter) -> AsyncIterator[Accounts]:
    async with AsyncExitStack() as stack:
        yield Accounts(counter, stack)


async def test_a_whole_day_over_the_wire_and_its_alarm(counter: Counter, accounts: Accounts) -> None:
    await paid(counter)
    counter.front.bills.added.append(orphan_row())
    number, entry = counter.police.world.books.payments.popitem()
    counter.police.world.books.add_payment(_less(entry))
    settler = Settler(counter.store, counter.cashier, counter.platform, counter.orders.in_session)
    books = FrontBooks(accounts.bills, accounts.books)
    matcher = Matcher(counter.store, counter.clock, f"sqlite:///{counter.file}", books, settler)
    counter.clock.set(moment(1, "09:00"))
    with pytest.raises(CannotMatch, match="from 10:00"):
        await matcher.match(DAY)
    counter.clock.set(moment(1, "10:30"))
    await matcher.step()
    found = {row["what"] for row in await counter.store.find(Kind.WORK)}
    assert found == {Break.BILL_ONLY, Break.AMOUNT_DIFFERS}
    assert matcher.paying.stopped, f"the alarm about {number} is known at once"


async def test_a_citizens_order_is_left_to_the_citizen(counter: Counter, accounts: Accounts) -> None:
    """Yesterday's order, open again before a citizen: the match finds it and does not touch it."""
    order_id, payment, _ = await counter.shown()
    counter.pays()
    settler = Settler(counter.store, counter.cashier, counter.platform, counter.orders.in_session)
    books = FrontBooks(accounts.bills, accounts.books)
    matcher = Matcher(counter.store, counter.clock, f"sqlite:///{counter.file}", books, settler)
    counter.clock.set(moment(1, "10:30"))
    outcome = await matcher.match(DAY)
    assert {finding.order_id for finding in outcome.breaks} == {order_id}
    assert (await counter.store.get(Kind.PAYMENT, payment.id)).state == PaymentState.PENDING
    counter.leave()
    assert (await matcher.match(DAY)).good
    assert await counter.state(Kind.ORDER, order_id) == OrderState.SETTLED


def _less(entry):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(entry, amount_fen=entry.amount_fen - 100)
