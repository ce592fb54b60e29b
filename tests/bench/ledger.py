"""One durable transition of a payment in the ledger, against a bare sqlite3 commit of the same row on the same disk, WAL and FULL alike."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from kiosk.ledger.states import Kind
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ledger.worker import Worker
from kiosk.ports.clock import SystemClock
from tests.bench.rows import Effort, Row, median, paired, percentile, progress

BAR_X = 1.5
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
SIDES = ("ledger", "row", "event", "thread")
SAID = {"row": "bare row", "event": "bare row and event", "thread": "in a thread"}
WARM, FRESH, GROWN = 30, 200, 270
"""Not counted; counted while the WAL files grow and the disk takes longer; not counted until all of them are written over."""
TOGETHER = 8
TURNS = tuple(permutations(SIDES))
"""Each side stands in each place equally often: what ran just before decides how warm the disk's cache is."""
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


async def _measure(effort: Effort) -> list[Row]:
    steady, rounds = effort.of(600, 150), effort.of(40, 10)
    times = WARM + FRESH + GROWN + steady
    progress(f"ledger: {times} durable transitions by the ledger, and bare, in turns")
    with tempfile.TemporaryDirectory(prefix="onetrip-bench-", dir=".") as folder:
        store, payments = await _payments(Path(folder) / "ours.db", times + rounds * TOGETHER)
        bare = {}
        for name in SIDES[1:]:
            twin, _ = await _payments(Path(folder) / f"{name}.db", len(payments))
            await twin.close()
        for name in ("row", "event"):
            bare[name] = Bare(Path(folder) / f"{name}.db", event=name == "event")
        thread = Worker("bench")
        bare["thread"] = await thread.do(lambda: Bare(Path(folder) / "thread.db", event=False))

        async def pay(name: str, payment: Record) -> None:
            if name == "ledger":
                await store.commit(Move(payment, "paid", "wallet_says_paid", EVIDENCE))
            elif name == "thread":
                await thread.do(lambda: bare["thread"].pay(payment.id))
            else:
                bare[name].pay(payment.id)

        took = await _in_turns(payments[:times], pay)
        together = await _together(payments[times:], pay)
        for name in ("row", "event"):
            bare[name].close()
        await thread.do(bare["thread"].close)
        thread.stop()
        await store.close()
    fresh = {name: values[WARM : WARM + FRESH] for name, values in took.items()}
    grown = {name: values[WARM + FRESH + GROWN :] for name, values in took.items()}
    chained = "with its chained event, and awaited by the event loop"
    return [
        _over(
            grown,
            "row",
            "one durable transition of a payment, over a bare WAL+FULL commit of the same row",
            BAR_X,
            f"{chained}; p99 {percentile(grown['ledger'], 99):.2f} ms",
        ),
        _over(fresh, "row", "the same in the first hundreds after a start, while the WAL file still grows", BAR_X),
        _over(grown, "event", "the same, over a bare commit of the same row and event", None),
        _over(
            grown, "thread", "the same, over a bare commit of the row that is waited for by the event loop too", None
        ),
        _over(together, "row", f"each of {TOGETHER} that wait at once, over a bare commit of its row", BAR_X),
    ]


async def _in_turns(
    payments: Sequence[Record], pay: Callable[[str, Record], Awaitable[None]]
) -> dict[str, list[float]]:
    """Milliseconds by side, payment by payment."""
    took: dict[str, list[float]] = {side: [] for side in SIDES}
    for number, payment in enumerate(payments):
        for name in TURNS[number % len(TURNS)]:
            started = time.perf_counter()
            await pay(name, payment)
            took[name].append((time.perf_counter() - started) * 1000)
    return took


async def _together(
    payments: Sequence[Record], pay: Callable[[str, Record], Awaitable[None]]
) -> dict[str, list[float]]:
    """Milliseconds for each of those that are asked for at once; the bare ones come one after another, as one connection must have them."""
    took: dict[str, list[float]] = {"ledger": [], "row": []}
    for start in range(0, len(payments), TOGETHER):
        some = payments[start : start + TOGETHER]
        for name in ("ledger", "row") if start // TOGETHER % 2 else ("row", "ledger"):
            started = time.perf_counter()
            await asyncio.gather(*(pay(name, payment) for payment in some))
            took[name].append((time.perf_counter() - started) * 1000 / len(some))
    return took


def _over(took: Mapping[str, list[float]], peer: str, what: str, bar: float | None, note: str = "") -> Row:
    ours, theirs = took["ledger"], took[peer]
    times_as_long = paired(ours, theirs)
    words = f"{SAID[peer]} {median(theirs):.2f} ms, ledger {median(ours):.2f} ms"
    stat = f"median of {len(ours)}"
    data = {"ledger": ours, peer: theirs} if bar is not None else {}
    return Row("ledger", what, times_as_long, "x", stat, bar, "<=", words, times_as_long, note, data)


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_measure(effort))
