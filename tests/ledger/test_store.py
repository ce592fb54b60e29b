"""The store: all or nothing, compare and set, the transition table, the chain of events, and what SQLite is told to do."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import sqlite3
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kiosk.ledger.check import check
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.schema import TABLES
from kiosk.ledger.states import FINAL, FIRST, MOVES, IllegalMove, Kind, Stale, check_move
from kiosk.ledger.store import Hold, LedgerError, Move, New, Note, Record, Store, chain
from tests.ledger.parts import HandClock, decision_data, forced, order_data

STATES = {
    kind: sorted({FIRST[kind], *moves, *itertools.chain.from_iterable(moves.values()), *FINAL[kind]})
    for kind, moves in MOVES.items()
}


def new_order(cipher: FieldCipher, number: str = "O1") -> New:
    return New(Kind.ORDER, number, number, "signed", order_data(cipher, number))


def new_decision(cipher: FieldCipher, number: str = "O1D1", order_id: str = "O1") -> New:
    return New(Kind.DECISION, number, order_id, "signed", decision_data(cipher, number))


@pytest.mark.parametrize("kind", list(Kind))
def test_only_the_moves_of_the_table(kind: Kind) -> None:
    for old, new in itertools.product(STATES[kind], repeat=2):
        try:
            check_move(kind, old, new)
        except IllegalMove:
            moved = False
        else:
            moved = True
        assert moved is (new in MOVES[kind].get(old, frozenset())), (old, new)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_state_can_be_reached_and_leads_to_a_final_one(kind: Kind) -> None:
    reached, frontier = set(), {FIRST[kind]}
    while frontier:
        reached |= frontier
        frontier = {new for old in frontier for new in MOVES[kind].get(old, ())} - reached
    assert reached == set(STATES[kind])
    for state in reached - FINAL[kind]:
        ahead, frontier = set(), {state}
        while frontier:
            ahead |= frontier
            frontier = {new for old in frontier for new in MOVES[kind].get(old, ())} - ahead
        assert ahead & FINAL[kind], f"{state} never ends"


def test_unknown_never_becomes_failed_without_an_answer() -> None:
    """A payment leaves unknown by what the wallet says; a decision and a posting have no failed at all."""
    assert "failed" not in STATES[Kind.DECISION]
    assert "failed" not in STATES[Kind.POSTING]
    assert "failed" not in MOVES[Kind.PAYMENT]["pending"]


async def test_a_move_outside_the_table_writes_nothing(store: Store, cipher: FieldCipher) -> None:
    order, decision = await store.commit(new_order(cipher), new_decision(cipher))
    with pytest.raises(IllegalMove):
        await store.commit(Move(order, "unpaid", "x"), Move(decision, "abandoned", "x"))
    assert (await store.get(Kind.ORDER, "O1")).state == "open"
    assert [event["new"] for event in await store.events()] == ["open", "intent"]


async def test_commit_is_all_or_nothing(store: Store, cipher: FieldCipher) -> None:
    (order,) = await store.commit(new_order(cipher))
    with pytest.raises(sa.exc.IntegrityError):
        await store.commit(Move(order, "void", "x"), new_order(cipher, "O2"), new_order(cipher, "O2"))
    with pytest.raises(sa.exc.IntegrityError):  # foreign keys are on
        await store.commit(new_decision(cipher, "O9D1", "O9"))
    assert [row.id for row in await store.find(Kind.ORDER)] == ["O1"]
    assert (await store.get(Kind.ORDER, "O1")).state == "open"
    assert len(await store.events()) == 1
    await store.commit(Move(order, "void", "x"))  # and the store still works


async def test_stale_reader_loses(store: Store, cipher: FieldCipher) -> None:
    (order,) = await store.commit(new_order(cipher))
    await store.commit(Move(order, "unpaid", "first"))
    with pytest.raises(Stale):
        await store.commit(Move(order, "void", "second"))
    (again,) = await store.find(Kind.ORDER)
    assert (again.state, again.version) == ("unpaid", 2)


async def test_of_many_hands_one_wins(store: Store, cipher: FieldCipher) -> None:
    (order,) = await store.commit(new_order(cipher))
    hands = [store.commit(Move(order, "unpaid", f"hand {n}")) for n in range(20)]
    done = await asyncio.gather(*hands, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert all(isinstance(one, (tuple, Stale)) for one in done)
    assert len(await store.events("O1")) == 2


async def test_two_moves_of_one_row_in_one_commit_are_stale(store: Store, cipher: FieldCipher) -> None:
    (order,) = await store.commit(new_order(cipher))
    with pytest.raises(Stale):
        await store.commit(Move(order, "unpaid", "x"), Move(order, "unpaid", "x"))
    assert (await store.get(Kind.ORDER, "O1")).version == 1


async def test_a_note_changes_columns_and_no_state(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    (order,) = await store.commit(new_order(cipher))
    clock.forward(hours=1)
    (noted,) = await store.commit(Note(order, "why", {"amount_fen": 7}))
    assert (noted.state, noted.version, noted.moved_at, noted["amount_fen"]) == ("open", 2, order.moved_at, 7)
    assert [(e["old"], e["new"], e["why"]) for e in await store.events("O1")][1:] == [("open", "open", "why")]
    assert await check(store, clock.now()) == []
    with pytest.raises(Stale):
        await store.commit(Note(order, "late", {"amount_fen": 8}))


class Word(StrEnum):
    """A word that is not the plain one."""

    ONE = "one"


def _typed(value: Any) -> Any:
    """A value with its types, all the way down: an enum's word and the word itself are equal, and not the same."""
    if isinstance(value, dict):
        return dict, {key: (type(key), _typed(each)) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [_typed(each) for each in value]
    return type(value), value


def _as_found(record: Record) -> Any:
    heads = (getattr(record, name) for name in Record.__slots__ if name not in ("kind", "data"))
    return [_typed(each) for each in heads], _typed(dict(record.data))


@pytest.mark.parametrize("given", ["all", "needed"])
@pytest.mark.parametrize("kind", list(Kind))
async def test_what_a_commit_answers_is_what_is_read(store: Store, cipher: FieldCipher, kind: Kind, given: str) -> None:
    """Whatever a column was given: the answer is put together, the database is not asked for it."""
    by_type: dict[type, Any] = {
        sa.String: Word.ONE,
        sa.Integer: 7,
        sa.LargeBinary: b"\x00\xff",
        sa.JSON: {"list": (1, None, {2: Word.ONE, "部": 1.5})},
    }
    parents = {"order_id": "O1", "decision_id": "O1D1", "payment_id": "O1P1"}
    await store.commit(new_order(cipher), new_decision(cipher))
    paying = {"amount_fen": 1, "covers": ["O1D1"]}
    await store.commit(New(Kind.PAYMENT, "O1P1", "O1", "asked", paying))
    heads = {"id", "state", "version", "created_at", "moved_at", "order_id"}
    columns = [column for column in TABLES[kind].c if column.name not in heads]
    values = {
        column.name: parents.get(column.name, by_type[type(column.type)])
        for column in columns
        if given == "all" or not column.nullable
    }
    (made,) = await store.commit(New(kind, "X1", "O1", "test", values))
    assert _as_found(made) == _as_found(await store.get(kind, "X1"))
    assert made.data.keys() == {column.name for column in columns}
    noted = made
    for column in columns:
        (noted,) = await store.commit(Note(noted, "test", {column.name: values.get(column.name)}))
        assert _as_found(noted) == _as_found(await store.get(kind, "X1")), column.name
    state = StrEnum("state", {"TO": min(MOVES[kind][noted.state])})
    (moved,) = await store.commit(Move(noted, state.TO, "test", values))
    assert _as_found(moved) == _as_found(await store.get(kind, "X1"))


async def test_a_custody_is_given_its_order_once(store: Store, cipher: FieldCipher) -> None:
    (_, made) = await store.commit(new_order(cipher), New(Kind.CUSTODY, "C1", "", "test", {}))
    (given,) = await store.commit(Note(made, "test", {"order_id": "O1"}))
    assert (made.order_id, given.order_id) == ("", "O1")
    assert _as_found(given) == _as_found(await store.get(Kind.CUSTODY, "C1"))


@pytest.mark.parametrize("column", ["id", "order_id", "state", "version", "created_at", "moved_at"])
async def test_what_makes_a_record_is_not_written_over(store: Store, cipher: FieldCipher, column: str) -> None:
    order, decision = await store.commit(new_order(cipher), new_decision(cipher))
    for record, state in ((order, "unpaid"), (decision, "unknown")):
        for change in (Note(record, "x", {column: "1"}), Move(record, state, "x", {column: "1"})):
            with pytest.raises(ValueError, match=column):
                await store.commit(change)
    assert len(await store.events()) == 2


async def test_a_commit_is_only_good_while_what_it_holds_stands(store: Store, cipher: FieldCipher) -> None:
    order, decision = await store.commit(new_order(cipher), new_decision(cipher))
    (_, held) = await store.commit(Move(decision, "unknown", "x"), Hold(order))
    assert held == order
    assert len(await store.events()) == 3
    (decision,) = await store.find(Kind.DECISION)
    await store.commit(Note(order, "moved on", {"amount_fen": 7}))
    with pytest.raises(Stale):
        await store.commit(Move(decision, "decided", "x"), Hold(order))
    assert (await store.get(Kind.DECISION, decision.id)).state == "unknown"


async def test_find_by_state_time_and_column(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    await store.commit(new_order(cipher, "O1"))
    clock.forward(minutes=5)
    since = clock.now().isoformat(timespec="milliseconds")
    (second,) = await store.commit(new_order(cipher, "O2"))
    await forced(store, second, "void")
    assert [row.id for row in await store.find(Kind.ORDER)] == ["O1", "O2"]
    assert [row.id for row in await store.find(Kind.ORDER, ["void"])] == ["O2"]
    assert [row.id for row in await store.find(Kind.ORDER, None, since)] == ["O2"]
    assert await store.find(Kind.ORDER, []) == []
    assert [row.id for row in await store.find(Kind.ORDER, id="O1")] == ["O1"]
    assert await store.count(Kind.ORDER, since) == 1
    with pytest.raises(KeyError):
        await store.get(Kind.ORDER, "O3")


async def test_a_record_and_a_change_keep_their_data_out_of_repr(store: Store, cipher: FieldCipher) -> None:
    change = new_order(cipher)
    (order,) = await store.commit(change)
    for shown in (repr(change), repr(order), repr(Move(order, "void", "x", {"journey": "secret-word"}))):
        assert "subject" not in shown
        assert "secret-word" not in shown


async def test_events_are_chained(store: Store, cipher: FieldCipher) -> None:
    order, decision = await store.commit(new_order(cipher), new_decision(cipher))
    await forced(store, decision, "unknown", "decided")
    await forced(store, order, "unpaid")
    previous = ""
    for seen in await store.events():
        previous = chain(
            previous, seen["kind"], seen["record"], seen["old"], seen["new"], seen["version"], seen["at"], seen["why"]
        )
        assert seen["hash"] == previous
    assert [(e["old"], e["new"]) for e in await store.events("O1D1")] == [
        (None, "intent"),
        ("intent", "unknown"),
        ("unknown", "decided"),
    ]


def test_chain_known_answer() -> None:
    """The layout must not change silently: ledgers in halls were chained with it."""
    said = b'["", "order", "O1", null, "open", 1, "2026-03-18T09:30:00.000+08:00", "signed"]'
    first = chain("", "order", "O1", None, "open", 1, "2026-03-18T09:30:00.000+08:00", "signed")
    assert first == hashlib.sha256(said).hexdigest()
    assert first.startswith("beecce6a4c42f335")


TAMPERINGS = {
    "a state in the row": "UPDATE 'order' SET state = 'settled' WHERE id = 'O1'",
    "a word in an event": "UPDATE event SET why = 'refund' WHERE seq = 2",
    "a time in an event": "UPDATE event SET at = '2020-01-01T00:00:00.000+08:00' WHERE seq = 1",
    "an event is gone": "DELETE FROM event WHERE seq = 2",
    "the last event is gone": "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
    "the first event is gone": "DELETE FROM event WHERE seq = 1",
    "a row is gone": "DELETE FROM decision WHERE id = 'O1D1'",
    "a row without events": (
        "INSERT INTO 'order' (id, state, version, created_at, moved_at, journey, amount_fen, subject_index, subject_enc)"
        " SELECT 'O9', state, version, created_at, moved_at, journey, amount_fen, subject_index, subject_enc FROM 'order'"
    ),
}


@pytest.mark.parametrize("what", list(TAMPERINGS))
async def test_tampering_shows(ledger_file: Path, clock: HandClock, cipher: FieldCipher, what: str) -> None:
    store = Store(f"sqlite:///{ledger_file}", clock)
    await store.open()
    order, decision = await store.commit(new_order(cipher), new_decision(cipher))
    await forced(store, decision, "unknown", "decided")
    await forced(store, order, "unpaid")
    assert await check(store, clock.now()) == []
    await store.close()
    with sqlite3.connect(ledger_file) as hand:
        assert hand.execute(TAMPERINGS[what]).rowcount == 1
    hand.close()
    store = Store(f"sqlite:///{ledger_file}", clock)
    await store.open()
    found = await check(store, clock.now())
    await store.close()
    assert "I5" in {breach.invariant for breach in found}


async def test_what_sqlite_is_told(store: Store) -> None:
    def settings() -> dict[str, Any]:
        assert store._connection is not None
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size", "trusted_schema")
        with store._begin() as connection:
            return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    assert await store._in_thread(settings) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "mmap_size": 0,
        "trusted_schema": 0,
    }


async def test_a_second_connection_reads_what_was_committed(
    store: Store, ledger_file: Path, cipher: FieldCipher
) -> None:
    await store.commit(new_order(cipher))
    other = sqlite3.connect(f"file:{ledger_file}?mode=ro", uri=True)
    try:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("SELECT id, state FROM 'order'").fetchall() == [("O1", "open")]
        assert other.execute("SELECT count(*) FROM event").fetchone() == (1,)
    finally:
        other.close()


async def test_a_full_disk_is_told_and_nothing_is_half_written(store: Store, cipher: FieldCipher) -> None:
    def limit(pages: int) -> None:
        with store._begin() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await store.commit(new_order(cipher, "O0"))
    await store._in_thread(lambda: limit(1))  # no page more than there is
    written = 0

    async def fill() -> None:
        nonlocal written
        for n in range(1, 500):
            await store.commit(new_order(cipher, f"O{n}"), new_decision(cipher, f"O{n}D1", f"O{n}"))
            written = n

    with pytest.raises(LedgerError):
        await fill()
    assert len(await store.find(Kind.ORDER)) == written + 1
    assert len(await store.find(Kind.DECISION)) == written
    await store._in_thread(lambda: limit(1_000_000))  # room was made
    await store.commit(new_order(cipher, "O900"))
    assert await check(store, store._clock.now()) == []


async def test_a_commit_that_fails_at_its_very_end_does_not_block_the_next(store: Store, cipher: FieldCipher) -> None:
    """SQLite may refuse COMMIT itself. A deferred foreign key makes it do so on purpose."""

    def break_commit() -> None:
        with store._begin() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            connection.exec_driver_sql(
                "INSERT INTO decision (id, order_id, state, version, created_at, moved_at, record_id, fine_fen, points,"
                " detail_enc) VALUES ('X', 'nobody', 'intent', 1, '', '', '', 0, 0, x'')"
            )

    with pytest.raises(sa.exc.DatabaseError):
        await store._in_thread(break_commit)
    await store.commit(new_order(cipher))
    assert await store.find(Kind.DECISION) == []


async def test_the_hook_is_told_before_and_after(ledger_file: Path, clock: HandClock, cipher: FieldCipher) -> None:
    seen: list[tuple[str, int]] = []
    store = Store(f"sqlite:///{ledger_file}", clock, lambda moment, changes: seen.append((moment, len(changes))))
    await store.open()
    await store.commit(new_order(cipher), new_decision(cipher))
    await store.close()
    assert seen == [("before", 2), ("after", 2)]


async def test_an_exception_before_the_commit_leaves_nothing(
    ledger_file: Path, clock: HandClock, cipher: FieldCipher
) -> None:
    def hook(moment: str, changes: Any) -> None:
        if moment == "before":
            raise RuntimeError("power")

    store = Store(f"sqlite:///{ledger_file}", clock, hook)
    await store.open()
    with pytest.raises(RuntimeError, match="power"):
        await store.commit(new_order(cipher))
    assert await store.find(Kind.ORDER) == []
    await store.close()


async def test_not_open(ledger_file: Path, clock: HandClock) -> None:
    store = Store(f"sqlite:///{ledger_file}", clock)
    with pytest.raises(LedgerError, match="not open"):
        await store.find(Kind.ORDER)


async def test_clock_set_back_keeps_the_chain(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    (order,) = await store.commit(new_order(cipher))
    clock.forward(days=-3650)
    await store.commit(Move(order, "void", "x"))
    assert await check(store, clock.now()) == []


def test_records_compare_by_what_was_read() -> None:
    one = Record(Kind.ORDER, "O1", "O1", "open", 1, "a", "a", {"amount_fen": 1})
    assert one["amount_fen"] == 1
    with pytest.raises(KeyError):
        one["nothing"]
