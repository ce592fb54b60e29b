"""What a citizen reads of an answer: questions that stay open, rows of the review, and each mistake in its words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.form_tables import CodeLists, Form
from kiosk.domain.forms.questions import next_open, progress, questions
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.review import review
from kiosk.domain.forms.validate import Problem, validate
from tests.domain.forms.conftest import TODAY, TYPICAL, answered, filled
from tests.domain.forms.test_rules_of_records import bent


def test_a_wrong_answer_is_asked_before_it_was_seen(form: Form, complete: Record) -> None:
    wrong = answered(form, complete, phone="1")
    states = {asked.question.id: asked.state for asked in questions(form, wrong, TODAY)}
    (question,) = [asked.question.id for asked in questions(form, wrong, TODAY) if asked.state == "wrong"]
    found = next_open(form, wrong, TODAY, seen=[name for name, state in states.items() if state == "open"])
    assert found is not None
    assert (found.question.id, found.must, found.from_card) == (question, True, False)
    again = next_open(form, wrong, TODAY, seen=list(states))
    assert again is not None
    assert again.question.id == question


def test_what_is_open_is_asked_once_though_nothing_needs_it(form: Form, codes: CodeLists) -> None:
    """A child's guardian must be named, who comes with it need not be."""
    child = filled(form, codes, birth=dt.date(2012, 1, 1), number="330203201201010000")
    half = answered(form, child, **TYPICAL, guardian_name="张某某")
    found = {asked.question.id: (asked.state, asked.must) for asked in questions(form, half, TODAY)}
    assert (found["guardian"], found["escort"]) == (("open", True), ("open", False))

    def asked(*seen: str) -> str:
        question = next_open(form, half, TODAY, seen=seen)
        return question.question.id if question else ""

    assert [asked(), asked("guardian"), asked("guardian", "escort")] == ["guardian", "escort", "guardian"]


def test_what_the_hall_gives_is_not_counted(form: Form, complete: Record) -> None:
    before = progress(form, complete, TODAY)
    after = progress(form, complete.put("appointment", "A12", "system"), TODAY)
    assert (after.done, after.total) == (before.done, before.total) == (before.total, before.total)
    wrong = progress(form, answered(form, complete, phone="1", emer_phone=""), TODAY)
    assert (wrong.done, wrong.total) == (before.total - 2, before.total)
    assert [label for section in wrong.sections for label in section.missing] == [
        form.field_of("phone").label,
        form.field_of("emer_phone").label,
    ]


def test_every_row_of_the_review(form: Form, complete: Record) -> None:
    rows = {
        row.key: row for section in review(form, answered(form, complete, phone="1"), TODAY) for row in section.rows
    }
    birth, phone = rows["birth"], rows["phone"]
    assert (birth.label, birth.text, birth.source, birth.locked) == ("出生日期", "1990年1月1日", "id", True)
    assert (phone.text, phone.source, phone.locked, [p.code for p in phone.problems]) == (
        "1",
        "user",
        False,
        ["format"],
    )
    assert rows["sex"].text == "女"
    assert {row.question for row in rows.values()} <= {question.id for question in form.question}
    assert "hukou_code" not in rows


def own_words(form: Form, record: Record, key: str, **changes: Any) -> list[Problem]:
    return [problem for problem in validate(bent(form, key, **changes), record, TODAY) if problem.key == key]


@pytest.mark.parametrize(
    ("typed", "changes", "code", "words"),
    [
        ("", {}, "missing", "联系人还没有填"),
        ("", {"kind": "tick"}, "missing", "联系人还没有选"),
        ("王", {"min_length": 2}, "short", "联系人最少 2 个字"),
        ("王五六", {"max_length": 2}, "long", "联系人最多 2 个字"),
        ("王5", {}, "format", "联系人不对，请核对"),
        ("王五", {"pattern": "[A-Z]+"}, "pattern", "联系人不对，请核对"),
        ("王\x07五", {}, "characters", "联系人里有不能用的字符，请重新填"),
        ("2", {"kind": "tick"}, "option", "联系人请重新选"),
        ("王5", {"message": "请写姓名"}, "format", "请写姓名"),
        ("王\x07五", {"message": "请写姓名"}, "characters", "联系人里有不能用的字符，请重新填"),
        ("2", {"kind": "tick", "message": "请写姓名"}, "option", "联系人请重新选"),
    ],
)
def test_each_mistake_in_the_citizens_words(
    form: Form, complete: Record, typed: str, changes: dict[str, Any], code: str, words: str
) -> None:
    record = complete.put("emer_name", typed, "user")
    plain = {"label": "联系人", "message": "", "min_length": 1, "max_length": 40}
    assert own_words(form, record, "emer_name", **(plain | changes)) == [Problem("emer_name", words, code)]


def test_what_only_has_to_be_looked_at(form: Form, complete: Record) -> None:
    plain = {"label": "联系人", "confirm": True}
    derived = own_words(form, complete.put("emer_name", "王五", "derived"), "emer_name", **plain)
    assert derived == [Problem("emer_name", "请核对联系人", "unconfirmed", "confirm")]
    rare = own_words(form, complete.put("emer_name", "王𬭎", "user"), "emer_name", **plain)
    assert rare == [Problem("emer_name", "联系人里有生僻字，请到窗口核对打印的字形", "rare", "warning")]
    wrong = own_words(form, complete.put("emer_name", "王5", "system"), "emer_name", source="system", message="x")
    assert wrong == [Problem("emer_name", "x", "format", "warning")]
