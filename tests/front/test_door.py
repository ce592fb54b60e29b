"""Who is let in, and what every answer looks like: the front's door and its answers against the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.gateways.wallet.answers import read_refusal
from kiosk.ports.wallet import TradeState
from tests.front import hall as halls
from tests.front.hall import PAYER_CODE, SUBJECT, Hall, Watch, client, hall
from tests.front.raw import Raw
from tests.gateways.contract import Contract

CONTRACT = Contract("kiosk.gateways.wallet")
SHOW = {"order_no": "NB01A", "amount_fen": 20000, "subject": SUBJECT, "expires_in_s": 120, "terminal_id": "NB01"}
CHARGE = {**SHOW, "payer_code": PAYER_CODE, "expires_in_s": 60}
PATHS = {path: (name, operation) for name, (_, path, operation) in CONTRACT.operations.items()}


@pytest.fixture
async def pay(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path, clock=Watch()) as made:
        yield made


@pytest.fixture
async def raw(pay: Hall) -> AsyncIterator[Raw]:
    made = Raw(pay)
    yield made
    await made.aclose()


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, read_refusal(answer.json())[0]


async def test_the_front_serves_the_contracts_operations_and_no_others(pay: Hall) -> None:
    served = {route.path for route in pay.front.app.routes if route.path.startswith("/v1/")}
    assert served == set(PATHS)


async def test_every_kind_of_answer_is_as_described(pay: Hall, raw: Raw) -> None:
    pay.script("NB01C", refuses="insufficient_balance")
    pay.script("NB01D", payer="never")
    pay.script("NB01E", payer="at_close", seconds=60)
    asked: list[tuple[str, dict[str, Any], int]] = [
        ("/v1/trades", SHOW, 200),
        ("/v1/trades/query", {"order_no": "NB01A"}, 200),
        ("/v1/trades", {**SHOW, "amount_fen": 1}, 409),
        ("/v1/trades/close", {"order_no": "NB01A"}, 200),
        ("/v1/trades", SHOW, 409),
        ("/v1/trades/charge", {**CHARGE, "order_no": "NB01B"}, 200),
        ("/v1/trades/refund", {"order_no": "NB01B", "refund_no": "R1", "amount_fen": 20000}, 200),
        ("/v1/trades/query", {"order_no": "NB01B"}, 200),
        ("/v1/trades/refund", {"order_no": "NB01B", "refund_no": "R2", "amount_fen": 20000}, 409),
        ("/v1/trades/refund", {"order_no": "nothing", "refund_no": "R2", "amount_fen": 20000}, 404),
        ("/v1/trades/charge", {**CHARGE, "order_no": "NB01C"}, 409),
        ("/v1/trades/query", {"order_no": "NB01C"}, 200),
        ("/v1/trades/charge", {**CHARGE, "order_no": "NB01D"}, 200),
        ("/v1/trades/charge", {**CHARGE, "order_no": "NB01E"}, 200),
        ("/v1/trades/close", {"order_no": "NB01E"}, 200),
        ("/v1/trades/query", {"order_no": "nobody"}, 200),
        ("/v1/trades/close", {"order_no": "nobody"}, 200),
        ("/v1/bills", {"day": "2026-11-21", "page": 1}, 409),
        ("/v1/bills", {"day": "2026-11-20", "page": 1}, 409),
        ("/v1/bills", {"day": "2026-11-19", "page": 1}, 200),
        ("/v1/bills", {"day": "2026-11-19", "page": 2}, 400),
        ("/v1/bills", {"day": "2026-02-30", "page": 1}, 400),
    ]
    for path, fields, status in asked:
        answer = await raw.send(path, fields)
        assert answer.status_code == status, (path, fields, answer.text)
        name, operation = PATHS[path]
        CONTRACT.check_answer(name, answer)
        if status == 200:
            CONTRACT.validate(
                fields, CONTRACT.resolve(operation["requestBody"])["content"]["application/json"]["schema"]
            )
        assert len(answer.content) <= 64 * 1024


@pytest.mark.parametrize(
    ("how", "status", "word"),
    [
        ({"header": ""}, 401, "unauthenticated"),
        ({"header": "Bearer x"}, 401, "unauthenticated"),
        ({"device": "NB09"}, 401, "bad_signature"),
        ({"key": b"another key of NB01 in the tests"}, 401, "bad_signature"),
        ({"device": "NB01", "key": halls.DEVICES["NB02"]}, 401, "bad_signature"),
        ({"target": "/v1/trades"}, 401, "bad_signature"),
        ({"method": "GET"}, 401, "bad_signature"),
        ({"body": b"{}"}, 401, "bad_signature"),
        ({"ts_off": 301}, 401, "stale_request"),
        ({"ts_off": -301}, 401, "stale_request"),
    ],
)
async def test_who_is_not_let_in(raw: Raw, how: dict[str, Any], status: int, word: str) -> None:
    answer = await raw.send("/v1/trades/query", {"order_no": "NB01A"}, **how)
    assert code(answer) == (status, word)
    CONTRACT.check_answer("queryTrade", answer)


async def test_the_clocks_may_be_five_minutes_apart(raw: Raw) -> None:
    for off in (300, -300):
        assert (await raw.send("/v1/trades/query", {"order_no": "A"}, ts_off=off)).status_code == 200


async def test_a_request_played_again_is_refused_also_after_a_restart(tmp_path: Path) -> None:
    clock, files = Watch(), halls.Files(tmp_path)
    from kiosk.front.acquirer.fake import FakeAcquirer
    from kiosk.front.acquirer.signing import HmacSigner
    from kiosk.gateways.embedded import serve

    acquirer, nonce = FakeAcquirer(HmacSigner(halls.SECRET), clock), "n" * 24
    async with serve(acquirer.app) as remote:
        for expected in (200, 401, 401):
            async with halls.front(files, acquirer, remote.url, clock) as made:
                raw = Raw(made)
                answer = await raw.send("/v1/trades/charge", CHARGE, nonce=nonce)
                assert answer.status_code == expected
                await raw.aclose()
    assert sum(name == "charge" for name, _ in acquirer.calls) == 1


async def test_a_query_in_the_request_line_is_signed_too(raw: Raw) -> None:
    path = "/v1/trades/query?x=1"
    assert (await raw.send(path, {"order_no": "A"})).status_code == 200
    assert code(await raw.send(path, {"order_no": "A"}, target="/v1/trades/query")) == (401, "bad_signature")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        (b"", "bad_request"),
        (b"[]", "bad_request"),
        (b'{"order_no":"A","order_no":"B"}', "bad_request"),
        (b"\xff", "bad_request"),
        ({**SHOW, "amount_fen": 0}, "bad_request"),
        ({**SHOW, "amount_fen": "20000"}, "bad_request"),
        ({**SHOW, "amount_fen": True}, "bad_request"),
        ({**SHOW, "amount_fen": 1.0}, "bad_request"),
        ({**SHOW, "amount_fen": 10**10 + 1}, "bad_request"),
        ({**SHOW, "order_no": "A" * 33}, "bad_request"),
        ({**SHOW, "order_no": "A\n"}, "bad_request"),
        ({**SHOW, "order_no": "../x"}, "bad_request"),
        ({**SHOW, "expires_in_s": 86401}, "bad_request"),
        ({**SHOW, "subject": ""}, "bad_request"),
        ({name: value for name, value in SHOW.items() if name != "terminal_id"}, "bad_request"),
    ],
)
async def test_requests_that_are_none(pay: Hall, raw: Raw, fields: Any, word: str) -> None:
    answer = await raw.send("/v1/trades", fields)
    assert code(answer) == (400, word)
    CONTRACT.check_answer("createTrade", answer)
    assert pay.acquirer.calls == []


async def test_too_large_a_request_is_not_read_to_its_end(raw: Raw) -> None:
    assert code(await raw.send("/v1/trades", b" " * 20_000)) == (413, "too_large")


@pytest.mark.parametrize(
    ("payer_code", "status", "word"),
    [("123", 400, "payer_code_invalid"), ("28000000000000000x", 400, "payer_code_invalid")],
)
async def test_payer_codes_that_are_none(raw: Raw, payer_code: str, status: int, word: str) -> None:
    answer = await raw.send("/v1/trades/charge", {**CHARGE, "payer_code": payer_code})
    assert code(answer) == (status, word)
    assert payer_code not in answer.text


async def test_outside_the_hours_of_the_pay_service_nothing_is_opened_and_everything_is_finished(
    tmp_path: Path,
) -> None:
    clock = Watch()
    async with hall(tmp_path, clock=clock, hours="03:00-21:00") as pay:
        await pay.show()
        clock.forward(12 * 3600)
        kiosk = client(pay.url, pay.files.public_key, clock)
        for opening in (kiosk.create("B", 1, SUBJECT, 60), kiosk.charge("B", 1, SUBJECT, PAYER_CODE, 60)):
            with pytest.raises(Refused, match="closed_hours"):
                await opening
        assert (await kiosk.close("NB01A")).state is TradeState.CLOSED
        await kiosk.aclose()


async def test_a_ledger_that_cannot_be_written_lets_nobody_in_and_asks_no_wallet(pay: Hall) -> None:
    await pay.front.store.close()
    pay.front.store._thread = type(pay.front.store._thread)("front-ledger")
    with pytest.raises(GatewayUnavailable, match="not signed"):
        await pay.show()
    assert pay.acquirer.calls == []
    async with httpx.AsyncClient(base_url=pay.url, trust_env=False, verify=False) as watcher:
        assert (await watcher.get("/health")).json() == {"status": "ledger"}
