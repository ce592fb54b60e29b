"""A form filled by one tap of the identity card."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from config.form_tables import CodeLists, Field, Fill, Form
from kiosk.domain.forms.answers import with_copies
from kiosk.domain.forms.formats import read_date, tidy_name
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.identity import IdCard, Sex, age_on, normalise_id_number

GUARDIAN_AGE = 16
"""Below it a guardian is needed (出境入境管理法 and the bureaus' guides: 未满十六周岁)."""
NO_END = "长期"
"""What a card says that stays valid."""


class Names(Protocol):
    """How a name falls into surname and given name, and how they are spelt in letters."""

    def split_name(self, name: str, /) -> tuple[str, str]:
        """Surname and given name, the latter empty for people with one name. A dot between them belongs to neither."""

    def pinyin_of(self, surname: str, given: str, /) -> tuple[str, str]:
        """Capital letters A to Z for both; empty where no reading is known."""


def fill_from_card(form: Form, card: IdCard, codes: CodeLists, names: Names, today: dt.date) -> Record:
    """A record with everything the card says and what follows from it. What the card lacks, or codes that are not known, stays open.

    Never raises for what a card may hold.
    """
    found = _facts(card, names, today)
    values: dict[str, Value] = {}
    for field in form.field:
        text = found.get(field.fill, "") if field.fill is not None else ""
        if text and _takes(field, codes, text):
            values[field.key] = Value(text, "derived" if field.source != "id" else "id")
    return with_copies(form, Record(form.id, form.version, values))


def _takes(field: Field, codes: CodeLists, text: str) -> bool:
    """A field with options takes their codes only, also where the citizen may write something else; a date no 长期."""
    if field.list is not None:
        return bool(codes.text(field.list, text))
    if field.options:
        return any(option.code == text for option in field.options)
    return field.kind != "date" or read_date(text) is not None


def _facts(card: IdCard, names: Names, today: dt.date) -> dict[Fill, str]:
    name = tidy_name(card.name)
    surname, given = names.split_name(name) if name else ("", "")
    surname_pinyin, given_pinyin = names.pinyin_of(surname, given) if name else ("", "")
    number = normalise_id_number(card.number)
    return {
        "card.name": name,
        "card.surname": surname,
        "card.given": given,
        "card.surname_pinyin": surname_pinyin,
        "card.given_pinyin": given_pinyin,
        "card.number": number,
        "card.sex": str(card.sex) if card.sex in (Sex.MALE, Sex.FEMALE) else "",
        "card.nation": card.nation,
        "card.birth": card.birth.isoformat(),
        "card.address": " ".join(card.address.split()),
        "card.area": number[:6],
        "card.province": number[:2],
        "card.applicant_class": "minor" if age_on(card.birth, today) < GUARDIAN_AGE else "general",
        "card.issuer": " ".join(card.issuer.split()),
        "card.valid_from": card.valid_from.isoformat(),
        "card.valid_to": card.valid_to.isoformat() if card.valid_to is not None else NO_END,
    }
