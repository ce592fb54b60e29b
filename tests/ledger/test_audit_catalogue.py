"""The catalogue of audit events: well formed, complete for what the program writes, and told in the documents."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from config.event_tables import load_events
from config.tables import TablesError

ROOT = Path(__file__).parents[2]
EVENTS = load_events()
WRITERS = {"write": 1, "record": 0, "record_end": 0}
"""Methods that write into the chain, and which of their arguments is the event's id."""


def written() -> list[tuple[str, str, tuple[str, ...]]]:
    """Where, event and details of every call in the program that names its event."""
    found = []
    for path in sorted((ROOT / "kiosk").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            place = WRITERS.get(node.func.attr)
            if place is None or len(node.args) <= place:
                continue
            event = node.args[place]
            if isinstance(event, ast.Constant) and isinstance(event.value, str):
                details = tuple(keyword.arg for keyword in node.keywords if keyword.arg)
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", event.value, details))
    return found


def test_the_program_writes_only_what_is_in_the_catalogue() -> None:
    calls = written()
    assert {"technician_entered", "technician_denied", "access_locked"} <= {event for _, event, _ in calls}
    for where, event, details in calls:
        assert event in EVENTS, where
        assert set(details) <= EVENTS[event].fields.keys(), where


def test_every_event_stands_in_the_document() -> None:
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| `")]
    told = {line.split("`")[1]: line for line in table}
    assert told.keys() == EVENTS.keys()
    for event in EVENTS.values():
        fields = ", ".join(f"{name} ({kind})" for name, kind in event.fields.items())
        assert told[event.id] == f"| `{event.id}` | {event.en} | {event.zh} | {fields} |"


def test_a_sentence_with_details_missing_is_still_one() -> None:
    for event in EVENTS.values():
        for language in ("en", "zh"):
            assert "{" not in event.say({}, language)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[a]\nen = 'x'\nzh = 'x'\n", "with en, zh and fields"),
        ("a = 1", "with en, zh and fields"),
        ("[A]\nen = 'x'\nzh = 'x'\nfields = {}\n", "small letters"),
        ("[a]\nen = ''\nzh = 'x'\nfields = {}\n", "are sentences"),
        ("[a]\nen = 'x'\nzh = 'x'\nfields = {b = 'name'}\n", "fields are name = one of word, number, text"),
        ("[a]\nen = 'x'\nzh = 'x'\nfields = {b = []}\n", "fields are name = one of word, number, text"),
        ("[a]\nen = 'x {c}'\nzh = 'x'\nfields = {b = 'word'}\n", "no such field: c"),
        ("[a", "Expected"),
    ],
)
def test_a_broken_catalogue_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "events.toml").write_text(text)
    with pytest.raises(TablesError, match=sentence):
        load_events(tmp_path / "events.toml")
