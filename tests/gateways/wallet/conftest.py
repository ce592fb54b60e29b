"""A fake payment front on a real socket, and a client that trusts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from kiosk.gateways.embedded import serve
from kiosk.gateways.http import Deadlines
from kiosk.gateways.wallet.client import WalletClient
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ports.clock import SHANGHAI, Clock

DEVICE = "kiosk-1"


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = dt.datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)

    def now(self) -> dt.datetime:
        return self._now

    def forward(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)


@dataclass
class Hall:
    """What a test needs: the front, the kiosk's client, the shared clock, and a plain HTTP client for the phone."""

    front: FakeFront
    client: WalletClient
    clock: Watch
    url: str
    phone: httpx.AsyncClient

    def script(self, **fields: Any) -> None:
        self.front.control({"do": "script", **fields})

    async def open_trade(self, order_no: str = "NB01A", amount_fen: int = 20000) -> Any:
        return await self.client.create(order_no, amount_fen, "交通违法罚款", 120)


@pytest.fixture
def clock() -> Watch:
    return Watch()


@pytest.fixture
async def hall(clock: Watch) -> AsyncIterator[Hall]:
    front = FakeFront(clock)
    async with serve(front.app) as served, httpx.AsyncClient(base_url=served.url, trust_env=False) as phone:
        client = make_client(served.url, front, clock)
        yield Hall(front, client, clock, served.url, phone)
        await client.aclose()


def make_client(url: str, front: FakeFront, clock: Clock, **changes: Any) -> WalletClient:
    settings: dict[str, Any] = {
        "device_id": DEVICE,
        "device_key": front.register(DEVICE),
        "front_keys": [front.public_key],
        "terminal_id": "NB01",
        "clock": clock,
        "deadlines": Deadlines(connect=2, read=0.3, total=2),
        **changes,
    }
    return WalletClient(url, **settings)
