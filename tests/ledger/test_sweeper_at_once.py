"""Many orders are looked after at once, and never two payments for one thing kept because of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.ids import order_no
from kiosk.ledger.states import Kind, OrderState, PaymentState, PostingState
from kiosk.ledger.store import New
from kiosk.ledger.sweeper import AT_ONCE, Sweeper
from tests.ledger.parts import Counter, charges, open_counter


@pytest.fixture
async def road(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path / "ledger.db", "pay_overdue") as counter:
        yield counter


async def shown_by_number(counter: Counter) -> str:
    """A code on the screen for one and the same decision, in an order of its own."""
    fine = await counter.platform.payable_fine(counter.scenario.decisions[0].number)

    def items(order_id: str) -> list[New]:
        return [counter.registrar.known(f"{order_id}D1", order_id, fine, {"party": fine.party})]

    order_id = await counter.orders.open("fine", fine.number, {}, fine.total_fen, items)
    payment, code = await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), "罚款")
    assert code is not None
    return payment.id


@pytest.mark.parametrize("orders", [2, AT_ONCE + 1])
async def test_one_decision_paid_in_several_orders_at_the_same_moment(road: Counter, orders: int) -> None:
    payments = [await shown_by_number(road) for _ in range(orders)]
    for payment in payments:
        road.pays(payment)
    road.leave()
    await road.sweeper.sweep()
    await road.sweeper.sweep()
    states = sorted(await road.states(Kind.PAYMENT))
    assert states == sorted([PaymentState.PAID, *[PaymentState.REFUNDED] * (orders - 1)])
    assert await road.states(Kind.POSTING) == [PostingState.POSTED]
    assert road.kept_fen() == road.posted_fen() > 0
    assert await road.breaches() == []


async def test_a_silent_wallet_for_one_order_does_not_stop_the_others(counter: Counter) -> None:
    first, second = (record.id for record in counter.scenario.records[:2])
    _, payment, _ = await counter.shown([first])
    two, other, _ = await counter.shown([second])
    counter.script(order_no=payment.id, payer="human", fault="timeout_before", on=["query"])
    counter.pays(other.id)
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.ORDER, two) == OrderState.SETTLED
    assert await counter.state(Kind.PAYMENT, payment.id) == PaymentState.PENDING


class Counted:
    """A port that notes how many of its calls were on their way at the same time."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.on_the_way = self.most = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            self.on_the_way += 1
            self.most = max(self.most, self.on_the_way)
            try:
                return await real(*args, **kwargs)
            finally:
                self.on_the_way -= 1

        return call


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path / "ledger.db", "three_pages") as counter:
        yield counter


async def test_a_gateway_keeps_lines_for_the_citizen(crowd: Counter) -> None:
    """However much is open: a silent remote side must not have every line of its gateway taken by the sweeper."""
    counter = crowd
    finable = [record.id for record in counter.scenario.records if record.fine_fen and record.points < 6]
    assert len(finable) > AT_ONCE, "too few to tell"
    for record in finable:
        _, payment, _ = await counter.shown([record])
        counter.pays(payment.id)
    counter.leave()
    wallet, police = Counted(counter.wallet), Counted(counter.platform)
    counter.cashier._wallet, counter.cashier._platform = wallet, police
    sweeper = Sweeper(counter.store, counter.orders, counter.registrar, counter.cashier, counter.clock)
    assert (await sweeper.sweep()).clean
    assert wallet.most == AT_ONCE
    assert 1 <= police.most <= AT_ONCE
    assert counter.kept_fen() == counter.posted_fen() > 0


async def test_orders_asked_for_at_once_get_one_number_after_another(counter: Counter) -> None:
    async def sign() -> str:
        return await counter.orders.open("fine", "330203199001010006", {}, 100, lambda number: [])

    numbers = await asyncio.gather(*(sign() for _ in range(8)))
    today = counter.clock.now().date()
    assert numbers == [order_no("TEST01", today, n) for n in range(1, 9)]
    assert [row.id for row in await counter.store.find(Kind.ORDER)] == numbers
