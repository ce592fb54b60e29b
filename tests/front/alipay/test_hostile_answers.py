"""Whatever comes instead of a good answer: the outcome is unknown, never failed, and no money is believed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.alipay import signing
from kiosk.front.alipay.answers import AnswerError, refund_standing, standing, told
from kiosk.front.channel import RefundState, State
from kiosk.gateways.embedded import serve
from tests.front.alipay.conftest import PAYER, Hall, connect, stored_key

SPOILT = (
    "http_500",
    "http_502_page",
    "busy_before",
    "busy_after",
    "system_error",
    "timeout_before",
    "timeout_after",
    "drop_before",
    "drop_after",
    "half_answer",
    "unsigned",
    "forged_signature",
    "signed_anew",
    "wrong_order",
    "stale",
    "doubled",
    "forbidden",
)
ASKING: Mapping[str, Callable[[Hall, str], Awaitable[object]]] = {
    "query": lambda hall, number: hall.channel.query(number),
    "undo": lambda hall, number: hall.channel.undo(number),
    "close": lambda hall, number: hall.channel.close(number),
    "refund": lambda hall, number: hall.channel.refund(hall.refund(number=number)),
    "refund_query": lambda hall, number: hall.channel.refund_query(hall.refund(number=number)),
}


@pytest.mark.parametrize("operation", ASKING)
async def test_no_spoilt_answer_tells_anything(hall: Hall, operation: str) -> None:
    for at, fault in enumerate(SPOILT):
        if operation != "query" and fault.startswith("timeout"):
            continue  # Takes time, and the same code reads all of them.
        number = f"NB{at:02d}"
        hall.script(order_no=number, payer="never" if operation == "close" else "human")
        await hall.channel.charge(hall.order(number), f"28{at:016d}")
        if operation == "refund_query":
            await hall.channel.refund(hall.refund(number=number))
        hall.script(order_no=number, payer="never", fault=fault, on=[operation], times=1)
        with pytest.raises(GatewayUnavailable):
            await ASKING[operation](hall, number)


@pytest.mark.parametrize("fault", SPOILT)
async def test_a_charge_is_unknown_after_any_spoilt_answer_and_taken_once(hall: Hall, fault: str) -> None:
    if fault == "stale":
        await hall.channel.query("NB01A")
    hall.script(order_no="NB01A", fault=fault, on=["charge"])
    if fault == "forbidden":
        with pytest.raises(Refused):
            await hall.channel.charge(hall.order(), PAYER)
    else:
        with pytest.raises(GatewayUnavailable):
            await hall.channel.charge(hall.order(), PAYER)
    hall.script(order_no="NB01A")
    found = await hall.channel.query("NB01A")
    taken = hall.wallet.books().get("NB01A", {"paid": 0})["paid"]
    assert (found.state is State.PAID) is (taken == 20000)
    assert taken in (0, 20000)


@pytest.mark.parametrize("fault", ["malformed", "wrong_order", "forged_signature", "unsigned", "doubled"])
async def test_no_code_is_shown_from_a_spoilt_answer(hall: Hall, fault: str) -> None:
    hall.script(order_no="NB01A", fault=fault, on=["show"], times=1)
    if fault == "malformed":
        return  # What is malformed there is not read by show.
    with pytest.raises(GatewayUnavailable):
        await hall.channel.show(hall.order())
    assert await hall.channel.show(hall.order())


async def test_malformed_amounts_and_states_tell_nothing(hall: Hall) -> None:
    await hall.paid()
    hall.script(order_no="NB01A", fault="malformed")
    with pytest.raises(GatewayUnavailable):
        await hall.channel.query("NB01A")


async def test_texts_full_of_braces_quotes_and_backslashes_hurt_nobody(hall: Hall) -> None:
    hall.script(order_no="NB01A", fault="tricky")
    assert (await hall.channel.charge(hall.order(), PAYER)).state is State.PAID
    assert (await hall.channel.refund(hall.refund())).state is RefundState.DONE
    assert (await hall.channel.query("NB01A")).state is State.REFUNDED


async def test_a_wrong_amount_is_returned_as_it_is(hall: Hall) -> None:
    """The money is where the wallet says it is; who knows what was asked raises the alarm."""
    hall.script(order_no="NB01A", payer="after", amount_off=-1)
    await hall.channel.show(hall.order())
    found = await hall.channel.query("NB01A")
    assert (found.state, found.fen) == (State.PAID, 19999)
    hall.script(order_no="NB01A", fault="wrong_amount")
    assert (await hall.channel.query("NB01A")).fen == 19998


async def test_an_answer_that_comes_late_but_in_time_counts(hall: Hall) -> None:
    hall.script(order_no="NB01A", fault="late", delay=0.05, on=["query"])
    assert (await hall.paid()).state is State.PAID


async def test_clocks_far_apart_are_unknown_and_come_right_again(hall: Hall) -> None:
    await hall.paid()
    hall.wallet.control({"do": "clock", "skew": 3600})
    with pytest.raises(GatewayUnavailable, match=r"isv\.invalid-timestamp"):
        await hall.channel.query("NB01A")
    hall.wallet.control({"do": "clock", "skew": 60})
    assert (await hall.channel.query("NB01A")).state is State.PAID


async def test_a_foreign_key_is_named_for_the_technician(hall: Hall) -> None:
    stranger = connect(hall.wallet, hall.url, hall.clock, hall.folder)
    stranger._gateway._account = replace(stranger._account, private_key=stored_key("alipay_key.pem"))
    with pytest.raises(GatewayUnavailable, match=r"isv\.invalid-signature"):
        await stranger.query("NB01A")
    await stranger.aclose()


async def test_the_old_key_of_alipay_is_believed_while_both_are_configured(hall: Hall) -> None:
    both = replace(
        hall.channel._account, alipay_keys=(stored_key("app_key_pkcs8.pem").public_key(), hall.wallet.merchant.alipay)
    )
    body = b"x"
    sign = signing.sign(stored_key("alipay_key.pem"), body)
    assert signing.verify(both.alipay_keys, body, sign)


@pytest.mark.parametrize("sub_code", ["ACQ.ACCESS_FORBIDDEN", "isv.insufficient-isv-permissions", "ACQ.NEVER_HEARD_OF"])
@pytest.mark.parametrize("operation", ["query", "refund_query"])
async def test_a_no_that_is_not_about_the_order_leaves_it_unknown(hall: Hall, operation: str, sub_code: str) -> None:
    await hall.paid()
    hall.script(order_no="NB01A", fault="refused", on=[operation], sub_code=sub_code)
    with pytest.raises(GatewayUnavailable):
        await ASKING[operation](hall, "NB01A")


@pytest.mark.parametrize("code", ["ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.REASON_TRADE_BEEN_FREEZEN"])
async def test_an_open_trade_that_cannot_be_undone_now_is_asked_again(hall: Hall, code: str) -> None:
    hall.script(order_no="NB01A", payer="never", fault="refused", on=["undo"], sub_code=code)
    await hall.channel.charge(hall.order(), PAYER)
    with pytest.raises(GatewayUnavailable):
        await hall.channel.undo("NB01A")


# --- the backup


async def test_the_backup_is_asked_when_no_connection_can_be_made(hall: Hall) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    dead = f"http://127.0.0.1:{port}/gateway.do"
    channel = connect(hall.wallet, hall.url, hall.clock, hall.folder, url=dead, backup_url=f"{hall.url}/gateway.do")
    assert (await channel.charge(hall.order(), PAYER)).state is State.PAID
    await channel.aclose()
    assert hall.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 0}}


async def test_nothing_is_sent_twice_when_the_first_host_hangs_up(hall: Hall) -> None:
    """Something may have been done there: the caller must ask, and is led to the other host."""
    async with serve(hall.wallet.app) as other:
        channel = connect(hall.wallet, hall.url, hall.clock, hall.folder, backup_url=f"{other.url}/gateway.do")
        hall.script(order_no="NB01A", fault="drop_before", on=["charge"], times=1)
        with pytest.raises(GatewayUnavailable):
            await channel.charge(hall.order(), PAYER)
        assert hall.wallet.books() == {}
        assert (await channel.charge(hall.order(), PAYER)).state is State.PAID
        await channel.aclose()


# --- answers read one by one


TRADE = {
    "code": "10000",
    "out_trade_no": "NB01A",
    "trade_no": "2026112122001400000000000001",
    "total_amount": "200.00",
    "send_pay_date": "2026-11-21 09:00:31",
}


@pytest.mark.parametrize(
    ("more", "state", "refunded"),
    [
        ({"trade_status": "TRADE_SUCCESS"}, State.PAID, 0),
        ({"trade_status": "TRADE_FINISHED"}, State.PAID, 0),
        ({"trade_status": "TRADE_SUCCESS", "refund_fee": "50.00"}, State.PAID, 5000),
        ({"trade_status": "TRADE_CLOSED"}, State.REFUNDED, 20000),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": "", "refund_fee": "200.00"}, State.REFUNDED, 20000),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": "", "receipt_amount": "200.00"}, State.REFUNDED, 20000),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": "", "receipt_amount": "0.00"}, State.CLOSED, 0),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": None}, State.CLOSED, 0),
        ({"trade_status": "WAIT_BUYER_PAY", "send_pay_date": ""}, State.PAYING, 0),
    ],
)
def test_what_a_trade_status_means(more: dict[str, object], state: State, refunded: int) -> None:
    found = standing(told({**TRADE, **more}), "NB01A")
    assert (found.state, found.refunded_fen) == (state, refunded)
    assert found.fen == (20000 if state in (State.PAID, State.REFUNDED) else 0)


@pytest.mark.parametrize(
    "more",
    [
        {"trade_status": "trade_success"},
        {"trade_status": None},
        {"trade_status": ["TRADE_SUCCESS"]},
        {"trade_status": "TRADE_SUCCESS", "total_amount": "0.00"},
        {"trade_status": "TRADE_SUCCESS", "total_amount": ""},
        {"trade_status": "TRADE_SUCCESS", "total_amount": "-200.00"},
        {"trade_status": "TRADE_SUCCESS", "trade_no": ""},
        {"trade_status": "TRADE_SUCCESS", "trade_no": "1" * 65},
        {"trade_status": "TRADE_SUCCESS", "trade_no": {"a": "b"}},
        {"trade_status": "TRADE_SUCCESS", "send_pay_date": "2026-02-30 09:00:00"},
        {"trade_status": "TRADE_SUCCESS", "out_trade_no": "NB01B"},
        {"trade_status": "TRADE_SUCCESS", "out_trade_no": ""},
    ],
)
def test_trades_that_tell_nothing(more: dict[str, object]) -> None:
    with pytest.raises(AnswerError):
        standing(told({**TRADE, **more}), "NB01A")


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"refund_status": "REFUND_SUCCESS"}, RefundState.DONE),
        ({}, RefundState.DONE),
        ({"refund_status": "REFUND_PROCESSING"}, RefundState.PROCESSING),
        ({"refund_status": "REFUND_FAIL"}, RefundState.ABNORMAL),
        ({"refund_amount": ""}, RefundState.NOT_FOUND),
    ],
)
def test_what_a_refund_status_means(more: dict[str, object], state: RefundState) -> None:
    members = {"code": "10000", "out_trade_no": "NB01A", "out_request_no": "R1", "refund_amount": "200.00", **more}
    found = refund_standing(told(members), "NB01A", "R1")
    assert (found.state, found.fen) == (state, 20000 if state is RefundState.DONE else 0)


@pytest.mark.parametrize("more", [{"out_request_no": "R2"}, {"out_trade_no": "NB01B"}, {"refund_amount": "x"}])
def test_refunds_that_tell_nothing(more: dict[str, object]) -> None:
    members = {"code": "10000", "out_trade_no": "NB01A", "out_request_no": "R1", "refund_amount": "200.00", **more}
    with pytest.raises(AnswerError):
        refund_standing(told(members), "NB01A", "R1")
