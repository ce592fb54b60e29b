"""`python -m tests.faultplan [JOURNEY …] [--fault KIND] [--at N]`: every fault at every call, one after another, with progress."""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import sys
import tempfile
import time
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


async def main(options: argparse.Namespace) -> int:
    runs, broken, began = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="onetrip-faults-") as folder:
        async with planners() as zygote:
            for name in options.journey or JOURNEYS:
                async with fault_world(Path(folder) / name, name, zygote) as world:
                    if options.at:
                        print(name, options.fault[0], options.at, await world.run(options.fault[0], options.at))
                        continue
                    for fault in options.fault or Fault:
                        done, found = await loop(world, fault)
                        runs, broken = runs + done, broken + len(found)
                        print(f"{name}: {fault} at each of {done - 1} calls, {len(found)} broken", flush=True)
    used = [sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"{runs} runs in {time.monotonic() - began:.0f} s, {sum(used):.0f} s of processor; {broken} broken")
    return 1 if broken else 0


def words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faultplan")
    parser.add_argument("journey", nargs="*", metavar="JOURNEY", help=", ".join(JOURNEYS))
    parser.add_argument("--fault", action="append", type=Fault, choices=list(Fault), help="default: each")
    parser.add_argument("--at", type=int, help="only at this call, with one --fault")
    return parser.parse_args()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    sys.exit(asyncio.run(main(words())))
