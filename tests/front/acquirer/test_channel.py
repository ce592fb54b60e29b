"""The acquirer contract: its signatures by hand, its answers against the schema, and everything that is not an answer."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from kiosk.domain.bill import BillKind
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.acquirer.fake import OPERATIONS
from kiosk.front.acquirer.signing import Credentials, HmacSigner, RsaSigner, request_bytes
from kiosk.front.channel import Channel, Forged, Refund, RefundState, State
from kiosk.gateways.sim_faults import KINDS
from tests.front.acquirer.conftest import Desk
from tests.front.hall import PAYER_CODE, SECRET
from tests.gateways.contract import Contract

CONTRACT = Contract("kiosk.front.acquirer")


class Listener(httpx.AsyncBaseTransport):
    """Holds every request and answer against the contract on its way."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport(trust_env=False)
        self.seen: set[tuple[str, int]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = next(name for name, path in OPERATIONS.items() if path == request.url.path)
        described = CONTRACT.operations[name][2]["requestBody"]["content"]["application/json"]["schema"]
        CONTRACT.validate(json.loads(request.content), described)
        answer = await self.inner.handle_async_request(request)
        body = await answer.aread()
        CONTRACT.check_answer(name, httpx.Response(answer.status_code, headers=answer.headers, content=body))
        self.seen.add((name, answer.status_code))
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))

    async def aclose(self) -> None:
        await self.inner.aclose()


async def test_a_request_is_signed_as_the_contract_says() -> None:
    message = request_bytes("POST", "/v1/orders/query", "M1", 1795219200, "q2w3e4r5t6y7u8i9", b'{"order_no":"A1"}')
    by_hand = b'request\nPOST\n/v1/orders/query\nM1\n1795219200\nq2w3e4r5t6y7u8i9\n{"order_no":"A1"}'
    assert message == by_hand
    sig = HmacSigner(SECRET).sign(message)
    assert sig == hmac.new(bytes(range(32)), by_hand, hashlib.sha256).digest()
    header = Credentials("HMAC-SHA256", "M1", 1795219200, "q2w3e4r5t6y7u8i9", sig).header()
    assert (
        header
        == f"ACQ-HMAC-SHA256 merchant=M1,ts=1795219200,nonce=q2w3e4r5t6y7u8i9,sig={base64.b64encode(sig).decode()}"
    )
    assert Credentials.parse(header).sig == sig


def test_the_operations_are_the_contracts() -> None:
    assert {name: path for name, (_, path, _) in CONTRACT.operations.items()} == OPERATIONS


def test_the_contracts_examples_follow_their_schemas() -> None:
    for name, schema in CONTRACT.document["components"]["schemas"].items():
        if "example" in schema:
            CONTRACT.validate(schema["example"], {"$ref": f"#/components/schemas/{name}"})


async def test_a_whole_day_of_every_operation(desk: Desk) -> None:
    channel: Channel = desk.channel
    listener = Listener()
    http = desk.channel._http._client
    await http._transport.aclose()
    http._transport = listener
    books = desk.acquirer.books

    assert (await channel.query("A1")).state is State.NOT_FOUND
    payload = await channel.show(desk.order())
    assert await channel.show(desk.order()) == payload
    with pytest.raises(Refused, match="content_inconsistent"):
        await channel.show(desk.order(fen=1))
    assert (await channel.query("A1")).state is State.WAITING
    books.pay("A1")
    paid = await channel.close("A1")
    assert (paid.state, paid.fen, paid.paid_at) == (State.PAID, 20000, desk.clock.now())

    assert (await channel.charge(desk.order("B1"), PAYER_CODE)).state is State.PAID
    books.set_script({"payer": "never"}, "C1")
    assert (await channel.charge(desk.order("C1"), PAYER_CODE)).state is State.PAYING
    assert (await channel.undo("C1")).state is State.CLOSED
    undone = await channel.undo("B1")
    assert (undone.state, undone.refunded_fen) == (State.REFUNDED, 20000)
    assert (await channel.close("D1")).state is State.CLOSED
    books.set_script({"refuses": "insufficient_balance"}, "E1")
    with pytest.raises(Refused, match="insufficient_balance"):
        await channel.charge(desk.order("E1"), PAYER_CODE)

    refund = Refund("A1", "R1", 20000, 20000, "duplicate")
    assert (await channel.refund_query(refund)).state is RefundState.NOT_FOUND
    books.set_script({"refund_s": 60}, "A1")
    assert (await channel.refund(refund)).state is RefundState.PROCESSING
    desk.clock.forward(60)
    assert (await channel.refund_query(refund)).state is RefundState.DONE
    assert (await channel.refund(refund)).fen == 20000
    with pytest.raises(Refused, match="content_inconsistent"):
        await channel.refund(Refund("A1", "R1", 1, 20000))

    day = desk.clock.now().date()
    with pytest.raises(Refused, match="bill_not_ready"):
        await channel.bill(day)
    desk.clock.forward(26 * 3600)
    rows = await channel.bill(day)
    assert [(row.kind, row.order_no, row.refund_no) for row in rows] == [
        (BillKind.PAID, "A1", ""),
        (BillKind.PAID, "B1", ""),
        (BillKind.REFUND, "B1", ""),
        (BillKind.REFUND, "A1", "R1"),
    ]
    assert await channel.bill(day - dt.timedelta(days=3)) == []
    assert {name for name, status in listener.seen if status == 200} == set(OPERATIONS)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"huge", "delay", "late", "drip", "error_503"}))
@pytest.mark.parametrize("desk", ["hmac"], indirect=True)
async def test_what_is_no_answer_is_unknown(desk: Desk, kind: str) -> None:
    await desk.channel.show(desk.order())
    desk.acquirer.control({"do": "fault", "id": f"query.{kind}"})
    with pytest.raises(GatewayUnavailable) as unknown:
        await desk.channel.query("A1")
    assert "A1" not in str(unknown.value)
    assert (await desk.channel.query("A1")).state is State.WAITING


@pytest.mark.parametrize("spoil", ["unsigned", "forged", "stale", "replayed", "wrong_order", "wrong_status"])
async def test_what_the_acquirer_did_not_say_to_this_request_is_unknown(desk: Desk, spoil: str) -> None:
    desk.acquirer.books.set_script({"spoil": spoil}, "A1")
    with pytest.raises(GatewayUnavailable):
        await desk.channel.charge(desk.order(), PAYER_CODE)
    assert desk.acquirer.books.totals() == {"A1": 20000}


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "perhaps"},
        {"state": "paid"},
        {"state": "paid", "paid_fen": 0, "trade_no": "T", "paid_at": "2026-11-21T09:00:00+08:00"},
        {"state": "paid", "paid_fen": 1.5, "trade_no": "T", "paid_at": "2026-11-21T09:00:00+08:00"},
        {"state": "paid", "paid_fen": True, "trade_no": "T", "paid_at": "2026-11-21T09:00:00+08:00"},
        {"state": "paid", "paid_fen": 1, "trade_no": "T", "paid_at": "2026-11-21T09:00:00"},
        {"state": "paid", "paid_fen": 1, "trade_no": "", "paid_at": "2026-11-21T09:00:00+08:00"},
        {"order_no": "A1\n"},
    ],
)
async def test_a_signed_notification_that_says_nothing_usable_is_not_believed(
    desk: Desk, changes: dict[str, Any]
) -> None:
    await desk.channel.show(desk.order())
    headers, body = desk.acquirer.notice("A1", **changes)
    with pytest.raises(Forged):
        desk.channel.notice({name.lower(): value for name, value in headers.items()}, body)


async def test_a_notification_for_another_merchant_is_not_ours(desk: Desk) -> None:
    await desk.channel.show(desk.order())
    desk.acquirer.merchant = "M2"
    headers, body = desk.acquirer.notice("A1")
    with pytest.raises(Forged):
        desk.channel.notice({name.lower(): value for name, value in headers.items()}, body)


async def test_an_answer_cannot_be_played_back_as_a_notification(desk: Desk) -> None:
    await desk.channel.show(desk.order())
    desk.acquirer.books.pay("A1")
    answer = desk.acquirer._signed("n" * 16, {"order_no": "A1", "state": "closed"}, 200)
    with pytest.raises(Forged):
        desk.channel.notice({name.lower(): value for name, value in answer.headers.items()}, bytes(answer.body))


def test_keys_that_are_too_weak() -> None:
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import ed25519

    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        HmacSigner(b"short")
    other = ed25519.Ed25519PrivateKey.generate()
    private = other.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    public = other.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ValueError, match="not an RSA key"):
        RsaSigner(private, public)
    with pytest.raises(ValueError, match="not in PEM"):
        RsaSigner(b"x", public)
