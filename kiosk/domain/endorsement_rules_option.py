"""Rules about one option, EE07, EE08, EE13, EE15, EE16, EE21: first the place, then the option itself.

All of them are asked, so that a page can say everything that stands against an option at once.
"""

from __future__ import annotations

import datetime as dt

from kiosk.domain.endorsement import Endorsement
from kiosk.domain.endorsement_rule import OptionFacts, PermitRule, Words, when


def in_force(endorsement: Endorsement, today: dt.date) -> bool:
    """Whether it can still be used: not over (its last day counts) and not used up. One that begins later is in force too."""
    return endorsement.valid_to >= today and (endorsement.entries_left is None or endorsement.entries_left > 0)


def _place(facts: OptionFacts) -> str:
    return facts.tables.place_name(facts.option.destination)


def _still_one(facts: OptionFacts) -> Words | None:
    held = [e for e in facts.registry.endorsements if e.destination is facts.option.destination]
    return {"place": _place(facts)} if any(in_force(e, facts.today) for e in held) else None


def _too_soon(facts: OptionFacts) -> Words | None:
    """The days count from the last endorsement's issue; after one of two entries twice as many, where the hall says so."""
    limits = facts.tables.limits
    held = [e for e in facts.registry.endorsements if e.destination is facts.option.destination]
    if not limits.min_interval_days or not held:
        return None
    last = max(held, key=lambda e: e.issued_on)
    days = limits.min_interval_days * ((last.entries or 1) if limits.interval_per_entry else 1)
    again = last.issued_on + dt.timedelta(days=days)
    return {"day": f"{again.year}年{again.month}月{again.day}日"} if facts.today < again else None


def _not_here(facts: OptionFacts) -> bool:
    if facts.allowed:
        return facts.option.id not in facts.allowed
    return not facts.row.block.self_service


def entitled(facts: OptionFacts) -> bool:
    """Whether household registration or residence permit lies where the option asks for it.

    An option tied to the place of work passes: no register tells it, and papers are asked for anyway.
    """
    block = facts.row.block
    if block.area is None or "workplace" in block.by:
        return True
    area = facts.tables.area_of(block.area)
    codes = {"hukou": facts.registry.hukou_area, "residence": facts.registry.residence_area}
    return any(area.holds(codes.get(tie, ""), facts.today) for tie in block.by)


def _is_local(facts: OptionFacts) -> bool:
    return facts.row.block.area is not None and facts.tables.area_of(facts.row.block.area).local


def _not_local(facts: OptionFacts) -> Words | None:
    block = facts.row.block
    if block.area is None or not _is_local(facts) or entitled(facts):
        return None
    who = "户籍和居住证" if "residence" in block.by else "户籍"
    return {"place": facts.tables.area_of(block.area).name, "who": who}


def _needs_papers(facts: OptionFacts) -> bool:
    ways = facts.row.block.papers
    filed = "filed" in ways and facts.registry.business_filed
    held = "held" in ways and facts.option.kind in facts.registry.papers_for
    return bool(ways) and not filed and not held


def _beyond_permit(facts: OptionFacts) -> bool:
    margin = dt.timedelta(days=facts.tables.limits.end_margin_days)
    return facts.valid_to + margin > facts.registry.permit_valid_to


STILL_ONE: PermitRule[OptionFacts] = PermitRule(
    "EE08",
    "refuse",
    _still_one,
    "去{place}的签注还在有效期内",
    "用完或到期后再来办理",
    "an endorsement for this place is valid and not used up; a permit may not hold two",
    "国家移民管理局（同一前往地不得有两个有效签注）",
    one_sentence=True,
)
"""Where it stands against several places at once, its sentence names them all (`endorsement_rules.shared_stop`)."""

OPTION_RULES: tuple[PermitRule[OptionFacts], ...] = (
    STILL_ONE,
    PermitRule(
        "EE16",
        "refuse",
        _too_soon,
        "距上次签注时间过短",
        "{day}起可以再办理",
        "interval since the last endorsement for this place (endorsements.toml limits.min_interval_days)",
        "本单位业务设置",
        one_sentence=True,
    ),
    PermitRule(
        "EE21",
        "refuse",
        when(_not_here),
        "本机不办理这一种签注",
        "可以到人工窗口办理",
        "not among the options of this hall's machines",
        "本单位业务设置",
        one_sentence=True,
    ),
    PermitRule(
        "EE13",
        "refuse",
        when(lambda f: not entitled(f) and not _is_local(f)),
        "户口和居住证都不在个人旅游城市",
        "可以改选团队旅游",
        "neither household registration nor residence permit in a city of the list (endorsements.toml area)",
        "国家移民管理局公告 2024年第1号",
        one_sentence=True,
    ),
    PermitRule(
        "EE13",
        "refuse",
        _not_local,
        "这一种签注只为{place}{who}人员办理",
        "可以改选别的种类，例如团队旅游",
        "not registered or resident in the place this option exists for (endorsements.toml area)",
        "国家移民管理局（珠海、横琴、深圳签注政策，2024年）",
        one_sentence=True,
    ),
    PermitRule(
        "EE15",
        "window",
        when(_needs_papers),
        "这一种签注要核对证明材料",
        "请带材料到人工窗口办理",
        "papers needed, and the platform neither holds them nor knows a filed employer",
        "国家移民管理局（签注申请材料）",
        one_sentence=True,
    ),
    PermitRule(
        "EE07",
        "refuse",
        when(_beyond_permit),
        "签注有效期不能超过通行证有效期",
        "可以选短一些的，或先到人工窗口换发通行证",
        "the endorsement would end after the permit (endorsements.toml limits.end_margin_days)",
        "国家移民管理局（签注有效期）",
        one_sentence=True,
    ),
)
