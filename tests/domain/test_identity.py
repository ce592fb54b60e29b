"""Identity numbers (GB 11643), ages, masks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.identity import (
    IdNumberError,
    Sex,
    age_on,
    card_expired,
    id_check_character,
    is_mobile,
    mask_name,
    mask_number,
    mask_phone,
    parse_id_number,
)
from tests.domain.conftest import TODAY, make_card


@pytest.mark.parametrize(
    ("number", "birth", "sex"),
    [
        ("330203199001010006", dt.date(1990, 1, 1), Sex.FEMALE),
        ("330212198506150006", dt.date(1985, 6, 15), Sex.FEMALE),
        pytest.param("330282200002290004", dt.date(2000, 2, 29), Sex.FEMALE, id="29 February"),
        pytest.param("330204197005200007", dt.date(1970, 5, 20), Sex.FEMALE, id="abolished area"),
        pytest.param("33020619800118000X", dt.date(1980, 1, 18), Sex.FEMALE, id="X"),
        pytest.param("810000199001010000", dt.date(1990, 1, 1), Sex.FEMALE, id="Hong Kong"),
        pytest.param("820000199001010002", dt.date(1990, 1, 1), Sex.FEMALE, id="Macao"),
        pytest.param("830000199001010004", dt.date(1990, 1, 1), Sex.FEMALE, id="Taiwan"),
    ],
)
def test_valid_number(number: str, birth: dt.date, sex: Sex) -> None:
    parsed = parse_id_number(number, TODAY)
    assert (parsed.text, parsed.birth, parsed.sex) == (number, birth, sex)
    assert parsed.area == number[:6]


@pytest.mark.parametrize(
    "text", ["33020619800118000x", " 330206 19800118 000X ", "３３０２０６１９８００１１８０００ｘ"]
)
def test_number_is_normalised(text: str) -> None:
    assert parse_id_number(text, TODAY).text == "33020619800118000X"


def test_number_of_a_foreigner_card_has_the_same_check() -> None:
    first = "91" + "0840" + "19850101" + "000"
    assert parse_id_number(first + id_check_character(first), TODAY).birth == dt.date(1985, 1, 1)


def _with_check(first_17: str) -> str:
    return first_17 + id_check_character(first_17)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("330203199001010005", "check_digit", id="wrong check digit"),
        pytest.param(_with_check("33020319900230000"), "birth", id="30 February"),
        pytest.param(_with_check("33020319000229000"), "birth", id="29 February 1900"),
        pytest.param(_with_check("33020320260319000"), "birth", id="tomorrow"),
        pytest.param("33020319900101000", "length", id="17"),
        pytest.param("3302031990010100061", "length", id="19"),
        pytest.param("330203900101000", "length", id="15 digits are dead"),
        pytest.param("33020319900101000Y", "characters", id="letter"),
        pytest.param("X30203199001010006", "characters", id="X in front"),
        pytest.param("٣٣٠٢٠٣١٩٩٠٠١٠١٠٠٠٦", "characters", id="Arabic digits"),
        pytest.param("", "length", id="empty"),
    ],
)
def test_invalid_number(text: str, why: str) -> None:
    with pytest.raises(IdNumberError) as caught:
        parse_id_number(text, TODAY)
    assert caught.value.why == why
    assert not text or text not in str(caught.value)


def test_birth_today_is_accepted() -> None:
    assert parse_id_number(_with_check("33020320260318000"), TODAY).birth == TODAY


def test_number_is_not_in_repr() -> None:
    assert "0006" not in repr(parse_id_number("330203199001010006", TODAY))


@given(st.text(max_size=24) | st.text(alphabet="0123456789Xx", min_size=17, max_size=19))
def test_parsing_raises_only_its_own_error(text: str) -> None:
    try:
        parsed = parse_id_number(text, TODAY)
    except IdNumberError:
        return
    assert id_check_character(parsed.text[:17]) == parsed.text[17]


@given(
    st.dates(dt.date(1900, 1, 1), TODAY),
    st.integers(100000, 999999),
    st.integers(0, 16),
    st.sampled_from("0123456789"),
)
def test_every_single_wrong_digit_is_found(birth: dt.date, area: int, place: int, digit: str) -> None:
    number = _with_check(f"{area}{birth:%Y%m%d}000")
    wrong = number[:place] + digit + number[place + 1 :]
    if wrong == number:
        assert parse_id_number(wrong, TODAY).birth == birth
    else:
        with pytest.raises(IdNumberError):
            parse_id_number(wrong, TODAY)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (dt.date(2008, 3, 18), dt.date(2026, 3, 17), 17),
        (dt.date(2008, 3, 18), dt.date(2026, 3, 18), 18),
        (dt.date(2008, 2, 29), dt.date(2026, 2, 28), 17),
        (dt.date(2008, 2, 29), dt.date(2026, 3, 1), 18),
        (dt.date(2008, 2, 29), dt.date(2028, 2, 29), 20),
    ],
)
def test_age(birth: dt.date, day: dt.date, age: int) -> None:
    assert age_on(birth, day) == age


@pytest.mark.parametrize(
    ("valid_to", "expired"), [(TODAY, False), (TODAY - dt.timedelta(days=1), True), (None, False)], ids=str
)
def test_card_expiry(valid_to: dt.date | None, expired: bool) -> None:
    assert card_expired(make_card(valid_to=valid_to), TODAY) is expired


@pytest.mark.parametrize(
    ("phone", "mobile"),
    [("13812345678", True), ("12812345678", False), ("1381234567", False), ("+8613812345678", False)],
)
def test_is_mobile(phone: str, mobile: bool) -> None:
    assert is_mobile(phone) is mobile


@pytest.mark.parametrize(
    ("digits", "check"), [("11010519491231002", "X"), ("44052418800101001", "4"), ("1" * 17, "0"), ("2" * 17, "X")]
)
def test_check_character(digits: str, check: str) -> None:
    """The two examples of GB 11643, and every weight at once: they add up to 100."""
    assert id_check_character(digits) == check


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张伟明", "张*明"), ("张明", "张*"), ("欧阳小明", "欧**明"), ("张", "*"), ("", ""), ("阿里·买买提", "阿****提")],
)
def test_mask_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("330203199001011234", "3302**********1234"),
        ("USA310085022501", "USA3*******2501"),
        ("12345678", "******78"),
        ("123456789012", "1234****9012"),
        ("12345678901", "*********01"),
        ("12345", "***45"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_mask_number(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("+8613812345678", "138****5678"),
        ("87654321", "******21"),
        ("12345", "***45"),
        ("1234", "****"),
    ],
)
def test_mask_phone(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@given(st.text(min_size=2, max_size=30))
def test_masks_never_show_everything(text: str) -> None:
    for mask in (mask_name, mask_number, mask_phone):
        masked = mask(text)
        assert "*" in masked or not masked
