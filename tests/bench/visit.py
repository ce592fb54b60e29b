"""One machine, and one rehearsed visit after the other on it: what the journey figure, the soak and their profiles share."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import config.scenarios
from config.scenarios import Scenario, load_scenario
from config.settings import Settings, load
from kiosk.app import Machine, assemble
from kiosk.journeys.kit import Kit
from kiosk.journeys.services import run_endorsement, run_form, run_violation
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Link
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens.base import Screen
from kiosk.screens.robot import RobotPage
from kiosk.verbs.scenario_settings import apply_settings

A = TypeVar("A")
SCENARIO_DIR = Path(config.scenarios.__file__).parent / "scenarios"
CAMERA_READY_S = 30.0
RUNS = {"violation": run_violation, "endorsement": run_endorsement, "form": run_form}


class Timed(Rehearsal):
    """Notes when which page opened."""

    def __init__(self, citizen: Citizen) -> None:
        super().__init__(citizen, keep=False)
        self.opened: list[tuple[str, float]] = []

    def open(self, screen: Screen[A]) -> RobotPage:
        self.opened.append((type(screen).__name__, time.perf_counter()))
        return super().open(screen)


@dataclass
class Hall:
    """A machine and its scenario; `visit` takes the milliseconds of one whole journey."""

    machine: Machine
    scenario: Scenario
    pages: dict[str, list[float]] = field(default_factory=dict)
    desk: Callable[[Citizen], Timed] = Timed
    """Another one also paints."""
    watched: Callable[[Kit], Kit] = lambda kit: kit
    """Puts a stop watch before a part of the machine."""

    async def visit(self) -> float:
        """From the citizen's first page to the last wipe. Raises RuntimeError unless the visit ended as it should."""
        virtual = self.machine.virtual
        citizen = Citizen(self.scenario, virtual)
        citizen.arrive()
        desk = self.desk(citizen)
        if self.scenario.citizen.face_consent:
            await _until_filming(self.machine)
        started = time.perf_counter()
        ended = await RUNS[self.scenario.service](self.watched(self.machine.kit(desk)))
        finished = time.perf_counter()
        if ended.outcome != str(self.scenario.outcome):
            raise RuntimeError(f"the visit ended with {ended.outcome}")
        for (name, since), (_, until) in zip(desk.opened, [*desk.opened[1:], ("", finished)], strict=True):
            self.pages.setdefault(name, []).append((until - since) * 1000)
        citizen.leave()
        self.forget()
        return (finished - started) * 1000

    def forget(self) -> None:
        """The next citizen finds the remote systems as this one did; the paper is taken away."""
        virtual: dict[str, Any] = dict(self.machine.virtual)
        printer = virtual["document_printer" if self.scenario.service == "form" else "receipt_printer"]
        if not printer.papers:
            raise RuntimeError("nothing was printed")
        printer.control({"do": "take"})
        for platform in ("police_platform", "exit_entry_platform"):
            books = virtual[platform].world.books
            given = books.serial
            virtual[platform].control({"do": "reset"})
            books.serial = given  # the ledger remembers which decisions were paid: no number is given a second time
        virtual["wallet"].control({"do": "reset"})
        virtual["wallet"].control({"do": "script", **self.scenario.wallet})


async def _until_filming(machine: Machine) -> None:
    """Zero device latency: the camera's process runs and frames come before the clock starts."""
    camera = machine.devices.by_name["camera"]
    await camera.open()
    async with asyncio.timeout(CAMERA_READY_S):
        while camera.status().link is not Link.READY:
            await asyncio.sleep(0.01)


def settings_in(folder: Path, poll_s: float | None = None) -> Settings:
    """The ci profile with its ledger in `folder`, without the blink; `poll_s` where another wallet poll is wanted."""
    plain = load(None, "ci")
    wallet = plain.wallet if poll_s is None else plain.wallet.model_copy(update={"poll_s": poll_s})
    ledger = plain.ledger.model_copy(update={"url": f"sqlite:///{folder}/ledger.db", "key_file": folder / "ledger.key"})
    face = plain.face.model_copy(update={"blink": False})
    return plain.model_copy(update={"ledger": ledger, "wallet": wallet, "face": face})


def scenario_in(folder: Path, *, camera: bool) -> Scenario:
    """Two records and payment at once; the citizen looks at no evidence, so nothing but the service itself takes time."""
    text = (SCENARIO_DIR / "happy_two_records.toml").read_text(encoding="utf-8")
    text = text.replace("looks_at_evidence = true", "" if camera else "face_consent = false")
    file = folder / "happy_two_records.toml"
    file.write_text(text.replace("seconds = 2.0", "seconds = 0"), encoding="utf-8")
    found = load_scenario(file, SystemClock().now().date())
    if found.wallet.get("seconds") != 0 or found.citizen.looks_at_evidence or found.citizen.face_consent is not camera:
        raise RuntimeError("the shipped scenario is no longer the one this figure was made for")
    return found


def endorsement_in(folder: Path) -> Scenario:
    """Two places at once, a chip with BAC, payment at once, the face checked by staff."""
    text = (SCENARIO_DIR / "endorse_happy_both.toml").read_text(encoding="utf-8")
    text = text.replace("[permit]", '[wallet]\npreset = "pays"\nseconds = 0\n\n[permit]\nprotocol = "bac"')
    file = folder / "endorse_happy_both.toml"
    file.write_text(text.replace("[citizen]", "[citizen]\nface_consent = false"), encoding="utf-8")
    return load_scenario(file, SystemClock().now().date())


def form_in(name: str) -> Scenario:
    """An applicant who brings the photo to the window later: the camera waits for people."""
    found = load_scenario(name, SystemClock().now().date())
    if found.form is None or found.form.photo == "camera" or found.devices:
        raise RuntimeError(f"{name} is no longer the scenario this figure was made for")
    return found


@asynccontextmanager
async def hall(
    *, camera: bool = False, poll_s: float | None = None, service: str = "violation", form: str = "form_first_passport"
) -> AsyncIterator[Hall]:
    """`form`: the scenario of an application form."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onetrip-bench-")))
        if service == "form":
            scenario = form_in(form)
        else:
            scenario = scenario_in(folder, camera=camera) if service == "violation" else endorsement_in(folder)
        settings = apply_settings(settings_in(folder, poll_s), scenario)
        machine = await stack.enter_async_context(assemble(settings, scenarios=[scenario], attend=False))
        for name in ("id_card", "receipt_printer", "permit_unit", "permit_reader", "document_printer"):
            await machine.devices.by_name[name].open()
        machine.virtual["permit_unit"].control({"do": "speed", "factor": 100_000})
        yield Hall(machine, scenario)
