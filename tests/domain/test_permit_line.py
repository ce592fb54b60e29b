"""The printed line: known lines, what is put right, and what must never be."""

from __future__ import annotations

import datetime as dt
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain.mrz import LineError, check_digit, make_line, parse_line, parse_strict
from kiosk.domain.permit import PermitKind

TODAY = dt.date(2026, 3, 18)
HK, TW = PermitKind.HK_MACAO, PermitKind.TAIWAN
LINE = "CSC123456788<2906302<8501019<2"

KNOWN = [
    pytest.param("CSC000000004<2404200<8108038<6", HK, "C00000000", dt.date(2024, 4, 20), "810803", id="specimen CS"),
    pytest.param("CDL000000007<2508197<8208031<6", TW, "L00000000", dt.date(2025, 8, 19), "820803", id="specimen CD"),
    pytest.param("CSCA00000015<3301155<9003071<0", HK, "CA0000001", dt.date(2033, 1, 15), "900307", id="first letter"),
    pytest.param(LINE, HK, "C12345678", dt.date(2029, 6, 30), "850101", id="digits"),
    pytest.param("CDL123456781<3102282<0002299<0", TW, "L12345678", dt.date(2031, 2, 28), "000229", id="29 February"),
    pytest.param("CSCZ99999996<2601010<1512317<2", HK, "CZ9999999", dt.date(2026, 1, 1), "151231", id="last letter"),
]


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        pytest.param("520727", "3", id="ICAO 9303-3 4.9 date"),
        pytest.param("AB2134<<<", "5", id="ICAO 9303-3 4.9 number"),
        pytest.param("HA672242<658022549601086<<<<<<<<<<<<<<0", "8", id="ICAO 9303-3 appendix A composite"),
        pytest.param("L898902C3", "6", id="ICAO 9303-4 specimen"),
        pytest.param("", "0", id="nothing"),
    ],
)
def test_check_digit(text: str, digit: str) -> None:
    assert check_digit(text) == digit


@pytest.mark.parametrize("text", ["a", "12-3", "１", "C 1"])
def test_check_digit_of_what_has_no_value(text: str) -> None:
    with pytest.raises(ValueError, match="no value"):
        check_digit(text)


@pytest.mark.parametrize(("line", "kind", "number", "expiry", "birth"), KNOWN)
def test_known_lines(line: str, kind: PermitKind, number: str, expiry: dt.date, birth: str) -> None:
    found = parse_line(line, TODAY)
    assert (found.kind, found.number, found.expiry, found.birth) == (kind, number, expiry, birth)
    assert not found.repaired
    assert make_line(kind, number, expiry, birth) == line
    assert (found.key.number, found.key.birth, found.key.expiry) == (number, birth, line[13:19])


letters = st.sampled_from([c for c in string.ascii_uppercase if c not in "IO"])
sevens = st.text(string.digits, min_size=7, max_size=7)
numbers = st.one_of(
    st.builds(lambda one, rest: (HK, f"C{one}{rest}"), st.one_of(letters, st.sampled_from(string.digits)), sevens),
    st.builds(lambda one, rest: (TW, f"L{one}{rest}"), st.sampled_from(string.digits), sevens),
)
expiries = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
births = st.dates(dt.date(1927, 1, 1), TODAY)


@st.composite
def lines(draw: st.DrawFn) -> str:
    kind, number = draw(numbers)
    return make_line(kind, number, draw(expiries), f"{draw(births):%y%m%d}")


@given(numbers, expiries, births)
def test_round_trip(numbered: tuple[PermitKind, str], expiry: dt.date, birth: dt.date) -> None:
    kind, number = numbered
    line = make_line(kind, number, expiry, f"{birth:%y%m%d}")
    assert len(line) == 30
    found = parse_line(line, TODAY, birth)
    assert (found.kind, found.number, found.expiry, found.birth) == (kind, number, expiry, f"{birth:%y%m%d}")
    assert not found.repaired


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "length"),
        (LINE[:27], "length"),
        (LINE + "123", "length"),
        ("?" * 30, "layout"),
        ("P<CHN" + LINE[5:], "layout"),
        ("CDC123456788<2906302<8501019<2", "number"),
        ("CSL123456788<2906302<8501019<2", "number"),
        ("CSCI23456788<2906302<8501010<2", "birth_check"),
        ("CSC123456789<2906302<8501019<2", "number_check"),
        ("CSC123456788<2906303<8501019<2", "expiry_check"),
        ("CSC123456788<2906302<8501018<2", "birth_check"),
        ("CSC123456788<2906302<8501019<3", "composite_check"),
        ("CDT123456784<2906302<8501019<2", "number"),
    ],
)
def test_which_check_fails(raw: str, why: str) -> None:
    with pytest.raises(LineError) as caught:
        parse_line(raw, TODAY)
    assert caught.value.why == why
    assert not any(part and part in str(caught.value) for part in (raw[2:11], raw[13:19], raw[21:27]))
    assert caught.value.__context__ is None or raw[2:11] not in str(caught.value.__context__) or not raw


def raw_line(number: str, expiry: str, birth: str) -> str:
    """A line whose digits fit, whatever the dates are."""
    parts = [text + check_digit(text) for text in (number, expiry, birth)]
    return f"CS{'<'.join(parts)}<{check_digit(''.join(parts))}"


@pytest.mark.parametrize(
    ("expiry", "birth", "why"),
    [
        ("290230", "850101", "expiry_date"),
        ("291301", "850101", "expiry_date"),
        ("290630", "850230", "birth_date"),
        pytest.param("290630", "010229", "birth_date", id="no 29 February in 1901 or 2001"),
        pytest.param("290630", "280229", None, id="29 February 1928"),
        pytest.param("290630", "260319", None, id="1926, because 2026 is tomorrow"),
    ],
)
def test_digits_fit_but_there_is_no_such_day(expiry: str, birth: str, why: str | None) -> None:
    line = raw_line("C12345678", expiry, birth)
    if why is None:
        assert parse_line(line, TODAY).birth == birth
        return
    with pytest.raises(LineError) as caught:
        parse_line(line, TODAY)
    assert caught.value.why == why


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("csc123456788<2906302<8501019<2", id="lower case"),
        pytest.param("CS C12345678 8 < 290630 2 < 850101 9 < 2", id="spaces"),
        pytest.param(" CSC123456788<2906302<8501019<2\r\n", id="ends"),
        pytest.param("ＣＳＣ１２３４５６７８８＜２９０６３０２＜８５０１０１９＜２", id="full width"),
        pytest.param("C5C123456788<2906302<8501019<2", id="C5"),
        pytest.param("C$C123456788<2906302<8501019<2", id="C$"),
        pytest.param("CSC1234567B8<29O63O2<BSOIO19<Z", id="look-alikes"),
        pytest.param("CSCI23456788<2906302<8501019<2", id="I where a letter may stand"),
        pytest.param("CSC1Z345G7B8K2906302K8501019K2", id="K"),
        pytest.param("CSC123456788«2906302«8501019«2", id="guillemets"),
        pytest.param("CSC123456788-2906302-8501019-2", id="dashes"),
        pytest.param("CSC1234567882906302<8501019<2", id="29, one filler lost"),
        pytest.param("CSC12345678829063028501019<2", id="28, two fillers lost"),
        pytest.param("CSC123456788<<2906302<8501019<2", id="31, one filler doubled"),
        pytest.param("CSC123456788<<2906302<<8501019<2", id="32, two fillers doubled"),
        pytest.param("'CSC123456788<2906302<8501019<2.", id="marks at the ends"),
        pytest.param("CSG123456788<2906302<8501019<2", id="G for the number's C"),
    ],
)
def test_put_right(raw: str) -> None:
    found = parse_line(raw, TODAY)
    assert (found.number, found.expiry, found.birth) == ("C12345678", dt.date(2029, 6, 30), "850101")
    assert found.repaired


def test_taiwan_put_right() -> None:
    assert parse_line("C0L12345678I<31O2282<0002299<0", TODAY).number == "L12345678"
    assert parse_line("CDI123456781<3102282<0002299<0", TODAY).number == "L12345678"


def test_of_a_line_that_had_to_be_repaired_the_repairs_fault_is_told() -> None:
    lost = LINE.replace("<", "", 1)
    assert parse_line(lost, TODAY).number == "C12345678"
    for raw in (lost.replace("C123", "C124"), LINE.replace("<", "K").replace("C123", "C124")):
        with pytest.raises(LineError) as caught:
            parse_line(raw, TODAY)
        assert caught.value.why == "number_check"


def test_legacy_taiwan_number() -> None:
    """T and eight digits, only where the hall takes it."""
    line = make_line(TW, "T12345678", dt.date(2029, 6, 30), "850101")
    assert parse_line(line, TODAY, legacy_taiwan=True).number == "T12345678"
    unclear = line.replace("<", "K").replace("CD", "C0")
    repaired = parse_line(unclear, TODAY, legacy_taiwan=True)
    assert (repaired.number, repaired.repaired) == ("T12345678", True)
    with pytest.raises(LineError) as caught:
        parse_line(unclear, TODAY)
    assert caught.value.why == "layout"
    with pytest.raises(LineError, match="number"):
        parse_line(line, TODAY)


def test_two_repairs_that_fit_are_none() -> None:
    """G counts as 16 and 6 as 6, L as 21 and 1 as 1: no check digit tells them apart. Read exactly, each is taken as it stands."""
    for number in ("C61234567", "CG1234567", "CL1234567", "C11234567"):
        line = make_line(HK, number, dt.date(2029, 6, 30), "850101")
        assert parse_line(line, TODAY).number == number
    for letter, digit in (("G", "6"), ("L", "1")):
        flawed = make_line(HK, f"C{letter}1234567", dt.date(2029, 6, 30), "850101").replace("<", "K")
        with pytest.raises(LineError) as caught:
            parse_line(flawed, TODAY, dt.date(1985, 1, 1))
        assert caught.value.why == "ambiguous"
        # A digit is never taken for a letter, so the other one is read.
        assert parse_line(flawed.replace(f"CSC{letter}", f"CSC{digit}"), TODAY).number == f"C{digit}1234567"


def test_a_letter_that_can_stand_is_not_made_a_digit() -> None:
    """CB0000090 with a 9 read as 2: C80000020 would fit all check digits."""
    line = make_line(HK, "CB0000090", dt.date(2029, 6, 30), "850101")
    assert check_digit("C80000020") == check_digit("CB0000090")
    with pytest.raises(LineError, match="number_check"):
        parse_line(line.replace("CB0000090", "CB0000020"), TODAY)


@given(lines(), st.integers(2, 29), st.sampled_from(string.digits))
def test_a_wrong_digit_is_never_put_right(line: str, position: int, digit: str) -> None:
    assume(line[position].isdigit() and line[position] != digit)
    wrong = line[:position] + digit + line[position + 1 :]
    with pytest.raises(LineError):
        parse_line(wrong, TODAY)
    with pytest.raises(LineError):
        parse_line(wrong.replace("<", "«").lower(), TODAY)


_ALIKE = {"0": "O", "1": "I", "8": "B", "5": "S", "2": "Z", "6": "G"}


@given(lines(), st.sets(st.integers(3, 29)), st.sampled_from("<K«-"))
def test_look_alikes_come_back_or_are_refused(line: str, places: set[int], filler: str) -> None:
    """Whatever look-alikes a camera saw where only digits can stand, the answer is the true line or none."""
    assume(line[3] in "01" or line[3].isalpha() or 3 not in places)
    raw = "".join(_ALIKE.get(c, c) if n in places else c for n, c in enumerate(line)).replace("<", filler)
    if line[3] in "GL" and raw != line:
        with pytest.raises(LineError, match="ambiguous"):
            parse_line(raw, TODAY)
        return
    found = parse_line(raw, TODAY)
    assert make_line(found.kind, found.number, found.expiry, found.birth) == line
    assert found.repaired == (raw != line)


@given(st.text(max_size=40))
def test_anything_else_is_an_error_and_nothing_worse(raw: str) -> None:
    with pytest.raises(LineError):
        parse_line(raw, TODAY)


@given(lines(), st.integers(21, 26), st.sampled_from("?*#\ufffd"))
def test_one_unread_digit_of_the_birth_comes_from_the_card(line: str, position: int, mark: str) -> None:
    raw = line[:position] + mark + line[position + 1 :]
    born = line[21:27]
    card = next(d for d in (day_of(born, 2000), day_of(born, 1900)) if d is not None and d <= TODAY)
    if line[3] in "GL":
        with pytest.raises(LineError, match="ambiguous"):
            parse_line(raw, TODAY, card)
        return
    found = parse_line(raw, TODAY, card)
    assert (found.birth, found.number, found.repaired) == (born, line[2:11], True)
    with pytest.raises(LineError):
        parse_line(raw, TODAY)
    with pytest.raises(LineError):
        parse_line(line[:21] + "??" + line[23:], TODAY, card)


def test_an_unread_digit_is_not_made_to_fit_somebody_else() -> None:
    raw = "CSC123456788<2906302<85010?9<2"
    assert parse_line(raw, TODAY, dt.date(1985, 1, 1)).birth == "850101"
    for day in range(2, 10):
        with pytest.raises(LineError) as caught:
            parse_line(raw, TODAY, dt.date(1985, 1, day))
        assert caught.value.why == "birth_check"


def day_of(yymmdd: str, century: int) -> dt.date | None:
    try:
        return dt.date(century + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
    except ValueError:
        return None


def test_strict_puts_nothing_right() -> None:
    assert parse_strict(LINE, TODAY).number == "C12345678"
    for raw in (LINE.lower(), LINE + " ", LINE.replace("<", "K"), "C5" + LINE[2:]):
        with pytest.raises(LineError):
            parse_strict(raw, TODAY)


@pytest.mark.parametrize(
    ("kind", "number", "expiry", "birth"),
    [
        (HK, "CI0000001", dt.date(2029, 6, 30), "850101"),
        (HK, "CO0000001", dt.date(2029, 6, 30), "850101"),
        (HK, "L12345678", dt.date(2029, 6, 30), "850101"),
        (TW, "C12345678", dt.date(2029, 6, 30), "850101"),
        (HK, "C12345678", dt.date(1999, 6, 30), "850101"),
        (HK, "C12345678", dt.date(2029, 6, 30), "851301"),
        (HK, "C12345678", dt.date(2029, 6, 30), "8501"),
    ],
)
def test_lines_that_cannot_be_made(kind: PermitKind, number: str, expiry: dt.date, birth: str) -> None:
    with pytest.raises(ValueError, match=r"number|years|birth"):
        make_line(kind, number, expiry, birth)
