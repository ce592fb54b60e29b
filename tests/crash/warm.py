"""What the processes of the crash tests need all alike: done once, in the process that they are forked from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from config.scenarios import load_scenario
from config.settings import load
from kiosk.app import assemble
from kiosk.journeys.services import run_endorsement, run_fine, run_form, run_violation
from kiosk.ledger.store import Store
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen, Rehearsal

RUNS = {"violation": run_violation, "endorsement": run_endorsement, "form": run_form, "fine": run_fine}
VISITS = ("happy_two_records", "endorse_happy_both", "form_first_passport")


async def warm_up(visits: Iterable[str] = VISITS) -> None:
    """One visit of each service on simulators: whatever is imported late is there then, once for all."""
    for name in visits:
        found = load_scenario(name, SystemClock().now().date())
        object.__setattr__(found.citizen, "face_consent", False)
        with tempfile.TemporaryDirectory() as folder:
            base = load(profile="ci")
            ledger = {"url": f"sqlite:///{folder}/ledger.db", "key_file": Path(folder) / "ledger.key"}
            settings = base.model_copy(update={"ledger": base.ledger.model_copy(update=ledger)})
            async with assemble(settings, scenarios=[found], attend=False) as machine:
                citizen = Citizen(found, machine.virtual)
                citizen.arrive()
                machine.virtual["permit_unit"].control({"do": "speed", "factor": 100_000})
                for device in ("id_card", "permit_unit", "permit_reader"):
                    await machine.devices.by_name[device].open()
                await RUNS[found.service](machine.kit(Rehearsal(citizen, keep=False)))


async def template(file: str) -> dict[str, Any]:
    """A ledger with its schema and nothing in it, of which every run gets a copy."""
    store = Store(f"sqlite:///{file}", SystemClock())
    await store.open()
    await store.close()
    return {}
