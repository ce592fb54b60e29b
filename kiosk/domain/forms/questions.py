"""The pages of a form for one record: which questions apply, what is open, how far the citizen has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from config.form_tables import Field, Form, Question
from kiosk.domain.forms.conditions import visible
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.validate import Problem, validate

State = Literal["done", "confirm", "open", "wrong"]
"""`open`: something required, or nothing at all, is answered; `wrong`: an answer must be corrected; `confirm`: values of the
machine wait for a look."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that applies, with those of its fields that do."""

    question: Question
    fields: tuple[Field, ...]
    state: State
    problems: tuple[Problem, ...]
    from_card: bool
    """Nothing for the citizen to do: all of it is answered by the card."""

    @property
    def must(self) -> bool:
        """Whether it keeps the form from being printed."""
        return any(problem.level == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class SectionProgress:
    id: str
    title: str
    done: int
    total: int
    missing: tuple[str, ...]
    """Labels of what is still open or wrong, in form order."""


@dataclass(frozen=True, slots=True)
class Progress:
    """已填 18 / 21. Optional fields that are empty are not counted."""

    sections: tuple[SectionProgress, ...]

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    @property
    def total(self) -> int:
        return sum(section.total for section in self.sections)


def questions(form: Form, record: Record, today: dt.date) -> tuple[Asked, ...]:
    """The questions that apply, in the order of the form. Never raises."""
    shown = {field.key: field for field in visible(form, record)}
    problems = validate(form, record, today)
    asked = []
    for question in form.question:
        fields = tuple(shown[key] for key in question.fields if key in shown)
        if fields:
            keys = {field.key for field in fields}
            here = tuple(p for p in problems if p.key in keys)
            from_card = all(record.source(key) == "id" for key in keys)
            asked.append(Asked(question, fields, _state(fields, record, here), here, from_card))
    return tuple(asked)


def next_open(form: Form, record: Record, today: dt.date, seen: Collection[str] = ()) -> Asked | None:
    """The question to ask next, None where the form is complete: the first that is open and was not `seen` (by id), optional ones too;
    then the first that must be answered all the same. What only waits for a look is left to the page of all answers.
    """
    asked = questions(form, record, today)
    new = (a for a in asked if a.state in ("open", "wrong") and a.question.id not in seen)
    return next(new, None) or next((a for a in asked if a.must), None)


def progress(form: Form, record: Record, today: dt.date) -> Progress:
    """How many of the fields that are asked are answered rightly, for each section that has any."""
    wrong = {problem.key for problem in validate(form, record, today) if problem.level == "error"}
    shown = [f for f in visible(form, record) if f.source != "system"]
    counted = [f for f in shown if f.required or record.text(f.key) or f.key in wrong]
    sections = []
    for section in form.section:
        mine = [f for f in counted if f.section == section.id]
        missing = tuple(f.label for f in mine if f.key in wrong)
        if mine:
            sections.append(SectionProgress(section.id, section.title, len(mine) - len(missing), len(mine), missing))
    return Progress(tuple(sections))


def _state(fields: tuple[Field, ...], record: Record, problems: tuple[Problem, ...]) -> State:
    errors = [problem for problem in problems if problem.level == "error"]
    if any(record.text(problem.key) for problem in errors):
        return "wrong"
    if errors or not any(record.text(field.key) for field in fields):
        return "open"
    return "confirm" if any(problem.level == "confirm" for problem in problems) else "done"
