from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.scenarios import Scenario, load_scenario
from kiosk.gateways.embedded import serve
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.ports.clock import SHANGHAI

KEY = "device-key-of-a-test"
SIGNATURE = "0" * 64
WAIVED = "2026-11-21T10:00:00+08:00"
FAST = Deadlines(connect=1.0, read=0.15, total=0.3)
"""For tests that run into a deadline."""
PATIENT = Deadlines(connect=5.0, read=10.0, total=20.0)
"""For all others, so that a busy machine does not fail them."""


class TestClock:
    __test__ = False

    def __init__(self, now: dt.datetime) -> None:
        self.time = now

    def now(self) -> dt.datetime:
        return self.time


@dataclass(frozen=True)
class Hall:
    """A running simulated platform and a kiosk's client of it."""

    sim: SimulatedPolice
    client: PoliceClient
    scenario: Scenario
    clock: TestClock
    url: str

    @property
    def number(self) -> str:
        return self.scenario.person.number

    @property
    def record(self) -> str:
        return self.scenario.records[0].id

    def arm(self, fault: str, **more: object) -> None:
        self.sim.control({"do": "fault", "id": fault, **more})

    async def decide(self, record: str = "", key: str = "", person: str = "") -> object:
        record = record or self.record
        return await self.client.decide(record, person or self.number, SIGNATURE, WAIVED, key or record)


OpenHall = Callable[..., AbstractAsyncContextManager[Hall]]


@pytest.fixture
def clock() -> TestClock:
    return TestClock(dt.datetime(2026, 11, 21, 10, 0, 30, tzinfo=SHANGHAI))


@pytest.fixture
def open_hall(clock: TestClock) -> OpenHall:
    @asynccontextmanager
    async def open_(
        name: str = "happy_two_records", deadlines: Deadlines = PATIENT, state_file: Path | None = None
    ) -> AsyncIterator[Hall]:
        scenario = load_scenario(name, clock.now().date())
        sim = SimulatedPolice([scenario], clock=clock, device_key=KEY, state_file=state_file)
        async with serve(sim.app) as served:
            client = PoliceClient(Endpoint(served.url, KEY, deadlines=deadlines))
            try:
                yield Hall(sim, client, scenario, clock, served.url)
            finally:
                await client.aclose()

    return open_


@pytest.fixture
async def hall(open_hall: OpenHall) -> AsyncIterator[Hall]:
    async with open_hall() as hall:
        yield hall


@pytest.fixture
async def hasty(open_hall: OpenHall) -> AsyncIterator[Hall]:
    async with open_hall(deadlines=FAST) as hall:
        yield hall
