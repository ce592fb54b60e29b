"""The whole way: the kiosk's own client, the payment front, this channel, the fake Alipay; three servers on real sockets."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import Refused
from kiosk.front.alipay.fake import FakeAlipay
from kiosk.front.channel import BillSpoilt
from kiosk.front.front import Front, build, opened
from kiosk.front.reconcile import reconcile
from kiosk.front.settings import FrontSettings
from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.wallet import Trade, TradeState
from tests.front.alipay.conftest import PAYER, stored_key
from tests.front.hall import Files, Watch, client


@dataclass
class Site:
    wallet: FakeAlipay
    kiosk: WalletClient
    front: Front

    async def until(self, *states: TradeState, number: str = "NB01A") -> Trade:
        """Asks as a kiosk does; the test's own time limit ends it."""
        while True:
            trade = await self.kiosk.query(number)
            if trade.state in states:
                return trade


@asynccontextmanager
async def _site(folder: Path, clock: Clock | None = None, **script: Any) -> AsyncIterator[Site]:
    clock = clock or SystemClock()
    wallet = FakeAlipay(clock, keys=(stored_key("alipay_key.pem"), stored_key("app_key_pkcs8.pem")))
    wallet.control({"do": "script", **script})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with serve(wallet.app) as remote:
        files = Files(folder)
        sections = files.settings("")
        del sections["acquirer"]
        notify_url = f"http://127.0.0.1:{port}/notify/alipay"
        sections["alipay"] = {**wallet.merchant.settings(folder / "alipay", remote.url, notify_url), "read_s": 0.5}
        front = build(FrontSettings.model_validate(sections), clock)
        async with opened(front), serve(front.app, port=port) as served:
            kiosk = client(served.url, files.public_key, clock)
            yield Site(wallet, kiosk, front)
            await kiosk.aclose()


async def test_a_shown_code_is_paid_notified_and_given_back(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        code = await site.kiosk.create("NB01A", 20000, "交通违法罚款", 120)
        assert code.payload.startswith("https://qr.alipay.com/")
        site.wallet.control({"do": "pay"})
        assert await site.wallet.notify() == ["success"]
        paid = await site.until(TradeState.PAID)
        assert (paid.amount_fen, paid.wallet) == (20000, "alipay")
        await site.kiosk.refund("NB01A", "NB01AR1", 20000)
        await site.until(TradeState.REFUNDED)
        assert site.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 20000}}


@pytest.mark.parametrize("how", ["forged", "other_seller", "wrong_amount", "other_order"])
async def test_a_false_notification_never_makes_an_order_paid(tmp_path: Path, how: str) -> None:
    async with _site(tmp_path, notify=how, fault="http_500", on=["query"]) as site:
        await site.kiosk.create("NB01A", 20000, "交通违法罚款", 120)
        site.wallet.control({"do": "pay"})
        answers = await site.wallet.notify()
        assert answers == (["success"] if how == "wrong_amount" else ["fail"])  # the former is a reason to look
        assert (await site.kiosk.query("NB01A")).state is not TradeState.PAID


async def test_a_charge_whose_answer_was_lost_is_found_paid(tmp_path: Path) -> None:
    async with _site(tmp_path, preset="drop_after") as site:
        await site.kiosk.charge("NB01A", 20000, "交通违法罚款", PAYER, 60)
        assert (await site.until(TradeState.PAID)).amount_fen == 20000
        assert site.wallet.books() == {"NB01A": {"paid": 20000, "refunded": 0}}


async def test_a_code_that_nobody_scanned_is_closed_and_dead(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        await site.kiosk.create("NB01A", 20000, "交通违法罚款", 120)
        closed = await site.kiosk.close("NB01A")
        assert closed.state in (TradeState.CLOSED, TradeState.NOT_FOUND)
        with pytest.raises(ValueError, match="HAS_CLOSE"):
            site.wallet.control({"do": "pay", "order_no": "NB01A"})


async def test_a_refused_charge_is_told_by_name(tmp_path: Path) -> None:
    async with _site(tmp_path, fault="refused", on=["charge"]) as site:
        with pytest.raises(Refused) as no:
            await site.kiosk.charge("NB01A", 20000, "交通违法罚款", PAYER, 60)
        assert no.value.code == "insufficient_balance"
        assert site.wallet.books() == {}


async def test_a_bill_whose_totals_do_not_fit_moves_no_order(tmp_path: Path) -> None:
    """The wallet answers no question and sends nothing, so that its bill alone could prove the payment."""
    clock = Watch()
    async with _site(tmp_path, clock, bill_off=1, notify="never", fault="http_500", on=["query"]) as site:
        await site.kiosk.create("NB01A", 20000, "交通违法罚款", 120)
        site.wallet.control({"do": "pay"})
        day = clock.now().date()
        clock.forward(26 * 3600)

        async def check() -> tuple[str, ...]:
            return (await reconcile(site.front.store, site.front.till, site.front.bills, day)).proved

        with pytest.raises(BillSpoilt, match="do not add up"):
            await check()
        assert (await site.front.till.trade("NB01A")).state != "paid"
        site.wallet.control({"do": "script", "notify": "never", "fault": "http_500", "on": ["query"]})
        assert await check() == ("NB01A",)
        assert (await site.front.till.trade("NB01A")).state == "paid"
