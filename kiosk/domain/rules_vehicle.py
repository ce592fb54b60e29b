"""Rules about the vehicle, and about filing somebody else's. In the order in which they are asked.

To add one, write its test and put a `Rule` into the table of what it is about; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.rule import Act, AppliesTo, FilingFacts, Rule, VehicleFacts, Words, when
from kiosk.domain.violation import Vehicle


def _about(test: Callable[[Vehicle, VehicleFacts], bool]) -> Callable[[VehicleFacts], Words | None]:
    """A test that needs a vehicle."""
    return when(lambda facts: facts.vehicle is not None and test(facts.vehicle, facts))


def _key_vehicle(vehicle: Vehicle, facts: VehicleFacts | FilingFacts) -> bool:
    rules = facts.rules.vehicle
    return vehicle.use.strip().upper() in rules.key_uses or vehicle.vehicle_type.strip().upper().startswith(
        rules.key_type_prefixes
    )


def _letters(vehicle: Vehicle) -> tuple[str, ...]:
    """The status is a set of letters in one string."""
    return tuple(dict.fromkeys(vehicle.status.strip().upper()))


def _names(facts: VehicleFacts, rule: str, *, alarm: bool = False) -> str:
    if facts.vehicle is None:
        return ""
    rows = (facts.rules.vehicle.status.get(letter) for letter in _letters(facts.vehicle))
    return "、".join(row.name for row in rows if row is not None and row.rule == rule and row.alarm is alarm)


def _status(rule: str) -> Callable[[VehicleFacts], Words | None]:
    """The names of the letters that a rule is about."""
    return lambda facts: {"status": names} if (names := _names(facts, rule)) else None


def _seized(act: str) -> Callable[[VehicleFacts], Words | None]:
    said = _status("V09")
    return lambda facts: said(facts) if facts.rules.vehicle.seized == act else None


def _not_inspected(vehicle: Vehicle, facts: VehicleFacts) -> bool:
    over = facts.today is not None and vehicle.inspection_to is not None and vehicle.inspection_to < facts.today
    return over or bool(_names(facts, "V10"))


def _not_insured(vehicle: Vehicle, facts: VehicleFacts) -> bool:
    return facts.today is not None and vehicle.insured_to is not None and vehicle.insured_to < facts.today


def _key_person(vehicle: Vehicle, facts: VehicleFacts) -> bool:
    courses = facts.driver.full_point_courses if facts.driver is not None else 0
    return vehicle.relation != "own" and courses >= facts.rules.person.key_person_courses


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
        "V08",
        AppliesTo.VEHICLE,
        lambda f: {"status": names} if (names := _names(f, "V08", alarm=True)) else None,
        "这辆车的登记信息需要核实",
        "请到人工窗口办理",
        "vehicle status is stolen, suspect or hit-and-run (rules.toml vehicle.status, alarm): staff are called",
        "公安部令164 第76条；自助处理平台业务规则",
        reads=("vehicle.status",),
        alarm=True,
    ),
    Rule(
        "V02",
        AppliesTo.VEHICLE,
        _about(lambda v, f: v.relation not in ("own", "filed") and not f.rules.vehicle.allow_unfiled),
        "这辆车不在您名下，也没有备案",
        "请先在“交管12123”备案，或到人工窗口办理",
        "vehicle is neither own nor filed (rules.toml vehicle.allow_unfiled)",
        "公安部令105 第21条；自助处理平台业务规则",
        reads=("vehicle.allow_unfiled",),
    ),
    Rule(
        "V05",
        AppliesTo.VEHICLE,
        _about(lambda v, f: v.owner == "unit" and v.relation != "filed"),
        "这辆车登记在单位名下",
        "请先备案，或带单位证明到人工窗口办理",
        "company-owned: never a person's own vehicle, and not filed by this person",
        "公安部令105 第21条；自助处理平台业务规则",
    ),
    Rule(
        "V06",
        AppliesTo.VEHICLE,
        _about(_key_vehicle),
        "这辆车是重点管理车辆",
        "请到人工窗口处理违法",
        "use or type makes it a key vehicle (rules.toml vehicle.key_uses, key_type_prefixes)",
        "自助处理平台业务规则",
        reads=("vehicle.key_uses", "vehicle.key_type_prefixes"),
    ),
    Rule(
        "V07",
        AppliesTo.VEHICLE,
        _about(lambda v, f: v.plate_type in f.rules.vehicle.refused_plate_types),
        "这种号牌的车不能在本机办理",
        "请到人工窗口处理违法",
        "plate type is police, embassy, military, tractor, foreign, temporary or none (rules.toml vehicle.refused_plate_types)",
        "GA 24.7；自助处理平台业务规则",
        reads=("vehicle.refused_plate_types",),
    ),
    Rule(
        "V08",
        AppliesTo.VEHICLE,
        _status("V08"),
        "这辆车的登记状态是“{status}”",
        "请到人工窗口处理违法",
        "vehicle status is cancelled or due for scrapping (rules.toml vehicle.status)",
        "公安部令164 第37条、第40条、第41条；自助处理平台业务规则",
        reads=("vehicle.status",),
    ),
    Rule(
        "V09",
        AppliesTo.VEHICLE,
        _seized("refuse"),
        "这辆车的登记状态是“{status}”",
        "请到人工窗口处理违法",
        "vehicle is seized, held or locked, and rules.toml vehicle.seized is refuse",
        "公安部令164 第15条、第36条；本厅设置",
        reads=("vehicle.seized", "vehicle.status"),
    ),
    Rule(
        "E14",
        AppliesTo.VEHICLE,
        _about(_key_person),
        "本机只为您办理本人名下的车",
        "别人的车请到人工窗口处理",
        "several courses after full points in one cycle (rules.toml person.key_person_courses), and the vehicle is not own",
        "公安部令163 第17条、第18条；自助处理平台业务规则",
        reads=("person.key_person_courses",),
    ),
    Rule(
        "S2",
        AppliesTo.VEHICLE,
        _about(lambda v, f: v.licences_used > f.rules.set.max_licences_of_plate),
        "这辆车的违法需要核实驾驶人",
        "请实际驾驶人到人工窗口处理",
        "more licences took points on this plate in the cycle than rules.toml set.max_licences_of_plate",
        "公安部令163 第30条；自助处理平台业务规则",
        reads=("set.max_licences_of_plate",),
    ),
    Rule(
        "V09",
        AppliesTo.VEHICLE,
        _seized("warn"),
        "这辆车的登记状态是“{status}”",
        "可以处理违法，其他登记业务请到人工窗口咨询",
        "vehicle is seized, held or locked; the law stops its registration business, not its camera records",
        "公安部令164 第15条、第36条",
        Act.WARN,
        ("vehicle.seized", "vehicle.status"),
    ),
    Rule(
        "V10",
        AppliesTo.VEHICLE,
        _about(_not_inspected),
        "这辆车已过检验有效期",
        "可以处理违法，请尽快检验",
        "inspection lapsed; handling stays open, earning points back does not",
        "道路交通安全法 第13条；公安部令163 第26条第4项",
        Act.WARN,
        ("vehicle.status",),
    ),
    Rule(
        "V11",
        AppliesTo.VEHICLE,
        _about(_not_insured),
        "这辆车的交强险已过期",
        "可以处理违法，请尽快投保",
        "compulsory insurance lapsed",
        "道路交通安全法 第17条、第98条",
        Act.WARN,
    ),
    Rule(
        "S3",
        AppliesTo.VEHICLE,
        _about(lambda v, _: v.relation != "own"),
        "请由实际驾驶这辆车的人本人处理",
        "替他人接受记分并牟取利益的，依法记 12 分，处牟取利益三倍以下、最高五万元的罚款",
        "somebody else's vehicle: what proxying for gain leads to is told before the records are shown",
        "公安部令163 第8条第7项、第30条",
        Act.WARN,
    ),
)

FILING_RULES: tuple[Rule[FilingFacts], ...] = (
    Rule(
        "V04",
        AppliesTo.FILING,
        when(lambda f: f.vehicle.relation in ("own", "filed")),
        "这辆车不用再备案",
        "可以直接选择这辆车办理",
        "vehicle is own, or filed by this person already",
        "自助处理平台业务规则",
    ),
    Rule(
        "V04",
        AppliesTo.FILING,
        when(lambda f: f.vehicle.plate_type not in f.rules.filing.plate_types),
        "只有小型汽车可以备案",
        "这辆车请到人工窗口处理",
        "plate type is neither small car nor small new-energy car (rules.toml filing.plate_types)",
        "自助处理平台业务规则",
        reads=("filing.plate_types",),
    ),
    Rule(
        "V04",
        AppliesTo.FILING,
        when(lambda f: f.vehicle.use.strip().upper() not in f.rules.filing.uses or _key_vehicle(f.vehicle, f)),
        "只有非营运的小型汽车可以备案",
        "这辆车请到人工窗口处理",
        "use is commercial, or use or type makes it a key vehicle (rules.toml filing.uses, vehicle.key_type_prefixes)",
        "自助处理平台业务规则",
        reads=("filing.uses", "vehicle.key_uses", "vehicle.key_type_prefixes"),
    ),
    Rule(
        "V04",
        AppliesTo.FILING,
        lambda f: (
            {"most": str(f.rules.filing.vehicles_of_person)}
            if f.standing.filed_now >= f.rules.filing.vehicles_of_person
            else None
        ),
        "您已经备案了 {most} 辆别人的车",
        "请先在“交管12123”解除一辆，再来备案",
        "as many vehicles of others filed as one person may (rules.toml filing.vehicles_of_person)",
        "自助处理平台业务规则",
        reads=("filing.vehicles_of_person",),
    ),
    Rule(
        "V04",
        AppliesTo.FILING,
        lambda f: (
            {"most": str(f.rules.filing.persons_of_vehicle)}
            if f.standing.users_of_vehicle >= f.rules.filing.persons_of_vehicle
            else None
        ),
        "这辆车已经有 {most} 个人备案",
        "请车主先在“交管12123”解除一个",
        "as many persons besides the owner filed this vehicle as may (rules.toml filing.persons_of_vehicle)",
        "自助处理平台业务规则",
        reads=("filing.persons_of_vehicle",),
    ),
    Rule(
        "V04",
        AppliesTo.FILING,
        when(lambda f: f.standing.filings_this_year >= f.rules.filing.a_year),
        "您今年的备案次数已用完",
        "请明年再备案，或到人工窗口处理",
        "as many filings this calendar year as may be (rules.toml filing.a_year)",
        "自助处理平台业务规则",
        reads=("filing.a_year",),
    ),
    Rule(
        "V04",
        AppliesTo.FILING,
        when(lambda f: f.standing.filings_today >= f.rules.filing.a_day),
        "您今天已经备案过",
        "请明天再来备案，或到人工窗口处理",
        "as many filings today as may be (rules.toml filing.a_day)",
        "自助处理平台业务规则",
        reads=("filing.a_day",),
    ),
)
