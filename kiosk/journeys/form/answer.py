"""C18, C19: the sections, and question after question until the form is complete. Back goes one question back."""

from __future__ import annotations

import datetime as dt

import structlog

from kiosk.domain.forms.questions import Asked, next_open, progress, questions
from kiosk.domain.identity import mask_name
from kiosk.journeys.form.ask import ask_question
from kiosk.journeys.form.bring import bring
from kiosk.journeys.form.naming import ask_spelling, ask_split, name_questions
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of
from kiosk.screens.base import Back, ask
from kiosk.screens.form import FormSections, SectionRow

log = structlog.get_logger(__name__)


async def fill(visit: Visit, kit: Kit) -> Visit:
    """Until nothing more is to be asked, or the citizen wants to see all answers. Raises Back from the page of sections."""
    note = ""
    while True:
        choice = await ask(kit.desk, _sections(visit, kit, note))
        note = ""
        if choice == "phone":
            note = await bring(visit, kit)
            continue
        first = _first_of(visit, kit, choice) if choice != "next" else None
        if await ask_on(visit, kit, first):
            return visit


async def ask_on(visit: Visit, kit: Kit, first: Asked | None = None, *, changing: bool = False) -> bool:
    """Ask `first`, then whatever is open. False when Back led out of the first question asked here."""
    way: list[str] = []
    asked = first or next_question(visit, kit)
    while asked is not None:
        try:
            await ask_one(visit, kit, asked, changing=changing and not way)
        except Back:
            asked = _before(visit, kit, way)
            if asked is None:
                return False
            continue
        way.append(asked.question.id)
        asked = next_question(visit, kit)
    return True


async def ask_one(visit: Visit, kit: Kit, asked: Asked, *, changing: bool = False) -> None:
    """The name and its letters have pages of their own. Raises Back."""
    split, spelling = name_questions(applications_of(kit).form)
    if asked.question.id == split:
        await ask_split(visit, kit)
    elif asked.question.id == spelling:
        await ask_spelling(visit, kit)
    else:
        await ask_question(visit, kit, asked, changing=changing)
    visit.kept.seen.add(asked.question.id)


def next_question(visit: Visit, kit: Kit) -> Asked | None:
    """What only the citizen can know of their name comes first; then the form's own order."""
    made, kept = applications_of(kit), visit.kept
    split, spelling = name_questions(made.form)
    if split and not kept.certain and split not in kept.seen:
        return _asked(visit, kit, split)
    if spelling and kept.spelt is not None and not kept.spelt.settled and spelling not in kept.seen:
        return _asked(visit, kit, spelling)
    return next_open(made.form, visit.record, _today(kit), kept.seen)


def _before(visit: Visit, kit: Kit, way: list[str]) -> Asked | None:
    """The last question on the way here that still applies, taken off the way; None where there is none."""
    while way:
        asked = _asked(visit, kit, way.pop())
        if asked is not None:
            return asked
    return None


def _asked(visit: Visit, kit: Kit, question: str) -> Asked | None:
    """None for a question that does not apply any more."""
    found = questions(applications_of(kit).form, visit.record, _today(kit))
    return next((asked for asked in found if asked.question.id == question), None)


def _first_of(visit: Visit, kit: Kit, section: str) -> Asked | None:
    """Where a section is entered: its first question that is open, else its first that is not all from the card."""
    found = [
        asked
        for asked in questions(applications_of(kit).form, visit.record, _today(kit))
        if asked.question.section == section
    ]
    open_ones = (asked for asked in found if asked.state in ("open", "wrong"))
    return next(open_ones, None) or next((asked for asked in found if not asked.from_card), None)


def _sections(visit: Visit, kit: Kit, note: str) -> FormSections:
    made = applications_of(kit)
    state = progress(made.form, visit.record, _today(kit))
    rows = []
    for section in state.sections:
        missing = len(section.missing)
        if not missing:
            text = "已填好" if section.id in _touched(visit, kit) else "已自动填好"
        else:
            text = "未填" if missing == section.total else f"缺 {missing} 项"
        rows.append(SectionRow(section.id, section.title, text, not missing))
    return FormSections(
        title="填写申请信息",
        name=mask_name(visit.holder.name),
        sections=tuple(rows),
        done=state.done,
        total=state.total,
        can_bring=bool(made.phone_keys) and made.scanner is not None,
        note=note,
    )


def _touched(visit: Visit, kit: Kit) -> set[str]:
    """Sections in which the citizen answered something."""
    form = applications_of(kit).form
    return {field.section for field in form.field if visit.record.source(field.key) == "user"}


def _today(kit: Kit) -> dt.date:
    return kit.clock.now().date()
