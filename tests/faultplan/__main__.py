"""`python -m tests.faultplan [JOURNEY …] [--fault KIND] [--at N] [--jobs N]`: every fault at every call, with progress."""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tests.faultplan.plan import Fault
from tests.faultplan.world import JOURNEYS, Broken, World, fault_world, planners


async def loop(world: World, fault: Fault) -> tuple[int, list[str]]:
    """n = 1, 2, 3 … until nothing went wrong any more; how many runs there were, and what was broken."""
    broken: list[str] = []
    at = 0
    while True:
        at += 1
        try:
            if not await world.run(fault, at):
                return at, broken
        except Broken as error:
            broken.append(str(error))
            print(f"  BROKEN {str(error).splitlines()[0]}", flush=True)


@dataclass
class Figures:
    """What a plan came to. `fired`: in so many runs something went wrong; the others are the last ones, untouched."""

    runs: int = 0
    fired: int = 0
    broken: list[str] = field(default_factory=list)


async def through(folder: Path, names: Sequence[str], faults: Sequence[Fault], jobs: int) -> Figures:
    """Every fault at every call of these journeys; `jobs` worlds of their own at the same time, in each one run after another."""
    left, figures = deque((name, fault) for name in names for fault in faults), Figures()

    async def lane(number: int) -> None:
        async with planners() as zygote:
            while left:
                name, fault = left.popleft()
                async with fault_world(folder / f"{number}-{name}-{fault}", name, zygote) as world:
                    done, found = await loop(world, fault)
                figures.runs += done
                figures.fired += done - 1
                figures.broken += found
                print(f"{name}: {fault} at each of {done - 1} calls, {len(found)} broken", flush=True)

    async with asyncio.TaskGroup() as group:
        for number in range(min(jobs, len(left))):
            group.create_task(lane(number))
    return figures


async def main(options: argparse.Namespace) -> int:
    names, faults, began = options.journey or list(JOURNEYS), options.fault or list(Fault), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="onetrip-faults-") as folder:
        if options.at:
            async with planners() as zygote:
                for name in names:
                    async with fault_world(Path(folder) / name, name, zygote) as world:
                        print(name, faults[0], options.at, await world.run(faults[0], options.at))
            return 0
        figures = await through(Path(folder), names, faults, options.jobs)
    used = [sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        f"{figures.runs} runs ({figures.fired} with a fault) in {time.monotonic() - began:.0f} s, {sum(used):.0f} s of processor; "
        f"{len(figures.broken)} broken"
    )
    return 1 if figures.broken else 0


def words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faultplan")
    parser.add_argument("journey", nargs="*", metavar="JOURNEY", help=", ".join(JOURNEYS))
    parser.add_argument("--fault", action="append", type=Fault, choices=list(Fault), help="default: each")
    parser.add_argument("--at", type=int, help="only at this call, with one --fault")
    parser.add_argument("--jobs", type=int, default=2, help="so many at the same time (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    sys.exit(asyncio.run(main(words())))
