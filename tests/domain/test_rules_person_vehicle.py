"""E14 to E19, V04 to V11, S2 and S3: person and vehicle together, both sides of each boundary. Ids name rule and article."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.tables import Rules
from kiosk.domain.eligibility import (
    alarms,
    filing_refusal,
    headline,
    licence_refusals,
    licence_warnings,
    vehicle_refusal,
    vehicle_warnings,
)
from kiosk.domain.violation import FilingStanding
from tests.domain.conftest import TODAY, make_driver, make_vehicle
from tests.domain.test_eligibility import changed, codes

YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


def warned(found: list[Any]) -> list[str]:
    return [caution.code for caution in found]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"suspected_proxy": True}, ["E15"], id="E15 令163-30"),
        pytest.param({"kind": "civil"}, [], id="E19 civil"),
        *[
            pytest.param({"kind": kind}, ["E19"], id=f"E19 {kind or 'unknown'} 道交法120")
            for kind in ("temporary", "foreign", "military", "")
        ],
        pytest.param({"suspected_proxy": True, "points": 12, "kind": "foreign"}, ["E12", "E15", "E19"], id="in order"),
        pytest.param({"full_point_courses": 3}, [], id="E14 is about other people's vehicles only"),
    ],
)
def test_licence(rules: Rules, changes: dict[str, Any], found: list[str]) -> None:
    assert codes(licence_refusals(make_driver(**changes), TODAY, rules)) == found


@pytest.mark.parametrize(
    ("first_issued", "today", "leap", "probation"),
    [
        pytest.param("2025-03-18", "2026-03-17", "02-28", True, id="E18 last day 令162-76"),
        pytest.param("2025-03-18", "2026-03-18", "02-28", False, id="E18 after twelve months"),
        pytest.param("2026-03-18", "2026-03-18", "02-28", True, id="E18 first day"),
        pytest.param("2026-03-18", "2026-03-17", "02-28", False, id="E18 before the licence"),
        pytest.param("2024-02-29", "2025-02-27", "02-28", True, id="E18 29 February, last day"),
        pytest.param("2024-02-29", "2025-02-28", "02-28", False, id="E18 29 February, over"),
        pytest.param("2024-02-29", "2025-02-28", "03-01", True, id="E18 29 February, by config"),
    ],
)
def test_e18_probation_is_told_and_stops_nothing(
    rules: Rules, first_issued: str, today: str, leap: str, probation: bool
) -> None:
    driver, day = make_driver(first_issued=dt.date.fromisoformat(first_issued)), dt.date.fromisoformat(today)
    here = changed(rules, "licence", leap_anniversary=leap)
    assert warned(licence_warnings(driver, day, here)) == (["E18"] if probation else [])
    assert licence_refusals(driver, day, here) == []


def test_e18_of_nobody(rules: Rules) -> None:
    assert licence_warnings(None, TODAY, rules) == []


@pytest.mark.parametrize(
    ("courses", "relation", "code"),
    [
        pytest.param(2, "filed", None, id="E14 two courses"),
        pytest.param(3, "filed", "E14", id="E14 three courses 令163-17"),
        pytest.param(3, "own", None, id="E14 own vehicle"),
        pytest.param(4, "filed", "E14", id="E14 four courses"),
    ],
)
def test_e14(rules: Rules, courses: int, relation: str, code: str | None) -> None:
    vehicle = make_vehicle(relation=relation, filed_on=dt.date(2025, 1, 1))
    found = vehicle_refusal(vehicle, rules, today=TODAY, driver=make_driver(full_point_courses=courses))
    assert (found.code if found else None) == code
    strictest = changed(rules, "person", key_person_courses=1)
    assert vehicle_refusal(vehicle, strictest) is None  # nobody is asked about


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"owner": "unit"}, "V05", id="V05 own"),
        pytest.param({"owner": "unit", "relation": "filed"}, None, id="V05 filed 令105-21"),
        pytest.param({"owner": "unit", "relation": "typed"}, "V02", id="V02 before V05"),
        *[
            pytest.param({"plate_type": t}, "V07", id=f"V07 {t}")
            for t in [
                "03",
                "04",
                "05",
                "06",
                "09",
                "10",
                "11",
                "12",
                "14",
                "20",
                "21",
                "22",
                "23",
                "24",
                "25",
                "26",
                "27",
                "31",
                "32",
                "41",
                "42",
                "43",
            ]
        ],
        *[
            pytest.param({"plate_type": t}, None, id=f"plate type {t}")
            for t in ["01", "02", "07", "08", "13", "15", "16", "17", "18", "51", "52"]
        ],
        *[pytest.param({"status": s}, "V08", id=f"V08 {s} 令164-76") for s in ("C", "J", "N", "GC", "c")],
        *[pytest.param({"status": s}, "V08", id=f"V08 {s} 令164-40") for s in ("E", "M", "P", "AE")],
        *[pytest.param({"status": s}, None, id=f"status {s}") for s in ("A", "B", "D", "G", "H", "I", "Q", "GQ", "")],
        *[pytest.param({"status": s}, None, id=f"V09 {s} 令164-36 warns") for s in "KLO"],
        pytest.param({"licences_used": 3}, None, id="S2 three licences"),
        pytest.param({"licences_used": 4}, "S2", id="S2 four licences 令163-30"),
        pytest.param({"licences_used": 4, "licence_among_them": True}, "S2", id="S2 suspended for everybody"),
        pytest.param({"inspection_to": YESTERDAY, "insured_to": YESTERDAY}, None, id="V10 V11 warn"),
    ],
)
def test_vehicle(rules: Rules, changes: dict[str, Any], code: str | None) -> None:
    found = vehicle_refusal(make_vehicle(**changes), rules, today=TODAY, driver=make_driver())
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("status", "calls"), [("C", True), ("J", True), ("N", True), ("EC", True), ("E", False), ("M", False), ("P", False)]
)
def test_v08_calls_staff_and_does_not_tell_the_citizen_why(rules: Rules, status: str, calls: bool) -> None:
    found = vehicle_refusal(make_vehicle(status=status, relation="typed"), rules)
    if calls:
        assert found is not None
        assert alarms(found)
        assert found.message == "这辆车的登记信息需要核实。请到人工窗口办理。"
    else:
        found = vehicle_refusal(make_vehicle(status=status), rules)
        assert found is not None
        assert not alarms(found)
        assert rules.vehicle.status[status].name in found.message


def test_v09_by_config(rules: Rules) -> None:
    held = make_vehicle(status="GK")
    assert warned(vehicle_warnings(held, rules, today=TODAY)) == ["V09"]
    strict = changed(rules, "vehicle", seized="refuse")
    found = vehicle_refusal(held, strict)
    assert found is not None
    assert headline(found) == ("这辆车的登记状态是“查封”", "请到人工窗口处理违法。")
    assert vehicle_warnings(held, strict, today=TODAY) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, [], id="nothing to say"),
        pytest.param({"inspection_to": YESTERDAY}, ["V10"], id="V10 道交法13"),
        pytest.param({"inspection_to": TODAY}, [], id="V10 last day"),
        pytest.param({"status": "Q"}, ["V10"], id="V10 by status"),
        pytest.param({"status": "Q", "inspection_to": YESTERDAY}, ["V10"], id="V10 once"),
        pytest.param({"insured_to": YESTERDAY}, ["V11"], id="V11 道交法98"),
        pytest.param({"insured_to": TODAY}, [], id="V11 last day"),
        pytest.param({"relation": "filed", "filed_on": dt.date(2025, 1, 1)}, ["S3"], id="S3 令163-30"),
        pytest.param({"relation": "typed"}, ["S3"], id="S3 typed"),
        pytest.param(
            {"relation": "filed", "status": "OQ", "insured_to": YESTERDAY}, ["V09", "V10", "V11", "S3"], id="in order"
        ),
    ],
)
def test_vehicle_warnings(rules: Rules, changes: dict[str, Any], found: list[str]) -> None:
    cautions = vehicle_warnings(make_vehicle(**changes), rules, today=TODAY, driver=make_driver())
    assert warned(cautions) == found
    assert all(caution.message and caution.source and caution.reason for caution in cautions)


def standing(**changes: int) -> FilingStanding:
    return FilingStanding(
        **({"filed_now": 0, "filings_today": 0, "filings_this_year": 0, "users_of_vehicle": 0} | changes)
    )


@pytest.mark.parametrize(
    ("counts", "changes", "code", "said"),
    [
        pytest.param({}, {}, None, "", id="V04 may be filed"),
        pytest.param({"filed_now": 2}, {}, None, "", id="V04 third vehicle"),
        pytest.param({"filed_now": 3}, {}, "V04", "3 辆", id="V04 fourth vehicle"),
        pytest.param({"users_of_vehicle": 2}, {}, None, "", id="V04 third person"),
        pytest.param({"users_of_vehicle": 3}, {}, "V04", "3 个人", id="V04 fourth person"),
        pytest.param({"filings_today": 1}, {}, "V04", "今天", id="V04 second a day"),
        pytest.param({"filings_this_year": 4}, {}, None, "", id="V04 fifth a year"),
        pytest.param({"filings_this_year": 5, "filings_today": 1}, {}, "V04", "今年", id="V04 sixth a year"),
        pytest.param({}, {"plate_type": "52"}, None, "", id="V04 small new-energy"),
        pytest.param({}, {"plate_type": "01"}, "V04", "小型汽车", id="V04 large car"),
        pytest.param({}, {"plate_type": "23"}, "V04", "小型汽车", id="V04 police"),
        pytest.param({}, {"use": "G"}, "V04", "非营运", id="V04 rented"),
        pytest.param({}, {"use": "L"}, None, "", id="V04 once commercial"),
        pytest.param({}, {"use": "D"}, "V04", "非营运", id="V04 taxi, key vehicle"),
        pytest.param({}, {"vehicle_type": "K21"}, "V04", "非营运", id="V04 bus, key vehicle"),
        pytest.param({}, {"owner": "unit"}, None, "", id="V04 a unit's car"),
        pytest.param({}, {"relation": "own"}, "V04", "不用", id="V04 own"),
        pytest.param({}, {"relation": "filed"}, "V04", "不用", id="V04 filed already"),
        pytest.param({}, {"status": "C"}, "V08", "核实", id="V08 stolen"),
        pytest.param({}, {"status": "E"}, "V08", "注销", id="V08 cancelled"),
        pytest.param({}, {"status": "K"}, None, "", id="V09 seized"),
    ],
)
def test_filing(rules: Rules, counts: dict[str, int], changes: dict[str, Any], code: str | None, said: str) -> None:
    found = filing_refusal(standing(**counts), make_vehicle(**({"relation": "typed"} | changes)), rules)
    assert (found.code if found else None) == code
    assert found is None or said in found.message
