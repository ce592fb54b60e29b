"""T08: late payment (加处罚款) as the platform reckoned it, and our own reckoning beside it. The platform's figure counts and is paid.

Nothing is kept for this: of each decision that is paid by its number the ledger has what was owed, the fine alone, when it was decided,
and the day. Whose decision it is stands there encrypted and is not opened here. For a year without a table of holidays nothing is
guessed: there is no figure of ours then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from config.zone import SHANGHAI
from kiosk.domain.calendar import WorkCalendar
from kiosk.domain.identity import mask_number
from kiosk.domain.late import OwnReckoning
from kiosk.domain.money import SURCHARGE_PERCENT_PER_DAY, format_amount
from kiosk.domain.violation import Decision
from kiosk.journeys.fine.late import NoHolidayTable, own_reckoning
from kiosk.ledger.registrar import from_json
from kiosk.ledger.states import Kind
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import Clock
from kiosk.screens.day_end import LateRow, LateView

DAYS = 31
"""What lies further back is looked up in the ledger."""
MOST = 60
"""Rows that are shown, the newest."""
NOT_RECKONED = "不推算"


@dataclass(frozen=True, slots=True)
class LatePayments:
    """`calendar` is that of the machine's own tables."""

    store: Store
    clock: Clock
    calendar: WorkCalendar

    async def read(self) -> LateView:
        """Newest first. Raises LedgerError."""
        now = self.clock.now()
        since = (now - dt.timedelta(days=DAYS)).isoformat(timespec="milliseconds")
        known = await self.store.find(Kind.DECISION, moved_since=since, record_id="")
        found = dict.fromkeys(row for record in reversed(known) if (row := self._row(record)) is not None)
        rows = tuple(found)  # whoever comes twice on one day is told the same twice
        due = self.calendar.due(_day(now))
        missing = sorted({day.year for day in (due.nominal, due.last_day) if not self.calendar.knows(day)})
        return LateView(
            rows[:MOST],
            days=DAYS,
            differing=sum(row.tone == "warn" for row in rows),
            years=tuple(sorted(self.calendar.known_years)),
            missing_year=missing[0] if missing and not due.certain else 0,
        )

    def _row(self, known: Record) -> LateRow | None:
        """None: neither side says that it is late."""
        issued = from_json(known["issued"])
        day, platform = _day(dt.datetime.fromisoformat(known.created_at)), known["fine_fen"] - issued.fine_fen
        try:
            own = own_reckoning(issued.fine_fen, _day(issued.decided_at), day, self.calendar)
        except NoHolidayTable as unknown:
            why = f"没有 {unknown.year} 年的节假日表，本机不推算。"
            return _shown(issued, day, platform, NOT_RECKONED, why)
        if platform == own.surcharge_fen == 0:
            return None
        why = "" if platform == own.surcharge_fen else _why(own, issued)
        return _shown(issued, day, platform, format_amount(own.surcharge_fen), why)


def _shown(issued: Decision, day: dt.date, platform: int, own: str, why: str) -> LateRow:
    tone = "ok" if not why else "muted" if own == NOT_RECKONED else "warn"
    return LateRow(mask_number(issued.number), day.isoformat(), format_amount(platform), own, why, tone)  # type: ignore[arg-type]


def _why(own: OwnReckoning, issued: Decision) -> str:
    ours = own.deadline.isoformat() if own.deadline is not None else "无"
    reckoned = f"本机按逾期 {own.days_late} 天、每天 {SURCHARGE_PERCENT_PER_DAY}% 推算。"
    if issued.deadline is None:
        return f"平台没有给出缴款期限，本机推算为 {ours}。{reckoned}"
    if issued.deadline != own.deadline:
        return f"缴款期限不同：平台 {issued.deadline.isoformat()}，本机 {ours}。{reckoned}"
    return f"缴款期限同为 {ours}。{reckoned}复议、诉讼期间不计，本机不知道有没有。"


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(SHANGHAI).date()
