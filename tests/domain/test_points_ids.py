"""Points cycles and sums, speeding, order numbers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.tables import Rules
from kiosk.domain.ids import OrderNumberError, check_character, order_no, verify_order_no
from kiosk.domain.points import is_near_full, points_after, points_cycle, reaches_limit
from kiosk.domain.speeding import speeding_points
from tests.domain.conftest import make_record


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first_issued", "on", "leap", "first_day", "last_day"),
    [
        pytest.param("2015-05-20", "2026-05-19", "02-28", "2025-05-20", "2026-05-19", id="令163-3 last day"),
        pytest.param("2015-05-20", "2026-05-20", "02-28", "2026-05-20", "2027-05-19", id="令163-3 first day"),
        pytest.param("2015-05-20", "2015-05-20", "02-28", "2015-05-20", "2016-05-19", id="day of issue"),
        pytest.param("2016-02-29", "2026-02-27", "02-28", "2025-02-28", "2026-02-27", id="leap, 28 February"),
        pytest.param("2016-02-29", "2026-02-28", "02-28", "2026-02-28", "2027-02-27", id="leap, begins 28 February"),
        pytest.param("2016-02-29", "2026-02-28", "03-01", "2025-03-01", "2026-02-28", id="leap, 1 March"),
        pytest.param("2016-02-29", "2028-02-28", "02-28", "2027-02-28", "2028-02-28", id="leap year itself"),
        pytest.param("2016-02-29", "2028-02-29", "03-01", "2028-02-29", "2029-02-28", id="leap year, anniversary"),
    ],
)
def test_points_cycle(first_issued: str, on: str, leap: str, first_day: str, last_day: str) -> None:
    assert leap in ("02-28", "03-01")
    cycle = points_cycle(day(first_issued), day(on), "02-28" if leap == "02-28" else "03-01")
    assert (cycle.first_day, cycle.last_day) == (day(first_day), day(last_day))


def test_no_cycle_before_the_licence() -> None:
    with pytest.raises(ValueError):
        points_cycle(day("2015-05-20"), day("2015-05-19"), "02-28")


@given(st.dates(day("1950-01-01"), day("2030-12-31")), st.integers(0, 30000), st.sampled_from(["02-28", "03-01"]))
def test_cycles_follow_each_other(first_issued: dt.date, later: int, leap: str) -> None:
    rule = "02-28" if leap == "02-28" else "03-01"
    on = first_issued + dt.timedelta(days=later)
    cycle = points_cycle(first_issued, on, rule)
    assert cycle.first_day <= on <= cycle.last_day
    assert 364 <= (cycle.last_day - cycle.first_day).days <= 366
    assert points_cycle(
        first_issued, cycle.last_day + dt.timedelta(days=1), rule
    ).first_day == cycle.last_day + dt.timedelta(days=1)


def test_sums(rules: Rules) -> None:
    assert points_after(6, [make_record(points=3), make_record(points=0)]) == 9
    assert not reaches_limit(11, rules.set)
    assert reaches_limit(12, rules.set)
    assert [is_near_full(n, rules.set) for n in (8, 9, 11)] == [False, True, True]


BOUNDS = [1099, 1100, 1199, 1200, 1499, 1500]  # 9.9, 10, 19.9, 20, 49.9 and 50 % over a limit of 1000


@pytest.mark.parametrize(
    ("heavy", "expressway", "points"),
    [
        pytest.param(True, True, [6, 6, 6, 12, 12, 12], id="令163-8(5) 10(2)"),
        pytest.param(True, False, [0, 1, 1, 6, 6, 9], id="令163-9(2) 10(2) 12(1)"),
        pytest.param(False, True, [0, 0, 0, 6, 6, 12], id="令163-8(5) 10(3)"),
        pytest.param(False, False, [0, 0, 0, 3, 3, 6], id="令163-10(3) 11(2)"),
    ],
)
def test_speeding_matrix(heavy: bool, expressway: bool, points: list[int]) -> None:
    assert [speeding_points(v, 1000, heavy=heavy, expressway=expressway) for v in BOUNDS] == points


def test_no_excess_no_points() -> None:
    assert speeding_points(60, 60, heavy=True, expressway=True) == 0
    assert speeding_points(40, 60, heavy=True, expressway=True) == 0
    with pytest.raises(ValueError):
        speeding_points(60, 0, heavy=False, expressway=False)


def test_check_character_of_a_published_number() -> None:
    """The example of the Global Release Identifier standard, which uses ISO/IEC 7064 MOD 37,36."""
    assert check_character("A12425GABC1234002") == "M"


def test_order_number() -> None:
    number = order_no("nb-hs-03", day("2026-03-18"), 42)
    assert number[:-1] == "NBHS0320260318000042"
    parsed = verify_order_no(number)
    assert (parsed.kiosk_id, parsed.day, parsed.counter) == ("NBHS03", day("2026-03-18"), 42)


def test_the_last_order_of_a_day() -> None:
    assert verify_order_no(order_no("K1", day("2026-03-18"), 999_999)).counter == 999_999
    assert verify_order_no(order_no("A" * 17, day("2026-03-18"), 1)).kiosk_id == "A" * 17


@pytest.mark.parametrize(
    ("kiosk", "counter"), [("", 1), ("A" * 18, 1), ("K 1", 1), ("机1", 1), ("K1", 0), ("K1", 1_000_000)]
)
def test_order_number_refuses(kiosk: str, counter: int) -> None:
    with pytest.raises(ValueError):
        order_no(kiosk, day("2026-03-18"), counter)


def test_misread_order_numbers() -> None:
    number = order_no("NBHS03", day("2026-03-18"), 42)
    body = "NBHS0320261318000042"
    for wrong in ("", number[:-1], number.lower(), number + "0", body + check_character(body)):
        with pytest.raises(OrderNumberError):
            verify_order_no(wrong)


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@given(
    kiosk=st.text(ALPHABET, min_size=1, max_size=17),
    on=st.dates(day("2000-01-01"), day("2999-12-31")),
    counter=st.integers(1, 999_999),
    place=st.integers(0, 31),
    char=st.sampled_from(ALPHABET),
)
def test_every_single_wrong_character_is_found(kiosk: str, on: dt.date, counter: int, place: int, char: str) -> None:
    number = order_no(kiosk, on, counter)
    assert len(number) <= 32
    assert set(number) <= set(ALPHABET)
    assert verify_order_no(number).counter == counter
    assert verify_order_no(number).kiosk_id == kiosk
    place %= len(number)
    if number[place] != char:
        with pytest.raises(OrderNumberError):
            verify_order_no(number[:place] + char + number[place + 1 :])


@given(st.text(max_size=40))
def test_verifying_raises_only_its_own_error(text: str) -> None:
    try:
        verify_order_no(text)
    except OrderNumberError:
        return
