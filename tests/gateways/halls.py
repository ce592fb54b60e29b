"""A running simulated platform and a kiosk's client of it: one *hall* for each front, made of what they share."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from config.scenarios import Scenario, load_scenario
from kiosk.domain.endorsement import Application
from kiosk.domain.identity import Photo
from kiosk.domain.violation import Consent
from kiosk.gateways.embedded import serve
from kiosk.gateways.exit_entry.client import ExitEntryClient
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.rest import RestClient
from kiosk.gateways.sim_control import PlatformControl
from kiosk.gateways.sim_faults import KINDS
from kiosk.ports.clock import SHANGHAI

KEY = "device-key-of-a-test"
PAID_AT = dt.datetime(2026, 11, 21, 10, 5, tzinfo=SHANGHAI)
SIGNATURE = "0" * 64
WAIVED = "2026-11-21T10:00:00+08:00"
FAST = Deadlines(connect=1.0, read=0.15, total=0.3)
"""For tests that run into a deadline."""
PATIENT = Deadlines(connect=5.0, read=10.0, total=20.0)
"""For all others, so that a busy machine does not fail them."""
FACE = Photo(b"\xff\xd8\xff" + bytes(200), "image/jpeg")
QUICK = sorted(set(KINDS) - {"silence", "delay", "late", "drip"})
"""Faults that need no deadline to be noticed."""


class TestClock:
    __test__ = False

    def __init__(self, now: dt.datetime) -> None:
        self.time = now

    def now(self) -> dt.datetime:
        return self.time


@dataclass(frozen=True)
class Hall:
    """What the checks that all fronts share ask for: each front has one *deed*, a write with an idempotency key that can be
    looked for afterwards."""

    package: ClassVar[str]
    simulated: ClassVar[type[PlatformControl[Any]]]
    connect: ClassVar[type[RestClient]]
    first: ClassVar[str]
    """The scenario of most tests."""
    deed: ClassVar[str]
    questions: ClassVar[tuple[str, ...]]
    """Operations that change nothing and have an answer once the deed is done."""
    first_done: ClassVar[tuple[str, int]]
    """Number and amount (fen) of that scenario's deed when nothing was done before."""

    sim: Any
    client: Any
    scenario: Scenario
    clock: TestClock
    url: str

    @classmethod
    @asynccontextmanager
    async def open(
        cls, clock: TestClock, name: str = "", deadlines: Deadlines = PATIENT, state_file: Path | None = None
    ) -> AsyncIterator[Self]:
        scenario = load_scenario(name or cls.first, clock.now().date())
        sim = cls.simulated([scenario], clock=clock, device_key=KEY, state_file=state_file)  # type: ignore[call-arg]
        async with serve(sim.app) as served:
            client = cls.connect(Endpoint(served.url, KEY, deadlines=deadlines))  # type: ignore[call-arg, arg-type]
            try:
                yield cls(sim, client, scenario, clock, served.url)
            finally:
                await client.aclose()

    @asynccontextmanager
    async def patient(self) -> AsyncIterator[Self]:
        """The same hall with another client, which waits."""
        client = self.connect(Endpoint(self.url, KEY, deadlines=PATIENT))  # type: ignore[call-arg, arg-type]
        try:
            yield replace(self, client=client)
        finally:
            await client.aclose()

    @property
    def number(self) -> str:
        return self.scenario.person.number

    def arm(self, fault: str, **more: object) -> None:
        self.sim.control({"do": "fault", "id": fault, **more})

    async def do(self) -> Any:
        """The deed; the same again when it is repeated."""
        raise NotImplementedError

    async def find(self) -> Any:
        """What came of the deed, None where nothing did."""
        raise NotImplementedError

    def booked(self) -> Mapping[str, Any]:
        """The platform's own entries of the deed, by number."""
        raise NotImplementedError

    async def ask(self, question: str) -> Any:
        raise NotImplementedError

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the questions and the deed tell of the citizen."""
        return (self.number, self.scenario.person.name)


@dataclass(frozen=True)
class PoliceHall(Hall):
    package = "kiosk.gateways.police"
    simulated = SimulatedPolice
    connect = PoliceClient
    first = "happy_two_records"
    deed = "decide"
    questions = ("identify", "police_photo", "vehicles", "verify_vehicle", "open_records")
    first_done = ("330203260000001", 15000)

    @property
    def record(self) -> str:
        return self.scenario.records[0].id

    async def decide(self, record: str = "", key: str = "", person: str = "") -> Any:
        record = record or self.record
        return await self.client.decide(record, person or self.number, Consent(WAIVED, SIGNATURE), key or record)

    async def do(self) -> Any:
        return await self.decide()

    async def find(self) -> Any:
        return await self.client.find_decision(self.record)

    def booked(self) -> Mapping[str, Any]:
        return {entry.decision.number: entry for entry in self.sim.world.books.decisions.values()}

    async def ask(self, question: str) -> Any:
        told = {
            "identify": (self.number, self.scenario.person.name),
            "police_photo": (self.number,),
            "vehicles": (self.number,),
            "verify_vehicle": ("浙BB01M1", "02", "001010"),
            "open_records": ("浙BB01M1", "02"),
        }
        return await getattr(self.client, question)(*told[question])

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets, "浙BB01M1", "001010")


@dataclass(frozen=True)
class ExitEntryHall(Hall):
    package = "kiosk.gateways.exit_entry"
    simulated = SimulatedExitEntry
    connect = ExitEntryClient
    first = "endorse_happy_hk"
    deed = "apply"
    questions = ("registry", "photo_on_file", "match_face", "find_application", "health")
    first_done = ("330200260000001", 1500)

    @property
    def permit(self) -> str:
        assert self.scenario.permit is not None
        return self.scenario.permit.number

    async def apply(
        self, *options: str, fee: int = 1500, key: str = "key-1", person: str = "", permit: str = "", phone: str = ""
    ) -> Application:
        application: Application = await self.client.apply(
            person or self.number,
            permit or self.permit,
            options or ("HKG-L-3M1",),
            fee,
            phone or "13000000000",
            key,
        )
        return application

    async def authorise(self, number: str, amount: int = 1500, trade: str = "T1") -> Application:
        application: Application = await self.client.authorise(number, amount, trade, PAID_AT)
        return application

    async def do(self) -> Any:
        return await self.apply()

    async def find(self) -> Any:
        return await self.client.find_application("key-1")

    def booked(self) -> Mapping[str, Any]:
        return dict(self.sim.world.books.applications)

    async def ask(self, question: str) -> Any:
        told = {
            "registry": (self.number, self.permit),
            "photo_on_file": (self.permit,),
            "match_face": (self.number, FACE),
            "find_application": ("key-1",),
            "health": (),
        }
        return await getattr(self.client, question)(*told[question])

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets, self.permit, "13000000000")


HALLS: tuple[type[Hall], ...] = (PoliceHall, ExitEntryHall)


def name_of(value: object) -> str | None:
    """The id of a parameter that is a hall."""
    return value.package.rpartition(".")[2] if isinstance(value, type) and issubclass(value, Hall) else None
