"""What the front's two bars cost on this machine: `python -m tests.front.measure [COUNT]`.

One durable transition against a bare WAL+FULL commit of the same row, in turns; and how soon a front that was stopped with so many open
orders has nothing open any more. The wallet is in a process of its own (`… measure serve COUNT FD`), and knows more than the front:
a quarter each is paid meanwhile, never paid, a charge without an answer, and a refund without an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, permutations
from pathlib import Path
from typing import Any

from kiosk.front.acquirer.books import Back, Entry
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.check import check
from kiosk.front.front import build, opened
from kiosk.front.settings import FrontSettings
from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, Kind, RefundAt, TradeAt, Way
from kiosk.front.store import Change, Move, New, Record, Store
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SHANGHAI, SystemClock
from tests.front.hall import SECRET, Files

KINDS = ("paid", "unpaid", "charged", "refunding")
FEN = 20000
ENDS = (TradeAt.PAID, TradeAt.CLOSED, RefundAt.DONE)
LONG_AGO = "2026-03-18T10:00:00+08:00"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
PAID: dict[str, Any] = {"paid_fen": FEN, "paid_at": LONG_AGO, "trade_no": "A202603180000000001", "wallet": "acquirer"}


def numbers(count: int) -> list[tuple[str, str]]:
    return [(KINDS[n % 4], f"NB01{n:06}P1") for n in range(count)]


def _asked(way: Way) -> dict[str, Any]:
    return {"channel": "acquirer", "way": way, "amount_fen": FEN, "content": "0" * 64, "expires_at": LONG_AGO}


async def fill(store: Store, count: int) -> None:
    """The ledger as the front left it when it was stopped."""
    for kind, number in numbers(count):
        way = Way.CHARGED if kind == "charged" else Way.SHOWN
        (row,) = await store.commit(New(Kind.TRADE, number, "NB01", TradeAt.INTENT, "asked", _asked(way)))
        if kind in ("paid", "unpaid"):
            await store.commit(Move(row, TradeAt.WAITING, "code", {"code_payload": f"https://pay.example/{number}"}))
        elif kind == "refunding":
            await store.commit(Move(row, TradeAt.PAID, "query", PAID))
            data = {"trade_id": number, "fen": FEN}
            await store.commit(New(Kind.REFUND, f"{number}R1", "NB01", RefundAt.INTENT, "asked", data))


def wallet(count: int) -> FakeAcquirer:
    made = FakeAcquirer(HmacSigner(SECRET))
    at = dt.datetime.fromisoformat(LONG_AGO).astimezone(SHANGHAI).timestamp()
    for kind, number in numbers(count):
        entry = Entry(number, FEN, "x", at, "NB01", "", "", at, charged=kind == "charged")
        if kind in ("paid", "refunding"):
            entry.state, entry.paid_fen, entry.trade_no, entry.paid_at = "paid", FEN, PAID["trade_no"], at
        if kind == "charged":
            entry.state = "paying"
        made.books.orders[number] = entry
        if kind == "refunding" and int(number[4:10]) % 8 == 3:
            made.books.refunds[f"{number}R1"] = Back(f"{number}R1", number, FEN, at)
    return made


async def _serve(count: int, fd: int) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with serve(wallet(count).app) as at:
        with os.fdopen(fd, "w") as pipe:
            json.dump(at.url, pipe)
        await over.wait()


@contextlib.contextmanager
def remote(count: int) -> Iterator[str]:
    read, write = os.pipe()
    words = [sys.executable, "-m", "tests.front.measure", "serve", str(count), str(write)]
    process = subprocess.Popen(words, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield json.load(pipe)
    finally:
        process.terminate()
        process.wait()


async def recovery(folder: Path, count: int) -> tuple[float, float]:
    """Seconds, and seconds of this process's own work, from the opening of the front until nothing is open any more; its invariants hold
    then."""
    files, clock = Files(folder), SystemClock()
    store = Store(files.ledger, clock)
    await store.open()
    await fill(store, count)
    await store.close()
    with remote(count) as url:
        pace: dict[str, Any] = {"later_s": [60.0], "late_s": [3600.0], "refund_s": [60.0]}
        settings = files.settings(url, acquirer={"read_s": 8.0}, polling=pace)
        over, loop, ended = asyncio.Event(), asyncio.get_running_loop(), Counter[str]()

        def count_ends(when: str, changes: tuple[Change, ...]) -> None:
            ended.update(when for change in changes if isinstance(change, Move) and change.state in ENDS)
            if ended["after"] == count:
                loop.call_soon_threadsafe(over.set)

        front = build(FrontSettings.model_validate(settings), clock, on_commit=count_ends)
        started, busy = time.perf_counter(), time.process_time()
        async with opened(front):
            await over.wait()
            took = time.perf_counter() - started, time.process_time() - busy
            left = [
                *await front.store.find(Kind.TRADE, OPEN_TRADES),
                *await front.store.find(Kind.REFUND, OPEN_REFUNDS),
            ]
            if left or (breaches := await check(front.store, clock.now())):
                raise RuntimeError(f"{len(left)} still open, or broken invariants: {[] if left else breaches[:1]}")
    return took


class Bare:
    """sqlite3 in the front's own schema: a trade's row becomes paid, and nothing around it. `event`: its event is written as well."""

    def __init__(self, path: Path, *, event: bool) -> None:
        self._event = event
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")

    def pay(self, number: str) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(
            "UPDATE trade SET state='paid', version=3, moved_at=?, paid_fen=?, paid_at=?, trade_no=?, wallet=? "
            "WHERE id=? AND version=2 AND state='waiting'",
            (LONG_AGO, *PAID.values(), number),
        )
        if self._event:
            self._db.execute(
                "INSERT INTO event (kind, record, old, new, version, at, why, hash) VALUES (?,?,?,?,?,?,?,?)",
                ("trade", number, "waiting", "paid", 3, LONG_AGO, "query", "0" * 64),
            )
        self._db.execute("COMMIT")


async def transition(folder: Path, times: int) -> dict[str, float]:
    """Medians in milliseconds: the front's, a bare row's, a bare row's with its event; and the median of the paired ratios."""
    made: dict[str, list[Record]] = {}
    for name in ("front", "row", "event"):
        (folder / name).mkdir()
        store = Store(Files(folder / name).ledger, SystemClock())
        await store.open()
        news = [
            New(Kind.TRADE, number, "NB01", TradeAt.INTENT, "asked", _asked(Way.SHOWN)) for _, number in numbers(times)
        ]
        rows = await store.commit(*news)
        made[name] = list(await store.commit(*(Move(row, TradeAt.WAITING, "code") for row in rows)))
        if name != "front":
            await store.close()
        else:
            front = store
    bare = {name: Bare(folder / name / "front.db", event=name == "event") for name in ("row", "event")}
    took: dict[str, list[float]] = {name: [] for name in made}
    for number, turn in zip(range(times), cycle(permutations(made)), strict=False):
        for name in turn:
            started = time.perf_counter()
            if name == "front":
                await front.commit(Move(made[name][number], TradeAt.PAID, "query", PAID))
            else:
                bare[name].pay(made[name][number].id)
            took[name].append((time.perf_counter() - started) * 1000)
    await front.close()
    found = {name: statistics.median(values[30:]) for name, values in took.items()}
    pairs = zip(took["front"][30:], took["row"][30:], strict=True)
    return {**found, "ratio": statistics.median(ours / theirs for ours, theirs in pairs)}


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="onetrip-front-", dir=".") as folder:
        found = asyncio.run(transition(Path(folder), 400))
    print("one transition, ms:", {name: round(value, 3) for name, value in found.items()})
    for _ in range(3):
        with tempfile.TemporaryDirectory(prefix="onetrip-front-", dir=".") as folder:
            took, busy = asyncio.run(recovery(Path(folder), count))
        print(f"recovery of {count}: {took:.2f} s, {busy:.2f} s of them at work")


if __name__ == "__main__":
    from kiosk.logs import configure

    configure()
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(int(sys.argv[2]), int(sys.argv[3])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
