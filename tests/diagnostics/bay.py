"""A machine with real drivers, wires, supervisor and ledger, and a technician without a window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.diagnostics_tables import DiagnosticsTable, load_diagnostics
from config.sections import Technician
from config.settings import Settings, load
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_tcp
from kiosk.cabinet import build_devices
from kiosk.care.counting import Counting
from kiosk.care.socket import Socket
from kiosk.care.supervisor import Patience, Supervisor
from kiosk.diagnostics.access import Access
from kiosk.diagnostics.effective import groups
from kiosk.diagnostics.logring import LogRing
from kiosk.diagnostics.pin import hash_pin
from kiosk.diagnostics.session import diagnostics
from kiosk.diagnostics.stand_ins import StandIn, StandIns
from kiosk.diagnostics.tools import Tools
from kiosk.journeys.services import SERVICES
from kiosk.ledger.audit import Audit
from kiosk.ledger.audit_head import head_file
from kiosk.ledger.logbook import Logbook
from kiosk.ledger.store import Store
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Device
from kiosk.screens.base import Screen
from kiosk.screens.diagnostics import Order, Section, StaffEntry, StaffLogin, Verb
from kiosk.screens.robot import WAIT, RobotDesk
from tests.ledger.blank import blank_ledger

CODE, PIN = "T0271", "483920"
HASH = hash_pin(PIN)
KEY = bytes(range(32))
QUICK = Patience(every=0.05, first=0.05, last=0.2)
FEW = ("id_card", "receipt_printer", "document_printer")
"""Enough for most: no camera, whose process takes its time."""
Step = Callable[[Any], Any]
"""Given the screen, what the technician does there, or WAIT to look on."""


def on(kind: type[Screen[Any]], answer: Any, when: Callable[[Any], bool] = lambda _: True) -> Step:
    """Answer the first page of this kind that looks like this."""
    return lambda screen: answer if isinstance(screen, kind) and when(screen) else WAIT


def login(pin: str = PIN, code: str = CODE) -> Step:
    return on(StaffLogin, StaffEntry(code, pin), lambda screen: screen.locked_s == 0)


def go(section: Section, value: str = "") -> Order:
    return Order(Verb.GO, section, value)


LEAVE = Order(Verb.LEAVE)


class Hands(RobotDesk):
    """Does one step after the other; a step waits until its screen is there."""

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__({})
        self.steps = list(steps)

    def reply(self, screen: Screen[Any]) -> Any:
        if not self.steps:
            return WAIT
        answer = self.steps[0](screen)
        if answer is WAIT:
            return WAIT
        self.steps.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if self.touch is not None:
            self.touch()
        return answer

    def of(self, kind: type[Any]) -> list[Any]:
        """Every page of this kind and what it became, in order of kind of event."""
        return [screen for screen in (*self.shown, *self.updates) if isinstance(screen, kind)]

    def last(self, kind: type[Any]) -> Any:
        return self.of(kind)[-1]


@dataclass
class Bay:
    tools: Tools
    virtual: Mapping[str, Any]
    reader: SamvSimulator | None = None
    """Behind a real line: the ID card reader is no simulator to the machine."""
    desk: Hands = field(init=False)

    async def visit(self, *steps: Step, within: float = 20.0, **changed: Any) -> str:
        """One technician; returns why the visit ended."""
        self.desk = Hands(steps)
        async with asyncio.timeout(within):
            why = await diagnostics(replace(self.tools, desk=self.desk, **changed))
        assert not self.desk.steps, f"{len(self.desk.steps)} steps were not done; last shown: {self.desk.shown[-1]}"
        return why

    @property
    def devices(self) -> Mapping[str, Device]:
        return self.tools.supervisor.devices

    async def settled(self) -> None:
        """Every device has been opened or found wanting."""
        async with asyncio.timeout(10):
            while any(state.status.link == "closed" and not state.misses for state in self.states()):
                await self.tools.supervisor.changed()

    def states(self) -> list[Any]:
        return list(self.tools.supervisor.states().values())

    async def audit(self) -> list[tuple[str, str, dict[str, Any]]]:
        rows = await self.tools.audit.rows(limit=500)
        return [(row.who, row.what, dict(row.detail)) for row in reversed(rows)]

    async def audited(self, what: str) -> list[dict[str, Any]]:
        return [detail for _, name, detail in await self.audit() if name == what]

    @property
    def papers(self) -> list[str]:
        return [paper.text for paper in self.virtual["receipt_printer"].papers]


def table(**session: Any) -> DiagnosticsTable:
    """As shipped, refreshed quickly."""
    shipped = load_diagnostics()
    fields = {"refresh_s": 0.05, **session}
    return shipped.model_copy(update={"session": shipped.session.model_copy(update=fields)})


def settings(folder: Path, **devices: str) -> Settings:
    base = load(None, "ci")
    wanted = base.devices.model_copy(update=devices)
    return base.model_copy(update={"devices": wanted})


@asynccontextmanager
async def bay(
    folder: Path,
    kinds: Sequence[str] = FEW,
    *,
    real_reader: bool = False,
    stay: bool = False,
    diagnostics_table: DiagnosticsTable | None = None,
    technicians: Sequence[Technician] | None = None,
) -> AsyncIterator[Bay]:
    async with AsyncExitStack() as stack:
        reader = SamvSimulator() if real_reader else None
        wanted = settings(folder)
        if reader is not None:
            port = await stack.enter_async_context(serve_tcp(reader))
            wanted = settings(folder, id_card=f"samv+tcp://127.0.0.1:{port}")
        cabinet = build_devices(wanted)
        devices: dict[str, Device] = {
            name: device if isinstance(device, Socket) else Socket(device)
            for name, device in cabinet.by_name.items()
            if name in kinds
        }
        for device in cabinet.by_name.values():
            stack.push_async_callback(device.close)
        virtual: dict[str, VirtualDevice] = {name: each for name, each in cabinet.virtual.items() if name in kinds}
        clock = SystemClock()
        await blank_ledger(folder / "ledger.db")
        store = Store(f"sqlite:///{folder}/ledger.db", clock)
        await store.open()
        stack.push_async_callback(store.close)
        audit = Audit(store, clock, KEY, head_file(f"sqlite:///{folder}/ledger.db", folder / "key"))
        people = [Technician(code=CODE, pin_hash=HASH)] if technicians is None else technicians
        logbook = Logbook(store, clock)
        supervisor = Supervisor(devices, clock, patience=QUICK, resting=("camera", "qr_scanner"))
        found = diagnostics_table or table()
        counting = Counting(supervisor, logbook, found)
        stand_ins = StandIns(supervisor, lambda name: _stand_in(name, stack), ("id_card",), stay=stay)
        tools = Tools(
            Hands(()),
            clock,
            found,
            Access(store, clock, audit, people),
            audit,
            logbook,
            supervisor,
            counting,
            LogRing(500),
            stand_ins,
            "CI01",
            "0.0.0",
            {name: each.needs for name, each in SERVICES.items() if set(each.needs) <= set(devices)},
            {name: each.card.title for name, each in SERVICES.items()},
            groups(wanted),
            virtual,
            cabinet.faces if "camera" in kinds else None,
            {"out": folder / "out"},
            folder / "media",
            simulated=True,
        )
        (folder / "out").mkdir()
        tasks = [asyncio.ensure_future(work) for work in (supervisor.run(), counting.run())]
        try:
            made = Bay(tools, virtual, reader)
            await made.settled()
            yield made
        finally:
            for task in reversed(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _stand_in(name: str, stack: AsyncExitStack) -> StandIn:
    """Only the reader has one here."""
    from drivers import id_card

    virtual = SamvSimulator()
    device = id_card.connect("samv+sim:", simulator=virtual)
    stack.push_async_callback(device.close)
    return StandIn(device, virtual)
