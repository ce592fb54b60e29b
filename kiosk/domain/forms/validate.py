"""Every problem of a record, in form order and in the citizen's words."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from config.form_tables import Check, Field, Form, Operator
from kiosk.domain.forms.conditions import holds, valid_texts, visible
from kiosk.domain.forms.formats import good, in_gbk, read_date, writable
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import IdNumberError, age_on, parse_id_number

Level = Literal["error", "warning", "confirm"]
"""`error` keeps the form from being printed; `warning` is told; `confirm` asks to look at a value the machine worked out."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`key` is where the citizen goes. `code`: a word for the kind of mistake of one field, F and two digits for fields that disagree."""

    key: str
    message: str
    code: str
    level: Level = "error"


def validate(form: Form, record: Record, today: dt.date) -> tuple[Problem, ...]:
    """All problems of the fields that apply, in form order; those of a field alone before those with others. Never raises."""
    shown, texts = visible(form, record), valid_texts(form, record)
    found = [problem for field in shown for problem in _of_field(form, field, record, today)]
    wrong = {problem.key for problem in found if problem.level == "error"}
    found += [p for p in (_of_check(check, shown, texts, wrong, today) for check in form.check) if p is not None]
    place = {field.key: n for n, field in enumerate(form.field)}
    return tuple(sorted(found, key=lambda problem: place[problem.key]))


def blocking(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that keep the form from being printed."""
    return tuple(problem for problem in problems if problem.level == "error")


def _of_field(form: Form, field: Field, record: Record, today: dt.date) -> Iterator[Problem]:
    text = record.text(field.key)
    if not text:
        if field.required:
            verb = "选" if field.kind == "tick" or (form.options(field) and not field.open) else "填"
            yield Problem(field.key, f"{field.label}还没有{verb}", "missing")
        return
    code = _mistake(form, field, text, today)
    if code is not None:
        # What the hall's systems give, no citizen can mend: it is no reason to keep the paper back.
        yield Problem(field.key, _words(field, code), code, "warning" if field.source == "system" else "error")
        return
    if field.confirm and record.source(field.key) == "derived":
        yield Problem(field.key, f"请核对{field.label}", "unconfirmed", "confirm")
    if field.format == "name" and not in_gbk(text):
        yield Problem(field.key, f"{field.label}里有生僻字，请到窗口核对打印的字形", "rare", "warning")


def _mistake(form: Form, field: Field, text: str, today: dt.date) -> str | None:
    """The kind of mistake, None where there is none."""
    if not writable(text):
        return "characters"
    if field.kind == "tick":
        return None if text == "1" else "option"
    options = {option.code for option in form.options(field)}
    if options and not field.open:
        return None if text in options else "option"
    if text in options:
        return None
    if len(text) < field.min_length:
        return "short"
    if len(text) > field.max_length:
        return "long"
    if field.kind == "date" and read_date(text) is None:
        return "format"
    if field.pattern and not re.fullmatch(field.pattern, text):
        return "pattern"
    return None if field.format is None or good(field.format, text, today) else "format"


def _words(field: Field, code: str) -> str:
    if code == "option":
        return f"{field.label}请重新选"
    if code == "characters":
        return f"{field.label}里有不能用的字符，请重新填"
    if field.message:
        return field.message
    if code == "long":
        return f"{field.label}最多 {field.max_length} 个字"
    return f"{field.label}最少 {field.min_length} 个字" if code == "short" else f"{field.label}不对，请核对"


@dataclass(frozen=True, slots=True)
class _Facts:
    check: Check
    texts: tuple[str, ...]
    today: dt.date


def _of_check(
    check: Check, shown: Collection[Field], texts: Mapping[str, str], wrong: Collection[str], today: dt.date
) -> Problem | None:
    keys = [field.key for field in shown if field.key in check.fields]
    if not keys or not holds(check.when, lambda key: texts.get(key, "")):
        return None
    given = tuple(texts.get(key, "") for key in check.fields)
    counts = check.operator in ("requires_one_of", "at_most_one_of", "requires_all")
    # Two values are compared only when each is right by itself: one mistake is told once.
    if not counts and (not all(given) or any(key in wrong for key in check.fields)):
        return None
    if _AGREES[check.operator](_Facts(check, given, today)):
        return None
    empty = [key for key in keys if key not in texts]
    where = empty[0] if check.operator == "requires_all" and empty else check.fields[0]
    return Problem(where if where in keys else keys[0], check.message, check.code, check.level)


def _dates_in_order(first: str, second: str) -> bool:
    """Whether the first day is not after the second; texts that are no dates are another problem."""
    a, b = read_date(first), read_date(second)
    return a is None or b is None or a <= b


def _agrees_with_id(facts: _Facts, birth: bool) -> bool:
    try:
        number = parse_id_number(facts.texts[1], facts.today)
    except IdNumberError:
        return True
    return facts.texts[0] == (number.birth.isoformat() if birth else str(number.sex))


def _age_agrees(facts: _Facts, compare: Callable[[int, int], bool]) -> bool:
    """A text that is no date is another problem."""
    birth = read_date(facts.texts[1])
    return birth is None or facts.check.years is None or compare(age_on(birth, facts.today), facts.check.years)


_AGREES: Mapping[Operator, Callable[[_Facts], bool]] = {
    "requires_one_of": lambda facts: any(facts.texts),
    "at_most_one_of": lambda facts: sum(map(bool, facts.texts)) <= 1,
    "requires_all": lambda facts: all(facts.texts),
    "differs_from": lambda facts: facts.texts[0] != facts.texts[1],
    "same_as": lambda facts: facts.texts[0] == facts.texts[1],
    "not_before": lambda facts: _dates_in_order(facts.texts[1], facts.texts[0]),
    "not_after": lambda facts: _dates_in_order(facts.texts[0], facts.texts[1]),
    "has_format": lambda facts: facts.check.format is None or good(facts.check.format, facts.texts[0], facts.today),
    "agrees_with_id_birth": lambda facts: _agrees_with_id(facts, True),
    "agrees_with_id_sex": lambda facts: _agrees_with_id(facts, False),
    "age_at_least": lambda facts: _age_agrees(facts, operator.ge),
    "age_below": lambda facts: _age_agrees(facts, operator.lt),
}
