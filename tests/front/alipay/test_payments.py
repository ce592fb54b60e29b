"""Orders from showing a code to giving the money back, over a real socket, compared with the wallet's own books."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import RefundState, State
from tests.front.alipay.conftest import PAYER, Hall


async def test_a_shown_code_is_not_found_until_it_is_scanned_then_paying_then_paid(hall: Hall) -> None:
    code = await hall.channel.show(hall.order())
    assert code.startswith("https://qr.alipay.com/bax")
    assert (await hall.channel.query("NB01A")).state is State.NOT_FOUND

    hall.wallet.control({"do": "scan", "order_no": "NB01A"})
    assert (await hall.channel.query("NB01A")).state is State.PAYING

    hall.wallet.control({"do": "pay"})
    paid = await hall.channel.query("NB01A")
    assert (paid.state, paid.fen, paid.paid_at, paid.refunded_fen) == (State.PAID, 20000, hall.clock.now(), 0)
    assert len(paid.trade_no) == 28
    assert hall.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 0}}


async def test_the_same_order_again_is_the_same_code_also_a_minute_later(hall: Hall) -> None:
    order = hall.order()
    first = await hall.channel.show(order)
    hall.clock.forward(61)
    assert await hall.channel.show(order) == first


async def test_the_same_number_with_another_amount_is_refused_as_inconsistent(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    with pytest.raises(Refused) as no:
        await hall.channel.show(hall.order(fen=10000))
    assert no.value.code == "content_inconsistent"


async def test_a_paid_number_is_not_shown_again(hall: Hall) -> None:
    await hall.paid()
    with pytest.raises(Refused) as no:
        await hall.channel.show(hall.order())
    assert no.value.code == "already_paid"


async def test_the_terminal_and_its_agreed_text_reach_the_wallet(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    assert hall.wallet.state()["orders"][0]["terminal_id"] == "NB01T001"


# --- payer codes


async def test_a_charge_counts_only_after_a_query_said_so_too(hall: Hall) -> None:
    paid = await hall.channel.charge(hall.order(), PAYER)
    assert (paid.state, paid.fen, paid.detail) == (State.PAID, 20000, "TRADE_SUCCESS")


async def test_a_charge_whose_query_fails_is_paying_not_paid(hall: Hall) -> None:
    hall.script(order_no="NB01A", fault="drop_before", on=["query"], times=1)
    assert (await hall.channel.charge(hall.order(), PAYER)).state is State.PAYING
    assert (await hall.channel.query("NB01A")).state is State.PAID


async def test_10003_is_paying_and_then_paid(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="password")
    asked = await hall.channel.charge(hall.order(), PAYER)
    assert (asked.state, asked.detail) == (State.PAYING, "10003")
    hall.clock.forward(9)
    assert (await hall.channel.query("NB01A")).state is State.PAID


@pytest.mark.parametrize(
    ("preset", "state"), [("unknown_then_paid", State.PAID), ("unknown_then_never", State.NOT_FOUND)]
)
async def test_20000_is_unknown_and_only_a_query_tells(hall: Hall, preset: str, state: State) -> None:
    hall.script(order_no="NB01A", preset=preset)
    with pytest.raises(GatewayUnavailable):
        await hall.channel.charge(hall.order(), PAYER)
    assert (await hall.channel.query("NB01A")).state is state


@pytest.mark.parametrize(
    ("sub_code", "code"),
    [
        ("ACQ.PAYMENT_AUTH_CODE_INVALID", "payer_code_expired"),
        ("ACQ.BUYER_BALANCE_NOT_ENOUGH", "insufficient_balance"),
        ("ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "limit_exceeded"),
        ("ACQ.BEYOND_PAY_RESTRICTION", "limit_exceeded"),
        ("ACQ.TOTAL_FEE_EXCEED", "limit_exceeded"),
        ("ACQ.TRADE_BUYER_NOT_MATCH", "trade_closed"),
        ("ACQ.TRADE_HAS_CLOSE", "trade_closed"),
        ("ACQ.CONTEXT_INCONSISTENT", "content_inconsistent"),
        ("ACQ.ACCESS_FORBIDDEN", "wallet_misconfigured"),
        ("isv.invalid-signature", "wallet_misconfigured"),
        ("ACQ.NOBODY_KNOWS_THIS", "trade_refused"),
    ],
)
async def test_a_failed_charge_is_refused_by_name_when_nothing_was_taken(hall: Hall, sub_code: str, code: str) -> None:
    hall.script(order_no="NB01A", fault="refused", on=["charge"], sub_code=sub_code)
    with pytest.raises(Refused) as no:
        await hall.channel.charge(hall.order(), PAYER)
    assert no.value.code == code
    assert hall.wallet.books() == {}


async def test_a_charge_repeated_after_it_was_paid_is_paid_once(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), PAYER)
    again = await hall.channel.charge(hall.order(), PAYER)
    assert (again.state, again.fen) == (State.PAID, 20000)
    assert hall.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 0}}


async def test_a_failed_charge_that_left_a_trade_open_is_undone_before_it_is_refused(hall: Hall) -> None:
    hall.script(order_no="NB01A", payer="never")
    await hall.channel.charge(hall.order(), PAYER)
    hall.script(order_no="NB01A", payer="never", fault="refused", on=["charge"])
    with pytest.raises(Refused):
        await hall.channel.charge(hall.order(), PAYER)
    assert (await hall.channel.query("NB01A")).state is State.CLOSED
    with pytest.raises(ValueError, match="HAS_CLOSE"):
        hall.wallet.control({"do": "pay", "order_no": "NB01A"})


async def test_a_failed_charge_of_a_trade_nobody_can_ask_about_is_unknown(hall: Hall) -> None:
    hall.script(order_no="NB01A", fault="http_500", on=["query"])
    await hall.channel.charge(hall.order(), PAYER)
    with pytest.raises(GatewayUnavailable):
        await hall.channel.charge(hall.order(), PAYER)  # TRADE_HAS_SUCCESS, and no query


async def test_one_payer_code_pays_one_order(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), PAYER)
    with pytest.raises(Refused) as no:
        await hall.channel.charge(hall.order("NB01B"), PAYER)
    assert no.value.code == "payer_code_expired"


async def test_payer_codes_are_known_by_prefix_and_length(hall: Hall) -> None:
    for code in ("2500000000000000", "300000000000000000000000", "280000000000000001"):
        assert hall.channel.takes(code), code
    others = ("250000000000000", "3000000000000000000000000", "240000000000000000", "310000000000000000", "")
    wrong = (
        "130000000000000000",
        "6200000000000000000",
        "28000000000000000x",
        "２８00000000000000001",
        "280000000000000001\n",
    )
    for code in (*others, *wrong):
        assert not hall.channel.takes(code), code
        with pytest.raises(Refused) as no:
            await hall.channel.charge(hall.order(), code)
        assert no.value.code == "payer_code_invalid"


# --- ending


async def test_closing_a_scanned_order(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="abandons")
    await hall.channel.show(hall.order())
    hall.clock.forward(10)
    assert (await hall.channel.close("NB01A")).state is State.CLOSED
    assert (await hall.channel.query("NB01A")).state is State.CLOSED


async def test_closing_an_order_that_nobody_scanned_kills_its_code(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    assert (await hall.channel.close("NB01A")).state is State.NOT_FOUND
    with pytest.raises(ValueError, match="HAS_CLOSE"):
        hall.wallet.control({"do": "pay", "order_no": "NB01A"})


async def test_closing_what_was_paid_says_paid(hall: Hall) -> None:
    await hall.paid()
    closed = await hall.channel.close("NB01A")
    assert (closed.state, closed.fen) == (State.PAID, 20000)


async def test_a_payer_in_the_instant_of_closing_was_faster(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="pays_at_cancel")
    await hall.channel.show(hall.order())
    hall.wallet.control({"do": "scan"})
    assert (await hall.channel.close("NB01A")).state is State.PAID


async def test_a_payer_between_close_and_cancel_gets_the_money_back(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="pays_at_cancel")
    await hall.channel.show(hall.order())
    undone = await hall.channel.close("NB01A")
    assert (undone.state, undone.fen, undone.refunded_fen, undone.detail) == (State.REFUNDED, 20000, 20000, "refund")
    assert hall.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 20000}}


async def test_undo_of_an_unpaid_charge_closes_it(hall: Hall) -> None:
    hall.script(order_no="NB01A", payer="never")
    await hall.channel.charge(hall.order(), PAYER)
    undone = await hall.channel.undo("NB01A")
    assert (undone.state, undone.detail) == (State.CLOSED, "close")


async def test_undo_of_a_paid_charge_gives_the_money_back(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="drop_after")
    with pytest.raises(GatewayUnavailable):
        await hall.channel.charge(hall.order(), PAYER)
    undone = await hall.channel.undo("NB01A")
    assert (undone.state, undone.fen, undone.refunded_fen) == (State.REFUNDED, 20000, 20000)
    assert hall.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 20000}}


async def test_undo_again_says_the_same(hall: Hall) -> None:
    await hall.paid()
    first = await hall.channel.undo("NB01A")
    second = await hall.channel.undo("NB01A")
    assert first.state is second.state is State.REFUNDED
    assert hall.wallet.books()["NB01A"]["refunded"] == 20000


async def test_undo_of_what_never_arrived_proves_nothing(hall: Hall) -> None:
    assert (await hall.channel.undo("NB01A")).state is State.NOT_FOUND


async def test_a_cancel_that_wants_to_be_asked_again_is_asked_again(hall: Hall) -> None:
    await hall.paid()
    hall.script(order_no="NB01A", fault="retry", on=["undo"], times=1)
    with pytest.raises(GatewayUnavailable):
        await hall.channel.undo("NB01A")
    assert (await hall.channel.undo("NB01A")).state is State.REFUNDED


async def test_a_subject_keeps_away_from_what_alipay_does_not_take(hall: Hall) -> None:
    await hall.channel.show(replace(hall.order(), subject="罚款/滞纳金=1&2"))
    entry = hall.wallet.ledger.find("NB01A")
    assert entry is not None
    assert entry.subject == "罚款／滞纳金＝1＆2"


async def test_undo_after_a_day_is_left_to_a_refund(hall: Hall) -> None:
    await hall.paid()
    hall.clock.forward(25 * 3600)
    late = await hall.channel.undo("NB01A")
    assert (late.state, late.detail) == (State.PAID, "ACQ.TRADE_CANCEL_TIME_OUT")


async def test_a_wallet_that_breaks_its_word_is_found_out_by_the_next_query(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="pays_after_cancel")
    await hall.channel.show(hall.order())
    with pytest.raises(GatewayUnavailable):
        await hall.channel.undo("NB01A")
    assert (await hall.channel.query("NB01A")).state is State.PAID


async def test_a_late_payer_is_seen(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="late")
    await hall.channel.show(hall.order())
    hall.clock.forward(121)
    assert (await hall.channel.query("NB01A")).state is State.NOT_FOUND
    hall.clock.forward(60)
    assert (await hall.channel.query("NB01A")).state is State.PAID


# --- giving back


async def test_a_refund_is_done_once_whatever_is_repeated(hall: Hall) -> None:
    await hall.paid()
    for _ in range(2):
        done = await hall.channel.refund(hall.refund())
        assert (done.state, done.fen, done.refund_no) == (RefundState.DONE, 20000, "NB01AR1")
    assert hall.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 20000}}
    assert (await hall.channel.query("NB01A")).state is State.REFUNDED


async def test_a_part_refund_leaves_the_order_paid(hall: Hall) -> None:
    await hall.paid()
    assert (await hall.channel.refund(hall.refund(5000))).fen == 5000
    assert (await hall.channel.query("NB01A")).state is State.PAID


async def test_the_same_refund_number_with_another_amount_is_inconsistent(hall: Hall) -> None:
    await hall.paid()
    await hall.channel.refund(hall.refund(5000))
    with pytest.raises(Refused) as no:
        await hall.channel.refund(hall.refund(6000))
    assert no.value.code == "content_inconsistent"


async def test_more_than_was_paid_is_not_given_back(hall: Hall) -> None:
    await hall.paid()
    with pytest.raises(Refused) as no:
        await hall.channel.refund(hall.refund(20001))
    assert no.value.code == "refund_amount"


async def test_an_unpaid_order_has_nothing_to_give_back(hall: Hall) -> None:
    with pytest.raises(Refused) as no:
        await hall.channel.refund(hall.refund())
    assert no.value.code == "trade_not_found"


@pytest.mark.parametrize("fault", ["busy_after", "drop_after", "timeout_after", "system_error", "forged_signature"])
async def test_a_refund_of_which_nobody_heard_is_found_by_its_number(hall: Hall, fault: str) -> None:
    await hall.paid()
    hall.script(order_no="NB01A", fault=fault, on=["refund"], times=1)
    with pytest.raises(GatewayUnavailable):
        await hall.channel.refund(hall.refund())
    assert (await hall.channel.refund_query(hall.refund())).state is RefundState.DONE
    assert (await hall.channel.refund(hall.refund())).state is RefundState.DONE
    assert hall.wallet.books()["NB01A"]["refunded"] == 20000


async def test_a_refund_that_is_not_confirmed_is_processing(hall: Hall) -> None:
    await hall.paid()
    hall.script(order_no="NB01A", fault="busy_before", on=["refund_query"], times=1)
    assert (await hall.channel.refund(hall.refund())).state is RefundState.PROCESSING


async def test_10000_without_refund_data_is_no_refund(hall: Hall) -> None:
    await hall.paid()
    assert (await hall.channel.refund_query(hall.refund())).state is RefundState.NOT_FOUND


async def test_a_refund_the_merchants_account_cannot_pay_is_for_staff(hall: Hall) -> None:
    await hall.paid()
    hall.script(order_no="NB01A", fault="refused", on=["refund"], sub_code="ACQ.SELLER_BALANCE_NOT_ENOUGH")
    stuck = await hall.channel.refund(hall.refund())
    assert (stuck.state, stuck.detail) == (RefundState.ABNORMAL, "ACQ.SELLER_BALANCE_NOT_ENOUGH")


async def test_a_closed_trade_without_any_trace_is_asked_about_by_its_refund(hall: Hall) -> None:
    await hall.paid()
    await hall.channel.undo("NB01A")
    hall.script(order_no="NB01A", fault="bare", on=["query"])
    found = await hall.channel.query("NB01A")
    assert (found.state, found.fen) == (State.REFUNDED, 20000)

    hall.script(order_no="NB01B", fault="bare", on=["query"], payer="never")
    await hall.channel.charge(hall.order("NB01B"), "290000000000000000")
    await hall.channel.undo("NB01B")
    assert (await hall.channel.query("NB01B")).state is State.CLOSED
