"""The shipped tables, and what a hall is told when its own are wrong."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest

from config.tables import BLANKS_OF_TEXT, Tables, TablesError, load_tables


def shipped(name: str) -> str:
    return resources.files("config").joinpath(name).read_text("utf-8")


def test_shipped_tables_load(tables: Tables) -> None:
    assert {y.year for y in tables.holidays.year} >= {2025, 2026}
    assert {t.id for t in tables.legal.text} == set(BLANKS_OF_TEXT)
    assert set(tables.rules.licence.status) == set("ABCDEFGHIJKLMNPRSTU")


def test_unreviewed_texts_are_known(tables: Tables) -> None:
    assert len(tables.legal.not_reviewed()) == len(tables.legal.text)


def test_statutory_holidays_are_off(tables: Tables) -> None:
    """全国年节及纪念日放假办法 第2条: the fixed days of the solar calendar"""
    for year in tables.holidays.year:
        off = {day for block in year.off for day in block.days()}
        assert {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)} <= {(d.month, d.day) for d in off}
        # Outside weekends, a year has 13 statutory days and those that moved weekend days make.
        assert len([d for d in off if d.weekday() < 5]) - len(year.work) <= 13


def test_code_is_found_by_province_and_day(tables: Tables) -> None:
    found = tables.codes.find("1345", "33", dt.date(2026, 3, 18))
    assert found is not None
    assert found.points == 1  # 公安部令163 第12条第4项
    assert tables.codes.find("1345", "33", dt.date(2022, 3, 31)) is None
    assert tables.codes.find("7045", "33", dt.date(2026, 3, 18)) is not None
    assert tables.codes.find("7045", "32", dt.date(2026, 3, 18)) is None


@pytest.mark.parametrize(
    ("code", "points"),
    [
        ("1039", 0),
        ("1208", 0),
        ("1211", 0),
        ("1223", 3),
        ("1301", 3),
        ("1344", 1),
        ("1625", 6),
        ("1613", 9),
        ("4702", 12),
    ],
)
def test_points_of_codes_follow_the_order_of_2022(tables: Tables, code: str, points: int) -> None:
    found = tables.codes.find(code, "33", dt.date(2026, 3, 18))
    assert found is not None
    assert found.points == points


def test_a_hall_may_replace_one_file(tmp_path: Path, tables: Tables) -> None:
    text = shipped("rules.toml").replace('points_compare = ">="', 'points_compare = ">"')
    (tmp_path / "rules.toml").write_text("\ufeff" + text, "utf-8")
    own = load_tables(tmp_path)
    assert own.rules.set.points_compare == ">"
    assert own.legal == tables.legal


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("rules.toml", "points_limit = 12", "points_limit = 13", "set.points_limit"),
        ("rules.toml", "points_limit = 12", "points_limt = 12", "set.points_limt"),
        ("rules.toml", "max_points = 6", "max_points =", "line"),
        ("rules.toml", "A = {", "AB = {", "licence.status.AB"),
        ("holidays.toml", "2025-01-26,", "2025-01-27,", "2025-01-27 is listed as moved working day"),
        ("holidays.toml", "2025-01-26,", "2025-02-01,", "2025-02-01 is both off and a working day"),
        ("holidays.toml", "year = 2026", "year = 2025", "is not in 2025"),
        ("holidays.toml", "first = 2025-10-01", "first = 2025-10-09", "before first day"),
        ("legal.toml", "{deadline}", "{dedline}", "dedline"),
        ("legal.toml", "{deadline}", "{deadline", "brace"),
        ("legal.toml", 'id = "waiver"', 'id = "waver"', "unknown text"),
        ("legal.toml", "valid_from = 2024-01-01", "valid_from = 2017-07-01", "given twice"),
        ("legal.toml", 'id = "rescue"', 'id = "other"', "given twice"),
        ("codes.toml", "points = 3", "points = 2", "points"),
    ],
)
def test_a_wrong_file_is_told_clearly(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    text = shipped(name)
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TablesError) as caught:
        load_tables(tmp_path)
    assert said in str(caught.value)
    assert name in str(caught.value)


def test_a_missing_text_is_told(tmp_path: Path) -> None:
    text = shipped("legal.toml")
    start = text.index('[[text]]\nid = "waiver"')
    (tmp_path / "legal.toml").write_text(text[:start] + text[text.index("[[text]]", start + 8) :], "utf-8")
    with pytest.raises(TablesError, match="texts missing: waiver"):
        load_tables(tmp_path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "codes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TablesError):
        load_tables(tmp_path)
