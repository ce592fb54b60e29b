"""C19 of the name: where it divides, and how it is spelt in letters."""

from __future__ import annotations

from config.form_tables import NAME_LETTERS, NAME_PARTS, Fill, Form
from kiosk.domain.forms.answers import answer, confirm, move_split
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.validate import blocking, validate
from kiosk.domain.names import Romanised, choose, clean_name, retype, romanise, split_at, split_name
from kiosk.journeys.form.ask import of_itself
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of
from kiosk.screens.base import ask
from kiosk.screens.form import SpellName, SplitName

UNSETTLED = "有的字有几种读音，请先选一种。"
EMPTY = "拼音不能空着，请填写或重新选读音。"


def name_questions(form: Form) -> tuple[str, str]:
    """Ids of the questions about the name's parts and about its letters; empty for a form that has none."""
    return _question_of(form, "card.surname"), _question_of(form, "card.surname_pinyin")


async def ask_split(visit: Visit, kit: Kit) -> None:
    """Raises Back. Another border gives new letters, which are looked at again."""
    made, kept, name = applications_of(kit), visit.kept, clean_name(visit.holder.name)
    surname = visit.record.text(made.form.key_of("card.surname"))
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
    parts = split_name(visit.holder.name, made.names)
    surname, given = (
        visit.record.text(key) if key else part
        for key, part in zip(map(made.form.key_of, NAME_PARTS), (parts.surname, parts.given), strict=True)
    )
    page = kit.desk.open(SpellName(surname, given, kept.spelt))
    while True:
        said = await page.answer()
        trouble = ""
        if said.do == "reading":
            kept.spelt = choose(kept.spelt, said.part, said.index, said.spelling)
        elif said.do == "typed":
            kept.spelt = retype(kept.spelt, said.surname, said.given)
        else:
            trouble = _trouble(visit, kit, kept.spelt, bool(given))
            if not trouble:
                break
        page.update(SpellName(surname, given, kept.spelt, trouble))
    kept.record = confirm(
        made.form, _written(visit, kit, kept.spelt), [made.form.key_of(fill) for fill in NAME_LETTERS]
    )


def _trouble(visit: Visit, kit: Kit, spelt: Romanised, has_given: bool) -> str:
    if not spelt.settled:
        return UNSETTLED
    if not spelt.text_surname or (has_given and not spelt.text_given):
        return EMPTY
    form = applications_of(kit).form
    letters = frozenset(form.key_of(fill) for fill in NAME_LETTERS)
    problems = blocking(validate(form, _written(visit, kit, spelt), kit.clock.now().date()))
    return next((p.message for p in problems if p.key in letters and of_itself(form, p, letters)), "")


def _written(visit: Visit, kit: Kit, spelt: Romanised) -> Record:
    form, record = applications_of(kit).form, visit.record
    keys = (form.key_of(fill) for fill in NAME_LETTERS)
    for key, text in zip(keys, (spelt.text_surname, spelt.text_given), strict=True):
        if key and record.text(key) != text:
            record = answer(form, record, key, text)
    return record


def _question_of(form: Form, fill: Fill) -> str:
    key = form.key_of(fill)
    return next((question.id for question in form.question if key in question.fields), "")
