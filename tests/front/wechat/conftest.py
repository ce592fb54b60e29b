"""A fake WeChat Pay on a real socket, and a channel that believes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.front.channel import Forged, Order, Standing
from kiosk.front.wechat.channel import WeChatChannel, open_channel
from kiosk.front.wechat.fake import FakeWeChatPay
from kiosk.front.wechat.fake_keys import FakeKeys, make_keys
from kiosk.front.wechat.settings import WeChatPay
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SHANGHAI

START = dt.datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
CODE = "130000000000000001"


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> dt.datetime:
        return self._now

    def forward(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)

    def set(self, now: dt.datetime) -> None:
        self._now = now


@pytest.fixture(scope="session")
def keys() -> FakeKeys:
    """Made once: four RSA keys take a quarter of a second."""
    return make_keys(START)


@dataclass
class Letterbox:
    """Where the wallet's notifications arrive: as the front would, it asks the channel and answers what the channel says."""

    channel: Callable[[], WeChatChannel]
    believed: list[Standing] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        async def take(request: Request) -> Response:
            channel = self.channel()
            try:
                self.believed.append(channel.notice(dict(request.headers), await request.body()).standing)
            except Forged as why:
                self.refused.append(str(why))
                return Response(channel.declined.body, channel.declined.status)
            return Response(channel.accepted.body, channel.accepted.status)

        return Starlette(routes=[Route("/notify/wechat", take, methods=["POST"])])


@dataclass
class Hall:
    wallet: FakeWeChatPay
    channel: WeChatChannel
    clock: Watch
    url: str
    letters: Letterbox
    settings: WeChatPay

    def script(self, order_no: str | None = None, **fields: Any) -> None:
        self.wallet.control({"do": "script", "order_no": order_no, **fields})

    def order(self, number: str = "NB0120261120000017", fen: int = 20_000, **changes: Any) -> Order:
        fields: dict[str, Any] = {
            "subject": "交通违法罚款",
            "expires_at": self.clock.now() + dt.timedelta(seconds=150),
            "terminal_id": "NB01",
            **changes,
        }
        return Order(number, fen, **fields)

    def reopen(self, **changes: Any) -> WeChatChannel:
        """Another channel to the same wallet, as a front that started anew would open it. The hall's own is left open."""
        return open_channel(self.settings.model_copy(update=changes), self.clock)


@pytest.fixture
def clock() -> Watch:
    return Watch()


@pytest.fixture
async def hall(clock: Watch, keys: FakeKeys, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    """Parametrise indirectly with members of `WeChatPay` to change, or `certificates=True`."""
    changes = dict(getattr(request, "param", {}))
    wallet = FakeWeChatPay(clock, keys)
    halls: list[Hall] = []
    letters = Letterbox(lambda: halls[0].channel)
    async with serve(wallet.app) as served, serve(letters.app()) as box:
        told = keys.settings(
            tmp_path, served.url, box.url + "/notify/wechat", certificates=changes.pop("certificates", False)
        )
        settings = WeChatPay.model_validate({**told, "connect_s": 1, "read_s": 0.3, **changes})
        channel = open_channel(settings, clock)
        halls.append(Hall(wallet, channel, clock, served.url, letters, settings))
        yield halls[0]
        await wallet.aclose()
        await channel.aclose()
