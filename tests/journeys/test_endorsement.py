"""Every endorsement scenario that comes with the kiosk, lived through without a window: how it ends, what it shows and prints, where
the permit is afterwards, and that ledger, platform, wallet and chip agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.scenarios import Outcome, Scenario, list_scenarios, load_scenario
from kiosk.ledger.states import CustodyState, IssuanceState, Kind, PaymentState
from kiosk.ports.clock import SystemClock
from tests.journeys.stage import Stage, changed, staged

NAMES = list_scenarios("endorsement")
MADE = (Outcome.ENDORSED, Outcome.ENDORSED_UNPRINTED)
KEPT_INSIDE = {
    Outcome.PERMIT_RETAINED: (CustodyState.RETAINED,),
    Outcome.PERMIT_STUCK: (CustodyState.STUCK, CustodyState.OFFERED),
}
ENDS: dict[Outcome, tuple[str, ...]] = {Outcome.PAID_LATE: ("unpaid", "payment_unknown")}
"""The money comes when the visit is over: it goes back."""
ALL_CODES = {f"EE{n:02d}" for n in range(1, 23)}


def scenario(name: str) -> Scenario:
    found = load_scenario(name, SystemClock().now().date())
    wallet = {**found.wallet, "seconds": min(float(found.wallet.get("seconds", 0.0)), 0.3)}
    return changed(found, wallet if found.wallet.get("preset") != "late" else None)


def test_every_rule_has_a_scenario() -> None:
    codes = {load_scenario(name, SystemClock().now().date()).code for name in NAMES}
    assert codes >= ALL_CODES


@pytest.mark.parametrize("name", NAMES)
async def test_scenario(tmp_path: Path, name: str) -> None:
    async with staged(tmp_path, scenario(name)) as stage:
        ended = await stage.visit()
        wanted = stage.scenario.outcome
        said = (ended, stage.desk.words(), stage.desk.names())
        assert ended.outcome.partition(":")[0] in ENDS.get(wanted, (str(wanted),)), said
        if wanted is Outcome.REFUSED and stage.scenario.code:
            assert ended.outcome == f"refused:{stage.scenario.code}", said
            assert stage.desk.codes() & {stage.scenario.code, "EE17"}, said
        assert stage.machine.books.orders.in_session == set()
        await permit_is_somewhere(stage, wanted)
        stage.exits.control({"do": "clear"})
        if not await stage.sweep():
            # An application that nobody knows of is given up after ten minutes only: it might still be on its way.
            assert await stage.states(Kind.ISSUANCE) == [IssuanceState.UNKNOWN]
        assert await stage.breaches() == []
        await money_fits(stage)


async def permit_is_somewhere(stage: Stage, wanted: Outcome) -> None:
    """The ledger and the unit say the same, and nothing stays inside without a record."""
    custodies = await stage.machine.books.store.find(Kind.CUSTODY)
    last = [row.state for row in custodies][-1:]
    inside = stage.unit.state()["position"]
    if wanted in KEPT_INSIDE:
        assert last[0] in KEPT_INSIDE[wanted]
    else:
        assert all(row.state in (CustodyState.RETURNED, CustodyState.NONE) for row in custodies)
        assert inside in ("none", "mouth")


async def money_fits(stage: Stage) -> None:
    """No fee is kept without an endorsement in force, and none is in force without its fee."""
    books: Any = stage.exits.world.books
    in_force = [entry for entry in books.applications.values() if entry.state == "written"]
    by_hand = await stage.machine.books.store.find(Kind.PAYMENT, [PaymentState.MANUAL])
    assert stage.kept_fen() == sum(entry.fee_fen for entry in in_force) + sum(row["paid_fen"] for row in by_hand)
    rows = await stage.machine.books.store.find(Kind.ISSUANCE)
    confirmed = [row for row in rows if row.state == IssuanceState.CONFIRMED]
    assert len(confirmed) == len(in_force)
    for row in await stage.machine.books.store.find(Kind.PAYMENT):
        assert row.state in (
            PaymentState.PAID,
            PaymentState.REFUNDED,
            PaymentState.CLOSED,
            PaymentState.FAILED,
            PaymentState.MANUAL,
        )
