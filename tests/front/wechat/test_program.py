"""The fake as a program: it writes what a front needs, and a front with that believes it."""

from __future__ import annotations

import signal
import tomllib
from pathlib import Path

import httpx

from kiosk.front.channel import State
from kiosk.front.wechat.channel import open_channel
from kiosk.front.wechat.fake import FakeWeChatPay
from kiosk.front.wechat.fake_keys import FakeKeys
from kiosk.front.wechat.settings import WeChatPay
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SystemClock
from tests.front.wechat.conftest import CODE, Hall, Watch
from tests.gateways.process import start, stop


async def test_a_front_takes_the_settings_that_the_program_writes(hall: Hall, tmp_path: Path) -> None:
    process, url = start("kiosk.front.wechat", "--folder", str(tmp_path / "keys"), "--script", "pays")
    try:
        written = tomllib.loads((tmp_path / "keys" / "wechat.toml").read_text("utf-8"))
        assert written["wechat"]["url"] == url
        assert (tmp_path / "keys" / "apiv3_key").stat().st_mode & 0o077 == 0
        channel = open_channel(WeChatPay.model_validate(written["wechat"]), SystemClock())
        assert (await channel.charge(hall.order(), CODE)).state is State.PAYING
        await channel.aclose()
    finally:
        assert stop(process, signal.SIGTERM) == 0


async def test_a_person_pays_on_a_page_where_phones_can_reach_the_fake(clock: Watch, keys: FakeKeys) -> None:
    wallet = FakeWeChatPay(clock, keys, public_url="http://10.0.0.5:8104/")
    fields = {"out_trade_no": "N1", "amount": {"total": 20_000}, "description": "<b>罚款"}
    code = wallet.ledger.native(fields).code_url
    assert code.startswith("http://10.0.0.5:8104/pay/")
    async with serve(wallet.app) as served, httpx.AsyncClient(base_url=served.url, trust_env=False) as phone:
        page = code.removeprefix("http://10.0.0.5:8104")
        shown = await phone.get(page)
        assert "¥200.00" in shown.text
        assert "<b>" not in shown.text
        assert "已付款" in (await phone.post(page)).text
        assert (await phone.get("/pay/nobody")).status_code == 404
        assert (await phone.get("/_sim/books")).json() == {"books": {"N1": {"paid": 20_000, "refunded": 0}}}
        assert (await phone.post("/_sim/control", json={"do": "script", "preset": "never"})).status_code == 200
        assert (await phone.post("/_sim/dance")).status_code == 400
        assert (await phone.get("/_sim/state")).json()["default_script"]["payer"] == "never"
    await wallet.aclose()
