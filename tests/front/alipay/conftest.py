"""A fake Alipay on a real socket, and a channel that trusts it."""

from __future__ import annotations

import datetime as dt
import functools
import importlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kiosk.front.alipay.account import Account
from kiosk.front.alipay.channel import AlipayChannel
from kiosk.front.alipay.fake import FakeAlipay
from kiosk.front.alipay.settings import AlipaySettings
from kiosk.front.channel import Order, Refund, Standing
from kiosk.gateways.embedded import serve
from kiosk.gateways.http import Deadlines
from kiosk.ports.clock import SHANGHAI, Clock

VECTORS = Path(__file__).parent / "vectors"
PAYER = "280000000000000001"
FAST = Deadlines(connect=2, read=0.3, total=2)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = dt.datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)

    def now(self) -> dt.datetime:
        return self._now

    def forward(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)


@functools.cache
def stored_key(name: str) -> RSAPrivateKey:
    key = load_pem_private_key((VECTORS / name).read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """python-alipay-sdk. Importing it would take over logging's configuration and install a console handler at DEBUG."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logging.config.dictConfig", lambda _: None)
        return importlib.import_module("alipay")


@dataclass
class Hall:
    """What a test needs: the wallet, the front's channel, the shared clock, and a plain HTTP client."""

    wallet: FakeAlipay
    channel: AlipayChannel
    clock: Watch
    url: str
    phone: httpx.AsyncClient
    folder: Path

    def script(self, **fields: Any) -> None:
        self.wallet.control({"do": "script", **fields})

    def order(self, number: str = "NB01A", fen: int = 20000, life: float = 120) -> Order:
        expires = self.clock.now() + dt.timedelta(seconds=life)
        return Order(number, fen, "交通违法罚款", expires, "NB01T001")

    async def paid(self, number: str = "NB01A", fen: int = 20000) -> Standing:
        await self.channel.show(self.order(number, fen))
        self.wallet.control({"do": "pay", "order_no": number})
        return await self.channel.query(number)

    def refund(self, fen: int = 20000, number: str = "NB01A", refund_no: str = "NB01AR1") -> Refund:
        return Refund(number, refund_no, fen, 20000, "重复付款")


@pytest.fixture
def clock() -> Watch:
    return Watch()


@pytest.fixture
async def hall(clock: Watch, tmp_path: Path) -> AsyncIterator[Hall]:
    wallet = FakeAlipay(clock, keys=(stored_key("alipay_key.pem"), stored_key("app_key_pkcs8.pem")))
    async with (
        serve(wallet.app) as served,
        httpx.AsyncClient(base_url=served.url, trust_env=False, verify=False) as phone,
    ):
        channel = connect(wallet, served.url, clock, tmp_path)
        yield Hall(wallet, channel, clock, served.url, phone, tmp_path)
        await channel.aclose()


def connect(wallet: FakeAlipay, at: str, clock: Clock, folder: Path, **changes: Any) -> AlipayChannel:
    """A channel that gives up fast. Its keys are not read from files, which takes longer than most tests."""
    settings = AlipaySettings(**{**wallet.merchant.settings(folder, at), **changes})
    keys = Account(settings.app_id, settings.seller_id, wallet.merchant.key, (wallet.merchant.alipay,))
    return AlipayChannel(settings, keys, clock, FAST)
