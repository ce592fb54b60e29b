"""C20 and C21: all answers on one page, then the paper as it will come out of the printer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from config.form_tables import Fill, Form
from kiosk.domain.forms.answers import confirm
from kiosk.domain.forms.questions import questions
from kiosk.domain.forms.review import Row
from kiosk.domain.forms.review import review as all_answers
from kiosk.domain.forms.validate import blocking, validate
from kiosk.domain.identity import mask_name, mask_number
from kiosk.journeys.form.answer import ask_on
from kiosk.journeys.form.ask import ORIGINS
from kiosk.journeys.form.naming import name_questions
from kiosk.journeys.form.photo import photo
from kiosk.journeys.form.sheets import older_of, sheets_of
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of
from kiosk.screens.base import Back, ask
from kiosk.screens.form import AnswerRow, AnswerSection, PreviewForm, ReviewForm

PHOTO = "photo"
SHEETS = ("一", "二", "三", "四")
"""More than the merged form and the three older ones are never printed."""
MASKS: Mapping[Fill | None, Callable[[str], str]] = {
    "card.name": mask_name,
    "card.given": mask_name,
    "card.number": mask_number,
}
"""What the card says needs no checking letter by letter, and others may look over the shoulder. What was typed is shown whole."""


async def review(visit: Visit, kit: Kit) -> Visit:
    """Until nothing is missing and the citizen goes on, which confirms what the machine worked out. Raises Back."""
    made = applications_of(kit)
    while True:
        screen = _screen(visit, kit)
        choice = await ask(kit.desk, screen)
        if choice == "next" and not screen.missing:
            visit.kept.record = confirm(made.form, visit.record)
            return visit
        if choice == PHOTO:
            with suppress(Back):  # nothing was changed then
                await photo(visit, kit)
            continue
        found = questions(made.form, visit.record, kit.clock.now().date())
        wanted = [a for a in found if a.question.id == choice] if choice != "next" else [a for a in found if a.must]
        if wanted:
            await ask_on(visit, kit, wanted[0], changing=True)


async def preview(visit: Visit, kit: Kit) -> Visit:
    """Raises Back where something is to be changed."""
    made = applications_of(kit)
    sheets = sheets_of(visit, kit)
    titles = tuple(f"表{SHEETS[n]}" for n in range(len(sheets)))
    note = (
        "" if visit.kept.draft is not None or made.drafts is None else "暂时没有传到业务系统，不影响打印和到窗口办理。"
    )
    screen = PreviewForm(sheets, titles, made.both_sides and len(sheets) > 1, note)
    if await ask(kit.desk, screen) == "change":
        raise Back
    return visit


def _screen(visit: Visit, kit: Kit) -> ReviewForm:
    made, today = applications_of(kit), kit.clock.now().date()
    form, record = made.form, visit.record
    sections = tuple(
        AnswerSection(section.title, tuple(_row(form, row) for row in section.rows))
        for section in all_answers(form, record, today)
    )
    missing = tuple(dict.fromkeys(form.field_of(p.key).label for p in blocking(validate(form, record, today))))
    return ReviewForm(sections, visit.photo, _photo_text(visit, form), missing, papers=1 + len(older_of(visit, kit)))


def _row(form: Form, row: Row) -> AnswerRow:
    mask = MASKS.get(form.field_of(row.key).fill) if row.source == "id" else None
    # The border between surname and given name can be moved, although what the card says stays.
    changes = "" if row.locked and row.question not in name_questions(form) else row.question
    return AnswerRow(
        row.label,
        mask(row.text) if mask is not None else row.text,
        ORIGINS[row.source] if row.source is not None else None,
        changes,
        next((p.message for p in row.problems if p.level in ("error", "warning")), ""),
        confirm=any(p.level == "confirm" for p in row.problems),
    )


def _photo_text(visit: Visit, form: Form) -> str:
    way = visit.kept.way
    if not form.takes_photo:
        return ""
    if way == "receipt":
        return f"相片回执 {visit.record.text(form.key_of('hall.photo_receipt'))}"
    return "" if way == "camera" else "到窗口交照片"
