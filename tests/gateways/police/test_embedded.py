"""Servers inside the kiosk's own loop, Qt's included."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.embedded import WIRE, serve
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.police.simulated import SimulatedPolice

ROOT = Path(__file__).parents[3]


async def ok(scope, receive, send):
    if scope["type"] == "lifespan":
        raise RuntimeError("no lifespan here")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


async def test_port_and_address_are_told_and_freed():
    async with serve(ok) as served:
        assert served.url == f"http://127.0.0.1:{served.port}"
        assert (await get(served.url)).text == "ok"
    with pytest.raises(httpx.ConnectError):
        await get(served.url)
    async with serve(ok, port=served.port) as again:
        assert again.port == served.port
        with pytest.raises(OSError):
            async with serve(ok, port=served.port):
                pass
        assert (await get(again.url)).text == "ok"


async def test_signal_handlers_stay_the_kiosks():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with serve(ok):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


async def test_lifespan_runs_and_its_failure_is_told():
    seen = []

    async def app(scope, receive, send):
        assert scope["type"] == "lifespan"
        for _ in range(2):
            kind = (await receive())["type"]
            seen.append(kind)
            await send({"type": f"{kind}.complete"})

    async with serve(app):
        assert seen == ["lifespan.startup"]
    assert seen == ["lifespan.startup", "lifespan.shutdown"]

    async def broken(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(RuntimeError, match="start-up"):
        async with serve(broken):
            pass


async def test_leaving_ends_requests_that_hang():
    started = asyncio.Event()

    async def hang(scope, receive, send):
        if scope["type"] == "lifespan":
            raise RuntimeError
        assert WIRE in scope["extensions"]
        started.set()
        await asyncio.Event().wait()

    async with serve(hang, grace=0.01) as served:
        call = asyncio.create_task(get(served.url))
        await started.wait()
    with pytest.raises(httpx.HTTPError):
        await call
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert left == []


async def test_drops_work_under_a_server_without_our_wire():
    """ASGI alone can only promise more than it sends; the kiosk must see that as no answer too."""
    sim = SimulatedPolice()

    async def without_wire(scope, receive, send):
        scope.get("extensions", {}).pop(WIRE, None)
        await sim.app(scope, receive, send)

    async with serve(without_wire) as served:
        client = PoliceClient(Endpoint(served.url, deadlines=Deadlines(1, 5, 5)))
        for kind in ("drop_before", "drop_after", "half_answer"):
            sim.control({"do": "fault", "id": f"health.{kind}"})
            with pytest.raises(GatewayUnavailable, match="broke off"):
                await client.health()
        assert await client.health()
        await client.aclose()


QT = """
import asyncio, datetime as dt, sys
import qasync
from PySide6.QtGui import QGuiApplication
from config.scenarios import load_scenario
from kiosk.domain.errors import GatewayUnavailable
from kiosk.domain.violation import Consent
from kiosk.gateways.embedded import serve
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.police.simulated import SimulatedPolice

app = QGuiApplication(sys.argv)

async def main():
    scenario = load_scenario("happy_two_records", dt.date(2026, 11, 21))
    sim = SimulatedPolice([scenario])
    async with serve(sim.app) as served:
        client = PoliceClient(Endpoint(served.url, deadlines=Deadlines(2, 0.2, 0.4)))
        record, number = scenario.records[0].id, scenario.person.number
        assert await client.find_decision(record) is None
        for kind in ("drop_after", "half_answer", "silence", "drip"):
            sim.control({"do": "fault", "id": f"find_decision.{kind}"})
            try:
                await client.find_decision(record)
            except GatewayUnavailable as trouble:
                print(kind, trouble.hint)
            else:
                raise SystemExit(f"{kind} went unnoticed")
        consent = Consent("2026-11-21T10:00:00+08:00", "0" * 64)
        client_calls = (client.decide(record, number, consent, record) for _ in range(3))
        assert len({decision.number for decision in await asyncio.gather(*client_calls)}) == 1
        await client.aclose()
    await asyncio.get_running_loop().shutdown_default_executor()
    print("done", type(asyncio.get_running_loop()).__name__)

with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
    runner.run(main())
"""


def test_server_and_client_live_on_qts_loop():
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", QT], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("done Q"), done.stdout
