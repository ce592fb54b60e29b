"""Money: one durable transition against a bare commit of the same row, and how soon a machine that was stopped with 1,000 open orders
serves again."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

from kiosk.gateways.http import Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ledger.cashier import Cashier
from kiosk.ledger.check import check
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.orders import Orders
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import Kind
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ledger.sweeper import Sweeper
from kiosk.ports.clock import SystemClock
from tests.bench import money_world
from tests.bench.rows import Effort, Row, median, paired, percentile, progress

OPEN_ORDERS = 1000
BAR_X, BAR_S = 1.5, 5.0
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
TURNS = tuple(permutations(("ledger", "row", "event")))
AT = "2026-11-21T10:00:00.000+08:00"
ORDER = "CI01202611210001"
EVIDENCE: dict[str, Any] = {
    "paid_fen": 15000,
    "paid_at": AT,
    "trade_no": "2026112122001400001000000001",
    "wallet": "alipay",
}


class Bare:
    """sqlite3 in the ledger's own schema: a payment's row becomes paid, and nothing around it. `event`: its event is written as well."""

    def __init__(self, path: Path, *, event: bool) -> None:
        self._event = event
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")

    def pay(self, payment: str) -> None:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            "UPDATE payment SET state='paid', version=3, moved_at=?, paid_fen=?, paid_at=?, trade_no=?, wallet=? "
            "WHERE id=? AND version=2 AND state='pending'",
            (AT, *EVIDENCE.values(), payment),
        )
        if self._event:
            db.execute(
                "INSERT INTO event (kind, record, old, new, version, at, why, hash) VALUES (?,?,?,?,?,?,?,?)",
                ("payment", payment, "pending", "paid", 3, AT, "wallet_says_paid", "0" * 64),
            )
        db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()


async def _payments(path: Path, count: int) -> tuple[Store, list[Record]]:
    """A ledger with so many payments whose codes are shown."""
    store = Store(f"sqlite:///{path}", SystemClock())
    await store.open()
    order = {"journey": "violation", "amount_fen": 15000, "subject_index": "0" * 64, "subject_enc": b"0" * 64}
    asked = {"amount_fen": 15000, "covers": [f"{ORDER}D1"], "expires_at": AT}
    await store.commit(New(Kind.ORDER, ORDER, ORDER, "signed", order))
    made = await store.commit(*(New(Kind.PAYMENT, f"{ORDER}P{n}", ORDER, "asked", asked) for n in range(count)))
    return store, list(await store.commit(*(Move(row, "pending", "code_shown") for row in made)))


async def _transition(effort: Effort) -> list[Row]:
    times, warm = effort.of(600, 150), 30
    took: dict[str, list[float]] = {"ledger": [], "row": [], "event": []}
    progress(f"money: {times} durable transitions by the ledger, and bare, in turns")
    with tempfile.TemporaryDirectory(prefix="onetrip-bench-", dir=".") as folder:
        store, payments = await _payments(Path(folder) / "ours.db", times + warm)
        bare = {}
        for name in ("row", "event"):
            twin, _ = await _payments(Path(folder) / f"{name}.db", times + warm)
            await twin.close()
            bare[name] = Bare(Path(folder) / f"{name}.db", event=name == "event")
        for number, payment in enumerate(payments):
            for name in TURNS[number % len(TURNS)]:
                started = time.perf_counter()
                if name == "ledger":
                    await store.commit(Move(payment, "paid", "wallet_says_paid", EVIDENCE))
                else:
                    bare[name].pay(payment.id)
                if number >= warm:
                    took[name].append((time.perf_counter() - started) * 1000)
        for side in bare.values():
            side.close()
        await store.close()
    mid = {name: median(values) for name, values in took.items()}
    return [
        Row(
            "money",
            "one durable transition of a payment, over a bare WAL+FULL commit of the same row",
            paired(took["ledger"], took["row"]),
            "x",
            f"median of {times}",
            BAR_X,
            peer=f"ledger {mid['ledger']:.2f} ms, bare row {mid['row']:.2f} ms",
            ratio=paired(took["ledger"], took["row"]),
            note=f"with its chained event and from the event loop; p99 {percentile(took['ledger'], 99):.2f} ms",
            data=took,
        ),
        Row(
            "money",
            "the same, over a bare commit of the same row and event",
            paired(took["ledger"], took["event"]),
            "x",
            f"median of {times}",
            peer=f"bare row and event {mid['event']:.2f} ms",
            ratio=paired(took["ledger"], took["event"]),
        ),
    ]


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


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_transition(effort)) + asyncio.run(_boot(effort))
