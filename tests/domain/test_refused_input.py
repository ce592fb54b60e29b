"""What is refused, in the words a technician reads and the code words that decide what happens next. No value is ever repeated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from config.endorsement_tables import load_endorsements
from config.form_tables import load_form
from config.name_tables import load_names
from config.tables import load_tables
from kiosk.domain.bill import BillFormatError, fee_of, fen_of, stamp_of
from kiosk.domain.bill_files import read_bill
from kiosk.domain.chip_text import ChipTextError, decode_name, encode_name, parse_dg1
from kiosk.domain.code128 import symbols
from kiosk.domain.endorsement import Period
from kiosk.domain.endorsement_terms import fee_fen, valid_to
from kiosk.domain.forms import base45
from kiosk.domain.forms.answers import FieldLocked, answer, move_split
from kiosk.domain.forms.brought import NotTheSame, adopt
from kiosk.domain.forms.carry import carry
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import IdNumberError, parse_id_number
from kiosk.domain.ids import OrderNumberError, check_character, order_no, verify_order_no
from kiosk.domain.input_method import Composition, InputMethod
from kiosk.domain.money import MOST_FEN, spell_out
from kiosk.domain.mrz import LineError, check_digit, make_line, parse_line, parse_strict
from kiosk.domain.names import choose, romanise, split_name
from kiosk.domain.numbers import NumberError, parse_decision_number, parse_record_number
from kiosk.domain.permit import PermitKind
from kiosk.domain.plate import PlateError, parse_plate
from kiosk.domain.points import points_cycle
from kiosk.domain.slip import Slip
from kiosk.domain.slips import reprint
from kiosk.domain.speeding import speeding_points
from kiosk.domain.texts import BlankMissing, fill, objection_reason, written_time
from kiosk.domain.vin import ProofError, VinError, normalise_proof, parse_vin
from tests.domain.conftest import TODAY

DAY = dt.date(2026, 3, 18)
NUMBER = "330203199001010006"
LINE = "CSC123456788<2906302<8501019<2"
ORDER_WITHOUT_DAY = "NBHS0320261318000042"
FORM = load_form()


def dg1(line: str = LINE, name: str = "MAOONAKBMDPH") -> str:
    return (line + name).ljust(90, "<")


def moved(whole: str, *parts: str) -> Record:
    record = Record(FORM.id, FORM.version).put("surname_cn", whole, "id")
    return move_split(FORM, record, (parts[0], parts[1]), ("", ""))


def empty_blank() -> tuple[str, ...]:
    text = load_tables().legal.in_force("payment_terms", TODAY)
    return fill(text.model_copy(update={"paragraphs": ("到{deadline}为止。",), "version": "7"}))


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: parse_id_number("1", DAY), IdNumberError, "identity number refused: length"),
    (lambda: parse_id_number("33020319900101000A", DAY), IdNumberError, "identity number refused: characters"),
    (lambda: parse_id_number("330203199001010005", DAY), IdNumberError, "identity number refused: check_digit"),
    (lambda: parse_id_number("330203199002300005", DAY), IdNumberError, "identity number refused: birth"),
    (lambda: parse_id_number(NUMBER, dt.date(1989, 12, 31)), IdNumberError, "identity number refused: birth"),
    (lambda: parse_decision_number("1"), NumberError, "decision number refused: length"),
    (lambda: parse_decision_number("33021226000000A7"), NumberError, "decision number refused: characters"),
    (lambda: parse_record_number("1"), NumberError, "record number refused: length"),
    (lambda: parse_record_number("341002100000000A"), NumberError, "record number refused: characters"),
    (lambda: parse_plate("浙B12345", "99"), PlateError, "plate refused: type (plate type 99)"),
    (lambda: parse_plate("浙B12345", "x"), PlateError, "plate refused: type (plate type unknown)"),
    (lambda: parse_plate("浙B123", "02"), PlateError, "plate refused: length (plate type 02)"),
    (lambda: parse_plate("浙B1234I", "02"), PlateError, "plate refused: characters (plate type 02)"),
    (lambda: parse_vin("1"), VinError, "VIN refused: length"),
    (lambda: parse_vin("1M8GDM9AXKP04278I"), VinError, "VIN refused: characters"),
    (lambda: normalise_proof("1-2"), ProofError, "proof has 2 letters and digits, not 4 to 6"),
    (lambda: normalise_proof("1234567"), ProofError, "proof has 7 letters and digits, not 4 to 6"),
    (lambda: order_no("", DAY, 1), ValueError, "kiosk id must have 1 to 17 letters (A-Z) and digits"),
    (lambda: order_no("K1", DAY, 0), ValueError, "order counter 0 is outside 1 to 999999"),
    (lambda: verify_order_no("x"), OrderNumberError, "not an order number"),
    (lambda: verify_order_no(f"{ORDER_WITHOUT_DAY}#"), OrderNumberError, "not an order number"),
    (lambda: verify_order_no(f"{order_no('K1', DAY, 1)[:-1]}0"), OrderNumberError, "the check character does not fit"),
    (
        lambda: verify_order_no(ORDER_WITHOUT_DAY + check_character(ORDER_WITHOUT_DAY)),
        OrderNumberError,
        "the date in the order number does not exist",
    ),
    (lambda: spell_out(-1), ValueError, "amount cannot be spelled out"),
    (lambda: spell_out(MOST_FEN + 1), ValueError, "amount cannot be spelled out"),
    (lambda: fen_of("x"), BillFormatError, "an amount is no amount in yuan"),
    (lambda: fen_of("1.001"), BillFormatError, "an amount has parts of a fen"),
    (lambda: fee_of("x"), BillFormatError, "a fee is no amount in yuan"),
    (lambda: stamp_of("x"), BillFormatError, "a time is no time"),
    (lambda: stamp_of("2026-02-30 10:00:00"), BillFormatError, "a time does not exist"),
    (lambda: symbols(""), ValueError, "a Code 128 bar code takes printable ASCII only"),
    (lambda: read_bill(b"x"), BillFormatError, "neither a bill of Alipay nor one of WeChat Pay"),
    (lambda: parse_dg1("", DAY), ChipTextError, "DG1 refused: length"),
    (lambda: parse_dg1(f"{dg1()[:-1]}张", DAY), ChipTextError, "DG1 refused: characters"),
    (lambda: parse_dg1(f"{dg1()[:-1]}\n", DAY), ChipTextError, "DG1 refused: characters"),
    (lambda: parse_dg1(dg1("K" * 30), DAY), ChipTextError, "DG1 refused: printed line refused: layout"),
    (lambda: encode_name(""), ChipTextError, "DG1 refused: name"),
    (lambda: encode_name("𬀩"), ChipTextError, "DG1 refused: name"),
    (lambda: decode_name(""), ChipTextError, "DG1 refused: name"),
    (lambda: decode_name("PPPP"), ChipTextError, "DG1 refused: name"),
    (lambda: decode_name("AA"), ChipTextError, "DG1 refused: name"),
    (lambda: parse_strict("x", DAY), LineError, "printed line refused: length"),
    (lambda: parse_strict("x" * 30, DAY), LineError, "printed line refused: layout"),
    (lambda: parse_line("x" * 30, DAY), LineError, "printed line refused: layout"),
    (lambda: check_digit("a"), ValueError, "a character that has no value in a machine readable zone"),
    (lambda: make_line(PermitKind.TAIWAN, "C1", DAY, "900101"), ValueError, "not a number of this kind of permit"),
    (
        lambda: make_line(PermitKind.TAIWAN, "L12345678", dt.date(1999, 12, 31), "900101"),
        ValueError,
        "the line holds expiry years 2000 to 2099 only",
    ),
    (
        lambda: make_line(PermitKind.TAIWAN, "L12345678", dt.date(2100, 1, 1), "900101"),
        ValueError,
        "the line holds expiry years 2000 to 2099 only",
    ),
    (
        lambda: make_line(PermitKind.TAIWAN, "L12345678", DAY, "900230"),
        ValueError,
        "birth is six digits, YYMMDD",
    ),
    (
        lambda: points_cycle(DAY, dt.date(2026, 3, 17), "02-28"),
        ValueError,
        "no points cycle before the licence was first issued",
    ),
    (lambda: speeding_points(60, 0, heavy=True, expressway=True), ValueError, "a speed limit is positive"),
    (lambda: fee_fen(3, 3, load_endorsements().fees_on(DAY)), ValueError, "no fee for 3 entries and 3 months"),
    (lambda: fee_fen(None, 3, ()), ValueError, "no fee for multi entries and 3 months"),
    (lambda: valid_to(DAY, Period(0)), ValueError, "a period is at least one month"),
    (lambda: valid_to(dt.date(9999, 12, 1), Period(1)), OverflowError, "beyond the calendar"),
    (lambda: written_time(dt.datetime(2026, 3, 18)), ValueError, "a time without zone"),
    (lambda: reprint(Slip("x", ()), dt.datetime.now(dt.UTC), 0), ValueError, "the first reprint is number 1"),
    (lambda: objection_reason(load_tables().legal, "x"), KeyError, "\"no objection reason 'x'\""),
    (empty_blank, BlankMissing, "'payment_terms 7: deadline'"),
    (lambda: InputMethod(page_size=0), ValueError, "a page holds at least one candidate"),
    (lambda: InputMethod().press(Composition(), "1"), ValueError, "not a key of the pinyin keypad"),
    (
        lambda: choose(romanise(split_name("单三", load_names()), load_names()), "surname", 0, "X"),
        ValueError,
        "a reading that was not offered",
    ),
    (lambda: base45.decode("A"), ValueError, "not base45"),
    (lambda: base45.decode("ab"), ValueError, "not base45"),
    (lambda: base45.decode("::"), ValueError, "not base45"),
    (lambda: base45.decode(":::"), ValueError, "not base45"),
    (
        lambda: answer(FORM, Record(FORM.id, FORM.version).put("id_no", NUMBER, "id"), "id_no", "1"),
        FieldLocked,
        "id_no is locked",
    ),
    (lambda: moved("张三", "李", "三"), ValueError, "the parts do not make up the name"),
    (lambda: moved("张三", "", "张三"), ValueError, "the parts do not make up the name"),
    (
        lambda: adopt(FORM, Record(FORM.id, FORM.version), Record("X", 1)),
        NotTheSame,
        "the brought answers are of another form",
    ),
    (
        lambda: adopt(FORM, Record(FORM.id, FORM.version), Record(FORM.id, FORM.version).put("id_no", NUMBER, "user")),
        NotTheSame,
        "the brought answers are of another person",
    ),
    (lambda: carry(FORM, Record(FORM.id, FORM.version), FORM), ValueError, f"{FORM.id} is not filled from {FORM.id}"),
]


@pytest.mark.parametrize(("call", "kind", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_words_for_the_technician(call: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == said
    why = getattr(caught.value, "why", None)
    assert why is None or why in ("line", said.split(" (")[0].split()[-1]), "what is decided by stands in the sentence"


def test_the_locked_field_is_named() -> None:
    with pytest.raises(FieldLocked) as caught:
        answer(FORM, Record(FORM.id, FORM.version).put("id_no", NUMBER, "id"), "id_no", "1")
    assert caught.value.key == "id_no"
