"""The devices' logbook: totals that outlive the program, refills, check-ups."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kiosk.ledger.logbook import KEPT, Logbook
from kiosk.ledger.store import LedgerError, Store
from kiosk.ports.health import COUNTERS
from tests.ledger.parts import MORNING, HandClock


@asynccontextmanager
async def opened(file: Path, clock: HandClock) -> AsyncIterator[Logbook]:
    store = Store(f"sqlite:///{file}", clock)
    await store.open()
    try:
        yield Logbook(store, clock)
    finally:
        await store.close()


@pytest.fixture
def logbook(store: Store, clock: HandClock) -> Logbook:
    return Logbook(store, clock)


async def test_totals_survive_restarts(ledger_file: Path, clock: HandClock) -> None:
    for _ in range(3):
        async with opened(ledger_file, clock) as logbook:
            await logbook.add_all({"receipt_printer": {"mm_printed": 120, "cuts": 1}, "camera": {"frames": 2**40}})
            await logbook.add("camera", {"stalls": 2, "frames": 0})
    async with opened(ledger_file, clock) as logbook:
        assert await logbook.totals() == {
            "camera": {"frames": 3 * 2**40, "stalls": 6},
            "receipt_printer": {"cuts": 3, "mm_printed": 360},
        }


async def test_all_devices_are_added_or_none(logbook: Logbook, store: Store) -> None:
    """The file refuses the second device; nothing of the first may stand there."""
    await logbook.add("camera", {"frames": 1})
    refuse = (
        "CREATE TRIGGER refuse BEFORE INSERT ON device_count WHEN NEW.device = 'qr_scanner' "
        "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    await store.work(lambda connection: connection.exec_driver_sql(refuse) and None)
    with pytest.raises(LedgerError):
        await logbook.add_all({"camera": {"frames": 5}, "qr_scanner": {"reads": 1}})
    assert await logbook.totals() == {"camera": {"frames": 1}}


async def test_two_hands_lose_nothing(logbook: Logbook) -> None:
    every = {name: 1 for name in COUNTERS}
    await asyncio.gather(*(logbook.add_all({f"device_{n}": every for n in range(24)}) for _ in range(4)))
    totals = await logbook.totals()
    assert len(totals) == 24
    assert all(counts == {name: 4 for name in COUNTERS} for counts in totals.values())


async def test_counters_only_grow(logbook: Logbook) -> None:
    with pytest.raises(ValueError, match="only grows"):
        await logbook.add("camera", {"frames": 3, "stalls": -1})
    assert await logbook.totals() == {}


async def test_nothing_grown_is_no_transaction(tmp_path: Path, clock: HandClock) -> None:
    never_opened = Logbook(Store(f"sqlite:///{tmp_path}/none.db", clock), clock)
    await never_opened.add_all({"camera": {"frames": 0}, "qr_scanner": {}})
    with pytest.raises(LedgerError, match="not open"):
        await never_opened.add("camera", {"frames": 1})


async def test_a_refill_counts_from_there(logbook: Logbook, clock: HandClock) -> None:
    await logbook.add("receipt_printer", {"mm_printed": 80_000, "cuts": 300})
    assert await logbook.since_refill("receipt_printer", "mm_printed", "paper") is None
    assert await logbook.refill("receipt_printer", "paper") is None
    await logbook.refilled("receipt_printer", "paper")
    assert await logbook.since_refill("receipt_printer", "mm_printed", "paper") == 0
    clock.forward(days=1)
    await logbook.add("receipt_printer", {"mm_printed": 450, "jobs": 3})
    found = await logbook.refill("receipt_printer", "paper")
    assert found is not None
    assert (found.at, dict(found.grown)) == (MORNING, {"mm_printed": 450, "cuts": 0, "jobs": 3})
    assert await logbook.since_refill("receipt_printer", "mm_printed", "paper") == 450
    assert await logbook.since_refill("receipt_printer", "never_counted", "paper") == 0
    assert await logbook.since_refill("receipt_printer", "cuts", "knife") is None
    assert await logbook.since_refill("document_printer", "pages", "paper") is None
    await logbook.refilled("receipt_printer", "paper")
    assert await logbook.since_refill("receipt_printer", "mm_printed", "paper") == 0


async def test_a_refill_at_totals_that_somebody_read_before(logbook: Logbook) -> None:
    await logbook.add("document_printer", {"pages": 100})
    await logbook.refilled("document_printer", "toner", {"pages": 90})
    assert await logbook.since_refill("document_printer", "pages", "toner") == 10
    await logbook.refilled("document_printer", "toner", {"pages": 900})
    assert await logbook.since_refill("document_printer", "pages", "toner") == 0, "never less than nothing"


async def test_check_ups_are_kept_newest_first(ledger_file: Path, clock: HandClock) -> None:
    async with opened(ledger_file, clock) as logbook:
        assert await logbook.last_checkup() is None
        for level in (1, 2, 1):
            await logbook.keep(
                level, "ready", {"version": 1, "level": level, "devices": [{"device": "camera", "说明": "好"}]}
            )
            clock.forward(minutes=1)
    async with opened(ledger_file, clock) as logbook:
        last = await logbook.last_checkup()
        assert last is not None
        assert (last.level, last.verdict, (last.at - MORNING).total_seconds()) == (1, "ready", 120)
        assert last.result["devices"] == [{"device": "camera", "说明": "好"}]
        second = await logbook.last_checkup(level=2)
        assert second is not None
        assert (second.at - MORNING).total_seconds() == 60
        assert [found.level for found in await logbook.checkups()] == [1, 2, 1]
        assert len(await logbook.checkups(limit=2)) == 2


async def test_old_check_ups_go(logbook: Logbook) -> None:
    for number in range(KEPT + 3):
        await logbook.keep(1, "ready", {"number": number})
    kept = await logbook.checkups(limit=2 * KEPT)
    assert (len(kept), kept[-1].result["number"]) == (KEPT, 3)
