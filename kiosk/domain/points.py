"""Points (记分): the cycle they are counted in, and totals over what was chosen (公安部令163).

Points are booked when the decision is made, not when the offence happened (第13条), so they belong to the cycle of the day of
the decision. Anything reaching 12 holds the licence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from config.tables import SetRules
from config.zone import SHANGHAI
from kiosk.domain.violation import ViolationRecord

FULL_POINTS = 12
"""公安部令163 第3条."""


@dataclass(frozen=True, slots=True)
class PointsCycle:
    """Twelve months; both days belong to it."""

    first_day: dt.date
    last_day: dt.date


def points_cycle(first_issued: dt.date, day: dt.date, leap_anniversary: Literal["02-28", "03-01"]) -> PointsCycle:
    """The cycle a day falls in: it runs from the anniversary of the first issue (初次领证日期), not by calendar year.

    `leap_anniversary` says when a cycle from 29 February begins in common years; no source decides it. Source: 公安部令163
    第3条. Raises ValueError for a day before the first issue.
    """
    if day < first_issued:
        raise ValueError("no points cycle before the licence was first issued")
    start = _anniversary(first_issued, day.year, leap_anniversary)
    year = day.year if day >= start else day.year - 1
    next_start = _anniversary(first_issued, year + 1, leap_anniversary)
    return PointsCycle(_anniversary(first_issued, year, leap_anniversary), next_start - dt.timedelta(days=1))


def points_after(points_now: int, chosen: Iterable[ViolationRecord]) -> int:
    """The total once every chosen record is decided."""
    return points_now + sum(record.points for record in chosen)


def running_totals(points_now: int, chosen: Iterable[ViolationRecord]) -> tuple[int, ...]:
    """The total after each decision, in the order in which they are made."""
    return tuple(accumulate((record.points for record in chosen), initial=points_now))[1:]


def cycle_of_decision(
    first_issued: dt.date, decided_at: dt.datetime, leap_anniversary: Literal["02-28", "03-01"]
) -> PointsCycle:
    """The cycle in which a decision's points are booked: that of the day of the decision in China, whenever the offence was
    (公安部令163 第13条)."""
    return points_cycle(first_issued, decided_at.astimezone(SHANGHAI).date(), leap_anniversary)


def reaches_limit(total: int, rules: SetRules) -> bool:
    """Whether a total is one the machine must not bring about."""
    return total >= rules.points_limit if rules.points_compare == ">=" else total > rules.points_limit


def is_near_full(total: int, rules: SetRules) -> bool:
    """Whether the decision should carry the reminder that few points are left."""
    return rules.near_full_from <= total


def _anniversary(first_issued: dt.date, year: int, leap_anniversary: str) -> dt.date:
    try:
        return first_issued.replace(year=year)
    except ValueError:  # 29 February in a common year
        return dt.date(year, 2, 28) if leap_anniversary == "02-28" else dt.date(year, 3, 1)
