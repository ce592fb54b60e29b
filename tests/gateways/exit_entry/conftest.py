from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.scenarios import Scenario, load_scenario
from kiosk.domain.endorsement import Application
from kiosk.gateways.embedded import serve
from kiosk.gateways.exit_entry.client import ExitEntryClient
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.ports.clock import SHANGHAI

KEY = "device-key-of-a-test"
PAID_AT = dt.datetime(2026, 11, 21, 10, 5, tzinfo=SHANGHAI)
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

    sim: SimulatedExitEntry
    client: ExitEntryClient
    scenario: Scenario
    clock: TestClock
    url: str

    @property
    def number(self) -> str:
        return self.scenario.person.number

    @property
    def permit(self) -> str:
        assert self.scenario.permit is not None
        return self.scenario.permit.number

    def arm(self, fault: str, **more: object) -> None:
        self.sim.control({"do": "fault", "id": fault, **more})

    async def apply(
        self, *options: str, fee: int = 1500, key: str = "key-1", person: str = "", permit: str = "", phone: str = ""
    ) -> Application:
        return await self.client.apply(
            person or self.number,
            permit or self.permit,
            options or ("HKG-L-3M1",),
            fee,
            phone or "13000000000",
            key,
        )

    async def authorise(self, number: str, amount: int = 1500, trade: str = "T1") -> Application:
        return await self.client.authorise(number, amount, trade, PAID_AT)


OpenHall = Callable[..., AbstractAsyncContextManager[Hall]]


@pytest.fixture
def clock() -> TestClock:
    return TestClock(dt.datetime(2026, 11, 21, 10, 0, 30, tzinfo=SHANGHAI))


@pytest.fixture
def open_hall(clock: TestClock) -> OpenHall:
    @asynccontextmanager
    async def open_(
        name: str = "endorse_happy_hk", deadlines: Deadlines = PATIENT, state_file: Path | None = None
    ) -> AsyncIterator[Hall]:
        scenario = load_scenario(name, clock.now().date())
        sim = SimulatedExitEntry([scenario], clock=clock, device_key=KEY, state_file=state_file)
        async with serve(sim.app) as served:
            client = ExitEntryClient(Endpoint(served.url, KEY, deadlines=deadlines))
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
