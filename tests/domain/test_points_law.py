"""Points by the law: booked when decided, running totals, the five lists, speed from what a record says, old offences, doubts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from config.tables import Rules, Tables, ViolationCode
from config.zone import SHANGHAI
from kiosk.domain.points import cycle_of_decision, reaches_limit, running_totals
from kiosk.domain.points_check import points_doubts
from kiosk.domain.points_lists import CLASSES, ITEMS, POINTS_OF_ARTICLE, item_of
from kiosk.domain.speeding import is_heavy, parse_speed, possible_points, speeding_points
from tests.domain.conftest import TODAY, make_record, make_vehicle

SPEEDING = "驾驶机动车超过规定时速20%以上未达50%"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("decided_at", "first_day"),
    [
        pytest.param(
            dt.datetime(2026, 5, 19, 23, 59, tzinfo=SHANGHAI), "2025-05-20", id="令163-13 last day of a cycle"
        ),
        pytest.param(
            dt.datetime(2026, 5, 20, 0, 0, tzinfo=SHANGHAI), "2026-05-20", id="令163-13 first day of the next"
        ),
        pytest.param(dt.datetime(2026, 5, 19, 15, 59, tzinfo=dt.UTC), "2025-05-20", id="UTC, still the 19th in China"),
        pytest.param(dt.datetime(2026, 5, 19, 16, 0, tzinfo=dt.UTC), "2026-05-20", id="UTC, the 20th in China"),
    ],
)
def test_points_belong_to_the_cycle_of_the_decision(decided_at: dt.datetime, first_day: str) -> None:
    assert cycle_of_decision(day("2015-05-20"), decided_at, "02-28").first_day == day(first_day)


def test_a_cycle_from_29_february_begins_as_the_hall_says() -> None:
    decided_at = dt.datetime(2026, 2, 28, 12, tzinfo=SHANGHAI)
    assert cycle_of_decision(day("2024-02-29"), decided_at, "02-28").first_day == day("2026-02-28")
    assert cycle_of_decision(day("2024-02-29"), decided_at, "03-01").first_day == day("2025-03-01")


def test_running_totals() -> None:
    chosen = [make_record(points=points) for points in (3, 0, 6)]
    assert running_totals(2, chosen) == (5, 5, 11)
    assert running_totals(2, []) == ()


# --- the lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("article", "points", "items"), [(8, 12, 7), (9, 9, 7), (10, 6, 11), (11, 3, 15), (12, 1, 10)])
def test_lists_are_complete(article: int, points: int, items: int) -> None:
    """公安部令163 第8条 to 第12条"""
    rows = [item for item in ITEMS if item.article == article]
    assert [item.item for item in rows] == list(range(1, items + 1))
    assert {item.points for item in rows} == {points}
    assert rows[0].source == f"公安部令163 第{article}条第1项"


def test_there_is_no_class_of_two_points() -> None:
    """公安部令163 第7条"""
    assert {0, 1, 3, 6, 9, 12} == CLASSES
    assert len(ITEMS) == 50
    assert set(POINTS_OF_ARTICLE) == {8, 9, 10, 11, 12}


@pytest.mark.parametrize(
    ("key", "points", "word"),
    [
        ("8-1", 12, "饮酒"),
        ("9-3", 9, "违法停车"),
        ("10-8", 6, "信号灯"),
        ("10-11", 6, "应急车道"),
        ("11-6", 3, "手持电话"),
        ("11-7", 3, "人行横道"),
        ("12-4", 1, "禁止标线"),
        ("12-9", 1, "安全带"),
    ],
)
def test_items(key: str, points: int, word: str) -> None:
    item = item_of(key)
    assert item is not None
    assert item.points == points
    assert word in item.act


def test_unknown_item() -> None:
    assert item_of("10-12") is None
    assert item_of("") is None


def test_codes_take_the_points_of_their_item(tables: Tables) -> None:
    for row in tables.codes.violation:
        item = item_of(row.item)
        assert (item.points if item else 0) == row.points, row.code


# --- speed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("62 km/h", "62"),
        ("62km/h", "62"),
        ("62 KM/H", "62"),
        ("62公里/小时", "62"),
        ("时速62公里", "62"),
        ("６２ｋｍ／ｈ", "62"),
        ("62", "62"),
        ("61.5km/h", "61.5"),
        ("120千米/小时", "120"),
        *[(text, None) for text in ("", "未检测", "1200kg", "62 t", "62/50", "-5", "1200", "62 km/h 起")],
    ],
)
def test_parse_speed(text: str, speed: str | None) -> None:
    assert parse_speed(text) == (Decimal(speed) if speed else None)


def test_a_decimal_is_not_rounded_over_a_boundary() -> None:
    """公安部令105 第81条"""
    assert speeding_points(Decimal("59.9"), Decimal(50), heavy=False, expressway=False) == 0
    assert speeding_points(Decimal("60.0"), Decimal(50), heavy=False, expressway=False) == 3


@pytest.mark.parametrize(
    ("changes", "heavy"),
    [
        ({}, False),
        ({"vehicle_type": "K11"}, True),
        ({"vehicle_type": "H21"}, True),
        ({"vehicle_type": "H31"}, False),
        ({"use": "R"}, True),
        ({"use": "O"}, True),
        ({"use": "D"}, False),
    ],
)
def test_heavy_group(changes: dict[str, str], heavy: bool) -> None:
    assert is_heavy(make_vehicle(**changes)) is heavy


@pytest.mark.parametrize(
    ("act", "code", "measured", "limit", "vehicle", "points"),
    [
        pytest.param(SPEEDING, "1636", "60km/h", "50km/h", {}, {3, 6}, id="令163-10(3) 11(2) road not told"),
        pytest.param(SPEEDING, "4636", "120", "100", {}, {6}, id="令163-10(3) motorway code"),
        pytest.param(
            SPEEDING + "（高速公路、城市快速路以外）", "1636", "60", "50", {}, {3}, id="令163-11(2) elsewhere"
        ),
        pytest.param("在城市快速路超过规定时速", "1636", "119", "80", {}, {6}, id="令163-10(3) expressway, 48 %"),
        pytest.param("在城市快速路超过规定时速", "1636", "120", "80", {}, {12}, id="令163-8(5) expressway, 50 %"),
        pytest.param(SPEEDING, "1636", "55", "50", {"vehicle_type": "H11"}, {1, 6}, id="令163-10(2) 12(1) heavy"),
        pytest.param(SPEEDING, "1636", "50", "50", {}, {0}, id="no excess"),
        pytest.param(SPEEDING, "1636", "快", "50", {}, None, id="unreadable"),
        pytest.param(SPEEDING, "1636", "60", "0", {}, None, id="no limit"),
        pytest.param("载物超过核定质量", "1201", "60", "50", {}, None, id="not about speed"),
        pytest.param("高速公路低于规定最低时速", "4306", "50", "60", {}, None, id="below the lowest speed"),
    ],
)
def test_points_from_what_a_record_says(
    act: str, code: str, measured: str, limit: str, vehicle: dict[str, str], points: set[int] | None
) -> None:
    record = make_record(act=act, code=code, measured=measured, limit=limit)
    assert possible_points(record, make_vehicle(**vehicle)) == points


# --- doubts -----------------------------------------------------------------------------------------------------------


def doubts(tables: Tables, vehicle: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    found = points_doubts(make_record(**changes), make_vehicle(**(vehicle or {})), tables.codes, TODAY)
    assert all(doubt.reason.isascii() and doubt.source for doubt in found)
    return [doubt.code for doubt in found]


OLD, NEW = dt.datetime(2022, 3, 31, 23, 59, tzinfo=SHANGHAI), dt.datetime(2022, 4, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, [], id="1223, 3 points 令163-11(6)"),
        pytest.param({"points": 2}, ["P1", "P4"], id="P1 no class of two 令163-7"),
        pytest.param({"points": 1}, ["P4"], id="P4 1223 takes 3"),
        pytest.param({"points": 0}, ["P4"], id="P4 a fine without its points"),
        pytest.param({"code": "9999", "points": 6}, [], id="code not known here"),
        pytest.param({"code": "1043", "points": 3}, [], id="table not sure (M)"),
        pytest.param({"penalty": "warning", "fine_fen": 0, "points": 3}, ["P2"], id="P2 warning 令163-28"),
        pytest.param({"penalty": "warning", "fine_fen": 0, "points": 0}, [], id="P2 warning without points"),
        pytest.param({"act": SPEEDING, "code": "1636", "measured": "60", "limit": "50"}, [], id="P3 fits"),
        pytest.param({"act": SPEEDING, "code": "1636", "measured": "59", "limit": "50"}, ["P3"], id="P3 18 %"),
        pytest.param({"act": SPEEDING, "code": "1636", "measured": "?", "limit": "50"}, [], id="P3 unreadable"),
        pytest.param({"at": OLD, "points": 2}, [], id="P5 old list milder 处罚法37"),
        pytest.param({"at": OLD, "points": 3}, ["P5"], id="P5 new points for an old offence"),
        pytest.param({"at": NEW, "points": 2}, ["P1", "P4"], id="P5 offence of the first day"),
        pytest.param({"at": NEW, "points": 3}, [], id="P5 first day, new list"),
        pytest.param({"at": OLD, "code": "1345", "points": 3}, ["P5"], id="P5 new list milder"),
        pytest.param({"at": OLD, "code": "1345", "points": 1}, [], id="P5 new list milder, kept"),
        pytest.param({"at": OLD, "code": "1301", "points": 3}, [], id="P5 old list not known, new one kept"),
        pytest.param({"at": OLD, "code": "1301", "points": 6}, ["P5"], id="P5 more than the new list"),
        pytest.param({"at": OLD, "code": "9999", "points": 12}, [], id="P5 nothing known"),
        pytest.param(
            {"at": OLD, "act": SPEEDING, "code": "1636", "measured": "60", "limit": "50", "points": 6},
            [],
            id="P5 speed",
        ),
        pytest.param(
            {"at": OLD, "act": SPEEDING, "code": "1352", "measured": "55", "limit": "50", "points": 3},
            ["P5"],
            id="P5 10 % 令163",
        ),
    ],
)
def test_doubts(tables: Tables, changes: dict[str, Any], found: list[str]) -> None:
    assert doubts(tables, **changes) == found


def test_a_provinces_own_code_is_found_by_the_authority(tables: Tables) -> None:
    own = ViolationCode(
        code="7777",
        province="33",
        valid_from=day("2022-04-01"),
        act="x",
        points=1,
        item="12-4",
        fine_yuan=(100, 100),
        code_mark="H",
        points_mark="H",
    )
    codes = tables.codes.model_copy(update={"violation": (own,)})
    here, there = (make_record(code="7777", authority_code=f"{area}0212000000") for area in ("33", "32"))
    assert [doubt.code for doubt in points_doubts(here, make_vehicle(), codes, TODAY)] == ["P4"]
    assert points_doubts(there, make_vehicle(), codes, TODAY) == ()


def test_an_old_offence_names_both_lists_and_counts_from_the_first_day(tables: Tables) -> None:
    """行政处罚法 第37条"""
    record, car = make_record(at=OLD, points=3), make_vehicle()
    (doubt,) = points_doubts(record, car, tables.codes, day("2022-04-01"))
    assert doubt.reason == (
        "offence before 2022-04-01: the milder list gives 2 points (new list 3, old list 2), the record says 3"
    )
    (doubt,) = points_doubts(make_record(at=OLD, code="1301", points=6), car, tables.codes, TODAY)
    assert "(new list 3)" in doubt.reason
    assert points_doubts(record, car, tables.codes, day("2022-03-31")) == ()


def test_a_doubt_changes_no_number(tables: Tables) -> None:
    record = make_record(points=2)
    (_, listed) = points_doubts(record, make_vehicle(), tables.codes, TODAY)
    assert listed.reason == "code 1223 takes 3 points by the list, the record says 2"
    assert listed.source == "公安部令163 第11条第6项"
    assert record.points == 2


def test_the_smallest_excess_and_the_smallest_limit() -> None:
    """公安部令163 第10条第2项: any excess of the heavy group on a motorway."""
    assert speeding_points(61, 60, heavy=True, expressway=True) == 6
    assert speeding_points(2, 1, heavy=False, expressway=False) == 6
    record = make_record(act=SPEEDING, code="4636", measured="2", limit="1")
    assert possible_points(record, make_vehicle()) == frozenset({12})


@pytest.mark.parametrize(("compare", "reached"), [(">=", [False, True, True]), (">", [False, False, True])])
def test_the_limit_by_config(rules: Rules, compare: str, reached: list[bool]) -> None:
    """公安部令163 第14条; one city's text says "more than 12"."""
    here = rules.set.model_copy(update={"points_compare": compare})
    assert [reaches_limit(total, here) for total in (11, 12, 13)] == reached
