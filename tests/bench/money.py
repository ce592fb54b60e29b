"""Money: how soon a machine that was stopped with 1,000 open orders serves again, and how soon the screen knows of a payment."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kiosk.app import assemble
from kiosk.gateways.http import Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.wallet.client import WalletClient
from kiosk.journeys.services import run_violation
from kiosk.ledger.cashier import Cashier
from kiosk.ledger.check import check
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.orders import Orders
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.store import Store
from kiosk.ledger.sweeper import Sweeper
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen
from kiosk.screens.base import Screen
from kiosk.screens.pay import PayByQr
from kiosk.screens.robot import RobotPage
from tests.bench import money_world
from tests.bench.rows import Effort, Row, median, percentile, progress
from tests.bench.visit import Timed, settings_in
from tests.faults.people import people

A = TypeVar("A")
OPEN_ORDERS = 1000
BAR_S = 5.0
POLL_S, BAR_POLLS = 1.0, 1.0
CHANCE = random.Random(6)


@contextmanager
def _remote_sides(count: int) -> Iterator[dict[str, str]]:
    read, write = os.pipe()
    words = [sys.executable, "-m", "tests.bench.money_world", str(count), str(write)]
    process = subprocess.Popen(words, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield json.load(pipe)
    finally:
        process.terminate()
        process.wait()


async def _boot(effort: Effort) -> list[Row]:
    count, times = OPEN_ORDERS, effort.of(3, 1)
    took = []
    for number in range(times):
        progress(f"money: boot with {count} open orders, {number + 1} of {times}")
        with tempfile.TemporaryDirectory(prefix="onetrip-bench-", dir=".") as folder, _remote_sides(count) as at:
            file = f"sqlite:///{folder}/ledger.db"
            before = Store(file, SystemClock())
            await before.open()
            await money_world.fill(before, count)
            await before.close()
            took.append(await _recover(file, at))
    return [
        Row(
            "money",
            f"boot recovery of {count} open orders, until nothing is open any more",
            median(took),
            "s",
            f"median of {times}",
            BAR_S,
            note="a quarter each: paid meanwhile, never paid, posting unknown, refund unanswered; remote sides in another process",
            data={"boot": took},
        )
    ]


async def _recover(file: str, at: dict[str, str]) -> float:
    """Seconds from opening the ledger to the end of the first pass, which must leave nothing open and no invariant broken."""
    clock = SystemClock()
    platform = PoliceClient(Endpoint(at["police"]))
    wallet = WalletClient(
        at["wallet"],
        device_id=money_world.KIOSK,
        device_key=money_world.KEY,
        front_keys=[at["key"]],
        terminal_id=money_world.KIOSK,
        clock=clock,
    )
    started = time.perf_counter()
    store, cipher = Store(file, clock), FieldCipher(bytes(32))
    await store.open()
    orders = Orders(store, cipher, clock, money_world.KIOSK)
    registrar = Registrar(store, platform, cipher, clock)
    cashier = Cashier(store, wallet, platform, clock, expires_in=60, late=120)
    left = await Sweeper(store, orders, registrar, cashier, clock).sweep()
    took = time.perf_counter() - started
    breaches = await check(store, clock.now())
    await store.close()
    await platform.aclose()
    await wallet.aclose()
    if not left.clean or breaches:
        raise RuntimeError(f"recovery left {left} and {len(breaches)} broken invariants, {breaches[:1]}")
    return took


class Watched(Timed):
    """The wallet books the payment at some moment after the code is shown; noted is how long the screen did not know of it, in seconds."""

    def __init__(self, citizen: Citizen, wallet: Any, took: list[float]) -> None:
        super().__init__(citizen)
        self._wallet, self._took = wallet, took
        self._booked = 0.0

    def open(self, screen: Screen[A]) -> RobotPage:
        page = super().open(screen)
        if not isinstance(screen, PayByQr):
            return page
        update = page.update

        def seen(screen: Screen[Any]) -> None:
            if isinstance(screen, PayByQr) and screen.state == "paid" and self._booked:
                self._took.append(time.perf_counter() - self._booked)
                self._booked = 0.0
            update(screen)

        page.update = seen  # type: ignore[method-assign]
        asyncio.get_running_loop().call_later(CHANCE.uniform(0.1, 2.1) * POLL_S, self._book)
        return page

    def _book(self) -> None:
        self._wallet.control({"do": "pay"})
        self._booked = time.perf_counter()


async def _known(effort: Effort) -> list[Row]:
    times = effort.of(40, 8)
    took: list[float] = []
    progress(f"money: {times} visits that pay at some moment, a question to the wallet each {POLL_S:g} s at the latest")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onetrip-bench-")))
        drivers = list(people(folder, "violation", times))
        machine = await stack.enter_async_context(
            assemble(settings_in(folder, POLL_S), scenarios=drivers, attend=False)
        )
        for name in ("id_card", "receipt_printer"):
            await machine.devices.by_name[name].open()
        wallet: Any = machine.virtual["wallet"]
        wallet.control({"do": "script", "preset": "human"})
        for scenario in drivers:
            citizen = Citizen(scenario, machine.virtual)
            citizen.arrive()
            ended = await run_violation(machine.kit(Watched(citizen, wallet, took)))
            if ended.outcome != "paid":
                raise RuntimeError(f"the visit ended with {ended.outcome}")
            citizen.leave()
            machine.virtual["receipt_printer"].control({"do": "take"})
    if len(took) != times:
        raise RuntimeError(f"{len(took)} of {times} payments came to be known by asking")
    polls = [seconds / POLL_S for seconds in took]
    return [
        Row(
            "money",
            "a payment known to the screen after the wallet knows of it, in intervals of asking",
            max(polls),
            "x",
            f"worst of {times}",
            BAR_POLLS,
            note=f"median {median(polls):.2f}, p90 {percentile(polls, 90):.2f}; interval {POLL_S:g} s, wallet and police by HTTP",
            data={"s": took},
        )
    ]


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_boot(effort)) + asyncio.run(_known(effort))
