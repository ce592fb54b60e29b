"""Counters that outlive the program, refills, and how long supplies last; over the real printer, its wire and a ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.diagnostics_tables import DiagnosticsTable, SupplyTable, load_diagnostics
from drivers import receipt_printer
from drivers.receipt_printer.simulator import EscposSimulator
from kiosk.care.counting import Counting, _Gauge
from kiosk.care.forecast import forecast
from kiosk.care.socket import Socket
from kiosk.care.supervisor import Patience, Supervisor
from kiosk.ledger.logbook import Logbook
from kiosk.ledger.store import LedgerError, Store
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import DeviceStatus, Link

NAME = "receipt_printer"
QUICK = Patience(every=0.02, first=0.02, last=0.1)
PAPER = next(item for item in load_diagnostics().supplies.item if item.device == NAME)


def table(full_mm: float = 80_000, every_s: float = 3600) -> DiagnosticsTable:
    shipped = load_diagnostics()
    items = tuple(
        item.model_copy(update={"full": full_mm}) if item.device == NAME else item for item in shipped.supplies.item
    )
    return shipped.model_copy(
        update={
            "supplies": shipped.supplies.model_copy(update={"item": items}),
            "counting": shipped.counting.model_copy(update={"every_s": every_s}),
        }
    )


class Shop:
    def __init__(self, store: Store, logbook: Logbook, found: DiagnosticsTable) -> None:
        self.logbook = logbook
        self.store = store
        self.paper = EscposSimulator()
        self.printer: Any = receipt_printer.connect("escpos+sim:", simulator=self.paper)
        self.supervisor = Supervisor({NAME: Socket(self.printer)}, SystemClock(), patience=QUICK)
        self.counting = Counting(self.supervisor, logbook, found)

    async def printed(self) -> int:
        return (await self.logbook.totals()).get(NAME, {}).get("mm_printed", 0)

    async def until(self, link_parts: Mapping[str, str]) -> None:
        async with asyncio.timeout(5):
            while not link_parts.items() <= self.supervisor.state(NAME).status.parts.items():
                await self.supervisor.changed()


@asynccontextmanager
async def shop(folder: Path, found: DiagnosticsTable | None = None) -> AsyncIterator[Shop]:
    """One run of the program."""
    store = Store(f"sqlite:///{folder}/ledger.db", SystemClock())
    await store.open()
    made = Shop(store, Logbook(store, SystemClock()), found or table())
    tasks = [asyncio.ensure_future(work) for work in (made.supervisor.run(), made.counting.run())]
    try:
        await made.until({"paper": "full"})
        yield made
    finally:
        for task in reversed(tasks):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await made.printer.close()
        await store.close()


async def test_totals_live_over_restarts(tmp_path: Path) -> None:
    async with shop(tmp_path) as found:
        await found.printer.print_test()
        await found.counting.settle()
        once = await found.printed()
        assert once > 50
        await found.counting.settle()
        assert await found.printed() == once
        await found.printer.print_test()  # written at the end of the run
    async with shop(tmp_path) as found:
        both = await found.printed()
        assert both > 1.8 * once
        await found.printer.print_test()
        await found.counting.settle()
        assert await found.printed() > both


async def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    async with shop(tmp_path) as found:
        await found.printer.print_test()
        await found.store.work(lambda connection: connection.exec_driver_sql(FULL) and None)
        with pytest.raises(LedgerError):
            await found.counting.settle()
        await found.store.work(lambda connection: connection.exec_driver_sql("DROP TRIGGER no_room") and None)
        await found.counting.settle()
        assert await found.printed() > 50


FULL = "CREATE TRIGGER no_room BEFORE INSERT ON device_count BEGIN SELECT RAISE(ABORT, 'disk full'); END"


async def test_a_new_roll_is_noticed_and_counted_from(tmp_path: Path) -> None:
    async with shop(tmp_path) as found:
        await found.printer.print_test()
        await found.counting.settle()
        assert await found.logbook.refill(NAME, "paper") is None
        assert found.counting.supplies[0].left is None
        found.paper.control({"do": "paper", "state": "out"})
        await found.until({"paper": "out"})
        found.paper.control({"do": "refill"})
        await found.until({"paper": "full"})
        async with asyncio.timeout(5):
            while await found.logbook.refill(NAME, "paper") is None:
                await asyncio.sleep(0.01)
        await found.printer.print_test()
        await found.counting.settle()
        used = await found.logbook.since_refill(NAME, "mm_printed", "paper")
        assert used is not None
        assert 50 < used < await found.printed()
        supply = found.counting.supplies[0]
        assert supply.left == pytest.approx(80 - used / 1000)


async def test_below_the_limit_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path, table(full_mm=140)) as found:
        await found.counting.refilled(NAME, "paper")
        assert not found.counting.supplies[0].low
        await found.printer.print_test()
        await found.counting.settle()
        assert found.counting.supplies[0].low
        assert found.counting.supplies[0].words().startswith("约 0")
        await found.counting.refilled(NAME, "paper")
        assert not found.counting.supplies[0].low
        with pytest.raises(KeyError):
            await found.counting.refilled(NAME, "toner")


async def test_the_paper_of_a_stand_in_is_none(tmp_path: Path) -> None:
    async with shop(tmp_path) as found:
        other: Any = receipt_printer.connect("escpos+sim:", simulator=EscposSimulator())
        await found.supervisor.swap(NAME, other)
        await found.until({"paper": "full"})
        await other.print_test()
        await found.counting.settle()
        assert await found.printed() == 0
    await other.close()  # not before the supervisor has ended, which would open it again


@pytest.mark.parametrize(
    ("seen", "filled"),
    [
        (["full", "full"], False),
        (["out", "full"], True),
        (["out", "unknown", "full"], True),
        (["out", "low", "full"], True),
        (["low", "full"], False),
        (["low", "low/open", "full/open", "full"], True),
        (["full/open", "low", "full"], False),
        (["unknown", "full"], False),
    ],
)
def test_what_counts_as_a_refill(seen: list[str], filled: bool) -> None:
    """A sensor near the end of the paper may waver; an open cover in between tells a new roll from that."""
    gauge = _Gauge(PAPER)
    said = [gauge.filled(_status(*word.split("/"))) for word in seen]
    assert said == [False] * (len(seen) - 1) + [filled]


def _status(paper: str, cover: str = "closed") -> DeviceStatus:
    return DeviceStatus(Link.READY, {"paper": paper, "cover": cover})


class Usage:
    def __init__(self, used: int | None) -> None:
        self.used = used

    async def since_refill(self, device: str, counter: str, supply: str) -> int | None:
        return self.used


class Said:
    """A device that says one thing."""

    device_id, driver, simulated = "permit_unit", "acme", False
    capabilities: Mapping[str, object] = {}

    def __init__(self, **parts: str) -> None:
        self.parts = parts

    def status(self) -> DeviceStatus:
        return DeviceStatus(Link.READY, self.parts)


@pytest.mark.parametrize(
    ("used", "bin_", "left", "low", "words"),
    [
        (0, "ok", 50, False, "约 50 张（100%）"),
        (42, "ok", 8, False, "约 8 张（16%）"),
        (43, "ok", 7, True, "约 7 张（14%）"),
        (60, "ok", 0, True, "约 0 张（0%）"),
        (10, "full", 0, True, "约 0 张（0%）"),
        (10, "high", 40, True, "约 40 张（80%），设备报不足"),
        (None, "ok", None, False, "未登记换装"),
        (None, "missing", 0, True, "约 0 张（0%）"),
    ],
)
async def test_the_bin(used: int | None, bin_: str, left: float | None, low: bool, words: str) -> None:
    (supply,) = await forecast({"permit_unit": Said(bin=bin_)}, Usage(used), load_diagnostics())  # type: ignore[dict-item]
    assert (supply.left, supply.low, supply.words()) == (left, low, words)
    assert isinstance(PAPER, SupplyTable)
