"""Rules about the person and the permit, EE01 to EE06, EE09 to EE12, EE14, EE17 to EE22, in the order in which they are asked.

Identity, then the permit's state, then age and special groups, then what forbids. To add one, write its test and put a row where
it belongs; nothing else changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from kiosk.domain.endorsement import RegistryRecord
from kiosk.domain.endorsement_holder import difference
from kiosk.domain.endorsement_rule import PermitRule, PersonFacts, Words, when
from kiosk.domain.identity import CardKind, IdCard, IdNumberError, age_on, card_expired, parse_id_number
from kiosk.domain.permit import PermitKind

ADULT_AGE = 16
"""From here on somebody applies alone. Source: 中国公民出入境证件申请 notices of the 国家移民管理局 (under 16 with a guardian)."""

_STATES = {
    "lost": ("通行证已经挂失", "请到人工窗口补发"),
    "cancelled": ("通行证已经注销", "请到人工窗口申领"),
    "damaged": ("通行证已登记为损坏", "请到人工窗口换发"),
    "replaced": ("通行证已换发新证", "请使用新的通行证"),
}
_EXPIRED = ("通行证已过有效期", "请到人工窗口换发")

_HELD_BACK = ("暂无法自助办理", "请到人工窗口办理")
"""EE11, EE12 and EE17 say the same and name the same source, so that neither screen nor paper tells them apart."""
_HELD_BACK_SOURCE = "出境入境管理法"


def _card(facts: PersonFacts) -> Words | None:
    card, today = facts.applicant.card, facts.today
    if card is None:
        return {"what": "身份证没有读出来"}
    if card.kind is not CardKind.RESIDENT:
        return {"what": "这项业务要用居民身份证"}
    if card_expired(card, today):
        return {"what": "身份证已过有效期"}
    return {"what": "身份证信息没有通过校验"} if _contradictory(card, today) else None


def _contradictory(card: IdCard, today: dt.date) -> bool:
    if card.valid_from > today or card.birth > today:
        return True
    try:
        return parse_id_number(card.number, today).birth != card.birth
    except IdNumberError:
        return True


def _someone_else(facts: PersonFacts) -> bool:
    who = facts.applicant
    return who.card is not None and (
        difference(
            who.card,
            who.line,
            who.chip,
            who.registry,
            full_name=who.chip_full_name,
            personal_number=who.chip_personal_number,
        )
        is not None
    )


def _permit_state(facts: PersonFacts) -> Words | None:
    line, registry = facts.applicant.line, facts.applicant.registry
    words: tuple[str, str] | None = None
    if registry is not None and registry.permit_state != "valid":
        words = _STATES[registry.permit_state]
    elif (line is not None and line.expiry < facts.today) or (
        registry is not None and registry.permit_valid_to < facts.today
    ):
        words = _EXPIRED
    return None if words is None else {"what": words[0], "todo": words[1]}


def _taiwan_is_off(facts: PersonFacts) -> bool:
    line = facts.applicant.line
    if line is None or line.kind is not PermitKind.TAIWAN:
        return False
    return not any(row.destination == "TWN" for row in facts.tables.options_on(facts.today))


def _under_review(facts: PersonFacts) -> bool:
    """Also for a permit the platform does not know, once it has been asked."""
    registry = facts.applicant.registry
    return facts.phase == "person" if registry is None else registry.review


def _worn_out(facts: PersonFacts) -> bool:
    registry = facts.applicant.registry
    return facts.applicant.chip_dead or (
        registry is not None and registry.chip_writes >= facts.tables.limits.max_chip_writes
    )


def _registered(test: Callable[[RegistryRecord], bool]) -> Callable[[PersonFacts], Words | None]:
    """A test of what the registry says; it does not apply while the registry has not been asked."""
    return when(lambda facts: facts.applicant.registry is not None and test(facts.applicant.registry))


PERSON_RULES: tuple[PermitRule[PersonFacts], ...] = (
    PermitRule(
        "EE01",
        "refuse",
        _card,
        "{what}",
        "请带有效的居民身份证到人工窗口办理",
        "identity card unreadable, of another kind, expired, not valid yet, or contradicting itself (GB 11643)",
        "居民身份证法 第3条、第5条；GB 11643",
        since="card",
    ),
    PermitRule(
        "EE21",
        "refuse",
        when(lambda f: not f.tables.limits.open),
        "本机现在不办理签注",
        "请到人工窗口，或改天再来",
        "endorsements.toml limits.open is false",
        "本单位业务设置",
        since="card",
    ),
    PermitRule(
        "EE21",
        "refuse",
        when(_taiwan_is_off),
        "本机不办理往来台湾签注",
        "请到人工窗口办理",
        "a Taiwan permit, and no Taiwan block of endorsements.toml is on",
        "本单位业务设置",
        since="permit",
    ),
    PermitRule(
        "EE02",
        "refuse",
        when(_someone_else),
        "通行证和身份证不是同一个人的",
        "请用本人的两个证件办理，改过姓名或出生日期的请到人工窗口换发",
        "identity card, printed line, chip and registry do not name one person or one permit",
        "出入境证件自助办理规定（本人办理）",
        since="permit",
    ),
    PermitRule(
        "EE03",
        "window",
        when(lambda f: f.applicant.face_failed),
        "没有通过人脸核验",
        "可能是光线或口罩的原因，请到人工窗口办理",
        "face comparison failed as often as it may be tried",
        "出入境证件自助办理规定（本人办理）",
    ),
    PermitRule(
        "EE20",
        "window",
        when(lambda f: f.tables.limits.fingerprint and f.applicant.fingerprint_ok is not True),
        "指纹没有核验通过",
        "请到人工窗口办理",
        "endorsements.toml limits.fingerprint is true, and no fingerprint was taken or it did not match",
        "本单位业务设置",
    ),
    PermitRule(
        "EE05",
        "window",
        _registered(lambda r: r.booklet),
        "本式通行证不能在本机办理",
        "请到人工窗口换发电子通行证",
        "the permit is a booklet",
        "国家移民管理局（电子往来港澳通行证）",
        since="permit",
    ),
    PermitRule(
        "EE06",
        "window",
        _permit_state,
        "{what}",
        "{todo}",
        "permit expired, reported lost, cancelled, damaged or replaced",
        "中国公民因私事往来香港地区或者澳门地区的暂行管理办法",
        since="permit",
    ),
    PermitRule(
        "EE18",
        "window",
        _registered(lambda r: r.data_changed),
        "身份信息在领证以后有变更",
        "请到人工窗口换发通行证",
        "registry: name or number changed since the permit was issued",
        "国家移民管理局（证件换发）",
        since="permit",
    ),
    PermitRule(
        "EE19",
        "window",
        when(_worn_out),
        "通行证的芯片不能再使用",
        "请到人工窗口换发通行证",
        "chip gives nothing that can be trusted, or was written as often as it can be",
        "国家移民管理局（证件换发）",
        since="permit",
    ),
    PermitRule(
        "EE22",
        "window",
        when(
            lambda f: (
                f.applicant.registry is not None and f.applicant.registry.face_on_file in f.tables.limits.photo_on_file
            )
        ),
        "留存的照片需要更新",
        "请到人工窗口办理",
        "picture on file is old or missing (endorsements.toml limits.photo_on_file)",
        "出入境证件相片照相指引；本单位业务设置",
    ),
    PermitRule(
        "EE04",
        "window",
        when(lambda f: f.applicant.card is not None and age_on(f.applicant.card.birth, f.today) < ADULT_AGE),
        "本机只为年满 16 周岁的人办理",
        "请由监护人陪同到人工窗口",
        f"age below {ADULT_AGE}",
        "国家移民管理局（未满16周岁申请人由监护人陪同）",
        since="card",
    ),
    PermitRule(
        "EE09",
        "window",
        _registered(lambda r: r.registered_official),
        "您的申请需要单位同意",
        "请持单位同意函到人工窗口办理",
        "registry: registered official",
        "国家移民管理局（登记备案国家工作人员）",
    ),
    PermitRule(
        "EE10",
        "window",
        _registered(lambda r: r.military),
        "您的申请需要所在单位批准",
        "请持批准文件到人工窗口办理",
        "registry: in military or armed police service",
        "国家移民管理局（现役军人、武警）",
    ),
    # 出境入境管理法 第12条. The platform never transmits the ground, and nothing here may hint at one.
    PermitRule(
        "EE11",
        "window",
        _registered(lambda r: r.exit_barred),
        *_HELD_BACK,
        "registry: not to be served by a machine",
        _HELD_BACK_SOURCE,
    ),
    # 中国公民因私事往来香港地区或者澳门地区的暂行管理办法 第10条. Nobody is accused on a screen in a hall.
    PermitRule(
        "EE12",
        "window",
        _registered(lambda r: r.false_statement),
        *_HELD_BACK,
        "registry: an earlier statement has to be looked at",
        _HELD_BACK_SOURCE,
    ),
    PermitRule(
        "EE17",
        "window",
        when(_under_review),
        *_HELD_BACK,
        "registry: pending application, abnormal record or manual review, or no such permit",
        _HELD_BACK_SOURCE,
    ),
    PermitRule(
        "EE14",
        "window",
        when(
            lambda f: (
                f.tables.limits.first_here and f.applicant.registry is not None and f.applicant.registry.first_here
            )
        ),
        "您第一次在本地办理签注",
        "请带身份证和居住证到人工窗口办理",
        "holder from elsewhere, first application here (endorsements.toml limits.first_here)",
        "本单位业务设置",
    ),
)
