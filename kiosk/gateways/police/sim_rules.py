"""What the simulated platform itself refuses to decide.

Written down a second time on purpose, not shared with the kiosk's eligibility rules: a kiosk that forgot a rule must find the
platform saying no.
"""

from __future__ import annotations

import datetime as dt

from config.scenarios import RecordData, Scenario
from kiosk.gateways.sim_server import SimRefusal

BLOCKING_STATUS = frozenset("BCDEFGJKLMRSU")
SIMPLE_PROCEDURE_FEN = 200_00
RECORD_POINTS = 6
POINTS_LIMIT = 12


def may_decide(record: RecordData, citizen: Scenario | None, points_added: int, today: dt.date) -> int:
    """The points this person has so far, `points_added` of them by decisions made here. Raises SimRefusal.

    公安部令105 第43条, 第52条 (simple procedure); the bound of six points and the twelve are those of the national app.
    """
    if record.penalty == "other" or record.fine_fen > SIMPLE_PROCEDURE_FEN:
        raise SimRefusal(422, "general_procedure", "这条违法要按一般程序处理，请到窗口")
    if record.points > RECORD_POINTS:
        raise SimRefusal(422, "too_many_points", "这条违法记分较多，请到窗口")
    if citizen is None or citizen.licence is None:
        raise SimRefusal(422, "no_licence", "没有查到驾驶证")
    licence = citizen.licence
    if set(licence.status) & BLOCKING_STATUS:
        raise SimRefusal(422, "licence_blocked", "驾驶证状态不能处理违法")
    if licence.valid_to is not None and licence.valid_to < today:
        raise SimRefusal(422, "licence_expired", "驾驶证已过有效期")
    total = licence.points + points_added
    if total >= POINTS_LIMIT or (record.points and total + record.points >= POINTS_LIMIT):
        raise SimRefusal(422, "points_limit", "处理后累积记分将达到12分，请到窗口")
    _check_filing(record, citizen)
    return total


def _check_filing(record: RecordData, citizen: Scenario) -> None:
    """Points on a filed vehicle only for offences after the day of filing; none at all on a stranger's vehicle."""
    key = (record.plate, record.plate_type)
    mine = next((v for v in citizen.vehicles if (v.plate, v.plate_type) == key), None)
    if record.points == 0 or (mine is not None and mine.relation == "own"):
        return
    if mine is None or mine.relation != "filed" or mine.filed_on is None or record.at.date() <= mine.filed_on:
        raise SimRefusal(422, "not_filed_in_time", "车辆不在您名下，也没有在违法之前备案")
