"""One durable move in the ledger against a bare sqlite3 commit of the same rows on the same disk, WAL and FULL alike."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from itertools import permutations
from pathlib import Path
from typing import Any

from kiosk.ledger.states import Kind, PrintState
from kiosk.ledger.store import Move, New, Store
from kiosk.ports.clock import SystemClock
from tests.bench.rows import Effort, Row, median, paired, percentile, progress

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
ORDERS = tuple(permutations(("ledger", "row", "event")))
"""Each side stands in each place equally often: what ran just before decides how warm the disk's cache is."""
ORDER = "CI01202611210001"


class Bare:
    """sqlite3 with the ledger's own schema: the same statements, prepared, and nothing around them."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")

    def move_row(self, job: str, state: str, version: int) -> None:
        """The row alone: what the bar speaks of."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            'UPDATE "print" SET state=?, version=?, moved_at=? WHERE id=? AND version=? AND state=?',
            (state, version + 1, "2026-11-21T10:00:00.000+08:00", job, version, "queued"),
        )
        db.execute("COMMIT")

    def move_with_event(self, job: str, state: str, version: int) -> None:
        """The row and its event: the same bytes to the disk as the ledger writes."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        db.execute("SELECT hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        db.execute(
            'UPDATE "print" SET state=?, version=?, moved_at=? WHERE id=? AND version=? AND state=?',
            (state, version + 1, "2026-11-21T10:00:00.000+08:00", job, version, "queued"),
        )
        db.execute(
            "INSERT INTO event (kind, record, old, new, version, at, why, hash) VALUES (?,?,?,?,?,?,?,?)",
            ("print", job, "queued", state, version + 1, "2026-11-21T10:00:00.000+08:00", "sending", "0" * 64),
        )
        db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()


async def _prepared(path: Path, jobs: int) -> tuple[Store, list[Any]]:
    store = Store(f"sqlite:///{path}", SystemClock())
    await store.open()
    order = {"journey": "violation", "amount_fen": 0, "subject_index": "0" * 64, "subject_enc": b"0" * 64}
    await store.commit(New(Kind.ORDER, ORDER, ORDER, "signed", order))
    made = await store.commit(
        *(
            New(Kind.PRINT, f"J{n:06d}", ORDER, "asked", {"slip": "voucher", "subject_id": f"S{n}", "copy": 1})
            for n in range(jobs)
        )
    )
    return store, list(made)


async def _measure(effort: Effort) -> list[Row]:
    times, warm = effort.of(400, 120), 20
    took: dict[str, list[float]] = {"ledger": [], "row": [], "event": []}
    progress(f"ledger: {times} durable moves by the ledger, and bare, in turns")
    with tempfile.TemporaryDirectory(prefix="onetrip-bench-", dir=".") as folder:
        store, jobs = await _prepared(Path(folder) / "ours.db", times + warm)
        for name in ("row", "event"):
            twin, _ = await _prepared(Path(folder) / f"{name}.db", times + warm)
            await twin.close()
        bare = {name: Bare(Path(folder) / f"{name}.db") for name in ("row", "event")}
        moves = {"row": bare["row"].move_row, "event": bare["event"].move_with_event}
        for number, job in enumerate(jobs):
            for name in ORDERS[number % len(ORDERS)]:
                started = time.perf_counter()
                if name == "ledger":
                    await store.commit(Move(job, PrintState.PRINTING, "sending"))
                else:
                    moves[name](job.id, "printing", 1)
                if number >= warm:
                    took[name].append((time.perf_counter() - started) * 1000)
        for side in bare.values():
            side.close()
        await store.close()
    mid = {name: median(values) for name, values in took.items()}
    return [
        Row(
            "ledger",
            "one durable move, over a bare commit of the same row and event",
            paired(took["ledger"], took["event"]),
            "x",
            f"median of {times}",
            1.5,
            peer=f"ledger {mid['ledger']:.2f} ms, bare with event {mid['event']:.2f} ms",
            ratio=paired(took["ledger"], took["event"]),
            note=f"p99 of the ledger {percentile(took['ledger'], 99):.2f} ms",
            data=took,
        ),
        Row(
            "ledger",
            "the same, over a bare commit of the row alone",
            paired(took["ledger"], took["row"]),
            "x",
            f"median of {times}",
            peer=f"bare row {mid['row']:.2f} ms",
            ratio=paired(took["ledger"], took["row"]),
            note="the ledger also writes the chained event and reads the row back",
        ),
    ]


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_measure(effort))
