"""Whoever changes the file by hand is found out: each kind of change, done with plain SQLite and a text editor."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kiosk.ledger.audit_rows import Chain
from kiosk.ledger.store import LedgerError
from tests.ledger.audit_parts import ROWS, all_rows, by_hand, head_of, verified, with_audit, write_rows, written

COLUMNS = ("at", "who", "what", "detail", "hash")


@pytest.fixture
def file(ledger_file: Path) -> Path:
    """Twelve good rows."""
    written(ledger_file, ROWS)
    assert verified(ledger_file).whole
    return ledger_file


@dataclass(frozen=True)
class Case:
    change: tuple[str, ...]
    """SQL."""
    bad: int | None
    says: str


REBUILT = (
    "CREATE TABLE other AS SELECT * FROM audit",  # without a primary key
    "DROP TABLE audit",
    "ALTER TABLE other RENAME TO audit",
)
COPY = "INSERT INTO audit SELECT {seq}, at, who, what, detail, hash FROM audit WHERE seq = {source}"
CASES = {
    "edited: time": Case(("UPDATE audit SET at = '2026-01-01T00:00:00.000+08:00' WHERE seq = 4",), 4, "altered"),
    "edited: who": Case(("UPDATE audit SET who = 'T9999' WHERE seq = 4",), 4, "altered"),
    "edited: what": Case(("UPDATE audit SET what = 'page_opened' WHERE seq = 1",), 1, "altered"),
    "edited: detail": Case(
        ("UPDATE audit SET detail = replace(detail, 'passed', 'failed') WHERE seq = 5",), 5, "altered"
    ),
    "edited: the last row": Case((f"UPDATE audit SET detail = '{{}}' WHERE seq = {ROWS}",), ROWS, "altered"),
    "edited: only a blank in the JSON": Case(
        ("UPDATE audit SET detail = replace(detail, ':', ': ') WHERE seq = 5",), 5, "altered"
    ),
    "edited: hash": Case(("UPDATE audit SET hash = upper(hash) WHERE seq = 6",), 6, "altered"),
    "edited: hash of the last row": Case((f"UPDATE audit SET hash = 'ab' WHERE seq = {ROWS}",), ROWS, "altered"),
    "edited: text that is none": Case(
        ("UPDATE audit SET detail = CAST(x'ff00fe' AS TEXT) WHERE seq = 3",), 3, "altered"
    ),
    "edited: bytes instead of text": Case(("UPDATE audit SET who = CAST(who AS BLOB) WHERE seq = 3",), 3, "altered"),
    "edited: hash is no text": Case(("UPDATE audit SET hash = x'00' WHERE seq = 3",), 3, "altered"),
    "edited: no value": Case((*REBUILT, "UPDATE audit SET detail = NULL WHERE seq = 3"), 3, "altered"),
    "deleted: the first": Case(("DELETE FROM audit WHERE seq = 1",), 1, "row 1 is missing"),
    "deleted: one in the middle": Case(("DELETE FROM audit WHERE seq = 7",), 7, "row 7 is missing"),
    "deleted: some, and the others numbered anew": Case(
        ("DELETE FROM audit WHERE seq IN (4, 5)", "UPDATE audit SET seq = seq - 2 WHERE seq > 5"), 4, "altered"
    ),
    "deleted: the last": Case((f"DELETE FROM audit WHERE seq = {ROWS}",), ROWS, "the table ends at row 11"),
    "deleted: the last five": Case(
        ("DELETE FROM audit WHERE seq > 7",), 8, "the table ends at row 7, the head file names row 12"
    ),
    "deleted: all": Case(("DELETE FROM audit",), 1, "the table ends at row 0"),
    "deleted: the table": Case(("DROP TABLE audit",), None, "the table of the audit chain is gone"),
    "deleted: the table, and a new one made": Case(
        (*REBUILT, "DELETE FROM audit"), 1, "the table ends at row 0, the head file names row 12"
    ),
    "inserted: at the end": Case((COPY.format(seq=ROWS + 1, source=ROWS),), ROWS + 1, "altered"),
    "inserted: two at the end": Case(
        (COPY.format(seq=ROWS + 1, source=ROWS), COPY.format(seq=ROWS + 2, source=2)), ROWS + 1, "altered"
    ),
    "inserted: at the beginning": Case((COPY.format(seq=0, source=1),), 0, "put in before row 1"),
    "inserted: below zero": Case((COPY.format(seq=-5, source=1),), -5, "put in before row 1"),
    "inserted: far off": Case((COPY.format(seq=2**62, source=1),), ROWS + 1, "row 13 is missing"),
    "inserted: in the middle": Case(
        (
            "UPDATE audit SET seq = -seq - 1 WHERE seq > 5",
            "UPDATE audit SET seq = -seq WHERE seq < 0",
            COPY.format(seq=6, source=2),
        ),
        6,
        "altered",
    ),
    "inserted: the same row twice": Case((*REBUILT, COPY.format(seq=5, source=5)), 5, "put in before row 6"),
    "inserted: a row without a number": Case(
        (*REBUILT, COPY.format(seq="NULL", source=5)), None, "a row without a number"
    ),
    "inserted: a number that is text": Case(
        (*REBUILT, COPY.format(seq="'x'", source=5)), None, "a row without a number"
    ),
    "reordered: two rows": Case(
        tuple(f"UPDATE audit SET seq = {to} WHERE seq = {now}" for now, to in ((4, 99), (5, 4), (99, 5))), 4, "altered"
    ),
    "reordered: contents exchanged": Case(
        (
            "CREATE TABLE old AS SELECT * FROM audit",
            "UPDATE audit SET (at, who, what, detail, hash) = (SELECT at, who, what, detail, hash FROM old WHERE seq = 15 - audit.seq)"
            " WHERE seq IN (7, 8)",
        ),
        7,
        "altered",
    ),
    "chained anew with a plain hash": Case(
        ("UPDATE audit SET who = 'T9999', hash = lower(hex(randomblob(32))) WHERE seq >= 4",), 4, "altered"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_table(file: Path, case: Case) -> None:
    by_hand(file, *case.change)
    chain = verified(file)
    assert (chain.whole, chain.bad) == (False, case.bad), chain.trouble
    assert case.says in chain.trouble


STOPPED = {"deleted: the table", "inserted: far off", "inserted: a number that is text"}
"""No row can be written after these; every attempt says so."""


@pytest.mark.parametrize("name", CASES)
def test_the_machine_does_not_write_over_it(file: Path, name: str) -> None:
    """The next rows must not make the chain look whole again, by moving the head file on."""
    by_hand(file, *CASES[name].change)
    with pytest.raises(LedgerError) if name in STOPPED else nullcontext():
        written(file, 3)
    assert not verified(file).whole


@pytest.mark.parametrize("number", ["NEW.seq", "NEW.seq - 1"])
def test_a_table_that_swallows_rows(file: Path, number: str) -> None:
    """A trigger is a change of the file like any other; it must not keep the machine writing for ever."""
    by_hand(file, f"CREATE TRIGGER gone AFTER INSERT ON audit BEGIN DELETE FROM audit WHERE seq = {number}; END")
    with pytest.raises(LedgerError, match="does not stay there") if number == "NEW.seq" else nullcontext():
        written(file, 2)
    assert not verified(file).whole


HEADS: dict[str, tuple[Callable[[Path, dict[str, Any]], None], str]] = {
    "removed": (lambda head, _: head.unlink(), "the head file that goes with them is gone"),
    "emptied": (lambda head, _: head.write_text(""), "the head file was altered"),
    "an older number": (
        lambda head, said: head.write_text(json.dumps({**said, "seq": 5})),
        "the head file was altered",
    ),
    "another hash": (
        lambda head, said: head.write_text(json.dumps({**said, "hash": "0" * 64})),
        "the head file was altered",
    ),
    "another seal": (
        lambda head, said: head.write_text(json.dumps({**said, "seal": "0" * 64})),
        "the head file was altered",
    ),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_head_file(file: Path, name: str) -> None:
    change, says = HEADS[name]
    head = head_of(file)
    change(head, json.loads(head.read_text()))
    chain = verified(file)
    assert (chain.whole, chain.bad) == (False, None)
    assert says in chain.trouble
    written(file, 4)
    chain = verified(file)
    assert (chain.whole, chain.bad) == (False, ROWS + 1)
    assert "the machine itself found the chain broken" in chain.trouble, "and it stays told"


def test_an_older_head_file_put_back(file: Path) -> None:
    """Two rows on; one row behind is what a stop between row and file leaves, and no trouble."""
    kept = head_of(file).read_bytes()
    written(file, 1)
    head_of(file).write_bytes(kept)
    assert verified(file).whole
    written(file, 1)
    assert verified(file).whole
    head_of(file).write_bytes(kept)
    chain = verified(file)
    assert "the head file is older than the table" in chain.trouble
    written(file, 1)
    assert not verified(file).whole


def test_a_forged_row_behind_a_head_file_that_is_one_behind(file: Path) -> None:
    by_hand(file, COPY.format(seq=ROWS + 1, source=ROWS))
    written(file, 2)
    chain = verified(file)
    assert (chain.whole, chain.bad) == (False, ROWS + 1)


def test_rows_cut_off_stay_found_after_the_machine_went_on(file: Path) -> None:
    by_hand(file, "DELETE FROM audit WHERE seq > 9")
    written(file, 5)
    rows = all_rows(file)
    assert [row[0] for row in rows] == [*range(1, 10), *range(13, 19)], "the numbers of what is gone are not used again"
    assert rows[9][3] == b"audit_broken"
    assert json.loads(rows[9][4]) == {"trouble": "cut_short", "table_seq": 9, "file_seq": 12}
    chain = verified(file)
    assert (chain.whole, chain.bad, chain.rows) == (False, 10, 15)


def test_table_and_head_put_back_together_are_found_by_the_paper_only(file: Path, tmp_path: Path) -> None:
    """What the chain by itself cannot find, said in docs/audit.md; the anchor of a later day can."""
    old, old_head = (shutil.copy(path, tmp_path / f"old{n}") for n, path in enumerate((file, head_of(file))))
    written(file, 3)
    anchor = verified(file).anchor
    assert verified(file, anchor=anchor).whole
    for path in (file, head_of(file)):
        path.unlink()
    shutil.copy(old, file)
    shutil.copy(old_head, head_of(file))
    assert verified(file).whole
    chain = verified(file, anchor=anchor)
    assert (chain.whole, chain.bad) == (False, ROWS + 1)
    assert "the paper names row 15, and the table ends at row 12" in chain.trouble


def test_another_history_of_the_same_length_is_found_by_the_paper(file: Path, tmp_path: Path) -> None:
    old, old_head = (shutil.copy(path, tmp_path / f"old{n}") for n, path in enumerate((file, head_of(file))))
    asyncio.run(with_audit(file, lambda audit: audit.write("T0271", "simulator_in", device="camera", reason="a")))
    anchor = verified(file).anchor
    shutil.copy(old, file)
    shutil.copy(old_head, head_of(file))
    asyncio.run(with_audit(file, lambda audit: audit.write("T0271", "page_opened", page="logs")))
    assert verified(file).whole
    chain = verified(file, anchor=anchor)
    assert (chain.whole, chain.bad) == (False, ROWS + 1)
    assert "is not the one on paper" in chain.trouble


@pytest.mark.parametrize("anchor", ["x", "12", "12-", "12-abcdefg1", "-5-abcdef12", "12-abc", "12-" + "a" * 65])
def test_an_anchor_that_is_none(file: Path, anchor: str) -> None:
    with pytest.raises(ValueError, match="an anchor is a row's number"):
        verified(file, anchor=anchor)


def test_an_anchor_as_people_type_it(file: Path) -> None:
    number, _, figures = verified(file).anchor.partition("-")
    assert verified(file, anchor=f" {number} - {figures[:8].upper()} {figures[8:]}").whole


def test_another_key_fits_nothing(file: Path) -> None:
    chain = verified(file, key=bytes(32))
    assert (chain.whole, chain.bad) == (False, 1)
    assert "the key is another" in chain.trouble


# -- at random ----------------------------------------------------------------------------------------------------------

number = st.integers(1, ROWS)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
edits = st.tuples(st.just("edit"), number, st.sampled_from(COLUMNS), text)
moves = st.tuples(st.just("move"), number, st.integers(-3, ROWS + 4), st.just(""))
removals = st.tuples(st.just("remove"), number, st.just(0), st.just(""))
copies = st.tuples(st.just("copy"), number, st.integers(-3, ROWS + 4), st.just(""))
cuts = st.tuples(st.just("cut"), number, st.just(0), st.just(""))
heads = st.tuples(st.just("head"), st.integers(0, 240), st.integers(1, 255), st.just(""))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(edits | moves | removals | copies | cuts | heads, min_size=1, max_size=4))
def test_whatever_is_changed_is_found(file: Path, changes: list[tuple[str, int, Any, str]]) -> None:
    """Any few changes, of any kind: unless file and table are byte for byte what they were, the chain is not whole."""
    copy = file.with_name("copy.db")
    shutil.copy(file, copy)
    shutil.copy(head_of(file), head_of(copy))
    rows, head = all_rows(copy), head_of(copy).read_bytes()
    for kind, one, other, value in changes:
        match kind:
            case "edit":
                by_hand(copy, f"UPDATE audit SET {other} = :value WHERE seq = {one}", value=value)
            case "move":
                by_hand(copy, f"UPDATE OR IGNORE audit SET seq = {other} WHERE seq = {one}")
            case "remove":
                by_hand(copy, f"DELETE FROM audit WHERE seq = {one}")
            case "copy":
                by_hand(copy, "INSERT OR IGNORE" + COPY.format(seq=other, source=one).removeprefix("INSERT"))
            case "cut":
                by_hand(copy, f"DELETE FROM audit WHERE seq >= {one}")
            case "head":
                raw = bytearray(head_of(copy).read_bytes())
                raw[one % len(raw)] ^= other
                head_of(copy).write_bytes(raw)
    same_head = head_of(copy).read_bytes() == head or _says_the_same(head_of(copy).read_bytes(), head)
    assume(all_rows(copy) != rows or not same_head)
    chain: Chain = verified(copy)
    assert not chain.whole
    assert chain.trouble
    asyncio.run(_goes_on(copy))
    assert not verified(copy).whole, "and it is found after the machine went on"


def _says_the_same(raw: bytes, head: bytes) -> bool:
    """White space in JSON means nothing."""
    try:
        return bool(json.loads(raw) == json.loads(head))
    except ValueError:
        return False


async def _goes_on(file: Path) -> None:
    await with_audit(file, lambda audit: write_rows(audit, 2))
