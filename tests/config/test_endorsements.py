"""The shipped catalogue of endorsements by date, and what a hall is told when its own is wrong."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest

from config.endorsement_tables import EndorsementTables, load_endorsements
from config.tables import TablesError

TODAY = dt.date(2026, 3, 18)
SHIPPED = resources.files("config").joinpath("endorsements.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def tables() -> EndorsementTables:
    return load_endorsements()


def ids_on(tables: EndorsementTables, day: str) -> set[str]:
    return {row.id for row in tables.options_on(dt.date.fromisoformat(day))}


def own(tmp_path: Path, old: str, new: str) -> Path:
    assert old in SHIPPED
    file = tmp_path / "endorsements.toml"
    file.write_text(SHIPPED.replace(old, new, 1), "utf-8")
    return file


def test_every_kind_is_there(tables: EndorsementTables) -> None:
    offered = {(row.destination, row.kind) for row in tables.options_on(TODAY)}
    assert offered == {(place, kind) for place in ("HKG", "MAC") for kind in "GLSTQDR"}
    assert tables.kind_name("HKG", "G") == "个人旅游"
    assert tables.kind_name("TWN", "D") == "定居"
    assert tables.place_name("MAC") == "澳门"
    with pytest.raises(ValueError, match="no kind"):
        tables.kind_name("HKG", "J")


def test_individual_visit_options(tables: EndorsementTables) -> None:
    found = [row for row in tables.options_on(TODAY) if row.kind == "G" and row.block.area == "individual_visit"]
    assert {row.id for row in found} == {
        *("HKG-G-3M1", "HKG-G-3M2", "HKG-G-1Y1", "HKG-G-1Y2"),
        *("MAC-G-3M1", "MAC-G-1Y1"),
    }
    assert all(row.block.stay_days == 7 for row in found)


def test_taiwan_is_modelled_but_off(tables: EndorsementTables) -> None:
    assert not any(row.destination == "TWN" for row in tables.options_on(TODAY))
    assert {i[4] for i in tables.option_ids if i.startswith("TWN")} == set("LGTDJYFXCQ")


@pytest.mark.parametrize(
    ("option", "first", "last"),
    [
        pytest.param("HKG-G-1YM", "2024-12-01", None, id="Shenzhen, any number"),
        pytest.param("HKG-G-1YW", "2023-01-08", "2024-11-30", id="Shenzhen, weekly"),
        pytest.param("MAC-G-1YW", "2025-01-01", None, id="Zhuhai, weekly"),
        pytest.param("MAC-G-1YM", "2025-01-01", None, id="Hengqin, any number"),
        pytest.param("HKG-L-3M1", "2023-05-15", None, id="group, nationwide"),
        pytest.param("HKG-T-3M1", "2023-05-15", None, id="family, nationwide"),
        pytest.param("MAC-Q-1YM", "2024-05-06", None, id="Macao, exhibitions and more"),
        pytest.param("HKG-R-5YM", "2023-02-20", None, id="talents"),
    ],
)
def test_first_and_last_day(tables: EndorsementTables, option: str, first: str, last: str | None) -> None:
    begin = dt.date.fromisoformat(first)
    assert option in ids_on(tables, first)
    assert option not in ids_on(tables, str(begin - dt.timedelta(days=1)))
    if last is not None:
        assert option in ids_on(tables, last)
        assert option not in ids_on(tables, str(dt.date.fromisoformat(last) + dt.timedelta(days=1)))


@pytest.mark.parametrize(("day", "stay", "machines"), [("2024-05-05", 7, False), ("2024-05-06", 14, True)])
def test_business_changed_on_6_may_2024(tables: EndorsementTables, day: str, stay: int, machines: bool) -> None:
    found = [row for row in tables.options_on(dt.date.fromisoformat(day)) if row.kind == "S"]
    assert len(found) == 6
    assert {row.block.stay_days for row in found} == {stay}
    assert {row.block.self_service for row in found} == {machines}


def test_59_cities(tables: EndorsementTables) -> None:
    cities = tables.area_of("individual_visit").city
    assert len(cities) == 59
    assert len({c.prefix for c in cities}) == len({c.name for c in cities}) == 59
    assert sum(c.prefix.startswith("44") for c in cities) == 21
    assert sum(c.first == dt.date(2024, 3, 6) for c in cities) == 2
    assert sum(c.first == dt.date(2024, 5, 27) for c in cities) == 8


@pytest.mark.parametrize(
    ("area", "code", "day", "inside"),
    [
        ("individual_visit", "330212", "2026-03-18", True),
        ("individual_visit", "110105", "2026-03-18", True),
        ("individual_visit", "360482", "2026-03-18", False),
        ("individual_visit", "", "2026-03-18", False),
        ("individual_visit", "610102", "2024-03-05", False),
        ("individual_visit", "610102", "2024-03-06", True),
        ("individual_visit", "620102", "2024-05-26", False),
        ("individual_visit", "620102", "2024-05-27", True),
        ("talent", "330212", "2025-11-04", False),
        ("talent", "330212", "2025-11-05", True),
        ("talent", "310101", "2024-05-05", False),
        ("talent", "310101", "2024-05-06", True),
        ("talent", "440305", "2023-02-20", True),
        ("shenzhen", "440305", "2026-03-18", True),
        ("shenzhen", "440402", "2026-03-18", False),
    ],
)
def test_areas_by_day(tables: EndorsementTables, area: str, code: str, day: str, inside: bool) -> None:
    assert tables.area_of(area).holds(code, dt.date.fromisoformat(day)) is inside


def test_limits_as_shipped(tables: EndorsementTables) -> None:
    limits = tables.limits
    assert (limits.end_margin_days, limits.min_interval_days) == (0, 0)
    assert (limits.first_here, limits.fingerprint) == (False, False)
    assert limits.end_convention == "same_day"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("open = true", "open = 1", "limits.open", id="not a bool"),
        pytest.param("end_margin_days = 0", 'end_margin_days = "0"', "limits.end_margin_days", id="not a number"),
        pytest.param("end_margin_days = 0", "end_margin_days = -1", "limits.end_margin_days", id="negative"),
        pytest.param("open = true", "open = true\nopne = true", "limits.opne", id="unknown key"),
        pytest.param('"HKG-G-3M1"', '"HKG-G-3X1"', "block.0.ids.0", id="id of another form"),
        pytest.param('"HKG-G-3M1"', '"HKG-G-3M2"', "option given twice", id="twice in a block"),
        pytest.param('"HKG-G-3M1"', '"HKG-J-3M1"', "HKG has no kind J", id="kind of another place"),
        pytest.param('"HKG-G-3M1"', '"HKG-L-3M1"', "overlap", id="in two blocks at once"),
        pytest.param('area = "shenzhen"', 'area = "shenzen"', "no area 'shenzen'", id="unknown area"),
        pytest.param('area = "shenzhen"\n', "", "go together", id="tie without area"),
        pytest.param("last = 2024-11-30", "last = 2022-11-30", "before first day", id="ends before it begins"),
        pytest.param("first = 2017-07-01\nbasis", "first = 2025-07-01\nbasis", "no fee", id="option without a fee"),
        pytest.param('prefix = "3302"', 'prefix = "332"', "prefix", id="half a code"),
        pytest.param('id = "TWN"', 'id = "MAC"', "place given twice: MAC", id="place twice"),
        pytest.param("[limits]", "[limits", "", id="no TOML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(TablesError) as caught:
        load_endorsements(own(tmp_path, old, new))
    assert words in str(caught.value)
    assert "endorsements.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_hall_may_switch_taiwan_on_and_change_a_fee(tmp_path: Path) -> None:
    text = SHIPPED.replace("on = false", "on = true").replace("fen = 1500", "fen = 1000")
    file = tmp_path / "own.toml"
    file.write_text("\ufeff" + text, "utf-8")
    tables = load_endorsements(file)
    assert "TWN-T-6M1" in {row.id for row in tables.options_on(TODAY)}
    assert "TWN-G-6M1" not in {row.id for row in tables.options_on(TODAY)}
    assert tables.fee(1, 3, TODAY) == 10_00


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TablesError, match="nowhere"):
        load_endorsements(tmp_path / "nowhere.toml")
