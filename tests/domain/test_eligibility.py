"""Who and what may be handled at the machine. Ids of the cases name the rule and its article."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.tables import Rules
from config.zone import SHANGHAI
from kiosk.domain.eligibility import (
    card_refusals,
    face_refusal,
    headline,
    licence_refusals,
    person_refusals,
    record_verdicts,
    set_refusals,
    vehicle_refusal,
)
from kiosk.domain.errors import Refusal
from kiosk.domain.identity import CardKind, id_check_character
from kiosk.domain.rule import Rule
from kiosk.domain.rules_person import CARD_RULES, FACE_RULES, LICENCE_RULES
from kiosk.domain.rules_record import RECORD_RULES
from kiosk.domain.rules_set import SET_RULES
from kiosk.domain.rules_vehicle import FILING_RULES, VEHICLE_RULES
from tests.domain.conftest import TODAY, make_card, make_driver, make_record, make_vehicle

ALL_RULES: tuple[Rule[Any], ...] = (
    *CARD_RULES,
    *FACE_RULES,
    *LICENCE_RULES,
    *VEHICLE_RULES,
    *RECORD_RULES,
    *SET_RULES,
    *FILING_RULES,
)


def changed(rules: Rules, part: str, **values: Any) -> Rules:
    """The rules as another hall may have set them."""
    return rules.model_copy(update={part: getattr(rules, part).model_copy(update=values)})


def codes(refusals: list[Refusal]) -> list[str]:
    return [refusal.code for refusal in refusals]


def verdict(rules: Rules, chosen: tuple[str, ...] = (), **changes: Any) -> str | None:
    """The code of the rule against one record of the driver's own car."""
    record = make_record(**changes)
    found = record_verdicts([record], make_vehicle(), make_driver(), chosen, TODAY, rules)[record.record_id]
    return found.code if found else None


# --- person -----------------------------------------------------------------------------------------------------------


def test_nothing_against_an_ordinary_driver(rules: Rules) -> None:
    assert person_refusals(make_card(), make_driver(), TODAY, rules) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"number": "330203199001010005"}, ["E01"], id="E01 GB11643 check digit"),
        pytest.param({"birth": dt.date(1990, 1, 2)}, ["E01"], id="E01 chip and number disagree"),
        pytest.param({"valid_from": dt.date(2026, 3, 19)}, ["E01"], id="E01 not valid yet"),
        pytest.param({"valid_from": dt.date(2026, 3, 18)}, [], id="E01 valid from today"),
        pytest.param(
            {"number": "330203202603180000", "birth": TODAY}, ["E03"], id="E01 born today is no contradiction"
        ),
        pytest.param({"valid_to": dt.date(2026, 3, 17)}, ["E02"], id="E02 expired yesterday 身份证法5"),
        pytest.param({"valid_to": dt.date(2026, 3, 18)}, [], id="E02 last day"),
        pytest.param({"valid_to": None}, [], id="E02 长期"),
        pytest.param(
            {"number": "330203200803190002", "birth": dt.date(2008, 3, 19)}, ["E03"], id="E03 17 years 令162-14"
        ),
        pytest.param({"number": "330203200803180009", "birth": dt.date(2008, 3, 18)}, [], id="E03 18 today"),
        pytest.param(
            {"kind": CardKind.FOREIGNER_2017, "number": "USA310085022501", "birth": dt.date(1985, 2, 25)},
            [],
            id="E01 card without GB11643 number",
        ),
        pytest.param({"number": "1", "valid_to": dt.date(2020, 1, 1)}, ["E01", "E02"], id="both, in order"),
    ],
)
def test_card(rules: Rules, changes: dict[str, Any], found: list[str]) -> None:
    if "birth" in changes and changes.get("number", "").startswith("330203"):
        number = changes["number"]
        changes = changes | {"number": number[:17] + id_check_character(number[:17])}
    assert codes(card_refusals(make_card(**changes), TODAY, rules)) == found


def test_unreadable_card(rules: Rules) -> None:
    assert codes(card_refusals(None, TODAY, rules)) == ["E01"]


def test_face() -> None:
    assert face_refusal().code == "E04"


@pytest.mark.parametrize("letter", "AHINPT")
def test_status_letters_that_do_not_block(rules: Rules, letter: str) -> None:
    assert licence_refusals(make_driver(status=letter), TODAY, rules) == []


@pytest.mark.parametrize("letter", "BCDEFGJKLMRSU")
def test_e10_status_letters_that_block(rules: Rules, letter: str) -> None:
    refusals = licence_refusals(make_driver(status=letter), TODAY, rules)
    assert codes(refusals) == ["E10"]
    assert rules.licence.status[letter].name in refusals[0].message


@pytest.mark.parametrize(
    ("status", "blocked"),
    [
        ("AH", False),
        ("HI", False),
        ("HINPT", False),
        ("HM", True),
        ("MH", True),
        ("AB", True),
        ("hm", True),
        (" a ", False),
        pytest.param("O", True, id="O unknown"),
        pytest.param("AQ", True, id="Q unknown"),
        pytest.param("", True, id="no letter"),
        pytest.param("正常", True, id="not letters"),
    ],
)
def test_e10_status_is_a_set_of_letters(rules: Rules, status: str, blocked: bool) -> None:
    assert codes(licence_refusals(make_driver(status=status), TODAY, rules)) == (["E10"] if blocked else [])


def test_e10_unknown_letters_by_config(rules: Rules) -> None:
    lax = changed(rules, "licence", unknown_letter_blocks=False)
    assert licence_refusals(make_driver(status="AQ"), TODAY, lax) == []
    assert codes(licence_refusals(make_driver(status="QM"), TODAY, lax)) == ["E10"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"points": 11}, [], id="E12 11 points"),
        pytest.param({"points": 12}, ["E12"], id="E12 12 points 令163-14"),
        pytest.param({"points": 15}, ["E12"], id="E12 15 points"),
        pytest.param({"valid_to": dt.date(2026, 3, 17)}, ["E13"], id="E13 令162-63, though status A"),
        pytest.param({"valid_to": dt.date(2026, 3, 18)}, [], id="E13 last day"),
        pytest.param({"valid_to": None}, [], id="E13 长期"),
        pytest.param(
            {"status": "B", "points": 12, "valid_to": dt.date(2020, 1, 1)}, ["E10", "E12", "E13"], id="in order"
        ),
    ],
)
def test_licence(rules: Rules, changes: dict[str, Any], found: list[str]) -> None:
    assert codes(licence_refusals(make_driver(**changes), TODAY, rules)) == found


def test_e05_no_licence(rules: Rules) -> None:
    assert codes(person_refusals(make_card(), None, TODAY, rules)) == ["E05"]


def test_e05_by_config_leaves_records_without_points_to_the_owner(rules: Rules) -> None:
    lax = changed(rules, "person", without_licence="zero_points")
    assert person_refusals(make_card(), None, TODAY, lax) == []
    records = [make_record("3302030000000001", points=0), make_record("3302030000000002", points=1)]
    own = record_verdicts(records, make_vehicle(), None, (), TODAY, lax)
    assert own["3302030000000001"] is None
    assert own["3302030000000002"] is not None
    assert own["3302030000000002"].code == "E05"
    filed = make_vehicle(relation="filed", filed_on=dt.date(2020, 1, 1))
    assert all(
        v is not None and v.code == "E05" for v in record_verdicts(records, filed, None, (), TODAY, lax).values()
    )


def test_card_comes_before_licence(rules: Rules) -> None:
    refusals = person_refusals(make_card(valid_to=dt.date(2020, 1, 1)), make_driver(status="M"), TODAY, rules)
    assert codes(refusals) == ["E02", "E10"]


# --- vehicle ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({}, None, id="own"),
        pytest.param({"relation": "filed", "filed_on": dt.date(2025, 1, 1)}, None, id="filed"),
        pytest.param({"relation": "typed"}, "V02", id="V02 not filed"),
        *[pytest.param({"use": use}, "V06", id=f"V06 use {use}") for use in "BCDEROPQSN"],
        *[pytest.param({"use": use}, None, id=f"use {use}") for use in "AFGL"],
        *[pytest.param({"vehicle_type": t}, "V06", id=f"V06 {t}") for t in ("K11", "K21", "H11", "H21", "Q11")],
        *[pytest.param({"vehicle_type": t}, None, id=t) for t in ("K33", "K31", "H31", "M21", "")],
        pytest.param({"relation": "typed", "use": "C"}, "V02", id="first rule first"),
    ],
)
def test_vehicle(rules: Rules, changes: dict[str, Any], code: str | None) -> None:
    refusal = vehicle_refusal(make_vehicle(**changes), rules)
    assert (refusal.code if refusal else None) == code


def test_v01_proof_did_not_match(rules: Rules) -> None:
    refusal = vehicle_refusal(None, rules)
    assert refusal is not None
    assert refusal.code == "V01"


FILED_ON = dt.date(2026, 1, 10)


@pytest.mark.parametrize(
    ("offence", "points", "locked"),
    [
        pytest.param(dt.date(2026, 1, 9), 3, True, id="V03 day before, points"),
        pytest.param(dt.date(2026, 1, 9), 0, False, id="V03 day before, no points"),
        pytest.param(dt.date(2026, 1, 10), 3, True, id="V03 same day, points"),
        pytest.param(dt.date(2026, 1, 10), 0, False, id="V03 same day, no points"),
        pytest.param(dt.date(2026, 1, 11), 3, False, id="V03 day after, points"),
    ],
)
def test_v03_filed_vehicle(rules: Rules, offence: dt.date, points: int, locked: bool) -> None:
    vehicle = make_vehicle(relation="filed", filed_on=FILED_ON)
    record = make_record(at=dt.datetime.combine(offence, dt.time(0, 5), SHANGHAI), points=points)
    found = record_verdicts([record], vehicle, make_driver(), (), TODAY, rules)[record.record_id]
    assert (found.code if found else None) == ("V03" if locked else None)


def test_v03_filing_day_by_config_and_without_a_date(rules: Rules) -> None:
    record = make_record(at=dt.datetime.combine(FILED_ON, dt.time(12), SHANGHAI))
    filed = make_vehicle(relation="filed", filed_on=FILED_ON)
    lax = changed(rules, "vehicle", points_on_filing_day=True)
    assert record_verdicts([record], filed, make_driver(), (), TODAY, lax) == {record.record_id: None}
    unknown = record_verdicts([record], make_vehicle(relation="filed"), make_driver(), (), TODAY, lax)[record.record_id]
    assert unknown is not None
    assert unknown.code == "V03"


def test_v03_counts_days_in_china(rules: Rules) -> None:
    """17:00 UTC of the filing day is already the day after in China."""
    record = make_record(at=dt.datetime.combine(FILED_ON, dt.time(17), dt.UTC))
    filed = make_vehicle(relation="filed", filed_on=FILED_ON)
    assert record_verdicts([record], filed, make_driver(), (), TODAY, rules) == {record.record_id: None}


def test_v02_by_config_still_keeps_points_out(rules: Rules) -> None:
    lax = changed(rules, "vehicle", allow_unfiled=True)
    typed = make_vehicle(relation="typed")
    assert vehicle_refusal(typed, lax) is None
    records = [make_record("3302030000000001", points=0), make_record("3302030000000002", points=1)]
    found = record_verdicts(records, typed, make_driver(), (), TODAY, lax)
    assert [v.code if v else None for v in found.values()] == [None, "V03"]


# --- record -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"handled": True}, "W01", id="W01"),
        pytest.param({"fine_fen": 200_00}, None, id="W02 200 yuan 处罚法51"),
        pytest.param({"fine_fen": 200_01}, "W02", id="W02 200.01 yuan"),
        pytest.param({"fine_fen": 201_00}, "W02", id="W02 201 yuan 令105-43"),
        pytest.param({"fine_fen": 0, "penalty": "warning", "points": 0}, None, id="warning 令163-28"),
        pytest.param({"penalty": "other"}, "W03", id="W03 令105-43"),
        pytest.param({"penalty": ""}, "W03", id="W03 unknown penalty"),
        pytest.param({"points": 6}, None, id="W04 6 points"),
        pytest.param({"points": 9}, "W04", id="W04 9 points"),
        pytest.param({"points": 12}, "W04", id="W04 12 points"),
        pytest.param({"region": "other"}, None, id="W08 other province 令105-5"),
        pytest.param({"handled": True, "fine_fen": 500_00, "points": 12}, "W01", id="first rule first"),
    ],
)
def test_record(rules: Rules, changes: dict[str, Any], code: str | None) -> None:
    assert verdict(rules, **changes) == code


# --- set --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "points", "locked"),
    [(8, 3, False), (9, 3, True), (6, 6, True), (11, 0, False), (12, 0, True), (5, 6, False), (11, 1, True)],
)
def test_w05_points_now_and_this_record(rules: Rules, now: int, points: int, locked: bool) -> None:
    """公安部令163 第14条; 12 itself is refused."""
    record = make_record(points=points)
    found = record_verdicts([record], make_vehicle(), make_driver(points=now), (), TODAY, rules)[record.record_id]
    assert (found.code if found else None) == ("W05" if locked else None)


def test_w05_more_than_twelve_by_config(rules: Rules) -> None:
    lax = changed(rules, "set", points_compare=">")
    record = make_record(points=3)
    assert record_verdicts([record], make_vehicle(), make_driver(points=9), (), TODAY, lax) == {record.record_id: None}
    found = record_verdicts([record], make_vehicle(), make_driver(points=10), (), TODAY, lax)[record.record_id]
    assert found is not None
    assert "超过 12 分" in found.message


def test_w05_ticking_a_row_locks_others_and_unticking_opens_them(rules: Rules) -> None:
    a, b, c = (make_record(f"330203000000000{n}", points=p) for n, p in ((1, 3), (2, 3), (3, 0)))
    driver, vehicle = make_driver(points=6), make_vehicle()

    def locked(*chosen: str) -> list[str]:
        found = record_verdicts([a, b, c], vehicle, driver, chosen, TODAY, rules)
        return [record_id for record_id, refusal in found.items() if refusal]

    assert locked() == []
    assert locked(a.record_id) == [b.record_id]
    assert locked(b.record_id) == [a.record_id]
    assert locked(c.record_id) == []
    assert locked(a.record_id, c.record_id) == [b.record_id]
    # Should both be ticked all the same, each can still be unticked, and the set as a whole is refused.
    assert locked(a.record_id, b.record_id) == [c.record_id]
    assert codes(set_refusals([a, b], driver, rules)) == ["W05"]
    assert set_refusals([a, c], driver, rules) == []


def test_a_ticked_row_that_became_handled_is_locked_and_counts_no_more(rules: Rules) -> None:
    a, b = make_record("3302030000000001", points=3, handled=True), make_record("3302030000000002", points=3)
    found = record_verdicts([a, b], make_vehicle(), make_driver(points=6), (a.record_id,), TODAY, rules)
    assert found[a.record_id] is not None
    assert found[b.record_id] is None


@given(
    now=st.integers(0, 11),
    points=st.lists(st.sampled_from([0, 1, 3, 6]), max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_ticking_only_open_rows_never_reaches_the_limit(now: int, points: list[int], order: Any, rules: Rules) -> None:
    records = [make_record(f"33020300000000{n:02d}", points=p) for n, p in enumerate(points)]
    driver = make_driver(points=now)
    chosen: list[str] = []
    ids = [r.record_id for r in records]
    order.shuffle(ids)
    for record_id in ids:
        if record_verdicts(records, make_vehicle(), driver, chosen, TODAY, rules)[record_id] is None:
            chosen.append(record_id)
    taken = [r for r in records if r.record_id in chosen]
    assert now + sum(r.points for r in taken) < 12
    assert set_refusals(taken, driver, rules) == []


# --- what the rules say -----------------------------------------------------------------------------------------------


def test_rules_are_asked_in_order() -> None:
    assert [r.code for r in ALL_RULES] == [
        *("E01", "E02", "E03", "E04", "E05", "E10", "E12", "E13", "E15", "E19", "E18"),
        *("V01", "V08", "V02", "V05", "V06", "V07", "V08", "V09", "E14", "S2", "V09", "V10", "V11", "S3"),
        *("E05", "W01", "E16", "E17", "V03", "V12", "W02", "W03", "W04"),
        *("W06", "W07", "W08", "W09", "W10", "W11"),
        *("W05", "S1", "S2", "S5"),
        *("V04",) * 7,
    ]


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda r: f"{r.code} {r.applies_to}")
def test_sentences_are_plain(rule: Any) -> None:
    sentence = rule.what + rule.todo
    assert not set(sentence) & set("!！?？;；,:")
    assert not any(word in sentence for word in ("错误", "非法", "失败", "异常", "接口", "您没有", "不得"))
    assert not rule.what.endswith("。")
    assert not rule.todo.endswith("。")
    assert len(rule.what) <= 24
    assert rule.reason.isascii()
    assert rule.source


def test_headline_splits_what_and_what_to_do(rules: Rules) -> None:
    refusal = card_refusals(make_card(valid_to=dt.date(2020, 1, 1)), TODAY, rules)[0]
    assert headline(refusal) == ("身份证已过有效期", "本机不能办理，请到户籍窗口换领，或到人工窗口咨询。")
    assert headline(Refusal("X", "一句话")) == ("一句话", "")


def test_a_row_gets_one_sentence(rules: Rules) -> None:
    found = record_verdicts([make_record(fine_fen=500_00)], make_vehicle(), make_driver(), (), TODAY, rules)
    refusal = found["3302030000000001"]
    assert refusal is not None
    assert refusal.message == "罚款超过 200 元，请到人工窗口处理。"
