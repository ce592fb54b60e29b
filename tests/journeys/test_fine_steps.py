"""Paying by number and 补打 by number, step by step: what this machine already knows of a decision, the scanner, hours, copies."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from config.scenario_fine import PayerData
from config.scenarios import Scenario
from kiosk.journeys.services import run_fine, run_reprint
from kiosk.ledger.states import Kind
from kiosk.ledger.store import LedgerError
from kiosk.screens import common, fine, pay
from kiosk.screens.base import Back
from tests.journeys.stage import Stage, changed, staged
from tests.journeys.test_fine_scenarios import COPY, INCIDENT, VOUCHER, scenario

FIRST = "3302031001000001"


def bearer(of: Scenario, **payer: Any) -> Scenario:
    """The same person, coming back with a decision in the hand; nothing happens to the devices any more."""
    other = copy.copy(of)
    object.__setattr__(other, "payer", PayerData(**payer))
    object.__setattr__(other, "devices", ())
    return other


async def unpaid(stage: Stage) -> str:
    """A visit with the identity card that ends without paying; the number of what was decided."""
    stage.wallet.control({"do": "script", "preset": "never"})
    assert (await stage.visit()).outcome == "unpaid"
    (entry,) = stage.decided().values()
    stage.wallet.control({"do": "script", "preset": "pays", "seconds": 0.0})
    return str(entry.decision.printed_number)


def handled(**citizen: Any) -> Scenario:
    return changed(scenario("happy_two_records"), choose=(FIRST,), **citizen)


async def test_decided_here_paid_by_number(tmp_path: Path) -> None:
    """Power loss or second thoughts between deciding and paying: the decision can be paid by whoever has its number."""
    async with staged(tmp_path, handled(cancel_at="pay")) as stage:
        number = await unpaid(stage)
        again = bearer(stage.scenario, types=number)
        object.__setattr__(again, "citizen", handled().citizen)
        ended = await stage.visit(run=run_fine, scenario=again)
        assert (ended.outcome, ended.amount_fen, ended.decision_nos) == ("paid", 150_00, (number,))
        assert stage.kept_fen() == stage.posted_fen() == 150_00
        assert len(stage.paper(VOUCHER)) == 1
        # A second time: this machine knows it itself, and offers the voucher once more.
        ended = await stage.visit(run=run_fine, scenario=bearer(again, types=number, wants_copy=True))
        assert ended.outcome == "copied"
        assert "F30" in stage.desk.codes()
        assert [COPY in text for text in stage.paper(VOUCHER)] == [False, True]
        assert stage.kept_fen() == 150_00
        # And with the identity card the visit's own decision, whose order was never paid.
        assert (await stage.reprint()).outcome == "completed"
        assert await stage.breaches() == []


async def test_nobody_pays_while_an_earlier_payment_is_not_clear(tmp_path: Path) -> None:
    async with staged(tmp_path, handled(cancel_at="pay")) as stage:
        stage.wallet.control({"do": "script", "preset": "human", "fault": "http_500", "on": ["query", "close"]})
        assert (await stage.visit()).outcome == "payment_unknown"
        (entry,) = stage.decided().values()
        again = bearer(handled(), types=entry.decision.number)
        ended = await stage.visit(run=run_fine, scenario=again)
        assert ended.outcome == "refused:F24"
        (told,) = [m for m in stage.desk.of(common.Message) if m.code == "F24"]
        (payment,) = await stage.machine.books.store.find(Kind.PAYMENT)
        assert told.rows[0].value == payment.id
        # The wallet answers again, and the money had come: found paid on the spot, posted, and offered as a copy.
        stage.wallet.control({"do": "script", "preset": "human"})
        stage.wallet.control({"do": "pay", "order_no": payment.id})
        assert (await stage.visit(run=run_fine, scenario=again)).outcome == "refused:F30"
        assert stage.kept_fen() == stage.posted_fen() == 150_00
        assert await stage.states(Kind.ORDER) == ["settled"]
        assert await stage.breaches() == []


@pytest.mark.chaos
async def test_a_code_left_open_is_closed_before_another_is_shown(tmp_path: Path) -> None:
    async with staged(tmp_path, handled(), code_s=60.0) as stage:
        stage.wallet.control({"do": "script", "preset": "human", "fault": "http_500", "on": ["query", "close"]})
        await stage.visit({pay.PayByQr: ["cancel"]})
        stage.wallet.control({"do": "script", "preset": "pays", "seconds": 0.0})
        (entry,) = stage.decided().values()
        (first,) = await stage.machine.books.store.find(Kind.PAYMENT)
        stage.wallet.control({"do": "script", "preset": "never", "order_no": first.id})
        ended = await stage.visit(run=run_fine, scenario=bearer(handled(), types=entry.decision.number))
        assert ended.outcome == "paid"
        assert await stage.states(Kind.PAYMENT) == ["closed", "paid"]
        assert await stage.breaches() == []


async def test_back_keeps_what_was_typed(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("pay_road")) as stage:
        number = stage.scenario.decisions[0].number
        await stage.visit({fine.ReviewFine: [Back()], fine.EnterDecisionNumber: ["33", number, number]})
        asked = stage.desk.of(fine.EnterDecisionNumber)
        assert [screen.value for screen in asked] == ["", number, "33"]  # the two pages, then the first one's complaint
        assert asked[-1].trouble
        assert stage.ended.outcome == "paid"
        assert number not in repr(asked)


@pytest.mark.chaos
async def test_a_scanner_that_does_not_work_leaves_the_keys(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("pay_road")) as stage:  # its camera is not opened
        number = stage.scenario.decisions[0].number
        await stage.visit({fine.EnterDecisionNumber: [fine.SCAN, number]})
        assert [screen.trouble for screen in stage.desk.of(fine.EnterDecisionNumber)][
            1
        ] == "扫码器暂时不能用，请输入编号。"
        assert stage.ended.outcome == "paid"


@pytest.mark.chaos
async def test_nothing_is_begun_outside_the_hours(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("pay_road")) as stage:
        now = stage.machine.clock.now()
        shut = f"{(now.hour + 2) % 24:02d}:00-{(now.hour + 3) % 24:02d}:00"
        settings = stage.machine.settings
        wallet = settings.wallet.model_copy(update={"hours": shut})
        object.__setattr__(stage.machine, "settings", settings.model_copy(update={"wallet": wallet}))
        assert (await stage.visit()).outcome == "refused:F13"
        assert await stage.states(Kind.ORDER) == []


async def test_what_cannot_be_written_down_is_not_begun(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("pay_road")) as stage:
        store = stage.machine.books.store

        def full(moment: str, changes: Any) -> None:
            raise LedgerError("The ledger cannot be written: database or disk is full.")

        store._on_commit = full
        assert (await stage.visit()).outcome == "unavailable"
        assert stage.kept_fen() == 0
        assert "L-FULL" in stage.desk.codes()
        assert await stage.states(Kind.ORDER) == []


class TestCopies:
    async def test_every_print_is_numbered(self, tmp_path: Path) -> None:
        async with staged(tmp_path, scenario("pay_road")) as stage:
            await stage.visit()
            for _ in range(2):
                assert (await stage.reprint()).outcome == "completed"
            vouchers = [text.replace("\u3000", " ") for text in stage.paper(VOUCHER)]
            assert ["第 1 次" in text for text in vouchers] == [False, True, False]
            assert ["第 2 次" in text for text in vouchers] == [False, False, True]
            (asked,) = [m for m in stage.desk.of(common.Message) if m.rows]
            assert {row.label: row.value for row in asked.rows}["以前"] == "打印过 2 次"
            assert await stage.breaches() == []

    async def test_an_uncertain_print_is_said_to_be_uncertain(self, tmp_path: Path) -> None:
        async with staged(tmp_path, scenario("pay_road")) as stage:
            await stage.visit()
            printer = stage.machine.virtual["receipt_printer"]
            printer.control({"do": "fault", "id": "PRN.POWER_LOSS", "after": 600})
            await stage.reprint()
            assert "不确定凭证打出来没有" in stage.desk.words()
            printer.control({"do": "clear"})
            await stage.machine.devices.printer.check()
            await stage.reprint()
            (asked,) = [m for m in stage.desk.of(common.Message) if m.rows]
            assert "1 次不确定" in {row.label: row.value for row in asked.rows}["以前"]
            assert "第 2 次" in stage.paper(VOUCHER)[-1].replace("\u3000", " ")
            assert "uncertain" in await stage.states(Kind.PRINT)

    async def test_the_number_gives_the_voucher_and_never_the_decision(self, tmp_path: Path) -> None:
        async with staged(tmp_path, handled()) as stage:
            stage.wallet.control({"do": "script", "preset": "pays", "seconds": 0.0})
            await stage.visit()
            (entry,) = stage.decided().values()
            stage.machine.virtual["receipt_printer"].control({"do": "take"})
            stranger = bearer(handled(), types=entry.decision.number)
            assert (await stage.visit(run=run_reprint, scenario=stranger)).outcome == "completed"
            (only,) = stage.papers
            assert VOUCHER in only
            assert COPY in only
            assert stage.scenario.person.name not in only
            assert stage.scenario.person.number not in only

    @pytest.mark.chaos
    async def test_nothing_was_paid(self, tmp_path: Path) -> None:
        async with staged(tmp_path, scenario("pay_road")) as stage:
            assert (await stage.reprint()).outcome == "nothing_to_print"
            assert stage.papers == []

    async def test_paid_elsewhere_is_printed_from_the_books_of_the_police_side(self, tmp_path: Path) -> None:
        async with staged(tmp_path, scenario("pay_already")) as stage:
            for number in ("第 1 次", "第 2 次"):
                assert (await stage.reprint()).outcome == "completed"
                assert number in stage.papers[-1].replace("\u3000", " ")
            assert stage.paper(INCIDENT) == []
            assert await stage.states(Kind.ORDER) == []
            assert await stage.breaches() == []
