"""The whole way: the kiosk's own client, a payment front, and the fake WeChat Pay, each on a socket of its own."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.errors import Refused
from kiosk.front.front import build, opened
from kiosk.front.settings import FrontSettings
from kiosk.front.wechat.fake import FakeWeChatPay
from kiosk.front.wechat.fake_keys import FakeKeys
from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import Trade, TradeState
from tests.front.wechat.conftest import CODE

NUMBER = "NB0120261121000017"
SUBJECT = "交通违法罚款"


@dataclass
class House:
    wallet: FakeWeChatPay
    kiosk: WalletClient

    async def until_paid(self) -> Trade:
        """The front waits for the wallet while it answers, so that each asking is progress and none is a sleep."""
        for _ in range(200):
            trade = await self.kiosk.query(NUMBER)
            if trade.state is TradeState.PAID:
                return trade
        pytest.fail("not paid after 200 askings")


@pytest.fixture
async def house(keys: FakeKeys, tmp_path: Path) -> AsyncIterator[House]:
    clock, device_key, key = SystemClock(), secrets.token_bytes(32), Ed25519PrivateKey.generate()
    (tmp_path / "NB01.key").write_text(device_key.hex())
    (tmp_path / "front.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    wallet = FakeWeChatPay(clock, keys)
    async with serve(wallet.app) as served:
        notify_url = f"http://127.0.0.1:{port}/notify/wechat"
        settings = FrontSettings.model_validate(
            {
                "signing_key_file": tmp_path / "front.pem",
                "ledger": {"url": f"sqlite:///{tmp_path}/front.db"},
                "device": [{"id": "NB01", "key_file": tmp_path / "NB01.key"}],
                "wechat": keys.settings(tmp_path / "wechat", served.url, notify_url),
                "polling": {"first_s": 60, "every_s": 60, "fresh_s": 0.02, "later_s": [60], "late_s": [60]},
            }
        )
        async with opened(build(settings, clock)) as front, serve(front.app, port=port) as desk:
            kiosk = WalletClient(
                desk.url,
                device_id="NB01",
                device_key=device_key,
                front_keys=[key.public_key().public_bytes_raw()],
                terminal_id="NB01",
                clock=clock,
            )
            yield House(wallet, kiosk)
            await kiosk.aclose()
        await wallet.aclose()


async def test_a_payer_code_is_charged(house: House) -> None:
    trade = await house.kiosk.charge(NUMBER, 20_000, SUBJECT, CODE, 60)
    assert (trade.state, trade.amount_fen, trade.wallet) == (TradeState.PAID, 20_000, "wechat")
    assert house.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 0}}


async def test_a_charge_whose_answer_was_lost_is_found_and_never_made_again(house: House) -> None:
    house.wallet.control({"do": "script", "order_no": NUMBER, "fault": "drop_after", "on": ["codepay"]})
    await house.kiosk.charge(NUMBER, 20_000, SUBJECT, CODE, 60)
    assert (await house.until_paid()).amount_fen == 20_000
    assert [asked for asked in house.wallet.asked if asked[0] == "codepay"] == [("codepay", NUMBER)]
    assert house.wallet.books() == {NUMBER: {"paid": 20_000, "refunded": 0}}


async def test_a_payer_without_enough_is_told_so(house: House) -> None:
    house.wallet.control({"do": "script", "order_no": NUMBER, "preset": "no_balance"})
    with pytest.raises(Refused) as refused:
        await house.kiosk.charge(NUMBER, 20_000, SUBJECT, CODE, 60)
    assert refused.value.code == "insufficient_balance"
    assert house.wallet.books() == {}


async def test_a_shown_code_is_paid_and_the_notification_taken(house: House) -> None:
    code = await house.kiosk.create(NUMBER, 20_000, SUBJECT, 120)
    assert code.payload.startswith("weixin://")
    house.wallet.control({"do": "pay"})
    await house.wallet.post.delivered()
    assert house.wallet.post.sent == [(NUMBER, "good", 200)]
    assert (await house.until_paid()).trade_no.startswith("4200")
