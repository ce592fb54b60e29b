"""An overdue fine grows at midnight (行政处罚法 第72条第一款第一项): nobody is shown a code for yesterday's sum."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from config.zone import SHANGHAI
from kiosk.ledger.states import Kind
from kiosk.ports.clock import SystemClock
from kiosk.screens import common, fine, pay
from kiosk.screens.robot import WAIT
from tests.journeys.paydesk import MORNING, paydesk, when
from tests.journeys.stage import Stage, staged
from tests.journeys.test_fine_scenarios import VOUCHER, scenario


class Night:
    """Everybody's clock: ten to twelve when the visit begins, and whatever has been skipped later."""

    def __init__(self) -> None:
        now = SystemClock().now()
        self._off = dt.datetime.combine(now.astimezone(SHANGHAI).date(), dt.time(23, 50), SHANGHAI) - now

    def skip(self, **span: float) -> None:
        self._off += dt.timedelta(**span)

    def now(self) -> dt.datetime:
        return SystemClock().now() + self._off


def over_midnight(night: Night, stage: Stage) -> Any:
    """The citizen hesitates before the code until it has run out on the next day, then asks for a new one and pays it."""
    stage.wallet.control({"do": "script", "preset": "never"})

    def reply(screen: pay.PayByQr) -> object:
        if screen.state == "waiting" and night.now().hour == 23:
            night.skip(minutes=15)
        if screen.state == "expired":
            stage.wallet.control({"do": "script", "preset": "pays", "seconds": 0.0})
            return "renew"
        return WAIT

    return {pay.PayByQr: [reply] * 60}


async def test_the_new_sum_is_shown_agreed_to_and_paid(tmp_path: Path) -> None:
    night = Night()
    async with staged(tmp_path, scenario("pay_overdue"), clock=night, code_s=0.3, poll_s=0.05) as stage:
        ended = await stage.visit(over_midnight(night, stage))
        assert ended.outcome == "paid"
        first, *_, last = stage.desk.of(fine.ReviewFine)
        grown = first.principal_fen * 3 // 100
        assert last.surcharge_fen == first.surcharge_fen + grown
        (told,) = [m for m in stage.desk.of(common.Message) if m.code == "F18"]
        assert told.title == "应缴金额有变化"
        assert {screen.amount_fen for screen in stage.desk.of(pay.PayByQr)} == {first.total_fen, last.total_fen}
        assert ended.amount_fen == stage.kept_fen() == stage.posted_fen() == last.total_fen
        assert await stage.states(Kind.PAYMENT) == ["closed", "paid"]
        assert await stage.states(Kind.POSTING) == ["posted"]
        assert len(stage.paper(VOUCHER)) == 1
        assert await stage.sweep()
        assert sorted(await stage.states(Kind.ORDER)) == ["settled", "unpaid"]
        assert await stage.breaches() == []


@pytest.mark.chaos
async def test_whoever_does_not_agree_leaves_and_owes_what_the_day_says(tmp_path: Path) -> None:
    night = Night()
    async with staged(tmp_path, scenario("pay_overdue"), clock=night, code_s=0.3, poll_s=0.05) as stage:
        leaves = {common.Message: [lambda screen: screen.buttons[-1].id]}
        assert (await stage.visit({**over_midnight(night, stage), **leaves})).outcome == "refused:F18"
        assert await stage.states(Kind.PAYMENT) == ["closed"]
        assert stage.kept_fen() == 0
        assert await stage.sweep()
        assert await stage.states(Kind.ORDER) == ["unpaid"]
        assert await stage.breaches() == []


@pytest.mark.parametrize("name", ["pay_capped", pytest.param("pay_road", marks=pytest.mark.chaos)])
async def test_a_sum_that_does_not_grow_asks_nothing_again(tmp_path: Path, name: str) -> None:
    """At its limit, or not overdue yet: the cashier is asked, the citizen is not."""
    night = Night()
    async with staged(tmp_path, scenario(name), clock=night, code_s=0.3, poll_s=0.05) as stage:
        assert (await stage.visit(over_midnight(night, stage))).outcome == "paid"
        assert "F18" not in stage.desk.codes()
        assert len({screen.total_fen for screen in stage.desk.of(fine.ReviewFine)}) == 1
        assert await stage.states(Kind.ORDER) == ["settled"]
        assert await stage.states(Kind.PAYMENT) == ["closed", "paid"]
        assert await stage.breaches() == []


async def test_a_code_ends_before_its_sum_does(tmp_path: Path) -> None:
    """The cashier goes by the day on which it was paid."""
    async with paydesk(tmp_path) as place:
        place.until = MORNING + dt.timedelta(seconds=30)
        payment = await place.take(qr=[when("waiting", lambda: place.skip(26) or WAIT), when("expired", "cancel")])
        assert payment is not None
        assert payment.state == "closed"
        assert place.looks(pay.PayByQr)[0].seconds_left == 25
        await place.ends("closed")
