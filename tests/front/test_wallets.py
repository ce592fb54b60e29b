"""A front with contracts of its own with Alipay and WeChat Pay: whose code is shown, and whose codes are taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings import SettingsError
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.alipay.fake import FakeAlipay
from kiosk.front.check import check
from kiosk.front.front import Front, build, opened
from kiosk.front.settings import FrontSettings, load
from kiosk.front.wechat.fake import FakeWeChatPay
from kiosk.front.wechat.fake_keys import FakeKeys, make_keys
from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import TradeState
from tests.front.alipay.conftest import stored_key
from tests.front.hall import SUBJECT, Files, client
from tests.front.test_kill import toml

ALIPAY_CODE, WECHAT_CODE, UNIONPAY_CODE = "280000000000000001", "130000000000000001", "6200000000000000001"


@dataclass
class House:
    front: Front
    kiosk: WalletClient
    alipay: FakeAlipay
    wechat: FakeWeChatPay

    async def charge(self, number: str, code: str) -> TradeState:
        return (await self.kiosk.charge(number, 20000, SUBJECT, code, 60)).state

    async def until(self, number: str, state: TradeState) -> None:
        """Each answer is newer than its question, so asking is progress."""
        for _ in range(200):
            if (await self.kiosk.query(number)).state is state:
                return
        pytest.fail(f"not {state} after 200 askings")


@pytest.fixture(scope="module")
def wechat_keys() -> FakeKeys:
    return make_keys(SystemClock().now())


@pytest.fixture
async def house(request: pytest.FixtureRequest, tmp_path: Path, wechat_keys: FakeKeys) -> AsyncIterator[House]:
    """Shows Alipay's code, unless parametrised with another."""
    clock, files = SystemClock(), Files(tmp_path)
    alipay = FakeAlipay(clock, keys=(stored_key("alipay_key.pem"), stored_key("app_key_pkcs8.pem")))
    wechat = FakeWeChatPay(clock, wechat_keys)
    async with serve(alipay.app) as a, serve(wechat.app) as w:
        told = files.settings("", shown=getattr(request, "param", "alipay"))
        del told["acquirer"]
        told["alipay"] = alipay.merchant.settings(tmp_path, a.url)
        told["wechat"] = wechat.keys.settings(tmp_path, w.url, "https://pay.example/notify/wechat")
        front = build(FrontSettings.model_validate(told), clock)
        async with opened(front), serve(front.app) as served:
            kiosk = client(served.url, files.public_key, clock)
            yield House(front, kiosk, alipay, wechat)
            await kiosk.aclose()
            assert await check(front.store, clock.now()) == []
        await wechat.aclose()


async def test_each_payers_code_goes_to_its_wallet(house: House) -> None:
    for number, code, wallet in (("A1", ALIPAY_CODE, "alipay"), ("W1", WECHAT_CODE, "wechat")):
        if await house.charge(number, code) is not TradeState.PAID:
            await house.until(number, TradeState.PAID)
        trade = await house.kiosk.query(number)
        assert (trade.wallet, trade.amount_fen) == (wallet, 20000)
        assert (await house.kiosk.refund(number, f"{number}R1", 20000)).wallet == wallet
        await house.until(number, TradeState.REFUNDED)


async def test_codes_that_no_wallet_here_takes(house: House) -> None:
    with pytest.raises(Refused, match="wallet_not_taken"):
        await house.charge("U1", UNIONPAY_CODE)
    with pytest.raises(Refused, match="payer_code_invalid"):
        await house.charge("X1", "9" * 18)
    assert (await house.kiosk.query("U1")).state is TradeState.NOT_FOUND
    assert await house.front.store.events() == []


@pytest.mark.parametrize("house", ["alipay", "wechat"], indirect=True)
async def test_one_wallets_code_is_shown_paid_and_given_up(house: House) -> None:
    shown = house.front.counter._shown
    wallet = house.alipay if shown == "alipay" else house.wechat
    await house.kiosk.create("S1", 20000, SUBJECT, 120)
    assert (await house.kiosk.query("S1")).state is TradeState.WAITING, (
        "the front knows it, whether the wallet does or not"
    )
    wallet.control({"do": "pay", "order_no": "S1"})
    await house.until("S1", TradeState.PAID)
    assert (await house.kiosk.query("S1")).wallet == shown
    await house.kiosk.create("S2", 20000, SUBJECT, 120)
    assert (await house.kiosk.close("S2")).state is TradeState.CLOSED
    with pytest.raises(ValueError):
        wallet.control({"do": "pay", "order_no": "S2"})


async def test_a_payer_who_must_confirm_and_gives_up(house: House) -> None:
    house.alipay.control({"do": "script", "payer": "never"})
    assert await house.charge("A1", ALIPAY_CODE) is TradeState.WAITING
    try:
        assert (await house.kiosk.close("A1")).state is TradeState.CLOSED
    except GatewayUnavailable:
        await house.until("A1", TradeState.CLOSED)


def test_with_two_wallets_the_settings_must_say_whose_code_is_shown(tmp_path: Path) -> None:
    told = Files(tmp_path).settings("http://127.0.0.1:9/")
    told["alipay"] = {
        "app_id": "2021000000000000",
        "seller_id": "2088000000000000",
        "private_key_file": "a",
        "alipay_key_file": "b",
    }
    (tmp_path / "front.toml").write_text(toml(told))
    with pytest.raises(SettingsError, match="shown must say whose code kiosks show: alipay or acquirer"):
        load(tmp_path / "front.toml")
