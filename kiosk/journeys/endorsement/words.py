"""The citizen's sentences about endorsements. Names are the catalogue's, times and periods the domain's; here they are put together.

What a registry or a platform says may hold a letter that this machine's catalogue does not have: it is shown as it is, because a
page must not fail over somebody's older endorsement.
"""

from __future__ import annotations

from config.endorsement_tables import EndorsementTables, is_weekly
from kiosk.domain.endorsement import Endorsement, Grant, Offer, Option
from kiosk.domain.endorsement_terms import entries_words, period_words, stay_words
from kiosk.domain.texts import written_date

_ABOUT = {
    "G": "自己去旅游，不跟团",
    "L": "跟旅行社的团去",
    "T": "看望在那边的亲人",
    "S": "单位已备案的商务往来",
    "Q": "治病、奔丧、诉讼等",
    "D": "在那边读书、工作、居留",
    "R": "人才交流往来",
}
"""What the kinds for Hong Kong and Macao are for; for Taiwan the same letters mean other things."""


def place_name(tables: EndorsementTables, destination: str) -> str:
    try:
        return tables.place_name(destination)
    except KeyError:
        return str(destination)


def kind_name(tables: EndorsementTables, destination: str, letter: str) -> str:
    try:
        return tables.kind_name(destination, letter)
    except ValueError:
        return letter


def kind_detail(destination: str, letter: str) -> str:
    return _ABOUT.get(letter, "") if destination in ("HKG", "MAC") else ""


def option_title(option: Option) -> str:
    """一次 · 3 个月; with the name people know it by where it has one: 一签多行 · 多次 · 1 年"""
    words = (option.title, entries_words(option.entries, option.weekly), period_words(option.period))
    return " · ".join(word for word in words if word)


def option_detail(offer: Offer) -> str:
    """可用到 2027年2月20日，每次停留不超过 7 天"""
    return f"可用到 {written_date(offer.valid_to)}，{stay_words(offer.option.stay_days)}"


def fee_title(tables: EndorsementTables, option: Option) -> str:
    """香港 · 个人旅游 · 一次 · 3 个月"""
    place, kind = place_name(tables, option.destination), kind_name(tables, option.destination, option.kind)
    return f"{place} · {kind} · {option_title(option)}"


def held_text(tables: EndorsementTables, held: Endorsement) -> str:
    left = "不限次数" if held.entries_left is None else f"还剩 {held.entries_left} 次"
    return f"{kind_name(tables, held.destination, held.kind)}，{left}，到 {written_date(held.valid_to)}"


def grant_entries(grant: Grant) -> str:
    """The same word as on the option's card: only its id tells one trip a week from any number."""
    return entries_words(grant.entries, is_weekly(grant.option_id))


def grant_title(tables: EndorsementTables, grant: Grant) -> str:
    """香港 个人旅游 一次 到 2027-02-20"""
    place, kind = place_name(tables, grant.destination), kind_name(tables, grant.destination, grant.kind)
    return f"{place} {kind} {grant_entries(grant)} 到 {grant.valid_to:%Y-%m-%d}"


def grant_text(tables: EndorsementTables, grant: Grant) -> str:
    """个人旅游，一次，可用到 2027年2月20日"""
    kind = kind_name(tables, grant.destination, grant.kind)
    return f"{kind}，{grant_entries(grant)}，可用到 {written_date(grant.valid_to)}"


def back_row(tables: EndorsementTables, one: Endorsement | Grant) -> tuple[str, str, str, str]:
    """A line of the permit's back: kind, place, last day, entries."""
    entries = grant_entries(one) if isinstance(one, Grant) else entries_words(one.entries)
    return (
        kind_name(tables, one.destination, one.kind),
        place_name(tables, one.destination),
        f"{one.valid_to:%Y%m%d}",
        entries,
    )
