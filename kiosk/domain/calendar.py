"""Public holidays, working days, and the last day to pay a fine.

Three day counts meet here and must not be mixed up: 15 days to pay are calendar days (道路交通安全法 第108条, 行政处罚法 第67条);
periods of two to seven days in 行政处罚法 (第85条) and of two to fifteen in 公安部令105 (第81条) are working days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from config.tables import DeadlineRules, Holidays

DAYS_TO_PAY = 15
"""道路交通安全法 第108条第1款, 行政处罚法 第67条第3款."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day to pay without surcharge.

    `nominal` is the 15th day before any shift. `certain` is False where a year without a holiday table was met: the date is
    then a preview, and the platform's date counts.
    """

    last_day: dt.date
    nominal: dt.date
    certain: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are holidays (节假日) and which are worked. Build it with `work_calendar`."""

    off: frozenset[dt.date] = field(repr=False)
    """Days of the announced holiday blocks."""
    moved_work: frozenset[dt.date] = field(repr=False)
    """Weekend days worked in exchange (调休)."""
    known_years: frozenset[int]
    weekends_are_holidays: bool = True
    holiday_shift: bool = True

    def knows(self, day: dt.date) -> bool:
        """Whether the holidays of that year are known. If not, only weekends are counted, and nothing is guessed."""
        return day.year in self.known_years

    def is_holiday(self, day: dt.date) -> bool:
        """Whether the day is a 节假日. A weekend day worked by 调休 is none."""
        if day in self.moved_work:
            return False
        return day in self.off or (self.weekends_are_holidays and day.weekday() >= 5)

    def is_working_day(self, day: dt.date) -> bool:
        return day in self.moved_work or (day not in self.off and day.weekday() < 5)

    def due(self, received: dt.date) -> Deadline:
        """The last day to pay for a decision received on a day.

        The day of receipt does not count; the 15 days are calendar days; a last day that is a holiday moves to the first day
        after the holiday (公安机关办理行政案件程序规定 第35条, applied by 公安部令105 第80条).
        """
        nominal = received + dt.timedelta(days=DAYS_TO_PAY)
        last_day, certain = nominal, True
        while self.holiday_shift:
            certain = certain and self.knows(last_day)
            if not self.is_holiday(last_day):
                break
            last_day += dt.timedelta(days=1)
        return Deadline(last_day, nominal, certain)

    def deadline(self, received: dt.date) -> dt.date:
        """The date of `due` alone."""
        return self.due(received).last_day

    def add_working_days(self, day: dt.date, count: int) -> dt.date:
        """The last of `count` working days after a day, which itself does not count (公安部令105 第81条)."""
        while count > 0:
            day += dt.timedelta(days=1)
            count -= self.is_working_day(day)
        return day


def work_calendar(holidays: Holidays, rules: DeadlineRules) -> WorkCalendar:
    """The calendar of the hall's tables."""
    return WorkCalendar(
        off=frozenset(day for year in holidays.year for block in year.off for day in block.days()),
        moved_work=frozenset(day for year in holidays.year for day in year.work),
        known_years=frozenset(year.year for year in holidays.year),
        weekends_are_holidays=rules.weekends_are_holidays,
        holiday_shift=rules.holiday_shift,
    )
