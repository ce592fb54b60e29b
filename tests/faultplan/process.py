"""Kiosk processes with a fault plan, forked from one that has imported everything; see `tests.crash.zygote`. A kiosk that will not be
killed runs in that one itself (`here`), assembled anew each time.

`visit` runs one rehearsed visit under the plan, then sweeps, as the machine does between citizens. `sweep` is a start with things left
open, under the plan. `prepare` leaves an order that was paid twice. `recover` starts once more on what is left, without any fault, lets
the hours pass, and answers with what it found.
"""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import alembic.command

import drivers.id_card.photo
import drivers.id_card.simulator
import drivers.permit_reader.simulator
import drivers.permit_unit.simulator
import kiosk.app
import kiosk.care.supervisor
import kiosk.domain.staff
import kiosk.gateways.exit_entry.drafts
import kiosk.gateways.exit_entry.simulated
import kiosk.gateways.police.client
import kiosk.gateways.wallet.client
import kiosk.ledger.audit
import kiosk.ledger.store
from config.scenarios import Scenario, load_scenario
from config.settings import Settings, load
from drivers.camera.faces import draw_portrait
from drivers.virtual_permit import VirtualPermit
from kiosk.app import Machine, assemble
from kiosk.applications import build_applications
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.slip import Slip
from kiosk.journeys import till
from kiosk.journeys.endorsement import make
from kiosk.ledger.cashier import Charge
from kiosk.ledger.states import Kind
from kiosk.ledger.store import LedgerError, New, Store
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen, Rehearsal
from tests.crash.forks import main, quiet
from tests.crash.warm import RUNS, VISITS, template, warm_up
from tests.faultplan.books import found_in
from tests.faultplan.paper import SheetBook, SlipBook
from tests.faultplan.plan import Fault, MovedClock, Plan, Planned, carry_out
from tests.hostile.hall import with_quick_reader

PRELOADED = (
    alembic.command,
    drivers.id_card.simulator,
    drivers.permit_reader.simulator,
    drivers.permit_unit.simulator,
    kiosk.care.supervisor,
    kiosk.gateways,
)
LATER_S = (0.0, 15 * 60, 2 * 3600)
"""Hours pass after a restart: long enough to give up on requests that never landed, then for the last question about closed codes."""
PATIENCE_S = 40.0
CODE_S = 1.0
"""How long a code is shown that nobody can pay."""
KNOWN: tuple[tuple[ModuleType, str], ...] = (
    (kiosk.ledger.audit, "load_events"),
    (kiosk.domain.staff, "pin_matches"),
    (drivers.id_card.photo, "_draw"),
)
"""What gives the same for the same, and is worked out once here instead of in every kiosk."""
draw_portrait(1, 240, 320)


class PlainPainter:
    """Pages are painted elsewhere; here it counts only whether they come out."""

    async def pdf(self, sheets: Sequence[Sheet]) -> bytes:
        return b"%PDF-1.7"

    async def slip_pdf(self, slip: Slip) -> bytes:
        return b"%PDF-1.7"


class PlannedStore(Store):
    def __init__(self, *args: Any, plan: Plan) -> None:
        super().__init__(*args)
        self._plan = plan

    async def commit(self, *changes: Any) -> Any:
        return await self._plan.call("ledger", "commit", super().commit, changes, {})


@contextmanager
def wired(plan: Plan, folder: Path, real: dict[str, Any]) -> Iterator[None]:
    """Every machine that is assembled in here goes through the plan. `real` gets the ports without it."""

    def planned(port: str, made: Any) -> Any:
        real[port] = made
        return Planned(port, made, plan)

    async def through(port: str, make: Callable[..., Any], *args: Any) -> Any:
        return planned(port, await make(*args))

    async def exits(make: Callable[..., Any], *args: Any) -> Any:
        front = await make(*args)
        return dataclasses.replace(
            front, platform=planned("exit_entry", front.platform), drafts=planned("drafts", front.drafts)
        )

    def devices(build: Callable[..., Any], *args: Any) -> Any:
        built = build(*args)
        slips, sheets = SlipBook(folder / "papers"), SheetBook(folder / "papers")
        by_name = {**built.by_name, "receipt_printer": slips, "document_printer": sheets}
        unit = planned("unit", built.permit_unit) if built.permit_unit is not None else None
        return dataclasses.replace(
            built,
            printer=planned("printer", slips),
            document_printer=planned("documents", sheets),
            permit_unit=unit,
            by_name=by_name,
        )

    app: Any = kiosk.app
    planned_ways = {
        "police_platform": partial(through, "police", app.police_platform),
        "wallet_front": partial(through, "wallet", app.wallet_front),
        "exit_entry_front": partial(exits, app.exit_entry_front),
        "build_devices": partial(devices, app.build_devices),
    }
    ways = {name: getattr(app, name) for name in planned_ways}
    ledger: Any = kiosk.ledger.store
    try:
        vars(app).update(planned_ways)
        ledger.Store = partial(PlannedStore, plan=plan)
        yield
    finally:
        vars(app).update(ways)
        ledger.Store = Store


def quick() -> None:
    """What takes time and is no part of the plan; once, in the process that is forked."""
    app: Any = kiosk.app
    app.build_applications = lambda form, printer, painter, *rest: build_applications(
        form, printer, PlainPainter(), *rest
    )
    for module, name in KNOWN:
        setattr(module, name, cache(getattr(module, name)))
    make.GRANT_PAUSE_S = 0.02
    till.UNKNOWN_S = 0.2


@asynccontextmanager
async def machine_of(
    order: dict[str, Any], settings: Settings, scenario: Scenario, clock: MovedClock, plan: Plan
) -> Any:
    real: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        stack.enter_context(wired(plan, Path(order["folder"]), real))
        made = assemble(settings, clock=clock, scenarios=[scenario], attend=False)
        machine = await stack.enter_async_context(made)
        machine = with_quick_reader(machine)
        for name in ("id_card", "receipt_printer", "document_printer"):
            await machine.devices.by_name[name].open()
        if scenario.permit is not None:
            # The unit is another machine's business and outlives this process; the chip in it is read from here.
            chip: Any = machine.virtual["permit_reader"]
            chip.hold(VirtualPermit.of(scenario.permit.card(scenario.person)))
            await machine.devices.by_name["permit_unit"].open()
            await machine.devices.by_name["permit_reader"].open()
        yield machine, real
        await machine.devices.id_card.close()


async def visit(order: dict[str, Any], settings: Settings, scenario: Scenario) -> dict[str, Any]:
    clock = MovedClock(Path(order["folder"]) / "clock")
    plan = Plan(Fault(order["fault"]), order["at"], clock)
    outcome = "stopped"
    try:
        async with asyncio.timeout(PATIENCE_S), machine_of(order, settings, scenario, clock, plan) as (machine, _):
            if order["do"] == "visit":
                citizen = Citizen(scenario, machine.virtual)
                citizen.arrive()
                try:
                    ended = await RUNS[scenario.service](machine.kit(Rehearsal(citizen, keep=False)))
                    outcome = ended.outcome
                except (LedgerError, RuntimeError) as error:  # told to the citizen, and the machine goes on
                    outcome = f"crashed:{type(error).__name__}"
            else:
                await _late_hours(machine, clock)
                outcome = "swept"
            await plan.let_go()
            if machine.permits is not None:
                await machine.permits.keeper.recover()
            await machine.sweeper.sweep()
    except (LedgerError, RuntimeError) as error:  # the program ends, and is started again
        outcome = f"{outcome}, ended:{type(error).__name__}"
    await plan.let_go()
    return {"outcome": outcome, "seen": plan.counts, "fired": plan.fired, "straggler": plan.straggler}


async def _late_hours(machine: Machine, clock: MovedClock) -> None:
    for seconds in LATER_S:
        clock.set_forward(seconds)
        await machine.sweeper.sweep()


async def prepare(order: dict[str, Any], settings: Settings, scenario: Scenario) -> dict[str, Any]:
    """An order of one fine with two codes: the first was closed, the second is shown."""
    clock = MovedClock(Path(order["folder"]) / "clock")
    async with machine_of(order, settings, scenario, clock, Plan(Fault.RAISE, 0, clock)) as (machine, _):
        books, record = machine.books, scenario.records[0]

        def items(number: str) -> list[New]:
            detail = {
                "id_number": scenario.person.number,
                "signature_sha256": "0" * 64,
                "waived_at": clock.now().isoformat(timespec="seconds"),
            }
            return list(
                books.registrar.intents(f"{number}D1", number, record.id, record.fine_fen, record.points, detail)
            )

        number = await books.orders.open("violation", scenario.person.number, {}, record.fine_fen, items)
        (row,) = await books.store.find(Kind.DECISION, order_id=number)
        row = await books.registrar.decide(row)
        charges = [Charge(row.id, row["fine_fen"])]
        first, _ = await books.cashier.begin(number, charges, "交通违法罚款")
        await books.cashier.close(first)
        second, code = await books.cashier.begin(number, charges, "交通违法罚款")
        return {"first": first.id, "second": second.id, "shown": code is not None}


async def recover(order: dict[str, Any], settings: Settings, scenario: Scenario) -> dict[str, Any]:
    clock = MovedClock(Path(order["folder"]) / "clock")
    async with machine_of(order, settings, scenario, clock, Plan(Fault.RAISE, 0, clock)) as (machine, real):
        if order["straggler"]:
            await carry_out(order["straggler"], real)
        for seconds in LATER_S:
            clock.set_forward(seconds)
            if machine.permits is not None:
                await machine.permits.keeper.recover()
            await machine.sweeper.sweep()
        await machine.sweeper.sweep()
        found = await found_in(machine.books.store, clock)
        return {**found, "clean": (await machine.sweeper.left()).clean}


WORKS: dict[str, Callable[..., Any]] = {"visit": visit, "sweep": visit, "prepare": prepare, "recover": recover}


@cache
def told(config: str, scenario: str) -> tuple[Settings, Scenario]:
    """What all processes of a world are started with."""
    settings = load(Path(config))
    wallet = settings.wallet.model_copy(update={"code_s": CODE_S})
    return settings.model_copy(update={"wallet": wallet}), load_scenario(scenario, SystemClock().now().date())


def run(order: dict[str, Any]) -> dict[str, Any]:
    if order["do"] == "template":
        return asyncio.run(template(order["file"]))
    settings, scenario = told(order["config"], order["scenario"])
    if order["unit"]:
        devices = settings.devices.model_copy(update={"permit_unit": order["unit"], "permit_reader": "icao+sim:"})
        settings = settings.model_copy(update={"devices": devices})
    result: dict[str, Any] = asyncio.run(WORKS[order["do"]](order, settings, scenario))
    return result


def before(order: dict[str, Any]) -> None:
    if order["do"] == "template":
        return
    told(order["config"], order["scenario"])


if __name__ == "__main__":
    quiet()
    quick()
    asyncio.run(warm_up(sys.argv[1:] or VISITS))
    main(run, before)
