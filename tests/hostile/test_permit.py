"""Every fault of the card unit and of the permit's chip, in every phase of a visit: the visit ends, in words a citizen understands; the
permit is out or on record; and after staff have mended the machine nobody has paid for endorsements they do not have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from config.scenario_outcomes import Outcome
from config.scenarios import Scenario, load_scenario
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.permit_unit.faults import FAULTS
from drivers.permit_unit.link import Patience
from drivers.simulator import LINE_FAULTS
from kiosk.app import Machine, assemble
from kiosk.journeys.endorsement import permit
from kiosk.journeys.lobby import Ended
from kiosk.journeys.services import run_endorsement
from kiosk.ledger.check import check
from kiosk.ledger.states import FINAL, IssuanceState, Kind, PaymentState
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import common, endorsement, pay
from kiosk.screens.base import Screen
from tests.hostile.hall import plain, sentences
from tests.journeys.stage import settings

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

PERSON = """
service = "endorsement"
name = "hostile_{n}"
title = "试验"
description = "Everything works."
outcome = "endorsed"
[person]
name = "谢演练"
birth = 1990-01-{day:02d}
sex = "2"
face_seed = {n}
valid_from = "today-6y"
valid_to = "today+14y"
[permit]
number = "C1100{n:04d}"
expiry = "today+6y"
surname = "XIE"
given = "YANLIAN"
[citizen]
face_consent = false
kind = "L"
places = ["HKG"]
entries = ["HKG-L-3M1"]
[wallet]
preset = "pays"
seconds = 0
"""
ARGUMENTS: dict[str, tuple[dict[str, Any], ...]] = {
    "POWER.BEFORE_WRITE": ({"seconds": 0.1}, {"seconds": None}),
    "POWER.DURING_WRITE": ({"seconds": 0.1}, {"seconds": None}),
    "POWER.AFTER_WRITE": ({"seconds": 0.1}, {"seconds": None}),
    "POWER.PHASE": tuple(
        {"at": phase, "seconds": 0.1}
        for phase in (
            "entering",
            "seating",
            "to_writer",
            "from_writer",
            "to_printer",
            "erasing",
            "printing",
            "to_mouth",
        )
    ),
    "JAM.WRITER": ({}, {"on": "back"}),
    "JAM.PRINTER": ({}, {"on": "back"}),
    "PCSC.MUTE": ({}, {"at": "select"}, {"at": "read"}),
    "PCSC.PULLED": ({}, {"at": "any"}, {"at": "select"}),
    "PCSC.6982": ({}, {"at": "any"}, {"at": "select"}),
    "PCSC.SLOW": ({"seconds": 0.01}, {"seconds": 9}),
}
"""What a fault can be told besides; one case each. Without: as it comes."""
KNOWN = {str(outcome) for outcome in Outcome} | {"device", "write_uncertain", "amount_alarm", "payment_unknown"}
PEOPLE = 220
PRINTER = "escpos+sim:?stall=0.2&job=0.8&settle=0.02&answer=0.1&poll=0.02"


def cases(faults: Iterable[str], *moments: tuple[str, int | None], arguments: bool = True) -> list[Any]:
    """Each fault at each moment (phase of the visit, how often it happens); what else it can be told only at the first one."""
    found = []
    for fault in sorted(faults):
        told = ARGUMENTS.get(fault, ({},)) if arguments else ({},)
        for phase, count in moments:
            for each in told if phase == moments[0][0] else told[:1]:
                words = "".join(f"-{key}={value}" for key, value in each.items())
                lasting = "always" if count is None else "once"
                found.append(pytest.param(fault, each, phase, count, id=f"{fault}{words}-{phase}-{lasting}"))
    return found


def people(folder: Path, count: int) -> list[Scenario]:
    today = SystemClock().now().date()
    found = []
    for n in range(1, count + 1):
        file = folder / f"hostile_{n}.toml"
        file.write_text(PERSON.format(n=n, day=n % 28 + 1))
        found.append(load_scenario(file, today))
    return found


class Watcher(Rehearsal):
    """Arms the fault when its phase is reached, and takes the permit whenever it lies there."""

    def __init__(self, citizen: Citizen, phase: str, arm: Any) -> None:
        super().__init__(citizen)
        self._phase, self._arm = phase, arm

    def open(self, screen: Screen[Any]) -> Any:
        begun = {"write": endorsement.MakingPermit, "take": endorsement.TakePermit}
        if self._arm is not None and isinstance(screen, begun.get(self._phase, common.ServiceStart)):
            arm, self._arm = self._arm, None
            arm()
        return super().open(screen)


@dataclass
class Hall:
    machine: Machine
    people: list[Scenario]
    stop: list[Any] = field(default_factory=list)

    def of(self, kind: str) -> Any:
        return self.machine.virtual[kind]

    @property
    def unit(self) -> Any:
        return self.of("permit_unit")

    async def visit(self, device: str, fault: str, arguments: dict[str, Any], phase: str, count: int | None) -> Any:
        scenario = self.people.pop()
        citizen = Citizen(scenario, self.machine.virtual)
        citizen.arrive()

        def arm() -> None:
            self.of(device).control({"do": "fault", "id": fault, "count": count, **arguments})

        desk = Watcher(citizen, phase, arm)
        async with asyncio.timeout(25):
            ended = await run_endorsement(self.machine.kit(desk))
        citizen.leave()
        return scenario, desk, ended

    async def mend(self) -> None:
        """Staff: faults gone, power on, and the machine looks after its permits."""
        for kind in ("permit_unit", "permit_reader"):
            self.of(kind).control({"do": "clear"})
        self.unit.power(True)
        self.unit.control({"do": "plug"})
        self.of("permit_reader").control({"do": "plug"})
        if self.unit.state()["position"] == "jammed":
            self.unit.control({"do": "remove_card"})
        assert self.machine.permits is not None
        for _ in range(4):
            await self.machine.permits.keeper.recover()
            if not await self.machine.permits.keeper.open_rows():
                break

    async def rows(self, kind: Kind) -> list[Any]:
        return await self.machine.books.store.find(kind)


@contextmanager
def quick_chip() -> Iterator[None]:
    before, permit.CHIP_S = permit.CHIP_S, 0.3
    yield
    permit.CHIP_S = before


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    folder = tmp_path_factory.mktemp("permit")
    wanted = settings(folder, poll_s=0.02)
    devices = wanted.devices.model_copy(update={"receipt_printer": PRINTER})
    session = wanted.session.model_copy(update={"finish_s": 0.05, "idle_s": 4.0})
    own = people(folder, PEOPLE)
    with quick_chip():
        async with assemble(
            wanted.model_copy(update={"devices": devices, "session": session}), scenarios=own, attend=False
        ) as machine:
            quick(machine)
            for name in ("id_card", "receipt_printer", "permit_unit", "permit_reader"):
                await machine.devices.by_name[name].open()
            made = Hall(machine, own)
            made.unit.control({"do": "speed", "factor": 5000})
            unlisten = made.unit.listen(lambda: hand(made))
            yield made
            unlisten()


def hand(hall: Hall) -> None:
    """Whoever stands there takes a permit that lies at the slot."""
    state = hall.unit.state()
    if state["position"] == "mouth" and not state["accepting"] and not state["phase"]:
        asyncio.get_running_loop().call_soon(hall.unit.control, {"do": "take"})


def quick(machine: Machine) -> None:
    """The drivers' patience is their own, not a setting: here it is a tenth."""
    patience = Patience(silence=0.15, quick=0.6, move=1.0, write=1.5, print=1.5, settle=0.6, poll=0.01)
    unit: Any = machine.devices.permit_unit
    unit._session.patience = unit._session._link._patience = patience
    reader: Any = machine.devices.permit_reader
    reader._answer_timeout, reader._read_timeout = 0.2, 0.6


async def judge(hall: Hall, scenario: Scenario, desk: Watcher, ended: Ended) -> None:
    assert ended.outcome.partition(":")[0] in KNOWN, ended
    assert desk.wiped
    titles = [screen.title for screen in desk.shown if isinstance(screen, common.Message)]
    assert len(titles) == len(set(titles)), "told twice"
    for screen in (*desk.shown, *desk.updates):
        for text in sentences(screen):
            assert plain(text), text
    custodies = await hall.rows(Kind.CUSTODY)
    if hall.unit.state()["position"] not in ("none", "mouth"):
        assert custodies[-1].state not in FINAL[Kind.CUSTODY], (ended, custodies[-1].state)
    elif hall.unit.state()["position"] == "none" and ended.outcome not in ("permit_stuck", "permit_retained"):
        assert custodies[-1].state in FINAL[Kind.CUSTODY]


async def settled(hall: Hall, scenario: Scenario, ended: Ended) -> None:
    """After the machine was mended: nothing is open, money and chip agree."""
    store = hall.machine.books.store
    for _ in range(4):
        if (await hall.machine.sweeper.sweep()).clean:
            break
    assert (await hall.machine.sweeper.left()).clean
    assert await check(store, hall.machine.clock.now()) == []
    custodies = await hall.rows(Kind.CUSTODY)
    assert all(row.state in FINAL[Kind.CUSTODY] for row in custodies), custodies[-1].state
    assert hall.unit.state()["position"] == "none"
    books = hall.of("exit_entry_platform").world.books
    mine = [entry for entry in books.applications.values() if entry.permit_number == scenario.permit.number]
    assert not [entry for entry in mine if entry.open]
    in_force = [entry for entry in mine if entry.state == "written"]
    issuances = {row["application_no"]: row for row in await hall.rows(Kind.ISSUANCE)}
    assert not [row for row in issuances.values() if row.state == IssuanceState.MANUAL], (
        "the chip could have been asked"
    )
    mechanics = hall.unit.mechanics
    for card in (each for each in (mechanics.hand, *mechanics.binned) if each and scenario.permit.number in each.line):
        assert list(card.endorsements) == [grant.number for entry in in_force for grant in entry.grants]
        assert card.chip_writes <= 1
    kept = 0
    for payment in await hall.rows(Kind.PAYMENT):
        if payment.order_id in {issuances[entry.number].order_id for entry in mine}:
            assert payment.state in FINAL[Kind.PAYMENT]
            kept += payment["paid_fen"] if payment.state == PaymentState.PAID else 0
    assert kept == sum(entry.fee_fen for entry in in_force)


async def lives_through(hall: Hall, device: str, *case: Any) -> tuple[Watcher, Ended]:
    scenario, desk, ended = await hall.visit(device, *case)
    try:
        await judge(hall, scenario, desk, ended)
    finally:
        await hall.mend()
    await settled(hall, scenario, ended)
    return desk, ended


CASE = ("fault", "arguments", "phase", "count")


@pytest.mark.parametrize(CASE, cases(FAULTS, ("start", 1), ("write", None), ("take", None)))
async def test_card_unit(hall: Hall, fault: str, arguments: dict[str, Any], phase: str, count: int | None) -> None:
    await lives_through(hall, "permit_unit", fault, arguments, phase, count)


@pytest.mark.parametrize(CASE, cases(PermitChipSimulator.fault_ids, ("start", None)))
async def test_chip(hall: Hall, fault: str, arguments: dict[str, Any], phase: str, count: int | None) -> None:
    """Nothing is paid before the chip was read."""
    desk, ended = await lives_through(hall, "permit_reader", fault, arguments, phase, count)
    if ended.outcome != "endorsed":
        assert not [screen for screen in desk.shown if isinstance(screen, pay.PayByQr)]


@pytest.mark.parametrize(CASE, cases(LINE_FAULTS, ("write", 1), ("take", 1), arguments=False))
async def test_line(hall: Hall, fault: str, arguments: dict[str, Any], phase: str, count: int | None) -> None:
    await lives_through(hall, "permit_unit", fault, arguments, phase, count)


@pytest.mark.parametrize(
    CASE,
    cases(("LINE.MUTE", "LINE.HANGUP", "LINE.BLOCK", "LINE.GARBLE"), ("start", None), ("write", None), ("take", None)),
)
async def test_line_lost_for_good(
    hall: Hall, fault: str, arguments: dict[str, Any], phase: str, count: int | None
) -> None:
    await lives_through(hall, "permit_unit", fault, arguments, phase, count)
