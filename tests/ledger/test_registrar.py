"""Decisions: what an answer, a lost answer, a no and a silence make of an intent; and that nobody decides for the absent."""

from __future__ import annotations

import copy

import pytest

from kiosk.domain.violation import Consent
from kiosk.gateways.police.sim_ledger import DecisionEntry
from kiosk.ledger.registrar import from_json, to_json
from kiosk.ledger.states import DecisionState, Kind, OrderState
from kiosk.ledger.store import Move
from tests.ledger.parts import Counter, charges

ONE = ["3302031001000001"]


async def one(counter: Counter) -> str:
    return f"{await counter.order(ONE)}D1"


def decided_at_platform(counter: Counter) -> int:
    return len(counter.police.world.books.decisions)


async def test_decided(counter: Counter) -> None:
    number = await one(counter)
    row = await counter.registrar.decide(await counter.store.get(Kind.DECISION, number))
    entry = counter.police.world.books.decisions[ONE[0]]
    assert row.state == DecisionState.DECIDED
    assert row["number"] == entry.decision.number
    assert from_json(row["issued"]) == entry.decision
    assert to_json(entry.decision) == row["issued"]
    assert entry.id_number == counter.scenario.person.number
    assert entry.signature_sha256 == "0" * 64
    assert [e["why"] for e in await counter.store.events(number)] == ["signed", "answered"]


@pytest.mark.parametrize("fault", ["drop_after", "half_answer", "malformed_json", "wrong_types", "html_200", "garbage"])
async def test_answer_lost_is_found_not_made_twice(counter: Counter, fault: str) -> None:
    counter.fault(f"decide.{fault}")
    row = await counter.registrar.decide((await counter.decisions(await counter.order(ONE)))[0])
    assert row.state == DecisionState.DECIDED
    assert counter.police.world.books.serial == 1
    assert [e["new"] for e in await counter.store.events(row.id)] == ["intent", "unknown", "decided"]


async def test_request_lost_is_sent_once_more_after_asking(counter: Counter) -> None:
    counter.fault("decide.drop_before")
    row = await counter.registrar.decide((await counter.decisions(await counter.order(ONE)))[0])
    assert row.state == DecisionState.DECIDED
    assert counter.police.world.books.serial == 1


async def test_never_sent_again_while_the_platform_cannot_say_what_became_of_it(counter: Counter) -> None:
    counter.fault("decide.drop_before")
    counter.fault("find_decision.error_503", count=None)
    row = await counter.registrar.decide((await counter.decisions(await counter.order(ONE)))[0])
    assert row.state == DecisionState.UNKNOWN
    assert decided_at_platform(counter) == 0, "it was sent a second time without asking"


async def test_an_exception_or_silence_is_unknown_never_rejected(counter: Counter) -> None:
    counter.fault("decide.silence", count=None)
    counter.fault("find_decision.silence", count=None)
    row = await counter.registrar.decide((await counter.decisions(await counter.order(ONE)))[0])
    assert row.state == DecisionState.UNKNOWN
    counter.police.control({"do": "clear"})
    assert (await counter.registrar.ask(row)).state == DecisionState.UNKNOWN


async def test_what_could_not_even_be_numbered_was_never_sent(counter: Counter) -> None:
    """A platform that says nothing at all: the request for a number is not one for a decision, so this one is given up for sure."""
    counter.fault("any.silence", count=None)
    row = await counter.registrar.decide((await counter.decisions(await counter.order(ONE)))[0])
    assert row.state == DecisionState.REJECTED
    assert (await counter.store.events(row.id))[-1]["why"] == "not_numbered"
    assert decided_at_platform(counter) == 0


async def test_refused(counter: Counter) -> None:
    row = (await counter.decisions(await counter.order(ONE)))[0]
    counter.police.world.object_to(ONE[0], "330212198506150006", "other", "k")
    row = await counter.registrar.decide(row)
    assert row.state == DecisionState.REJECTED
    assert (await counter.store.events(row.id))[-1]["why"] == "refused:record_not_open"


async def test_somebody_elses_decision_is_not_taken_for_ours(counter: Counter) -> None:
    """Another person handled the record a minute ago: the platform refuses, and its decision names somebody else."""
    row = (await counter.decisions(await counter.order(ONE)))[0]
    other = counter.police.world
    decision, _ = other.decide(ONE[0], counter.scenario.person.number, Consent("", "1" * 64), "another key")
    other.books.decisions[ONE[0]] = DecisionEntry(decision, "330212198506150006", "another key", "1" * 64, "")
    row = await counter.registrar.decide(row)
    assert row.state == DecisionState.REJECTED
    assert row["number"] is None


async def test_refused_on_the_second_try_while_nobody_answers_stays_unknown(counter: Counter) -> None:
    """The first request was carried out; a platform that has forgotten the key says "already decided" and then falls silent."""
    row = (await counter.decisions(await counter.order(ONE)))[0]
    (row,) = await counter.store.commit(Move(row, DecisionState.UNKNOWN, "test"))
    counter.police.world.decide(ONE[0], counter.scenario.person.number, Consent("", "1" * 64), "another key")
    counter.fault("find_decision.error_503", count=None)
    assert (await counter.registrar._refused(row, "already_decided")).state == DecisionState.UNKNOWN
    counter.police.control({"do": "clear"})
    row = await counter.store.get(Kind.DECISION, row.id)
    assert (await counter.registrar._refused(row, "already_decided")).state == DecisionState.DECIDED


async def test_what_was_issued_counts_not_what_was_announced(counter: Counter) -> None:
    row = (await counter.decisions(await counter.order(ONE)))[0]
    record, scenario = counter.police.world._records[ONE[0]]
    changed = copy.copy(record)
    object.__setattr__(changed, "fine_fen", 100_00)
    object.__setattr__(changed, "points", 1)
    counter.police.world._records[ONE[0]] = (changed, scenario)
    assert row["fine_fen"] != 100_00
    row = await counter.registrar.decide(row)
    assert (row["fine_fen"], row["points"], row["issued"]["fine_fen"]) == (100_00, 1, 100_00)


async def test_withdrawn_was_never_sent(counter: Counter) -> None:
    order_id = await counter.order()
    for row in await counter.decisions(order_id):
        assert (await counter.registrar.withdraw(row, "rule:W05")).state == DecisionState.REJECTED
    counter.leave()
    await counter.sweeper.sweep()
    assert decided_at_platform(counter) == 0
    assert await counter.state(Kind.ORDER, order_id) == OrderState.VOID


class TestAbsent:
    """The citizen has gone: asked about, never sent."""

    async def test_an_intent_is_never_sent(self, counter: Counter) -> None:
        order_id = await counter.order(ONE, present=False)
        await counter.sweeper.sweep()
        assert await counter.states(Kind.DECISION) == [DecisionState.UNKNOWN]
        counter.clock.forward(minutes=9, seconds=59)
        await counter.sweeper.sweep()
        assert await counter.states(Kind.DECISION) == [DecisionState.UNKNOWN]
        assert await counter.state(Kind.ORDER, order_id) == OrderState.OPEN
        counter.clock.forward(seconds=2)
        await counter.sweeper.sweep()
        assert await counter.states(Kind.DECISION) == [DecisionState.ABANDONED]
        assert await counter.state(Kind.ORDER, order_id) == OrderState.VOID
        assert decided_at_platform(counter) == 0

    async def test_not_given_up_while_the_platform_is_silent(self, counter: Counter) -> None:
        await counter.order(ONE, present=False)
        counter.fault("any.error_503", count=None)
        counter.clock.forward(hours=5)
        await counter.sweeper.sweep()
        assert await counter.states(Kind.DECISION) == [DecisionState.UNKNOWN]

    async def test_what_landed_is_found(self, counter: Counter) -> None:
        counter.fault("decide.drop_after")
        counter.fault("find_decision.error_503", count=2)
        order_id = await counter.order(ONE)
        row = await counter.registrar.decide((await counter.decisions(order_id))[0])
        assert row.state == DecisionState.UNKNOWN
        counter.leave()
        counter.police.control({"do": "clear"})
        await counter.sweeper.sweep()
        assert await counter.states(Kind.DECISION) == [DecisionState.DECIDED]
        assert await counter.state(Kind.ORDER, order_id) == OrderState.UNPAID

    @pytest.mark.parametrize("crash", [False, True])
    async def test_what_lands_after_it_was_given_up(self, counter: Counter, crash: bool) -> None:
        order_id = await counter.order(ONE, present=False)
        counter.clock.forward(minutes=11)
        await counter.sweeper.sweep()
        assert await counter.state(Kind.ORDER, order_id) == OrderState.VOID
        counter.police.world.decide(
            ONE[0], counter.scenario.person.number, Consent("", "0" * 64), ONE[0]
        )  # it was on its way
        counter.clock.forward(minutes=3)
        if crash:
            await counter.crash()
        await counter.sweeper.sweep()
        assert await counter.states(Kind.DECISION) == [DecisionState.DECIDED]
        assert await counter.state(Kind.ORDER, order_id) == OrderState.UNPAID
        assert await counter.breaches() == []

    async def test_a_late_landing_reopens_an_order_that_was_paid_in_part(self, counter: Counter) -> None:
        order_id = await counter.order()
        first, second = await counter.decisions(order_id)
        first = await counter.registrar.decide(first)
        await counter.cashier.begin(order_id, charges([first]), "交通违法罚款")
        counter.pays()
        counter.leave()
        counter.clock.forward(minutes=11)
        counter.script(preset="human")
        await counter.sweeper.sweep()
        assert await counter.states(Kind.PAYMENT) == ["paid"]
        assert await counter.state(Kind.ORDER, order_id) == OrderState.SETTLED
        counter.police.world.decide(
            second["record_id"], counter.scenario.person.number, Consent("", "0" * 64), second["record_id"]
        )
        counter.clock.forward(minutes=3)
        await counter.sweeper.sweep()
        assert await counter.state(Kind.ORDER, order_id) == OrderState.UNPAID
        assert await counter.breaches() == []
