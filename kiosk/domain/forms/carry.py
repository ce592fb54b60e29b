"""The same answers on the three older forms, for halls that still take them."""

from __future__ import annotations

from config.form_tables import Carry, Field, Form, Source
from kiosk.domain.forms.conditions import holds, valid_texts, visible
from kiosk.domain.forms.record import Record, Value

_BETWEEN = "、"


def carry(form: Form, record: Record, older: Form) -> Record:
    """A record of the older form with everything the merged form's record can give. What it never asked stays blank.

    Several things in one field stand one after the other. Raises ValueError where the older form is not filled from this one.
    """
    if older.carries_from != form.id:
        raise ValueError(f"{older.id} is not filled from {form.id}")
    texts = valid_texts(form, record)
    values: dict[str, Value] = {}
    for field in older.field:
        parts = [row for row in field.carry if holds(row.when, lambda key: texts.get(key, ""))]
        words = [text for row in parts if (text := _text(form, record, older, field, row, set(texts)))]
        if words:
            values[field.key] = Value(_BETWEEN.join(words), _source(record, parts))
    return Record(older.id, older.version, values)


def gaps(form: Form, record: Record) -> tuple[Field, ...]:
    """Fields that apply and are blank, in form order: what is left to write by hand."""
    return tuple(field for field in visible(form, record) if not record.text(field.key))


def _text(form: Form, record: Record, older: Form, field: Field, row: Carry, valid: set[str]) -> str:
    if row.text:
        return row.text
    words = []
    for key in row.keys:
        if key in valid:
            origin = form.field_of(key)
            shared = {option.code for option in older.options(field)}
            text = record.text(key)
            words.append(text if text in shared else form.option_text(origin, text))
    return "".join(words)


def _source(record: Record, rows: list[Carry]) -> Source:
    """The card's where all of it is from the card, else the machine's or the citizen's."""
    sources = {record.source(key) for row in rows for key in row.keys} - {None}
    for source in ("user", "derived", "id", "system"):
        if source in sources:
            return source
    return "derived"
