"""What the citizen does to a record: answer, confirm, move the border between surname and given name."""

from __future__ import annotations

from collections.abc import Collection

from config.form_tables import NAME_LETTERS, NAME_PARTS, Form
from kiosk.domain.forms.conditions import visible
from kiosk.domain.forms.formats import option_code, tidy
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.names import clean_name


class FieldLocked(ValueError):
    """What the card's chip says is not edited."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is locked")
        self.key = key


def is_locked(form: Form, record: Record, key: str) -> bool:
    """Whether it came from the card and must stay so. A locked field that the card left open can be filled. Raises KeyError."""
    return form.field_of(key).locked and record.source(key) == "id"


def answer(form: Form, record: Record, key: str, text: str) -> Record:
    """The record with the citizen's answer, tidied but not judged; empty takes it back. Raises KeyError, FieldLocked; never for a text."""
    field = form.field_of(key)
    if is_locked(form, record, key):
        raise FieldLocked(key)
    text = tidy(field, text)
    if field.list is not None or field.options:
        text = option_code({option.code: option.text for option in form.options(field)}, text)
    return with_copies(form, record.put(key, text, "user"))


def confirm(form: Form, record: Record, keys: Collection[str] | None = None) -> Record:
    """The citizen has seen derived values and found them right: all that apply, or those named."""
    seen = {
        field.key: Value(record.text(field.key), "user")
        for field in visible(form, record)
        if field.confirm and record.source(field.key) == "derived" and (keys is None or field.key in keys)
    }
    return record.put_all(seen)


def move_split(form: Form, record: Record, parts: tuple[str, str], pinyin: tuple[str, str]) -> Record:
    """Another border between surname and given name, and their letters; the name as a whole stays what the card says.

    What of it the form has no field for is left out. Raises ValueError where the parts do not make up the name, or no surname is left.
    """
    part_keys = [form.key_of(fill) for fill in NAME_PARTS]
    now = "".join(record.text(key) for key in part_keys)
    whole = record.text(form.key_of("card.name")) or now
    if not parts[0] or _bare("".join(parts)) != _bare(whole):
        raise ValueError("the parts do not make up the name")
    source = record.source(part_keys[0]) or "user"
    for key, text in zip(part_keys, parts, strict=True):
        record = record.put(key, text, source) if key else record
    for key, text in zip([form.key_of(fill) for fill in NAME_LETTERS], pinyin, strict=True):
        record = record.put(key, text, "derived") if key else record
    return with_copies(form, record)


def with_copies(form: Form, record: Record) -> Record:
    """The record with every copied value that the citizen has not answered; copies follow their origin until then."""
    shown = {field.key for field in visible(form, record)}
    for field in form.field:
        if field.copy_from and (record.source(field.key) in (None, "derived")):
            text = "".join(record.text(key) for key in field.copy_from if key in shown)
            record = record.put(field.key, text if field.key in shown else "", "derived")
    return record


def _bare(name: str) -> str:
    return "".join(c for c in clean_name(name) if c != "·" and not c.isspace())
