"""C19: one question of a form, asked until its answers are right by themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from config.form_tables import Field, Form, Format, Source
from kiosk.domain.forms.answers import answer, is_locked
from kiosk.domain.forms.questions import Asked, questions
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.validate import Problem
from kiosk.journeys.form.visit import Kept, Visit
from kiosk.journeys.kit import Applications, Kit, applications_of
from kiosk.screens.form import Ask, Choice, FieldAsked, FormQuestion, Keypad, Origin

ORIGINS: Mapping[Source, Origin] = {"id": "card", "derived": "machine", "user": "citizen", "system": "hall"}
KEYPADS: Mapping[Format, Keypad] = {
    "pinyin": "letters",
    "mobile": "digits",
    "any_phone": "digits",
    "postcode": "digits",
    "past_date": "date",
    "future_date": "date",
    "citizen_id": "document",
    "hkid": "document",
    "macao_id": "document",
    "hkmo_id": "document",
}


async def ask_question(visit: Visit, kit: Kit, asked: Asked, *, changing: bool = False) -> None:
    """Raises Back. What cannot be right whatever else is answered is asked again on the same page; the rest may wait for other pages."""
    made, kept = applications_of(kit), visit.kept
    today = kit.clock.now().date()
    # A question that comes back although it was answered says at once what is missing.
    troubles = _troubles(made.form, asked, asked.problems) if _again(asked, kept, changing) else {}
    page = kit.desk.open(_screen(made, kept, asked, troubles, changing))
    while True:
        given = await page.answer()
        record = visit.record
        for field in asked.fields:
            if field.key in given and not is_locked(made.form, record, field.key):
                record = answer(made.form, record, field.key, given[field.key])
        kept.record = record
        # An answer may open another field of the same question.
        asked = next((a for a in questions(made.form, record, today) if a.question.id == asked.question.id), asked)
        inside = frozenset(field.key for field in asked.fields)
        troubles = _troubles(made.form, asked, [p for p in asked.problems if of_itself(made.form, p, inside)])
        if not troubles:
            kept.seen.add(asked.question.id)
            return
        page.update(_screen(made, kept, asked, troubles, changing))


def _again(asked: Asked, kept: Kept, changing: bool) -> bool:
    return asked.question.id in kept.seen and not changing


def of_itself(form: Form, problem: Problem, inside: frozenset[str]) -> bool:
    """False where fields of other questions have a say."""
    check = next((check for check in form.check if check.code == problem.code), None)
    return check is None or inside.issuperset(check.fields)


def _troubles(form: Form, asked: Asked, problems: Collection[Problem]) -> dict[str, str]:
    keys = {field.key for field in asked.fields}
    return {p.key: p.message for p in problems if p.level == "error" and p.key in keys}


def _screen(made: Applications, kept: Kept, asked: Asked, troubles: Mapping[str, str], changing: bool) -> FormQuestion:
    form, record = made.form, kept.record
    assert record is not None  # a question is asked of a form that was begun
    section = next(section.title for section in form.section if section.id == asked.question.section)
    fields = tuple(field_asked(form, record, field, troubles.get(field.key, "")) for field in asked.fields)
    question = asked.question
    return FormQuestion(question.id, section, question.title, question.hint, fields, changing)


def field_asked(form: Form, record: Record, field: Field, trouble: str = "") -> FieldAsked:
    """A field as a page asks it."""
    source = record.source(field.key)
    return FieldAsked(
        key=field.key,
        label=field.label,
        value=record.text(field.key),
        ask=way_of(form, field),
        keypad=keypad_of(form, field),
        choices=tuple(Choice(option.code, option.text, option.hint) for option in form.options(field)),
        open=field.open,
        example=field.example,
        max_length=field.max_length,
        origin=ORIGINS[source] if source is not None else None,
        locked=is_locked(form, record, field.key),
        optional=not field.required,
        trouble=trouble,
    )


def way_of(form: Form, field: Field) -> Ask:
    if field.kind == "tick":
        return "ticks"
    if form.options(field):
        return "choice"
    return "address" if field.keys == "address" else "text"


def keypad_of(form: Form, field: Field) -> Keypad:
    """The keys the form names; where it names none, those that what is typed needs."""
    keypad = _keypad(form, field)
    # A given name alone has no surname in front of it, and of a list only what is not on it is typed: a nation, a country.
    is_name = field.format == "name" and field.keys != "address" and field.fill != "card.given"
    return "name" if keypad == "hanzi" and is_name and not form.options(field) else keypad


def _keypad(form: Form, field: Field) -> Keypad:
    """The keys the form names; where it names none, those that what is typed needs."""
    if field.keys != "none":
        return "hanzi" if field.keys == "address" else field.keys
    if field.kind == "tick" or (form.options(field) and not field.open):
        return "none"
    if field.kind == "date":
        return "date"
    return KEYPADS.get(field.format, "hanzi") if field.format is not None else "hanzi"
