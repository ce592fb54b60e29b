"""Every answer that is not certainly the front's own, fresh answer to this request is *unknown*, never a state."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet import answers, signing
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.gateways.wallet.scripts import BEFORE_EFFECT, Fault
from kiosk.ports.wallet import TradeState
from tests.gateways.wallet.conftest import Hall, Watch, make_client

DOUBTS = sorted(set(Fault) - {Fault.NONE, Fault.REFUSED})


@pytest.mark.parametrize("fault", DOUBTS)
async def test_a_doubtful_answer_to_query_is_no_state(hall: Hall, fault: Fault) -> None:
    await hall.open_trade()
    hall.front.control({"do": "pay"})
    hall.script(fault=fault, on=["query"], times=2)
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            await hall.client.query("NB01A")
    assert (await hall.client.query("NB01A")).state is TradeState.PAID


@pytest.mark.parametrize("fault", DOUBTS)
async def test_after_a_doubtful_create_only_the_next_question_knows(hall: Hall, fault: Fault) -> None:
    hall.script(fault=fault, on="create", times=1)
    with pytest.raises(GatewayUnavailable):
        await hall.open_trade()
    happened = (await hall.client.query("NB01A")).state
    assert happened is (TradeState.NOT_FOUND if fault in BEFORE_EFFECT else TradeState.WAITING)
    assert (await hall.open_trade()).order_no == "NB01A"


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.HTTP_502_PAGE])
async def test_a_refund_whose_answer_is_lost_is_done_once(hall: Hall, fault: Fault) -> None:
    await hall.open_trade()
    hall.front.control({"do": "pay"})
    hall.script(fault=fault, on=["refund"], times=1)
    with pytest.raises(GatewayUnavailable):
        await hall.client.refund("NB01A", "R1", 20000)
    assert (await hall.client.refund("NB01A", "R1", 20000)).state is TradeState.REFUNDED
    assert hall.front.ledger.totals() == {"NB01A": 0}


async def test_a_signed_no_is_a_refusal(hall: Hall) -> None:
    hall.script(fault="refused", on=["create"])
    with pytest.raises(Refused) as refused:
        await hall.open_trade()
    assert (refused.value.code, refused.value.message) == ("trade_refused", "该订单暂不能支付")


async def test_a_front_that_is_not_there(clock: Watch) -> None:
    client = make_client("http://127.0.0.1:1", FakeFront(clock), clock)
    with pytest.raises(GatewayUnavailable):
        await client.query("NB01A")
    await client.aclose()


async def test_a_kiosk_whose_clock_is_wrong(hall: Hall) -> None:
    wrong = Watch()
    wrong.forward(301)
    client = make_client(hall.url, hall.front, wrong)
    with pytest.raises(GatewayUnavailable, match="stale"):
        await client.query("NB01A")
    await client.aclose()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"device_key": b"another key of 32 bytes length.."}, "bad_signature"), ({"device_id": "k-7"}, "bad_signature")],
)
async def test_a_device_that_is_not_let_in(hall: Hall, changes: dict[str, Any], code: str) -> None:
    client = make_client(hall.url, hall.front, hall.clock, **changes)
    with pytest.raises(Refused) as refused:
        await client.create("NB01A", 1, "x", 60)
    assert refused.value.code == code
    assert hall.front.state()["orders"] == []
    await client.aclose()


async def test_the_front_takes_no_nonce_twice(hall: Hall) -> None:
    client = make_client(hall.url, hall.front, hall.clock, nonce=lambda: "the-same-nonce-again")
    await client.query("NB01A")
    with pytest.raises(Refused) as refused:
        await client.query("NB01A")
    assert refused.value.code == "nonce_reused"
    await client.aclose()


async def test_another_front_is_not_believed(hall: Hall) -> None:
    client = make_client(hall.url, hall.front, hall.clock, front_keys=[FakeFront(hall.clock).public_key])
    with pytest.raises(GatewayUnavailable, match="signature"):
        await client.query("NB01A")
    await client.aclose()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"amount_fen": 1}',
        b'{"order_no":"A B","amount_fen":1,"subject":"x","expires_in_s":9,"terminal_id":"t"}',
    ],
)
async def test_the_front_refuses_requests_of_another_form(hall: Hall, body: bytes) -> None:
    key = hall.front.register("raw")
    ts, nonce = int(hall.clock.now().timestamp()), "0123456789abcdef"
    mac = signing.request_mac(key, "POST", "/v1/trades", "raw", ts, nonce, body)
    header = signing.Credentials("raw", ts, nonce, mac).header()
    answer = await hall.phone.post("/v1/trades", content=body, headers={"Authorization": header})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
    assert (await hall.phone.post("/v1/trades", content=body)).status_code == 401


class SignedAnything:
    """A front that signs whatever a test wants, with whatever status."""

    def __init__(self, clock: Watch, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._clock, self._body, self._status, self._extra = clock, body, status, headers or {}
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        nonce = signing.Credentials.parse(request.headers["Authorization"]).nonce
        timestamp = str(int(self._clock.now().timestamp()))
        signature = signing.sign_answer(self.key, timestamp, nonce, self._body)
        headers = {"X-Timestamp": timestamp, "X-Nonce": nonce, "X-Signature": signature, **self._extra}
        return Response(self._body, self._status, headers, "application/json")


async def ask(clock: Watch, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Any:
    """The result of query("A") when the front answers so."""
    front = SignedAnything(clock, body, status, headers)
    async with serve(front.app) as served:
        client = make_client(served.url, FakeFront(clock), clock, front_keys=[front.public])
        try:
            return await client.query("A")
        finally:
            await client.aclose()


PAID: dict[str, Any] = {
    "order_no": "A",
    "state": "paid",
    "amount_fen": 100,
    "trade_no": "T1",
    "paid_at": "2026-11-21T01:00:00Z",
    "wallet": "wechat",
}


async def test_a_front_of_another_make_is_understood(clock: Watch) -> None:
    trade = await ask(clock, json.dumps({**PAID, "new_field": {"x": [1]}}).encode())
    assert trade.paid_at == clock.now()
    assert trade.wallet == "wechat"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"state": "PAID"},
        {"order_no": "a"},
        {"order_no": None},
        {"amount_fen": 0},
        {"amount_fen": -1},
        {"amount_fen": 100.0},
        {"amount_fen": "100"},
        {"amount_fen": True},
        {"amount_fen": None},
        {"trade_no": ""},
        {"wallet": 1},
        {"paid_at": "2026-11-21T01:00:00"},
        {"paid_at": "2026-11-31T01:00:00Z"},
        {"paid_at": 1795219200},
        {"code": "trade_refused"},
    ],
)
async def test_a_signed_answer_with_a_wrong_field_is_no_state(clock: Watch, changes: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        await ask(clock, json.dumps({**PAID, **changes}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"\xff\xfe",
        b"[" * 5000,
        json.dumps(PAID).encode("utf-16"),
        json.dumps(PAID)[:-1].encode() + b',"state":"closed"}',
        json.dumps(PAID)[:-1].encode() + b',"x":NaN}',
        json.dumps(PAID).encode() + b" " * 70_000,
    ],
)
async def test_a_signed_body_that_is_not_one_plain_json_object(clock: Watch, body: bytes) -> None:
    with pytest.raises(GatewayUnavailable):
        await ask(clock, body)


@pytest.mark.parametrize("status", [201, 204, 301, 408, 425, 429, 500, 503])
async def test_a_signed_body_under_another_status_is_no_state(clock: Watch, status: int) -> None:
    with pytest.raises(GatewayUnavailable):
        await ask(clock, json.dumps(PAID).encode() if status != 204 else b"", status)


@pytest.mark.parametrize(
    "body", [{}, {"code": 5}, {"code": ""}, {"code": "x y"}, {"code": "no", "state": "paid"}, PAID]
)
async def test_a_signed_4xx_without_a_code_is_no_refusal(clock: Watch, body: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        await ask(clock, json.dumps(body).encode(), 409)


async def test_a_refusal_message_is_cut_and_cleaned(clock: Watch) -> None:
    with pytest.raises(Refused) as refused:
        await ask(clock, json.dumps({"code": "no", "message": "不\x1b[31m行\n" + "长" * 500}).encode(), 409)
    assert refused.value.message.startswith("不[31m行长")
    assert len(refused.value.message) == answers.MESSAGE_LIMIT


async def test_a_compressed_answer_is_not_read(clock: Watch) -> None:
    with pytest.raises(GatewayUnavailable):
        await ask(clock, json.dumps(PAID).encode(), headers={"Content-Encoding": "gzip"})


async def test_redirects_are_not_followed(clock: Watch) -> None:
    async def away(_request: Request) -> Response:
        return RedirectResponse("/elsewhere")

    async with serve(Starlette(routes=[Route("/{path:path}", away, methods=["POST", "GET"])])) as served:
        client = make_client(served.url, FakeFront(clock), clock)
        with pytest.raises(GatewayUnavailable):
            await client.query("A")
        await client.aclose()


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"amount_fen": 99}, False),
        ({"code_payload": ""}, False),
        ({"code_payload": None}, False),
        ({"code_payload": "x" * 1025}, False),
        ({"code_payload": "a\nb"}, False),
        ({"expires_at": "soon"}, False),
        ({"order_no": "B"}, False),
    ],
)
def test_what_counts_as_a_code(changes: dict[str, Any], fits: bool) -> None:
    body = {
        "order_no": "A",
        "state": "waiting",
        "amount_fen": 100,
        "code_payload": "weixin://x",
        "expires_at": "2026-11-21T09:02:00+08:00",
        **changes,
    }
    if fits:
        assert answers.read_code(body, "A", 100).payload == "weixin://x"
    else:
        with pytest.raises(answers.AnswerError):
            answers.read_code(body, "A", 100)


@pytest.mark.parametrize("changes", [{"refund_no": "R2"}, {"refunded_fen": 99}, {"refunded_fen": None}])
def test_a_refund_counts_only_when_it_is_ours(changes: dict[str, Any]) -> None:
    body = {**PAID, "state": "refunded", "refund_no": "R1", "refunded_fen": 100}
    assert answers.read_refund(body, "A", "R1", 100).state is TradeState.REFUNDED
    with pytest.raises(answers.AnswerError):
        answers.read_refund({**body, **changes}, "A", "R1", 100)


def test_a_refund_that_is_not_done_yet_stays_paid() -> None:
    assert answers.read_refund(PAID, "A", "R1", 100).state is TradeState.PAID


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.binary() | st.dictionaries(st.sampled_from([*PAID, "code"]), _JSON).map(lambda d: json.dumps(d).encode()))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    with contextlib.suppress(answers.AnswerError):
        assert answers.read_trade(answers.read_json(body), "A").order_no == "A"


async def test_logs_hold_no_secret_and_no_content(hall: Hall) -> None:
    with capture_logs() as logs:
        code = await hall.client.create("NB01A", 20000, "张三的罚款", 120)
        hall.script(fault="forged_signature")
        with pytest.raises(GatewayUnavailable) as doubt:
            await hall.client.query("NB01A")
    assert [entry for entry in logs if entry["log_level"] == "warning"]
    told = repr(logs) + str(doubt.value)
    for secret in ("张三", code.payload, "20000", hall.front.register("kiosk-1").hex()):
        assert secret not in told
