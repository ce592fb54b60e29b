"""What a rule says, whole: the citizen's sentence with its blanks filled, and the words for the technician."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from config.endorsement_tables import EndorsementTables, load_endorsements
from config.rule_tables import WindowOnly
from config.tables import Rules, Tables
from config.zone import SHANGHAI
from kiosk.domain import endorsement_rule, rule
from kiosk.domain.decision_refused import UNKNOWN_CODE, sentence
from kiosk.domain.eligibility import (
    licence_refusals,
    record_verdicts,
    set_refusals,
    vehicle_refusal,
    vehicle_warnings,
)
from kiosk.domain.endorsement import Stop
from kiosk.domain.endorsement_holder import Difference, difference, same_holder
from kiosk.domain.endorsement_rules import Applicant, first_stop
from kiosk.domain.endorsement_rules_option import OPTION_RULES
from kiosk.domain.errors import Refusal
from kiosk.domain.identity import CardKind
from kiosk.domain.ids import order_no
from kiosk.domain.points_check import Doubt, points_doubts
from kiosk.domain.rules_fine import number_refusal
from kiosk.domain.speeding import roads
from kiosk.domain.violation import HandledRecord
from tests.domain.conftest import TODAY, make_card, make_driver, make_record, make_vehicle
from tests.domain.test_eligibility import changed
from tests.domain.test_endorsement_rules import (
    NUMBER,
    held,
    limited,
    make_applicant,
    make_chip,
    make_permit_line,
    make_registry,
    offered,
)

OLD = dt.datetime(2022, 3, 31, 23, 59, tzinfo=SHANGHAI)
SPEEDING = "驾驶机动车超过规定时速20%以上未达50%"


@pytest.fixture(scope="module")
def catalogue() -> EndorsementTables:
    return load_endorsements()


@pytest.mark.parametrize("kind", [rule, endorsement_rule])
def test_a_rule_without_blanks_applies_or_does_not(kind: Any) -> None:
    test = kind.when(lambda facts: facts > 3)
    assert (test(4), test(3)) == ({}, None)


# --- who is who -------------------------------------------------------------------------------------------------------

LINE = make_permit_line()
OTHER_BIRTH = make_permit_line(birth="900102")


@pytest.mark.parametrize(
    ("known", "word"),
    [
        pytest.param({}, None, id="nothing but the card"),
        pytest.param({"line": LINE, "chip": make_chip(), "registry": make_registry()}, None, id="everything"),
        pytest.param({"line": OTHER_BIRTH}, "line_birth", id="line"),
        pytest.param({"line": LINE, "chip": make_chip(make_permit_line("C12345679"))}, "chip_line", id="chip's number"),
        pytest.param({"line": LINE, "chip": make_chip(OTHER_BIRTH)}, "chip_line", id="chip's birth"),
        pytest.param({"chip": make_chip(OTHER_BIRTH)}, "chip_line", id="chip's birth, no line read"),
        pytest.param({"chip": make_chip(name="李伟明")}, "chip_name", id="chip's name"),
        pytest.param({"full_name": "张伟明明"}, "chip_full_name", id="whole name of the chip"),
        pytest.param({"full_name": " 张 伟明 "}, None, id="whole name with blanks"),
        pytest.param({"personal_number": "330203198505050007"}, "chip_personal_number", id="number of the chip"),
        pytest.param({"personal_number": NUMBER.lower()}, None, id="the same number"),
        pytest.param({"personal_number": "C12345678"}, None, id="a number of another kind is not compared"),
        pytest.param({"line": LINE, "registry": make_registry(permit_number="C1")}, "registry_permit", id="permit"),
        pytest.param({"line": LINE, "registry": make_registry(permit_number=" c12345678 ")}, None, id="same permit"),
        pytest.param({"registry": make_registry(permit_number="C1")}, None, id="permit, no line read"),
        pytest.param({"registry": make_registry(birth=dt.date(1990, 1, 2))}, "registry_birth", id="birth"),
        pytest.param({"registry": make_registry(id_number="1")}, "registry_number", id="number"),
        pytest.param({"registry": make_registry(name="李伟明")}, "registry_name", id="name"),
        pytest.param({"registry": make_registry(name="李伟明", data_changed=True)}, None, id="name was changed"),
        pytest.param(
            {"registry": make_registry(name="李伟明", id_number="1", data_changed=True)}, "registry_number", id="both"
        ),
        pytest.param(
            {
                "registry": make_registry(data_changed=True),
                "chip": make_chip(name="李伟明"),
                "full_name": "李",
                "personal_number": "330203198505050007",
            },
            None,
            id="the chip of before a change",
        ),
    ],
)
def test_where_two_sources_disagree(known: dict[str, Any], word: Difference | None) -> None:
    assert difference(make_card(), **known) == word
    assert same_holder(make_card(), **known) is (word is None)


# --- endorsements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "what"),
    [
        (None, "身份证没有读出来"),
        (make_card(kind=CardKind.HMT_RESIDENT), "这项业务要用居民身份证"),
        (make_card(valid_to=dt.date(2026, 3, 17)), "身份证已过有效期"),
        (make_card(birth=dt.date(1990, 1, 2)), "身份证信息没有通过校验"),
    ],
)
def test_ee01_says_what_is_wrong_with_the_card(catalogue: EndorsementTables, card: Any, what: str) -> None:
    """居民身份证法 第3条、第5条"""
    assert first_stop(Applicant(card), TODAY, catalogue, phase="card") == Stop(
        Refusal(
            "EE01",
            f"{what}。请带有效的居民身份证到人工窗口办理。",
            "居民身份证法 第3条、第5条；GB 11643",
            "identity card unreadable, of another kind, expired, not valid yet, or contradicting itself (GB 11643)",
        ),
        "refuse",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"permit_state": "lost"}, "通行证已经挂失。请到人工窗口补发。"),
        ({"permit_state": "cancelled"}, "通行证已经注销。请到人工窗口申领。"),
        ({"permit_state": "damaged"}, "通行证已登记为损坏。请到人工窗口换发。"),
        ({"permit_state": "replaced"}, "通行证已换发新证。请使用新的通行证。"),
        ({"permit_valid_to": dt.date(2026, 3, 17)}, "通行证已过有效期。请到人工窗口换发。"),
    ],
)
def test_ee06_says_what_became_of_the_permit(catalogue: EndorsementTables, changes: Any, message: str) -> None:
    stop = first_stop(make_applicant(registry=make_registry(**changes)), TODAY, catalogue, phase="person")
    assert stop is not None
    assert (stop.refusal.code, stop.refusal.message) == ("EE06", message)


@pytest.mark.parametrize(
    ("option_id", "message"),
    [
        ("HKG-G-1YM", "这一种签注只为深圳户籍和居住证人员办理，可以改选别的种类，例如团队旅游。"),
        ("MAC-G-1YW", "这一种签注只为珠海户籍人员办理，可以改选别的种类，例如团队旅游。"),
        ("HKG-G-3M1", None),
    ],
)
def test_ee13_names_place_and_paper(catalogue: EndorsementTables, option_id: str, message: str | None) -> None:
    """国家移民管理局: Shenzhen's and Zhuhai's own endorsements, 2024"""
    stops = offered(catalogue, hukou_area="330212")[option_id].stops
    assert [stop.refusal.message for stop in stops] == ([message] if message else [])


def test_ee16_counts_from_the_last_one_issued(catalogue: EndorsementTables) -> None:
    used = [
        held(entries_left=0, entries=1, number=number, issued_on=issued_on, valid_to=issued_on)
        for number, issued_on in (
            ("E9", dt.date(2026, 1, 1)),
            ("E1", dt.date(2026, 3, 10)),
            ("E5", dt.date(2026, 2, 1)),
        )
    ]
    strict = limited(catalogue, min_interval_days=10)
    (stop,) = offered(strict, endorsements=tuple(used))["HKG-G-3M1"].stops
    assert stop.refusal.message == "距上次签注时间过短，2026年3月20日起可以再办理。"
    assert not offered(strict, dt.date(2026, 3, 20), endorsements=tuple(used))["HKG-G-3M1"].stops


def test_a_rule_of_endorsements_says_code_source_and_reason() -> None:
    row = OPTION_RULES[0]
    assert row.say({"place": "香港"}) == Stop(
        Refusal("EE08", "去香港的签注还在有效期内，用完或到期后再来办理。", row.source, row.reason), "refuse"
    )


# --- violations -------------------------------------------------------------------------------------------------------


def test_e10_names_every_letter_that_blocks_once(rules: Rules) -> None:
    """公安部令162 第75条、第79条"""
    names = {letter: row.name for letter, row in rules.licence.status.items() if row.blocks}
    first, second = list(names)[:2]
    (found,) = licence_refusals(make_driver(status=f"{first}{second}{first}".lower()), TODAY, rules)
    assert found.message == f"驾驶证状态为“{names[first]}、{names[second]}”。本机不能处理违法，请到人工窗口咨询。"


@pytest.mark.parametrize("status", ["", "☆", " "])
def test_e10_an_unknown_status_is_looked_at_by_somebody(rules: Rules, status: str) -> None:
    strict = changed(rules, "licence", unknown_letter_blocks=True)
    (found,) = licence_refusals(make_driver(status=status), TODAY, strict)
    assert found.message == "驾驶证状态为“需要核实”。本机不能处理违法，请到人工窗口咨询。"
    assert not licence_refusals(
        make_driver(status=status), TODAY, changed(rules, "licence", unknown_letter_blocks=False)
    )


def test_v08_names_every_status(rules: Rules) -> None:
    """公安部令164 第40条"""
    first, second = (rules.vehicle.status[letter].name for letter in "EM")
    found = vehicle_refusal(make_vehicle(status="EM"), rules)
    assert found is not None
    assert f"“{first}、{second}”" in found.message
    missing = vehicle_refusal(None, rules)
    assert missing is not None
    assert missing.code == "V01"


def test_v09_names_the_status_and_follows_the_hall(rules: Rules) -> None:
    """公安部令164 第36条"""
    seized = make_vehicle(status="K")
    name = rules.vehicle.status["K"].name
    (told,) = vehicle_warnings(seized, changed(rules, "vehicle", seized="warn"), today=TODAY)
    assert (told.code, name in told.message) == ("V09", True)
    refused = vehicle_refusal(seized, changed(rules, "vehicle", seized="refuse"))
    assert refused is not None
    assert refused.message == f"这辆车的登记状态是“{name}”。请到人工窗口处理违法。"
    assert vehicle_refusal(seized, changed(rules, "vehicle", seized="warn")) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": 9}, "这条违法一次记 9 分，请到人工窗口处理。"),
        ({"state": "objected"}, "这条违法正在核查异议，有结果后再来处理，也可以到人工窗口咨询。"),
        ({"state": "auditing"}, "这条违法还在审核，有结果后再来处理，也可以到人工窗口咨询。"),
        ({"state": "correcting"}, "这条违法正在更正，有结果后再来处理，也可以到人工窗口咨询。"),
        ({"state": "lost"}, "这条违法暂时不能处理，有结果后再来处理，也可以到人工窗口咨询。"),
    ],
)
def test_rows_of_the_list(rules: Rules, changes: dict[str, Any], message: str) -> None:
    """公安部令105 第5条、第22条; one sentence, its halves joined by a comma"""
    record = make_record(**changes)
    (found,) = record_verdicts([record], make_vehicle(), make_driver(), (), TODAY, rules).values()
    assert found is not None
    assert found.message == message


@pytest.mark.parametrize(
    ("settings", "vehicle", "message"),
    [
        ({"points_limit": 6, "points_compare": ">="}, {}, "处理后累积记分会达到 6 分，请到人工窗口处理。"),
        ({"points_limit": 5, "points_compare": ">"}, {}, "处理后累积记分会超过 5 分，请到人工窗口处理。"),
        (
            {"max_other_plates": 0},
            {"relation": "filed"},
            "本周期内处理过的别人的车超过 0 辆，请带实际驾驶的证据到人工窗口处理。",
        ),
        ({"max_licences_of_plate": 2}, {"licences_used": 2}, "这辆车本周期已有 2 人记分，请实际驾驶人到人工窗口处理。"),
        ({"max_records": 1}, {}, "一次最多处理 1 条，请先处理已选的，再来处理这一条。"),
    ],
)
def test_rows_chosen_together(rules: Rules, settings: dict[str, Any], vehicle: dict[str, Any], message: str) -> None:
    """公安部令163 第14条、第30条"""
    chosen = [make_record("1", points=3), make_record("2", points=3)]
    (found,) = set_refusals(chosen, make_driver(), changed(rules, "set", **settings), vehicle=make_vehicle(**vehicle))
    assert found.message == message


def test_a_code_with_local_letters_is_found_in_the_halls_list(rules: Rules) -> None:
    row = WindowOnly(code="1234A", province="33", valid_from=dt.date(2020, 1, 1), act="x", mark="L")
    here = changed(rules, "record", window_only=(row,))
    verdicts = record_verdicts([make_record(code=" 1234a ")], make_vehicle(), make_driver(), (), TODAY, here)
    assert [found.code for found in verdicts.values() if found] == ["W09"]


def test_one_car_at_once_is_no_reason_to_look_no_further(rules: Rules) -> None:
    """公安部令163 第30条: the record of the same car comes first, that of another one behind it"""
    record = make_record()
    same = HandledRecord("1", record.plate, record.plate_type, "own", record.at, record.authority_code, 0)
    verdicts = record_verdicts(
        [record], make_vehicle(), make_driver(), (), TODAY, rules, handled=(same, replace(same, plate="浙B00001"))
    )
    assert [found.code for found in verdicts.values() if found] == ["W10"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("33020619800118000x", "F05"),
        (f" {order_no('A1', TODAY, 1)} ", "F06"),
        (f"{order_no('A1', TODAY, 1)}P123".lower(), "F06"),
        (order_no("12", TODAY, 1), "F06"),
        pytest.param(order_no("1", TODAY, 1), None, id="sixteen characters are a decision's"),
    ],
)
def test_numbers_of_other_things(text: str, code: str | None) -> None:
    found = number_refusal(text, scanned=False)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("refused:under_case", "这条违法涉及案件，请到人工窗口处理"),
        ("refused:nobody knows", UNKNOWN_CODE),
        ("refused:more:under_case", UNKNOWN_CODE),
        ("not_numbered", "暂时取不到决定书编号，请稍后再来"),
        ("rule:W02", "罚款超过 200 元，请到人工窗口处理"),
        ("rule:under_case", "这条违法涉及案件，请到人工窗口处理"),
        ("", UNKNOWN_CODE),
    ],
)
def test_why_a_record_was_not_decided(why: str, said: str) -> None:
    assert sentence(why, {"W02": Refusal("W02", "罚款超过 200 元，请到人工窗口处理。")}) == said


@pytest.mark.parametrize(
    ("changes", "doubts"),
    [
        (
            {"points": 2},
            [
                Doubt("P1", "2 points: no such class exists", "公安部令163 第7条"),
                Doubt("P4", "code 1223 takes 3 points by the list, the record says 2", "公安部令163 第11条第6项"),
            ],
        ),
        (
            {"penalty": "warning", "fine_fen": 0},
            [Doubt("P2", "a warning with 3 points", "公安部令163 第28条")],
        ),
        (
            {"act": SPEEDING, "code": "1636", "measured": "60", "limit": "50", "points": 9},
            [
                Doubt(
                    "P3", "measured value and limit give 3 or 6 points, the record says 9", "公安部令163 第8条至第12条"
                )
            ],
        ),
        (
            {"at": OLD},
            [
                Doubt(
                    "P5",
                    "offence before 2022-04-01: the milder list gives 2 points (new list 3, old list 2), the record says 3",
                    "行政处罚法 第37条；公安部令163 第37条",
                )
            ],
        ),
        (
            {"at": OLD, "act": SPEEDING, "code": "9999", "measured": "60", "limit": "50", "points": 9},
            [
                Doubt(
                    "P5",
                    "offence before 2022-04-01: the milder list gives 6 points (new list 6), the record says 9",
                    "行政处罚法 第37条；公安部令163 第37条",
                )
            ],
        ),
    ],
)
def test_doubts_about_points(tables: Tables, changes: dict[str, Any], doubts: list[Doubt]) -> None:
    found = points_doubts(make_record(**changes), make_vehicle(), tables.codes, TODAY)
    assert list(found) == doubts


@pytest.mark.parametrize(
    ("act", "code", "answers"),
    [
        ("在高速公路以外的道路上超速", "4636", (False,)),
        ("在其他道路上超速", "4636", (False,)),
        ("在高速公路上超速", "1636", (True,)),
        ("在城市快速路上超速", "1636", (True,)),
        ("超速", "4636", (True,)),
        ("超速", "1436", (True, False)),
    ],
)
def test_which_road_it_was(act: str, code: str, answers: tuple[bool, ...]) -> None:
    """公安部令163 第8条 to 第12条"""
    assert roads(make_record(act=act, code=code)) == answers
