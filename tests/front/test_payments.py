"""The kiosk's own client, the real front, a fake acquirer: over real sockets, each way a payment can go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.ports.wallet import TradeState
from tests.front.hall import SUBJECT, Hall, hall


@pytest.fixture
async def pay(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path) as made:
        yield made


async def until(pay: Hall, state: str, order_no: str = "NB01A") -> None:
    """The ledger says so without a kiosk asking."""
    async with asyncio.timeout(5):
        while (await pay.row(order_no)).state != state:
            await asyncio.sleep(0.01)


async def test_a_shown_code_is_paid(pay: Hall) -> None:
    code = await pay.show()
    assert code.payload.startswith("https://acquirer.example/pay/")
    assert (await pay.kiosk.query("NB01A")).state is TradeState.WAITING
    pay.acquirer.books.pay("NB01A")
    trade = await pay.kiosk.query("NB01A")
    assert (trade.state, trade.amount_fen, trade.wallet) == (TradeState.PAID, 20000, "acquirer")
    assert trade.trade_no == pay.acquirer.books.orders["NB01A"].trade_no
    assert (await pay.kiosk.close("NB01A")).state is TradeState.PAID
    assert pay.asked("close") == 0


async def test_the_same_request_again_gives_the_same_code_and_asks_nobody(pay: Hall) -> None:
    first = await pay.show()
    assert await pay.show() == first
    assert pay.asked("show") == 1
    with pytest.raises(Refused, match="content_inconsistent"):
        await pay.show(fen=20001)
    pay.acquirer.books.pay("NB01A")
    await pay.kiosk.query("NB01A")
    assert await pay.show() == first


async def test_a_scanned_code_is_paid_at_once(pay: Hall) -> None:
    trade = await pay.charge()
    assert (trade.state, trade.amount_fen) == (TradeState.PAID, 20000)
    assert (await pay.charge()).state is TradeState.PAID
    assert pay.asked("charge") == 1
    with pytest.raises(Refused, match="content_inconsistent"):
        await pay.kiosk.charge("NB01A", 20000, SUBJECT, "280000000000000001", 60)


async def test_a_payer_who_must_confirm_is_waited_for(pay: Hall) -> None:
    pay.script(payer="after", seconds=0.1)
    assert (await pay.charge()).state is TradeState.WAITING
    await until(pay, "paid")
    assert (await pay.kiosk.query("NB01A")).state is TradeState.PAID


async def test_a_payer_who_never_confirms_is_undone_when_the_window_is_over(pay: Hall) -> None:
    pay.script(payer="never")
    await pay.charge(expires_in=1)
    await until(pay, "closed")
    trade = await pay.kiosk.query("NB01A")
    assert (trade.state, trade.reason) == (TradeState.CLOSED, "abandoned")
    assert pay.acquirer.books.orders["NB01A"].state == "closed"


async def test_a_code_nobody_pays_is_closed_when_it_has_run_out(pay: Hall) -> None:
    await pay.show(expires_in=1)
    await until(pay, "closed")
    assert pay.acquirer.books.orders["NB01A"].state == "closed"
    with pytest.raises(Refused, match="trade_closed"):
        await pay.show(expires_in=1)


async def test_closing_what_is_unpaid(pay: Hall) -> None:
    await pay.show()
    assert (await pay.kiosk.close("NB01A")).state is TradeState.CLOSED
    assert (await pay.kiosk.close("NB01A")).state is TradeState.CLOSED
    assert pay.asked("close") == 1


async def test_the_payer_was_faster_than_the_close(pay: Hall) -> None:
    pay.script(payer="at_close")
    await pay.show()
    assert (await pay.kiosk.close("NB01A")).state is TradeState.PAID


async def test_money_taken_after_closed_was_answered_is_told_and_noted_for_staff(pay: Hall) -> None:
    await pay.show(expires_in=1)
    assert (await pay.kiosk.close("NB01A")).state is TradeState.CLOSED
    pay.acquirer.books.orders["NB01A"].pays_in_spite = True
    await until(pay, "paid")  # a late check finds it
    assert (await pay.kiosk.query("NB01A")).state is TradeState.PAID
    assert (await pay.row()).data["staff"] == "paid_after_close"


async def test_a_charge_paid_in_the_moment_it_is_undone_went_back(pay: Hall) -> None:
    pay.script(payer="at_close", seconds=60)
    await pay.charge()
    trade = await pay.kiosk.close("NB01A")
    assert (trade.state, trade.refunded_fen, trade.reason) == (TradeState.REFUNDED, 20000, "undone")
    assert pay.acquirer.books.totals() == {"NB01A": 0}


async def test_a_charge_that_may_not_be_undone_yet_is_undone_later(pay: Hall) -> None:
    pay.script(payer="never", undo_after=0.2)
    await pay.charge()
    with pytest.raises(GatewayUnavailable):
        await pay.kiosk.close("NB01A")
    assert (await pay.row()).state == "unknown"
    await until(pay, "closed")


async def test_a_refused_charge_is_refused_only_when_the_wallet_keeps_nothing_open(pay: Hall) -> None:
    pay.script(refuses="insufficient_balance", keeps_open=True)
    with pytest.raises(Refused, match="insufficient_balance"):
        await pay.charge()
    assert pay.acquirer.books.orders["NB01A"].state == "closed"
    trade = await pay.kiosk.query("NB01A")
    assert (trade.state, trade.reason) == (TradeState.CLOSED, "insufficient_balance")


async def test_another_amount_is_reported_as_it_is(pay: Hall) -> None:
    pay.script(amount_off=-1)
    await pay.show()
    pay.acquirer.books.pay("NB01A")
    trade = await pay.kiosk.query("NB01A")
    assert (trade.state, trade.amount_fen) == (TradeState.PAID, 19999)
    assert (await pay.row()).data["staff"] == "amount"


async def test_a_number_closed_before_it_was_opened_stays_closed(pay: Hall) -> None:
    assert (await pay.kiosk.query("NB01A")).state is TradeState.NOT_FOUND
    assert (await pay.kiosk.close("NB01A")).state is TradeState.CLOSED
    for opening in (pay.show, pay.charge):
        with pytest.raises(Refused, match="trade_closed"):
            await opening()
    assert pay.acquirer.calls == []


async def test_a_device_sees_its_own_orders_and_no_others(pay: Hall) -> None:
    await pay.charge()
    assert (await pay.other.query("NB01A")).state is TradeState.NOT_FOUND
    for asking in (
        pay.other.close("NB01A"),
        pay.other.refund("NB01A", "R1", 20000),
        pay.other.create("NB01A", 20000, SUBJECT, 60),
    ):
        with pytest.raises(Refused, match=r"trade_not_found|content_inconsistent"):
            await asking
    assert pay.acquirer.books.totals() == {"NB01A": 20000}


async def test_a_refund_goes_back_once(pay: Hall) -> None:
    await pay.charge()
    first = await pay.kiosk.refund("NB01A", "NB01AR1", 20000)
    assert (first.state, first.refunded_fen) == (TradeState.REFUNDED, 20000)
    assert (await pay.kiosk.refund("NB01A", "NB01AR1", 20000)).state is TradeState.REFUNDED
    with pytest.raises(Refused, match="already_refunded"):
        await pay.kiosk.refund("NB01A", "NB01AR2", 20000)
    assert pay.acquirer.books.totals() == {"NB01A": 0}
    assert pay.asked("refund") == 1
    trade = await pay.kiosk.query("NB01A")
    assert (trade.state, trade.refunded_fen, trade.reason) == (TradeState.REFUNDED, 20000, "")


async def test_a_refund_in_process_is_followed_to_its_end(pay: Hall) -> None:
    pay.script(refund_s=0.15)
    await pay.charge()
    assert (await pay.kiosk.refund("NB01A", "R1", 20000)).state is TradeState.PAID
    with pytest.raises(Refused, match="refund_under_way"):
        await pay.kiosk.refund("NB01A", "R2", 20000)
    await until(pay, "refunded")


async def test_a_refund_whose_answer_is_lost_is_done_once(pay: Hall) -> None:
    await pay.charge()
    pay.fault("refund.drop_after")
    assert (await pay.kiosk.refund("NB01A", "R1", 20000)).state is TradeState.PAID
    await until(pay, "refunded")
    assert len(pay.acquirer.books.refunds) == 1


async def test_a_refund_the_wallet_gave_up_is_for_staff(pay: Hall) -> None:
    pay.script(refund_fails=True)
    await pay.charge()
    with pytest.raises(Refused, match="refund_abnormal"):
        await pay.kiosk.refund("NB01A", "R1", 20000)
    assert (await pay.row()).state == "paid"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("NB01A", "R1", 19999), "refund_amount"),
        (("NB01B", "R1", 1), "trade_not_paid"),
        (("X", "R1", 1), "trade_not_found"),
    ],
)
async def test_refunds_that_make_no_sense(pay: Hall, asked: tuple[str, str, int], code: str) -> None:
    await pay.charge()
    await pay.show("NB01B")
    with pytest.raises(Refused, match=code):
        await pay.kiosk.refund(*asked)
