"""Paying late, reckoned by ourselves, to stand beside the platform's figures in diagnostics. The platform's figures count.

The days are those of `calendar`, the amount that of `money`; nothing here is shown to citizens as what they owe.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.domain.calendar import WorkCalendar
from kiosk.domain.money import days_late, surcharge


@dataclass(frozen=True, slots=True)
class OwnReckoning:
    """`deadline` and `first_late` are None for a warning: nothing is to be paid (公安部令105 第60条 speaks of fines)."""

    deadline: dt.date | None
    first_late: dt.date | None
    """The first day that costs."""
    days_late: int
    surcharge_fen: int
    certain: bool
    """False where a year without a holiday table was met: the date is then a preview."""

    def against(self, deadline: dt.date | None, surcharge_fen: int | None) -> tuple[str, ...]:
        """Where the platform says something else, in English sentences for staff. Empty: it says the same, or nothing."""
        said: list[str] = []
        if deadline is not None and deadline != self.deadline:
            ours = "none" if self.deadline is None else self.deadline.isoformat()
            said.append(
                f"deadline: platform {deadline.isoformat()}, own {ours}{'' if self.certain else ' (uncertain)'}"
            )
        if surcharge_fen is not None and surcharge_fen != self.surcharge_fen:
            said.append(
                f"surcharge in fen: platform {surcharge_fen}, own {self.surcharge_fen} for {self.days_late} days"
            )
        return tuple(said)


def reckon(
    fine_fen: int,
    received: dt.date,
    paid_on: dt.date,
    calendar: WorkCalendar,
    paused: Iterable[tuple[dt.date, dt.date]] = (),
) -> OwnReckoning:
    """Deadline, days late and surcharge of a fine for paying it on a day.

    `received` is the day the decision was handed over, which for a machine is the day it was made. `paused` are half-open periods
    of a review or a lawsuit. Sources: 道路交通安全法 第108条, 行政处罚法 第67条、第72条、第73条, 公安部令105 第60条.
    """
    if fine_fen <= 0:
        return OwnReckoning(None, None, 0, 0, True)
    due, pauses = calendar.due(received), tuple(paused)
    late = days_late(due.last_day, paid_on, pauses)
    extra = surcharge(fine_fen, due.last_day, paid_on, pauses)
    return OwnReckoning(due.last_day, due.last_day + dt.timedelta(days=1), late, extra, due.certain)
