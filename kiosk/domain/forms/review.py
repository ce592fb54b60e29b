"""All answers on one page before printing: what is told, where it comes from, what is wrong with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from config.form_tables import Field, Form, Source
from kiosk.domain.forms.answers import is_locked
from kiosk.domain.forms.conditions import visible
from kiosk.domain.forms.formats import read_date
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.validate import Problem, validate


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    label: str
    text: str = field(repr=False)
    """As a person reads it; empty: not answered."""
    source: Source | None
    locked: bool
    """Not to be changed here."""
    question: str
    """Where it is changed."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ReviewSection:
    id: str
    title: str
    rows: tuple[Row, ...]


def review(form: Form, record: Record, today: dt.date) -> tuple[ReviewSection, ...]:
    """Every field that applies and is asked, by section; sections without any are left out. Never raises."""
    question = {key: q.id for q in form.question for key in q.fields}
    problems = validate(form, record, today)
    shown = [f for f in visible(form, record) if f.key in question]
    sections = []
    for section in form.section:
        rows = tuple(
            Row(
                key=f.key,
                label=f.label,
                text=told(form, f, record.text(f.key)),
                source=record.source(f.key),
                locked=is_locked(form, record, f.key),
                question=question[f.key],
                problems=tuple(p for p in problems if p.key == f.key),
            )
            for f in shown
            if f.section == section.id
        )
        if rows:
            sections.append(ReviewSection(section.id, section.title, rows))
    return tuple(sections)


def told(form: Form, field: Field, text: str) -> str:
    """A value as a person reads it: 浙江, 1990年1月1日, 办理 for a tick that says so."""
    day = read_date(text) if field.kind == "date" else None
    return f"{day.year}年{day.month}月{day.day}日" if day is not None else form.option_text(field, text)
