"""One whole machine for the whole matrix: real drivers over simulators, real servers and ledger, with the drivers' patience shortened.

A visit is told what goes wrong and when; what the citizen saw, what is stored and what lies on paper is written down; staff mend
what the row says; then the next citizen comes.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from config.scenario_devices import DeviceCommand
from config.scenarios import Scenario
from config.settings import load
from drivers.permit_unit.link import Patience
from kiosk.app import Machine, assemble
from kiosk.care.socket import plugged
from kiosk.care.supervisor import GONE, MISSES, Supervisor
from kiosk.journeys.endorsement import permit
from kiosk.journeys.lobby import Ended, home
from kiosk.journeys.services import SERVICES, run_endorsement, run_form, run_violation
from kiosk.ledger.check import check
from kiosk.ledger.states import FINAL, Kind
from kiosk.ports.devices import FaceHint, Link
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.rehearsal.citizen import SIGNATURE
from kiosk.screens import common, form, violation
from kiosk.screens.base import Cancelled, Screen
from kiosk.screens.home import Home
from kiosk.screens.robot import RobotPage
from tests.faults.people import people
from tests.hostile.hall import sentences, with_quick_reader

PRINTER = "escpos+sim:?stall=0.2&job=0.8&settle=0.02&answer=0.1&poll=0.02"
DOCUMENTS = "cups+sim:?answer=0.5&poll=0.02&trouble=0.3"
SLIPS = {
    "简易程序处罚决定书": "decision",
    "交通违法缴款凭证": "voucher",
    "业务核对单": "incident",
    "出入境证件缴费凭条": "fee voucher",
    "通行证领取单": "collection slip",
}
RUNS = {"violation": run_violation, "endorsement": run_endorsement, "form": run_form}
NUMBER = re.compile(r"[A-Z]{1,5}[0-9]{8,}[0-9A-Z]*")
"""Numbers of permits in custody, orders and papers, which are another every time."""


A = TypeVar("A")
PATIENCE: Mapping[type[Any], tuple[float, int, Any]] = {
    common.PlaceIdCard: (6.0, 0, Cancelled),
    common.FaceCheck: (40.0, 25, "staff"),
    form.TakePhoto: (40.0, 0, Cancelled),
    form.BringForm: (1.5, 0, "skip"),
    violation.PenaltyNotice: (1.0, 0, violation.Signed(SIGNATURE, ())),
}
"""How long this citizen waits before a page on which nothing happens (seconds, and pictures that bring them no further), and what they
do then."""


GOING_WELL = (FaceHint.BLINK, FaceHint.HOLD_STILL, FaceHint.OK)


class _Told(list[Any]):
    """A list that also tells its things to another, which keeps their order."""

    def __init__(self, story: list[Any]) -> None:
        super().__init__()
        self._story = story

    def append(self, thing: Any) -> None:
        super().append(thing)
        self._story.append(thing)


class Impatient(Rehearsal):
    """A citizen who does not stand there for ever. `story`: every page and what it became, in order."""

    def __init__(self, citizen: Citizen, blink: Callable[[], object]) -> None:
        super().__init__(citizen)
        self._blink = blink
        self.story: list[Screen[Any]] = []
        self.shown, self.updates = _Told(self.story), _Told(self.story)

    def open(self, screen: Screen[A]) -> RobotPage:
        page = super().open(screen)
        return page if type(screen) not in PATIENCE else _Left(self, screen, self._blink)


class _Left(RobotPage):
    def __init__(self, desk: Rehearsal, screen: Screen[Any], blink: Callable[[], object]) -> None:
        super().__init__(desk, screen)
        self._blink = blink
        self._best, self._asked = 0.0, 0
        seconds, self._pictures, self._then = PATIENCE[type(screen)]
        self._leaves = asyncio.get_running_loop().time() + seconds
        self._enough = asyncio.Event()
        self._idle = 0

    def update(self, screen: Screen[Any]) -> None:
        super().update(screen)
        progress = getattr(screen, "progress", 0.0)
        self._idle = 0 if progress > self._best or getattr(screen, "hint", None) in GOING_WELL else self._idle + 1
        self._best = max(self._best, progress)
        if isinstance(screen, common.FaceCheck) and screen.hint is FaceHint.BLINK:
            self._asked += 1
            if self._asked % 8 == 1:
                self._blink()
        if self._pictures and self._idle >= self._pictures:
            self._enough.set()

    async def answer(self) -> Any:
        answer = asyncio.ensure_future(super().answer())
        enough = asyncio.ensure_future(self._enough.wait())
        try:
            left = max(self._leaves - asyncio.get_running_loop().time(), 0.0)
            await asyncio.wait((answer, enough), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
        finally:
            answer.cancel()
            enough.cancel()
            await asyncio.gather(answer, enough, return_exceptions=True)
        if self._then is Cancelled:
            raise Cancelled
        return self._then


@dataclass
class Seen:
    """What one visit left behind."""

    outcome: str
    pages: list[str]
    said: list[str]
    rows: list[tuple[Kind, str]]
    drafts: list[str]
    slips: list[str]
    sheets: int
    seconds: float


@dataclass
class World:
    machine: Machine
    pools: dict[str, Iterator[Scenario]]
    supervisor: Supervisor
    camera: bool = False
    """Whether anybody has looked into the camera; its process is not started before."""
    known: dict[Kind, set[str]] = field(default_factory=dict)

    def someone(self, pool: str) -> Scenario:
        return next(self.pools[pool])

    def tell(self, device: str, *commands: Mapping[str, Any]) -> None:
        for command in commands:
            self.machine.virtual[device].control(command)

    async def visit(self, scenario: Scenario, troubles: Sequence[DeviceCommand] = (), within: float = 50.0) -> Seen:
        object.__setattr__(scenario, "devices", tuple(troubles))
        if scenario.citizen.face_consent:
            await self.open_camera()
        await self.new_rows()
        drafts = self._drafts()
        printer, documents = self._of("receipt_printer"), self._of("document_printer")
        printer.control({"do": "take"})
        citizen = Citizen(scenario, self.machine.virtual)
        citizen.arrive()
        desk = Impatient(citizen, lambda: self.tell("camera", {"do": "blink"}))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.timeout(within):
            ended: Ended = await RUNS[scenario.service](self.machine.kit(desk))
        took = loop.time() - begun
        citizen.leave()
        self.tell(
            "camera", {"do": "scene", "faces": 1}
        )  # the next in the queue; an empty white panel looks like a covered lens
        assert desk.wiped
        return Seen(
            ended.outcome,
            [page for screen in desk.shown if (page := page_of(screen))],
            list(dict.fromkeys(NUMBER.sub("…", text) for screen in desk.story for text in spoken(screen))),
            await self.new_rows(),
            sorted((self._drafts() - drafts).elements()),
            [slip_of(paper.text) for paper in printer.papers if paper.text.strip()],
            len(documents.papers),
            took,
        )

    async def open_camera(self) -> None:
        if not self.camera:
            self.camera = True
            await self.machine.devices.by_name["camera"].open()

    async def new_rows(self) -> list[tuple[Kind, str]]:
        """What came into the ledger since the last time this was asked."""
        found: list[tuple[Kind, str]] = []
        for kind in Kind:
            known = self.known.setdefault(kind, set())
            new = [row.id for row in await self.machine.books.store.find(kind) if row.id not in known]
            known |= set(new)
            found += [(kind, row_id) for row_id in new]
        return found

    async def states(self, seen: Seen) -> dict[str, list[str]]:
        """The states now of what a visit has left in the ledger, and of its draft at the platform."""
        found: dict[str, list[str]] = {}
        for kind in Kind:
            wanted = [row_id for each, row_id in seen.rows if each == kind]
            if wanted:
                rows = {row.id: str(row.state) for row in await self.machine.books.store.find(kind)}
                found[str(kind)] = [rows[row_id] for row_id in wanted]
        return found | ({"draft": seen.drafts} if seen.drafts else {})

    def _drafts(self) -> Counter[str]:
        return Counter(self._of("exit_entry_platform").counts()["drafts"])

    async def look_after(self) -> None:
        """What is done between citizens: lost devices are opened, all are asked how they are, the ledger is swept, permits recovered."""
        await self.look_at_devices(until_well=True)
        permits = self.machine.permits
        assert permits is not None
        with self._hand():
            for _ in range(4):
                await permits.keeper.recover()
                if not await permits.keeper.open_rows():
                    break
        for _ in range(4):
            if (await self.machine.sweeper.sweep()).clean:
                break

    async def look_at_devices(self, *, until_well: bool = False) -> None:
        """As often as the supervisor needs to believe that a device is lost, or until it is back."""
        for name, device in self.machine.devices.by_name.items():
            if name == "camera" and not self.camera:
                continue
            for _ in range(20 if until_well else MISSES):
                await self.supervisor.look_now(name)
                if device.status().link not in GONE:
                    break
                if until_well:
                    await asyncio.sleep(0.02)
        if until_well and self.camera:
            # A worker that hangs is given some seconds before it is ended.
            camera = self.machine.devices.by_name["camera"]
            async with asyncio.timeout(30):
                while camera.status().link is not Link.READY:
                    await asyncio.sleep(0.2)
                    await self.supervisor.look_now("camera")

    def home(self, *, recorded: bool = False) -> Home:
        """The home screen as the lobby would paint it now."""
        states = {name: state.shown for name, state in self.supervisor.states().items()}
        return home(SERVICES, states, recorded=recorded)

    def disarm(self) -> None:
        """What was armed and never came up."""
        for name in self.machine.devices.by_name:
            self.tell(name, {"do": "clear"})
        self.tell("qr_scanner", {"do": "hide"})

    async def mend(self) -> None:
        """Everything new, so that a row that failed spoils no other."""
        self.disarm()
        for name in self.machine.devices.by_name:
            self.tell(name, {"do": "plug"})
        self.tell("receipt_printer", {"do": "refill"}, {"do": "cover", "open": False}, {"do": "tear"})
        self.tell("document_printer", {"do": "resume"})
        unit = self._of("permit_unit")
        unit.power(True)
        if unit.state()["position"] == "jammed":
            unit.control({"do": "remove_card"})
        unit.control({"do": "empty_bin"})
        await self.look_after()

    async def in_order(self) -> None:
        assert (await self.machine.sweeper.left()).clean
        assert await check(self.machine.books.store, self.machine.clock.now()) == []
        custodies = await self.machine.books.store.find(Kind.CUSTODY)
        assert all(row.state in FINAL[Kind.CUSTODY] for row in custodies)

    @contextmanager
    def _hand(self) -> Iterator[None]:
        """Whoever stands there takes a permit that lies at the slot."""
        unit = self._of("permit_unit")
        loop = asyncio.get_running_loop()

        def look() -> None:
            state = unit.state()
            if state["position"] == "mouth" and not state["accepting"] and not state["phase"]:
                loop.call_soon(unit.control, {"do": "take"})

        unlisten = unit.listen(look)
        look()
        yield
        unlisten()

    def _of(self, device: str) -> Any:
        return self.machine.virtual[device]


def page_of(screen: Screen[Any]) -> str:
    if isinstance(screen, common.Working):
        return ""
    if isinstance(screen, common.Message):
        return f"Message {screen.code}".rstrip()
    return type(screen).__name__


def spoken(screen: Screen[Any]) -> list[str]:
    trouble = getattr(screen, "trouble", "")
    return [*sentences(screen), *([trouble] if trouble else [])]


def slip_of(text: str) -> str:
    if text.startswith("????"):
        return "illegible"
    return next((name for title, name in SLIPS.items() if title in text), f"? {text[:20]!r}")


@contextmanager
def quick_chip() -> Iterator[None]:
    before, permit.CHIP_S = permit.CHIP_S, 0.6
    yield
    permit.CHIP_S = before


def quick(machine: Machine) -> None:
    """The drivers' patience is their own, not a setting: here it is a tenth."""
    patience = Patience(silence=0.15, quick=0.6, move=1.0, write=1.5, print=1.5, settle=0.6, poll=0.01)
    recorder: Any = machine.devices.recorder
    plugged(recorder)._every = 0.0
    scanner: Any = plugged(machine.devices.scanner)
    scanner._options = replace(scanner._options, early=0.02, idle_gap=0.02)  # the next citizen is here within a second
    unit: Any = machine.devices.permit_unit
    unit._session.patience = unit._session._link._patience = patience
    reader: Any = machine.devices.permit_reader
    reader._answer_timeout, reader._read_timeout = 0.2, 0.6


@asynccontextmanager
async def world(folder: Path, sizes: Mapping[str, int]) -> AsyncIterator[World]:
    """`sizes`: how many people will come for each service, with " camera" or " phone" for those who go that way."""
    pools = {}
    for name, count in sizes.items():
        service, _, way = name.partition(" ")
        pools[name] = list(people(folder, service, count, camera=way == "camera", phone=way == "phone"))  # type: ignore[arg-type]
    base = load(profile="ci")
    wanted = base.model_copy(
        update={
            "ledger": base.ledger.model_copy(
                update={"url": f"sqlite:///{folder}/ledger.db", "key_file": folder / "ledger.key"}
            ),
            "wallet": base.wallet.model_copy(update={"code_s": 3.0, "late_s": 0.3, "poll_s": 0.02}),
            "devices": base.devices.model_copy(
                update={
                    "receipt_printer": PRINTER,
                    "document_printer": DOCUMENTS,
                    "qr_scanner": "sim:",
                    "signature_pad": "stu+sim:",
                    "recorder": "sim:",
                }
            ),
            "session": base.session.model_copy(update={"finish_s": 0.05, "idle_s": 3.0, "card_s": 2.0}),
            "endorsement": base.endorsement.model_copy(update={"take_s": 1}),
            "signing": base.signing.model_copy(update={"folder": folder / "recordings"}),
            "form": base.form.model_copy(update={"print_s": 1.5}),
        }
    )
    everybody = [scenario for pool in pools.values() for scenario in pool]
    with quick_chip():
        async with assemble(wanted, scenarios=everybody, attend=False) as machine:
            quick(machine)
            machine = with_quick_reader(machine)
            for name, device in machine.devices.by_name.items():
                if name != "camera":
                    await device.open()
            watch = Supervisor(machine.devices.by_name, machine.clock, resting=("camera", "qr_scanner"))
            made = World(machine, {name: iter(pool) for name, pool in pools.items()}, watch)
            unit = made._of("permit_unit")
            unit.control({"do": "speed", "factor": 5000})
            yield made
            await machine.devices.id_card.close()
