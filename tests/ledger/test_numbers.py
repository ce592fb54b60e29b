"""Decision numbers from a pool: whatever is lost or breaks off, the sweeper settles every one; none stays reserved, none is used twice."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter as Count
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.ledger.numbers import number_id
from kiosk.ledger.states import FINAL, DecisionState, Kind, NumberState, OrderState
from kiosk.ledger.store import Store
from tests.ledger.parts import MORNING, Counter, HandClock, open_counter
from tests.ledger.permit_parts import Crash
from tests.ledger.test_issue_crash import Fuse
from tests.ledger.test_migrations import upgrade

POOL = "v_number_pool"
ONE = "3302031469000001"


@pytest.fixture
async def pool(ledger_file: Path) -> AsyncIterator[Counter]:
    async with open_counter(ledger_file, POOL) as counter:
        yield counter


def at_platform(counter: Counter) -> list[str]:
    return [entry.state for entry in counter.police.world.books.numbers.values()]


async def settled(counter: Counter) -> None:
    """What must hold once everything has ended: the ledger, the pool and the decisions say the same."""
    books = counter.police.world.books
    assert set(await counter.states(Kind.NUMBER)) <= FINAL[Kind.NUMBER]
    assert "reserved" not in at_platform(counter)
    borne = Count(entry.decision.number for entry in books.decisions.values())
    assert all(count == 1 for count in borne.values())
    assert {entry.number for entry in books.numbers.values() if entry.state == "committed"} == set(borne)
    rows = await counter.store.find(Kind.DECISION, [DecisionState.DECIDED])
    assert {row["number"] for row in rows} == set(borne)
    for row in rows:
        (number,) = await counter.store.find(Kind.NUMBER, id=number_id(row.id))
        assert (number.state, number["number"]) == (NumberState.COMMITTED, row["number"])


async def swept(counter: Counter) -> None:
    """The citizen has gone, the platform answers again, and time enough has passed for everything to end."""
    counter.leave()
    counter.police.control({"do": "clear"})
    counter.clock.forward(minutes=11)
    await counter.sweeper.sweep()
    await counter.sweeper.sweep()


async def first(counter: Counter) -> Any:
    return (await counter.decisions(await counter.order([ONE])))[0]


async def test_taken_used_and_told(pool: Counter) -> None:
    row = await pool.registrar.decide(await first(pool))
    (number,) = await pool.store.find(Kind.NUMBER)
    entry = pool.police.world.books.numbers[row["number"]]
    assert (number.state, number["number"], number["decision_id"]) == ("committed", row["number"], row.id)
    assert (entry.state, entry.record_id, entry.key) == ("committed", ONE, row.id)
    assert [e["why"] for e in await pool.store.events(number.id)] == ["signed", "reserved", "decided"]
    assert await pool.breaches() == []


async def test_a_platform_that_numbers_by_itself(counter: Counter) -> None:
    (row, *_) = await counter.decisions(await counter.order())
    row = await counter.registrar.decide(row)
    number = await counter.store.get(Kind.NUMBER, number_id(row.id))
    assert (number.state, number["number"]) == (NumberState.NONE, None)
    assert counter.police.world.books.numbers == {}


@pytest.mark.parametrize("lost", ["drop_before", "drop_after", "half_answer", "garbage"])
@pytest.mark.parametrize("call", ["reserve_number", "commit_number"])
async def test_one_lost_answer(pool: Counter, call: str, lost: str) -> None:
    pool.fault(f"{call}.{lost}")
    row = await pool.registrar.decide(await first(pool))
    assert row.state == DecisionState.DECIDED
    assert len(pool.police.world.books.numbers) == 1, "the same key had a second number"
    await swept(pool)
    await settled(pool)


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
async def test_the_roll_back_is_lost(pool: Counter, lost: str) -> None:
    """The record was objected to while it was signed: its number goes back, later where the answer is lost."""
    row = await first(pool)
    pool.police.world.rights.object_to(ONE, pool.scenario.person.number, "其他情况", "elsewhere")
    pool.fault(f"roll_back_number.{lost}")
    assert (await pool.registrar.decide(row)).state == DecisionState.REJECTED
    assert await pool.states(Kind.NUMBER) == [NumberState.RESERVED]
    await swept(pool)
    await settled(pool)
    assert await pool.states(Kind.NUMBER) == [NumberState.RETURNED]
    assert at_platform(pool) == ["free"]


@pytest.mark.parametrize(("lost", "kept"), [("drop_before", 0), ("drop_after", 1)])
async def test_no_number_to_be_had_so_nothing_is_sent(pool: Counter, lost: str, kept: int) -> None:
    """Every answer to the reservation is lost. Nothing was decided; what the platform keeps all the same is found and given back."""
    pool.fault(f"reserve_number.{lost}", count=None)
    row = await pool.registrar.decide(await first(pool))
    assert row.state == DecisionState.REJECTED
    assert (await pool.store.events(row.id))[-1]["why"] == "not_numbered"
    assert pool.police.world.books.decisions == {}
    assert at_platform(pool) == ["reserved"] * kept
    await swept(pool)
    await settled(pool)


async def test_the_pool_is_empty(ledger_file: Path) -> None:
    async with open_counter(ledger_file, "v_number_pool_empty") as counter:
        order_id = await counter.order()
        row = await counter.registrar.decide((await counter.decisions(order_id))[0])
        assert row.state == DecisionState.REJECTED
        assert (await counter.store.events(row.id))[-1]["why"] == "refused:pool_exhausted"
        assert await counter.states(Kind.NUMBER) == [NumberState.NONE]
        assert counter.police.world.books.decisions == {}
        await swept(counter)
        assert await counter.state(Kind.ORDER, order_id) == OrderState.VOID


async def test_a_number_that_was_given_back_serves_the_next_record(pool: Counter) -> None:
    one, other = await pool.decisions(await pool.order())
    pool.police.world.rights.object_to(one["record_id"], pool.scenario.person.number, "其他情况", "elsewhere")
    await pool.registrar.decide(one)
    (given_back,) = pool.police.world.books.numbers
    row = await pool.registrar.decide(other)
    assert row["number"] == given_back
    assert at_platform(pool) == ["committed"]
    await settled(pool)


async def test_withdrawn_before_anything_was_asked(pool: Counter) -> None:
    row = await pool.registrar.withdraw(await first(pool), "rule:W05")
    assert row.state == DecisionState.REJECTED
    assert await pool.states(Kind.NUMBER) == [NumberState.NONE]
    await swept(pool)
    assert pool.police.world.books.numbers == {}


@pytest.mark.parametrize("answered", [True, False])
async def test_decided_but_nobody_knows_until_later(pool: Counter, answered: bool) -> None:
    """The decision bears the number, its answer and the question after it are lost: nothing is given back that is in use."""
    pool.fault("decide.drop_after")
    pool.fault("find_decision.error_503", count=None)
    row = await pool.registrar.decide(await first(pool))
    assert row.state == DecisionState.UNKNOWN
    assert await pool.states(Kind.NUMBER) == [NumberState.RESERVED]
    if not answered:  # the sweeper asks in vain first
        pool.leave()
        await pool.sweeper.sweep()
        assert await pool.states(Kind.NUMBER) == [NumberState.RESERVED]
    await swept(pool)
    await settled(pool)
    assert await pool.states(Kind.NUMBER) == [NumberState.COMMITTED]


async def test_given_up_and_landed_after_all(pool: Counter) -> None:
    """Abandoned while the request was still on its way, and landed before the number went back: it is used, not returned."""
    pool.fault("decide.drop_after")
    pool.fault("find_decision.error_503", count=None)
    row = await pool.registrar.decide(await first(pool))
    pool.police.control({"do": "clear"})
    books = pool.police.world.books
    entry = books.decisions.pop(ONE)  # not there yet
    pool.leave()
    pool.clock.forward(minutes=11)
    row = await pool.registrar.settle_absent(row)
    assert row.state == DecisionState.ABANDONED
    books.decisions[ONE] = entry
    await pool.sweeper.sweep()
    assert await pool.states(Kind.NUMBER) == [NumberState.COMMITTED]
    pool.clock.forward(minutes=3)
    await pool.sweeper.sweep()
    await settled(pool)


async def test_a_platform_that_has_forgotten_the_number(pool: Counter) -> None:
    """Reservations end by themselves; one that nobody knows any more is not asked about for ever."""
    row = await first(pool)
    pool.police.world.rights.object_to(ONE, pool.scenario.person.number, "其他情况", "elsewhere")
    pool.fault("roll_back_number.drop_before")
    await pool.registrar.decide(row)
    pool.police.world.books.numbers.clear()
    await swept(pool)
    (number,) = await pool.store.find(Kind.NUMBER)
    assert number.state == NumberState.RETURNED
    assert (await pool.store.events(number.id))[-1]["why"] == "forgotten"


# --- crashes ----------------------------------------------------------------------------------------------------------


def nothing(counter: Counter) -> None:
    pass


def objected(counter: Counter) -> None:
    counter.police.world.rights.object_to(ONE, counter.scenario.person.number, "其他情况", "elsewhere")


def loses(fault: str) -> Callable[[Counter], None]:
    def prepare(counter: Counter) -> None:
        counter.fault(fault)

    prepare.__name__ = fault
    return prepare


TROUBLES = [
    nothing,
    loses("decide.drop_after"),
    pytest.param(objected, marks=pytest.mark.chaos),
    pytest.param(loses("reserve_number.drop_after"), marks=pytest.mark.chaos),
    pytest.param(loses("reserve_number.drop_before"), marks=pytest.mark.chaos),
    pytest.param(loses("decide.drop_before"), marks=pytest.mark.chaos),
    pytest.param(loses("commit_number.drop_after"), marks=pytest.mark.chaos),
    pytest.param(loses("commit_number.drop_before"), marks=pytest.mark.chaos),
]


@pytest.mark.parametrize("prepare", TROUBLES, ids=lambda prepare: prepare.__name__)
@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.chaos), "after"])
async def test_crash_at_every_commit(
    pool: Counter, empty_ledger: Path, tmp_path: Path, prepare: Callable[[Counter], None], moment: str
) -> None:
    """Between each commit and each call, for a crash stands right before or right after what is written around every call."""
    at, ended, seen = 0, False, set()
    while not ended:
        at += 1
        books = pool.police.world.books
        for told in (books.decisions, books.numbers, books.objections):
            told.clear()
        pool.police.control({"do": "clear"})
        pool.file = Path(shutil.copy(empty_ledger, tmp_path / f"{at}.db"))
        prepare(pool)
        pool.hook = Fuse(at, moment)
        await pool.crash()
        pool.hook = None
        try:
            for row in await pool.decisions(await pool.order()):
                await pool.registrar.decide(row)
            ended = True
        except Crash:
            pass
        await pool.crash()
        seen |= set(await pool.states(Kind.NUMBER))
        await swept(pool)
        await settled(pool)
        assert await pool.breaches() == [], at
    assert at > 5
    assert NumberState.RESERVED in seen


# --- the ledger's revision --------------------------------------------------------------------------------------------


async def test_a_ledger_of_the_fourth_revision_keeps_its_decisions(tmp_path: Path, clock: HandClock) -> None:
    """Decisions of before have no number to settle; what is reserved from now on belongs to one decision each."""
    file = tmp_path / "ledger.db"
    upgrade(file, "0004")
    at = MORNING.isoformat(timespec="milliseconds")
    with sqlite3.connect(file) as hand:
        columns = "id, state, version, created_at, moved_at, journey, amount_fen, subject_index, subject_enc"
        order = ("O1", "unpaid", 2, at, at, "violation", 15000, "i", b"x")
        hand.execute(f'INSERT INTO "order" ({columns}) VALUES (?,?,?,?,?,?,?,?,?)', order)
        columns = "id, order_id, state, version, created_at, moved_at, record_id, fine_fen, points, number, issued"
        decision = ("O1D1", "O1", "decided", 2, at, at, ONE, 15000, 3, "330203260000001", "{}")
        hand.execute(
            f"INSERT INTO decision ({columns}, detail_enc) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (*decision, b"x")
        )
        before = hand.execute("SELECT * FROM decision").fetchall()
    hand.close()
    store = Store(f"sqlite:///{file}", clock)
    await store.open()
    assert await store.find(Kind.NUMBER) == []
    await store.close()
    with sqlite3.connect(file) as hand:
        assert hand.execute("SELECT * FROM decision").fetchall() == before
        hand.execute("PRAGMA foreign_keys=ON")
        row = "INSERT INTO number VALUES (?, 'O1', 'intent', 1, ?, ?, ?, NULL)"
        hand.execute(row, ("O1D1N", at, at, "O1D1"))
        with pytest.raises(sqlite3.IntegrityError):
            hand.execute(row, ("O1D1M", at, at, "O1D1"))  # a second number for one decision
        with pytest.raises(sqlite3.IntegrityError):
            hand.execute(row, ("O9D1N", at, at, "O9D1"))  # for no decision
    hand.close()
