"""Fifteen places where this law is easily read wrongly. One test each, named after the trap, with its article."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest

from config.tables import Legal, OrganArea, Rules, Tables
from config.zone import SHANGHAI
from kiosk.domain.calendar import WorkCalendar
from kiosk.domain.eligibility import record_verdicts
from kiosk.domain.identity import IdNumberError, parse_id_number
from kiosk.domain.late import reckon
from kiosk.domain.numbers import parse_decision_number
from kiosk.domain.points import cycle_of_decision, points_cycle
from kiosk.domain.points_check import points_doubts
from kiosk.domain.speeding import speeding_points
from tests.domain.conftest import TODAY, make_driver, make_record, make_vehicle
from tests.domain.test_eligibility import changed, verdict

ROOT = Path(__file__).parents[2]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def shown(legal: Legal, text_id: str, on: str) -> str:
    return "".join(legal.in_force(text_id, day(on)).paragraphs)


@pytest.mark.parametrize(
    ("fine_fen", "penalty", "code"),
    [(0, "warning", None), (200_00, "fine", None), (200_01, "fine", "W02"), (200_00, "detention", "W03")],
)
def test_01_only_the_simple_procedure(rules: Rules, fine_fen: int, penalty: str, code: str | None) -> None:
    """公安部令105 第43条、第52条; 行政处罚法 第51条"""
    points = 0 if penalty == "warning" else 3
    assert verdict(rules, fine_fen=fine_fen, penalty=penalty, points=points) == code


def test_02_points_are_booked_when_decided_not_when_committed() -> None:
    """公安部令163 第13条: an offence of the old cycle, decided on the first day of the new one."""
    first_issued, offence = day("2015-05-20"), dt.datetime(2026, 5, 1, tzinfo=SHANGHAI)
    decided = dt.datetime(2026, 5, 20, 9, tzinfo=SHANGHAI)
    assert cycle_of_decision(first_issued, decided, "02-28").first_day == day("2026-05-20")
    assert cycle_of_decision(first_issued, offence, "02-28").first_day == day("2025-05-20")


def test_03_a_cycle_is_no_calendar_year() -> None:
    """公安部令163 第3条"""
    assert points_cycle(day("2015-05-20"), day("2025-12-31"), "02-28") == points_cycle(
        day("2015-05-20"), day("2026-01-01"), "02-28"
    )


@pytest.mark.parametrize(("measured", "points"), [(119, 0), (120, 6), (149, 6), (150, 12)])
def test_04_from_and_up_to_include_the_number(measured: int, points: int) -> None:
    """公安部令105 第81条: 20 % over exactly is "20 % 以上"."""
    assert speeding_points(measured, 100, heavy=False, expressway=True) == points


def test_05_fifteen_days_to_pay_are_calendar_days_the_others_working_days(calendar: WorkCalendar) -> None:
    """道路交通安全法 第108条, 行政处罚法 第85条 against 公安部令105 第81条"""
    received = day("2025-03-03")
    assert calendar.deadline(received) == day("2025-03-18")
    assert calendar.add_working_days(received, 15) == day("2025-03-24")


@pytest.mark.parametrize(
    ("received", "deadline"),
    [
        pytest.param("2025-03-03", "2025-03-18", id="the first day does not count"),
        pytest.param("2025-03-07", "2025-03-24", id="a Saturday moves to Monday"),
        pytest.param("2025-09-18", "2025-10-09", id="a holiday block moves to its end"),
        pytest.param("2025-09-13", "2025-09-28", id="a Sunday worked in exchange is no holiday"),
    ],
)
def test_06_first_day_and_last_day(calendar: WorkCalendar, received: str, deadline: str) -> None:
    """公安机关办理行政案件程序规定 第35条, by 公安部令105 第80条"""
    assert calendar.deadline(day(received)) == day(deadline)


@pytest.mark.parametrize(("late", "extra"), [(1, 6_00), (33, 198_00), (34, 200_00), (400, 200_00)])
def test_07_the_surcharge_stops_at_the_fine(calendar: WorkCalendar, legal: Legal, late: int, extra: int) -> None:
    """行政处罚法 第72条; it is 加处罚款, and texts call it so."""
    received = day("2025-03-03")
    paid_on = calendar.deadline(received) + dt.timedelta(days=late)
    assert reckon(200_00, received, paid_on, calendar).surcharge_fen == extra
    assert "加处罚款" in shown(legal, "payment_terms", "2026-03-18")
    assert not [text.id for text in legal.text if "滞纳金" in "".join(text.paragraphs)]


def test_08_since_2024_review_comes_before_a_lawsuit(legal: Legal) -> None:
    """行政复议法 第23条第1款第1项: a decision made on the spot must say so."""
    before, since = shown(legal, "remedies", "2023-12-31"), shown(legal, "remedies", "2024-01-01")
    assert "先申请行政复议" not in before
    assert "先申请行政复议" in since
    assert "六个月" not in since


def test_09_review_is_the_governments_not_the_superior_polices(legal: Legal) -> None:
    """行政复议法 第24条、第32条: it may be handed in through the deciding agency."""
    since = shown(legal, "remedies", "2024-01-01")
    assert "上一级公安机关" not in since
    assert "人民政府" in legal.organs.review_organ
    assert "通过作出本决定的公安机关" in since


def test_10_signing_is_told_to_be_recorded(legal: Legal) -> None:
    """公安机关办理行政案件程序规定 第263条"""
    assert "录音录像" in shown(legal, "signing", "2026-03-18")
    assert "第263条" in legal.in_force("signing", TODAY).source


def test_11_the_place_of_the_offence_decides(rules: Rules, legal: Legal) -> None:
    """公安部令105 第5条: handled anywhere, with that place's fine, authority and organs."""
    far = make_record(
        region="other", authority_code="440304000000", authority="深圳市公安局交通警察局", fine_fen=200_00
    )
    assert record_verdicts([far], make_vehicle(), make_driver(), (), TODAY, rules) == {far.record_id: None}
    organs = legal.organs.model_copy(update={"areas": (_area("4403", "深圳"), _area("3302", "宁波"))})
    assert organs.of(far.authority_code) == ("深圳复议机关", "深圳法院")


def _area(prefix: str, name: str) -> OrganArea:
    return OrganArea(prefix=prefix, review_organ=f"{name}复议机关", court=f"{name}法院")


@pytest.mark.parametrize(
    ("now", "points", "code"), [(0, 6, None), (0, 9, "W04"), (5, 6, None), (6, 6, "W05"), (11, 1, "W05"), (11, 0, None)]
)
def test_12_self_service_stops_before_twelve_and_at_six(rules: Rules, now: int, points: int, code: str | None) -> None:
    """公安部令163 第14条 would allow more, at a window; the national app does not."""
    record = make_record(points=points)
    found = record_verdicts([record], make_vehicle(), make_driver(points=now), (), TODAY, rules)[record.record_id]
    assert (found.code if found else None) == code


def test_13_a_code_means_nothing_by_itself(tables: Tables, rules: Rules) -> None:
    """The same number has had other acts and points: what a record says of itself counts, rows are keyed on province and date."""
    bare = changed(rules, "record", window_only=())
    assert {verdict(bare, code=row.code) for row in tables.codes.violation} == {None}
    assert tables.codes.find("1345", "33", day("2022-03-31")) is None
    assert tables.codes.find("7045", "32", TODAY) is None
    record = make_record(code="1345", points=3)
    assert [doubt.code for doubt in points_doubts(record, make_vehicle(), tables.codes, TODAY)] == ["P4"]
    assert record.points == 3
    for path in (ROOT / "kiosk" / "domain").glob("*.py"):
        compared = re.findall(r"""\bcode\w*\s*(?:==|in)\s*[({]?["'][0-9]{4}""", path.read_text("utf-8"))
        assert not compared, path.name


@pytest.mark.parametrize("check", [*"0123456789X", ""])
def test_14_the_check_character_is_never_tested(check: str) -> None:
    """Published ways to compute it contradict each other."""
    number = parse_decision_number("330197" + "141234567" + check)
    assert (number.number, number.check_char) == ("330197141234567", check)


def test_15_nobody_real_is_in_the_repository() -> None:
    """Order number 000 is never given to anybody (GB 11643), so every identity number here has it. Those beginning with 9 are of the
    card for foreigners, whose published specimen is used."""
    places = [ROOT / name for name in ("config", "docs", "kiosk", "drivers", "ui", "tests/domain")]
    kinds = {".py", ".toml", ".md", ".json", ".txt", ".yaml"}
    found: set[str] = set()
    for path in (path for place in places for path in place.rglob("*") if path.suffix in kinds):
        for text in re.findall(
            r"(?<![0-9A-Za-z.])[1-8][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9A-Za-z])", path.read_text("utf-8")
        ):
            if text[14:17] != "000" and _is_id_number(text):
                found.add(f"{path.relative_to(ROOT)}: …{text[14:]}")
    assert not found


def _is_id_number(text: str) -> bool:
    try:
        parse_id_number(text.upper(), dt.date(2027, 1, 1))
    except IdNumberError:
        return False
    return True


def test_a_year_without_a_holiday_table_is_not_guessed(calendar: WorkCalendar) -> None:
    """Not a trap of the law but of its calendar: weekends alone are counted, and the date is called uncertain."""
    due = replace(calendar, known_years=frozenset({2026})).due(day("2026-12-20"))
    assert (due.last_day, due.certain) == (day("2027-01-04"), False)
    assert calendar.due(day("2026-12-10")).certain
