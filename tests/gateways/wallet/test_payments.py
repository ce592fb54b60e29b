"""What payers do, over a real socket: each script of the fake wallet as the kiosk sees it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import jsonschema
import pytest
import yaml
from starlette.applications import Starlette
from starlette.routing import Mount

from kiosk.domain.errors import Refused
from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet import client as client_module
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import Trade, TradeState, Wallet
from tests.gateways.wallet.conftest import Hall, Watch, make_client


async def test_a_code_waits_until_a_person_pays_on_the_page(hall: Hall) -> None:
    code = await hall.open_trade()
    assert code.order_no == "NB01A"
    assert code.expires_at == hall.clock.now() + dt.timedelta(seconds=120)
    assert code.payload.startswith(hall.url + "/pay/")
    assert await hall.client.query("NB01A") == Trade("NB01A", TradeState.WAITING)

    page = await hall.phone.get(code.payload)
    assert page.status_code == 200
    assert "模拟付款" in page.text
    assert "¥200.00" in page.text
    assert "交通违法罚款" in page.text
    assert "已付款" in (await hall.phone.post(code.payload)).text

    trade = await hall.client.query("NB01A")
    assert (trade.state, trade.amount_fen, trade.wallet) == (TradeState.PAID, 20000, "alipay")
    assert trade.trade_no
    assert trade.paid_at == hall.clock.now()
    assert "已付款" in (await hall.phone.get(code.payload)).text


async def test_the_page_escapes_what_the_kiosk_sent(hall: Hall) -> None:
    code = await hall.client.create("NB01A", 1, "<script>alert(1)</script>", 120)
    page = await hall.phone.get(code.payload)
    assert "<script>" not in page.text
    assert (await hall.phone.get(hall.url + "/pay/nobody")).status_code == 404


async def test_same_number_and_content_is_the_same_trade_and_other_content_is_refused(hall: Hall) -> None:
    first = await hall.open_trade()
    hall.clock.forward(10)
    assert await hall.open_trade() == first
    with pytest.raises(Refused) as refused:
        await hall.client.create("NB01A", 20001, "交通违法罚款", 120)
    assert refused.value.code == "content_inconsistent"


async def test_a_repeated_create_after_payment_still_gives_the_code(hall: Hall) -> None:
    first = await hall.open_trade()
    hall.front.control({"do": "pay"})
    assert await hall.open_trade() == first
    assert (await hall.client.query("NB01A")).state is TradeState.PAID


async def test_pays_by_itself_after_some_seconds(hall: Hall) -> None:
    hall.script(preset="pays", seconds=5)
    await hall.open_trade()
    hall.clock.forward(4.9)
    assert (await hall.client.query("NB01A")).state is TradeState.WAITING
    hall.clock.forward(60)
    trade = await hall.client.query("NB01A")
    assert trade.state is TradeState.PAID
    assert trade.paid_at == dt.datetime(2026, 11, 21, 9, 0, 5, tzinfo=hall.clock.now().tzinfo)


async def test_never_pays_and_runs_out(hall: Hall) -> None:
    hall.script(preset="never")
    code = await hall.open_trade()
    assert (await hall.phone.post(code.payload)).status_code == 409
    hall.clock.forward(120)
    assert (await hall.client.query("NB01A")).state is TradeState.CLOSED
    assert "已失效" in (await hall.phone.get(code.payload)).text
    with pytest.raises(Refused) as refused:
        await hall.open_trade()
    assert refused.value.code == "trade_closed"


async def test_pays_after_the_code_ran_out(hall: Hall) -> None:
    hall.script(preset="late", seconds=60)
    await hall.open_trade()
    hall.clock.forward(179)
    assert (await hall.client.query("NB01A")).state is TradeState.WAITING
    hall.clock.forward(1)
    assert (await hall.client.query("NB01A")).state is TradeState.PAID


async def test_wrong_amount_is_told_as_it_is(hall: Hall) -> None:
    hall.script(preset="wrong_amount", seconds=0)
    await hall.open_trade("NB01B")
    trade = await hall.client.query("NB01B")
    assert (trade.state, trade.amount_fen) == (TradeState.PAID, 19999)


async def test_close_ends_an_unpaid_trade_for_good(hall: Hall) -> None:
    code = await hall.open_trade()
    assert await hall.client.close("NB01A") == Trade("NB01A", TradeState.CLOSED)
    assert await hall.client.close("NB01A") == Trade("NB01A", TradeState.CLOSED)
    assert (await hall.phone.post(code.payload)).status_code == 409
    assert (await hall.client.query("NB01A")).state is TradeState.CLOSED


async def test_the_citizen_is_faster_than_close(hall: Hall) -> None:
    hall.script(preset="pays_at_close")
    await hall.open_trade()
    assert (await hall.client.close("NB01A")).state is TradeState.PAID


async def test_a_wallet_that_takes_money_after_close(hall: Hall) -> None:
    hall.script(preset="pays_after_close")
    await hall.open_trade()
    assert (await hall.client.close("NB01A")).state is TradeState.CLOSED
    assert (await hall.client.query("NB01A")).state is TradeState.PAID


async def test_an_order_nobody_knows_is_a_state_not_a_refusal(hall: Hall) -> None:
    assert await hall.client.query("NB01Z") == Trade("NB01Z", TradeState.NOT_FOUND)


async def test_a_number_closed_before_it_was_opened_stays_closed(hall: Hall) -> None:
    """What was still on the way when the kiosk gave up must not charge anybody afterwards."""
    assert (await hall.client.close("NB01Z")).state is TradeState.CLOSED
    for opening in (
        lambda: hall.client.create("NB01Z", 20000, "交通违法罚款", 120),
        lambda: hall.client.charge("NB01Z", 20000, "交通违法罚款", "280000000000000001", 60),
    ):
        with pytest.raises(Refused) as refused:
            await opening()
        assert refused.value.code == "trade_closed"
    assert (await hall.client.query("NB01Z")).state is TradeState.CLOSED


async def test_refund_is_whole_and_idempotent(hall: Hall) -> None:
    await hall.open_trade()
    with pytest.raises(Refused) as early:
        await hall.client.refund("NB01A", "NB01AR1", 20000)
    assert early.value.code == "trade_not_paid"
    hall.front.control({"do": "pay", "order_no": "NB01A"})
    with pytest.raises(Refused) as part:
        await hall.client.refund("NB01A", "NB01AR1", 1)
    assert part.value.code == "refund_amount"
    first = await hall.client.refund("NB01A", "NB01AR1", 20000)
    assert (first.state, first.amount_fen) == (TradeState.REFUNDED, 20000)
    assert await hall.client.refund("NB01A", "NB01AR1", 20000) == first
    with pytest.raises(Refused) as second:
        await hall.client.refund("NB01A", "NB01AR2", 20000)
    assert second.value.code == "already_refunded"
    assert (await hall.client.query("NB01A")).state is TradeState.REFUNDED
    assert hall.front.control({"do": "ledger"}) == {"totals": {"NB01A": 0}}


@pytest.mark.parametrize("arguments", [("", 1, "x", 1), ("A" * 33, 1, "x", 1), ("A", 0, "x", 1), ("A", 1, "x", 0)])
async def test_what_no_wallet_takes_never_leaves_the_kiosk(hall: Hall, arguments: tuple[str, int, str, float]) -> None:
    with pytest.raises(ValueError):
        await hall.client.create(*arguments)
    assert hall.front.state()["orders"] == []


async def test_control_over_http(hall: Hall) -> None:
    await hall.open_trade()
    assert (await hall.phone.post("/_sim/pay", json={"order_no": "NB01A"})).json()["state"] == "paid"
    assert (await hall.phone.get("/_sim/ledger")).json() == {"totals": {"NB01A": 20000}}
    assert (await hall.phone.post("/_sim/script", json={"order_no": "NB01B", "preset": "never"})).status_code == 200
    for verb, body in (
        ("pay", {"order_no": "NB01Z"}),
        ("script", {"payer": "nobody"}),
        ("script", {"x": 1}),
        ("fly", {}),
    ):
        answer = await hall.phone.post(f"/_sim/{verb}", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert (await hall.phone.post("/_sim/reset")).status_code == 200
    assert (await hall.phone.get("/_sim/state")).json()["orders"] == []


async def test_the_front_is_a_virtual_device(hall: Hall) -> None:
    device: VirtualDevice = hall.front
    wallet: Wallet = hall.client
    heard: list[str] = []
    stop = device.listen(lambda: heard.append(device.state()["orders"][-1]["state"]))
    await wallet.create("NB01A", 5, "x", 60)
    device.control({"do": "pay"})
    stop()
    await wallet.query("NB01A")
    assert heard == ["waiting", "paid"]
    with pytest.raises(ValueError, match="nothing_to_pay"):
        device.control({"do": "pay"})
    with pytest.raises(ValueError):
        device.control({})


async def test_books_and_keys_survive_a_restart(clock: Watch, tmp_path: Path) -> None:
    file = tmp_path / "wallet.json"
    front = FakeFront(clock, state_file=file)
    async with serve(front.app) as served:
        client = make_client(served.url, front, clock)
        front.control({"do": "script", "order_no": "NB01A", "preset": "pays", "seconds": 30})
        code = await client.create("NB01A", 300, "x", 60)
        await client.aclose()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    clock.forward(40)
    again = FakeFront(clock, state_file=file)
    assert again.public_key == front.public_key
    async with serve(again.app) as served:
        client = make_client(served.url, front, clock)
        trade = await client.query("NB01A")
        await client.aclose()
    assert (trade.state, trade.amount_fen) == (TradeState.PAID, 300)
    assert again.state()["orders"][0]["code_payload"] == code.payload


async def test_a_front_below_a_path(clock: Watch) -> None:
    front = FakeFront(clock)
    async with serve(Starlette(routes=[Mount("/pay-front", front.app)])) as served:
        client = make_client(served.url + "/pay-front/", front, clock)
        code = await client.create("NB01A", 300, "x", 60)
        assert code.payload.startswith(served.url + "/pay-front/pay/")
        await client.aclose()


async def test_answers_are_what_the_contract_says(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = yaml.safe_load((Path(client_module.__file__).parent / "openapi.yaml").read_text("utf-8"))
    assert contract["openapi"].startswith("3.1")

    def check(name: str, body: bytes) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": contract["components"]}
        jsonschema.Draft202012Validator(schema).validate(json.loads(body))

    seen: list[tuple[str, int]] = []
    exchange = hall.client._http.exchange

    async def recording(operation: str, method: str, path: str, **rest: object) -> object:
        answer = await exchange(operation, method, path, **rest)  # type: ignore[arg-type]
        operations = contract["paths"]["/" + path]["post"]
        request = operations["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        check(request, rest["content"])  # type: ignore[arg-type]
        check("Trade" if answer.status == 200 else "Refusal", answer.body)
        seen.append((operation, answer.status))
        return answer

    monkeypatch.setattr(hall.client._http, "exchange", recording)
    hall.script(payer="undone_at_close", payer_code="280000000000000001")
    await hall.client.charge("NB01C", 300, "x", "280000000000000001", 60)
    await hall.client.close("NB01C")
    hall.script(preset="no_balance", payer_code="280000000000000002")
    with pytest.raises(Refused):
        await hall.client.charge("NB01D", 300, "x", "280000000000000002", 60)
    assert (await hall.client.query("NB01D")).reason == "insufficient_balance"
    assert seen == [("charge", 200), ("close", 200), ("charge", 409), ("query", 200)]
    seen.clear()
    await hall.open_trade()
    await hall.client.query("NB01A")
    await hall.client.query("NB01Z")
    hall.front.control({"do": "pay"})
    await hall.client.close("NB01A")
    await hall.client.refund("NB01A", "R1", 20000)
    with pytest.raises(Refused):
        await hall.client.refund("NB01A", "R2", 20000)
    assert len(seen) == 6


async def test_the_stand_alone_program_serves_a_kiosk() -> None:
    loop = asyncio.get_running_loop()
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.gateways.wallet", "--port", "0", "--device", "k9", "--device-key", "ab" * 16],
        stdout=write,
    )
    os.close(write)
    try:
        with os.fdopen(read) as lines:
            told = {}
            for _ in range(4):
                line = await loop.run_in_executor(None, lines.readline)
                told[line[:15].strip()] = line[15:].strip()
            client = make_client(
                told["payment front"],
                FakeFront(),
                SystemClock(),
                device_id="k9",
                device_key=bytes.fromhex("ab" * 16),
                front_keys=[told["front key"]],
            )
            code = await client.create("NB01A", 100, "x", 60)
            async with httpx.AsyncClient(trust_env=False) as phone:
                assert (await phone.post(code.payload)).status_code == 200
            assert (await client.query("NB01A")).state is TradeState.PAID
            await client.aclose()
    finally:
        process.terminate()
        assert await loop.run_in_executor(None, process.wait) == 0
