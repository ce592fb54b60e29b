"""A real front is killed again and again at random moments while several kiosks open, ask, close and refund and two wallets report; it is
started again each time. In the end its books and the wallets' say the same: nothing lost, nobody charged twice, no refund without payment.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import resource
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.acquirer.books import No
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.alipay.fake import FakeAlipay
from kiosk.front.check import check
from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, Kind
from kiosk.front.store import Record, Store
from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import Code, Trade, TradeState
from tests.front.alipay.conftest import stored_key
from tests.front.hall import SECRET, SUBJECT, Files, client
from tests.front.test_kill import toml, zygote

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
FEN = 20000
AT_ONCE = 6
"""Visits at the same time, of two kiosks."""
PATIENCE = 40
PACE = {"cap": 1000, "first_s": 0.05, "every_s": 0.1, "fresh_s": 0.0, "charge_window_s": 2.0, "answer_s": 2.0}
LATER = {"later_s": [0.05], "late_s": [0.05, 0.2], "refund_s": [0.05]}
ACQUIRER_FAULTS = ("drop_before", "drop_after", "half_answer", "error_500", "html_502", "malformed_json")
ALIPAY_FAULTS = (
    "drop_before",
    "drop_after",
    "http_500",
    "half_answer",
    "forged_signature",
    "unsigned",
    "busy_after",
    "stale",
)


@dataclass
class Wallets:
    acquirer: FakeAcquirer
    alipay: FakeAlipay

    def script(self, number: str, dice: random.Random, *, alipay: bool) -> None:
        seconds = dice.choice([0.0, 0.1])
        if alipay:
            fields: dict[str, Any] = {"payer": dice.choice(["human", "after", "never", "at_end"]), "seconds": seconds}
            if dice.random() < 0.4:
                fields |= {"fault": dice.choice(ALIPAY_FAULTS), "times": dice.choice([1, 2])}
            self.alipay.control({"do": "script", "order_no": number, **fields})
            return
        payer = dice.choice(["human", "after", "never", "says_no", "at_close", "after_close"])
        fields = {"payer": payer, "seconds": seconds, "refund_s": seconds}
        if dice.random() < 0.3:
            fields |= {"spoil": dice.choice(["forged", "stale", "replayed", "unsigned"]), "on": ["show", "charge"]}
        self.acquirer.books.set_script(fields, number)

    def pay(self, number: str) -> None:
        with contextlib.suppress(No, ValueError):  # it has run out, or there is none
            self.acquirer.control({"do": "pay", "order_no": number})

    def books(self) -> dict[str, tuple[int, int]]:
        """Paid and kept, fen, of every order that a wallet has."""
        kept = self.acquirer.books.totals()
        found = {entry.order_no: (entry.charges * entry.paid_fen, kept[entry.order_no]) for entry in self._entries()}
        for number, book in self.alipay.books().items():
            found[number] = (book["paid"], book["paid"] - book["refunded"])
        return found

    def _entries(self) -> Any:
        return self.acquirer.books.orders.values()


@dataclass
class Reaper:
    """Keeps a front alive at one address, and kills it."""

    process: asyncio.subprocess.Process
    config: Path
    dice: random.Random
    pid: int = 0
    kills: Counter[str] = field(default_factory=Counter)

    async def ask(self, **order: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await self.process.stdout.readline())
        return answer

    async def start(self, kill: tuple[str, int] | None = None) -> bool:
        """Whether it lived long enough to serve."""
        told = await self.ask(config=str(self.config), kill=kill)
        self.pid = told["pid"]
        if told["dead"]:
            await self.buried("at its start")
        return not told["dead"]

    async def buried(self, when: str) -> None:
        status = (await self.ask(reap=self.pid))["status"]
        self.pid = 0
        assert os.WTERMSIG(status) == signal.SIGKILL, f"a front ended by itself with status {status}"
        self.kills[when] += 1

    def end(self) -> None:
        """Whatever happened: nothing outlives the test."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def rage(self, count: int) -> None:
        while self.kills.total() < count:
            at_commit = self.dice.random() < 0.4
            point = (self.dice.choice(["before", "after"]), self.dice.randint(1, 25)) if at_commit else None
            if not await self.start(point):
                continue
            late = asyncio.get_running_loop().call_later(self.dice.expovariate(3.0) if point is None else 1.5, self.end)
            await self.buried("at a commit" if at_commit else "at any moment")
            late.cancel()
        assert await self.start()


@dataclass
class Visit:
    """One order as a kiosk of many moods takes it; what is not answered is asked again, of whichever front is there then."""

    kiosk: WalletClient
    wallets: Wallets
    url: str
    dice: random.Random
    number: str
    told: list[TradeState] = field(default_factory=list)

    async def run(self) -> None:
        self.charged = self.dice.random() < 0.6
        self.alipay = self.charged and self.dice.random() < 0.6
        self.wallets.script(self.number, self.dice, alipay=self.alipay)
        if not self.alipay and self.dice.random() < 0.3:
            fault = f"{self.dice.choice(['charge', 'query', 'close', 'undo', 'refund'])}.{self.dice.choice(ACQUIRER_FAULTS)}"
            self.wallets.acquirer.control({"do": "fault", "id": fault})
        await self.until_answered(self.open)
        if not self.charged and self.dice.random() < 0.7:
            self.wallets.pay(self.number)
        if self.dice.random() < 0.5:
            await self.notice()
        await self.until_answered(self.query)
        if self.dice.random() < 0.5:
            await self.until_answered(self.close)
            await self.until_answered(self.query)
        if TradeState.PAID in self.told and self.dice.random() < 0.5:
            await self.until_answered(self.refund)
            await self.notice()
            await self.until_answered(self.refund)

    async def until_answered(self, step: Callable[[], Awaitable[Trade | Code]]) -> None:
        for _ in range(PATIENCE):
            try:
                answer = await step()
            except Refused:
                return
            except GatewayUnavailable:
                await asyncio.sleep(0.05)
                continue
            if isinstance(answer, Trade):
                self.told.append(answer.state)
            return

    async def open(self) -> Trade | Code:
        if not self.charged:
            return await self.kiosk.create(self.number, FEN, SUBJECT, 3)
        code = f"{'28' if self.alipay else '62'}{int(self.number[4:]):016}"
        return await self.kiosk.charge(self.number, FEN, SUBJECT, code, 3)

    async def query(self) -> Trade:
        return await self.kiosk.query(self.number)

    async def close(self) -> Trade:
        return await self.kiosk.close(self.number)

    async def refund(self) -> Trade:
        return await self.kiosk.refund(self.number, f"{self.number}R1", FEN)

    async def notice(self) -> None:
        if self.alipay or self.number not in self.wallets.acquirer.books.orders:
            return
        how = self.dice.choice(["good", "good", "good", "forged", "stale", "unsigned"])
        headers, body = self.wallets.acquirer.notice(self.number, how=how)
        async with httpx.AsyncClient(trust_env=False, verify=False) as wallet:
            for _ in range(self.dice.choice([1, 1, 2])):
                with contextlib.suppress(httpx.HTTPError):  # nobody there: it is lost, as some are
                    await wallet.post(f"{self.url}/notify/acquirer", content=body, headers=headers)


@contextlib.asynccontextmanager
async def wallets(files: Files, port: int) -> AsyncIterator[tuple[Wallets, dict[str, Any]]]:
    """Two of them, and the front's settings."""
    clock = SystemClock()
    alipay = FakeAlipay(clock, keys=(stored_key("alipay_key.pem"), stored_key("app_key_pkcs8.pem")))
    acquirer = FakeAcquirer(HmacSigner(SECRET), clock)
    async with serve(acquirer.app) as one, serve(alipay.app) as two:
        section = alipay.merchant.settings(files.folder / "alipay", two.url, f"http://127.0.0.1:{port}/notify/alipay")
        settings = files.settings(
            one.url,
            server={"port": port, "grace_s": 2.0},
            polling={**PACE, **LATER},
            shown="acquirer",
            alipay={name: str(value) for name, value in section.items()} | {"read_s": 1.0},
        )
        yield Wallets(acquirer, alipay), settings


async def storm(folder: Path, ledger: str, kills: int, seed: int) -> str:
    """What it was, in a line."""
    dice, files, names = random.Random(seed), Files(folder, ledger), itertools.count(1)
    visits: list[Visit] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    async with wallets(files, port) as (both, settings), zygote() as process, contextlib.AsyncExitStack() as at_the_end:
        (config := folder / "front.toml").write_text(toml(settings))
        reaper = Reaper(process, config, dice)
        at_the_end.callback(reaper.end)
        raging = asyncio.create_task(reaper.rage(kills))
        kiosks = [client(url, files.public_key, SystemClock(), device) for device in ("NB01", "NB02")]
        for kiosk in kiosks:
            at_the_end.push_async_callback(kiosk.aclose)

        async def visitors(kiosk: WalletClient, device: str) -> None:
            while not raging.done():
                visits.append(visit := Visit(kiosk, both, url, dice, f"{device}{next(names):06}"))
                await visit.run()

        async def alipay_reports() -> None:
            while not raging.done():
                await both.alipay.notify()
                await asyncio.sleep(0.3)

        going = [visitors(kiosks[n % 2], ("NB01", "NB02")[n % 2]) for n in range(AT_ONCE)]
        await asyncio.gather(raging, alipay_reports(), *going)
        both.acquirer.control({"do": "clear"})
        rows = await at_rest(files.ledger, both, reaper)
        os.kill(reaper.pid, signal.SIGTERM)
        assert await reaper.ask(reap=reaper.pid) == {"status": 0}
        reaper.pid = 0
    agree(rows, visits, both, seed)
    done = Counter(row.state for row in rows.values())
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return f"{dict(reaper.kills)} kills, {len(visits)} visits, {dict(done)}, {cpu:.0f} s of CPU so far"


async def at_rest(ledger: str, both: Wallets, reaper: Reaper) -> dict[str, Record]:
    """The front's trades, once nothing is open and it has heard of the money that was taken after the end."""
    store = Store(ledger, SystemClock(), guest=True)
    await store.open()
    try:
        async with asyncio.timeout(60):
            while await store.find(Kind.TRADE, OPEN_TRADES) or await store.find(Kind.REFUND, OPEN_REFUNDS):
                await asyncio.sleep(0.05)
            both.books()  # whoever pays late has paid now
            os.kill(reaper.pid, signal.SIGKILL)
            await reaper.buried("at the end")
            assert await reaper.start()
            while True:
                rows = {row.id: row for row in await store.find(Kind.TRADE)}
                kept = [number for number, (_, fen) in both.books().items() if fen > 0 and number in rows]
                if all(rows[number].state == "paid" for number in kept):
                    break
                await asyncio.sleep(0.1)
        assert await check(store, SystemClock().now()) == []
        return rows
    finally:
        await store.close()


def agree(rows: dict[str, Record], visits: list[Visit], both: Wallets, seed: int) -> None:
    for number, (paid, kept) in both.books().items():
        assert number in rows, (seed, number, "lost")
        row = rows[number]
        assert paid in (0, FEN), (seed, number, paid, "charged twice")
        assert 0 <= kept <= paid, (seed, number, "a refund without a payment")
        assert (row.state == "paid") == (kept > 0), (seed, number, row.state, kept)
        assert (row.state == "refunded") == (paid > 0 and kept == 0), (seed, number, row.state, paid, kept)
        assert not kept or row["paid_fen"] == kept, (seed, number)
    for visit in visits:
        known = rows.get(visit.number)
        state = None if known is None else known.state
        if TradeState.PAID in visit.told:
            assert state in ("paid", "refunded"), (seed, visit.number, state, "told paid")
        if TradeState.REFUNDED in visit.told:
            assert state == "refunded", (seed, visit.number, state, "told refunded")
        if TradeState.CLOSED in visit.told and state == "paid":
            assert known is not None
            assert known["staff"] is not None, (seed, visit.number, "told closed, found paid, and nobody knows")


async def test_killed_at_random_under_load_on_sqlite(tmp_path: Path) -> None:
    print(await storm(tmp_path, "", 40, 1))


@pytest.mark.xdist_group("postgresql")
async def test_killed_at_random_under_load_on_postgresql(tmp_path: Path, postgresql: Any) -> None:
    print(await storm(tmp_path, postgresql.new_database(), 25, 2))
