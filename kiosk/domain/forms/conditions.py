"""Which questions apply: the conditions of a form, asked of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.form_tables import Condition, Field, Form
from kiosk.domain.forms.record import Record


def holds(condition: Condition | None, text_of: Callable[[str], str]) -> bool:
    """Whether a condition is true; none at all is. `text_of` gives a field's text, empty where it is not asked."""
    if condition is None:
        return True
    if condition.all_of is not None:
        return all(holds(part, text_of) for part in condition.all_of)
    if condition.any_of is not None:
        return any(holds(part, text_of) for part in condition.any_of)
    if condition.none_of is not None:
        return not any(holds(part, text_of) for part in condition.none_of)
    assert condition.field is not None  # the condition's own validator has seen it
    text = text_of(condition.field)
    if condition.equals is not None:
        return text == condition.equals
    if condition.among is not None:
        return text in condition.among
    return bool(text) == condition.present


def visible(form: Form, record: Record) -> tuple[Field, ...]:
    """The fields that apply, in form order. A field asked about by a condition counts only if it applies itself."""
    return _walk(form, record)[0]


def valid_texts(form: Form, record: Record) -> Mapping[str, str]:
    """The texts that count: of fields that apply and are answered. What is printed, sent and compared."""
    return _walk(form, record)[1]


def _walk(form: Form, record: Record) -> tuple[tuple[Field, ...], dict[str, str]]:
    shown: list[Field] = []
    texts: dict[str, str] = {}
    for field in form.field:
        if holds(field.when, lambda key: texts.get(key, "")):
            shown.append(field)
            text = record.text(field.key)
            if text:
                texts[field.key] = text
    return tuple(shown), texts


def only_valid(form: Form, record: Record) -> Record:
    """The record without what is not asked (any more) or is not of this form."""
    keys = valid_texts(form, record)
    return Record(record.form_id, record.version, {key: value for key, value in record.items() if key in keys})
