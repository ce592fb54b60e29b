"""Notifications: only Alipay's own, for us, and not from long ago; whatever is believed is evidence, not an order of events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.front.alipay import signing
from kiosk.front.alipay.channel import AlipayChannel
from kiosk.front.alipay.fake_scripts import Notify
from kiosk.front.channel import Forged, Standing, State
from kiosk.gateways.embedded import serve
from tests.front.alipay.conftest import Hall, connect, stored_key


async def _body(hall: Hall, how: Notify = Notify.ONCE) -> bytes:
    await hall.paid()
    entry = hall.wallet.ledger.find("NB01A")
    assert entry is not None
    return hall.wallet.notifier.body(entry, how)


def _signed(body: bytes, *, drop: str = "", **changes: str) -> bytes:
    """Signed anew by Alipay after a change."""
    fields = {**dict(parse_qsl(body.decode())), **changes}
    fields.pop(drop, None)
    fields["sign"] = signing.sign(stored_key("alipay_key.pem"), signing.notice_bytes(fields))
    return urlencode(fields).encode()


async def test_a_notification_tells_what_was_paid(hall: Hall) -> None:
    found = hall.channel.notice({}, await _body(hall)).standing
    assert (found.number, found.state, found.fen, found.paid_at) == ("NB01A", State.PAID, 20000, hall.clock.now())


async def test_a_notification_tells_what_went_back(hall: Hall) -> None:
    await hall.paid()
    entry = hall.wallet.ledger.find("NB01A")
    assert entry is not None
    await hall.channel.refund(hall.refund(5000))
    part = hall.channel.notice({}, hall.wallet.notifier.body(entry)).standing
    assert (part.state, part.fen, part.refunded_fen) == (State.PAID, 20000, 5000)
    await hall.channel.refund(hall.refund(15000, refund_no="NB01AR2"))
    whole = hall.channel.notice({}, hall.wallet.notifier.body(entry)).standing
    assert (whole.state, whole.refunded_fen) == (State.REFUNDED, 20000)


@pytest.mark.parametrize("how", [Notify.FORGED, Notify.OTHER_SELLER, Notify.OTHER_APP, Notify.STALE])
async def test_notifications_that_are_not_believed(hall: Hall, how: Notify) -> None:
    body = await _body(hall, how)
    with pytest.raises(Forged):
        hall.channel.notice({}, body)


async def test_a_wrong_amount_or_order_is_told_as_it_is_for_the_front_to_see(hall: Hall) -> None:
    body = await _body(hall, Notify.WRONG_AMOUNT)
    assert hall.channel.notice({}, body).standing.fen == 19999
    entry = hall.wallet.ledger.find("NB01A")
    assert entry is not None
    other = hall.wallet.notifier.body(entry, Notify.OTHER_ORDER)
    assert hall.channel.notice({}, other).standing.number == "XB01A"


async def test_any_changed_field_spoils_the_signature(hall: Hall) -> None:
    fields = dict(parse_qsl((await _body(hall)).decode()))
    for name in fields:
        with pytest.raises(Forged):
            hall.channel.notice({}, urlencode({**fields, name: fields[name] + "1"}).encode())
    with pytest.raises(Forged):
        hall.channel.notice({}, urlencode({**fields, "more": "1"}).encode())


async def test_rightly_signed_and_yet_not_ours_or_senseless(hall: Hall) -> None:
    body = await _body(hall)
    assert hall.channel.notice({}, _signed(body))
    for changes in (
        {"seller_id": ""},
        {"app_id": "2021000000000009"},
        {"trade_status": "TRADE_PERHAPS"},
        {"total_amount": "2e4"},
        {"notify_time": "yesterday"},
        {"notify_time": "2026-11-21 09:06:00"},
        {"out_trade_no": ""},
        {"sign_type": "RSA"},
    ):
        with pytest.raises(Forged):
            hall.channel.notice({}, _signed(body, **changes))
    for name in ("seller_id", "app_id", "notify_time", "out_trade_no", "sign_type", "trade_status"):
        with pytest.raises(Forged):
            hall.channel.notice({}, _signed(body, drop=name))


async def test_repetitions_of_a_whole_day_are_believed(hall: Hall) -> None:
    body = await _body(hall)
    hall.clock.forward(25 * 3600)
    assert hall.channel.notice({}, body).standing.state is State.PAID
    hall.clock.forward(2 * 3600)
    with pytest.raises(Forged):
        hall.channel.notice({}, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"a",
        b"\xff\xfe",
        b"sign=a&sign=b&sign_type=RSA2",
        b"sign=%FF&sign_type=RSA2",
        b"sign_type=RSA2&a=" + b"b" * 70_000,
        b"&".join(b"a%d=1" % at for at in range(300)),
    ],
)
async def test_bodies_that_are_no_notification(hall: Hall, body: bytes) -> None:
    with pytest.raises(Forged):
        hall.channel.notice({}, body)


# --- on their way: the wallet posts, a front answers


@dataclass
class Front:
    channel: AlipayChannel
    taken: list[Standing] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        try:
            self.taken.append(self.channel.notice(dict(request.headers), await request.body()).standing)
            reply = self.channel.accepted
        except Forged:
            reply = self.channel.declined
        return Response(reply.body, reply.status, media_type=reply.media_type)


@asynccontextmanager
async def _front(hall: Hall) -> AsyncIterator[Front]:
    front = Front(hall.channel)
    async with serve(Starlette(routes=[Route("/notify", front.hear, methods=["POST"])])) as served:
        front.channel = connect(hall.wallet, hall.url, hall.clock, hall.folder, notify_url=f"{served.url}/notify")
        hall.channel, before = front.channel, hall.channel
        yield front
        await front.channel.aclose()
        hall.channel = before


async def test_a_paid_order_is_notified_once_it_is_taken(hall: Hall) -> None:
    async with _front(hall) as front:
        await hall.paid()
        assert await hall.wallet.notify() == ["success"]
        assert await hall.wallet.notify() == []
        assert [standing.state for standing in front.taken] == [State.PAID]


async def test_duplicates_and_reordered_ones_are_each_taken(hall: Hall) -> None:
    async with _front(hall) as front:
        hall.script(order_no="NB01A", notify="twice")
        await hall.paid()
        assert await hall.wallet.notify() == ["success", "success"]
        front.taken.clear()
        hall.script(order_no="NB01B", notify="reordered")
        await hall.paid("NB01B")
        await hall.channel.refund(hall.refund(number="NB01B"))
        await hall.wallet.notify()
        assert [standing.state for standing in front.taken] == [State.REFUNDED, State.PAID]


async def test_forged_ones_are_declined_and_repeated_for_25_hours(hall: Hall) -> None:
    async with _front(hall) as front:
        hall.script(order_no="NB01A", notify="forged")
        await hall.paid()
        heard = []
        for wait in (0, 240, 600, 600, 3600, 7200, 21600, 54000, 86400):
            hall.clock.forward(wait)
            heard += await hall.wallet.notify()
        assert heard == ["fail"] * 8
        assert front.taken == []


async def test_none_is_asked_for_without_an_address(hall: Hall) -> None:
    await hall.paid()
    assert await hall.wallet.notify() == []
