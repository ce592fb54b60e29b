"""What wallets report by themselves: believed only when signed, fresh, of this order and this amount; and then once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kiosk.domain.errors import Refused
from kiosk.ports.wallet import TradeState
from tests.front.hall import Hall, hall

ASLEEP = {"first_s": 60.0, "every_s": 60.0, "late_s": [60.0]}


@pytest.fixture
async def pay(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path, polling=ASLEEP) as made:
        await made.show()
        yield made


async def report(pay: Hall, how: str = "good", **changes: object) -> tuple[int, bytes]:
    headers, body = pay.acquirer.notice("NB01A", how=how, **changes)
    async with httpx.AsyncClient(trust_env=False, verify=False) as wallet:
        answer = await wallet.post(f"{pay.url}/notify/acquirer", content=body, headers=headers)
    return answer.status_code, answer.content


TAKEN = (200, b'{"code":"ok"}')
DECLINED = (400, b'{"code":"declined"}')


async def test_a_payment_is_known_without_asking(pay: Hall) -> None:
    pay.acquirer.books.pay("NB01A")
    assert await report(pay) == TAKEN
    assert (await pay.row()).state == "paid"
    assert (await pay.kiosk.query("NB01A")).state is TradeState.PAID
    assert pay.asked("query") == 0


async def test_a_doubled_notification_has_one_effect(pay: Hall) -> None:
    pay.acquirer.books.pay("NB01A")
    assert await asyncio.gather(*(report(pay) for _ in range(5))) == [TAKEN] * 5
    assert [event["new"] for event in await pay.front.store.events()].count("paid") == 1


@pytest.mark.parametrize("how", ["forged", "stale", "unsigned"])
async def test_what_the_wallet_did_not_sign_now_has_no_effect(pay: Hall, how: str) -> None:
    pay.acquirer.books.pay("NB01A")
    assert await report(pay, how) == DECLINED
    assert (await pay.row()).state == "waiting"


async def test_another_amount_is_only_a_reason_to_look(pay: Hall) -> None:
    paid = {"state": "paid", "paid_fen": 1, "trade_no": "T1", "paid_at": "2026-11-21T09:00:00+08:00"}
    assert await report(pay, **paid) == TAKEN
    async with asyncio.timeout(5):
        while not pay.asked("query"):
            await asyncio.sleep(0.01)
    assert (await pay.kiosk.query("NB01A")).state is TradeState.WAITING


async def test_an_older_word_does_not_take_a_payment_back(pay: Hall) -> None:
    waiting = pay.acquirer.notice("NB01A")
    closed = pay.acquirer.notice("NB01A", state="closed")
    pay.acquirer.books.pay("NB01A")
    await report(pay)
    async with httpx.AsyncClient(trust_env=False, verify=False) as wallet:
        for headers, body in (waiting, closed):
            await wallet.post(f"{pay.url}/notify/acquirer", content=body, headers=headers)
    assert (await pay.kiosk.query("NB01A")).state is TradeState.PAID
    assert (await pay.row()).data["paid_fen"] == 20000


async def test_after_a_refund_the_payments_own_notification_changes_nothing(pay: Hall) -> None:
    pay.acquirer.books.pay("NB01A")
    late = pay.acquirer.notice("NB01A")
    await pay.kiosk.query("NB01A")
    await pay.kiosk.refund("NB01A", "R1", 20000)
    async with httpx.AsyncClient(trust_env=False, verify=False) as wallet:
        answer = await wallet.post(f"{pay.url}/notify/acquirer", content=late[1], headers=late[0])
    assert (answer.status_code, answer.content) == TAKEN
    assert (await pay.row()).state == "refunded"


PAID = {"state": "paid", "paid_fen": 20000, "trade_no": "T1", "paid_at": "2026-11-21T09:00:00+08:00"}


async def looked(pay: Hall, before: int) -> None:
    """The wallet was asked once more, and its answer is on record."""
    async with asyncio.timeout(5):
        while pay.asked("query") == before or "NB01A" in pay.front.engine._reported:
            await asyncio.sleep(0.01)


async def test_a_reordered_word_does_not_make_an_order_paid_that_was_undone(pay: Hall) -> None:
    """Paid and then undone, all while nobody could hear it: the payment's own notification comes last."""
    earlier = pay.acquirer.notice("NB01A", **PAID)
    assert (await pay.kiosk.close("NB01A")).state is TradeState.CLOSED
    before = pay.asked("query")
    async with httpx.AsyncClient(trust_env=False, verify=False) as wallet:
        answer = await wallet.post(f"{pay.url}/notify/acquirer", content=earlier[1], headers=earlier[0])
    assert (answer.status_code, answer.content) == TAKEN
    await looked(pay, before)
    assert (await pay.row()).state == "closed"


async def test_a_word_about_a_refused_charge_is_a_reason_to_look(pay: Hall) -> None:
    pay.script("NB01B", refuses="insufficient_balance")
    with pytest.raises(Refused):
        await pay.charge("NB01B")
    state, before = (await pay.row("NB01B")).state, pay.asked("query")
    headers, body = pay.acquirer.notice("NB01B", **PAID)
    async with httpx.AsyncClient(trust_env=False, verify=False) as wallet:
        assert (await wallet.post(f"{pay.url}/notify/acquirer", content=body, headers=headers)).status_code == 200
    async with asyncio.timeout(5):
        while pay.asked("query") == before or "NB01B" in pay.front.engine._reported:
            await asyncio.sleep(0.01)
    assert (await pay.row("NB01B")).state == state != "paid"


async def test_money_taken_in_spite_of_the_close_is_found_by_the_look(pay: Hall) -> None:
    await pay.kiosk.close("NB01A")
    pay.acquirer.books.orders["NB01A"].pays_in_spite = True
    before = pay.asked("query")
    assert await report(pay) == TAKEN
    await looked(pay, before)
    assert ((await pay.row()).state, (await pay.row())["staff"]) == ("paid", "paid_after_close")


async def test_an_order_that_is_not_ours_and_a_wallet_that_is_none(pay: Hall) -> None:
    headers, body = pay.acquirer.notice("NB01A", order_no="ELSE")
    async with httpx.AsyncClient(base_url=pay.url, trust_env=False, verify=False) as wallet:
        assert (await wallet.post("/notify/acquirer", content=body, headers=headers)).status_code == 400
        assert (await wallet.post("/notify/nobody", content=body, headers=headers)).status_code == 404
        assert (await wallet.post("/notify/acquirer", content=b" " * 70_000)).status_code == 413
        assert (await wallet.post("/notify/acquirer", content=b"{")).status_code == 400


async def test_a_kiosk_that_waits_for_a_slow_wallet_hears_of_the_notification_at_once(tmp_path: Path) -> None:
    async with hall(tmp_path, polling=ASLEEP, acquirer={"read_s": 5.0}) as pay:
        await pay.show()
        pay.acquirer.books.pay("NB01A")
        pay.fault("query.silence")
        asking = asyncio.create_task(pay.kiosk.query("NB01A"))
        async with asyncio.timeout(4):
            while not pay.asked("query"):
                await asyncio.sleep(0.01)
            await report(pay)
            assert (await asking).state is TradeState.PAID


async def test_the_address_for_notifications_reaches_the_wallet(tmp_path: Path) -> None:
    async with hall(tmp_path, polling=ASLEEP, acquirer={"notify_url": "https://pay.example/notify/acquirer"}) as pay:
        await pay.show()
        assert pay.acquirer.books.orders["NB01A"].notify_url == "https://pay.example/notify/acquirer"
