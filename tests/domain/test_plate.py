"""Plates (GA 36), VINs (GB 16735), proofs and the numbers of police papers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.numbers import NumberError, parse_decision_number, parse_record_number
from kiosk.domain.plate import (
    PLATE_TYPES,
    PlateError,
    display_plate,
    fitting_types,
    guess_plate_type,
    is_plate,
    mask_plate,
    normalise_plate,
    parse_plate,
    plate_colour,
    plate_type_name,
)
from kiosk.domain.vin import ProofError, VinError, normalise_proof, parse_vin, proof_matches, vin_check_character

VALID = [
    ("浙B12345", "02"),
    ("浙BA123B", "02"),
    ("浙BD12345", "52"),
    ("浙BDA1234", "52"),
    ("浙BK12345", "52"),
    ("浙B12345D", "51"),
    ("浙B12345F", "51"),
    ("浙B1234挂", "15"),
    ("浙B1234学", "16"),
    ("浙B0001警", "23"),
    ("浙O0001警", "23"),
    ("粤Z1234港", "26"),
    ("粤Z1A34澳", "27"),
    ("123456使", "03"),
    ("使123456", "03"),
    ("沪A0023领", "04"),
]


@pytest.mark.parametrize(("plate", "plate_type"), VALID)
def test_valid_plate(plate: str, plate_type: str) -> None:
    assert is_plate(plate, plate_type)
    assert parse_plate(plate, plate_type) == plate


@pytest.mark.parametrize(("plate", "plate_type"), VALID)
def test_type_is_guessed(plate: str, plate_type: str) -> None:
    assert guess_plate_type(plate) == plate_type


@pytest.mark.parametrize(
    ("typed", "plate_type"),
    [("", "02"), ("浙", "02"), ("浙B", "02"), ("浙B1234", "02"), ("浙BD1234", "02"), ("挂", "02"), ("浙挂", "15")],
)
def test_unfinished_plate_is_a_small_car(typed: str, plate_type: str) -> None:
    assert guess_plate_type(typed) == plate_type


@pytest.mark.parametrize(
    "plate",
    ["浙B1234I", "浙BO1234", "浙BI1234", "浙BF1A234", "浙BL12345", "浙I12345", "浙O12345", "B12345", "台B12345"],
)
@pytest.mark.parametrize("plate_type", ["02", "52", "51"])
def test_invalid_plate(plate: str, plate_type: str) -> None:
    with pytest.raises(PlateError) as caught:
        parse_plate(plate, plate_type)
    assert plate not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["浙b12345", "浙B 12345", "浙B·12345", "浙B•12345", "浙B-12345", "浙Ｂ１２３４５", " 浙B・12345\u3000"]
)
def test_plate_passes_only_after_normalisation(text: str) -> None:
    assert not is_plate(text, "02")
    assert parse_plate(text, "02") == "浙B12345"


@pytest.mark.parametrize(
    ("plate", "plate_type"), [("浙BD12345", "02"), ("浙B12345", "52"), ("浙B12345", "51"), ("浙B12345D", "01")]
)
def test_length_must_fit_the_type(plate: str, plate_type: str) -> None:
    with pytest.raises(PlateError) as caught:
        parse_plate(plate, plate_type)
    assert caught.value.why == "length"


@pytest.mark.parametrize("plate_type", ["20", "31", "41", "99", "77", ""])
def test_types_without_a_pattern_are_not_accepted(plate_type: str) -> None:
    with pytest.raises(PlateError) as caught:
        parse_plate("浙B12345", plate_type)
    assert caught.value.why == "type"


def test_type_names() -> None:
    assert len(PLATE_TYPES) == 35
    assert (plate_type_name("02"), plate_type_name("52"), plate_type_name("88")) == (
        "小型汽车",
        "小型新能源汽车",
        "号牌种类 88",
    )


@pytest.mark.parametrize(
    ("plate", "types"),
    [
        ("浙B8K23A", ("02", "01", "07", "08", "05", "06", "13", "14")),
        ("浙BD12345", ("52",)),
        ("浙B12345D", ("51",)),
        ("浙BD12345D", ()),
        ("浙B1234学", ("16", "17")),
        ("浙B1234试", ("18", "19")),
        ("浙B1234I", ()),
    ],
)
def test_types_that_fit_the_likeliest_first(plate: str, types: tuple[str, ...]) -> None:
    assert fitting_types(plate) == types


@pytest.mark.parametrize(
    ("colour", "types"),
    [
        ("blue", "02 08"),
        ("yellow", "01 07 13 15 16 17"),
        ("green", "14 52"),
        ("yellow_green", "51"),
        ("white", "23 24"),
        ("black", "03 04 05 06 26 27"),
        ("", "18 19 20 22 31 41 99 77"),
    ],
)
def test_colour_of_the_ground(colour: str, types: str) -> None:
    """GA 36"""
    assert {plate_colour(plate_type) for plate_type in types.split()} == {colour}


@pytest.mark.parametrize(
    ("plate", "shown", "masked"),
    [
        ("浙B8K23A", "浙B·8K23A", "浙B·***3A"),
        ("浙BD12345", "浙B·D12345", "浙B·****45"),
        ("浙B0001警", "浙B·0001警", "浙B·***1警"),
        ("123456使", "123456使", "*****6使"),
        ("浙B1234", "浙B·1234", "浙B·**34"),
        ("浙B123", "浙B123", "***23"),
        ("浙B12", "浙B12", "****"),
        ("浙学1234", "浙学1234", "****34"),
        ("浙1B234", "浙1B234", "****34"),
    ],
)
def test_display_and_mask(plate: str, shown: str, masked: str) -> None:
    assert display_plate(plate) == shown
    assert mask_plate(plate) == masked
    assert normalise_plate(shown) == plate


@given(st.text(max_size=12), st.sampled_from([*PLATE_TYPES, "", "xx"]))
def test_plate_parsing_raises_only_its_own_error(text: str, plate_type: str) -> None:
    guess_plate_type(text)
    mask_plate(text)
    try:
        plate = parse_plate(text, plate_type)
    except PlateError:
        return
    assert parse_plate(display_plate(plate), plate_type) == plate


@pytest.mark.parametrize(
    "vin", ["LTEST00A3R0000001", "LTEST00B4R0000002", "LTEST00CXR0123456", "LTEST00DXR0000006", "1M8GDM9AXKP042788"]
)
def test_valid_vin(vin: str) -> None:
    assert parse_vin(vin.lower()).text == vin
    assert parse_vin(vin).check_ok
    assert vin_check_character(vin) == vin[8]


def test_wrong_check_character_is_only_a_warning() -> None:
    assert not parse_vin("1M8GDM9A5KP042788").check_ok


@pytest.mark.parametrize(
    ("vin", "why"),
    [
        ("1M8GDM9AXKP04278I", "characters"),
        ("1M8GDM9AXKP04278O", "characters"),
        ("1M8GDM9AXKP04278Q", "characters"),
        ("1M8GDM9AXKP04278", "length"),
        ("1M8GDM9AXKP0427888", "length"),
    ],
)
def test_invalid_vin(vin: str, why: str) -> None:
    with pytest.raises(VinError) as caught:
        parse_vin(vin)
    assert caught.value.why == why


@given(st.text(max_size=20))
def test_vin_parsing_raises_only_its_own_error(text: str) -> None:
    try:
        parse_vin(text)
    except VinError:
        return


@pytest.mark.parametrize(
    ("proof", "engine", "fits"),
    [
        pytest.param("000001", "", True, id="VIN tail"),
        pytest.param("00 00-01", "", True, id="VIN tail with separators"),
        pytest.param("ab12c3", "4G15-XAB12C3", True, id="engine tail, lower case"),
        pytest.param("B12C-3", "4G15-XAB12C3", False, id="engine, only five"),
        pytest.param("7742", "77-42", True, id="short engine number, whole"),
        pytest.param("0001", "", False, id="last four of the VIN"),
        pytest.param("774", "774", False, id="engine number too short to prove anything"),
        pytest.param("", "", False, id="nothing"),
        pytest.param("----", "----", False, id="nothing but hyphens"),
        pytest.param("000002", "999999", False, id="neither"),
    ],
)
def test_proof(proof: str, engine: str, fits: bool) -> None:
    assert proof_matches(proof, "LTEST00A3R0000001", engine) is fits


@pytest.mark.parametrize("proof", ["", "123", "1234567", "--"])
def test_unusable_proof(proof: str) -> None:
    with pytest.raises(ProofError):
        normalise_proof(proof)


@pytest.mark.parametrize(
    ("text", "number", "check"),
    [
        ("330212260000001", "330212260000001", ""),
        ("3302122600000017", "330212260000001", "7"),
        ("330212 2600000017", "330212260000001", "7"),
        ("33021-22600000017", "330212260000001", "7"),
        ("３３０２１２２６００００００１", "330212260000001", ""),
        ("330212260000001x", "330212260000001", "X"),
    ],
)
def test_decision_number(text: str, number: str, check: str) -> None:
    parsed = parse_decision_number(text)
    assert (parsed.number, parsed.check_char) == (number, check)
    assert parsed.printed == number + check
    assert parsed.spaced.startswith("330212 26")


@pytest.mark.parametrize(("length", "why"), [(14, "length"), (17, "length"), (0, "length")])
def test_decision_number_of_wrong_length(length: int, why: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_decision_number("3" * length)
    assert caught.value.why == why


def test_decision_number_with_letters() -> None:
    with pytest.raises(NumberError) as caught:
        parse_decision_number("33021226000000A7")
    assert caught.value.why == "characters"


def test_record_number() -> None:
    assert parse_record_number("341002 1000000000") == "3410021000000000"
    for wrong in ("341002100000000", "34100210000000000", "341002100000000A"):
        with pytest.raises(NumberError):
            parse_record_number(wrong)


@given(st.text(max_size=24))
def test_number_parsing_raises_only_its_own_error(text: str) -> None:
    for parse in (parse_decision_number, parse_record_number):
        try:
            parse(text)
        except NumberError:
            continue
