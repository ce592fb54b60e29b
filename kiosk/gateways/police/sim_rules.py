"""What the simulated platform itself refuses to decide.

Written down a second time on purpose, not shared with the kiosk's eligibility rules: a kiosk that forgot a rule must find the
platform saying no. Codes of the rules stand beside each refusal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from config.scenarios import RecordData, Scenario, VehicleData
from kiosk.domain.violation import HandledRecord
from kiosk.gateways.sim_server import SimRefusal
from kiosk.ports.clock import SHANGHAI

BLOCKING_STATUS = frozenset("BCDEFGJKLMRSU")
SIMPLE_PROCEDURE_FEN = 200_00
RECORD_POINTS = 6
POINTS_LIMIT = 12
KEY_USES = frozenset("BCDEROPQSN")
KEY_TYPES = ("K1", "K2", "H1", "H2", "Q")
CLOSED_PLATE_TYPES = frozenset(
    {"03", "04", "05", "06", "09", "10", "11", "12", "14", "20", "21", "22", "23", "24", "25"}
    | {"26", "27", "31", "32", "41", "42", "43"}
)
CLOSED_VEHICLE_STATUS = frozenset("CEJMNP")
WINDOW_ONLY_CODES = frozenset(
    {"1613", "1614", "1615", "1702", "1703", "1711", "1712", "5701", "5702", "5703", "5704", "5705"}
)
"""Plates that are missing, covered or another's, and drink: with their local extensions."""
PROXY_COURSES = 3
OTHERS_PLATES = 3
LICENCES_ON_PLATE = 3
APART_HERE, APART = dt.timedelta(minutes=5), dt.timedelta(minutes=20)
"""Nobody changes cars within one county in less, nor gets from one county to another."""
DRIVES = {
    "K": ("A1", "A2", "A3", "B1", "B2", "C1", "C2"),
    "H": ("A1", "A2", "A3", "B1", "B2", "C1", "C2"),
    "M1": ("D",),
    "M21": ("D", "E"),
    "M22": ("D", "E", "F"),
}
"""准驾车型 by the beginning of 车辆类型, of what is open at a machine at all."""


@dataclass(frozen=True, slots=True)
class Case:
    """Who would be decided upon, on what, and what they took before. `vehicle` None: nobody knows it."""

    record: RecordData
    citizen: Scenario | None
    vehicle: VehicleData | None = field(repr=False)
    filed_on: dt.date | None
    """Day from which this person has it filed; None: not filed, or their own."""
    before: Collection[HandledRecord] = field(repr=False)
    points_added: int
    today: dt.date

    @property
    def relation(self) -> str:
        key = (self.record.plate, self.record.plate_type)
        mine = [v for v in (self.citizen.vehicles if self.citizen else ()) if (v.plate, v.plate_type) == key]
        if mine and mine[0].relation == "own" and mine[0].owner == "person":
            return "own"
        return "filed" if self.filed_on is not None else "other"


def may_decide(case: Case) -> int:
    """The points this person has so far, `points_added` of them by decisions made here. Raises SimRefusal.

    公安部令105 第43条, 第52条 (simple procedure); the bound of six points and the twelve are those of the national app.
    """
    _check_record(case.record)
    total = _check_licence(case)
    _check_vehicle(case)
    _check_history(case)
    return total


def _check_record(record: RecordData) -> None:
    if record.penalty == "other" or record.fine_fen > SIMPLE_PROCEDURE_FEN:  # W02, W03
        raise SimRefusal(422, "general_procedure", "这条违法要按一般程序处理，请到窗口")
    if record.points > RECORD_POINTS:  # W04
        raise SimRefusal(422, "too_many_points", "这条违法记分较多，请到窗口")
    if not (record.basis and record.provisions and record.photos):  # W07
        raise SimRefusal(422, "record_incomplete", "这条违法的资料不全，请到窗口")
    if record.code[:4] in WINDOW_ONLY_CODES:  # W09
        raise SimRefusal(422, "window_only", "这种违法只能在窗口处理")
    if record.under_case:  # V12
        raise SimRefusal(422, "under_case", "这条违法涉及案件，请到窗口")


def _check_licence(case: Case) -> int:
    if case.citizen is None or case.citizen.licence is None:  # E05
        raise SimRefusal(422, "no_licence", "没有查到驾驶证")
    licence, record = case.citizen.licence, case.record
    if set(licence.status) & BLOCKING_STATUS:  # E10
        raise SimRefusal(422, "licence_blocked", "驾驶证状态不能处理违法")
    if licence.valid_to is not None and licence.valid_to < case.today:  # E13
        raise SimRefusal(422, "licence_expired", "驾驶证已过有效期")
    if licence.kind != "civil":  # E19
        raise SimRefusal(422, "licence_kind", "这种驾驶证请到窗口处理")
    if licence.suspected_proxy:  # E15
        raise SimRefusal(422, "suspected_proxy", "请到窗口核实")
    day = record.at.astimezone(SHANGHAI).date()
    closed = any(period.first <= day and (period.last is None or day <= period.last) for period in licence.not_valid)
    if closed or day < licence.first_issued:  # E17
        raise SimRefusal(422, "not_licensed_then", "违法发生时驾驶证无效，请到窗口")
    total = licence.points + case.points_added
    if total >= POINTS_LIMIT or (record.points and total + record.points >= POINTS_LIMIT):  # E12, W05
        raise SimRefusal(422, "points_limit", "处理后累积记分将达到12分，请到窗口")
    return total


def _check_vehicle(case: Case) -> None:
    record, vehicle, relation = case.record, case.vehicle, case.relation
    if vehicle is not None:
        if vehicle.use in KEY_USES or vehicle.vehicle_type.startswith(KEY_TYPES):  # V06
            raise SimRefusal(422, "key_vehicle", "重点管理车辆请到窗口处理")
        if vehicle.plate_type in CLOSED_PLATE_TYPES:  # V07
            raise SimRefusal(422, "plate_type", "这种号牌请到窗口处理")
        if set(vehicle.status) & CLOSED_VEHICLE_STATUS:  # V08
            raise SimRefusal(422, "vehicle_status", "车辆状态不能处理违法")
        if not _drives(case, vehicle):  # E16
            raise SimRefusal(422, "wrong_class", "准驾车型不包括这种车")
        if vehicle.owner == "unit" and relation != "filed":  # V05
            raise SimRefusal(422, "unit_vehicle", "单位车辆请先备案或到窗口")
    if relation == "own":
        return
    licence = case.citizen.licence if case.citizen else None
    if licence is not None and licence.full_point_courses >= PROXY_COURSES:  # E14
        raise SimRefusal(422, "others_closed", "不能处理备案车辆的违法")
    if record.points == 0:
        return
    # Points on a filed vehicle only for offences after the day of filing; none at all on a stranger's vehicle.
    if case.filed_on is None or record.at.astimezone(SHANGHAI).date() <= case.filed_on:  # V02, V03
        raise SimRefusal(422, "not_filed_in_time", "车辆不在您名下，也没有在违法之前备案")


def _drives(case: Case, vehicle: VehicleData) -> bool:
    held = case.citizen.licence.licence_class if case.citizen and case.citizen.licence else ""
    wanted = [classes for start, classes in DRIVES.items() if vehicle.vehicle_type.startswith(start)]
    return not wanted or any(name in held for name in wanted[-1])


def _check_history(case: Case) -> None:
    record = case.record
    for earlier in case.before:  # W10
        apart = APART_HERE if earlier.authority_code[:6] == record.authority_code[:6] else APART
        if earlier.plate != record.plate and abs(earlier.at - record.at) < apart:
            raise SimRefusal(422, "two_places", "同一时间在另一地有违法记录，请到窗口核实")
    if record.points == 0:
        return
    others = {earlier.plate for earlier in case.before if earlier.relation != "own" and earlier.points}
    if case.relation != "own" and len(others | {record.plate}) > OTHERS_PLATES:  # S1
        raise SimRefusal(422, "too_many_plates", "处理他人车辆过多，请到窗口核实")
    vehicle = case.vehicle
    if vehicle is not None and vehicle.licences_used + (not vehicle.licence_among_them) > LICENCES_ON_PLATE:  # S2
        raise SimRefusal(422, "too_many_licences", "这辆车记分的驾驶证过多，请到窗口核实")
