"""Our own reckoning beside the cashier's surcharge, for technicians: a line in the log, and the page of late payments on T08.

The cashier's figures count, and only they are shown and paid (行政处罚法 第72条). A difference has a reason staff should know of: another
day of receipt, a review that stops the surcharge (第73条), a table of holidays that is out of date.
"""

from __future__ import annotations

import datetime as dt

import structlog

from config.zone import SHANGHAI
from kiosk.domain.calendar import WorkCalendar, work_calendar
from kiosk.domain.fine import PayableFine
from kiosk.domain.late import OwnReckoning, reckon
from kiosk.journeys.kit import Kit

log = structlog.get_logger(__name__)


class NoHolidayTable(Exception):
    """The last day to pay lies in a year whose holidays are not known here, and it matters: nothing is reckoned."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no holiday table for {year}")
        self.year = year


def own_reckoning(fine_fen: int, received: dt.date, today: dt.date, calendar: WorkCalendar) -> OwnReckoning:
    """What paying on that day costs by our own tables. Raises NoHolidayTable rather than guess."""
    due = calendar.due(received)
    if fine_fen > 0 and not due.certain and today > due.nominal:  # holidays only move the last day further away
        raise NoHolidayTable(due.last_day.year if calendar.knows(due.nominal) else due.nominal.year)
    return reckon(fine_fen, received, today, calendar)


def note_difference(fine: PayableFine, kit: Kit) -> None:
    """One line with both surcharges and the reason, where they differ. Neither the decision nor its party is named."""
    if fine.surcharge_fen is None:
        return
    calendar = work_calendar(kit.tables.holidays, kit.tables.rules.deadline)
    received, today = (at.astimezone(SHANGHAI).date() for at in (fine.decided_at, kit.clock.now()))
    try:
        own = own_reckoning(fine.principal_fen, received, today, calendar)
    except NoHolidayTable as unknown:
        log.warning(
            "late_payment_not_reckoned", source=fine.authority_code, found=fine.surcharge_fen, reason=str(unknown)
        )
        return
    if fine.surcharge_fen == own.surcharge_fen:
        return
    why = own.against(fine.deadline, fine.surcharge_fen)
    log.warning(
        "late_payment_differs",
        source=fine.authority_code,
        found=fine.surcharge_fen,
        expected=own.surcharge_fen,
        reason="; ".join(why),
    )
