"""Rules about the person: identity card, face, driving licence. In the order in which they are asked.

To add one, write its test and put a `Rule` into the table of what it is about; nothing else changes. What depends on the person and
the vehicle (E14) stands among the vehicle's rules, what depends on the record as well (E05, E16, E17) among the records'.
"""

from __future__ import annotations

from kiosk.domain.identity import IdNumberError, age_on, card_expired, parse_id_number
from kiosk.domain.points import FULL_POINTS, points_cycle
from kiosk.domain.rule import Act, AppliesTo, CardFacts, FaceFacts, LicenceFacts, Rule, Words, when

DRIVING_AGE = 18
"""机动车驾驶证申领和使用规定（公安部令162）第14条第1项."""


def _card_invalid(facts: CardFacts) -> bool:
    card = facts.card
    if card is None or card.valid_from > facts.today or card.birth > facts.today:
        return True
    if card.kind.value not in facts.rules.card.checked_kinds:
        return False
    try:
        return parse_id_number(card.number, facts.today).birth != card.birth
    except IdNumberError:
        return True


def _too_young(facts: CardFacts) -> bool:
    return facts.card is not None and age_on(facts.card.birth, facts.today) < DRIVING_AGE


def _blocking_status(facts: LicenceFacts) -> Words | None:
    """The names of the letters that block. The status is a set of letters, so every one is looked at."""
    if facts.driver is None:
        return None
    licence = facts.rules.licence
    names: list[str] = []
    letters = facts.driver.status.strip().upper()
    for letter in dict.fromkeys(letters):
        known = licence.status.get(letter)
        if known is not None and known.blocks:
            names.append(known.name)
        elif known is None and licence.unknown_letter_blocks:
            names.append("需要核实")
    if not letters and licence.unknown_letter_blocks:
        names.append("需要核实")
    return {"status": "、".join(dict.fromkeys(names))} if names else None


def _licence_over(facts: LicenceFacts) -> bool:
    return facts.driver is not None and facts.driver.valid_to is not None and facts.driver.valid_to < facts.today


def _in_probation(facts: LicenceFacts) -> bool:
    """In the first twelve months, which are counted as the first points cycle is."""
    driver = facts.driver
    if driver is None or facts.today < driver.first_issued:
        return False
    first = points_cycle(driver.first_issued, driver.first_issued, facts.rules.licence.leap_anniversary)
    return facts.today <= first.last_day


CARD_RULES: tuple[Rule[CardFacts], ...] = (
    Rule(
        "E01",
        AppliesTo.CARD,
        when(_card_invalid),
        "身份证信息没有通过校验",
        "请带身份证到人工窗口核对",
        "card unreadable, not valid yet, or its number and birth date contradict each other (GB 11643)",
        "居民身份证法 第3条；GB 11643",
        reads=("card.checked_kinds",),
    ),
    Rule(
        "E02",
        AppliesTo.CARD,
        when(lambda f: f.card is not None and card_expired(f.card, f.today)),
        "身份证已过有效期",
        "本机不能办理，请到户籍窗口换领，或到人工窗口咨询",
        "card's validity ended before today",
        "居民身份证法 第5条",
    ),
    Rule(
        "E03",
        AppliesTo.CARD,
        when(_too_young),
        "本机只为年满 18 周岁的人办理",
        "请和监护人一起到人工窗口咨询",
        f"age below {DRIVING_AGE}: no licence for a motor vehicle is possible (below 14 nobody is punished)",
        "公安部令162 第14条；行政处罚法 第30条",
    ),
)

FACE_RULES: tuple[Rule[FaceFacts], ...] = (
    Rule(
        "E04",
        AppliesTo.FACE,
        when(lambda f: f.failed),
        "没有通过人脸核验",
        "可能是光线或口罩的原因，请工作人员核验，或到人工窗口办理",
        "face comparison or liveness failed as often as it may be tried",
        "公安部令105 第58条",
    ),
)

LICENCE_RULES: tuple[Rule[LicenceFacts], ...] = (
    Rule(
        "E05",
        AppliesTo.LICENCE,
        when(lambda f: f.driver is None and f.rules.person.without_licence == "refuse"),
        "没有查到您的驾驶证",
        "请带身份证和行驶证到人工窗口办理",
        "no licence on file, and rules.toml person.without_licence is refuse",
        "公安部令163 第2条",
        reads=("person.without_licence",),
    ),
    Rule(
        "E10",
        AppliesTo.LICENCE,
        _blocking_status,
        "驾驶证状态为“{status}”",
        "本机不能处理违法，请到人工窗口咨询",
        "licence status holds a letter that blocks handling, or one not listed (rules.toml licence.status)",
        "公安部令162 第75条、第79条；自助处理平台业务规则",
        reads=("licence.status", "licence.unknown_letter_blocks"),
    ),
    Rule(
        "E12",
        AppliesTo.LICENCE,
        when(lambda f: f.driver is not None and f.driver.points >= FULL_POINTS),
        "您在本记分周期已累积记满 12 分",
        "请先参加满分学习和考试，再到人工窗口办理",
        f"accumulated points are {FULL_POINTS} or more",
        "公安部令163 第14条、第17条",
    ),
    Rule(
        "E13",
        AppliesTo.LICENCE,
        when(_licence_over),
        "驾驶证已过有效期",
        "请先换领驾驶证，再来办理",
        "licence's validity ended before today, whatever its status says",
        "公安部令162 第63条",
    ),
    Rule(
        "E15",
        AppliesTo.LICENCE,
        when(lambda f: f.driver is not None and f.driver.suspected_proxy),
        "您的驾驶证需要核实",
        "请带身份证和驾驶证到人工窗口办理",
        "on the platform's list of those suspected of taking points for others",
        "公安部令163 第30条；自助处理平台业务规则",
    ),
    Rule(
        "E19",
        AppliesTo.LICENCE,
        when(lambda f: f.driver is not None and f.driver.kind not in f.rules.licence.kinds),
        "这种驾驶证不能在本机办理",
        "请带驾驶证到人工窗口办理",
        "temporary or foreign permit, or a licence of army or armed police (rules.toml licence.kinds)",
        "道路交通安全法 第120条；自助处理平台业务规则",
        reads=("licence.kinds",),
    ),
    Rule(
        "E18",
        AppliesTo.LICENCE,
        when(_in_probation),
        "您在驾驶证实习期内",
        "可以办理。实习期内记满 12 分，会注销实习的准驾车型，处理前请看清每条记分",
        "first twelve months of the licence: twelve points in them cancel the class",
        "公安部令162 第76条、第80条",
        Act.WARN,
        ("licence.leap_anniversary",),
    ),
)
