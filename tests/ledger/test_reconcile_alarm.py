"""While an alarm of the end-of-day match is unsettled no payment is begun, over restarts, and whoever settles it."""

from __future__ import annotations

import asyncio

import pytest

from kiosk.ledger.check import check
from kiosk.ledger.reconcile import Finding
from kiosk.ledger.reconcile_alarm import Paying, PayingStopped, open_alarms
from kiosk.ledger.reconcile_breaks import ALARMS, Break
from kiosk.ledger.reconcile_list import explained, put_down, settled_by_staff
from kiosk.ledger.states import Kind, OrderState, PaymentState
from kiosk.ledger.store import Store
from tests.ledger.parts import MORNING, Counter, charges

DAY = MORNING.date()
ALARM = Finding(Break.POSTED_NOT_PAID, "330203260000001", 20000)
OTHER = Finding(Break.BILL_ONLY, "TEST0120260318000099XP1", 100)


async def alarm(store: Store) -> str:
    return (await put_down(store, DAY, [ALARM]))[0].id


async def test_no_payment_is_begun_and_nothing_is_written(counter: Counter) -> None:
    order_id, rows = await counter.decided()
    number = await alarm(counter.store)
    with pytest.raises(PayingStopped):
        await counter.cashier.begin(order_id, charges(rows), "罚款")
    with pytest.raises(PayingStopped):
        await counter.cashier.charge(order_id, charges(rows), "罚款", "281234567890123456")
    assert await counter.store.find(Kind.PAYMENT) == []
    assert counter.front.ledger.totals() == {}
    await counter.crash()
    with pytest.raises(PayingStopped):
        await counter.cashier.begin(order_id, charges(rows), "罚款")
    await settled_by_staff(counter.store, await counter.store.get(Kind.WORK, number), "查清")
    payment, code = await counter.cashier.begin(order_id, charges(rows), "罚款")
    assert (payment.state, code is not None) == (PaymentState.PENDING, True)


async def test_what_was_begun_before_is_finished(counter: Counter) -> None:
    order_id, _, _ = await counter.shown()
    await alarm(counter.store)
    counter.pays()
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.ORDER, order_id) == OrderState.SETTLED
    assert await check(counter.store, counter.clock.now()) == []


@pytest.mark.parametrize("what", list(Break))
async def test_only_alarms_stop_it(counter: Counter, what: Break) -> None:
    paying = Paying(counter.store)
    await put_down(counter.store, DAY, [Finding(what, "X1", 100)])
    assert await paying.look() is (what in ALARMS)
    assert await paying.look() is paying.stopped


async def test_a_match_that_explains_it_opens_paying_too(counter: Counter) -> None:
    paying = Paying(counter.store)
    await put_down(counter.store, DAY, [ALARM, OTHER])
    assert await paying.look()
    await explained(counter.store, DAY, [OTHER])
    assert not await paying.look()
    assert await open_alarms(counter.store) == []
    # Found again, it stops again; what staff have settled does not.
    number = await alarm(counter.store)
    assert await paying.look()
    await settled_by_staff(counter.store, await counter.store.get(Kind.WORK, number), "查清")
    assert await put_down(counter.store, DAY, [ALARM]) == []
    assert not await paying.look()


async def test_who_watches_is_told_of_another_programs_hand(counter: Counter) -> None:
    number = await alarm(counter.store)
    paying = Paying(counter.store, every=0.01)
    assert await paying.look()
    watching = asyncio.ensure_future(paying.run())
    other = Store(f"sqlite:///{counter.file}", counter.clock)
    await other.open()
    try:
        await settled_by_staff(other, await other.get(Kind.WORK, number), "查清")
        async with asyncio.timeout(10):
            await paying.changed((number,))
        assert not paying.stopped
    finally:
        await other.close()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
