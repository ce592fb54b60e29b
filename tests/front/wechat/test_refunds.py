"""Money that goes back: once by number, in its states, and what a person must look at."""

from __future__ import annotations

import dataclasses

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import Refund, RefundState, State
from tests.front.wechat.conftest import CODE, Hall

NUMBER = "NB0120261120000017"
REFUND = Refund(NUMBER, "R_" + NUMBER, 20_000, 20_000, "重复付款")


async def test_a_refund_goes_back_once_however_often_it_is_asked_for(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    assert (await hall.channel.refund_query(REFUND)).state is RefundState.NOT_FOUND
    for _ in range(3):
        done = await hall.channel.refund(REFUND)
        assert (done.state, done.fen, done.refund_no) == (RefundState.DONE, 20_000, REFUND.refund_no)
    assert await hall.channel.refund_query(REFUND) == done
    assert (await hall.channel.query(NUMBER)).state is State.REFUNDED
    assert hall.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 20_000}}


async def test_a_second_number_does_not_pay_back_twice(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    await hall.channel.refund(REFUND)
    with pytest.raises(Refused):
        await hall.channel.refund(dataclasses.replace(REFUND, refund_no="R2"))
    assert hall.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 20_000}}


async def test_a_refund_under_way_is_processing_until_it_is_done(hall: Hall) -> None:
    hall.script(NUMBER, refund_seconds=60)
    await hall.channel.charge(hall.order(), CODE)
    assert (await hall.channel.refund(REFUND)).state is RefundState.PROCESSING
    hall.clock.forward(61)
    assert (await hall.channel.refund_query(REFUND)).state is RefundState.DONE


@pytest.mark.parametrize("ends", ["ABNORMAL", "CLOSED"])
async def test_a_refund_the_wallet_gave_up_is_for_a_person(hall: Hall, ends: str) -> None:
    hall.script(NUMBER, refund=ends)
    await hall.channel.charge(hall.order(), CODE)
    standing = await hall.channel.refund(REFUND)
    assert (standing.state, standing.detail) == (RefundState.ABNORMAL, ends)
    assert hall.wallet.books()[NUMBER]["refunded"] == 0


async def test_only_what_was_paid_can_go_back(hall: Hall) -> None:
    with pytest.raises(Refused) as refused:
        await hall.channel.refund(REFUND)
    assert refused.value.code == "trade_not_found"
    await hall.channel.show(hall.order())
    with pytest.raises(GatewayUnavailable, match="an order that exists"):
        # Now and then a paid order is "not found" for a while: while the order is known, the refund stays open.
        await hall.channel.refund(REFUND)


async def test_a_part_may_go_back(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    part = dataclasses.replace(REFUND, fen=5_000)
    assert (await hall.channel.refund(part)).fen == 5_000
    assert hall.wallet.books()[NUMBER] == {"paid": 20_000, "refunded": 5_000}


async def test_a_refund_number_may_hold_what_the_wallet_allows(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    odd = dataclasses.replace(REFUND, refund_no="R|1@*-_")
    assert (await hall.channel.refund(odd)).state is RefundState.DONE
    assert (await hall.channel.refund_query(odd)).state is RefundState.DONE
    with pytest.raises(ValueError):
        await hall.channel.refund(dataclasses.replace(REFUND, refund_no="R/1"))


async def test_what_stands_in_the_way_of_a_refund_is_told_by_name(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    for said, code in {"NOT_ENOUGH": "merchant_balance", "INVALID_REQUEST": "refund_refused"}.items():
        hall.script(NUMBER, refuse_refund=said)
        with pytest.raises(Refused) as refused:
            await hall.channel.refund(REFUND)
        assert refused.value.code == code
    for said in ("FREQUENCY_LIMITED", "NO_AUTH", "MCH_NOT_EXISTS", "SOMETHING_NEW"):
        hall.script(NUMBER, refuse_refund=said)
        with pytest.raises(GatewayUnavailable):
            await hall.channel.refund(REFUND)
    hall.script(NUMBER, refuse_refund="USER_ACCOUNT_ABNORMAL")
    assert (await hall.channel.refund(REFUND)).state is RefundState.ABNORMAL
    assert hall.wallet.books()[NUMBER]["refunded"] == 0
    hall.script(NUMBER)
    assert (await hall.channel.refund(REFUND)).state is RefundState.DONE


async def test_a_refund_that_was_made_is_done_whatever_repeating_it_is_told(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    await hall.channel.refund(REFUND)
    hall.script(NUMBER, refuse_refund="INVALID_REQUEST")
    assert (await hall.channel.refund(REFUND)).state is RefundState.DONE
