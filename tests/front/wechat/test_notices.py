"""Notifications: what is believed, what is declined, and that none of it makes an order paid that is not."""

from __future__ import annotations

import datetime as dt

import pytest

from kiosk.front.channel import Forged, Refund, State
from kiosk.front.wechat.fake_keys import FakeKeys
from kiosk.front.wechat.fake_notices import notification
from kiosk.front.wechat.fake_scripts import Notify
from tests.front.wechat.conftest import CODE, START, Hall

NUMBER = "NB0120261120000017"


async def test_a_payment_is_told_with_its_evidence(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.clock.forward(7)
    hall.wallet.control({"do": "pay"})
    await hall.wallet.post.delivered()
    assert hall.wallet.post.sent == [(NUMBER, "good", 200)]
    [standing] = hall.letters.believed
    assert standing == await hall.channel.query(NUMBER)
    assert (standing.fen, standing.paid_at) == (20_000, START + dt.timedelta(seconds=7))


async def test_duplicates_and_overtaking_ones_are_each_believed(hall: Hall) -> None:
    hall.script("FIRST1", hold=True)
    hall.script("SECOND1", preset="notified_twice", payer="human")
    for number in ("FIRST1", "SECOND1"):
        await hall.channel.show(hall.order(number))
        hall.wallet.control({"do": "pay", "order_no": number})
    await hall.wallet.post.delivered()
    hall.wallet.control({"do": "release"})
    await hall.wallet.post.delivered()
    assert [standing.number for standing in hall.letters.believed] == ["SECOND1", "SECOND1", "FIRST1"]
    assert {status for _, _, status in hall.wallet.post.sent} == {200}


async def test_what_is_forged_stale_or_not_for_us_is_declined(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.script(NUMBER, notify=[kind.value for kind in Notify if kind not in (Notify.GOOD, Notify.WRONG_AMOUNT)])
    hall.wallet.control({"do": "pay"})
    await hall.wallet.post.delivered()
    assert hall.letters.believed == []
    assert {status for _, _, status in hall.wallet.post.sent} == {500}
    assert hall.letters.refused == [
        "its signature is wrong",
        "it is not signed",
        "its signature is wrong",
        "it is stale, or one of the two clocks is wrong",
        "its signature is wrong",
        "a notification that is not for us: another merchant's",
        "a notification that is not for us: not sealed with our APIv3 key",
    ]


async def test_a_wrong_amount_is_told_as_it_is(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.script(NUMBER, notify=["wrong_amount"])
    hall.wallet.control({"do": "pay"})
    await hall.wallet.post.delivered()
    assert [standing.fen for standing in hall.letters.believed] == [19_999]


async def test_a_payment_by_payer_code_is_not_notified(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), CODE)
    await hall.wallet.post.delivered()
    assert hall.wallet.post.sent == []


async def test_refunds_are_told_as_the_orders_standing(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    hall.wallet.control({"do": "pay"})
    await hall.channel.refund(Refund(NUMBER, "R1", 5_000, 20_000))
    await hall.channel.refund(Refund(NUMBER, "R2", 15_000, 20_000))
    hall.wallet.control({"do": "notify", "order_no": NUMBER, "refund_no": "R1"})
    await hall.wallet.post.delivered()
    part = hall.letters.believed[-1]
    assert (part.state, part.fen, part.refunded_fen, part.detail) == (State.PAID, 20_000, 5_000, "REFUND.SUCCESS")


async def test_a_notification_is_good_for_five_minutes_only(hall: Hall, keys: FakeKeys) -> None:
    await hall.channel.show(hall.order())
    order = hall.wallet.ledger.pay()
    now = hall.clock.now().timestamp()
    headers, body = notification(order, keys, keys.public_key, now, Notify.GOOD)
    lower = {name.lower(): value for name, value in headers.items()}
    assert hall.channel.notice(lower, body).standing.state is State.PAID
    hall.clock.forward(301)
    with pytest.raises(Forged, match="stale"):
        hall.channel.notice(lower, body)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"event_type":"X","resource":{}}', b"\xff" * 100])
async def test_rubbish_is_declined(hall: Hall, keys: FakeKeys, body: bytes) -> None:
    from kiosk.front.wechat.fake_notices import signed

    for headers in ({}, signed(keys.public_key, body, hall.clock.now().timestamp())):
        with pytest.raises(Forged):
            hall.channel.notice({name.lower(): value for name, value in headers.items()}, body)
