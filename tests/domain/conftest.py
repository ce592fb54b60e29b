"""Fictional people and cars, and the tables as shipped."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.tables import Legal, Rules, Tables, load_tables
from config.zone import SHANGHAI
from kiosk.domain.calendar import WorkCalendar, work_calendar
from kiosk.domain.identity import CardKind, IdCard, Sex
from kiosk.domain.violation import Decision, Driver, Vehicle, ViolationRecord

TODAY = dt.date(2026, 3, 18)


def make_card(**changes: Any) -> IdCard:
    fields: dict[str, Any] = {
        "kind": CardKind.RESIDENT,
        "name": "张伟明",
        "sex": Sex.FEMALE,
        "birth": dt.date(1990, 1, 1),
        "number": "330203199001010006",
        "issuer": "宁波市公安局海曙分局",
        "valid_from": dt.date(2016, 1, 1),
        "valid_to": dt.date(2036, 1, 1),
    }
    return IdCard(**(fields | changes))


def make_driver(**changes: Any) -> Driver:
    fields: dict[str, Any] = {
        "licence_no": "330203199001010006",
        "name": "张伟明",
        "file_no": "330200000000",
        "issued_by": "浙B",
        "licence_class": "C1",
        "status": "A",
        "first_issued": dt.date(2015, 5, 20),
        "valid_to": dt.date(2031, 5, 20),
        "points": 0,
    }
    return Driver(**(fields | changes))


def make_vehicle(**changes: Any) -> Vehicle:
    return Vehicle(**({"plate": "浙B8K23A", "plate_type": "02", "relation": "own"} | changes))


def make_record(record_id: str = "3302030000000001", **changes: Any) -> ViolationRecord:
    fields: dict[str, Any] = {
        "record_id": record_id,
        "plate": "浙B8K23A",
        "plate_type": "02",
        "at": dt.datetime(2026, 3, 2, 17, 46, tzinfo=SHANGHAI),
        "place": "鄞州区宁穿路福庆路口",
        "code": "1223",
        "act": "驾驶时拨打接听手持电话",
        "fine_fen": 50_00,
        "points": 3,
        "authority": "宁波市公安局交通警察局鄞州大队",
        "authority_code": "330212000000",
        "region": "local",
        "provisions": "《中华人民共和国道路交通安全法实施条例》第六十二条第三项",
        "basis": "《中华人民共和国道路交通安全法》第九十条",
        "photos": 2,
    }
    return ViolationRecord(**(fields | changes))


def make_decision(**changes: Any) -> Decision:
    fields: dict[str, Any] = {
        "number": "330212260000001",
        "check_char": "7",
        "record_id": "3302030000000001",
        "decided_at": dt.datetime(2026, 3, 18, 14, 32, tzinfo=SHANGHAI),
        "fine_fen": 50_00,
        "points": 3,
        "points_total": 3,
        "deadline": dt.date(2026, 4, 2),
        "authority": "宁波市公安局交通警察局鄞州大队",
    }
    return Decision(**(fields | changes))


@pytest.fixture(scope="session")
def tables() -> Tables:
    return load_tables()


@pytest.fixture(scope="session")
def rules(tables: Tables) -> Rules:
    return tables.rules


@pytest.fixture(scope="session")
def legal(tables: Tables) -> Legal:
    return tables.legal


@pytest.fixture(scope="session")
def calendar(tables: Tables) -> WorkCalendar:
    return work_calendar(tables.holidays, tables.rules.deadline)
