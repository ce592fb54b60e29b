"""A decision of another origin in the ledger: known, paid, posted, and never charged or posted twice, whatever order it was paid in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.domain.errors import GatewayUnavailable
from kiosk.ledger.cashier import Charge
from kiosk.ledger.orders import fines_covered
from kiosk.ledger.registrar import from_json
from kiosk.ledger.states import DecisionState, IllegalMove, Kind, OrderState, PaymentState, PostingState
from kiosk.ledger.store import New, Record
from kiosk.ports.wallet import TradeState
from tests.ledger.parts import Counter, charges, open_counter


@pytest.fixture
async def road(tmp_path: Path) -> AsyncIterator[Counter]:
    """A hall at whose police side a decision of the road lies, overdue."""
    async with open_counter(tmp_path / "ledger.db", "pay_overdue") as counter:
        yield counter


async def known(counter: Counter, number: str = "") -> tuple[str, Record]:
    """An order for paying by number, with the citizen there."""
    fine = await counter.platform.payable_fine(number or counter.scenario.decisions[0].number)

    def items(order_id: str) -> list[New]:
        return [counter.registrar.known(f"{order_id}D1", order_id, fine, {"party": fine.party})]

    order_id = await counter.orders.open("fine", fine.number, {"decision": fine.number}, fine.total_fen, items)
    return order_id, (await counter.decisions(order_id))[0]


async def test_it_begins_decided_and_nobody_asks_for_it(road: Counter) -> None:
    order_id, decision = await known(road)
    assert decision.state == DecisionState.DECIDED
    assert road.registrar.detail(decision)["party"]
    issued = from_json(decision["issued"])
    fine = await road.platform.payable_fine(issued.number)
    assert (issued.fine_fen, decision["fine_fen"]) == (fine.principal_fen, fine.total_fen)
    road.leave()
    await road.crash()
    await road.sweeper.sweep()
    assert await road.states(Kind.ORDER) == [OrderState.UNPAID]
    assert road.police.world.books.decisions == {}, "the sweeper had it decided"
    assert await road.breaches() == []
    assert [row.order_id for row in await road.orders.of_decision(issued.number)] == [order_id]


async def test_no_other_record_may_begin_in_the_middle(road: Counter) -> None:
    order_id, _ = await known(road)
    for kind, state in ((Kind.PAYMENT, PaymentState.PAID), (Kind.POSTING, PostingState.POSTED)):
        with pytest.raises(IllegalMove):
            await road.store.commit(New(kind, "X1", order_id, "test", {}, state))
    with pytest.raises(IllegalMove):
        await road.store.commit(New(Kind.DECISION, "X1", order_id, "test", {}, DecisionState.REJECTED))


async def test_principal_and_surcharge_are_paid_and_posted_whole(road: Counter) -> None:
    order_id, decision = await known(road)
    payment, code = await road.cashier.begin(order_id, charges([decision]), "罚款")
    assert code is not None
    assert await fines_covered(road.store, payment.id) == [(decision["number"], decision["fine_fen"])]
    assert await fines_covered(road.store, "nothing") == []
    road.pays()
    assert (await road.cashier.ask(payment)).state == PaymentState.PAID
    road.leave()
    road.clock.forward(days=3)  # posted late: the day it was paid counts
    await road.sweeper.sweep()
    assert await road.states(Kind.ORDER) == [OrderState.SETTLED]
    assert road.posted_fen() == road.kept_fen() == decision["fine_fen"]
    assert await road.breaches() == []


async def paid(counter: Counter) -> str:
    order_id, decision = await known(counter)
    payment, _ = await counter.cashier.begin(order_id, charges([decision]), "罚款")
    counter.pays()
    await counter.cashier.ask(payment)
    return order_id


async def test_after_no_answer_the_books_are_asked_before_it_is_sent_again(road: Counter) -> None:
    order_id = await paid(road)
    road.fault("post_payment.drop_after")
    assert [row.state for row in await road.cashier.post(order_id)] == [PostingState.UNKNOWN]
    road.fault("find_payment.drop_before")
    assert [row.state for row in await road.cashier.post(order_id)] == [PostingState.UNKNOWN], "nobody could be asked"
    road.fault("post_payment.error_500", count=None)  # a second sending would be noticed
    assert [row.state for row in await road.cashier.post(order_id)] == [PostingState.POSTED]
    assert len(road.police.world.books.payments) == 1


async def test_after_no_answer_another_trade_on_the_books_goes_to_staff(road: Counter) -> None:
    order_id = await paid(road)
    road.fault("post_payment.drop_before")
    await road.cashier.post(order_id)
    number = road.scenario.decisions[0].number
    owed = (await road.platform.payable_fine(number)).total_fen
    road.police.world.post_payment(number, owed, "OTHER", road.clock.now(), "k")
    assert [row.state for row in await road.cashier.post(order_id)] == [PostingState.MANUAL]
    road.leave()
    await road.sweeper.sweep()
    assert await road.states(Kind.ORDER) == [OrderState.MANUAL]
    assert await road.breaches() == []


@pytest.mark.parametrize("code", ["B2322", "B0006", "B0038", "B0031"])
async def test_a_cashier_that_is_closed_or_in_doubt_is_asked_again(road: Counter, code: str) -> None:
    order_id = await paid(road)
    road.police.world.cashier.refuses_posting = code
    assert [row.state for row in await road.cashier.post(order_id)] == [PostingState.UNKNOWN]
    road.police.world.cashier.refuses_posting = ""
    road.leave()
    await road.sweeper.sweep()
    assert await road.states(Kind.ORDER) == [OrderState.SETTLED]


# -- the same decision in two orders -----------------------------------------------------------------------------------------


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path / "ledger.db") as counter:
        yield counter


async def test_a_late_payer_of_the_visit_gets_back_what_was_paid_by_number(counter: Counter) -> None:
    """The citizen left the code; the fine was paid by its number; then the phone pays the old code all the same."""
    first, old, _ = await counter.shown([counter.scenario.records[0].id])
    counter.script(preset="pays_after_close")
    old = await counter.cashier.close(old)
    assert old.state == PaymentState.CLOSED
    counter.leave()
    counter.script(preset="human")
    (decision,) = await counter.decisions(first)
    second, again = await known(counter, decision["number"])
    payment, _ = await counter.cashier.begin(second, charges([again]), "罚款")
    counter.pays(payment.id)
    assert (await counter.cashier.ask(payment)).state == PaymentState.PAID
    await counter.cashier.post(second)
    counter.leave()
    counter.clock.forward(minutes=20)
    for _ in range(3):
        await counter.sweeper.sweep()
    assert await counter.state(Kind.PAYMENT, old.id) == PaymentState.REFUNDED
    assert counter.kept_fen() == counter.posted_fen() == decision["fine_fen"]
    assert await counter.breaches() == []
    assert (await counter.wallet.query(old.id)).state is TradeState.REFUNDED


async def test_the_other_way_round_the_payment_by_number_goes_back(counter: Counter) -> None:
    first, old, _ = await counter.shown([counter.scenario.records[0].id])
    (decision,) = await counter.decisions(first)
    second, again = await known(counter, decision["number"])
    payment, _ = await counter.cashier.begin(second, charges([again]), "罚款")
    counter.pays(old.id)
    assert (await counter.cashier.ask(old)).state == PaymentState.PAID
    counter.pays(payment.id)
    assert (await counter.cashier.ask(payment)).state == PaymentState.REFUND_DUE
    counter.leave()
    for _ in range(2):
        await counter.sweeper.sweep()
    assert counter.kept_fen() == counter.posted_fen() == decision["fine_fen"]
    assert await counter.breaches() == []


async def test_two_fines_of_one_visit_paid_one_by_one(counter: Counter) -> None:
    """Each by its number, in an order of its own: no duplicate of the other."""
    _, rows = await counter.decided()
    counter.leave()
    for row in rows:
        order_id, decision = await known(counter, row["number"])
        payment, _ = await counter.cashier.begin(order_id, [Charge(decision.id, decision["fine_fen"])], "罚款")
        counter.pays(payment.id)
        assert (await counter.cashier.ask(payment)).state == PaymentState.PAID
        counter.leave()
        await counter.sweeper.sweep()
    assert counter.kept_fen() == counter.posted_fen() == sum(row["fine_fen"] for row in rows)
    assert await counter.breaches() == []


async def test_the_surcharge_must_be_known(road: Counter) -> None:
    fine = await road.platform.payable_fine(road.scenario.decisions[0].number)
    with pytest.raises(ValueError, match="surcharge"):
        road.registrar.known("X1", "X", replace(fine, surcharge_fen=None), {})


async def test_the_platform_is_away(road: Counter) -> None:
    road.fault("payable_fine.drop_before")
    with pytest.raises(GatewayUnavailable):
        await known(road)
    assert await road.states(Kind.ORDER) == []
