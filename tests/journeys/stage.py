"""A whole machine without a window, for one citizen: real drivers, wires, servers and ledger."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.scenarios import Scenario, load_scenario
from config.sections import Ledger
from config.settings import Settings, load
from config.tables import load_tables
from kiosk.app import Machine, assemble
from kiosk.cabinet import card_of
from kiosk.journeys.lobby import Ended
from kiosk.journeys.services import run_endorsement, run_fine, run_form, run_reprint, run_violation
from kiosk.ledger.check import check
from kiosk.ledger.states import Kind
from kiosk.ports.clock import Clock, SystemClock
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import common, violation
from kiosk.screens.base import Screen
from kiosk.screens.robot import WAIT, Reply
from kiosk.verbs.scenario_settings import apply_rules, apply_settings
from tests.ledger.blank import blank_ledger


def settings(folder: Path, code_s: float = 5.0, poll_s: float = 0.1, idle_s: float = 90.0) -> Settings:
    """As in CI, with codes that run out while one looks on."""
    base = load(None, "ci")
    return base.model_copy(
        update={
            "ledger": Ledger(url=f"sqlite:///{folder}/ledger.db", key_file=folder / "ledger.key"),
            "wallet": base.wallet.model_copy(update={"code_s": code_s, "late_s": 0.5, "poll_s": poll_s}),
            "session": base.session.model_copy(update={"idle_s": idle_s}),
            "endorsement": base.endorsement.model_copy(update={"take_s": 1}),
        }
    )


def changed(scenario: Scenario, wallet: Mapping[str, Any] | None = None, **citizen: Any) -> Scenario:
    """The scenario with another wallet, or a citizen who does something else."""
    other = copy.copy(scenario)
    object.__setattr__(other, "citizen", replace(scenario.citizen, **citizen))
    if wallet is not None:
        object.__setattr__(other, "wallet", dict(wallet))
    return other


RUNS: Mapping[str, Callable[[Any], Any]] = {
    "violation": run_violation,
    "endorsement": run_endorsement,
    "form": run_form,
    "fine": run_fine,
}


class Guest(Rehearsal):
    """A rehearsal in which single screens are answered by the test; the rest is the scenario's citizen.

    `waits` are the answers to one kind of screen, used up one after the other (an exception is raised, e.g. Back()).
    """

    def __init__(self, citizen: Citizen, waits: Mapping[type[Any], list[Any]] | None = None) -> None:
        super().__init__(citizen)
        for kind, answers in (waits or {}).items():
            self._replies[kind] = _in_turn(list(answers), citizen.replies[kind])

    def of(self, kind: type[Any]) -> list[Any]:
        """Every page of this kind, and what it became."""
        return [screen for screen in (*self.shown, *self.updates) if isinstance(screen, kind)]

    def names(self) -> list[str]:
        return [type(screen).__name__ for screen in self.shown if not isinstance(screen, common.Working)]

    def codes(self) -> set[str]:
        """The rules named on the screens."""
        found = {screen.code for screen in self.of(common.Message)}
        for screen in self.of(violation.ChooseViolations):
            found |= {row.code for row in screen.rows}
        return found - {""}

    def words(self) -> str:
        return "\n".join(f"{m.title} {m.body}" for m in self.of(common.Message))


def _in_turn(answers: list[Any], then: Reply) -> Reply:
    def reply(screen: Screen[Any]) -> Any:
        if not answers:
            return then(screen)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(screen) if callable(answer) else answer

    return reply


@dataclass
class Stage:
    machine: Machine
    scenario: Scenario
    desk: Guest = field(init=False)
    ended: Ended = field(init=False)

    async def visit(
        self,
        waits: Mapping[type[Any], list[Any]] | None = None,
        run: Callable[[Any], Any] | None = None,
        scenario: Scenario | None = None,
    ) -> Ended:
        run = run or RUNS[self.scenario.service]
        citizen = Citizen(scenario or self.scenario, self.machine.virtual)
        citizen.arrive()
        self.desk = Guest(citizen, waits)
        self.ended = await run(self.machine.kit(self.desk))
        citizen.leave()
        return self.ended

    async def reprint(self) -> Ended:
        """The citizen comes back for copies; what the scenario does to the devices is over."""
        later = copy.copy(self.scenario)
        object.__setattr__(later, "devices", ())
        return await self.visit(run=run_reprint, scenario=later)

    async def sweep(self, passes: int = 6) -> bool:
        """Until nothing is open; False when something still is."""
        for _ in range(passes):
            if (await self.machine.sweeper.sweep()).clean:
                return True
        return False

    async def breaches(self) -> list[Any]:
        return await check(self.machine.books.store, self.machine.clock.now())

    async def states(self, kind: Kind) -> list[str]:
        return [row.state for row in await self.machine.books.store.find(kind)]

    @property
    def police(self) -> Any:
        return self.machine.virtual["police_platform"]

    @property
    def exits(self) -> Any:
        return self.machine.virtual["exit_entry_platform"]

    @property
    def unit(self) -> Any:
        return self.machine.virtual["permit_unit"]

    @property
    def documents(self) -> Any:
        return self.machine.virtual["document_printer"]

    @property
    def wallet(self) -> Any:
        return self.machine.virtual["wallet"]

    @property
    def papers(self) -> list[str]:
        found: list[str] = [paper.text for paper in self.machine.virtual["receipt_printer"].papers]  # type: ignore[attr-defined]
        return found

    def paper(self, title: str) -> list[str]:
        return [text for text in self.papers if title in text]

    def decided(self) -> dict[str, Any]:
        return dict(self.police.world.books.decisions)

    def kept_fen(self) -> int:
        return sum(self.wallet.ledger.totals().values())

    def posted_fen(self) -> int:
        return sum(entry.amount_fen for entry in self.police.world.books.payments.values())


class TwoCards:
    """Whoever stands there lays one card on the reader, and after `swap` another."""

    def __init__(self, stage: Stage, other: Scenario) -> None:
        self._reader = stage.machine.virtual["id_card"]
        self._card: object = stage.scenario.name
        self._other = card_of(other)

    def place(self, screen: common.PlaceIdCard) -> object:
        """Answers the page that asks for the card."""
        if screen.state == "done":
            return None
        lift = screen.state == "lift_first"
        self._reader.control({"do": "remove"} if lift else {"do": "place", "person": self._card})
        return WAIT

    def swap(self) -> None:
        self._reader.control({"do": "remove"})
        self._card = self._other


@asynccontextmanager
async def staged(
    folder: Path,
    scenario: Scenario | str,
    *,
    camera: bool = False,
    clock: Clock | None = None,
    also: Sequence[Scenario] = (),
    **how: float,
) -> AsyncIterator[Stage]:
    """Staff compare the face unless `camera` is wanted, which takes seconds. `clock` is everybody's, the remote sides' too. `also`: who
    may come to the same machine later."""
    if isinstance(scenario, str):
        scenario = load_scenario(scenario, SystemClock().now().date())
    if not camera and scenario.service != "form":
        scenario = changed(scenario, face_consent=False)
    camera = camera or (scenario.form is not None and scenario.form.photo == "camera")
    wanted = apply_settings(settings(folder, **how), scenario)
    await blank_ledger(folder / "ledger.db")
    tables = apply_rules(load_tables(), scenario)
    async with assemble(wanted, clock=clock, scenarios=[scenario, *also], attend=False, tables=tables) as machine:
        for name in ("id_card", "receipt_printer", "permit_unit", "permit_reader", "document_printer"):
            await machine.devices.by_name[name].open()
        machine.virtual["permit_unit"].control({"do": "speed", "factor": 1000})
        if camera:
            await machine.devices.by_name["camera"].open()
        if scenario.citizen.payer_codes or (scenario.form is not None and scenario.form.brings):
            await machine.devices.by_name["qr_scanner"].open()
        yield Stage(machine, scenario)
