"""E16, E17, V12, W06 to W11, S1, S2, S5: the record, and what was taken before. Both sides of each boundary; ids name the article."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.rule_tables import ClassCover, WindowOnly
from config.tables import Rules
from config.zone import SHANGHAI
from kiosk.domain.eligibility import alarms, record_verdicts, set_refusals
from kiosk.domain.errors import Refusal
from kiosk.domain.rules_record import licence_classes
from kiosk.domain.violation import Driver, HandledRecord, Period, Vehicle
from tests.domain.conftest import TODAY, make_driver, make_record, make_vehicle
from tests.domain.test_eligibility import changed, codes

AT = dt.datetime(2026, 3, 2, 17, 46, tzinfo=SHANGHAI)
OFFENCE = AT.date()
FILED = {"relation": "filed", "filed_on": dt.date(2020, 1, 1)}


def against(
    rules: Rules, vehicle: Vehicle | None = None, driver: Driver | None = None, **changes: Any
) -> Refusal | None:
    keep = {name: changes.pop(name) for name in ("handled", "held") if name in changes}
    record = make_record(**changes)
    verdicts = record_verdicts([record], vehicle or make_vehicle(), driver or make_driver(), (), TODAY, rules, **keep)
    return verdicts[record.record_id]


def code(refusal: Refusal | None) -> str | None:
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    ("text", "classes"),
    [("C1", {"C1"}), ("A2D", {"A2", "D"}), ("a1 a2", {"A1", "A2"}), ("C1E", {"C1", "E"}), ("", set()), ("?", set())],
)
def test_licence_classes(text: str, classes: set[str]) -> None:
    assert licence_classes(text) == classes


@pytest.mark.parametrize(
    ("held", "vehicle_type", "plate_type", "covered"),
    [
        *[
            pytest.param(c, "K33", "02", True, id=f"E16 {c} small car")
            for c in ["A1", "A2", "A3", "B1", "B2", "C1", "C2", "C5", "C1D"]
        ],
        *[
            pytest.param(c, "K33", "02", False, id=f"E16 {c} small car 令162-10")
            for c in ["C3", "C4", "C6", "D", "E", "F", "M", "N", "P"]
        ],
        pytest.param("C1", "H31", "02", True, id="E16 C1 light lorry"),
        pytest.param("C5", "H31", "02", False, id="E16 C5 light lorry"),
        pytest.param("C1", "M21", "07", False, id="E16 C1 motorcycle"),
        pytest.param("C1E", "M21", "07", True, id="E16 E motorcycle"),
        pytest.param("F", "M21", "07", False, id="E16 F motorcycle"),
        pytest.param("F", "M22", "08", True, id="E16 F moped"),
        pytest.param("E", "M11", "07", False, id="E16 E three wheels"),
        pytest.param("D", "M11", "07", True, id="E16 D three wheels"),
        pytest.param("C1", "", "07", False, id="E16 by the plate alone"),
        pytest.param("C1", "", "51", False, id="E16 large new-energy"),
        pytest.param("B2", "", "51", True, id="E16 large new-energy, B2"),
        pytest.param("C4", "N11", "99", True, id="E16 C4 three-wheeled lorry, a row of one letter"),
        pytest.param("C2", "N11", "99", False, id="E16 C2 three-wheeled lorry"),
        pytest.param("C1", "X99", "99", True, id="E16 unknown type is not judged"),
        pytest.param("", "X99", "99", True, id="E16 unknown type, no class at all"),
        pytest.param("", "K33", "02", False, id="E16 no class at all"),
    ],
)
def test_e16(rules: Rules, held: str, vehicle_type: str, plate_type: str, covered: bool) -> None:
    vehicle = make_vehicle(vehicle_type=vehicle_type, plate_type=plate_type)
    assert code(against(rules, vehicle, make_driver(licence_class=held))) == (None if covered else "E16")


def test_e16_large_bus_where_key_vehicles_are_not_refused(rules: Rules) -> None:
    """The example of the rule: a C1 person, a large bus."""
    bus = make_vehicle(vehicle_type="K11", plate_type="01")
    assert code(against(rules, bus, make_driver(licence_class="C1"))) == "E16"
    assert code(against(rules, bus, make_driver(licence_class="A1"))) is None
    assert code(against(rules, bus, make_driver(licence_class="B1"))) == "E16"


def test_e16_the_longest_beginning_counts(rules: Rules) -> None:
    wide = ClassCover(name="Z", vehicle_types=("Z",), plate_types=(), classes=frozenset({"C1"}))
    narrow = ClassCover(name="Z5", vehicle_types=("Z5",), plate_types=(), classes=frozenset({"B2"}))
    for rows in ((wide, narrow), (narrow, wide)):
        ours = changed(rules, "licence", covers=rows)
        found = [against(ours, make_vehicle(vehicle_type=t), make_driver(licence_class="C1")) for t in ("Z31", "z51")]
        assert [code(refusal) for refusal in found] == [None, "E16"]


def test_e16_every_plate_type_of_an_ordinary_hall_is_named(rules: Rules) -> None:
    named = {plate_type for row in rules.licence.covers for plate_type in row.plate_types}
    assert {"01", "02", "07", "08", "51", "52"} <= named


@pytest.mark.parametrize(
    ("changes", "locked"),
    [
        pytest.param({"first_issued": OFFENCE}, False, id="E17 licence of the very day"),
        pytest.param({"first_issued": OFFENCE + dt.timedelta(days=1)}, True, id="E17 licence a day later 道交法19"),
        pytest.param({"not_valid": (Period(OFFENCE, OFFENCE),)}, True, id="E17 held that day 道交法99"),
        pytest.param({"not_valid": (Period(OFFENCE + dt.timedelta(days=1)),)}, False, id="E17 held from the day after"),
        pytest.param({"not_valid": (Period(dt.date(2026, 1, 1), dt.date(2026, 3, 1)),)}, False, id="E17 given back"),
        pytest.param({"not_valid": (Period(dt.date(2026, 1, 1), dt.date(2026, 3, 2)),)}, True, id="E17 last day"),
        pytest.param({"not_valid": (Period(dt.date(2026, 1, 1)),)}, True, id="E17 goes on"),
    ],
)
def test_e17(rules: Rules, changes: dict[str, Any], locked: bool) -> None:
    assert code(against(rules, None, make_driver(**changes))) == ("E17" if locked else None)


def test_e17_counts_days_in_china(rules: Rules) -> None:
    """17:00 UTC is already the day after."""
    driver = make_driver(first_issued=dt.date(2026, 3, 3))
    assert code(against(rules, None, driver, at=dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC))) is None
    assert code(against(rules, None, driver, at=dt.datetime(2026, 3, 2, 15, 59, tzinfo=dt.UTC))) == "E17"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"under_case": True}, "V12", id="V12"),
        pytest.param({"state": "open"}, None, id="W06 open"),
        *[pytest.param({"state": s}, "W06", id=f"W06 {s} 令105-5") for s in ("objected", "auditing", "correcting")],
        pytest.param({"state": "frozen"}, "W06", id="W06 a state not known here"),
        pytest.param({"photos": 0}, "W07", id="W07 no photo 令105-18"),
        pytest.param({"photos": 1}, None, id="W07 one photo"),
        pytest.param({"basis": ""}, "W07", id="W07 no basis 处罚法41"),
        pytest.param({"basis": " "}, "W07", id="W07 blank basis"),
        pytest.param({"authority": ""}, "W07", id="W07 no authority"),
        pytest.param({"authority_code": ""}, "W07", id="W07 no authority's number"),
        pytest.param({"provisions": ""}, None, id="W07 asks for basis, photo and authority"),
        *[pytest.param({"region": r}, None, id=f"W08 {r} 令105-5") for r in ("local", "province", "other")],
        pytest.param({"region": "moon"}, "W08", id="W08 not a region"),
        pytest.param({"code": "1614"}, "W09", id="W09 covered plate"),
        pytest.param({"code": "16141"}, "W09", id="W09 with a local character"),
        pytest.param({"code": "5702"}, "W09", id="W09 another's plate"),
        pytest.param({"code": "1712"}, "W09", id="W09 drink driving"),
        pytest.param({"code": "1616"}, None, id="W09 plate badly fixed is none"),
        pytest.param({"state": "held"}, "W11", id="W11 held"),
        pytest.param({"held": {"3302030000000001"}}, "W11", id="W11 by another session 处罚法29"),
        pytest.param({"held": {"3302030000000002"}}, None, id="W11 another record"),
        pytest.param({"handled": (), "state": "objected", "photos": 0}, "W06", id="first rule first"),
    ],
)
def test_record(rules: Rules, changes: dict[str, Any], found: str | None) -> None:
    assert code(against(rules, **changes)) == found


def test_w06_says_what_is_going_on(rules: Rules) -> None:
    said = {s: against(rules, state=s) for s in ("objected", "auditing", "correcting")}
    assert [r.message.split("，")[0] for r in said.values() if r] == [
        "这条违法正在核查异议",
        "这条违法还在审核",
        "这条违法正在更正",
    ]


def test_w08_by_config(rules: Rules) -> None:
    ours = changed(rules, "record", regions=frozenset({"local"}))
    assert code(against(ours, region="local")) is None
    assert code(against(ours, region="province")) == "W08"


def test_w09_is_keyed_on_province_and_date(rules: Rules) -> None:
    """The same number has had other meanings in other years and provinces."""
    row = WindowOnly(code="7045", province="33", valid_from=OFFENCE, act="x", mark="L")
    ours = changed(rules, "record", window_only=(row,))
    assert code(against(ours, code="7045", authority_code="330212000000")) == "W09"
    assert code(against(ours, code="7045", authority_code="320500000000")) is None
    assert code(against(ours, code="7045", at=AT - dt.timedelta(days=1))) is None
    assert code(against(rules, code="1614", at=AT.replace(year=2022, month=3, day=31))) is None


def handled(minutes: int = 0, *, plate: str = "浙B00001", plate_type: str = "02", **changes: Any) -> HandledRecord:
    fields: dict[str, Any] = {
        "record_id": "3302030000000099",
        "plate": plate,
        "plate_type": plate_type,
        "relation": "filed",
        "at": AT + dt.timedelta(minutes=minutes),
        "authority_code": "330212000000",
        "points": 3,
    }
    return HandledRecord(**(fields | changes))


@pytest.mark.parametrize(
    ("other", "locked"),
    [
        pytest.param(handled(0), True, id="W10 same minute 令163-30"),
        pytest.param(handled(4), True, id="W10 one county, four minutes"),
        pytest.param(handled(5), False, id="W10 one county, five minutes"),
        pytest.param(handled(-4), True, id="W10 before"),
        pytest.param(handled(-5), False, id="W10 five minutes before"),
        pytest.param(handled(19, authority_code="330203005400"), True, id="W10 two counties, nineteen minutes"),
        pytest.param(handled(20, authority_code="330203005400"), False, id="W10 two counties, twenty minutes"),
        pytest.param(handled(4, authority_code="330212009999"), True, id="W10 two units of one county"),
        pytest.param(handled(0, plate="浙B8K23A"), False, id="W10 the same vehicle"),
        pytest.param(handled(0, plate="浙B8K23A", plate_type="07"), True, id="W10 same plate, other type"),
        pytest.param(handled(0, relation="own", points=0), True, id="W10 own vehicle, no points"),
    ],
)
def test_w10(rules: Rules, other: HandledRecord, locked: bool) -> None:
    found = against(rules, handled=(other,))
    assert code(found) == ("W10" if locked else None)
    assert found is None or alarms(found)


def test_w10_can_be_switched_off(rules: Rules) -> None:
    off = changed(rules, "record", presence_same_area_min=0)
    assert code(against(off, handled=(handled(0),))) is None


# --- set --------------------------------------------------------------------------------------------------------------

OTHERS = tuple(handled(-9999 - n, plate=f"浙B0000{n}", record_id=f"330203000000010{n}") for n in range(1, 6))


@pytest.mark.parametrize(
    ("before", "vehicle", "points", "locked"),
    [
        pytest.param(OTHERS[:2], FILED, 3, False, id="S1 third plate"),
        pytest.param(OTHERS[:3], FILED, 3, True, id="S1 fourth plate 令163-30"),
        pytest.param(OTHERS[:3], FILED, 0, False, id="S1 no points, nobody trades in it"),
        pytest.param(OTHERS[:3], {}, 3, False, id="S1 own vehicle, three others"),
        pytest.param(OTHERS[:4], {}, 3, True, id="S1 four others already"),
        pytest.param(OTHERS[:4], {}, 0, False, id="S1 four others, own record without points"),
        pytest.param((*OTHERS[:2], OTHERS[0]), FILED, 3, False, id="S1 a plate counts once"),
        pytest.param(
            (*OTHERS[:2], handled(-9999, plate="浙B8K23A")), FILED, 3, False, id="S1 this very vehicle before"
        ),
        pytest.param(
            (*OTHERS[:2], handled(-9999, plate="浙B00009", points=0)), FILED, 3, False, id="S1 records without points"
        ),
        pytest.param((*OTHERS[:2], handled(-9999, plate="浙B00009", points=1)), FILED, 1, True, id="S1 a single point"),
        pytest.param(
            (*OTHERS[:2], handled(-9999, plate="浙B00009", relation="own")), FILED, 3, False, id="S1 own plates"
        ),
        pytest.param(
            (*OTHERS[:2], handled(-9999, plate="浙B00001", plate_type="52")), FILED, 3, True, id="S1 type counts"
        ),
    ],
)
def test_s1(
    rules: Rules, before: tuple[HandledRecord, ...], vehicle: dict[str, Any], points: int, locked: bool
) -> None:
    car = make_vehicle(**vehicle)
    expected = ["S1"] if locked else []
    assert code(against(rules, car, points=points, handled=before)) == (expected[0] if expected else None)
    assert (
        codes(set_refusals([make_record(points=points)], make_driver(), rules, vehicle=car, handled=before)) == expected
    )


@pytest.mark.parametrize(
    ("used", "among", "points", "locked"),
    [
        pytest.param(2, False, 3, False, id="S2 third licence"),
        pytest.param(3, True, 3, False, id="S2 one of the three"),
        pytest.param(3, False, 3, True, id="S2 fourth licence 令163-30"),
        pytest.param(3, False, 0, False, id="S2 no points"),
        pytest.param(4, True, 3, True, id="S2 more already"),
    ],
)
def test_s2(rules: Rules, used: int, among: bool, points: int, locked: bool) -> None:
    car = make_vehicle(licences_used=used, licence_among_them=among)
    assert code(against(rules, car, points=points)) == ("S2" if locked else None)
    assert codes(set_refusals([make_record(points=points)], make_driver(), rules, vehicle=car)) == (["S2"] * locked)
    assert set_refusals([make_record(points=points)], make_driver(), rules) == []


def test_w05_counts_from_nothing_where_there_is_no_licence(rules: Rules) -> None:
    """公安部令163 第14条; somebody without a licence may be let in by the hall (E05)."""
    assert set_refusals([make_record(points=5), make_record(points=6)], None, rules) == []
    assert codes(set_refusals([make_record(points=6), make_record(points=6)], None, rules)) == ["W05"]


def test_s5_session_cap(rules: Rules) -> None:
    records = [make_record(f"33020300000000{n:02d}", points=0) for n in range(11)]
    ids = [r.record_id for r in records]

    def found(n: int) -> list[str | None]:
        verdicts = record_verdicts(records, make_vehicle(), make_driver(), ids[:n], TODAY, rules)
        return [code(verdicts[i]) for i in ids]

    assert found(9) == [None] * 11
    assert found(10) == [None] * 10 + ["S5"]
    assert set_refusals(records[:10], make_driver(), rules) == []
    assert codes(set_refusals(records, make_driver(), rules)) == ["S5"]
