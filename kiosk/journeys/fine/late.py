"""Our own reckoning beside the cashier's surcharge, for technicians: they find the difference among the last lines of the log.

The cashier's figures count, and only they are shown and paid (行政处罚法 第72条). A difference has a reason staff should know of: another
day of receipt, a review that stops the surcharge (第73条), a table of holidays that is out of date.
"""

from __future__ import annotations

import structlog

from config.zone import SHANGHAI
from kiosk.domain.calendar import work_calendar
from kiosk.domain.fine import PayableFine
from kiosk.domain.late import reckon
from kiosk.journeys.kit import Kit

log = structlog.get_logger(__name__)


def note_difference(fine: PayableFine, kit: Kit) -> None:
    """One line with both surcharges and the reason, where they differ. Neither the decision nor its party is named."""
    if fine.surcharge_fen is None:
        return
    calendar = work_calendar(kit.tables.holidays, kit.tables.rules.deadline)
    received, today = (at.astimezone(SHANGHAI).date() for at in (fine.decided_at, kit.clock.now()))
    own = reckon(fine.principal_fen, received, today, calendar)
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
