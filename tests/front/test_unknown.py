"""What nobody can know at first: every fault of the way to the wallet ends in unknown, and then in the truth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.check import check
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import TradeState
from tests.front import hall as halls
from tests.front.hall import SECRET, Files, Hall, hall
from tests.front.test_payments import until

WITH_EFFECT = ("drop_after", "half_answer", "missing_member", "wrong_types")
WITHOUT = ("error_500", "drop_before", "rate_limited")
"""The others are read by the acquirer's channel in the same way: its own tests have them all."""
SPOILT = ("unsigned", "forged", "stale", "replayed", "wrong_order", "wrong_status")


@pytest.fixture
async def pay(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path) as made:
        yield made
        assert await check(made.front.store, made.clock.now()) == []


@pytest.mark.parametrize("kind", WITH_EFFECT + WITHOUT)
async def test_a_charge_without_an_answer_is_known_at_the_next_look(pay: Hall, kind: str) -> None:
    pay.fault(f"charge.{kind}")
    trade = await pay.charge(expires_in=1)
    assert trade.state is TradeState.WAITING
    await until(pay, "paid" if kind in WITH_EFFECT else "closed")
    money = 20000 if kind in WITH_EFFECT else 0
    assert sum(pay.acquirer.books.totals().values()) == money
    assert pay.asked("charge") == 1, "never again for the same number"
    states = [event["new"] for event in await pay.front.store.events()]
    assert states[:2] == ["intent", "unknown"]
    assert "refused" not in states


@pytest.mark.parametrize("spoil", SPOILT)
async def test_an_answer_that_is_not_the_wallets_pays_nothing(pay: Hall, spoil: str) -> None:
    pay.script(spoil=spoil, seconds=0.0)
    with pytest.raises(GatewayUnavailable):
        await pay.show()
    pay.acquirer.books.pay("NB01A")
    with pytest.raises(GatewayUnavailable):
        await pay.kiosk.query("NB01A")
    with pytest.raises(GatewayUnavailable):
        await pay.kiosk.close("NB01A")
    assert (await pay.row()).state in ("unknown", "closing")
    pay.script()
    assert (await pay.kiosk.query("NB01A")).state is TradeState.PAID


async def test_a_code_whose_answer_was_lost_comes_with_the_same_request_again(pay: Hall) -> None:
    pay.fault("show.drop_after")
    with pytest.raises(GatewayUnavailable):
        await pay.show()
    assert (await pay.row()).state == "unknown"
    code = await pay.show()
    assert code.payload == pay.acquirer.books.orders["NB01A"].payload
    assert len(pay.acquirer.books.orders) == 1


async def test_a_refusal_before_anything_was_opened_is_told_again(pay: Hall) -> None:
    pay.acquirer.books.orders["NB01A"] = pay.acquirer.books.close("NB01A")
    for _ in range(2):
        with pytest.raises(Refused, match="order_closed"):
            await pay.show()
    assert (await pay.kiosk.query("NB01A")).state is TradeState.CLOSED
    assert pay.asked("show") == 1


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "error_500"])
async def test_a_close_without_an_answer(pay: Hall, kind: str) -> None:
    await pay.show()
    pay.fault(f"close.{kind}")
    try:
        assert (await pay.kiosk.close("NB01A")).state is TradeState.CLOSED
    except GatewayUnavailable:
        assert kind != "drop_after"
    await until(pay, "closed")
    assert pay.acquirer.books.orders["NB01A"].state == "closed"


async def test_nothing_is_undone_before_the_wallet_has_told_how_it_stands(pay: Hall) -> None:
    pay.script(payer="never")
    await pay.charge()
    pay.fault("query.drop_before", None)
    with pytest.raises(GatewayUnavailable):
        await pay.kiosk.close("NB01A")
    assert pay.asked("undo") == 0
    pay.acquirer.books.pay("NB01A")
    pay.acquirer.control({"do": "clear"})
    await until(pay, "paid")
    assert pay.asked("undo") == 0


async def test_what_stays_unclear_goes_to_staff_and_is_still_asked_about(tmp_path: Path) -> None:
    async with hall(tmp_path, polling={"cap": 3}) as pay:
        await pay.show(expires_in=1)
        pay.fault("query.drop_before", None)
        async with asyncio.timeout(8):
            while (await pay.row()).data["staff"] != "unclear":
                await asyncio.sleep(0.01)
        assert (await pay.row()).state == "unknown"
        pay.acquirer.control({"do": "clear"})
        assert (await pay.kiosk.query("NB01A")).state is TradeState.WAITING
        pay.acquirer.books.orders["NB01A"].expires += 60
        pay.acquirer.books.pay("NB01A")
        assert (await pay.kiosk.query("NB01A")).state is TradeState.PAID
        assert (await pay.row()).data["staff"] is None


async def test_a_kiosk_that_asks_often_does_not_make_the_wallet_be_asked_often(tmp_path: Path) -> None:
    slow = {"first_s": 60.0, "every_s": 60.0, "fresh_s": 0.2}
    async with hall(tmp_path, polling=slow) as pay:
        await pay.show()
        await asyncio.gather(*(pay.kiosk.query("NB01A") for _ in range(8)))
        assert pay.asked("query") <= 2
        before = pay.asked("query")
        pay.acquirer.books.pay("NB01A")
        # Each answer is newer than its question.
        assert (await pay.kiosk.query("NB01A")).state is TradeState.PAID
        assert pay.asked("query") == before + 1


async def test_a_wallet_that_is_slow_does_not_keep_the_kiosk_waiting(tmp_path: Path) -> None:
    patience: dict[str, Any] = {"answer_s": 0.1, "first_s": 60.0, "every_s": 60.0}
    async with hall(tmp_path, polling=patience) as pay:
        await pay.show()
        pay.fault("query.delay", seconds=0.3)
        assert (await pay.kiosk.query("NB01A")).state is TradeState.WAITING
        pay.fault("charge.delay", seconds=0.3)
        assert (await pay.charge("NB01B")).state is TradeState.WAITING
        await until(pay, "paid", "NB01B")


async def test_a_front_that_starts_again_takes_up_what_was_open(tmp_path: Path) -> None:
    clock, files = SystemClock(), Files(tmp_path)
    acquirer = FakeAcquirer(HmacSigner(SECRET), clock)
    asleep = {"first_s": 60.0, "every_s": 60.0}
    async with serve(acquirer.app) as remote:
        async with halls.front(files, acquirer, remote.url, clock, polling=asleep) as pay:
            acquirer.books.set_script({"payer": "never"})
            await pay.show("NB01A")
            await pay.charge("NB01B")
            await pay.show("NB01C", expires_in=1)
            acquirer.books.set_script({"refund_s": 3600}, "NB01D")
            acquirer.books.set_script({}, "NB01D")
            await pay.charge("NB01D")
            pay.fault("refund.drop_after")
            await pay.kiosk.refund("NB01D", "R1", 20000)
        acquirer.books.pay("NB01A")
        acquirer.books.pay("NB01B")
        async with halls.front(files, acquirer, remote.url, clock) as pay:
            for number, state in {"NB01A": "paid", "NB01B": "paid", "NB01C": "closed", "NB01D": "refunded"}.items():
                await until(pay, state, number)
            assert await check(pay.front.store, clock.now()) == []
    assert acquirer.books.totals() == {"NB01A": 20000, "NB01B": 20000, "NB01C": 0, "NB01D": 0}
