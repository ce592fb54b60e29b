"""The process that works through payments until it is killed: many citizens at once on one ledger, the sweeper between them.

`work` does so under what the order says: a clock that jumps, a disk that is full for a while. `settle` starts once more without any
trouble, lets the hours pass, and answers with what stands in the ledger. Each move that was told as durable is written to the file `told`;
what stands there must be found again.
"""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import os
import random
import resource
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from config.scenarios import Scenario, load_scenario
from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ledger.cashier import Cashier, Charge, EarlierPaymentOpen
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.orders import Orders
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import DecisionState, IllegalMove, Kind, PaymentState, Stale
from kiosk.ledger.store import Change, LedgerError, Move, New, Record, Store
from kiosk.ledger.sweeper import Sweeper
from kiosk.ports.clock import SystemClock
from tests.crash.forks import main, quiet
from tests.faultplan.books import found_in
from tests.faultplan.plan import MovedClock

KEY = bytes(range(32))
DEVICE = "SOAK01"
CODE_S, LATE_S = 60.0, 120.0
HASTE = Deadlines(0.6, 0.6, 1.0)
"""For remote sides on the same machine."""
AT_ONCE = 4
SCANNED = 0.3
"""So many attempts are made by the code on the payer's phone."""
SWEEP_S = 0.1
WARM_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
"""A public key of RFC 8032, 7.1, whose owner signs nothing here."""
LATER_S = (15 * 60.0, 2 * 3600.0)
RECORDS = 400


@cache
def crowd(file: str) -> Scenario:
    """One driver with hundreds of records of no points: enough work until the ledger is full."""
    found = load_scenario(file, SystemClock().now().date())
    pattern = next(each for each in found.records if not each.points)
    records = []
    for n in range(RECORDS):
        records.append(record := copy.copy(pattern))
        object.__setattr__(record, "id", f"3302039200{n:06d}")
    object.__setattr__(found, "records", tuple(records))
    return found


@dataclass
class Clerk:
    order: dict[str, Any]
    scenario: Scenario
    clock: MovedClock
    chance: random.Random
    store: Store
    orders: Orders
    registrar: Registrar
    cashier: Cashier
    sweeper: Sweeper
    counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def work(self) -> None:
        """Until somebody ends it, or every record has been taken up."""
        taken = {row["record_id"] for row in await self.store.find(Kind.DECISION)}
        left = [record for record in self.scenario.records if record.id not in taken]
        self.chance.shuffle(left)
        async with asyncio.TaskGroup() as group:
            background = [group.create_task(self._sweep()), group.create_task(self._trouble())]
            citizens = [group.create_task(self._citizens(left)) for _ in range(AT_ONCE)]
            await asyncio.wait(citizens)
            for each in background:
                each.cancel()

    async def _citizens(self, left: list[Any]) -> None:
        while left:
            number = ""
            try:
                # What a journey meets here ends the session; the citizen goes, and the sweeper looks after the rest.
                with suppress(LedgerError, GatewayUnavailable, EarlierPaymentOpen, Stale, IllegalMove):
                    number = await self._sign(left.pop())
                    await self._serve(number)
            finally:
                self.orders.in_session.discard(number)
            await asyncio.sleep(0)

    async def _sign(self, record: Any) -> str:
        def items(number: str) -> list[New]:
            detail = {
                "id_number": self.scenario.person.number,
                "signature_sha256": "0" * 64,
                "waived_at": self.clock.now().isoformat(timespec="seconds"),
            }
            changes = self.registrar.intents(f"{number}D1", number, record.id, record.fine_fen, record.points, detail)
            return list(changes)

        async with self.counting:  # a machine signs one citizen at a time
            return await self.orders.open("violation", self.scenario.person.number, {}, record.fine_fen, items)

    async def _serve(self, number: str) -> None:
        (row,) = await self.store.find(Kind.DECISION, order_id=number)
        row = await self.registrar.decide(row)
        if row.state != DecisionState.DECIDED or self.chance.random() < 0.05:
            return
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            payment, shown = await self._ask_for(number, [Charge(row.id, row["fine_fen"])])
            for _ in range(self.chance.randint(0, 3) if shown else 0):
                with suppress(GatewayUnavailable):
                    payment = await self.cashier.ask(payment)
                if payment.state == PaymentState.PAID:
                    break
            if payment.state != PaymentState.PAID and self.chance.random() < 0.8:
                payment = await self.cashier.close(payment)
            if payment.state == PaymentState.PAID:
                break
        await self.cashier.post(number)
        await self.orders.conclude(number, citizen_present=False)

    async def _ask_for(self, number: str, charges: list[Charge]) -> tuple[Record, bool]:
        """Both ways to pay: a code on the screen, or the payer's own held up. True while somebody may pay."""
        if self.chance.random() < SCANNED:
            code = f"28{self.chance.randrange(10**16):016d}"
            payment, _ = await self.cashier.charge(number, charges, "交通违法罚款", code)
            return payment, payment.state == PaymentState.PENDING
        payment, opened = await self.cashier.begin(number, charges, "交通违法罚款")
        return payment, opened is not None

    async def _sweep(self) -> None:
        while True:
            with suppress(LedgerError):
                await self.sweeper.sweep()
            await asyncio.sleep(SWEEP_S)

    async def _trouble(self) -> None:
        """What the order says goes wrong with clock and disk, some time after the start."""
        await asyncio.sleep(self.order["after"])
        self.clock.skew = dt.timedelta(days=self.order["skew_days"])
        match self.order["disk"]:
            case "full":
                await self._full(True)
                await asyncio.sleep(self.order["for"])
                await self._full(False)
            case "stuck":
                size = self._file().stat().st_size
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
                await asyncio.sleep(self.order["for"])
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await asyncio.sleep(self.order["for"])
        self.clock.skew = dt.timedelta()

    async def _full(self, full: bool) -> None:
        """No page more than there are now (SQLITE_FULL), or as many as it takes."""
        with suppress(LedgerError):
            await self.store.work(
                lambda connection: connection.exec_driver_sql(
                    f"PRAGMA max_page_count={1 if full else 1 << 30}"
                ).scalar()
            )

    def _file(self) -> Path:
        return Path(self.order["folder"]) / "ledger.db"


@asynccontextmanager
async def clerk(order: dict[str, Any]) -> AsyncIterator[Clerk]:
    folder = Path(order["folder"])
    clock, cipher = MovedClock(folder / "clock"), FieldCipher(KEY)
    told = os.open(folder / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def durable(moment: Literal["before", "after"], changes: tuple[Change, ...]) -> None:
        if moment == "after":
            moves = [change for change in changes if isinstance(change, Move)]
            os.write(told, "".join(f"{move.record.id} {move.state}\n" for move in moves).encode())

    store = Store(f"sqlite:///{folder}/ledger.db", clock, durable)
    await store.open()
    police = PoliceClient(Endpoint(order["police"], deadlines=HASTE))
    wallet = WalletClient(
        order["wallet"],
        device_id=DEVICE,
        device_key=KEY,
        front_keys=[order["front_key"]],
        terminal_id=DEVICE,
        clock=clock,
        deadlines=HASTE,
    )
    orders = Orders(store, cipher, clock, DEVICE)
    registrar = Registrar(store, police, cipher, clock)
    cashier = Cashier(store, wallet, police, clock, expires_in=CODE_S, late=LATE_S)
    sweeper = Sweeper(store, orders, registrar, cashier, clock)
    chance = random.Random(order["seed"])
    try:
        yield Clerk(order, crowd(order["scenario"]), clock, chance, store, orders, registrar, cashier, sweeper)
    finally:
        await wallet.aclose()
        await police.aclose()
        await store.close()
        os.close(told)


async def work(order: dict[str, Any]) -> dict[str, Any]:
    async with clerk(order) as made:
        (Path(order["folder"]) / "ready").touch()
        await made.work()
    return {}


async def settle(order: dict[str, Any]) -> dict[str, Any]:
    """`lost`: moves that were told as durable and are not in the ledger."""
    async with clerk(order) as made:
        start = float((Path(order["folder"]) / "clock").read_text())
        await made.sweeper.sweep()
        for seconds in LATER_S:
            made.clock.set_forward(start + seconds)
            for _ in range(3):
                await made.sweeper.sweep()
        told = set((Path(order["folder"]) / "told").read_text().splitlines())
        kept = {f"{event['record']} {event['new']}" for event in await made.store.events()}
        return {**await found_in(made.store, made.clock), "lost": sorted(told - kept)}


def run(order: dict[str, Any]) -> dict[str, Any]:
    pid = Path(order["folder"]) / "pid"
    fresh = pid.with_name("pid.new")
    fresh.write_text(str(os.getpid()))
    fresh.replace(pid)  # never seen half written
    result: dict[str, Any] = asyncio.run(work(order) if order["do"] == "work" else settle(order))
    return result


async def warm_up() -> None:
    """What is imported or worked out at the first use: a ledger opened and written, and a question to each side that nobody answers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "clock").write_text("0")
        nobody = "http://127.0.0.1:9"
        order = {"folder": name, "police": nobody, "wallet": nobody, "front_key": WARM_KEY, "seed": 0}
        async with clerk({**order, "scenario": "happy_two_records"}) as made:
            number = await made._sign(made.scenario.records[0])
            (row,) = await made.store.find(Kind.DECISION)
            await made.registrar.decide(row)
            with suppress(GatewayUnavailable):
                await made.cashier._wallet.query(f"{number}P1")
            made.orders.in_session.clear()
            await made.sweeper.sweep()


def before(order: dict[str, Any]) -> None:
    crowd(order["scenario"])


if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    quiet()
    asyncio.run(warm_up())
    main(run, before)
