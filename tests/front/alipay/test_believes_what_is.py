"""Whatever goes wrong on the way, what the channel says in the end is what stands in the wallet's own books."""

from __future__ import annotations

import random

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.alipay.fake_scripts import Fault, Operation, Payer
from kiosk.front.channel import RefundState, Standing, State
from tests.front.alipay.conftest import Hall

# Time-outs take time and are played elsewhere; refusals and false amounts are the wallet's word, not a fault of the line.
SLOW = {Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.LATE}
SPOKEN = {Fault.REFUSED, Fault.FORBIDDEN, Fault.WRONG_AMOUNT}
FAULTS = sorted(set(Fault) - SLOW - SPOKEN)
PAYERS = sorted(set(Payer) - {Payer.AFTER_END})
PATIENCE = 12


async def _ended(hall: Hall, number: str, shown: bool) -> Standing:
    """Ask, end, ask: as often as it takes."""
    for _ in range(3):
        hall.clock.forward(3)
        try:
            found = await hall.channel.query(number)
        except GatewayUnavailable:
            continue
        if found.state in (State.PAID, State.REFUNDED):
            return found
    for _ in range(PATIENCE):
        try:
            return await (hall.channel.close(number) if shown else hall.channel.undo(number))
        except GatewayUnavailable:
            hall.clock.forward(3)
    raise AssertionError("no end")


async def _one_order(hall: Hall, number: str, chance: random.Random) -> None:
    shown = chance.random() < 0.4
    hall.script(
        order_no=number,
        payer=chance.choice(PAYERS),
        seconds=chance.choice([0, 2, 5, 60]),
        fault=chance.choice(FAULTS),
        on=chance.sample(sorted(Operation), chance.randint(1, 4)),
        times=chance.randint(1, 3),
    )
    order = hall.order(number, chance.randint(1, 99_999), life=60)
    refused = False
    try:
        if shown:
            await hall.channel.show(order)
        else:
            await hall.channel.charge(order, f"28{int(number[2:]):016d}")
    except GatewayUnavailable:
        pass
    except Refused:
        refused = not shown
    found = None if refused else await _ended(hall, number, shown)
    hall.clock.forward(600)
    book = hall.wallet.books().get(number, {"paid": 0, "refunded": 0})
    if found is None:
        assert book["paid"] == book["refunded"], "refused, but money was taken"
    elif found.state is State.PAID:
        assert (book["paid"], book["refunded"]) == (order.fen, 0)
        assert found.fen == order.fen
        await _given_back(hall, number, order.fen)
    elif found.state is State.REFUNDED:
        assert book == {"paid": order.fen, "refunded": order.fen}
    else:
        assert book["paid"] == 0, f"said to be {found.state}"


async def _given_back(hall: Hall, number: str, fen: int) -> None:
    for _ in range(PATIENCE):
        try:
            back = await hall.channel.refund(hall.refund(fen, number))
        except GatewayUnavailable:
            continue
        if back.state is RefundState.DONE:
            break
    assert hall.wallet.books()[number] == {"paid": fen, "refunded": fen}


async def test_what_is_said_in_the_end_is_what_was_done(hall: Hall) -> None:
    chance = random.Random(20261121)
    for at in range(40):
        await _one_order(hall, f"NB{at:06d}", chance)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(4))
async def test_what_is_said_in_the_end_is_what_was_done_a_thousand_times(hall: Hall, seed: int) -> None:
    chance = random.Random(seed)
    for at in range(250):
        await _one_order(hall, f"NB{at:06d}", chance)
