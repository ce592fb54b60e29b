"""What payers do, over a real socket: each script of the fake wallet as the front sees it."""

from __future__ import annotations

import datetime as dt

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import Channel, Order, Standing, State
from kiosk.ports.bench import VirtualDevice
from tests.front.wechat.conftest import CODE, Hall, Watch

NUMBER = "NB0120261120000017"


def test_the_contracts_fit(hall: Hall) -> None:
    channel: Channel = hall.channel
    device: VirtualDevice = hall.wallet
    assert (channel.name, device.kind) == ("wechat", "wechat_pay")


# --- the kiosk shows a code


async def test_a_shown_order_waits_until_it_is_paid(hall: Hall) -> None:
    payload = await hall.channel.show(hall.order())
    assert payload.startswith("weixin://wxpay/bizpayurl?pr=")
    assert await hall.channel.query(NUMBER) == Standing(NUMBER, State.WAITING, detail="NOTPAY")
    hall.clock.forward(4)
    hall.wallet.control({"do": "pay"})
    paid = await hall.channel.query(NUMBER)
    assert (paid.state, paid.fen, paid.paid_at) == (State.PAID, 20_000, hall.clock.now())
    assert paid.trade_no.startswith("420020261120")
    assert hall.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 0}}


async def test_the_same_order_again_gives_its_code_again_and_another_content_is_refused(hall: Hall) -> None:
    order = hall.order()
    assert await hall.channel.show(order) == await hall.channel.show(order)
    with pytest.raises(Refused) as refused:
        await hall.channel.show(hall.order(fen=20_001))
    assert refused.value.code == "content_inconsistent"


async def test_a_number_nobody_knows_is_not_found(hall: Hall) -> None:
    assert await hall.channel.query(NUMBER) == Standing(NUMBER, State.NOT_FOUND, detail="ORDER_NOT_EXIST")


async def test_an_order_lives_a_minute_at_least_as_the_wallet_demands(hall: Hall, clock: Watch) -> None:
    await hall.channel.show(hall.order(expires_at=clock.now() + dt.timedelta(seconds=5)))
    assert hall.wallet.ledger.orders()[0].expires == clock.now().timestamp() + 60


async def test_closing_an_unpaid_order_ends_it(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    assert (await hall.channel.close(NUMBER)).state is State.CLOSED
    assert (await hall.channel.close(NUMBER)).state is State.CLOSED
    with pytest.raises(Refused) as refused:
        await hall.channel.show(hall.order())
    assert refused.value.code == "trade_closed"
    with pytest.raises(ValueError, match="ORDER_CLOSED"):
        hall.wallet.control({"do": "pay", "order_no": NUMBER})


@pytest.mark.parametrize("payer", ["at_close", "after_close"])
async def test_a_payer_who_was_faster_than_close_has_paid(hall: Hall, payer: str) -> None:
    """`after_close`: the wallet says 204 and the order is paid all the same; close asks again before it believes."""
    hall.script(NUMBER, payer=payer)
    await hall.channel.show(hall.order())
    closed = await hall.channel.close(NUMBER)
    assert (closed.state, closed.fen) == (State.PAID, 20_000)


async def test_an_order_that_never_arrived_is_closed(hall: Hall) -> None:
    assert (await hall.channel.close(NUMBER)).state is State.CLOSED


async def test_showing_an_order_that_is_paid_is_refused(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.wallet.control({"do": "pay"})
    with pytest.raises(Refused) as refused:
        await hall.channel.show(hall.order())
    assert refused.value.code == "already_paid"


async def test_a_payer_who_comes_late_is_seen_by_a_later_query(hall: Hall) -> None:
    hall.script(NUMBER, preset="late")
    await hall.channel.show(hall.order())
    hall.clock.forward(200)
    assert (await hall.channel.query(NUMBER)).state is State.WAITING
    hall.clock.forward(20)
    assert (await hall.channel.query(NUMBER)).state is State.PAID


async def test_what_was_really_paid_is_told_also_when_it_is_wrong(hall: Hall) -> None:
    hall.script(NUMBER, preset="wrong_amount")
    await hall.channel.show(hall.order())
    hall.clock.forward(5)
    assert (await hall.channel.query(NUMBER)).fen == 19_999


# --- the payer shows a code


async def test_a_payer_code_is_charged_at_once(hall: Hall) -> None:
    paid = await hall.channel.charge(hall.order(), CODE)
    assert (paid.state, paid.fen, paid.number) == (State.PAID, 20_000, NUMBER)
    assert hall.wallet.ledger.orders()[0].device == "NB01"


async def test_a_payer_who_types_a_password_is_paying_and_then_has_paid(hall: Hall) -> None:
    hall.script(NUMBER, payer="after", seconds=8)
    assert await hall.channel.charge(hall.order(), CODE) == Standing(NUMBER, State.PAYING, detail="USERPAYING")
    hall.clock.forward(5)
    assert (await hall.channel.query(NUMBER)).state is State.PAYING
    hall.clock.forward(5)
    assert (await hall.channel.query(NUMBER)).state is State.PAID


async def test_a_payer_who_never_confirms_has_not_paid(hall: Hall) -> None:
    hall.script(NUMBER, preset="abandon")
    await hall.channel.charge(hall.order(), CODE)
    hall.clock.forward(50)
    assert await hall.channel.query(NUMBER) == Standing(NUMBER, State.CLOSED, detail="PAYERROR")


@pytest.mark.parametrize("then", ["error_then_paid", "error_then_never"])
async def test_a_system_error_leaves_the_charge_open_until_a_query_tells(hall: Hall, then: str) -> None:
    hall.script(NUMBER, preset=then)
    with pytest.raises(GatewayUnavailable, match="SYSTEM_ERROR"):
        await hall.channel.charge(hall.order(), CODE)
    assert (await hall.channel.query(NUMBER)).state is State.PAYING
    hall.clock.forward(46)
    state = (await hall.channel.query(NUMBER)).state
    assert state is (State.PAID if then == "error_then_paid" else State.CLOSED)


async def test_a_signed_no_is_told_by_name(hall: Hall) -> None:
    told = {
        "NOTENOUGH": "insufficient_balance",
        "NOT_ENOUGH": "insufficient_balance",
        "AUTH_CODE_EXPIRED": "payer_code_expired",
        "AUTHCODEEXPIRE": "payer_code_expired",
        "AUTH_CODE_ERROR": "payer_code_invalid",
        "AUTH_CODE_INVALID": "payer_code_invalid",
        "ACCOUNT_ERROR": "payer_restricted",
        "TRADE_ERROR": "trade_refused",
        "NO_AUTH": "wallet_misconfigured",
        "APPID_MCHID_NOT_MATCH": "wallet_misconfigured",
        "ORDER_CLOSED": "trade_closed",
        "OUT_TRADE_NO_USED": "content_inconsistent",
        "PARAM_ERROR": "bad_request",
    }
    for said, code in told.items():
        number = said.replace("_", "")
        hall.script(number, refuse=said)
        with pytest.raises(Refused) as refused:
            await hall.channel.charge(hall.order(number), f"13{len(hall.wallet.asked):016d}")
        assert refused.value.code == code
        assert hall.wallet.asked[-2:] == [("codepay", number), ("query", number)]
    assert hall.wallet.books() == {}


async def test_a_signed_answer_that_is_no_no_leaves_the_charge_open(hall: Hall) -> None:
    for said in ("SYSTEMERROR", "BANKERROR", "FREQUENCY_LIMITED", "SIGN_ERROR", "SOMETHING_NEW"):
        hall.script(said, refuse=said)
        with pytest.raises(GatewayUnavailable):
            await hall.channel.charge(hall.order(said), f"13{len(hall.wallet.asked):016d}")


async def test_a_used_code_is_called_used_and_not_unknown(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    with pytest.raises(Refused) as refused:
        await hall.channel.charge(hall.order("NB0120261120000018"), CODE)
    assert refused.value.code == "payer_code_expired"


@pytest.mark.parametrize("state", ["paid", "paying"])
async def test_charging_the_same_number_again_tells_how_it_stands_and_never_charges_again(
    hall: Hall, state: str
) -> None:
    """The wallet itself answers ORDERPAID, or that the code has been used: neither is a no to this order."""
    if state == "paying":
        hall.script(NUMBER, payer="never")
    first = await hall.channel.charge(hall.order(), CODE)
    again = await hall.channel.charge(hall.order(), CODE)
    assert (again.state, again.fen) == (first.state, first.fen)
    assert len(hall.wallet.ledger.orders()) == 1


def test_payer_codes_of_this_wallet_are_told_by_prefix_and_length(hall: Hall) -> None:
    taken = ["100000000000000000", "159999999999999999"]
    others = ["160000000000000000", "280000000000000000", "6200000000000000000", "", "10000000000000000a"]
    others += ["1" + "0" * 16, "1" + "0" * 18, "10000000000000000１", "100000000000000000\n"]
    assert [code for code in (*taken, *others) if hall.channel.takes(code)] == taken


async def test_a_code_of_another_wallet_is_never_sent(hall: Hall) -> None:
    with pytest.raises(Refused) as refused:
        await hall.channel.charge(hall.order(), "280000000000000000")
    assert refused.value.code == "payer_code_invalid"
    assert hall.wallet.asked == []


# --- undoing


async def test_a_charge_is_not_reversed_within_fifteen_seconds(hall: Hall) -> None:
    hall.script(NUMBER, payer="never")
    await hall.channel.charge(hall.order(), CODE)
    hall.clock.forward(14)
    with pytest.raises(GatewayUnavailable, match="too early"):
        await hall.channel.undo(NUMBER)
    assert ("reverse", NUMBER) not in hall.wallet.asked
    hall.clock.forward(1)
    assert await hall.channel.undo(NUMBER) == Standing(NUMBER, State.CLOSED, detail="REVOKED")


async def test_after_a_restart_the_fifteen_seconds_begin_anew(hall: Hall) -> None:
    hall.script(NUMBER, payer="never")
    await hall.channel.charge(hall.order(), CODE)
    hall.clock.forward(20)
    anew = hall.reopen()
    with pytest.raises(GatewayUnavailable, match="too early"):
        await anew.undo(NUMBER)
    hall.clock.forward(15)
    assert (await anew.undo(NUMBER)).state is State.CLOSED
    await anew.aclose()


@pytest.mark.parametrize("terse", [False, True])
async def test_a_payment_that_is_undone_goes_back_whole(hall: Hall, terse: bool) -> None:
    """`terse`: the wallet no longer tells that a reversed order had been paid; that it was is known from before."""
    hall.script(NUMBER, terse=terse)
    await hall.channel.charge(hall.order(), CODE)
    hall.clock.forward(16)
    undone = await hall.channel.undo(NUMBER)
    assert (undone.state, undone.fen, undone.refunded_fen) == (State.REFUNDED, 20_000, 20_000)
    assert hall.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 20_000}}
    assert (await hall.channel.undo(NUMBER)).state is (State.CLOSED if terse else State.REFUNDED)
    assert hall.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 20_000}}


async def test_a_payer_who_confirms_in_the_instant_of_undoing_gets_the_money_back(hall: Hall) -> None:
    hall.script(NUMBER, payer="at_close")
    await hall.channel.charge(hall.order(), CODE)
    hall.clock.forward(16)
    assert (await hall.channel.undo(NUMBER)).state is State.REFUNDED
    assert hall.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 20_000}}


async def test_while_the_payer_types_undoing_is_to_be_asked_again(hall: Hall) -> None:
    hall.script(NUMBER, payer="never", busy_reversals=2)
    await hall.channel.charge(hall.order(), CODE)
    hall.clock.forward(16)
    for _ in range(2):
        with pytest.raises(GatewayUnavailable, match="ask again"):
            await hall.channel.undo(NUMBER)
    assert (await hall.channel.undo(NUMBER)).state is State.CLOSED


async def test_undoing_what_never_arrived_ends_it(hall: Hall) -> None:
    hall.clock.forward(16)
    assert (await hall.channel.undo(NUMBER)).state is State.CLOSED


async def test_a_failed_payment_is_reversed_too(hall: Hall) -> None:
    hall.script(NUMBER, payer="never")
    await hall.channel.charge(hall.order(), CODE)
    hall.clock.forward(50)
    assert await hall.channel.undo(NUMBER) == Standing(NUMBER, State.CLOSED, detail="REVOKED")


async def test_a_shown_order_that_was_paid_cannot_be_undone_but_refunded(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.wallet.control({"do": "pay"})
    hall.clock.forward(16)
    with pytest.raises(Refused) as refused:
        await hall.channel.undo(NUMBER)
    assert refused.value.code == "undo_refused"
    assert hall.wallet.books()[NUMBER] == {"paid": 20_000, "refunded": 0}


async def test_a_number_that_the_wallet_does_not_take_is_never_sent(hall: Hall) -> None:
    for number in ("", "A" * 33, "A/../B", "A?mchid=1", "单", "A B"):
        for call in (hall.channel.query, hall.channel.close):
            with pytest.raises(ValueError):
                await call(number)
        with pytest.raises(ValueError):
            await hall.channel.show(hall.order(number))
    assert hall.wallet.asked == []


async def test_an_order_without_an_amount_is_never_sent(hall: Hall) -> None:
    nothing = Order(NUMBER, 0, "罚款", hall.clock.now(), "NB01")
    with pytest.raises(ValueError):
        await hall.channel.show(nothing)
    with pytest.raises(ValueError):
        await hall.channel.charge(nothing, CODE)
    assert hall.wallet.asked == []
