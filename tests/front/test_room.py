"""Too little room on the ledger's disk: no new order, and everything else goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from kiosk.domain.errors import Refused
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.room import Room
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import TradeState
from tests.front.hall import SECRET, Files, front

NO_DISK_HAS = 10_000_000
"""Megabytes."""


async def test_no_new_order_and_everything_else_goes_on(tmp_path: Path) -> None:
    clock, files = SystemClock(), Files(tmp_path)
    acquirer = FakeAcquirer(HmacSigner(SECRET), clock)
    async with serve(acquirer.app) as remote:
        async with front(files, acquirer, remote.url, clock) as pay:
            for number in ("PAID", "OPEN", "TOLD"):
                await pay.show(number)
            await pay.charge("BACK")
        acquirer.books.pay("PAID")
        short = {"ledger": {"least_free_mb": NO_DISK_HAS}, "polling": {"first_s": 60.0, "every_s": 60.0}}
        async with front(files, acquirer, remote.url, clock, **short) as pay:
            asked = len(acquirer.calls)
            for begin in (pay.show, pay.charge):
                with pytest.raises(Refused) as no:
                    await begin("NEW")
                assert no.value.code == "front_disk_full"
            assert (await pay.kiosk.query("NEW")).state is TradeState.NOT_FOUND
            assert ("show", "NEW") not in acquirer.calls[asked:]
            assert ("charge", "NEW") not in acquirer.calls[asked:]
            assert (await pay.show("OPEN")).payload, "what was opened before is shown again"
            while (await pay.kiosk.query("PAID")).state is not TradeState.PAID:
                await asyncio.sleep(0.01)
            assert (await pay.kiosk.close("OPEN")).state is TradeState.CLOSED
            assert (await pay.kiosk.refund("BACK", "BACKR1", 20000)).state is TradeState.REFUNDED
            acquirer.books.pay("TOLD")
            headers, body = acquirer.notice("TOLD")
            async with httpx.AsyncClient(base_url=pay.url, trust_env=False) as wallet:
                assert (await wallet.post("/notify/acquirer", content=body, headers=headers)).status_code == 200
                assert (await pay.row("TOLD")).state == "paid"
                health = await wallet.get("/health")
            assert (health.status_code, health.json()) == (503, {"status": "disk"})


def test_disks_that_cannot_be_asked(tmp_path: Path) -> None:
    assert not Room(f"sqlite:///{tmp_path}/gone/front.db", 1).enough()
    assert Room(f"sqlite:///{tmp_path}/gone/front.db", 0).enough()
    assert Room(f"sqlite:///{tmp_path}/front.db", 1).enough()
    for url in ("postgresql+psycopg://onetrip@/front?host=/run/postgresql", "no address", "sqlite://"):
        assert Room(url, 1).free_mb() is None
        assert Room(url, 1).enough()
