"""T08, late payment: the platform's figure and ours beside it, out of the ledger of days of which the holidays are or are not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from config.tables import load_tables
from kiosk.diagnostics.late import DAYS, MOST, NOT_RECKONED, LatePayments
from kiosk.domain.calendar import WorkCalendar, work_calendar
from kiosk.domain.fine import PayableFine
from kiosk.domain.money import format_amount
from kiosk.journeys.fine.late import NoHolidayTable, own_reckoning
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import Kind
from kiosk.ledger.store import New, Store
from kiosk.ports.clock import SHANGHAI, SystemClock
from kiosk.screens.day_end import DayEndView, LateRow
from kiosk.screens.diagnostics import Order, Verb
from kiosk.screens.fine import ReviewFine
from tests.diagnostics.bay import LEAVE, on
from tests.diagnostics.test_day_end import THERE, Books, hall
from tests.journeys.stage import staged
from tests.journeys.test_fine_scenarios import scenario

TABLES = load_tables()
CALENDAR = work_calendar(TABLES.holidays, TABLES.rules.deadline)
KEY = bytes(32)
NUMBER = "330203260000017"
MASKED = "3302*******0017"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@dataclass
class Clock:
    """Noon of a day."""

    today: dt.date

    def now(self) -> dt.datetime:
        return dt.datetime.combine(self.today, dt.time(12), SHANGHAI)


def fine(
    principal_fen: int, surcharge_fen: int, received: str, deadline: str | None, number: str = NUMBER
) -> PayableFine:
    at = dt.datetime.combine(day(received), dt.time(9, 12), SHANGHAI)
    last = day(deadline) if deadline is not None else None
    return PayableFine(number, "7", at, "张*明", "停车", "某大队", "330203000000", principal_fen, surcharge_fen, last)


@dataclass
class Ledger:
    store: Store
    clock: Clock
    orders: int = 0

    async def paid(self, owed: PayableFine, on_day: str) -> None:
        """The order of somebody who pays it by its number on that day."""
        self.clock.today, self.orders = day(on_day), self.orders + 1
        order_id = f"O{self.orders}"
        order = {"journey": "fine", "amount_fen": owed.total_fen, "subject_index": "x", "subject_enc": b"x"}
        registrar = Registrar(self.store, None, FieldCipher(KEY), self.clock)  # type: ignore[arg-type]
        known = registrar.known(f"{order_id}D1", order_id, owed, {"party": owed.party})
        await self.store.commit(New(Kind.ORDER, order_id, "", "test", order), known)

    async def rows(self, calendar: WorkCalendar = CALENDAR) -> tuple[LateRow, ...]:
        return (await LatePayments(self.store, self.clock, calendar).read()).rows


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with opened(tmp_path) as made:
        yield made


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Ledger]:
    clock = Clock(day("2025-03-18"))
    store = Store(f"sqlite:///{folder}/ledger.db", clock)
    await store.open()
    try:
        yield Ledger(store, clock)
    finally:
        await store.close()


async def test_the_same_figure_is_said_to_be_the_same(ledger: Ledger) -> None:
    await ledger.paid(fine(15000, 450, "2025-03-07", "2025-03-24"), "2025-03-25")
    assert await ledger.rows() == (LateRow(MASKED, "2025-03-25", "4.50 元", "4.50 元", "", "ok"),)


async def test_a_cashier_that_does_not_move_the_deadline(ledger: Ledger) -> None:
    """行政处罚法 第72条: what the platform says is owed. A Saturday as the last day is why ours is another."""
    await ledger.paid(fine(15000, 1350, "2025-03-07", "2025-03-22"), "2025-03-25")
    (row,) = await ledger.rows()
    assert (row.platform, row.own, row.tone) == ("13.50 元", "4.50 元", "warn")
    assert row.why == "缴款期限不同：平台 2025-03-22，本机 2025-03-24。本机按逾期 1 天、每天 3% 推算。"


async def test_a_review_of_which_the_machine_knows_nothing(ledger: Ledger) -> None:
    """行政处罚法 第73条: nothing is computed while it runs."""
    await ledger.paid(fine(20000, 600, "2025-03-03", "2025-03-18"), "2025-03-23")
    (row,) = await ledger.rows()
    assert (row.platform, row.own, row.tone) == ("6.00 元", "30.00 元", "warn")
    assert "期限同为 2025-03-18" in row.why
    assert "复议、诉讼期间不计" in row.why


async def test_a_platform_that_says_no_deadline(ledger: Ledger) -> None:
    await ledger.paid(fine(20000, 0, "2025-03-03", None), "2025-03-19")
    (row,) = await ledger.rows()
    assert (row.platform, row.own) == ("0.00 元", "6.00 元")
    assert row.why.startswith("平台没有给出缴款期限，本机推算为 2025-03-18。")


async def test_who_pays_in_time_is_not_on_the_list(ledger: Ledger) -> None:
    await ledger.paid(fine(15000, 0, "2025-03-07", "2025-03-24"), "2025-03-24")
    await ledger.paid(fine(0, 0, "2025-03-07", None, "330203260000018"), "2025-03-25")
    assert await ledger.rows() == ()


# -- a year without a table -----------------------------------------------------------------------------------------------


UNKNOWN_YEAR = [
    pytest.param("2026-12-17", "2027-01-05", 2027, id="the 15th day lies in it"),
    pytest.param("2028-12-10", "2029-01-05", 2028, id="neither year is known, the first one counts"),
]


@pytest.mark.parametrize(("received", "paid", "year"), UNKNOWN_YEAR)
async def test_a_year_without_a_table_is_not_guessed(ledger: Ledger, received: str, paid: str, year: int) -> None:
    await ledger.paid(fine(20000, 1200, received, None), paid)
    (row,) = await ledger.rows()
    assert (row.platform, row.own, row.tone) == ("12.00 元", NOT_RECKONED, "muted")
    assert row.why == f"没有 {year} 年的节假日表，本机不推算。"


async def test_the_last_day_moves_into_a_year_without_a_table(ledger: Ledger) -> None:
    """The 15th day is the last of a known year and a holiday; the first day after it is looked for in the next one."""
    received, last = day("2026-12-16"), day("2026-12-31")
    moved = replace(CALENDAR, off=CALENDAR.off | {last})
    with pytest.raises(NoHolidayTable) as caught:
        own_reckoning(20000, received, day("2027-01-05"), moved)
    assert caught.value.year == 2027
    await ledger.paid(fine(20000, 600, received.isoformat(), last.isoformat()), "2027-01-05")
    (row,) = await ledger.rows(moved)
    assert (row.own, row.why) == (NOT_RECKONED, "没有 2027 年的节假日表，本机不推算。")


async def test_within_the_fifteen_days_no_table_is_needed(ledger: Ledger) -> None:
    """Holidays only move the last day further away, so nothing can be owed yet."""
    await ledger.paid(fine(20000, 0, "2026-12-20", "2027-01-04"), "2027-01-04")
    assert await ledger.rows() == ()
    assert own_reckoning(20000, day("2026-12-20"), day("2027-01-04"), CALENDAR).surcharge_fen == 0


@pytest.mark.parametrize(("today", "missing"), [("2026-12-16", 0), ("2026-12-17", 2027), ("2027-06-01", 2027)])
async def test_a_table_that_is_needed_today_is_missed_on_the_page(ledger: Ledger, today: str, missing: int) -> None:
    ledger.clock.today = day(today)
    view = await LatePayments(ledger.store, ledger.clock, CALENDAR).read()
    assert (view.years, view.missing_year) == ((2025, 2026), missing)


def test_a_hall_that_moves_no_deadline_needs_no_table() -> None:
    plain = replace(CALENDAR, holiday_shift=False)
    assert own_reckoning(20000, day("2030-01-01"), day("2030-01-17"), plain).surcharge_fen == 600


# -- the list ---------------------------------------------------------------------------------------------------------------


async def test_newest_first_each_once_a_day_and_not_for_ever(ledger: Ledger) -> None:
    owed = fine(20000, 600, "2025-02-10", "2025-02-25", "330203260000099")
    await ledger.paid(owed, "2025-02-26")
    await ledger.paid(fine(15000, 450, "2025-03-07", "2025-03-24"), "2025-03-25")
    later = fine(15000, 900, "2025-03-07", "2025-03-24")
    await ledger.paid(later, "2025-03-26")
    await ledger.paid(later, "2025-03-26")
    assert [row.day for row in await ledger.rows()] == ["2025-03-26", "2025-03-25", "2025-02-26"]
    ledger.clock.today = day("2025-02-26") + dt.timedelta(days=DAYS + 1)
    assert [row.day for row in await ledger.rows()] == ["2025-03-26", "2025-03-25"]


async def test_more_than_the_page_shows_are_counted_all_the_same(ledger: Ledger) -> None:
    for serial in range(MOST + 3):
        await ledger.paid(fine(20000, 600, "2025-03-03", "2025-03-18", f"33020326{serial:07d}"), "2025-03-23")
    view = await LatePayments(ledger.store, ledger.clock, CALENDAR).read()
    assert (len(view.rows), view.differing) == (MOST, MOST + 3)


async def test_what_this_machine_decided_itself_is_no_late_payment(ledger: Ledger) -> None:
    order = {"journey": "violation", "amount_fen": 20000, "subject_index": "x", "subject_enc": b"x"}
    own = {"record_id": "3302031001000001", "fine_fen": 20000, "points": 3, "detail_enc": b"x"}
    await ledger.store.commit(New(Kind.ORDER, "O9", "", "test", order), New(Kind.DECISION, "O9D1", "O9", "signed", own))
    assert await ledger.rows() == ()


# -- the page and the log ----------------------------------------------------------------------------------------------------


async def test_the_page_has_it_beside_the_day(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        today = SystemClock().now().date()
        received = dt.datetime.combine(today - dt.timedelta(days=15), dt.time(9), SHANGHAI)
        owed = PayableFine(NUMBER, "7", received, "", "", "", "", 20000, 600, received.date())
        registrar = Registrar(at.store, None, FieldCipher(KEY), SystemClock())  # type: ignore[arg-type]
        order = {"journey": "fine", "amount_fen": 20600, "subject_index": "x", "subject_enc": b"x"}
        await at.store.commit(
            New(Kind.ORDER, "O9", "", "test", order), registrar.known("O9D1", "O9", owed, {"party": ""})
        )
        plain = replace(CALENDAR, holiday_shift=False)
        at.bay.tools = replace(at.bay.tools, late=LatePayments(at.store, SystemClock(), plain))
        turned = Order(Verb.PAGE, "", "older")
        view = await at.visit(*THERE, on(DayEndView, turned), on(DayEndView, LEAVE, lambda s: s.day != _first(at)))
        assert view.late is not None
        why = view.late.rows[0].why
        assert view.late.rows == (LateRow(MASKED, today.isoformat(), "6.00 元", "0.00 元", why, "warn"),)
        assert NUMBER not in repr(view), "whose number it is, is for the ledger"


def _first(at: Any) -> str:
    shown: list[DayEndView] = at.bay.desk.of(DayEndView)
    return shown[0].day


async def test_a_machine_without_the_ledgers_of_fines_has_no_list(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        assert (await at.visit(*THERE, on(DayEndView, LEAVE))).late is None


async def test_what_a_citizen_was_told_is_what_the_technician_reads(tmp_path: Path) -> None:
    """The whole machine, overdue for months: both sides have come to the fine itself, whatever holidays lie between."""
    async with staged(tmp_path, scenario("pay_capped")) as stage:
        assert (await stage.visit()).outcome == "paid"
        late = await stage.machine.technicians.late.read()
        (row,) = late.rows
        told = stage.desk.of(ReviewFine)[0]
        assert row.platform == format_amount(told.surcharge_fen)
        assert told.surcharge_fen == told.principal_fen
        assert row.own in (row.platform, NOT_RECKONED), "the latter in a year without a table"


async def test_a_year_without_a_table_is_said_in_the_log_and_nothing_is_expected(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("pay_overdue")) as stage:
        holidays = stage.machine.tables.holidays
        none = stage.machine.tables.model_copy(update={"holidays": holidays.model_copy(update={"year": ()})})
        object.__setattr__(stage.machine, "tables", none)
        with capture_logs() as logs:
            assert (await stage.visit()).outcome == "paid"
        found = {entry["event"]: entry for entry in logs if entry["event"].startswith("late_payment_")}
        assert set(found) == {"late_payment_not_reckoned"}
        assert found["late_payment_not_reckoned"]["reason"].startswith("no holiday table for ")
        assert "expected" not in found["late_payment_not_reckoned"]
