"""A clock that is wrong for a while and then set right: what was written in a future that never came does not stay open until then."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.ledger.states import Kind
from kiosk.ledger.store import Store
from tests.ledger.parts import MORNING, Counter, HandClock, charges, open_counter

YEARS = dt.timedelta(days=3653)


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    empty = tmp_path / "empty.db"
    store = Store(f"sqlite:///{empty}", HandClock())
    await store.open()
    await store.close()
    async with open_counter(Path(shutil.copy(empty, tmp_path / "ledger.db"))) as made:
        yield made


async def test_a_decision_that_never_landed_is_given_up(counter: Counter) -> None:
    counter.clock.set(MORNING + YEARS)
    counter.fault("decide.drop_before", count=None)
    number = await counter.order(["3302031001000001"])
    (row,) = await counter.decisions(number)
    assert (await counter.registrar.decide(row)).state == "unknown"
    counter.leave()
    counter.clock.set(MORNING)
    counter.police.control({"do": "clear"})
    assert any(line.startswith("I4") for line in await counter.breaches()), "nobody would hear of it for ten years"
    assert (await counter.sweeper.sweep()).clean
    assert await counter.state(Kind.DECISION, row.id) == "abandoned"
    assert await counter.breaches() == []


async def test_a_closed_code_is_asked_about_again(counter: Counter) -> None:
    _, rows = await counter.decided(["3302031001000001"])
    counter.clock.set(MORNING + YEARS)
    payment, _ = await counter.cashier.begin(rows[0].order_id, charges(rows), "交通违法罚款")
    await counter.cashier.close(payment)
    counter.leave()
    counter.front.ledger._entries[payment.id].pays_in_spite = True
    counter.clock.set(MORNING)
    await counter.sweeper.sweep()
    assert await counter.state(Kind.PAYMENT, payment.id) == "paid"
    assert counter.posted_fen() == counter.kept_fen() > 0


class Set(HandClock):
    """A clock that somebody sets back by a day between two looks at it."""

    looks = 0

    def now(self) -> dt.datetime:
        self.looks += 1
        if self.looks == 2:
            self.forward(days=-1)
        return super().now()


async def test_a_number_that_was_written_on_another_day_is_not_given_twice(counter: Counter) -> None:
    counter.clock = clock = Set()
    await counter.store.close()
    await counter.open()
    first = await counter.order(["3302031001000001"])
    clock.set(MORNING)
    second = await counter.order(["3302031001000002"])
    assert first != second


async def test_a_code_that_never_came_to_be_is_closed(counter: Counter) -> None:
    """The wallet is out of reach while the clock is wrong, because nothing that is signed then is believed."""
    number, rows = await counter.decided(["3302031001000001"])
    counter.clock.set(MORNING + YEARS)
    counter.script(fault="drop_before", on=["create", "query", "close"])
    payment, code = await counter.cashier.begin(number, charges(rows), "交通违法罚款")
    assert code is None
    counter.leave()
    counter.clock.set(MORNING)
    counter.script(preset="never")
    swept: Any = None
    for _ in range(4):
        counter.clock.forward(hours=1)
        swept = await counter.sweeper.sweep()
    assert swept.clean
    assert await counter.state(Kind.PAYMENT, payment.id) == "closed"
