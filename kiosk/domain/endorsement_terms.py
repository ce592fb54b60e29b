"""How long an endorsement lasts and what it costs, and the words for both."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable

from config.endorsement_tables import EndConvention, EndorsementTables, Fee, OptionRow, pick_fee
from kiosk.domain.endorsement import Destination, Option, Period


def option_of(row: OptionRow) -> Option:
    """The catalogue's row as the value the rest of the house works with."""
    return Option(
        id=row.id,
        destination=Destination(row.destination),
        kind=row.kind,
        period=Period(row.months),
        entries=row.entries,
        stay_days=row.block.stay_days,
        weekly=row.weekly,
        title=row.block.title,
    )


def options_on(tables: EndorsementTables, day: dt.date) -> tuple[Option, ...]:
    """What can be applied for on a day, in the order of the catalogue."""
    return tuple(option_of(row) for row in tables.options_on(day))


def find_option(tables: EndorsementTables, option_id: str, day: dt.date) -> Option | None:
    """The option of this id as it is on a day; None where it does not exist then."""
    return next((option_of(row) for row in tables.options_on(day) if row.id == option_id), None)


def fee_fen(entries: int | None, months: int, fees: Iterable[Fee]) -> int:
    """Fen for one endorsement; `entries` None is any number. Each place is charged by itself.

    Source: 发改价格[2017]1186. Raises ValueError where the rows name no fee.
    """
    found = pick_fee(fees, entries, months)
    if found is None:
        raise ValueError(f"no fee for {entries or 'multi'} entries and {months} months")
    return found.fen


def valid_to(issue_day: dt.date, period: Period, convention: EndConvention = "same_day") -> dt.date:
    """The last day on which an endorsement issued on a day can be used.

    The month that has no such day ends the period with its own last day, under either convention (民法典 第202条): 30 November and
    three months make 28 February. Raises ValueError for a period that is not positive, OverflowError beyond year 9999.
    """
    if period.months < 1:
        raise ValueError("a period is at least one month")
    year, month = divmod(issue_day.year * 12 + issue_day.month - 1 + period.months, 12)
    if year > dt.MAXYEAR:
        raise OverflowError("beyond the calendar")
    last = calendar.monthrange(year, month + 1)[1]
    if issue_day.day > last:
        return dt.date(year, month + 1, last)
    end = dt.date(year, month + 1, issue_day.day)
    return end - dt.timedelta(days=1) if convention == "day_before" else end


def period_words(period: Period) -> str:
    """3 个月, 1 年"""
    return f"{period.months} 个月" if period.months % 12 else f"{period.months // 12} 年"


def entries_words(entries: int | None, weekly: bool = False) -> str:
    """一次, 二次, 多次; 每周一次 for one trip in each natural week. 二次 is the tariff's own word (发改价格[2017]1186)."""
    if weekly:
        return "每周一次"
    return {None: "多次", 1: "一次", 2: "二次"}.get(entries, f"{entries} 次")


def stay_words(stay_days: int) -> str:
    """The longest stay, as a half sentence."""
    return f"每次停留不超过 {stay_days} 天" if stay_days else "停留时间以对方许可为准"
