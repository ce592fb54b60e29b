"""The simulated platform as its own process: its books outlive it, so that crash tests can trust them."""

from __future__ import annotations

import json
import signal

import pytest

from config.scenarios import load_scenario
from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.exit_entry.client import ExitEntryClient
from kiosk.gateways.http import Endpoint
from kiosk.ports.clock import SystemClock
from tests.gateways.halls import PAID_AT
from tests.gateways.process import start, stop

NAME = "endorse_apply_answer_lost"


async def test_an_application_outlives_a_killed_process(tmp_path):
    """The answer is lost, then the platform dies; the next process knows the application and tells the same grant."""
    books = tmp_path / "exit_entry.json"
    scenario = load_scenario(NAME, SystemClock().now().date())
    assert scenario.permit is not None
    call = (scenario.person.number, scenario.permit.number, ("HKG-L-3M1",), 1500, "13000000000", "E1")
    process, url = start("kiosk.gateways.exit_entry", "--scenario", NAME, "--state-file", str(books))
    client = ExitEntryClient(Endpoint(url))
    with pytest.raises(GatewayUnavailable):
        await client.apply(*call)
    found = await client.find_application("E1")
    granted = await client.authorise(found.number, 1500, "T1", PAID_AT)
    await client.aclose()
    stop(process, signal.SIGKILL)
    (entry,) = json.loads(books.read_text(encoding="utf-8"))["applications"]
    assert (entry["state"], entry["trade_no"]) == ("authorised", "T1")
    assert books.stat().st_mode & 0o077 == 0

    process, url = start("kiosk.gateways.exit_entry", "--scenario", NAME, "--state-file", str(books))
    client = ExitEntryClient(Endpoint(url))
    assert await client.find_application("E1") == granted
    assert await client.authorise(granted.number, 1500, "T1", PAID_AT) == granted
    await client.confirm(granted.number, printed=True)
    record = await client.registry(*call[:2])
    assert [held.number for held in record.endorsements] == [granted.grants[0].number]
    await client.aclose()
    assert stop(process, signal.SIGTERM) == 0
    (entry,) = json.loads(books.read_text(encoding="utf-8"))["applications"]
    assert (entry["state"], entry["printed"]) == ("written", True)
