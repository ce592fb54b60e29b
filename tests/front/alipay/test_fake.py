"""The fake Alipay is a strict and separate party: an independent client can use it, and it refuses what the real one refuses."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from kiosk.front.alipay.channel import open_channel
from kiosk.front.alipay.fake import FakeAlipay
from kiosk.front.alipay.fake_scripts import PRESETS, read_script
from kiosk.front.alipay.settings import AlipaySettings
from kiosk.front.channel import Channel, Order, State
from kiosk.gateways.embedded import serve
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import SHANGHAI, SystemClock
from tests.front.alipay.conftest import PAYER, VECTORS, Hall, connect, stored_key
from tests.gateways.process import start, stop


class SdkClock:
    """The SDK tells its machine's local time as if it were Beijing's."""

    def now(self) -> dt.datetime:
        return dt.datetime.now().replace(tzinfo=SHANGHAI)


async def test_an_independent_client_pays_asks_and_refunds(oracle: ModuleType) -> None:
    fake = FakeAlipay(SdkClock(), keys=(stored_key("alipay_key.pem"), stored_key("app_key_pkcs8.pem")))
    sdk = oracle.AliPay(
        appid=fake.merchant.app_id,
        app_private_key_string=(VECTORS / "app_key_pkcs8.pem").read_text(),
        alipay_public_key_string=(VECTORS / "alipay_public.pem").read_text(),
    )
    async with serve(fake.app) as served:
        sdk._gateway = f"{served.url}/gateway.do"

        async def ask(name: str, **fields: Any) -> Any:
            return await asyncio.to_thread(getattr(sdk, f"api_alipay_trade_{name}"), **fields)

        shown = await ask("precreate", subject="罚款", out_trade_no="NB01A", total_amount="200.00")
        assert shown["qr_code"].startswith("https://qr.alipay.com/")
        assert (await ask("query", out_trade_no="NB01A"))["sub_code"] == "ACQ.TRADE_NOT_EXIST"
        fake.control({"do": "pay"})
        assert (await ask("query", out_trade_no="NB01A"))["trade_status"] == "TRADE_SUCCESS"
        back = await ask("refund", refund_amount="50.00", out_trade_no="NB01A", out_request_no="R1")
        assert (back["fund_change"], back["refund_fee"]) == ("Y", "50.00")
        found = await ask("fastpay_refund_query", out_request_no="R1", out_trade_no="NB01A")
        assert found["refund_amount"] == "50.00"
        charged = await ask(
            "pay", out_trade_no="NB01B", scene="bar_code", auth_code=PAYER, subject="罚款", total_amount="1.00"
        )
        assert charged["code"] == "10000"
        undone = await ask("cancel", out_trade_no="NB01B")
        assert (undone["action"], undone["retry_flag"]) == ("refund", "N")
    assert fake.books() == {"NB01A": {"paid": 20000, "refunded": 5000}, "NB01B": {"paid": 100, "refunded": 100}}


@pytest.mark.parametrize(
    ("changes", "sub_code"),
    [
        ({"sign": "AAAA"}, "isv.invalid-signature"),
        ({"biz_content": '{"out_trade_no":"NB01B"}'}, "isv.invalid-signature"),
        ({"app_id": "2021999999999999"}, "isv.invalid-app-id"),
        ({"timestamp": "2026-11-21 01:00:00"}, "isv.invalid-signature"),
        ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
        ({"charset": ""}, "isv.missing-charset"),
    ],
)
async def test_requests_that_the_gateway_does_not_take(hall: Hall, changes: dict[str, str], sub_code: str) -> None:
    fields = {**hall.channel._gateway.parameters("alipay.trade.query", {"out_trade_no": "NB01A"}), **changes}
    answer = (await hall.phone.post("/gateway.do", data=fields)).json()
    assert answer["error_response"]["sub_code"] == sub_code
    assert "sign" not in answer


async def test_a_client_that_lives_in_another_time_zone_is_not_taken(hall: Hall) -> None:
    hall.clock.forward(-8 * 3600)
    fields = hall.channel._gateway.parameters("alipay.trade.query", {"out_trade_no": "NB01A"})
    hall.clock.forward(8 * 3600)
    answer = (await hall.phone.post("/gateway.do", data=fields)).json()
    assert answer["error_response"]["sub_code"] == "isv.invalid-timestamp"


async def test_controls_over_http(hall: Hall) -> None:
    await hall.channel.show(hall.order())
    script = await hall.phone.post("/_sim/script", json={"order_no": "NB01A", "preset": "unscanned"})
    assert script.json()["script"]["payer"] == "never"
    assert (await hall.phone.post("/_sim/pay", json={"order_no": "NB01A"})).status_code == 400
    await hall.phone.post("/_sim/script", json={"order_no": "NB01A"})
    assert (await hall.phone.post("/_sim/pay")).json() == {"order_no": "NB01A", "state": "paid"}
    assert (await hall.phone.get("/_sim/books")).json()["books"] == {"NB01A": {"paid": 20000, "refunded": 0}}
    assert (await hall.phone.get("/_sim/state")).json()["orders"][0]["state"] == "paid"
    assert (await hall.phone.post("/_sim/notify")).json() == {"answers": []}
    for wrong in ({"preset": "?"}, {"fault": "?"}, {"seconds": []}, {"unknown": 1}, []):
        assert (await hall.phone.post("/_sim/script", json=wrong)).status_code == 400
    assert (await hall.phone.post("/_sim/dance")).status_code == 400
    await hall.phone.post("/_sim/reset")
    assert hall.wallet.books() == {}


async def test_the_bench_hears_of_changes(hall: Hall) -> None:
    heard: list[int] = []
    device: VirtualDevice = hall.wallet
    stop_listening = device.listen(lambda: heard.append(1))
    await hall.channel.show(hall.order())
    assert heard
    stop_listening()
    heard.clear()
    device.control({"do": "pay"})
    assert heard == []


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_survives_being_written_and_read(preset: str) -> None:
    assert read_script(PRESETS[preset].as_dict()) == PRESETS[preset]


async def test_a_trade_that_is_abandoned_closes_when_it_runs_out(hall: Hall) -> None:
    hall.script(order_no="NB01A", preset="abandons")
    await hall.channel.show(hall.order())
    hall.clock.forward(5)
    assert (await hall.channel.query("NB01A")).state is State.PAYING
    hall.clock.forward(120)
    assert (await hall.channel.query("NB01A")).state is State.CLOSED


async def test_an_application_with_certificates(hall: Hall) -> None:
    files = {"app": "app_certificate.crt", "alipay": "alipay_certificate.crt", "root": "alipay_root.crt"}
    settings = AlipaySettings(
        **{
            **hall.wallet.merchant.settings(hall.folder, hall.url),
            **{f"{name}_certificate_file": VECTORS / file for name, file in files.items()},
            "alipay_key_file": None,
        }
    )
    channel: Channel = open_channel(settings, hall.clock)
    assert (await channel.charge(hall.order(), PAYER)).state is State.PAID
    await channel.aclose()


async def test_a_terminals_agreed_text_is_passed_on(hall: Hall) -> None:
    channel = connect(
        hall.wallet, hall.url, hall.clock, hall.folder, terminal_params={"NB01T001": '{"terminalType":"IOT"}'}
    )
    content = channel._content(hall.order())
    assert (content["terminal_id"], content["terminal_params"]) == ("NB01T001", '{"terminalType":"IOT"}')
    await channel.aclose()


async def test_as_a_program_of_its_own(tmp_path: Path) -> None:
    process, url = await asyncio.to_thread(start, "kiosk.front.alipay", "--keys", str(tmp_path), "--script", "pays")
    try:
        members = {
            "url": url,
            "app_id": "2021000000000001",
            "seller_id": "2088000000000001",
            "private_key_file": tmp_path / "alipay_app_key.pem",
            "alipay_key_file": tmp_path / "alipay_public_key.pem",
        }
        clock = SystemClock()
        channel = open_channel(AlipaySettings(**members), clock)
        order = Order("NB01A", 100, "罚款", clock.now() + dt.timedelta(seconds=60), "NB01T001")
        assert await channel.show(order)
        await channel.aclose()
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            books = (await client.get(url.replace("/gateway.do", "/_sim/books"))).json()["books"]
        assert books == {"NB01A": {"paid": 0, "refunded": 0}}
    finally:
        code = await asyncio.to_thread(stop, process, signal.SIGTERM)
    assert code == 0
