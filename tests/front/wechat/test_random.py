"""Random payers and random faults: whatever happens, what the channel says agrees with the wallet's own books."""

from __future__ import annotations

import random
import zlib

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import Refund, RefundState, Standing, State
from kiosk.front.wechat.fake_scripts import Fault, Payer
from tests.front.wechat.conftest import Hall

_QUICK = [fault.value for fault in Fault if fault not in (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.LATE_ANSWER)]


async def _play(hall: Hall, seed: int, orders: int) -> None:
    chance = random.Random(seed)
    for count in range(orders):
        number = f"N{seed:06d}X{count:06d}"
        hall.script(
            number,
            payer=chance.choice(list(Payer)).value,
            seconds=chance.choice([0, 5, 30]),
            amount_off=chance.choice([0, 0, 0, -1]),
            busy_reversals=chance.choice([0, 1]),
            refund_seconds=chance.choice([0, 5]),
            fault=chance.choice(_QUICK),
            times=chance.choice([1, 2]),
        )
        charged = chance.random() < 0.5
        await _steps(hall, number, charged, chance)
        await _end(hall, number, charged)


async def _steps(hall: Hall, number: str, charged: bool, chance: random.Random) -> None:
    code = f"13{zlib.crc32(number.encode()):016d}"
    for _ in range(chance.randrange(2, 6)):
        hall.clock.forward(chance.choice([0, 3, 16, 50]))
        step = chance.choice(["open", "open", "query", "end", "pay"])
        try:
            match step:
                case "open" if charged:
                    _check(hall, await hall.channel.charge(hall.order(number), code))
                case "open":
                    await hall.channel.show(hall.order(number))
                case "query":
                    _check(hall, await hall.channel.query(number))
                case "end":
                    _check(hall, await (hall.channel.undo(number) if charged else hall.channel.close(number)))
                case _:
                    hall.wallet.control({"do": "pay", "order_no": number})
        except Refused:
            # A no to a charge is passed on only when the wallet holds nothing of it.
            assert step != "open" or not charged or _net(hall, number) == 0
        except (GatewayUnavailable, ValueError):
            continue


async def _end(hall: Hall, number: str, charged: bool) -> None:
    """Finish as a front does: end it until that is certain, give back what was paid, once."""
    for _ in range(60):
        hall.clock.forward(20)
        try:
            standing = await (hall.channel.undo(number) if charged else hall.channel.close(number))
            break
        except GatewayUnavailable:
            continue
    else:
        pytest.fail(f"{number} never ended")
    _check(hall, standing)
    paid = hall.wallet.books().get(number, {"paid": 0})["paid"]
    if standing.state is State.PAID:
        await _refunded(hall, Refund(number, "R" + number, paid, paid))
    assert _net(hall, number) == 0


async def _refunded(hall: Hall, refund: Refund) -> None:
    for _ in range(60):
        hall.clock.forward(20)
        try:
            if (await hall.channel.refund(refund)).state is RefundState.DONE:
                return
        except GatewayUnavailable:
            continue
    pytest.fail(f"{refund.number} was never refunded")


def _check(hall: Hall, said: Standing) -> None:
    book = hall.wallet.books().get(said.number, {"paid": 0, "refunded": 0})
    match said.state:
        case State.PAID:
            assert book["paid"] == said.fen > 0
            assert book["refunded"] == 0
        case State.REFUNDED:
            assert book["paid"] == book["refunded"] == said.fen > 0
        case State.CLOSED | State.NOT_FOUND:
            assert book["paid"] == book["refunded"]
        case _:
            assert book["paid"] == 0


def _net(hall: Hall, number: str) -> int:
    book = hall.wallet.books().get(number, {"paid": 0, "refunded": 0})
    return book["paid"] - book["refunded"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_is_said_agrees_with_the_books(hall: Hall, seed: int) -> None:
    await _play(hall, seed, 12)


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(100, 120))
async def test_what_is_said_agrees_with_the_books_for_long(hall: Hall, seed: int) -> None:
    await _play(hall, seed, 100)
