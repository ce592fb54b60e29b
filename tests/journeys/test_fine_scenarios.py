"""Every scenario of paying by a decision's number, lived through without a window: how it ends, what it shows and prints, and that
ledger, wallet and police side agree about the money. Most live one after the other at one machine, as in a hall."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from config.scenarios import Outcome, Scenario, list_scenarios, load_scenario
from kiosk.domain.rules_fine import FINE_RULES
from kiosk.ledger.states import FINAL, Kind
from kiosk.ports.clock import SystemClock
from tests.journeys.stage import Stage, changed, staged

NAMES = list_scenarios("fine")
APART = ("pay_scanned_qr", "pay_bill", "pay_paper_out")
"""These have settings or a printer of their own."""
LONG = ("pay_scanned", "pay_wallet_late")
ENDS: dict[Outcome, tuple[str, ...]] = {Outcome.PAID_LATE: ("unpaid", "payment_unknown", "paid")}
"""Ends that only the sweeper reaches, and how the visit itself may have ended."""
ORDERS: dict[Outcome, tuple[str, ...]] = {
    Outcome.PAID: ("settled",),
    Outcome.UNPAID: ("unpaid",),
    Outcome.PAID_LATE: ("settled", "unpaid"),
    Outcome.AMOUNT_ALARM: ("manual",),
    Outcome.POSTED_LATER: ("settled",),
    Outcome.PRINTED_LATER: ("settled",),
    Outcome.POSTING_REFUSED: ("manual",),
}
"""The order after a sweep. Outcomes that are not here leave no order at all."""
VOUCHER, INCIDENT, COPY = "交通违法缴款凭证", "业务核对单", "补打"
ELSEWHERE = {"F36"}
"""Rules that a hall's own table must set; see `tests.domain.test_fine_rules`."""


def scenario(name: str) -> Scenario:
    found = load_scenario(name, SystemClock().now().date())
    wallet = {**found.wallet, "seconds": min(float(found.wallet.get("seconds", 0.0)), 0.1)}
    return changed(found, wallet if found.wallet.get("preset") != "late" else None)


def test_every_refusal_has_a_scenario() -> None:
    told = {scenario(name).code for name in NAMES}
    assert {rule.code for rule in FINE_RULES} - told == ELSEWHERE


async def test_one_citizen_after_the_other(tmp_path: Path) -> None:
    first = scenario("pay_road")
    async with staged(tmp_path, first, poll_s=0.05) as stage:
        orders = 0
        for name in sorted(set(NAMES) - set(APART) - set(LONG)):
            stage.scenario = wanted = scenario(name)
            stage.police.faults.clear()
            stage.police.add(wanted)
            stage.wallet.control({"do": "script", **wanted.wallet})
            before, told = len(stage.papers), {order.id for order in await stage.machine.books.store.find(Kind.ORDER)}
            await stage.visit()
            try:
                ends_as_wanted(stage)
                papers_fit(stage, stage.papers[before:])
                stage.police.faults.clear()
                assert await stage.sweep()
                new = [o for o in await stage.machine.books.store.find(Kind.ORDER) if o.id not in told]
                money_fits(stage, [order.state for order in new])
                orders += len(new)
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from error
        assert orders >= 14
        assert await stage.breaches() == []
        for kind in (Kind.DECISION, Kind.PAYMENT, Kind.POSTING, Kind.PRINT):
            assert set(await stage.states(kind)) <= FINAL[kind]
        assert stage.decided() == {}, "nobody decides anything here"


@pytest.mark.parametrize("name", [*APART, *(pytest.param(name, marks=pytest.mark.chaos) for name in LONG)])
async def test_scenario(tmp_path: Path, name: str) -> None:
    async with staged(tmp_path, scenario(name)) as stage:
        await stage.visit()
        ends_as_wanted(stage)
        papers_fit(stage, stage.papers)
        assert await stage.sweep()
        money_fits(stage, await stage.states(Kind.ORDER))
        if stage.scenario.outcome is Outcome.PRINTED_LATER:
            await comes_later(stage)
        assert await stage.breaches() == []


def ends_as_wanted(stage: Stage) -> None:
    ended, wanted = stage.ended, stage.scenario.outcome
    assert ended.outcome.partition(":")[0] in ENDS.get(wanted, (str(wanted),)), stage.desk.words()
    if wanted is Outcome.REFUSED:
        assert ended.outcome == f"refused:{stage.scenario.code}"
    if stage.scenario.code:
        assert stage.scenario.code in stage.desk.codes()
    assert stage.machine.books.orders.in_session == set()
    assert stage.desk.wiped == 1


def papers_fit(stage: Stage, papers: list[str]) -> None:
    wanted = stage.scenario.outcome
    paid, copied = stage.ended.outcome == "paid", wanted is Outcome.COPIED
    if wanted is Outcome.PRINTED_LATER:
        return
    doubt = wanted in (Outcome.POSTED_LATER, Outcome.POSTING_REFUSED, Outcome.AMOUNT_ALARM)
    doubt = doubt or stage.ended.outcome == "payment_unknown"
    assert [VOUCHER in text for text in papers].count(True) == paid + copied
    assert [INCIDENT in text for text in papers].count(True) == doubt
    assert len(papers) == paid + copied + doubt
    assert [COPY in text for text in papers].count(True) == copied
    for text in papers:
        assert stage.scenario.person.name not in text
        assert stage.scenario.person.number not in text
        assert stage.scenario.decisions[0].number in text.replace("\n", "").replace(" ", "")


def money_fits(stage: Stage, orders: list[str]) -> None:
    """What was taken for this decision is what is posted for it, or waits for staff."""
    wanted = stage.scenario.outcome
    if wanted not in ORDERS:
        assert orders == []
        return
    assert len(orders) == 1
    assert orders[0] in ORDERS[wanted]
    number = stage.scenario.decisions[0].number
    if wanted in (Outcome.AMOUNT_ALARM, Outcome.POSTING_REFUSED):
        assert taken(stage) > 0
        return
    owed, booked = stage.police.world.cashier.status(number), stage.police.world.books.payments.get(number)
    assert owed.paid is (booked is not None) is (orders[0] == "settled")
    posted = booked.amount_fen if booked is not None else 0
    assert posted == (owed.principal_fen + owed.surcharge_fen if owed.paid else 0)
    assert taken(stage) == posted


def taken(stage: Stage) -> int:
    """For the newest order: by the wallet, or by a bill of the platform."""
    bills = [bill for bill in stage.police.world.books.bills.values() if bill.order_no.startswith(stage.ended.order_no)]
    billed = sum(fen for bill in bills if bill.state == "posted" for _, fen in bill.lines)
    totals = stage.wallet.ledger.totals()
    return billed + sum(fen for number, fen in totals.items() if number.startswith(stage.ended.order_no))


async def comes_later(stage: Stage) -> None:
    """With paper again, the voucher can be had by the decision's number, marked as a copy."""
    printer = stage.machine.virtual["receipt_printer"]
    printer.control({"do": "paper", "state": "full"})
    printer.control({"do": "take"})
    await stage.machine.devices.printer.check()
    assert (await stage.reprint()).outcome == "completed"
    async with asyncio.timeout(5):
        while not stage.paper(COPY):
            await asyncio.sleep(0.02)
    assert len(stage.paper(COPY)) == 1
