"""Rules about each record, by itself. In the order in which they are asked.

To add one, write its test and put a `Rule` into the table; nothing else changes. Days of an offence are days in China.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from config.tables import Rules
from config.zone import SHANGHAI
from kiosk.domain.rule import Act, AppliesTo, RecordFacts, Rule, Words, when
from kiosk.domain.violation import Driver, Vehicle

SIMPLE_PROCEDURE_FEN = 200_00
"""行政处罚法 第51条, 公安部令105 第43条、第52条: 200 yuan or less; 以下 includes the number (第81条)."""

_CLASS = re.compile(r"[ABC][1-6]|[DEFMNP]")
_PAUSED: Mapping[str, str] = {
    "objected": "这条违法正在核查异议",
    "auditing": "这条违法还在审核",
    "correcting": "这条违法正在更正",
}


def _offence_on(facts: RecordFacts) -> dt.date:
    return facts.record.at.astimezone(SHANGHAI).date()


def licence_classes(text: str) -> frozenset[str]:
    """The classes of a licence as the platform writes them in one string: A2D is A2 and D."""
    return frozenset(_CLASS.findall(text.strip().upper()))


def class_covers(vehicle: Vehicle, driver: Driver | None, rules: Rules) -> bool:
    """Whether the licence may drive such a vehicle: False where its type, or its plate type, is known to need a class that the
    licence does not hold. The same for all records of a vehicle, so it is found out once (`RecordFacts.covered`)."""
    if driver is None:
        return True
    held, vehicle_type = licence_classes(driver.licence_class), vehicle.vehicle_type.strip().upper()
    longest, by_type = 0, held
    for row in rules.licence.covers:
        if vehicle.plate_type in row.plate_types and not held & row.classes:
            return False
        fits = max((len(start) for start in row.vehicle_types if vehicle_type.startswith(start)), default=0)
        if fits > longest:
            longest, by_type = fits, row.classes
    return longest == 0 or bool(held & by_type)


def _no_licence_then(facts: RecordFacts) -> bool:
    driver, day = facts.driver, _offence_on(facts)
    return driver is not None and (day < driver.first_issued or any(period.holds(day) for period in driver.not_valid))


def _not_after_filing(facts: RecordFacts) -> bool:
    """Somebody else's car, points, and no proof that the offence happened after the filing."""
    if facts.vehicle.relation == "own" or facts.record.points == 0:
        return False
    filed_on, offence_on = facts.vehicle.filed_on, _offence_on(facts)
    if filed_on is None:
        return True
    return offence_on < filed_on or (offence_on == filed_on and not facts.rules.vehicle.points_on_filing_day)


def _points_of_one(facts: RecordFacts) -> Words | None:
    points = facts.record.points
    return {"points": str(points)} if points > facts.rules.record.max_points else None


def _paused(facts: RecordFacts) -> Words | None:
    state = facts.record.state
    if state in ("open", "held"):
        return None
    return {"what": _PAUSED.get(state, "这条违法暂时不能处理")}


def _incomplete(facts: RecordFacts) -> bool:
    record = facts.record
    written = (record.basis, record.authority, record.authority_code)
    return record.photos < 1 or not all(text.strip() for text in written)


def _window_only(facts: RecordFacts) -> bool:
    record, day = facts.record, _offence_on(facts)
    code, province = record.code.strip().upper(), record.authority_code[:2]
    return any(row.is_about(code, province, day) for row in facts.rules.record.window_only)


def _two_places(facts: RecordFacts) -> bool:
    """Another vehicle's record, taken before, lies nearer in time than one person can be in both."""
    record, limits = facts.record, facts.rules.record
    for other in facts.handled:
        if (other.plate_type, other.plate) == (record.plate_type, record.plate):
            continue
        same = other.authority_code[:6] == record.authority_code[:6]
        minutes = limits.presence_same_area_min if same else limits.presence_other_area_min
        if abs(other.at - record.at) < dt.timedelta(minutes=minutes):
            return True
    return False


RECORD_RULES: tuple[Rule[RecordFacts], ...] = (
    Rule(
        "E05",
        AppliesTo.RECORD,
        when(lambda f: f.driver is None and (f.record.points > 0 or f.vehicle.relation != "own")),
        "没有查到您的驾驶证",
        "请到人工窗口处理",
        "without a licence on file only an owner's records without points are open",
        "公安部令163 第2条",
        Act.SKIP,
        ("person.without_licence",),
    ),
    Rule(
        "W01",
        AppliesTo.RECORD,
        when(lambda f: f.record.handled),
        "这条违法已经处理过",
        "可以凭决定书编号缴款",
        "a decision exists (clbj=1)",
        "公安部令105 第58条；行政处罚法 第29条",
        Act.SKIP,
    ),
    Rule(
        "E16",
        AppliesTo.RECORD,
        when(lambda f: not f.covered),
        "您的准驾车型不包括这辆车",
        "请到人工窗口处理",
        "licence class does not cover the vehicle's type or plate type (rules.toml licence.covers)",
        "公安部令162 第10条、附件1",
        Act.SKIP,
        ("licence.covers",),
    ),
    Rule(
        "E17",
        AppliesTo.RECORD,
        when(_no_licence_then),
        "违法发生那天您的驾驶证不在有效状态",
        "请到人工窗口处理",
        "licence first issued after the offence, or held, suspended or revoked on its day",
        "道路交通安全法 第19条、第99条",
        Act.SKIP,
    ),
    Rule(
        "V03",
        AppliesTo.RECORD,
        when(_not_after_filing),
        "这条违法要记分，又不是在车辆备案后发生的",
        "请到人工窗口处理",
        "record with points on a non-own vehicle, not after the day of filing (or filing day unknown)",
        "公安部令105 第21条；自助处理平台业务规则",
        Act.SKIP,
        ("vehicle.points_on_filing_day",),
    ),
    Rule(
        "V12",
        AppliesTo.RECORD,
        when(lambda f: f.record.under_case),
        "这条违法和一起案件有关",
        "请到人工窗口处理",
        "record is part of a criminal or accident case",
        "公安部令105 第43条；自助处理平台业务规则",
        Act.SKIP,
    ),
    Rule(
        "W02",
        AppliesTo.RECORD,
        when(lambda f: f.record.fine_fen > SIMPLE_PROCEDURE_FEN),
        "罚款超过 200 元",
        "请到人工窗口处理",
        "fine above 200 yuan: general procedure",
        "行政处罚法 第51条；公安部令105 第43条、第52条",
        Act.SKIP,
    ),
    Rule(
        "W03",
        AppliesTo.RECORD,
        when(lambda f: f.record.penalty not in ("warning", "fine")),
        "这条违法的处罚不能在本机办理",
        "请到人工窗口处理",
        "penalty is neither a warning nor a fine (cfzl other than 1 and 2): general procedure",
        "公安部令105 第43条",
        Act.SKIP,
    ),
    Rule(
        "W04",
        AppliesTo.RECORD,
        _points_of_one,
        "这条违法一次记 {points} 分",
        "请到人工窗口处理",
        "more points in one record than rules.toml record.max_points",
        "自助处理平台业务规则",
        Act.SKIP,
        ("record.max_points",),
    ),
    Rule(
        "W06",
        AppliesTo.RECORD,
        _paused,
        "{what}",
        "有结果后再来处理，也可以到人工窗口咨询",
        "under objection, being audited or corrected, or in a state not known here",
        "公安部令105 第5条、第22条",
        Act.SKIP,
    ),
    Rule(
        "W07",
        AppliesTo.RECORD,
        when(_incomplete),
        "这条违法的记录不完整",
        "请到人工窗口处理",
        "no punishment basis, no photo, or no authority",
        "行政处罚法 第41条；公安部令105 第18条",
        Act.SKIP,
    ),
    Rule(
        "W08",
        AppliesTo.RECORD,
        when(lambda f: f.record.region not in f.rules.record.regions),
        "本机不处理这个地区的违法",
        "请用“交管12123”，或到当地窗口处理",
        "record of a region that is not among rules.toml record.regions",
        "公安部令105 第5条；本厅设置",
        Act.SKIP,
        ("record.regions",),
    ),
    Rule(
        "W09",
        AppliesTo.RECORD,
        when(_window_only),
        "这种违法不在本机处理",
        "请到人工窗口处理",
        "violation code is among rules.toml record.window_only",
        "本厅设置",
        Act.SKIP,
        ("record.window_only",),
    ),
    Rule(
        "W10",
        AppliesTo.RECORD,
        when(_two_places),
        "这条违法需要核实驾驶人",
        "请实际驾驶人到人工窗口处理",
        "this person took another vehicle's record of almost the same time (rules.toml record.presence_*): staff are called",
        "公安部令163 第30条；自助处理平台业务规则",
        Act.SKIP,
        ("record.presence_same_area_min", "record.presence_other_area_min"),
        alarm=True,
    ),
    Rule(
        "W11",
        AppliesTo.RECORD,
        when(lambda f: f.held or f.record.state == "held"),
        "这条违法正在别的地方办理",
        "请过几分钟再来处理",
        "another session holds the record",
        "行政处罚法 第29条",
        Act.SKIP,
    ),
)
