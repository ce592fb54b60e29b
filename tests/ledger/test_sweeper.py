"""The sweeper: everything ends, sessions are left alone, and one bad record does not keep the others waiting."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from typing import Any

import pytest

from kiosk.domain.violation import Decision
from kiosk.gateways.police.sim_ledger import DecisionEntry
from kiosk.ledger.registrar import to_json
from kiosk.ledger.states import FINAL, Kind, OrderState, PaymentState
from kiosk.ledger.store import LedgerError, Move, New, Record
from tests.ledger.parts import CODE_S, LATE_S, Counter, decision_data, order_data


async def test_an_empty_ledger_is_clean(counter: Counter) -> None:
    assert (await counter.sweeper.sweep()).clean


async def test_idempotent(counter: Counter) -> None:
    await counter.shown()
    counter.pays()
    counter.leave()
    assert (await counter.sweeper.sweep()).clean
    before = await counter.store.events()
    for _ in range(3):
        counter.clock.forward(seconds=30)
        assert (await counter.sweeper.sweep()).clean
    assert await counter.store.events() == before


async def test_what_a_citizen_is_working_on_is_left_alone(counter: Counter) -> None:
    order_id, _, _ = await counter.shown()
    counter.pays()
    counter.clock.forward(days=1)
    left = await counter.sweeper.sweep()
    assert (left.payments, left.clean) == (1, False)
    assert await counter.states(Kind.PAYMENT) == [PaymentState.PENDING]
    assert await counter.state(Kind.ORDER, order_id) == OrderState.OPEN
    counter.leave()
    assert (await counter.sweeper.sweep()).clean
    assert await counter.state(Kind.ORDER, order_id) == OrderState.SETTLED


async def test_intents_in_a_session_are_not_taken_for_interrupted(counter: Counter) -> None:
    await counter.order()
    counter.clock.forward(hours=1)
    await counter.sweeper.sweep()
    assert await counter.states(Kind.DECISION) == ["intent", "intent"]


async def open_states(counter: Counter, count: int) -> None:
    """`count` orders standing in every open state there is, as crashes leave them; the remote sides know some of them."""
    lot = random.Random(7)
    records = list(counter.police.world._records)
    for n in range(count):
        order, decision, payment = f"O{n:03d}", f"O{n:03d}D1", f"O{n:03d}P1"
        await counter.store.commit(
            New(Kind.ORDER, order, order, "signed", order_data(counter.cipher, order)),
            New(Kind.DECISION, decision, order, "signed", decision_data(counter.cipher, decision)),
        )
        state = lot.choice(["intent", "unknown", "decided", "decided", "decided"])
        row = await counter.store.get(Kind.DECISION, decision)
        if state == "unknown":
            await counter.store.commit(Move(row, "unknown", "test"))
        if state != "decided":
            continue
        number = f"33020326{n:07d}"
        issued = _issue(counter, number, records[0], row["fine_fen"])
        (row,) = await counter.store.commit(Move(row, "decided", "test", {"number": number, "issued": issued}))
        where = lot.choice(
            ["none", "intent", "pending", "unknown", "unknown_there", "paid", "posting_unknown", "refund"]
        )
        if where == "none":
            continue
        amount = row["fine_fen"]
        data = {"amount_fen": amount, "covers": [decision], "expires_at": counter.clock.now().isoformat()}
        (attempt,) = await counter.store.commit(New(Kind.PAYMENT, payment, order, "asked", data))
        if where != "unknown":
            counter.front.ledger.create(payment, amount, "s", 60, "TEST01", "http://x")
        if where in ("pending", "unknown", "unknown_there"):
            (attempt,) = await counter.store.commit(Move(attempt, where.removesuffix("_there"), "test"))
        if where in ("paid", "posting_unknown", "refund") or (where != "unknown" and lot.random() < 0.5):
            counter.front.ledger.pay(payment)
        if where in ("paid", "posting_unknown"):
            attempt = await counter.cashier.ask(attempt)
            if where == "posting_unknown":
                (posting,) = await counter.store.find(Kind.POSTING, order_id=order)
                await counter.store.commit(Move(posting, "unknown", "test"))
        if where == "refund":
            trade = await counter.wallet.query(payment)
            evidence = {"paid_fen": trade.amount_fen, "paid_at": "2026", "trade_no": trade.trade_no, "wallet": "alipay"}
            await counter.store.commit(Move(attempt, "refund_due", "test", evidence))


def _issue(counter: Counter, number: str, record_id: str, fine_fen: int) -> dict[str, Any]:
    """The platform has a decision under this number."""
    decision = Decision(
        number, "1", record_id, counter.clock.now(), fine_fen, 3, 3, dt.date(2026, 4, 2), "宁波市公安局交通警察局"
    )
    counter.police.world.books.decisions[number] = DecisionEntry(decision, "330203199001010006", number, "", "")
    return to_json(decision)


async def test_fifty_open_orders_of_every_state_all_end(counter: Counter) -> None:
    await open_states(counter, 50)
    counter.leave()
    counter.police.world.books.decisions.pop("3302031001000001", None)
    assert not (await counter.sweeper.left()).clean
    await counter.sweeper.sweep()
    counter.clock.forward(seconds=CODE_S + LATE_S + 600)
    left = await counter.sweeper.sweep()
    assert left.clean, left
    for kind in (Kind.ORDER, Kind.DECISION, Kind.PAYMENT, Kind.POSTING):
        assert set(await counter.states(kind)) <= FINAL[kind]
    assert await counter.breaches() == []
    assert counter.kept_fen() == counter.posted_fen() > 0
    assert {"settled", "unpaid", "void"} <= set(await counter.states(Kind.ORDER))
    assert "refunded" in await counter.states(Kind.PAYMENT)


async def test_with_everything_down_nothing_moves_and_later_all_ends(counter: Counter) -> None:
    await open_states(counter, 12)
    before = await counter.states(Kind.PAYMENT)
    counter.fault("any.error_503", count=None)
    counter.script(fault="http_500")
    counter.clock.forward(seconds=CODE_S + LATE_S + 600)
    await counter.sweeper.sweep()
    assert [s for s in before if s in FINAL[Kind.PAYMENT]] == [
        s for s in await counter.states(Kind.PAYMENT) if s in FINAL[Kind.PAYMENT]
    ]
    counter.police.control({"do": "clear"})
    counter.script(preset="human")
    await counter.sweeper.sweep()
    assert (await counter.sweeper.sweep()).clean
    assert await counter.breaches() == []
    assert counter.kept_fen() == counter.posted_fen()


async def test_one_bad_record_does_not_keep_the_others_waiting(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _, _ = await counter.shown(["3302031001000001"])
    good, _, _ = await counter.shown(["3302031001000002"])
    counter.front.ledger.pay(f"{good}P1")
    counter.leave()
    ask = counter.cashier.ask

    async def stumble(payment: Record) -> Record:
        if payment.order_id == bad:
            raise RuntimeError("a bug with this one record")
        return await ask(payment)

    monkeypatch.setattr(counter.cashier, "ask", stumble)
    await counter.sweeper.sweep()
    assert await counter.state(Kind.ORDER, good) == OrderState.SETTLED
    assert await counter.state(Kind.PAYMENT, f"{bad}P1") == PaymentState.PENDING


async def test_run_survives_a_pass_that_breaks(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = 0
    enough = asyncio.Event()
    sweep = counter.sweeper.sweep

    async def broken() -> Any:
        nonlocal passes
        passes += 1
        if passes == 1:
            raise LedgerError("disk full")
        if passes == 2:
            raise RuntimeError("a bug")
        enough.set()
        return await sweep()

    monkeypatch.setattr(counter.sweeper, "sweep", broken)
    running = asyncio.ensure_future(counter.sweeper.run(0.001))
    await asyncio.wait_for(enough.wait(), 10)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_cancelled_anywhere_it_can_go_on(counter: Counter) -> None:
    """At boot the pass may be cut short; whatever it was doing is in the ledger."""
    await open_states(counter, 12)
    for turns in range(1, 200, 7):
        sweeping = asyncio.ensure_future(counter.sweeper.sweep())
        for _ in range(turns):
            await asyncio.sleep(0)
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
    counter.clock.forward(seconds=CODE_S + LATE_S + 600)
    await counter.sweeper.sweep()
    assert (await counter.sweeper.sweep()).clean
    assert await counter.breaches() == []
    assert counter.kept_fen() == counter.posted_fen()


async def test_killed_between_posted_and_concluded(counter: Counter) -> None:
    """A late payer's order says so after the next start, although nothing of it is open any more."""
    order_id, payment, _ = await counter.shown()
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.ORDER, order_id) == OrderState.UNPAID
    counter.pays()
    await counter.cashier.ask(payment)
    await counter.cashier.post(order_id)
    await counter.crash()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.ORDER, order_id) == OrderState.SETTLED


async def test_clock_jumps(counter: Counter) -> None:
    """Ten years forward closes a code early, ten years back never invents a failure; either way it ends."""
    _order_id, _payment, _ = await counter.shown()
    counter.leave()
    now = counter.clock.now()
    counter.clock.forward(days=-3650)
    await counter.sweeper.sweep()
    assert await counter.states(Kind.PAYMENT) == [PaymentState.PENDING]
    counter.clock.set(now)
    counter.pays()
    counter.clock.forward(days=3650)
    await counter.sweeper.sweep()
    assert await counter.states(Kind.PAYMENT) == [PaymentState.PAID]
    assert await counter.states(Kind.ORDER) == [OrderState.SETTLED]


async def test_a_sweep_does_not_walk_through_the_years(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass over a ledger with many finished orders asks the database as often as over an empty one."""
    for record in counter.scenario.records:
        await counter.shown([record.id])
        counter.pays()
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.states(Kind.ORDER) == ["settled"] * 2
    questions = 0
    find = counter.store.find

    async def counting(*args: Any, **more: Any) -> Any:
        nonlocal questions
        questions += 1
        return await find(*args, **more)

    monkeypatch.setattr(counter.store, "find", counting)
    await counter.sweeper.sweep()
    assert questions <= 13
