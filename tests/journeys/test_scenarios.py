"""Every scenario that comes with the kiosk, lived through without a window: how it ends, what it shows, what it prints, and
that the ledger and the remote sides agree about the money. Those of single rules and rights are in `test_rule_scenarios`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from config.scenarios import Outcome, Scenario, list_scenarios, load_scenario
from kiosk.ledger.states import FINAL, Kind
from kiosk.ports.clock import SystemClock
from tests.journeys.stage import Stage, changed, staged
from tests.journeys.test_rule_scenarios import OBJECTION, PREFIX, STATEMENT

ALL = tuple(name for name in list_scenarios() if not name.startswith(PREFIX))
FACE = ("happy_two_records", "face_different")
"""These look into the simulated camera (a process of its own, and a blink takes its time); in the others staff compare."""
ENDS: dict[Outcome, tuple[str, ...]] = {
    Outcome.PAID_LATE: ("unpaid", "payment_unknown", "paid"),
}
"""Ends that only the sweeper reaches, and how the visit itself may have ended."""
ORDERS: dict[Outcome, tuple[str, ...]] = {
    Outcome.PAID: ("settled",),
    Outcome.WARNED: ("settled",),
    Outcome.UNPAID: ("unpaid",),
    Outcome.PAID_LATE: ("settled", "unpaid"),
    Outcome.PAYMENT_UNKNOWN: ("settled", "unpaid"),
    Outcome.AMOUNT_ALARM: ("manual",),
    Outcome.POSTED_LATER: ("settled",),
    Outcome.PRINTED_LATER: ("settled",),
}
"""The order after a sweep. Outcomes that are not here leave no order at all."""
DECISION, VOUCHER, INCIDENT = "简易程序处罚决定书", "交通违法缴款凭证", "业务核对单"


def scenario(name: str) -> Scenario:
    found = load_scenario(name, SystemClock().now().date())
    wallet = {**found.wallet, "seconds": min(float(found.wallet.get("seconds", 0.0)), 0.3)}
    return changed(found, wallet if found.wallet.get("preset") != "late" else None)


def test_every_scenario_is_here() -> None:
    assert set(FACE) <= set(ALL)
    assert len(ALL) >= 32


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in FACE else name for name in ALL],
)
async def test_scenario(tmp_path: Path, name: str) -> None:
    async with staged(tmp_path, scenario(name), camera=name in FACE) as stage:
        ended = await stage.visit()
        wanted = stage.scenario.outcome
        assert ended.outcome.partition(":")[0] in ENDS.get(wanted, (str(wanted),)), stage.desk.words()
        if wanted is Outcome.REFUSED:
            assert ended.outcome == f"refused:{stage.scenario.code}"
        if stage.scenario.code:
            assert stage.scenario.code in stage.desk.codes()
        assert stage.machine.books.orders.in_session == set()
        assert stage.desk.wiped == 1
        await papers_fit(stage, wanted)
        assert await stage.sweep()
        await money_fits(stage, wanted)
        if wanted is Outcome.PRINTED_LATER:
            await the_rest_comes_later(stage)


async def papers_fit(stage: Stage, wanted: Outcome) -> None:
    decided = stage.decided()
    numbers = [entry.decision.printed_number for entry in decided.values()]
    if wanted is Outcome.PRINTED_LATER:
        assert len(stage.papers) < len(decided) + 1
        return
    if wanted not in ORDERS:
        said = stage.paper(OBJECTION) + stage.paper(STATEMENT)
        assert sorted(stage.papers) == sorted(said)
        assert len(said) == len(stage.police.world.books.objections) + len(stage.police.world.books.defences)
        assert decided == {}
        return
    decisions = stage.paper(DECISION)
    assert len(decisions) == len(decided) > 0
    for number, text in zip(numbers, decisions, strict=True):
        flat = text.replace("\n", "").replace(" ", "")
        assert number in flat
        assert "救济途径" in flat
        assert stage.scenario.person.number in flat
    paid = stage.ended.outcome == "paid"
    assert len(stage.paper(VOUCHER)) == (1 if paid else 0)
    doubt = wanted in (Outcome.POSTED_LATER, Outcome.AMOUNT_ALARM) or stage.ended.outcome == "payment_unknown"
    assert len(stage.paper(INCIDENT)) == (1 if doubt else 0)
    assert len(stage.papers) == len(decided) + paid + doubt
    for text in (*stage.paper(VOUCHER), *stage.paper(INCIDENT)):
        assert stage.scenario.person.number not in text
        assert stage.scenario.person.name not in text
    assert set(stage.ended.decision_nos) == set(numbers)


async def money_fits(stage: Stage, wanted: Outcome) -> None:
    assert await stage.breaches() == []
    for kind in (Kind.DECISION, Kind.PAYMENT, Kind.POSTING, Kind.PRINT):
        assert set(await stage.states(kind)) <= FINAL[kind]
    orders = await stage.states(Kind.ORDER)
    if wanted not in ORDERS:
        assert orders == []
        assert stage.kept_fen() == stage.posted_fen() == 0
        return
    assert len(orders) == 1
    assert orders[0] in ORDERS[wanted]
    owed = sum(entry.decision.fine_fen for entry in stage.decided().values())
    if wanted is Outcome.AMOUNT_ALARM:
        assert 0 < stage.kept_fen() != owed
        assert stage.posted_fen() == 0
        return
    assert stage.kept_fen() == stage.posted_fen() == (owed if orders[0] == "settled" else 0)


async def the_rest_comes_later(stage: Stage) -> None:
    """With paper again, everything can be had with the card, marked as a copy where the first try may have come out."""
    printer = stage.machine.virtual["receipt_printer"]
    printer.control({"do": "paper", "state": "full"})
    printer.control({"do": "take"})
    await stage.machine.devices.printer.check()
    assert (await stage.reprint()).outcome == "completed"
    async with asyncio.timeout(5):
        while not stage.paper(VOUCHER):  # the machine cuts a moment after it said that all is printed
            await asyncio.sleep(0.02)
    whole = [text for text in stage.paper(DECISION) if "补打" in text]  # beside the torn half of the first try
    assert len(whole) == len(stage.decided())
    assert len(stage.paper(VOUCHER)) == 1
    assert await stage.breaches() == []
