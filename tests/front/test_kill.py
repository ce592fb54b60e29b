"""kill -9 of a real front at every commit and at every word to the wallet, on SQLite and on PostgreSQL; the wallet lives on outside.

After the restart nobody is charged twice, no paid order is lost, and the front's ledger says what the wallet's books say.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.check import check
from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, Kind
from kiosk.front.store import Store
from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import TradeState
from tests.front.hall import PAYER_CODE, SECRET, SUBJECT, Files, client

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
T = TypeVar("T")
COMMITS = 12
"""At least as many as the visit makes; a kill that never comes is one clean run."""
CALLS = 9
AT_REST = ("at rest", 0)
"""When the visit is over and nothing is open."""
POINTS = [
    *((when, n) for n in range(1, COMMITS + 1) for when in ("before", "after")),
    *(("call", n) for n in range(1, CALLS + 1)),
    AT_REST,
]


class Calls(list[tuple[str, str]]):
    """What the wallet was asked; the n-th word kills who asked, before anything is done."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n, self.pid = n, 0

    def append(self, call: tuple[str, str]) -> None:
        super().append(call)
        if len(self) == self.n and self.pid:
            os.kill(self.pid, signal.SIGKILL)


@dataclass
class Fronts:
    """Starts fronts, and starts another one when one has died."""

    zygote: asyncio.subprocess.Process
    config: Path
    files: Files
    calls: Calls
    kill: list[Any] | None
    pid: int = 0
    deaths: int = 0
    kiosk: WalletClient | None = None

    async def ask(self, **order: Any) -> dict[str, Any]:
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(json.dumps(order).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await self.zygote.stdout.readline())
        return answer

    async def start(self) -> None:
        told = await self.ask(config=str(self.config), kill=self.kill)
        self.kill, self.pid = None, told["pid"]
        if told["dead"]:
            self._died(await self._ended())
            return await self.start()
        self.calls.pid = self.pid
        self.kiosk = client(told["url"], self.files.public_key, SystemClock())

    async def until_answered(self, asking: Callable[[WalletClient], Coroutine[Any, Any, T]]) -> T:
        """As a kiosk does: what is not answered is asked again, of whichever front is there."""
        while True:
            assert self.kiosk is not None
            try:
                return await asking(self.kiosk)
            except GatewayUnavailable:
                await self.again()
                await asyncio.sleep(0.02)

    async def again(self) -> None:
        """Another one, where this one has died."""
        if Path(f"/proc/{self.pid}/stat").read_text().split()[2] == "Z":
            self._died(await self._ended())
            await self.start()

    async def stopped(self) -> bool:
        """Told to stop, a front ends with status 0. False where the plan has come up since the last word of the visit: closed trades
        are asked about once more, and how many questions there were before depends on how quick the machine is."""
        os.kill(self.pid, signal.SIGTERM)
        if (status := await self._ended()) != 0:
            self._died(status)
        return status == 0

    async def end(self) -> None:
        """Whatever happened: nothing outlives the run."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            await self._ended()

    async def _ended(self) -> int:
        """How, once it has."""
        status: int = (await self.ask(reap=self.pid))["status"]
        self.pid = self.calls.pid = 0
        if self.kiosk is not None:
            await self.kiosk.aclose()
        return status

    def _died(self, status: int) -> None:
        self.deaths += 1
        assert status == signal.SIGKILL, f"a front ended by itself with status {status}"
        assert self.deaths == 1, "one kill is planned, and there was a second"


@contextlib.asynccontextmanager
async def zygote() -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.front.victim",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert json.loads(await process.stdout.readline()) == {"ready": True}
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def toml(settings: dict[str, Any]) -> str:
    """Enough TOML for the front's settings."""
    tables, lines = [], []
    for name, value in settings.items():
        if isinstance(value, dict):
            tables += [f"[{name}]", *(f"{key} = {json.dumps(item)}" for key, item in value.items())]
        elif isinstance(value, list):
            for each in value:
                tables += [f"[[{name}]]", *(f"{key} = {json.dumps(item)}" for key, item in each.items())]
        else:
            lines.append(f"{name} = {json.dumps(value)}")
    return "\n".join([*lines, *tables]) + "\n"


async def visit(fronts: Fronts, acquirer: FakeAcquirer) -> None:
    """A shown code, paid and given back; a scanned code paid at once; a scanned code that nobody confirms and the kiosk gives up."""
    with contextlib.suppress(Refused):
        await fronts.until_answered(lambda kiosk: kiosk.create("A1", 20000, SUBJECT, 30))
    if (entry := acquirer.books.orders.get("A1")) is not None and entry.state == "waiting":
        acquirer.books.pay("A1")
    if (await fronts.until_answered(lambda kiosk: kiosk.query("A1"))).state is TradeState.PAID:
        await fronts.until_answered(lambda kiosk: kiosk.refund("A1", "A1R1", 20000))
    await fronts.until_answered(lambda kiosk: kiosk.charge("B1", 100, SUBJECT, PAYER_CODE, 1))
    await fronts.until_answered(lambda kiosk: kiosk.charge("C1", 300, SUBJECT, PAYER_CODE[:-1] + "1", 5))
    await fronts.until_answered(lambda kiosk: kiosk.close("C1"))


async def settled(store: Store, fronts: Fronts) -> None:
    async with asyncio.timeout(20):
        while await store.find(Kind.TRADE, OPEN_TRADES) or await store.find(Kind.REFUND, OPEN_REFUNDS):
            await fronts.again()
            await asyncio.sleep(0.02)


async def one_run(process: asyncio.subprocess.Process, folder: Path, ledger: str, when: str, n: int) -> int:
    """How often a front died in it."""
    folder.mkdir()
    files = Files(folder, ledger)
    acquirer = FakeAcquirer(HmacSigner(SECRET))
    acquirer.calls = calls = Calls(n if when == "call" else 0)
    acquirer.books.set_script({"payer": "never"}, "C1")
    async with serve(acquirer.app) as remote, contextlib.AsyncExitStack() as at_the_end:
        config = folder / "front.toml"
        config.write_text(toml(files.settings(remote.url, server={"port": 0, "grace_s": 2.0})))
        fronts = Fronts(process, config, files, calls, [when, n] if when in ("before", "after") else None)
        at_the_end.push_async_callback(fronts.end)
        await fronts.start()
        await visit(fronts, acquirer)
        store = Store(files.ledger, SystemClock(), guest=True)
        await store.open()
        at_the_end.push_async_callback(store.close)
        await settled(store, fronts)
        if (when, n) == AT_REST:
            os.kill(fronts.pid, signal.SIGKILL)
        while not await fronts.stopped():
            await fronts.start()
            await settled(store, fronts)
        point = f"{when} {n}"
        assert await check(store, SystemClock().now()) == [], point
        books = acquirer.books.totals()
        rows = {row.id: row for row in await store.find(Kind.TRADE)}
    assert all(entry.charges <= 1 for entry in acquirer.books.orders.values()), f"{point}: charged twice"
    for number, kept in books.items():
        state = rows[number].state
        assert (state == "paid") == (kept > 0), f"{point}: {number} is {state}, and the wallet has {kept} fen"
        assert state in ("paid", "closed", "refunded", "refused"), f"{point}: {number} is {state}"
    assert books["A1"] == 0
    assert books.get("C1", 0) == 0
    return fronts.deaths


async def runs(tmp_path: Path, ledger: Callable[[int], str], points: list[tuple[str, int]]) -> None:
    async with zygote() as process:
        deaths = [
            await one_run(process, tmp_path / str(index), ledger(index), when, n)
            for index, (when, n) in enumerate(points)
        ]
    assert sum(deaths) >= len(points) * 0.7, "most of these points are within the visit"


async def test_killed_at_some_commits_on_sqlite(tmp_path: Path) -> None:
    await runs(tmp_path, lambda _: "", [("before", 2), ("after", 6), AT_REST])


@pytest.mark.xdist_group("postgresql")
async def test_killed_at_some_commits_on_postgresql(tmp_path: Path, postgresql: Any) -> None:
    await runs(tmp_path, lambda _: postgresql.new_database(), [("after", 8), ("call", 5)])


@pytest.mark.chaos
async def test_killed_at_every_commit_and_every_word_on_sqlite(tmp_path: Path) -> None:
    await runs(tmp_path, lambda _: "", POINTS)


@pytest.mark.chaos
@pytest.mark.xdist_group("postgresql")
async def test_killed_at_every_commit_and_every_word_on_postgresql(tmp_path: Path, postgresql: Any) -> None:
    await runs(tmp_path, lambda _: postgresql.new_database(), POINTS)
