"""Rules about the vehicle, about each record, and about the records chosen together. In the order in which they are asked.

To add one (V05, V07 to V12, W06 to W11, S1 to S5), write its test and put a `Rule` into the table of what it is about;
nothing else changes.
"""

from __future__ import annotations

from config.zone import SHANGHAI
from kiosk.domain.points import points_after, reaches_limit
from kiosk.domain.rule import AppliesTo, RecordFacts, Rule, SetFacts, VehicleFacts, Words, when

SIMPLE_PROCEDURE_FEN = 200_00
"""行政处罚法 第51条, 公安部令105 第43条、第52条: 200 yuan or less; 以下 includes the number (第81条)."""


def _key_vehicle(facts: VehicleFacts) -> bool:
    vehicle, rules = facts.vehicle, facts.rules.vehicle
    return vehicle is not None and (
        vehicle.use.strip().upper() in rules.key_uses
        or vehicle.vehicle_type.strip().upper().startswith(rules.key_type_prefixes)
    )


def _not_after_filing(facts: RecordFacts) -> bool:
    """Somebody else's car, points, and no proof that the offence happened after the filing."""
    if facts.vehicle.relation == "own" or facts.record.points == 0:
        return False
    filed_on, offence_on = facts.vehicle.filed_on, facts.record.at.astimezone(SHANGHAI).date()
    if filed_on is None:
        return True
    return offence_on < filed_on or (offence_on == filed_on and not facts.rules.vehicle.points_on_filing_day)


def _points_of_one(facts: RecordFacts) -> Words | None:
    points = facts.record.points
    return {"points": str(points)} if points > facts.rules.record.max_points else None


def _points_of_all(facts: SetFacts) -> Words | None:
    now = facts.driver.points if facts.driver is not None else 0
    if not reaches_limit(points_after(now, facts.chosen), facts.rules.set):
        return None
    word = "达到" if facts.rules.set.points_compare == ">=" else "超过"
    return {"word": word, "limit": str(facts.rules.set.points_limit)}


VEHICLE_RULES: tuple[Rule[VehicleFacts], ...] = (
    Rule(
        "V01",
        AppliesTo.VEHICLE,
        when(lambda f: f.vehicle is None),
        "号牌和车架号、发动机号对不上",
        "请对照行驶证再输一次，或到人工窗口办理",
        "plate, plate type and tail of VIN or engine number do not belong to one vehicle",
        "公安部令105 第58条",
    ),
    Rule(
        "V02",
        AppliesTo.VEHICLE,
        when(
            lambda f: (
                f.vehicle is not None
                and f.vehicle.relation not in ("own", "filed")
                and not f.rules.vehicle.allow_unfiled
            )
        ),
        "这辆车不在您名下，也没有备案",
        "请先在“交管12123”备案，或到人工窗口办理",
        "vehicle is neither own nor filed (rules.toml vehicle.allow_unfiled)",
        "公安部令105 第21条；自助处理平台业务规则",
    ),
    Rule(
        "V06",
        AppliesTo.VEHICLE,
        when(_key_vehicle),
        "这辆车是重点管理车辆",
        "请到人工窗口处理违法",
        "use or type makes it a key vehicle (rules.toml vehicle.key_uses, key_type_prefixes)",
        "自助处理平台业务规则",
    ),
)

RECORD_RULES: tuple[Rule[RecordFacts], ...] = (
    Rule(
        "E05",
        AppliesTo.RECORD,
        when(lambda f: f.driver is None and (f.record.points > 0 or f.vehicle.relation != "own")),
        "没有查到您的驾驶证",
        "请到人工窗口处理",
        "without a licence on file only an owner's records without points are open",
        "公安部令163 第2条",
    ),
    Rule(
        "V03",
        AppliesTo.RECORD,
        when(_not_after_filing),
        "这条违法要记分，又不是在车辆备案后发生的",
        "请到人工窗口处理",
        "record with points on a non-own vehicle, not after the day of filing (or filing day unknown)",
        "公安部令105 第21条；自助处理平台业务规则",
    ),
    Rule(
        "W01",
        AppliesTo.RECORD,
        when(lambda f: f.record.handled),
        "这条违法已经处理过",
        "可以凭决定书编号缴款",
        "a decision exists (clbj=1)",
        "公安部令105 第58条",
    ),
    Rule(
        "W02",
        AppliesTo.RECORD,
        when(lambda f: f.record.fine_fen > SIMPLE_PROCEDURE_FEN),
        "罚款超过 200 元",
        "请到人工窗口处理",
        "fine above 200 yuan: general procedure",
        "行政处罚法 第51条；公安部令105 第43条、第52条",
    ),
    Rule(
        "W03",
        AppliesTo.RECORD,
        when(lambda f: f.record.penalty not in ("warning", "fine")),
        "这条违法的处罚不能在本机办理",
        "请到人工窗口处理",
        "penalty is neither a warning nor a fine (cfzl other than 1 and 2): general procedure",
        "公安部令105 第43条",
    ),
    Rule(
        "W04",
        AppliesTo.RECORD,
        _points_of_one,
        "这条违法一次记 {points} 分",
        "请到人工窗口处理",
        "more points in one record than rules.toml record.max_points",
        "自助处理平台业务规则",
    ),
)

SET_RULES: tuple[Rule[SetFacts], ...] = (
    Rule(
        "W05",
        AppliesTo.SET,
        _points_of_all,
        "处理后累积记分会{word} {limit} 分",
        "请到人工窗口处理",
        "points now, chosen and this record reach rules.toml set.points_limit",
        "公安部令163 第14条；自助处理平台业务规则",
    ),
)
