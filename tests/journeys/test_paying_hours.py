"""The hours of payment and a permit: nobody's permit goes into a machine that cannot take its fee, and what is shown is not taken away."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.zone import SHANGHAI
from kiosk.journeys import lobby
from kiosk.journeys.endorsement.hours import FROM_THE_SLOT, VISIT
from kiosk.journeys.lobby import home, serve_one
from kiosk.journeys.paying_hours import too_late
from kiosk.journeys.services import SERVICES, run_endorsement
from kiosk.ledger.states import Kind
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.screens import common, endorsement, pay
from kiosk.screens.robot import WAIT, RobotDesk
from tests.journeys.paydesk import paydesk, when
from tests.journeys.stage import Stage, staged
from tests.journeys.test_endorsement import scenario

READY = {
    name: DeviceStatus(Link.READY) for name in ("id_card", "receipt_printer", "permit_unit", "permit_reader", "camera")
}


class Jump:
    """The wall clock as the journey sees it: so much later from the moment a page of this kind is shown."""

    def __init__(self, stage: Stage, page: type[Any], by: dt.timedelta) -> None:
        self._stage, self._page, self._by = stage, page, by

    def now(self) -> dt.datetime:
        seen = any(isinstance(screen, self._page) for screen in self._stage.desk.shown)
        return SystemClock().now() + (self._by if seen else dt.timedelta())


async def visit(stage: Stage, page: type[Any]) -> str:
    """A visit in which the hours end while this page is shown."""
    clock = Jump(stage, page, dt.timedelta(minutes=20))
    return (await stage.visit(run=lambda kit: run_endorsement(replace(kit, clock=clock)))).outcome


async def test_the_hours_end_on_the_way(tmp_path: Path) -> None:
    found = scenario("endorse_happy_hk")
    now = SystemClock().now().astimezone(SHANGHAI)
    hours = f"{now - dt.timedelta(hours=1):%H:%M}-{now + dt.timedelta(minutes=17):%H:%M}"
    object.__setattr__(found, "settings", {**found.settings, "wallet.hours": hours})
    async with staged(tmp_path, found, code_s=30.0) as stage:
        # Before the permit goes in: the slot stays shut.
        assert await visit(stage, common.ServiceStart) == "refused:W-HOURS"
        assert not stage.desk.of(endorsement.InsertPermit)
        assert await stage.states(Kind.CUSTODY) == []
        # With the permit inside: it comes back, and nothing was applied for.
        assert await visit(stage, endorsement.ReviewEndorsement) == "refused:W-HOURS"
        assert await stage.states(Kind.CUSTODY) == ["returned"]
        assert await stage.states(Kind.ISSUANCE) == await stage.states(Kind.ORDER) == []
        assert stage.exits.world.books.applications == {}
        told = next(m for m in stage.desk.of(common.Message) if m.code == "W-HOURS")
        assert "没有提交申请，也没有扣款。通行证已经退还。" in told.body
        # The code is on the screen: it stays, and the visit goes on to its end.
        assert await visit(stage, pay.PayByQr) == "endorsed"
        assert "W-HOURS" not in stage.desk.codes()
        assert await stage.sweep()
        assert await stage.breaches() == []


async def test_a_shown_code_outlives_the_hours(tmp_path: Path) -> None:
    async with paydesk(tmp_path, hours="03:00-09:31") as place:

        def pays() -> object:
            place.skip(45 + 30)  # 09:30 and 45 seconds, then after the end
            place.counter.pays()
            return WAIT

        payment = await place.take(qr=[when("waiting", pays)])
        assert payment is not None
        assert payment.state == "paid"
        await place.ends("paid")


async def test_no_payer_code_is_charged_after_the_hours(tmp_path: Path) -> None:
    """The scanner's page was opened in time; a charge would be begun now."""
    async with paydesk(tmp_path, hours="03:00-09:31") as place:

        def late() -> object:
            place.skip(61)
            return place.hold_up("280000000000000001")

        payment = await place.take(qr=[when("waiting", "scan")], scan=[when("waiting", late)])
        assert payment is not None
        assert await place.payments() == ["closed"]
        (told,) = (s for s in place.desk.shown if isinstance(s, common.Message))
        assert told.code == "W-HOURS"
        await place.ends("closed")


class Kitchen:
    """As much of a kit as the hours need."""

    def __init__(self, hours: str, at: str) -> None:
        wallet = type("Wallet", (), {"hours": hours})()
        self.settings = type("Settings", (), {"wallet": wallet})()
        moment = dt.datetime.fromisoformat(f"2026-03-18T{at}").replace(tzinfo=SHANGHAI)
        self.clock = type("Clock", (), {"now": lambda _: moment})()


@pytest.mark.parametrize(
    ("hours", "at", "said"),
    [
        ("", "23:59", ""),
        ("00:00-24:00", "23:59", ""),
        ("03:00-21:00", "03:00", ""),
        ("03:00-21:00", "20:49:59", ""),
        ("03:00-21:00", "20:50", "缴费到 21:00 为止，现在来不及。请在每天 03:00 到 20:50 来办。"),
        ("03:00-21:00", "21:00", "现在不能缴费，请在每天 03:00 到 20:50 来办。"),
        ("03:00-21:00", "02:59:59", "现在不能缴费，请在每天 03:00 到 20:50 来办。"),
        ("08:30-24:00", "23:45", ""),
        ("08:30-24:00", "23:55", "缴费到 00:00 为止，现在来不及。请在每天 08:30 到 23:50 来办。"),
        ("22:00-06:00", "23:55", ""),
        ("22:00-00:05", "23:56", "缴费到 00:05 为止，现在来不及。请在每天 22:00 到 23:55 来办。"),
        ("22:00-06:00", "12:00", "现在不能缴费，请在每天 22:00 到 05:50 来办。"),
        ("09:00-09:10", "09:00", "现在不能缴费，请到人工窗口办理。"),
    ],
)
def test_the_card_says_when_it_can_be_begun(hours: str, at: str, said: str) -> None:
    kit: Any = Kitchen(hours, at)
    assert too_late(kit, VISIT) == said
    shown = home(SERVICES, READY, lambda span: too_late(kit, span))
    reasons = {card.id: card.unavailable for card in (*shown.services, *shown.tiles)}
    assert reasons["endorsement"] == said
    assert not reasons["violation"], "a decision can be paid elsewhere, and later"
    assert FROM_THE_SLOT < VISIT


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("02:59:59", "现在不能缴费，请在每天 03:00 到 21:00 来办。"),
        ("03:00", ""),
        ("20:59:59", ""),
        ("21:00", "现在不能缴费，请在每天 03:00 到 21:00 来办。"),
    ],
)
def test_who_only_pays_is_told_before_typing_a_number(at: str, said: str) -> None:
    kit: Any = Kitchen("03:00-21:00", at)
    shown = home(SERVICES, READY, lambda span: too_late(kit, span))
    assert {card.id: card.unavailable for card in (*shown.services, *shown.tiles)}["fine"] == said


async def test_the_home_screen_follows_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lobby, "CLOCK_S", 0.01)
    found = scenario("endorse_happy_hk")
    now = SystemClock().now().astimezone(SHANGHAI)
    hours = f"{now - dt.timedelta(hours=1):%H:%M}-{now + dt.timedelta(hours=1):%H:%M}"
    object.__setattr__(found, "settings", {**found.settings, "wallet.hours": hours})
    async with staged(tmp_path, found, code_s=30.0) as stage:
        late, away = [dt.timedelta()], asyncio.Event()

        def reason(screen: common.Home) -> str:
            return next(card.unavailable for card in screen.services if card.id == "endorsement")

        def look(screen: common.Home) -> object:
            if not late[0]:
                late[0] = dt.timedelta(minutes=55)
            elif "为止" in reason(screen):
                late[0] = dt.timedelta(hours=2)
            elif "现在不能缴费" in reason(screen):
                away.set()
            return WAIT

        desk = RobotDesk({common.Home: look})
        kit = stage.machine.kit(desk)
        clock: Any = type("Clock", (), {"now": lambda _: SystemClock().now() + late[0]})()
        async with asyncio.timeout(20):
            ended = await serve_one(replace(kit, desk=desk, clock=clock), SERVICES, stage.machine.supervisor, away)
        assert ended is None
        first, *after = (s for s in (*desk.shown, *desk.updates) if isinstance(s, common.Home))
        assert not reason(first) or "启动" in reason(first)
        assert "现在不能缴费" in reason(after[-1])
