"""The citizen's words for what the codes of endorsements mean."""

from __future__ import annotations

from kiosk.domain.endorsement import Endorsement, Grant, Offer, Option
from kiosk.domain.texts import written_date

PLACES = {"HKG": "香港", "MAC": "澳门", "TWN": "台湾"}
KINDS = {
    "G": ("个人旅游", "自己去，想去几天自己定"),
    "L": ("团队旅游", "跟旅行社的团去"),
    "T": ("探亲", "看望在那边的亲人"),
    "S": ("商务", "单位已备案的商务往来"),
    "Q": ("其他", "治病、奔丧、诉讼等"),
    "D": ("逗留", "在那边读书、工作、居留"),
    "R": ("人才", "人才交流往来"),
}


def kind_title(kind: str) -> str:
    return KINDS.get(kind, (kind, ""))[0]


def times(entries: int | None, weekly: bool = False) -> str:
    if weekly:
        return "每周一次"
    return {None: "多次", 1: "一次", 2: "两次"}.get(entries, f"{entries} 次")


def period(months: int) -> str:
    return f"{months // 12} 年" if months % 12 == 0 else f"{months} 个月"


def option_title(option: Option) -> str:
    """一次 · 3 个月"""
    return f"{times(option.entries, option.weekly)} · {period(option.period.months)}"


def option_detail(offer: Offer) -> str:
    return f"可用到 {written_date(offer.valid_to)}，每次最多停留 {offer.option.stay_days} 天"


def fee_title(option: Option) -> str:
    """香港 · 个人旅游 · 一次 · 3 个月"""
    return f"{PLACES[option.destination]} · {kind_title(option.kind)} · {option_title(option)}"


def held_text(held: Endorsement) -> str:
    left = "不限次数" if held.entries_left is None else f"还剩 {held.entries_left} 次"
    return f"{kind_title(held.kind)}，{left}，到 {written_date(held.valid_to)}"


def grant_title(grant: Grant) -> str:
    return f"{kind_title(grant.kind)} {times(grant.entries)} 到 {grant.valid_to:%Y-%m-%d}"
