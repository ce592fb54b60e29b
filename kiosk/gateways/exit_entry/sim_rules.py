"""What the simulated platform itself sells, what it costs and whom it refuses.

Written down a second time on purpose, not shared with the kiosk's catalogue and rules: a kiosk that forgot a rule or has an old
tariff must find the platform saying no.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from config.scenario_permit import PermitData
from kiosk.gateways.sim_server import SimRefusal

ADULT = 16
NO_PAPERS = frozenset("GL")
FEES_FEN = {1: 15_00, 2: 30_00}
"""One and two entries (发改价格[2017]1186)."""
MANY_FEN = ((12, 80_00), (24, 120_00), (35, 160_00), (999, 240_00))
"""Any number of entries: months at most, and the fee (same source). For Taiwan only the first."""
_OPTION = re.compile(r"(HKG|MAC|TWN)-([A-Z])-([1-9][0-9]?)([MY])([12MW])")


@dataclass(frozen=True, slots=True)
class Sold:
    """One option of the platform's catalogue."""

    id: str
    destination: str
    kind: str
    months: int
    entries: int | None

    @property
    def fee_fen(self) -> int:
        if self.entries is not None:
            return FEES_FEN[self.entries]
        months = 1 if self.destination == "TWN" else self.months
        return next(fee for most, fee in MANY_FEN if months <= most)

    def valid_to(self, issued: dt.date) -> dt.date:
        """The same day of the month, or the month's last."""
        year, month = divmod(issued.year * 12 + issued.month - 1 + self.months, 12)
        last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
        return dt.date(year, month + 1, min(issued.day, last))


def sold(option_id: str) -> Sold:
    """The option behind an id: place, kind, validity, entries (M any number, W one trip a week). Raises SimRefusal."""
    found = _OPTION.fullmatch(option_id)
    if not found:
        raise SimRefusal(422, "unknown_option", "没有这一项签注")
    destination, kind, count, unit, entries = found.groups()
    months = int(count) * (12 if unit == "Y" else 1)
    return Sold(option_id, destination, kind, months, int(entries) if entries in "12" else None)


def may_apply(permit: PermitData, birth: dt.date, chosen: tuple[Sold, ...], today: dt.date) -> None:
    """Raises SimRefusal. The ground of a refusal is never told in words."""
    if len({option.destination for option in chosen}) != len(chosen):
        raise SimRefusal(422, "same_destination", "同一前往地只能申请一项")
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    refused = (
        permit.state != "valid" or permit.booklet or permit.expiry < today or age < ADULT,
        permit.registered_official or permit.military or permit.exit_barred,
        permit.false_statement or permit.data_changed or permit.review,
    )
    if any(refused):
        raise SimRefusal(409, "not_eligible", "暂时不能在自助机办理，请到人工窗口")
    for option in chosen:
        filed = option.kind == "S" and permit.business_filed
        shown = option.kind in permit.papers_for and not (option.kind == "S" and option.entries is None)
        if not (option.kind in NO_PAPERS or filed or shown):
            raise SimRefusal(409, "papers_needed", "这一种签注要提交材料，请到人工窗口")
        if option.valid_to(today) > permit.expiry:
            raise SimRefusal(409, "permit_ends_first", "签注有效期不能超过通行证有效期")
