"""The simulated platform as its own process: its books outlive it, so that crash tests can trust them."""

from __future__ import annotations

import json
import signal

import pytest

from kiosk.domain.errors import GatewayUnavailable
from kiosk.domain.violation import Consent
from kiosk.gateways.http import Endpoint
from kiosk.gateways.police.client import PoliceClient
from tests.gateways.process import start, stop


async def test_decisions_outlive_a_killed_process(tmp_path):
    """The answer is lost because the process dies; the next one still knows the decision."""
    books = tmp_path / "police.json"
    record = "3302031023000001"
    process, url = start("kiosk.gateways.police", "--scenario", "decide_answer_lost", "--state-file", str(books))
    client = PoliceClient(Endpoint(url))
    call = (record, "330203199308270005", Consent("2026-11-21T10:00:00+08:00", "0" * 64), record)
    with pytest.raises(GatewayUnavailable):
        await client.decide(*call)
    await client.aclose()
    stop(process, signal.SIGKILL)
    (entry,) = json.loads(books.read_text(encoding="utf-8"))["decisions"]
    assert books.stat().st_mode & 0o077 == 0

    process, url = start("kiosk.gateways.police", "--scenario", "decide_answer_lost", "--state-file", str(books))
    client = PoliceClient(Endpoint(url))
    found = await client.find_decision(record)
    assert found is not None
    assert found.number == entry["decision"]["number"]
    with pytest.raises(GatewayUnavailable):  # the scenario's fault is armed again
        await client.decide(*call)
    assert await client.decide(*call) == found
    await client.post_payment(found.number, found.fine_fen, "T1", "2026-11-21T10:00:00+08:00", found.number)
    await client.aclose()
    assert stop(process, signal.SIGTERM) == 0
    assert json.loads(books.read_text(encoding="utf-8"))["payments"][0]["trade_no"] == "T1"
