"""The last day to pay, the surcharge, amounts in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.tables import Tables
from kiosk.domain.calendar import WorkCalendar, work_calendar
from kiosk.domain.money import MOST_FEN, days_late, format_amount, format_fen, format_yuan, spell_out, surcharge


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# fine (yuan), received, deadline, paid, days late, surcharge (fen): 道路交通安全法 第108条, 行政处罚法 第72条
EXAMPLES = [
    (200, "2025-03-03", "2025-03-18", "2025-03-18", 0, 0),
    (200, "2025-03-03", "2025-03-18", "2025-03-19", 1, 6_00),
    (200, "2025-03-03", "2025-03-18", "2025-04-20", 33, 198_00),
    (200, "2025-03-03", "2025-03-18", "2025-04-21", 34, 200_00),
    (200, "2025-03-03", "2025-03-18", "2025-12-31", 288, 200_00),
    (150, "2025-03-07", "2025-03-24", "2025-03-24", 0, 0),
    (150, "2025-03-07", "2025-03-24", "2025-03-25", 1, 4_50),
    (150, "2025-03-07", "2025-03-24", "2025-04-03", 10, 45_00),
    (100, "2025-05-16", "2025-06-03", "2025-06-04", 1, 3_00),
    (100, "2025-09-18", "2025-10-09", "2025-10-09", 0, 0),
    (100, "2025-09-18", "2025-10-09", "2025-10-10", 1, 3_00),
    (50, "2025-09-13", "2025-09-28", "2025-09-29", 1, 1_50),
    (20, "2026-01-31", "2026-02-24", "2026-02-25", 1, 60),
    (100, "2026-02-13", "2026-02-28", "2026-03-01", 1, 3_00),
    (200, "2026-09-16", "2026-10-08", "2026-10-09", 1, 6_00),
]


@pytest.mark.parametrize(
    ("fine", "received", "deadline", "paid", "late", "extra"),
    EXAMPLES,
    ids=[f"道交法108+处罚法72-row{n}" for n in range(1, 16)],
)
def test_worked_examples(
    calendar: WorkCalendar, fine: int, received: str, deadline: str, paid: str, late: int, extra: int
) -> None:
    due = calendar.due(day(received))
    assert due.last_day == day(deadline) == calendar.deadline(day(received))
    assert due.nominal == day(received) + dt.timedelta(days=15)
    assert due.certain
    assert days_late(due.last_day, day(paid)) == late
    assert surcharge(fine * 100, due.last_day, day(paid)) == extra


def test_bank_that_does_not_shift_for_holidays(calendar: WorkCalendar) -> None:
    naive = replace(calendar, holiday_shift=False)
    deadline = naive.deadline(day("2025-03-07"))
    assert deadline == day("2025-03-22")
    assert days_late(deadline, day("2025-03-25")) == 3
    assert surcharge(150_00, deadline, day("2025-03-25")) == 13_50


def test_no_deadline_no_surcharge() -> None:
    assert surcharge(0, None, day("2026-03-18")) == 0
    assert surcharge(0, day("2020-01-01"), day("2026-03-18")) == 0


@pytest.mark.parametrize(
    ("pauses", "late"),
    [
        ([], 10),
        ([("2025-03-20", "2025-03-25")], 5),
        ([("2025-03-20", "2025-03-25"), ("2025-03-22", "2025-03-27")], 3),
        ([("2025-03-20", "2025-03-27"), ("2025-03-22", "2025-03-23")], 3),
        ([("2025-03-01", "2025-03-10")], 10),
        ([("2025-03-10", "2025-03-20")], 9),
        ([("2025-01-01", "2026-01-01")], 0),
        ([("2025-03-25", "2025-03-20")], 10),
    ],
)
def test_review_pauses_the_surcharge(pauses: list[tuple[str, str]], late: int) -> None:
    """行政处罚法 第73条第3款"""
    paused = [(day(a), day(b)) for a, b in pauses]
    assert days_late(day("2025-03-18"), day("2025-03-28"), paused) == late


DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


@pytest.mark.parametrize("weekends", [True, False])
@pytest.mark.parametrize("shift", [True, False])
def test_the_calendar_follows_the_hall(tables: Tables, weekends: bool, shift: bool) -> None:
    """公安机关办理行政案件程序规定 第35条"""
    rules = tables.rules.deadline.model_copy(update={"weekends_are_holidays": weekends, "holiday_shift": shift})
    found = work_calendar(tables.holidays, rules)
    assert (found.weekends_are_holidays, found.holiday_shift) == (weekends, shift)
    saturday = dt.date(2026, 3, 21)
    assert found.is_holiday(saturday) is weekends
    assert found.deadline(dt.date(2026, 3, 6)) == (dt.date(2026, 3, 23) if weekends and shift else saturday)


@given(DAYS, DAYS, st.lists(st.tuples(DAYS, DAYS), max_size=5))
def test_days_late_agrees_with_counting(
    deadline: dt.date, paid: dt.date, paused: list[tuple[dt.date, dt.date]]
) -> None:
    counted = 0
    current = deadline
    while current < paid:
        current += dt.timedelta(days=1)
        counted += not any(a <= current < b for a, b in paused)
    assert days_late(deadline, paid, paused) == counted


@given(st.integers(0, 5000).map(lambda yuan: yuan * 100), DAYS, DAYS)
def test_surcharge_never_exceeds_the_fine(fine: int, deadline: dt.date, paid: dt.date) -> None:
    extra = surcharge(fine, deadline, paid)
    assert 0 <= extra <= fine
    assert (extra == 0) == (paid <= deadline or fine == 0)


@given(st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 1)))
def test_deadline_is_the_first_day_that_is_no_holiday(calendar: WorkCalendar, received: dt.date) -> None:
    due = calendar.due(received)
    assert due.last_day >= received + dt.timedelta(days=15)
    assert not calendar.is_holiday(due.last_day)
    current = due.nominal
    while current < due.last_day:
        assert calendar.is_holiday(current)
        current += dt.timedelta(days=1)


def test_unknown_year_counts_weekends_and_says_so(calendar: WorkCalendar) -> None:
    assert not calendar.knows(day("2027-02-06"))
    due = calendar.due(day("2027-01-22"))  # 6 February 2027 is a Saturday, and New Year's Day of the lunar calendar
    assert due.last_day == day("2027-02-08")
    assert not due.certain
    assert calendar.due(day("2026-12-10")).certain
    assert not calendar.due(day("2026-12-18")).certain  # 2 January 2027


@pytest.mark.parametrize(
    ("date", "holiday", "working"),
    [
        ("2025-09-28", False, True),
        ("2025-10-08", True, False),
        ("2025-10-09", False, True),
        ("2026-02-28", False, True),
        ("2026-03-01", True, False),
        ("2026-01-03", True, False),
        ("2026-01-04", False, True),
    ],
)
def test_day_kinds(calendar: WorkCalendar, date: str, holiday: bool, working: bool) -> None:
    assert calendar.is_holiday(day(date)) is holiday
    assert calendar.is_working_day(day(date)) is working


def test_weekends_can_be_no_holidays(calendar: WorkCalendar) -> None:
    other = replace(calendar, weekends_are_holidays=False)
    assert other.deadline(day("2025-03-07")) == day("2025-03-22")
    assert other.deadline(day("2025-09-18")) == day("2025-10-09")
    assert not other.is_working_day(day("2025-03-22"))


def test_working_days(calendar: WorkCalendar) -> None:
    """公安部令105 第81条: 五日 are working days."""
    assert calendar.add_working_days(day("2026-09-30"), 5) == day("2026-10-13")


@pytest.mark.parametrize(
    ("fen", "short", "yuan", "words"),
    [
        (150_00, "¥150.00", "150 元", "人民币壹佰伍拾元整"),
        (4_50, "¥4.50", "4.50 元", "人民币肆元伍角整"),
        (60, "¥0.60", "0.60 元", "人民币陆角整"),
        (5, "¥0.05", "0.05 元", "人民币伍分"),
        (0, "¥0.00", "0 元", "人民币零元整"),
        (10_00, "¥10.00", "10 元", "人民币壹拾元整"),
        # 支付结算办法 附件一
        (1_409_50, "¥1409.50", "1409.50 元", "人民币壹仟肆佰零玖元伍角整"),
        (6_007_14, "¥6007.14", "6007.14 元", "人民币陆仟零柒元壹角肆分"),
        (1_680_32, "¥1680.32", "1680.32 元", "人民币壹仟陆佰捌拾元叁角贰分"),
        (107_000_53, "¥107000.53", "107000.53 元", "人民币壹拾万零柒仟元伍角叁分"),
        (16_409_02, "¥16409.02", "16409.02 元", "人民币壹万陆仟肆佰零玖元零贰分"),
        (325_04, "¥325.04", "325.04 元", "人民币叁佰贰拾伍元零肆分"),
        (100_000_001_00, "¥100000001.00", "100000001 元", "人民币壹亿零壹元整"),
        (10_010_000_00, "¥10010000.00", "10010000 元", "人民币壹仟零壹万元整"),
    ],
)
def test_amounts(fen: int, short: str, yuan: str, words: str) -> None:
    assert (format_fen(fen), format_yuan(fen), spell_out(fen)) == (short, yuan, words)
    assert format_amount(fen) == short.removeprefix("¥") + " 元"


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        (1_0000_0001, "壹亿零壹元整"),
        (1_0001_0000, "壹亿零壹万元整"),
        (10_0001, "壹拾万零壹元整"),
        (1000_0000_0000, "壹仟亿元整"),
        (2020_0202, "贰仟零贰拾万零贰佰零贰元整"),
        (1_0000_1000, "壹亿零壹仟元整"),
        (1_0000, "壹万元整"),
    ],
)
def test_one_zero_for_any_gap(yuan: int, words: str) -> None:
    """支付结算办法 附件一 二: 中间连续有几个“0”时，只写一个“零”"""
    assert spell_out(yuan * 100) == f"人民币{words}"


def test_the_smallest_fine_and_none() -> None:
    """行政处罚法 第72条第1款第1项: never more than the fine"""
    due, late = dt.date(2026, 3, 18), dt.date(2026, 4, 21)
    assert [surcharge(fen, due, late) for fen in (1, 0, -100)] == [1, 0, 0]
    assert surcharge(100_00, None, late) == 0


def test_below_zero() -> None:
    assert (format_fen(-150), format_amount(-150)) == ("-¥1.50", "-1.50 元")
    assert (format_yuan(-150), format_yuan(-100), format_yuan(0)) == ("-1.50 元", "-1 元", "0 元")


@pytest.mark.parametrize("fen", [-1, MOST_FEN + 1])
def test_amounts_that_cannot_be_spelled(fen: int) -> None:
    with pytest.raises(ValueError):
        spell_out(fen)


def _read(words: str) -> int:
    """Reads 大写 back, by other means than it is written."""
    body = words.removeprefix("人民币").removesuffix("整")
    yuan, _, rest = body.rpartition("元")
    digits = {c: n for n, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
    total = group = digit = 0
    for char in yuan:
        if char in digits:
            digit = digits[char]
        elif char in "拾佰仟":
            group += digit * {"拾": 10, "佰": 100, "仟": 1000}[char]
            digit = 0
        else:
            total += (group + digit) * {"万": 10**4, "亿": 10**8}[char]
            group = digit = 0
    fen = (total + group + digit) * 100
    for char, after in pairwise(rest):
        if after in "角分":
            fen += digits[char] * (10 if after == "角" else 1)
    return fen


@given(st.integers(0, MOST_FEN))
def test_words_say_the_amount(fen: int) -> None:
    words = spell_out(fen)
    assert _read(words) == fen
    assert "零零" not in words
