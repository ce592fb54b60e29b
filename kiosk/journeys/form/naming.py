"""C19 of the name: where it divides, and how it is spelt in letters."""

from __future__ import annotations

from config.form_tables import Fill, Form
from kiosk.domain.forms.answers import answer, confirm, move_split
from kiosk.domain.names import Romanised, choose, retype, romanise, split_at
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of
from kiosk.screens.base import ask
from kiosk.screens.form import SpellName, SplitName

UNSETTLED = "有的字有几种读音，请先选一种。"
EMPTY = "拼音不能空着，请填写或重新选读音。"


def name_questions(form: Form) -> tuple[str, str]:
    """Ids of the questions about the name's parts and about its letters; empty for a form that has none."""
    return _question_of(form, "card.surname"), _question_of(form, "card.surname_pinyin")


def key_of(form: Form, fill: Fill) -> str:
    """The field that the card fills with this; empty for a form that has none."""
    return next((field.key for field in form.field if field.fill == fill), "")


async def ask_split(visit: Visit, kit: Kit) -> None:
    """Raises Back. Another border gives new letters, which are looked at again."""
    made, kept, name = applications_of(kit), visit.kept, visit.holder.name
    surname = visit.record.text(key_of(made.form, "card.surname"))
    length = await ask(kit.desk, SplitName(name, len(surname), kept.certain))
    kept.certain = True
    if length == len(surname) and name.startswith(surname):
        return
    parts = split_at(name, length)
    kept.spelt = romanise(parts, made.names)
    letters = (kept.spelt.text_surname, kept.spelt.text_given)
    kept.record = move_split(made.form, visit.record, (parts.surname, parts.given), letters)
    kept.seen.discard(name_questions(made.form)[1])


async def ask_spelling(visit: Visit, kit: Kit) -> None:
    """Raises Back. What the citizen leaves here counts as confirmed."""
    made, kept = applications_of(kit), visit.kept
    assert kept.spelt is not None  # spelt when the form was begun
    surname = visit.record.text(key_of(made.form, "card.surname"))
    given = visit.record.text(key_of(made.form, "card.given"))
    page = kit.desk.open(SpellName(surname, given, kept.spelt))
    while True:
        said = await page.answer()
        trouble = ""
        if said.do == "reading":
            kept.spelt = choose(kept.spelt, said.part, said.index, said.spelling)
        elif said.do == "typed":
            kept.spelt = retype(kept.spelt, said.surname, said.given)
        else:
            trouble = _trouble(kept.spelt, bool(given))
            if not trouble:
                break
        page.update(SpellName(surname, given, kept.spelt, trouble))
    _write(visit, kit, kept.spelt)


def _trouble(spelt: Romanised, has_given: bool) -> str:
    if not spelt.settled:
        return UNSETTLED
    return "" if spelt.text_surname and (spelt.text_given or not has_given) else EMPTY


def _write(visit: Visit, kit: Kit, spelt: Romanised) -> None:
    form, kept = applications_of(kit).form, visit.kept
    keys = (key_of(form, "card.surname_pinyin"), key_of(form, "card.given_pinyin"))
    record = visit.record
    for key, text in zip(keys, (spelt.text_surname, spelt.text_given), strict=True):
        if key and record.text(key) != text:
            record = answer(form, record, key, text)
    kept.record = confirm(form, record, keys)


def _question_of(form: Form, fill: Fill) -> str:
    key = key_of(form, fill)
    return next((question.id for question in form.question if key in question.fields), "")
