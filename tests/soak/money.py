"""`python -m tests.soak.money --kills 10000`: a process that works through payments is killed at random, again and again.

Police platform and wallet live on outside with their own books; between them and the process lie lines that are cut. Meanwhile the clock
jumps by years, the disk is full, payers pay late, twice or after their code was closed. After every some hundred kills everything is
mended, the hours pass, and the books are compared: 0 lost, 0 charged twice, 0 posted twice, 0 refunds without payment, no move that was
told as durable gone. The books are compared also right after each kill, as far as they must agree at any time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from kiosk.gateways.embedded import serve
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ledger.store import Store
from kiosk.ports.wallet import TradeState
from tests.crash.conftest import Zygote, started
from tests.faultplan.books import agree
from tests.faultplan.plan import MovedClock
from tests.soak.clerk import DEVICE, KEY, crowd
from tests.soak.proxy import Line, Proxy, proxy

LEDGER_KILLS = 100
"""Then what it holds is compared, and a new one begins."""
LIVES = (0, 12)
"""So many moves are durable in a life, from when the process takes money: the load is the same on a machine that has little time for it."""
MOMENT_S = (0.0, 0.02)
"""And then so long until the kill: between any two statements, or while it waits."""
LONGEST_S = 2.0
"""A life in which nothing moves: the lines are cut, or the disk is full."""
EARLY = 0.1
"""So many are killed while they start."""
PAYERS = ("after", "after", "after", "after", "human", "late", "at_close", "after_close")
LINES = (Line.CUT, Line.HOLE, Line.DEAF)
YEARS = (-3653, -365, 365, 3653)
FORWARD_S = (0.0, 0.0, 5.0, 70.0, 200.0, 1000.0)
"""How far the day goes on between two lives."""


@dataclass
class Tally:
    kills: int = 0
    ledgers: int = 0
    payments: Counter[str] = field(default_factory=Counter)
    postings: int = 0
    refunds: int = 0
    moves: int = 0
    troubles: list[str] = field(default_factory=list)

    def told(self, began: float) -> str:
        per_s = self.kills / max(time.monotonic() - began, 0.1)
        states = ", ".join(f"{count} {state}" for state, count in self.payments.most_common())
        return (
            f"{self.kills} kills ({per_s:.1f} a second); {self.ledgers} ledgers, {self.moves} moves; payments: {states or 'none yet'}; "
            f"{self.postings} posted, {self.refunds} given back; {len(self.troubles)} troubles"
        )


@dataclass
class World:
    folder: Path
    police: SimulatedPolice
    wallet: FakeFront
    clock: MovedClock
    lines: tuple[Proxy, ...]
    urls: dict[str, str]
    zygote: Zygote
    scenario: str
    chance: random.Random
    empty: Path

    async def life(self) -> None:
        """One process, from its start to its kill."""
        chance = self.chance
        self._pays()
        order = {
            "after": chance.uniform(0, 0.15),
            "for": chance.uniform(0.02, 0.2),
            "skew_days": chance.choice(YEARS) if chance.random() < 0.15 else 0,
            "disk": chance.choice(("full", "stuck")) if chance.random() < 0.15 else "",
            "seed": chance.randrange(1 << 30),
        }
        for name in ("pid", "ready"):
            (self.folder / name).unlink(missing_ok=True)
        working = asyncio.ensure_future(self._ask(do="work", **order))
        cutting = asyncio.ensure_future(self._cut()) if chance.random() < 0.3 else None
        early, moves, moment = chance.random() < EARLY, chance.randint(*LIVES), chance.uniform(*MOMENT_S)
        await self._there("pid" if early else "ready", working)
        if not early:
            await self._moved(moves, working)
        await asyncio.wait((working,), timeout=moment)
        if not working.done():
            with suppress(ProcessLookupError):
                os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)
        answer = await working
        if answer["exit"] not in (0, -signal.SIGKILL):
            raise AssertionError(f"the process ended by itself with {answer['exit']}")
        if cutting is not None:
            cutting.cancel()
            await asyncio.gather(cutting, return_exceptions=True)
        self._mend()
        self._broken_word()
        self._go_on(chance.choice(FORWARD_S))

    async def _there(self, name: str, working: asyncio.Future[Any]) -> None:
        while not (self.folder / name).exists() and not working.done():
            await asyncio.sleep(0.005)

    async def _moved(self, moves: int, working: asyncio.Future[Any]) -> None:
        """Returns when so many more were told as durable than now, nothing moves for long, or the process has ended."""
        told = self.folder / "told"
        wanted = told.read_bytes().count(b"\n") + moves
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S):
                while told.read_bytes().count(b"\n") < wanted and not working.done():
                    await asyncio.sleep(0.003)

    async def ledger(self, kills: int, tally: Tally) -> None:
        """So many kills on one ledger, then the comparison."""
        self._fresh()
        for _ in range(kills):
            await self.life()
            tally.kills += 1
            self._always()
        self.wallet.control({"do": "script", "preset": "never"})
        answer = await self._ask(do="settle", after=0, skew_days=0, disk="", seed=0)
        if answer["exit"] != 0:
            raise AssertionError(f"the last start on this ledger ended with {answer['exit']}")
        found = json.loads(answer["said"])
        tally.ledgers += 1
        tally.moves += len((self.folder / "told").read_text().splitlines())
        tally.payments.update(row[1] for row in found["payments"].values())
        tally.postings += sum(state == "posted" for state in found["postings"].values())
        tally.refunds += sum(row[1] == "refunded" for row in found["payments"].values())
        assert found["lost"] == [], "moves that were told as durable are gone"
        assert found["breaches"] == [], found["breaches"]
        assert found["open"] == [], f"after hours still open: {found['open']}"
        agree(found, self.wallet.ledger, self.police.world.books)

    def _fresh(self) -> None:
        for left in (*self.folder.glob("ledger.db*"), self.folder / "told"):
            left.unlink(missing_ok=True)
        shutil.copy(self.empty, self.folder / "ledger.db")
        self.police.control({"do": "reset"})
        self.wallet.control({"do": "reset"})
        self._go_on(24 * 3600)

    def _always(self) -> None:
        """What holds also while much is open."""
        books, trades = self.police.world.books, self.wallet.ledger._entries
        assert books.serial == len(books.decisions), "a record was decided twice"
        paid = {entry.trade_no: entry for entry in trades.values() if entry.trade_no}
        for posted in books.payments.values():
            assert posted.trade_no in paid, "posted, and nobody paid"
            assert posted.amount_fen == paid[posted.trade_no].paid_fen
            assert paid[posted.trade_no].state is TradeState.PAID, "posted, and given back"
        assert len({posted.trade_no for posted in books.payments.values()}) == len(books.payments), (
            "one payment, posted twice"
        )
        for entry in trades.values():
            assert len(entry.refunds) <= 1
            assert not entry.refunds or entry.trade_no, "given back, and never paid"

    async def _cut(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.01, 0.2))
            self.chance.choice(self.lines).line = self.chance.choice((*LINES, Line.OPEN))

    def _mend(self) -> None:
        for line in self.lines:
            line.line = Line.OPEN

    def _pays(self) -> None:
        payer = self.chance.choice(PAYERS)
        seconds = self.chance.choice((0, 0, 5))
        self.wallet.control({"do": "script", "payer": payer, "seconds": seconds})

    def _broken_word(self) -> None:
        """A trade that was called closed is paid all the same, at the next question; within the time of the late checks."""
        now = self.wallet.ledger.now()
        closed = [
            entry
            for entry in self.wallet.ledger._entries.values()
            if entry.state is TradeState.CLOSED and entry.token and now - entry.created < 600
        ]
        if closed and self.chance.random() < 0.2:
            self.chance.choice(closed).pays_in_spite = True

    def _go_on(self, seconds: float) -> None:
        file = self.folder / "clock"
        self.clock.set_forward(float(file.read_text()) + seconds)

    async def _ask(self, **order: Any) -> dict[str, Any]:
        return await self.zygote.ask(**order, folder=str(self.folder), scenario=self.scenario, **self.urls)


@asynccontextmanager
async def money_world(folder: Path, seed: int, zygote: Zygote) -> AsyncIterator[World]:
    (folder / "clock").write_text("0")
    clock, name = MovedClock(folder / "clock"), "happy_two_records"
    police, wallet = SimulatedPolice([crowd(name)], clock=clock), FakeFront(clock)
    wallet.register(DEVICE, KEY)
    empty = folder / "empty.db"
    store = Store(f"sqlite:///{empty}", clock)
    await store.open()
    await store.close()
    async with (
        serve(police.app) as traffic,
        serve(wallet.app) as till,
        proxy(traffic.port) as (to_police, police_port),
        proxy(till.port) as (to_wallet, wallet_port),
    ):
        urls = {
            "police": f"http://127.0.0.1:{police_port}",
            "wallet": f"http://127.0.0.1:{wallet_port}",
            "front_key": wallet.public_key,
        }
        lines = (to_police, to_wallet)
        yield World(folder, police, wallet, clock, lines, urls, zygote, name, random.Random(seed), empty)


async def run(kills: int, seed: int, *, each: int = LEDGER_KILLS, progress: bool = False) -> Tally:
    """What is broken stands in the tally's troubles, with the seed of its ledger."""
    tally, began, told = Tally(), time.monotonic(), time.monotonic()
    number = 0
    async with started("tests.soak.clerk") as zygote:
        while tally.kills < kills:
            ledger_seed = seed * 10_000 + number
            number += 1
            with tempfile.TemporaryDirectory(prefix="onetrip-money-") as folder:
                async with money_world(Path(folder), ledger_seed, zygote) as world:
                    try:
                        await world.ledger(min(each, kills - tally.kills), tally)
                    except AssertionError as error:
                        tally.troubles.append(f"ledger {ledger_seed}: {error}"[:600])
                        if progress:
                            print(f"TROUBLE {tally.troubles[-1]}", flush=True)
            if progress and time.monotonic() - told > 20:
                told = time.monotonic()
                print(tally.told(began), flush=True)
    if progress:
        print(tally.told(began))
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.money", description=__doc__)
    parser.add_argument("--kills", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--each", type=int, default=LEDGER_KILLS, help="kills on one ledger (default: %(default)s)")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    print(f"seed {options.seed}", flush=True)
    tally = asyncio.run(run(options.kills, options.seed, each=options.each, progress=True))
    zero = not tally.troubles
    print("0 lost, 0 charged twice, 0 posted twice, 0 given back unpaid" if zero else f"{len(tally.troubles)} troubles")
    if zero:
        print(f"with 95 % certainty fewer than {3 / max(tally.kills, 1):.1e} of all kills do harm")
    return 0 if zero else 1


if __name__ == "__main__":
    sys.exit(main())
