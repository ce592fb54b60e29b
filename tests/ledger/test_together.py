"""Commits that wait for the disk at the same moment: one transaction, and each of them still all or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ledger.changes import chain
from kiosk.ledger.check import check
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.states import IllegalMove, Kind, Stale
from kiosk.ledger.store import TOGETHER, LedgerError, Move, New, Record, Store
from tests.ledger.parts import HandClock, order_data


def new_order(cipher: FieldCipher, number: str) -> New:
    return New(Kind.ORDER, number, number, "signed", order_data(cipher, number))


async def orders(store: Store, cipher: FieldCipher, count: int) -> list[Record]:
    return list(await store.commit(*(new_order(cipher, f"O{n:02d}") for n in range(count))))


def statements(store: Store) -> list[str]:
    """What SQLite runs from here on."""
    seen: list[str] = []
    assert store._connection is not None
    raw: Any = store._connection.connection.driver_connection
    raw.set_trace_callback(seen.append)
    return seen


async def test_many_commits_wait_for_the_disk_once(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    found = await orders(store, cipher, 20)
    seen = statements(store)
    written = await asyncio.gather(*(store.commit(Move(row, "void", "x")) for row in found))
    assert [rows[0].id for rows in written] == [row.id for row in found]
    assert {rows[0].state for rows in written} == {"void"}
    assert seen.count("COMMIT") <= 2, "the first may have begun before the others came"
    assert await check(store, clock.now()) == []


async def test_never_more_than_so_many(store: Store, cipher: FieldCipher) -> None:
    found = await orders(store, cipher, 2 * TOGETHER)
    seen = statements(store)
    await asyncio.gather(*(store.commit(Move(row, "void", "x")) for row in found))
    assert seen.count("COMMIT") >= 2


async def test_one_that_cannot_be_written_harms_no_other(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    good, stale, illegal, twice, last = await orders(store, cipher, 5)
    await store.commit(Move(stale, "unpaid", "first"))
    told = await asyncio.gather(
        store.commit(Move(good, "void", "x")),
        store.commit(new_order(cipher, "O50"), Move(stale, "void", "x")),
        store.commit(new_order(cipher, "O51"), Move(illegal, "open", "x")),
        store.commit(Move(twice, "void", "x"), new_order(cipher, good.id)),
        store.commit(Move(last, "void", "x")),
        return_exceptions=True,
    )
    kinds = [type(one) for one in told]
    assert kinds == [tuple, Stale, IllegalMove, sa.exc.IntegrityError, tuple]
    states = {row.id: row.state for row in await store.find(Kind.ORDER)}
    assert states == {"O00": "void", "O01": "unpaid", "O02": "open", "O03": "open", "O04": "void"}
    assert await check(store, clock.now()) == []


async def test_of_two_that_move_one_record_the_second_is_stale(store: Store, cipher: FieldCipher) -> None:
    (row,) = await orders(store, cipher, 1)
    told = await asyncio.gather(
        store.commit(Move(row, "void", "x")), store.commit(Move(row, "unpaid", "x")), return_exceptions=True
    )
    assert isinstance(told[1], Stale)
    assert (await store.get(Kind.ORDER, row.id)).state == "void"


class Hook:
    """Raises, or breaks the COMMIT itself, for the changes of one order."""

    def __init__(self, order: str, what: Callable[[], None], moment: str = "before") -> None:
        self.order, self.what, self.moment = order, what, moment
        self.told: list[tuple[str, str]] = []

    def __call__(self, moment: str, changes: Any) -> None:
        self.told.append((moment, changes[0].record.id))
        if (moment, changes[0].record.id) == (self.moment, self.order):
            self.what()


async def test_power_that_fails_for_one_of_them(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    found = await orders(store, cipher, 4)

    def power() -> None:
        raise RuntimeError("power")

    hook = store._on_commit = Hook("O02", power)
    told = await asyncio.gather(*(store.commit(Move(row, "void", "x")) for row in found), return_exceptions=True)
    assert [isinstance(one, RuntimeError) for one in told] == [False, False, True, False]
    assert [row.state for row in await store.find(Kind.ORDER)] == ["void", "void", "open", "void"]
    assert ("after", "O02") not in hook.told
    assert {number for moment, number in hook.told if moment == "after"} == {"O00", "O01", "O03"}
    assert await check(store, clock.now()) == []


async def test_a_commit_that_is_refused_at_its_very_end(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    """SQLite may refuse COMMIT itself: whose fault it was nobody knows then, and each is written alone."""
    found = await orders(store, cipher, 4)

    def break_commit() -> None:
        assert store._connection is not None
        raw: Any = store._connection.connection.driver_connection
        raw.execute("PRAGMA defer_foreign_keys = ON")
        raw.execute(
            "INSERT INTO decision (id, order_id, state, version, created_at, moved_at, record_id, fine_fen, points,"
            " detail_enc) VALUES ('X', 'nobody', 'intent', 1, '', '', '', 0, 0, x'')"
        )

    store._on_commit = Hook("O01", break_commit)
    told = await asyncio.gather(*(store.commit(Move(row, "void", "x")) for row in found), return_exceptions=True)
    assert [type(one) for one in told] == [tuple, sa.exc.IntegrityError, tuple, tuple]
    assert [row.state for row in await store.find(Kind.ORDER)] == ["void", "open", "void", "void"]
    assert await store.find(Kind.DECISION) == []
    store._on_commit = None
    assert await check(store, clock.now()) == []


async def test_a_full_disk_is_told_to_each(store: Store, cipher: FieldCipher, clock: HandClock) -> None:
    found = await orders(store, cipher, 3)

    def limit(pages: int) -> None:
        with store._begin() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await store._in_thread(lambda: limit(1))
    big = {"subject_enc": b"0" * 20_000}
    told = await asyncio.gather(
        *(store.commit(Move(row, "void", "x"), New(Kind.ORDER, f"B{row.id}", "", "x", {**order_data(cipher), **big}))
          for row in found),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(one) for one in told] == [LedgerError] * 3
    await store._in_thread(lambda: limit(1_000_000))
    assert {row.state for row in await store.find(Kind.ORDER)} == {"open"}
    assert await check(store, clock.now()) == []


async def test_what_is_answered_is_on_the_disk(store: Store, ledger_file: Path, cipher: FieldCipher) -> None:
    """Another program sees each commit in the moment it is answered, and all of its group with it."""
    found = await orders(store, cipher, 6)
    other = sqlite3.connect(f"file:{ledger_file}?mode=ro", uri=True)
    seen: list[int] = []

    async def move(row: Record) -> None:
        await store.commit(Move(row, "void", "x"))
        assert other.execute("SELECT state FROM 'order' WHERE id = ?", (row.id,)).fetchone() == ("void",)
        seen.extend(other.execute("SELECT count(*) FROM 'order' WHERE state = 'void'").fetchone())

    try:
        await asyncio.gather(*map(move, found))
    finally:
        other.close()
    assert seen[-1] == 6


async def test_one_that_is_given_up_while_it_waits(store: Store, cipher: FieldCipher) -> None:
    first, second, third = await orders(store, cipher, 3)
    waiting = [asyncio.ensure_future(store.commit(Move(row, "void", "x"))) for row in (first, second, third)]
    held = asyncio.ensure_future(store._in_thread(lambda: None))
    waiting[1].cancel()  # not begun: nothing of them has run yet
    await asyncio.gather(*waiting, held, return_exceptions=True)
    assert [row.state for row in await store.find(Kind.ORDER)] == ["void", "open", "void"]
    await store.commit(Move(second, "void", "x"))


async def test_the_parts_of_an_order_are_read_at_once(store: Store, cipher: FieldCipher) -> None:
    await orders(store, cipher, 2)
    parts = await store.of_order("O01", Kind.ORDER, Kind.PAYMENT)
    assert [row.id for row in parts[Kind.ORDER]] == ["O01"]
    assert parts == {Kind.ORDER: await store.find(Kind.ORDER, id="O01"), Kind.PAYMENT: []}


WORDS = st.text(max_size=12)


@given(st.tuples(WORDS, WORDS, WORDS, st.none() | WORDS, WORDS, st.integers(1, 99), WORDS, WORDS))
def test_an_event_is_hashed_as_the_json_list_it_always_was(said: Any) -> None:
    import hashlib
    import json

    text = json.dumps(list(said), ensure_ascii=False)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    assert chain(*said) == hashlib.sha256(text.encode()).hexdigest()


async def test_two_programs_chain_behind_each_other(
    store: Store, ledger_file: Path, cipher: FieldCipher, clock: HandClock
) -> None:
    """The command line settles an entry while the kiosk runs: neither writes behind an event that is no longer the newest."""
    other = Store(f"sqlite:///{ledger_file}", clock)
    await other.open()
    try:
        for number, each in enumerate((store, store, other, store, other, other, store, store)):
            await each.commit(new_order(cipher, f"O{number}"))
            assert await check(store, clock.now()) == []
    finally:
        await other.close()
