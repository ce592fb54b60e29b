"""Started as its own process: imports everything once, then forks a real kiosk process per line of JSON on stdin.

`visit` runs one rehearsed visit and kills itself with SIGKILL at the n-th commit, right before or right after it is durable.
`recover` starts on what is left, sweeps as at boot, lets the citizen ask for copies, and answers with what it found.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
from pathlib import Path
from typing import Any

import alembic.command

import drivers.id_card.simulator
import drivers.permit_reader.simulator
import drivers.permit_unit.simulator
import drivers.receipt_printer.simulator
import kiosk.gateways.exit_entry.client
import kiosk.gateways.exit_entry.simulated
import kiosk.gateways.police.client
import kiosk.gateways.wallet.client
from config.scenarios import Scenario, load_scenario
from config.settings import Settings, load
from drivers.camera.faces import draw_portrait
from drivers.virtual_permit import VirtualPermit
from kiosk.app import Machine, assemble
from kiosk.journeys.services import run_endorsement, run_fine, run_reprint, run_violation
from kiosk.ledger.cashier import Cashier
from kiosk.ledger.check import check
from kiosk.ledger.issuer import Issuer
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import Kind
from kiosk.ledger.sweeper import Sweeper
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen, Rehearsal
from tests.crash.forks import main, quiet
from tests.crash.warm import template, warm_up

draw_portrait(1, 240, 320)  # what a face needs is loaded and worked out once
PRELOADED = (alembic.command, drivers.id_card.simulator, drivers.receipt_printer.simulator, kiosk.gateways)


class Later(SystemClock):
    """A quarter of an hour later: long enough to give up on a request that never landed."""

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(minutes=15)


class Killer:
    """Counts commits; at the chosen one this process is gone without a word."""

    def __init__(self, at: int, moment: str) -> None:
        self.at = at
        self.moment = moment
        self.seen = 0

    def __call__(self, moment: str, changes: Any) -> None:
        if moment == "before":
            self.seen += 1
        if self.seen == self.at and moment == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)


async def visit(settings: Settings, scenario: Scenario, at: int, moment: str) -> dict[str, Any]:
    killer = Killer(at, moment)
    async with assemble(settings, scenarios=[scenario], on_commit=killer, attend=False) as machine:
        await _open(machine, scenario)
        killer.seen = 0
        citizen = Citizen(scenario, machine.virtual)
        citizen.arrive()
        run = {"endorsement": run_endorsement, "fine": run_fine}.get(scenario.service, run_violation)
        ended = await run(machine.kit(Rehearsal(citizen, keep=False)))
        return {"outcome": ended.outcome, "commits": killer.seen}


async def recover(settings: Settings, scenario: Scenario) -> dict[str, Any]:
    async with assemble(settings, scenarios=[scenario], attend=False) as machine:
        await _open(machine, scenario)
        store, books = machine.books.store, machine.books
        issuer = None
        if scenario.service == "endorsement" and machine.permits is not None:
            await machine.permits.keeper.recover()
            issuer = Issuer(store, machine.permits.platform, books.registrar._cipher, Later())
        await machine.sweeper.sweep()
        # A quarter of an hour later: requests that never landed are given up, codes that nobody can pay any more are closed.
        # Only the ledger's clock moves; the wallet's signatures are checked against the real one.
        registrar = Registrar(store, machine.police, books.registrar._cipher, Later())
        cashier = Cashier(store, books.cashier._wallet, machine.police, Later(), expires_in=10, late=1)
        for _ in range(2):
            await Sweeper(store, books.orders, registrar, cashier, Later(), issuer).sweep()
        left = await machine.sweeper.left()
        citizen = Citizen(scenario, machine.virtual)
        citizen.arrive()
        reprint = await run_reprint(machine.kit(Rehearsal(citizen, keep=False)))
        papers = machine.virtual["receipt_printer"].papers  # type: ignore[attr-defined]
        return {
            "clean": left.clean,
            "breaches": [vars_of(breach) for breach in await check(store, machine.clock.now())],
            "orders": [row.state for row in await store.find(Kind.ORDER)],
            "decisions": {row["record_id"]: row.state for row in await store.find(Kind.DECISION)},
            "payments": {row.id: row.state for row in await store.find(Kind.PAYMENT)},
            "postings": {row["decision_id"]: row.state for row in await store.find(Kind.POSTING)},
            "prints": [row.state for row in await store.find(Kind.PRINT)],
            "issuances": [row.state for row in await store.find(Kind.ISSUANCE)],
            "custodies": [row.state for row in await store.find(Kind.CUSTODY)],
            "reprint": reprint.outcome,
            "papers": [paper.text for paper in papers],
        }


def vars_of(breach: Any) -> str:
    return f"{breach.invariant} {breach.record}: {breach.what}"


async def _open(machine: Machine, scenario: Scenario) -> None:
    await machine.devices.id_card.open()
    await machine.devices.printer.open()
    if scenario.permit is not None:
        # The unit is another machine's business and outlives this process; the chip in it is read from here.
        chip: Any = machine.virtual["permit_reader"]
        chip.hold(VirtualPermit.of(scenario.permit.card(scenario.person)))
        await machine.devices.by_name["permit_unit"].open()
        await machine.devices.by_name["permit_reader"].open()


def run(order: dict[str, Any]) -> dict[str, Any]:
    if order["do"] == "template":
        return asyncio.run(template(order["file"]))
    settings = load(Path(order["config"]))
    scenario = load_scenario(order["scenario"], SystemClock().now().date())
    if order["do"] == "visit":
        return asyncio.run(visit(settings, scenario, order["at"], order["moment"]))
    return asyncio.run(recover(settings, scenario))


if __name__ == "__main__":
    quiet()
    asyncio.run(warm_up(sys.argv[1:]))
    main(run)
