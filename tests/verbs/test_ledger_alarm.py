"""An alarm of the end-of-day match on a whole machine: what citizens and staff see of it, and how it ends."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.app import Machine, assemble
from kiosk.journeys.lobby import PAY_ELSEWHERE, PAYING_STOPPED, home, serve_one
from kiosk.journeys.services import SERVICES
from kiosk.ledger.reconcile import Finding
from kiosk.ledger.reconcile_breaks import Break
from kiosk.ledger.reconcile_list import put_down
from kiosk.ledger.states import Kind, OrderState
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.screens.common import Home, Message
from kiosk.screens.robot import WAIT, RobotDesk
from kiosk.verbs.diagnose import diagnose
from kiosk.verbs.ledger_work import settle_entry
from tests.journeys.stage import settings, staged

ALARM = Finding(Break.POSTED_NOT_PAID, "330203260000001", 20000)
ENTRY = "PNM-330203260000001"
DEVICES = ("id_card", "receipt_printer", "permit_unit", "permit_reader", "document_printer")
ALL_WELL = dict.fromkeys(DEVICES, DeviceStatus(Link.READY, {}))


async def alarm(machine: Machine) -> None:
    store = machine.books.store
    assert [row.id for row in await put_down(store, machine.clock.now().date(), [ALARM])] == [ENTRY]


def closed(screen: Home) -> dict[str, str]:
    return {card.id: card.unavailable for card in (*screen.services, *screen.tiles) if card.unavailable}


def test_what_needs_paying_is_greyed_and_what_does_not_stays() -> None:
    stopped = home(SERVICES, ALL_WELL, paying_stopped=True)
    assert closed(stopped) == {"fine": PAYING_STOPPED, "endorsement": PAYING_STOPPED}
    assert stopped.notice is not None
    assert stopped.notice.text == PAY_ELSEWHERE
    assert closed(home(SERVICES, ALL_WELL)) == {}


def test_nobody_is_sent_to_a_service_that_is_greyed() -> None:
    out = {**ALL_WELL, "receipt_printer": DeviceStatus(Link.READY, {"paper": "out"})}
    stopped = home(SERVICES, out, paying_stopped=True)
    assert "凭证打印机缺纸" in closed(stopped)["violation"]
    assert closed(stopped)["fine"] == PAYING_STOPPED
    assert stopped.notice is None


async def test_the_home_screen_follows_the_work_list(tmp_path: Path) -> None:
    """Over a restart, and while another program settles it."""
    wanted = settings(tmp_path)
    async with assemble(wanted, attend=False) as machine:
        await alarm(machine)
    async with assemble(wanted, attend=False) as machine:
        for name in ("id_card", "receipt_printer", "document_printer"):
            await machine.devices.by_name[name].open()
            await machine.supervisor.look_now(name)
        desk, away = RobotDesk({Home: lambda _: WAIT}), asyncio.Event()
        serving = asyncio.ensure_future(serve_one(machine.kit(desk), SERVICES, machine.supervisor, away))
        watching = asyncio.ensure_future(machine.day_end.paying.run())
        try:
            async with asyncio.timeout(20):
                while not desk.shown:
                    await asyncio.sleep(0)
                assert closed(desk.shown[0])["fine"] == PAYING_STOPPED  # type: ignore[arg-type]
                assert (await settle_entry(wanted, ENTRY, "查清：在窗口缴的")).good
                await machine.day_end.paying.changed((ENTRY,))
                while not desk.updates:
                    await asyncio.sleep(0)
            assert PAYING_STOPPED not in closed(desk.updates[-1]).values()  # type: ignore[arg-type]
        finally:
            away.set()
            watching.cancel()
            await asyncio.gather(serving, watching, return_exceptions=True)


async def test_a_citizen_handles_violations_and_pays_elsewhere(tmp_path: Path) -> None:
    async with staged(tmp_path, "happy_two_records") as stage:
        await alarm(stage.machine)
        ended = await stage.visit()
        assert (ended.outcome, ended.amount_fen, len(ended.decision_nos)) == ("unpaid", 0, 2)
        (told,) = [screen for screen in stage.desk.of(Message) if screen.code == "W-STOP"]
        assert "没有扣款" in told.body
        assert "请到旁边的机器" in told.body
        assert stage.kept_fen() == 0
        assert await stage.states(Kind.PAYMENT) == []
        assert await stage.states(Kind.ORDER) == [OrderState.UNPAID]
        assert await stage.breaches() == []


@pytest.mark.parametrize(("scenario", "outcome"), [("endorse_happy_hk", "unpaid")])
async def test_a_permit_that_is_inside_goes_home(tmp_path: Path, scenario: str, outcome: str) -> None:
    """The alarm comes while somebody stands there: the application is taken back, nothing is kept."""
    async with staged(tmp_path, scenario) as stage:
        await alarm(stage.machine)
        ended = await stage.visit()
        assert (ended.outcome, ended.amount_fen) == (outcome, 0)
        assert "W-STOP" in stage.desk.codes()
        assert stage.kept_fen() == 0
        assert await stage.breaches() == []


def words(**given: Any) -> argparse.Namespace:
    return argparse.Namespace(**given)


async def test_diagnose_says_so_and_exits_1(tmp_path: Path) -> None:
    wanted = settings(tmp_path)
    async with assemble(wanted, attend=False) as machine:
        await alarm(machine)
    report = await diagnose(wanted)
    assert (report.good, report.data["verdict"], report.data["alarms"]) == (False, "limited", [ENTRY])
    services = report.data["services"]
    assert {name for name, standing in services.items() if standing == "closed"} == {"fine", "endorsement"}
    assert f"ALARM   {ENTRY}: no money is taken" in report.text
    assert "service fine: cannot be offered" in report.text
    # One device alone is judged by itself.
    one = await diagnose(wanted, words(device="receipt-printer"))
    assert (one.good, one.data["alarms"]) == (True, [])
    await settle_entry(wanted, ENTRY, "查清")
    after = await diagnose(wanted)
    assert (after.good, after.data["alarms"]) == (True, [])
