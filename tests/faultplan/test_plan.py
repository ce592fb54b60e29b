"""One thing goes wrong at the n-th call of a port, for n = 1, 2, 3 … until a run completes untouched; after a restart and some hours no
money is lost, nobody is charged, posted, refunded or printed twice, and the books of all sides agree.

A sample of it in every run of the tests; all of it by `make chaos`, or one by one with `python -m tests.faultplan`.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from kiosk.ports.exit_entry import ExitEntryPlatform
from kiosk.ports.forms import DraftDesk
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.wallet import Wallet
from tests.faultplan.__main__ import loop
from tests.faultplan.plan import ASKS, CHANGES, Fault
from tests.faultplan.world import JOURNEYS, fault_world, planners

pytestmark = pytest.mark.slow
KILLS = (Fault.KILL_BEFORE, Fault.KILL_AFTER)
SAMPLE = {
    "happy_two_records": {
        "violation": tuple(Fault),
        "pooled": (Fault.KILL_AFTER, Fault.LATE),
        "fine": (Fault.KILL_BEFORE, Fault.SILENT_AFTER, Fault.CLOCK_BACK),
        "scanned": (Fault.KILL_AFTER, Fault.SILENT_AFTER, Fault.TWICE),
        "paid_twice": (Fault.STRAGGLER,),
    },
    "endorse_happy_both": {
        "endorsement": (*KILLS, Fault.RAISE, Fault.SILENT_AFTER, Fault.LATE, Fault.CLOCK_AHEAD),
        "form": (Fault.KILL_AFTER, Fault.SILENT_BEFORE, Fault.TWICE),
        "paid_too_late": (Fault.TWICE,),
    },
}
"""By the visit that is made once beforehand. Every journey, and every kind of fault; each of them on each by `make chaos`."""


def calls_of(port: type) -> set[str]:
    return {name for name, call in inspect.getmembers(port, inspect.iscoroutinefunction) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("name", "port"),
    [("wallet", Wallet), ("police", PolicePlatform), ("exit_entry", ExitEntryPlatform), ("drafts", DraftDesk)],
)
def test_no_call_of_a_remote_side_is_left_out(name: str, port: type) -> None:
    assert CHANGES[name] | ASKS[name] == calls_of(port)
    assert not CHANGES[name] & ASKS[name]


def test_no_journey_and_no_fault_is_left_out() -> None:
    assert {name for names in SAMPLE.values() for name in names} == set(JOURNEYS)
    assert {fault for names in SAMPLE.values() for faults in names.values() for fault in faults} == set(Fault)


@pytest.mark.timeout(170)
@pytest.mark.parametrize("visit", list(SAMPLE))
async def test_some_faults_somewhere_in_every_journey(tmp_path: Path, visit: str) -> None:
    """Each at another part of the way."""
    async with planners(visit) as zygote:
        for name, faults in SAMPLE[visit].items():
            async with fault_world(tmp_path / name, name, zygote) as world:
                counts = await world.counts()
                for n, fault in enumerate(faults):
                    at = 1 + (counts[fault] - 1) * (7 * n % 10) // 10
                    assert await world.run(fault, at), f"{name}: {fault} did not come up at call {at}"


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", JOURNEYS)
async def test_every_fault_at_every_call(tmp_path: Path, name: str) -> None:
    async with planners() as zygote, fault_world(tmp_path / name, name, zygote) as world:
        broken = {fault: found for fault in Fault if (found := (await loop(world, fault))[1])}
    assert broken == {}
