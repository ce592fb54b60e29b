"""Every word a form's file can use, also those that no shipped form needs."""

from __future__ import annotations

from typing import Any

import pytest

from config.form_tables import Check, Condition, Field, Form, Section
from kiosk.domain.forms.conditions import holds, visible
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.forms.validate import validate
from tests.domain.forms.conftest import TODAY

TEXTS = {"a": "1", "b": "two", "c": ""}


def text_of(key: str) -> str:
    return TEXTS.get(key, "")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "a", "equals": "1"}, True),
        ({"field": "a", "equals": "2"}, False),
        ({"field": "c", "equals": ""}, True),
        ({"field": "b", "in": ("one", "two")}, True),
        ({"field": "b", "in": ("one",)}, False),
        ({"field": "c", "present": False}, True),
        ({"field": "c", "present": True}, False),
        ({"field": "unknown", "present": False}, True),
        ({"all_of": ({"field": "a", "present": True}, {"field": "b", "equals": "two"})}, True),
        ({"all_of": ({"field": "a", "present": True}, {"field": "b", "equals": "one"})}, False),
        ({"any_of": ({"field": "a", "present": False}, {"field": "b", "equals": "two"})}, True),
        ({"any_of": ({"field": "a", "present": False}, {"field": "b", "equals": "one"})}, False),
        ({"none_of": ({"field": "a", "present": False}, {"field": "b", "equals": "one"})}, True),
        ({"none_of": ({"all_of": ({"field": "a", "present": True},)},)}, False),
    ],
)
def test_conditions(condition: dict[str, Any], expected: bool) -> None:
    assert holds(Condition.model_validate(condition), text_of) is expected


def test_no_condition_holds() -> None:
    assert holds(None, text_of)


def with_check(form: Form, **check: Any) -> Form:
    """Two fields of free text and one check."""
    fields = tuple(
        Field(key=key, label=key.upper(), source="system", kind="text", section="all", required=False)
        for key in ("a", "b")
    )
    return Form(
        id="T-1",
        version=1,
        title="测试",
        issued_by="",
        footer="",
        page=form.page,
        section=(Section(id="all", title="全部"),),
        check=(Check(code="F01", message="请核对", **check),),
        field=fields,
        lists={},
    )


@pytest.mark.parametrize(
    ("check", "a", "b", "where"),
    [
        ({"operator": "requires_one_of", "fields": ("a", "b")}, "", "", "a"),
        ({"operator": "requires_one_of", "fields": ("a", "b")}, "", "x", None),
        ({"operator": "at_most_one_of", "fields": ("a", "b")}, "x", "x", "a"),
        ({"operator": "at_most_one_of", "fields": ("a", "b")}, "x", "", None),
        ({"operator": "requires_all", "fields": ("a", "b")}, "x", "", "b"),
        ({"operator": "requires_all", "fields": ("a", "b")}, "x", "y", None),
        ({"operator": "differs_from", "fields": ("a", "b")}, "x", "x", "a"),
        ({"operator": "differs_from", "fields": ("a", "b")}, "", "", None),
        ({"operator": "same_as", "fields": ("a", "b")}, "x", "y", "a"),
        ({"operator": "same_as", "fields": ("a", "b")}, "x", "", None),
        ({"operator": "not_before", "fields": ("a", "b")}, "2026-01-01", "2026-01-02", "a"),
        ({"operator": "not_before", "fields": ("a", "b")}, "2026-01-02", "2026-01-02", None),
        ({"operator": "not_before", "fields": ("a", "b")}, "x", "2026-01-02", None),
        ({"operator": "not_after", "fields": ("b", "a")}, "2026-01-01", "2026-01-02", "b"),
        ({"operator": "not_after", "fields": ("a", "b")}, "2026-01-01", "2026-01-02", None),
        ({"operator": "has_format", "fields": ("a",), "format": "postcode"}, "31510", "", "a"),
        ({"operator": "has_format", "fields": ("a",), "format": "future_date"}, "2026-03-18", "", "a"),
        ({"operator": "has_format", "fields": ("a",), "format": "future_date"}, "2026-03-19", "", None),
        ({"operator": "agrees_with_id_birth", "fields": ("a", "b")}, "1990-01-02", "330203199001010006", "a"),
        ({"operator": "agrees_with_id_birth", "fields": ("a", "b")}, "1990-01-02", "no number", None),
        ({"operator": "agrees_with_id_sex", "fields": ("a", "b")}, "1", "330203199001010006", "a"),
        ({"operator": "age_at_least", "fields": ("a", "b"), "years": 16}, "x", "2010-03-19", "a"),
        ({"operator": "age_at_least", "fields": ("a", "b"), "years": 16}, "x", "2010-03-18", None),
        ({"operator": "age_below", "fields": ("a", "b"), "years": 16}, "x", "2010-03-18", "a"),
        ({"operator": "requires_all", "fields": ("b",), "when": Condition(field="a", equals="x")}, "y", "", None),
        ({"operator": "requires_all", "fields": ("b",), "when": Condition(field="a", equals="x")}, "x", "", "b"),
    ],
)
def test_operators(form: Form, check: dict[str, Any], a: str, b: str, where: str | None) -> None:
    record = Record("T-1", 1, {"a": Value(a, "system"), "b": Value(b, "system")})
    assert [(p.key, p.code) for p in validate(with_check(form, **check), record, TODAY)] == (
        [(where, "F01")] if where else []
    )


@pytest.mark.parametrize("operator", ["age_at_least", "age_below"])
def test_ages_of_texts_that_are_no_dates_are_no_matter(form: Form, operator: str) -> None:
    record = Record("T-1", 1, {"a": Value("x", "system"), "b": Value("never", "system")})
    assert validate(with_check(form, operator=operator, fields=("a", "b"), years=16), record, TODAY) == ()


def test_a_field_that_is_not_asked_opens_nothing_below_it(form: Form) -> None:
    """Conditions in a row: the end of a chain is closed as soon as its beginning is."""
    a, b = with_check(form, operator="requires_one_of", fields=("a",)).field
    middle = b.model_copy(update={"when": Condition(field="a", equals="1")})
    end = b.model_copy(update={"key": "c", "when": Condition(field="b", present=True)})
    chain = with_check(form, operator="requires_one_of", fields=("a",)).model_copy(update={"field": (a, middle, end)})
    record = Record("T-1", 1, {key: Value("1", "user") for key in "abc"})
    assert [f.key for f in visible(chain, record)] == ["a", "b", "c"]
    assert [f.key for f in visible(chain, record.put("a", "2", "user"))] == ["a"]
