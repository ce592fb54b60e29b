"""A typical citizen, their card, and the forms as shipped."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.form_tables import CodeLists, Form, load_codes, load_form
from kiosk.domain.forms.answers import answer
from kiosk.domain.forms.fill import fill_from_card
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import CardKind, IdCard, Sex

TODAY = dt.date(2026, 3, 18)
ADDRESS = "浙江省宁波市鄞州区首南街道日丽中路1号2幢301室"


LETTERS = {"张": "ZHANG", "伟明": "WEIMING", "王": "WANG", "": ""}


class PlainNames:
    """One surname character, and letters for the people of these tests."""

    def split_name(self, name: str, /) -> tuple[str, str]:
        return name[:1], name[1:]

    def pinyin_of(self, surname: str, given: str, /) -> tuple[str, str]:
        return LETTERS.get(surname, ""), LETTERS.get(given, "")


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
        "nation": "01",
        "address": ADDRESS,
    }
    return IdCard(**(fields | changes))


def filled(form: Form, codes: CodeLists, **changes: Any) -> Record:
    return fill_from_card(form, make_card(**changes), codes, PlainNames(), TODAY)


def answered(form: Form, record: Record, **answers: str) -> Record:
    for key, text in answers.items():
        record = answer(form, record, key, text)
    return record


TYPICAL = {
    "phone": "13900000000",
    "emer_name": "王某某",
    "emer_phone": "13700000000",
    "want_passport": "1",
    "passport_kind": "first",
    "delivery": "window",
}


@pytest.fixture(scope="session")
def form() -> Form:
    return load_form()


@pytest.fixture(scope="session")
def codes() -> CodeLists:
    return load_codes()


@pytest.fixture
def tapped(form: Form, codes: CodeLists) -> Record:
    return filled(form, codes)


@pytest.fixture
def complete(form: Form, tapped: Record) -> Record:
    return answered(form, tapped, **TYPICAL)
