"""A simulated exit-entry platform with its desk for drafts, and a kiosk's client of it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from config.scenarios import load_scenario
from kiosk.domain.forms.record import Record, Value
from kiosk.gateways.embedded import serve
from kiosk.gateways.exit_entry.drafts import DraftClient
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.http import Deadlines, Endpoint
from tests.gateways.halls import KEY, PATIENT, TestClock

DRAFT = "5f0c2a9be1d74e4f8f5ad0c3b7a61e92"
ID = "330212198806120001"
"""Of the citizen of form_first_passport."""
ADDRESS = "浙江省宁波市鄞州区模拟街道示例路 8 弄 2 号 301 室"


def record(*wanted: str, number: str = ID, **more: str) -> Record:
    texts = {"id_no": number, "hukou_addr": ADDRESS, **{f"want_{one}": "1" for one in wanted}, **more}
    return Record("CRJ-2014", 1, {key: Value(text, "user") for key, text in texts.items()})


PASSPORT = record("passport")


@dataclasses.dataclass(frozen=True)
class Window:
    """A simulated platform with its desk for drafts, and a kiosk's client of it."""

    sim: SimulatedExitEntry
    client: DraftClient
    clock: TestClock
    url: str

    def arm(self, fault: str, **more: object) -> None:
        self.sim.control({"do": "fault", "id": fault, **more})

    def entry(self, key: str = DRAFT) -> Any:
        return self.sim.world.books.drafts.get(key)

    @property
    def counts(self) -> Mapping[str, int]:
        counts: Mapping[str, int] = self.sim.state()["drafts"]
        return counts


@asynccontextmanager
async def open_window(
    clock: TestClock, scenario: str = "", deadlines: Deadlines = PATIENT, state_file: Path | None = None
) -> AsyncIterator[Window]:
    there = [load_scenario(scenario, clock.now().date())] if scenario else []
    sim = SimulatedExitEntry(there, clock=clock, device_key=KEY, state_file=state_file)
    async with serve(sim.app) as served:
        client = DraftClient(Endpoint(served.url, KEY, deadlines=deadlines))
        try:
            yield Window(sim, client, clock, served.url)
        finally:
            await client.aclose()
