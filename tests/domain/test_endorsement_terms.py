"""What endorsements cost and how long they last."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.endorsement_tables import EndorsementTables, is_weekly, load_endorsements
from kiosk.domain.endorsement import Destination, Period
from kiosk.domain.endorsement_terms import (
    entries_words,
    fee_fen,
    find_option,
    options_on,
    period_words,
    stay_words,
    valid_to,
)

TODAY = dt.date(2026, 3, 18)


@pytest.fixture(scope="module")
def tables() -> EndorsementTables:
    return load_endorsements()


def fee_of(tables: EndorsementTables, *option_ids: str) -> int:
    """Yuan for options together, as the catalogue describes them."""
    total = 0
    for option_id in option_ids:
        option = find_option(tables, option_id, TODAY)
        assert option is not None
        total += fee_fen(option.entries, option.period.months, tables.fees_on(TODAY, option.destination.value))
    return total // 100


@pytest.mark.parametrize(
    ("option_ids", "yuan"),
    [
        (("HKG-G-1Y2", "MAC-G-1Y1"), 45),
        (("HKG-G-3M1", "MAC-G-3M1"), 30),
        (("HKG-S-1YM", "MAC-S-1YM"), 160),
        (("HKG-R-3YM",), 240),
        (("HKG-R-5YM",), 240),
        (("HKG-R-1YM",), 80),
        (("HKG-G-1YM",), 80),
        (("MAC-G-1YW",), 80),
        (("HKG-G-3M1",), 15),
        (("HKG-G-1Y1",), 15),
        (("HKG-G-3M2",), 30),
        (("HKG-S-3MM",), 80),
    ],
)
def test_fees_are_charged_for_each_place(tables: EndorsementTables, option_ids: tuple[str, ...], yuan: int) -> None:
    """发改价格[2017]1186"""
    assert fee_of(tables, *option_ids) == yuan


@pytest.mark.parametrize(
    ("entries", "months", "yuan"),
    [
        (1, 3, 15),
        (1, 12, 15),
        (2, 3, 30),
        (2, 12, 30),
        (None, 3, 80),
        (None, 12, 80),
        (None, 13, 120),
        (None, 24, 120),
        (None, 25, 160),
        (None, 35, 160),
        (None, 36, 240),
        (None, 60, 240),
    ],
)
def test_fee_steps(tables: EndorsementTables, entries: int | None, months: int, yuan: int) -> None:
    assert fee_fen(entries, months, tables.fees_on(TODAY)) == yuan * 100
    assert tables.fee(entries, months, TODAY) == yuan * 100
    assert tables.fee(entries, months, TODAY, "MAC") == yuan * 100


@pytest.mark.parametrize(("entries", "yuan"), [(1, 15), (None, 80)])
def test_taiwan_fees(tables: EndorsementTables, entries: int | None, yuan: int) -> None:
    assert tables.fee(entries, 6, TODAY, "TWN") == yuan * 100


def test_no_fee_is_invented(tables: EndorsementTables) -> None:
    with pytest.raises(ValueError, match="no fee"):
        fee_fen(3, 3, tables.fees_on(TODAY))
    with pytest.raises(ValueError, match="no fee"):
        fee_fen(1, 3, tables.fees_on(dt.date(2017, 6, 30)))
    with pytest.raises(ValueError, match="no fee"):
        tables.fee(2, 6, TODAY, "TWN")
    assert fee_fen(1, 3, tables.fees_on(dt.date(2017, 7, 1))) == 15_00


@pytest.mark.parametrize(
    ("issued", "months", "same_day", "day_before"),
    [
        ("2025-12-10", 3, "2026-03-10", "2026-03-09"),
        ("2025-11-30", 3, "2026-02-28", "2026-02-28"),
        ("2023-11-30", 3, "2024-02-29", "2024-02-29"),
        ("2023-11-29", 3, "2024-02-29", "2024-02-28"),
        ("2026-01-31", 3, "2026-04-30", "2026-04-30"),
        ("2026-03-31", 3, "2026-06-30", "2026-06-30"),
        ("2026-02-28", 3, "2026-05-28", "2026-05-27"),
        ("2026-03-01", 12, "2027-03-01", "2027-02-28"),
        ("2024-02-29", 12, "2025-02-28", "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29", "2028-02-28"),
        ("2026-12-31", 12, "2027-12-31", "2027-12-30"),
        ("2026-12-01", 1, "2027-01-01", "2026-12-31"),
        ("2026-03-18", 60, "2031-03-18", "2031-03-17"),
    ],
)
def test_last_day(issued: str, months: int, same_day: str, day_before: str) -> None:
    """民法典 第202条: a month without such a day ends the period with its last one."""
    day, period = dt.date.fromisoformat(issued), Period(months)
    assert valid_to(day, period) == dt.date.fromisoformat(same_day)
    assert valid_to(day, period, "same_day") == dt.date.fromisoformat(same_day)
    assert valid_to(day, period, "day_before") == dt.date.fromisoformat(day_before)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 60))
def test_last_day_lies_in_the_right_month_and_grows(day: dt.date, months: int) -> None:
    end = valid_to(day, Period(months))
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end + dt.timedelta(days=1)).day == 1
    assert valid_to(day + dt.timedelta(days=1), Period(months)) >= end
    assert day < valid_to(day, Period(months), "day_before") <= end


def test_periods_that_are_none() -> None:
    with pytest.raises(ValueError, match="at least one month"):
        valid_to(TODAY, Period(0))
    with pytest.raises(OverflowError):
        valid_to(dt.date(9999, 12, 1), Period(1))


def test_options_of_the_day(tables: EndorsementTables) -> None:
    weekly = find_option(tables, "MAC-G-1YW", TODAY)
    assert weekly is not None
    assert (weekly.destination, weekly.kind, weekly.entries, weekly.weekly) == (Destination.MACAO, "G", None, True)
    assert find_option(tables, "HKG-G-1YW", TODAY) is None
    assert find_option(tables, "nothing", TODAY) is None
    assert (weekly.title, is_weekly(weekly.id)) == ("一周一行", True)
    assert {option.id: option.stay_days for option in options_on(tables, TODAY)} == {
        row.id: row.block.stay_days for row in tables.options_on(TODAY)
    }
    often = find_option(tables, "HKG-G-1YM", TODAY)
    assert often is not None
    assert (often.title, is_weekly(often.id)) == ("一签多行", False)
    assert not is_weekly("nothing")
    assert all(is_weekly(option.id) is option.weekly for option in options_on(tables, TODAY))
    assert len({o.id for o in options_on(tables, TODAY)}) == len(options_on(tables, TODAY))


def test_words() -> None:
    assert (period_words(Period(3)), period_words(Period(12)), period_words(Period(36))) == ("3 个月", "1 年", "3 年")
    assert [entries_words(n) for n in (1, 2, None)] == ["一次", "二次", "多次"]
    assert entries_words(3) == "3 次"
    assert entries_words(None, weekly=True) == entries_words(1, weekly=True) == "每周一次"
    assert stay_words(7) == "每次停留不超过 7 天"
    assert stay_words(0) == "停留时间以对方许可为准"
