"""A whole counter for the ledger's tests: real store, real clients, the simulated remote sides on real sockets, a clock set by
hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.scenarios import Scenario, load_scenario
from kiosk.gateways.embedded import serve
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.client import WalletClient
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ledger.cashier import Cashier, Charge
from kiosk.ledger.check import check
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.orders import Orders
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import DecisionState, Kind
from kiosk.ledger.store import CommitHook, Move, New, Record, Store
from kiosk.ledger.sweeper import Sweeper
from kiosk.ports.clock import SHANGHAI
from kiosk.ports.wallet import Code

MORNING = dt.datetime(2026, 3, 18, 9, 30, tzinfo=SHANGHAI)
KEY = bytes(range(32))
CODE_S, LATE_S = 60.0, 120.0
IMPATIENT = Deadlines(1.0, 0.6, 1.5)
"""For remote sides on the same machine that are told to be silent."""


def charges(rows: Sequence[Record]) -> list[Charge]:
    """What these decisions cost."""
    return [Charge(row.id, row["fine_fen"]) for row in rows]


class HandClock:
    """Stands still until it is told to move."""

    def __init__(self, start: dt.datetime = MORNING) -> None:
        self._now = start

    def now(self) -> dt.datetime:
        return self._now

    def forward(self, **span: float) -> None:
        self._now += dt.timedelta(**span)

    def set(self, now: dt.datetime) -> None:
        self._now = now


def order_data(cipher: FieldCipher, number: str = "O1", amount_fen: int = 150_00) -> dict[str, Any]:
    return {
        "journey": "violation",
        "amount_fen": amount_fen,
        "subject_index": cipher.index("330203199001010006"),
        "subject_enc": cipher.seal({"name": "张示例"}, "order", "subject_enc", number),
    }


def decision_data(cipher: FieldCipher, number: str = "O1D1", fine_fen: int = 150_00) -> dict[str, Any]:
    sealed = cipher.seal({"id_number": "330203199001010006"}, "decision", "detail_enc", number)
    return {"record_id": "3302031001000001", "fine_fen": fine_fen, "points": 3, "detail_enc": sealed}


@dataclass
class Counter:
    """`in_session` of its orders is left to the tests: `leave` is the citizen going away."""

    clock: HandClock
    scenario: Scenario
    police: SimulatedPolice
    front: FakeFront
    platform: PoliceClient
    wallet: WalletClient
    file: Path
    store: Store = field(init=False)
    hook: CommitHook | None = field(init=False, default=None)

    async def open(self) -> None:
        """Also a restart: everything that is not on disk is new."""
        self.store = Store(f"sqlite:///{self.file}", self.clock, self.hook)
        await self.store.open()
        self.cipher = FieldCipher(KEY)
        self.orders = Orders(self.store, self.cipher, self.clock, "TEST01")
        self.registrar = Registrar(self.store, self.platform, self.cipher, self.clock)
        self.cashier = Cashier(self.store, self.wallet, self.platform, self.clock, expires_in=CODE_S, late=LATE_S)
        self.sweeper = Sweeper(self.store, self.orders, self.registrar, self.cashier, self.clock)

    async def crash(self) -> None:
        """The process is gone without a goodbye; what was committed is on disk."""
        old = self.store
        await self.open()
        await old.close()

    def leave(self) -> None:
        self.orders.in_session.clear()

    def pays(self, order_no: str | None = None) -> None:
        self.front.control({"do": "pay", "order_no": order_no} if order_no else {"do": "pay"})

    def script(self, **fields: Any) -> None:
        self.front.control({"do": "script", **fields})

    def fault(self, name: str, **fields: Any) -> None:
        self.police.control({"do": "fault", "id": name, **fields})

    async def order(self, records: Sequence[str] = (), present: bool = True) -> str:
        """Signed: the intents stand in the ledger and nothing was sent yet."""
        wanted = records or [record.id for record in self.scenario.records]
        found = [record for record in self.scenario.records if record.id in wanted]

        def items(order_id: str) -> list[New]:
            return [
                change
                for n, record in enumerate(found, 1)
                for change in self.registrar.intents(
                    f"{order_id}D{n}",
                    order_id,
                    record.id,
                    record.fine_fen,
                    record.points,
                    {
                        "id_number": self.scenario.person.number,
                        "signature_sha256": "0" * 64,
                        "waived_at": self.clock.now().isoformat(timespec="seconds"),
                    },
                )
            ]

        total = sum(record.fine_fen for record in found)
        subject = {"name": self.scenario.person.name}
        number = await self.orders.open("violation", self.scenario.person.number, subject, total, items)
        if not present:
            self.leave()
        return number

    async def decisions(self, order_id: str) -> list[Record]:
        return await self.store.find(Kind.DECISION, order_id=order_id)

    async def decided(self, records: Sequence[str] = ()) -> tuple[str, list[Record]]:
        """An order whose fines stand, with the citizen still there."""
        order_id = await self.order(records)
        rows = [await self.registrar.decide(row) for row in await self.decisions(order_id)]
        assert {row.state for row in rows} == {DecisionState.DECIDED}
        return order_id, rows

    async def shown(self, records: Sequence[str] = ()) -> tuple[str, Record, Code]:
        """A code is on the screen."""
        order_id, rows = await self.decided(records)
        payment, code = await self.cashier.begin(order_id, charges(rows), "交通违法罚款")
        assert code is not None
        return order_id, payment, code

    async def states(self, kind: Kind, **equal: Any) -> list[str]:
        return [row.state for row in await self.store.find(kind, **equal)]

    async def state(self, kind: Kind, record_id: str) -> str:
        return (await self.store.get(kind, record_id)).state

    async def breaches(self) -> list[str]:
        return [f"{b.invariant} {b.record}: {b.what}" for b in await check(self.store, self.clock.now())]

    def kept_fen(self) -> int:
        """What the wallet took and did not give back."""
        return sum(self.front.ledger.totals().values())

    def posted_fen(self) -> int:
        """What the police side has been told was paid."""
        return sum(entry.amount_fen for entry in self.police.world.books.payments.values())


@asynccontextmanager
async def remote_sides(
    clock: HandClock, scenario: Scenario, deadlines: Deadlines = IMPATIENT
) -> AsyncIterator[tuple[SimulatedPolice, FakeFront, PoliceClient, WalletClient]]:
    police, front = SimulatedPolice([scenario], clock=clock), FakeFront(clock)
    key = front.register("TEST01")
    async with AsyncExitStack() as stack:
        police_at = await stack.enter_async_context(serve(police.app))
        front_at = await stack.enter_async_context(serve(front.app))
        platform = PoliceClient(Endpoint(police_at.url, deadlines=deadlines))
        stack.push_async_callback(platform.aclose)
        wallet = WalletClient(
            front_at.url,
            device_id="TEST01",
            device_key=key,
            front_keys=[front.public_key],
            terminal_id="TEST01",
            clock=clock,
            deadlines=deadlines,
        )
        stack.push_async_callback(wallet.aclose)
        yield police, front, platform, wallet


@asynccontextmanager
async def open_counter(file: Path, scenario: str = "happy_two_records") -> AsyncIterator[Counter]:
    clock = HandClock()
    loaded = load_scenario(scenario, clock.now().date())
    async with remote_sides(clock, loaded) as (police, front, platform, wallet):
        counter = Counter(clock, loaded, police, front, platform, wallet, file)
        await counter.open()
        try:
            yield counter
        finally:
            await counter.store.close()


async def forced(store: Store, record: Record, *states: str, **data: Any) -> Record:
    """Take a record along a path of legal moves, for tests that need it at the end."""
    for state in states:
        (record,) = await store.commit(Move(record, state, "test", data if state == states[-1] else {}))
    return record
