"""Rules about the records chosen together, and about what was taken before in the same points cycle.

To add one, write its test and put a `Rule` into the table; nothing else changes. The law itself (公安部令163 第14条) lets one vehicle's
records be finished beyond 12 points (S4); that holds the licence, so it is done at a window, and W05 is the stricter rule of a machine.
"""

from __future__ import annotations

from kiosk.domain.points import points_after, reaches_limit
from kiosk.domain.rule import Act, AppliesTo, Rule, SetFacts, Words


def _points_of_all(facts: SetFacts) -> Words | None:
    now = facts.driver.points if facts.driver is not None else 0
    if not reaches_limit(points_after(now, facts.chosen), facts.rules.set):
        return None
    word = "达到" if facts.rules.set.points_compare == ">=" else "超过"
    return {"word": word, "limit": str(facts.rules.set.points_limit)}


def other_plates(facts: SetFacts) -> frozenset[tuple[str, str]]:
    """Different plates of others whose records with points this person took in the cycle, or would take now."""
    taken = {(h.plate_type, h.plate) for h in facts.handled if h.relation != "own" and h.points > 0}
    vehicle = facts.vehicle
    if vehicle is not None and vehicle.relation != "own" and _with_points(facts):
        taken.add((vehicle.plate_type, vehicle.plate))
    return frozenset(taken)


def _with_points(facts: SetFacts) -> bool:
    return any(record.points > 0 for record in facts.chosen)


def _too_many_plates(facts: SetFacts) -> Words | None:
    """Records without points stay open: nobody trades in them."""
    most = facts.rules.set.max_other_plates
    return {"most": str(most)} if _with_points(facts) and len(other_plates(facts)) > most else None


def _too_many_licences(facts: SetFacts) -> Words | None:
    vehicle, most = facts.vehicle, facts.rules.set.max_licences_of_plate
    if vehicle is None or not _with_points(facts):
        return None
    used = vehicle.licences_used + (not vehicle.licence_among_them)
    return {"most": str(most)} if used > most else None


def _too_many_records(facts: SetFacts) -> Words | None:
    most = facts.rules.set.max_records
    return {"most": str(most)} if len(facts.chosen) > most else None


SET_RULES: tuple[Rule[SetFacts], ...] = (
    Rule(
        "W05",
        AppliesTo.SET,
        _points_of_all,
        "处理后累积记分会{word} {limit} 分",
        "请到人工窗口处理",
        "points now, chosen and this record reach rules.toml set.points_limit",
        "公安部令163 第14条；自助处理平台业务规则",
        Act.SKIP,
        ("set.points_limit", "set.points_compare"),
    ),
    Rule(
        "S1",
        AppliesTo.SET,
        _too_many_plates,
        "本周期内处理过的别人的车超过 {most} 辆",
        "请带实际驾驶的证据到人工窗口处理",
        "points on more different plates of others in the cycle than rules.toml set.max_other_plates: suspected proxying",
        "公安部令163 第30条；自助处理平台业务规则",
        Act.REFUSE,
        ("set.max_other_plates",),
    ),
    Rule(
        "S2",
        AppliesTo.SET,
        _too_many_licences,
        "这辆车本周期已有 {most} 人记分",
        "请实际驾驶人到人工窗口处理",
        "this licence would be one more on the plate than rules.toml set.max_licences_of_plate",
        "公安部令163 第30条；自助处理平台业务规则",
        Act.REFUSE,
        ("set.max_licences_of_plate",),
    ),
    Rule(
        "S5",
        AppliesTo.SET,
        _too_many_records,
        "一次最多处理 {most} 条",
        "请先处理已选的，再来处理这一条",
        "more records chosen than rules.toml set.max_records",
        "本厅设置",
        Act.SKIP,
        ("set.max_records",),
    ),
)
