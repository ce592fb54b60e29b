"""`python -m tests.soak.kills --minutes 10`: services killed at random under running journeys.

A real pcscd and a real cupsd, every simulated device and remote side as a process of its own, and the kiosk's own workers are killed with
SIGKILL and started again at random, while one citizen after the other comes. Everything must come back by itself, nothing may be printed
twice, no money may change by it, and the machine may hold no more at the end than at the beginning.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import os
import random
import sys
from collections import Counter
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from kiosk.care.supervisor import GONE, JITTER, Patience
from kiosk.ports.devices import Link
from tests.bench.soak import slope
from tests.soak.census import Census, census, grown
from tests.soak.hall import Soak, missing, soak_hall
from tests.soak.judge import settle, troubles
from tests.soak.services import Service, children

DOWN_S = (0.2, 6.0)
AT_ONCE = 2
BACK_S = Patience().last * (1 + JITTER) + Patience().opening
"""The longest pause between two tries to open a device, and the longest try."""
PAUSE_S = 0.5
EACH_S = 2.0
"""What a citizen needs at least, pause included: so many people are made."""
MEMORY_MB = 15.0
"""More than this between the second and the last quarter of a run is no settling in."""
LOOK_S = 0.1


@dataclass
class Report:
    kills: Counter[str] = field(default_factory=Counter)
    back: dict[str, list[float]] = field(default_factory=dict)
    """By device: how long after its service was up again, citizens' visits not counted, it could be used."""
    holds: list[Census] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)


@dataclass
class Run:
    soak: Soak
    chance: random.Random
    every: float
    report: Report = field(default_factory=Report)
    watches: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def kill_at_random(self) -> None:
        """For ever. Services that are down are started again also when this is cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(self.chance.expovariate(1 / self.every))
                up = [each for each in self.soak.services if each.up]
                if len(self.soak.services) - len(up) < AT_ONCE:
                    group.create_task(self._kill(self.chance.choice(up), self.chance.uniform(*DOWN_S)))

    async def _kill(self, service: Service, seconds: float) -> None:
        self.report.kills[service.name] += 1
        try:
            await service.kill()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(seconds)
        finally:
            await asyncio.shield(asyncio.ensure_future(self._start(service)))

    async def _start(self, service: Service) -> None:
        await service.start()
        if (hand := self.soak.hands.get(service.name)) is not None and hasattr(hand, "restore"):
            hand.restore()
        if service.device:
            if (before := self.watches.get(service.device)) is not None:
                before.cancel()
            self.watches[service.device] = asyncio.ensure_future(self._watch(service))

    async def _watch(self, service: Service) -> None:
        """Until the device can be used again. While a citizen has the devices nobody opens any, so that time does not count."""
        loop, waited = asyncio.get_running_loop(), 0.0
        last = loop.time()
        while not self._usable(service.device):
            await asyncio.sleep(LOOK_S)
            now = loop.time()
            waited, last = waited + (0.0 if self.soak.visiting else now - last), now
            if waited > BACK_S:
                self.report.troubles.append(f"{service.device} was not back {waited:.0f} s after {service.name}")
                return
        self.report.back.setdefault(service.device, []).append(waited)

    def _usable(self, device: str) -> bool:
        return self.soak.machine.supervisor.state(device).status.link not in (*GONE, Link.OPENING)

    async def go(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            await self.soak.visit()  # undisturbed: everything is loaded and opened once
        self.report.holds.append(census())
        until, told = loop.time() + seconds, loop.time()
        killing = asyncio.ensure_future(self.kill_at_random())
        while loop.time() < until and not killing.done():
            await self.soak.visit()
            if all(each.up for each in self.soak.services):
                self.report.holds.append(census())
            if loop.time() - told > 20:
                told = loop.time()
                self._tell(until - told)
            await asyncio.sleep(PAUSE_S)
        killing.cancel()
        with suppress(asyncio.CancelledError):
            await killing
        await self._calm()

    async def _calm(self) -> None:
        """Everything is up: every device comes back, a last citizen of each service is served, and what is open ends."""
        await asyncio.gather(*self.watches.values(), return_exceptions=True)
        for name in self.soak.machine.devices.by_name:
            state = await self.soak.machine.supervisor.look_now(name)
            if state.status.link in GONE:
                self.report.troubles.append(f"{name} is {state.status.link}: {state.status.detail}")
        for _ in range(3):
            await self.soak.visit()
            service, outcome = self.soak.endings[-1]
            if outcome not in ("paid", "endorsed", "printed"):
                self.report.troubles.append(f"afterwards, with everything up, a {service} ended with {outcome}")
        self.report.holds.append(census())
        await settle(self.soak.machine)
        self.report.troubles += await troubles(self.soak.machine, self.soak.folder)
        sheets = Counter(hashlib.sha256(file.read_bytes()).hexdigest() for file in self._sheets())
        self.report.troubles += [f"a form came out {n} times" for n in sheets.values() if n > 1]
        forms = Counter(outcome for service, outcome in self.soak.endings if service == "form")
        if not forms["printed"] <= len(sheets) <= sum(forms.values()):
            self.report.troubles.append(f"{len(sheets)} forms came out, {forms}")
        self.report.troubles += self.soak.crashes + grown(self.report.holds)

    def _sheets(self) -> list[Any]:
        cupsd: Any = next(each for each in self.soak.services if each.name == "cupsd")
        return sorted(cupsd.spooler.papers.glob("*.pdf"))

    def _tell(self, left: float) -> None:
        outcomes = ", ".join(f"{n} {how}" for how, n in Counter(how for _, how in self.soak.endings).most_common())
        print(
            f"{left:5.0f} s left; {self.report.kills.total()} kills; {outcomes}; {self.report.holds[-1].told()}",
            flush=True,
        )


async def run(seconds: float, seed: int, every: float) -> Report:
    """Raises only what the soak itself does wrong; what it finds stands in the report's troubles."""
    report = Report()
    structlog.configure(processors=[lambda *said: _heard(report, *said)])
    try:
        async with soak_hall(int(seconds / EACH_S) + 12) as soak:
            work = Run(soak, random.Random(seed), every, report)
            await work.go(seconds)
            work._tell(0)
    finally:
        structlog.reset_defaults()
    report.troubles += [f"the machine logged {event} {n} times" for event, n in report.errors.items()]
    memory = [each.resident_mb for each in report.holds]
    quarter = len(memory) // 4
    if quarter >= 10:
        more = min(memory[-quarter:]) - min(memory[quarter : 2 * quarter])
        print(
            f"memory: {more:+.1f} MB from the second to the last quarter, {slope(memory[quarter:], 1):+.1f} MB per 1,000 visits"
        )
        if more > MEMORY_MB:
            report.troubles.append(f"memory grew by {more:.1f} MB")
    if left := children(os.getpid()):
        report.troubles.append(f"processes {left} were left behind")
    return report


def _heard(report: Report, _: Any, method: str, event: MutableMapping[str, Any]) -> Any:
    """What only a bug can say. Trouble with devices and remote sides is what this is about."""
    if event.get("exc_info") and method in ("error", "exception"):
        report.errors[str(event["event"])] += 1
    raise structlog.DropEvent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.kills", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument(
        "--every", type=float, default=4.0, help="seconds between two kills, on average (default: %(default)s)"
    )
    options = parser.parse_args()
    if why := missing():
        print(f"cannot run here: {why}", file=sys.stderr)
        return 2
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    print(f"seed {options.seed}", flush=True)
    report = asyncio.run(run(options.minutes * 60, options.seed, options.every))
    print(f"kills: {dict(report.kills.most_common())}")
    for device, waits in sorted(report.back.items()):
        print(
            f"  {device}: back {len(waits)} times, after {sorted(waits)[len(waits) // 2]:.1f} s, at the most {max(waits):.1f} s"
        )
    for trouble in report.troubles:
        print(f"TROUBLE {trouble}")
    print("nothing was lost, nothing came twice" if not report.troubles else f"{len(report.troubles)} troubles")
    return 1 if report.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
