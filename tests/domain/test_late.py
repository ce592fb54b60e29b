"""Our own reckoning of a late payment, beside the platform's figures. Rows of the worked examples stand in test_money_calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kiosk.domain.calendar import WorkCalendar
from kiosk.domain.late import reckon
from tests.domain.test_money_calendar import EXAMPLES


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("fine", "received", "deadline", "paid", "late", "extra"),
    EXAMPLES,
    ids=[f"道交法108+处罚法72-row{n}" for n in range(1, 16)],
)
def test_worked_examples(
    calendar: WorkCalendar, fine: int, received: str, deadline: str, paid: str, late: int, extra: int
) -> None:
    own = reckon(fine * 100, day(received), day(paid), calendar)
    assert (own.deadline, own.days_late, own.surcharge_fen, own.certain) == (day(deadline), late, extra, True)
    assert own.first_late == day(deadline) + dt.timedelta(days=1)
    assert own.against(day(deadline), extra) == ()


def test_the_smallest_fine_has_a_deadline(calendar: WorkCalendar) -> None:
    own = reckon(1, day("2026-03-02"), day("2026-03-02"), calendar)
    assert (own.deadline, own.days_late, own.surcharge_fen) == (day("2026-03-17"), 0, 0)


def test_a_warning_has_no_deadline(calendar: WorkCalendar) -> None:
    own = reckon(0, day("2025-03-03"), day("2026-03-03"), calendar)
    assert (own.deadline, own.first_late, own.days_late, own.surcharge_fen) == (None, None, 0, 0)
    assert own.against(day("2025-03-18"), 0) == ("deadline: platform 2025-03-18, own none",)


def test_a_review_pauses(calendar: WorkCalendar) -> None:
    """行政处罚法 第73条第3款: [a, b) is not counted."""
    own = reckon(200_00, day("2025-03-03"), day("2025-03-28"), calendar, [(day("2025-03-20"), day("2025-03-25"))])
    assert (own.days_late, own.surcharge_fen) == (5, 30_00)


def test_a_naive_bank_is_told_and_not_followed(calendar: WorkCalendar) -> None:
    """Example 7 with a cashier that does not shift over the weekend: 13.50 yuan, and the platform's figure counts."""
    naive = reckon(150_00, day("2025-03-07"), day("2025-03-25"), replace(calendar, holiday_shift=False))
    assert (naive.deadline, naive.days_late, naive.surcharge_fen) == (day("2025-03-22"), 3, 13_50)
    own = reckon(150_00, day("2025-03-07"), day("2025-03-25"), calendar)
    assert own.against(naive.deadline, naive.surcharge_fen) == (
        "deadline: platform 2025-03-22, own 2025-03-24",
        "surcharge in fen: platform 1350, own 450 for 1 days",
    )
    assert own.against(None, None) == ()


def test_a_year_without_holidays_is_not_guessed(calendar: WorkCalendar) -> None:
    own = reckon(150_00, day("2031-03-03"), day("2031-03-03"), calendar)
    assert not own.certain
    assert own.against(day("2031-03-19"), None) == ("deadline: platform 2031-03-19, own 2031-03-18 (uncertain)",)
