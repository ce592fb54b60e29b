"""One thing goes wrong at the n-th call of a port, for n = 1, 2, 3 … until a run completes untouched; after a restart and some hours no
money is lost, nobody is charged, posted, refunded or printed twice, and the books of all sides agree.

A sample of it in every run of the tests, each kind of fault on every journey; all of it by `make chaos`, or one by one with
`python -m tests.faultplan`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faultplan.__main__ import loop
from tests.faultplan.plan import Fault
from tests.faultplan.world import JOURNEYS, fault_world, planners

pytestmark = pytest.mark.slow
SAMPLE = {
    "violation": tuple(Fault),
    "form": tuple(fault for fault in Fault if fault is not Fault.STRAGGLER),
    "paid_twice": (Fault.SILENT_AFTER, Fault.STRAGGLER),
    "endorsement": tuple(Fault),
    "fine": tuple(Fault),
    "paid_too_late": (Fault.TWICE,),
}


@pytest.mark.timeout(170)
@pytest.mark.parametrize("names", [list(SAMPLE)[:3], list(SAMPLE)[3:]], ids="-".join)
async def test_each_kind_of_fault_somewhere_in_every_journey(tmp_path: Path, names: list[str]) -> None:
    """Each kind at another part of the way."""
    async with planners() as zygote:
        for name in names:
            async with fault_world(tmp_path / name, name, zygote) as world:
                counts = await world.counts()
                for n, fault in enumerate(SAMPLE[name]):
                    at = 1 + (counts[fault] - 1) * (7 * n % 10) // 10
                    assert await world.run(fault, at), f"{name}: {fault} did not come up at call {at}"


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", JOURNEYS)
async def test_every_fault_at_every_call(tmp_path: Path, name: str) -> None:
    async with planners() as zygote, fault_world(tmp_path / name, name, zygote) as world:
        broken = {fault: found for fault in Fault if (found := (await loop(world, fault))[1])}
    assert broken == {}
