"""The till with two ways to pay: what citizens do, what wallets and lines do, and that at most one payment is kept."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from config.scenarios import load_scenario
from kiosk.journeys import payer, till
from kiosk.journeys.pace import Pace
from kiosk.ledger.states import Kind
from kiosk.ports.clock import SystemClock
from kiosk.screens import pay
from kiosk.screens.robot import WAIT
from tests.journeys.paydesk import CODES, RECEIVING, Paydesk, paydesk, when
from tests.journeys.stage import staged

SWITCH = when("waiting", "scan")


def shows(place: Paydesk, code: str, trouble: str | None = None) -> object:
    return when("waiting", lambda: place.hold_up(code), trouble)


async def test_switches_and_pays_at_once(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0])])
        assert payment is not None
        assert (payment.state, payment["wallet"]) == ("paid", "alipay")
        assert await place.payments() == ["closed", "paid"], "the shown code is closed before the scanner opens"
        assert place.looks(pay.ScanPayerCode)[-1].state == "paid"
        await place.ends("closed", "paid")


async def test_wrong_kinds_first_are_named_and_nobody_is_called(tmp_path: Path) -> None:
    async with paydesk(tmp_path, payer_codes=("alipay", "wechat")) as place:
        payment = await place.take(
            qr=[SWITCH],
            scan=[
                shows(place, RECEIVING),
                shows(place, "M1SHI/SHILI           E ABC123 NGBHKGXX 0123 325Y001A0001 100", "收款码"),
                shows(place, CODES[2], "登机牌"),
                shows(place, CODES[1], "云闪付"),
            ],
        )
        assert payment is not None
        assert payment["wallet"] == "wechat"
        assert place.troubles() == [
            "这是收款码，请打开付款码",
            "这是登机牌，请打开付款码",
            "本机不收云闪付，请用支付宝或微信的付款码",
        ]
        assert place.looks(pay.ScanPayerCode)[0].wallets == "支付宝或微信"
        await place.ends("closed", "paid")


async def test_password_then_paid(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        place.script(preset="pays", seconds=0.2)
        payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0])])
        assert payment is not None
        assert payment.state == "paid"
        assert [s.state for s in place.looks(pay.ScanPayerCode)][-1] == "paid"
        assert "scanned" in {s.state for s in place.looks(pay.ScanPayerCode)}
        await place.ends("closed", "paid")


async def test_refused_by_name_then_a_new_code_under_a_new_number(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        place.script(preset="no_balance", payer_code=CODES[0])
        place.script(preset="says_no", seconds=0.1, payer_code=CODES[1])
        payment = await place.take(
            qr=[SWITCH],
            scan=[shows(place, CODES[0]), shows(place, CODES[1], "余额不足"), shows(place, CODES[2], "取消了付款")],
        )
        assert payment is not None
        assert payment.id.endswith("P4")
        await place.ends("closed", "failed", "closed", "paid")


async def test_the_same_code_again_is_not_tried_again(tmp_path: Path) -> None:
    """A reader may give a code twice, and a citizen may hold up the one that was refused."""
    async with paydesk(tmp_path) as place:
        place.script(preset="no_balance")

        def again() -> object:
            place.skip(10)  # long enough for the reader to take it for a new showing
            return place.hold_up(CODES[0])

        await place.take(
            qr=[SWITCH],
            scan=[
                shows(place, CODES[0]),
                shows(place, "1", "余额不足"),
                when("waiting", again, "不是付款码"),
                when("waiting", "cancel", "已经用过"),
            ],
        )
        assert len(place.front.ledger.entries()) == 2
        await place.ends("closed", "failed")


async def test_two_codes_at_once_are_one_payment(tmp_path: Path) -> None:
    """Two phones before the window: the second is read by nobody once the first was taken."""
    async with paydesk(tmp_path) as place:
        place.script(preset="pays", seconds=0.2)

        def both() -> object:
            place.hold_up(CODES[0])
            return place.hold_up(CODES[1])

        payment = await place.take(qr=[SWITCH], scan=[when("waiting", both)])
        assert payment is not None
        assert payment.state == "paid"
        await place.ends("closed", "paid")


async def test_back_to_the_shown_code(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:

        def phone() -> object:
            place.counter.pays()
            return WAIT

        payment = await place.take(qr=[SWITCH, when("waiting", phone)], scan=[when("waiting", "show_qr")])
        assert payment is not None
        assert payment.state == "paid"
        await place.ends("closed", "paid")


@pytest.mark.parametrize("taps", [["scan", "scan"], ["scan", "cancel"], ["cancel", "scan"]])
async def test_double_taps_on_the_shown_code(tmp_path: Path, taps: list[str]) -> None:
    """The second tap comes while the first is being carried out, or on the page that follows."""
    async with paydesk(tmp_path) as place:
        payment = await place.take(
            qr=[when("waiting", taps[0]), lambda _: taps[1]], scan=[when("waiting", "cancel"), lambda _: "cancel"]
        )
        assert payment is not None
        assert payment.state == "closed"
        await place.ends("closed")


class TestCancel:
    async def test_while_nothing_was_read(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:
            payment = await place.take(qr=[SWITCH], scan=[when("waiting", "cancel")])
            assert payment is not None
            assert payment.state == "closed"
            await place.ends("closed")

    async def test_a_code_in_the_moment_of_the_tap_is_not_charged(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:

            def tap() -> str:
                place.hold_up(CODES[0])
                return "cancel"

            await place.take(qr=[SWITCH], scan=[when("waiting", tap)])
            assert len(place.front.ledger.entries()) == 1
            await place.ends("closed")

    async def test_while_the_payer_is_asked(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:
            place.script(preset="never")
            payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0]), when("scanned", "cancel")])
            assert payment is not None
            assert payment.state == "closed"
            await place.ends("closed", "closed")

    async def test_the_payer_confirmed_in_that_moment(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:
            place.script(preset="pays_at_close", payer_code=CODES[0])
            payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0]), when("scanned", "cancel")])
            assert payment is not None
            assert payment.state == "paid"
            await place.ends("closed", "paid")

    async def test_the_wallet_undid_it_in_that_moment(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:
            place.script(payer="undone_at_close", payer_code=CODES[0])
            payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0]), when("scanned", "cancel")])
            assert payment is not None
            assert payment.state == "refunded"
            assert [m.code for m in place.desk.shown if hasattr(m, "code")] == ["W-UNDONE"]
            await place.ends("closed", "refunded")

    async def test_the_wallet_does_not_undo_it_yet(self, tmp_path: Path) -> None:
        """WeChat Pay wants 15 seconds: the citizen is asked to wait, and then it is certain."""
        async with paydesk(tmp_path) as place:
            place.script(preset="never", undo_after=15, payer_code=CODES[1])

            def later() -> object:
                place.skip(5)
                return None

            payment = await place.take(
                qr=[SWITCH], scan=[shows(place, CODES[1]), when("scanned", "cancel"), when("unknown", later)]
            )
            assert payment is not None
            assert payment.state == "closed"
            assert place.looks(pay.ScanPayerCode)[-1].state == "checking"
            await place.ends("closed", "closed")

    async def test_paid_after_cancel_all_the_same(self, tmp_path: Path) -> None:
        """A wallet that broke its word: found by the late checks, kept as this order's only payment."""
        async with paydesk(tmp_path) as place:
            place.script(preset="pays_after_close", payer_code=CODES[0])
            payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0]), when("scanned", "cancel")])
            assert payment is not None
            assert payment.state == "closed"
            await place.ends("closed", "paid")


class TestTheShownCode:
    async def test_is_paid_while_it_is_being_closed(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:
            place.script(preset="pays_at_close")
            payment = await place.take(qr=[SWITCH])
            assert payment is not None
            assert payment.state == "paid"
            assert place.looks(pay.ScanPayerCode) == []
            await place.ends("paid")

    async def test_is_paid_after_it_was_closed(self, tmp_path: Path) -> None:
        """Found before the first payer code is charged."""
        async with paydesk(tmp_path) as place:
            place.script(preset="pays_after_close")
            payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0])])
            assert payment is not None
            assert payment.state == "paid"
            await place.ends("paid")

    async def test_is_paid_late_when_the_payer_code_has_paid(self, tmp_path: Path) -> None:
        """The earlier code's money comes after the second way was paid: it goes back."""
        async with paydesk(tmp_path) as place:
            await place.take(qr=[SWITCH], scan=[shows(place, CODES[0])])
            place.front.ledger.entries()[0].pays_in_spite = True
            place.counter.leave()
            await place.ends("refunded", "paid")

    async def test_that_cannot_be_closed_keeps_the_scanner_shut(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:
            place.script(fault="http_500", on=["close", "query"], times=3)

            def phone() -> object:
                place.counter.pays()
                return WAIT

            payment = await place.take(qr=[SWITCH, when("waiting", phone, "现在换不了")])
            assert payment is not None
            assert payment.state == "paid"
            assert place.looks(pay.ScanPayerCode) == []
            await place.ends("paid")

    async def test_whose_closing_was_not_answered_opens_the_scanner_once_it_is_known(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path) as place:
            place.script(fault="drop_after", on=["close"], times=1)
            payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0])])
            assert payment is not None
            assert payment.state == "paid"
            await place.ends("closed", "paid")


class TestNoAnswer:
    @pytest.mark.parametrize("fault", ["drop_after", "half_answer", "forged_signature", "http_502_page"])
    async def test_it_was_charged(self, tmp_path: Path, fault: str) -> None:
        async with paydesk(tmp_path) as place:
            place.script(fault=fault, on=["charge"])
            payment = await place.take(qr=[SWITCH], scan=[shows(place, CODES[0])])
            assert payment is not None
            assert payment.state == "paid"
            assert "unknown" in {s.state for s in place.looks(pay.ScanPayerCode)}
            await place.ends("closed", "paid")

    @pytest.mark.parametrize("fault", ["drop_before", "http_500"])
    async def test_it_never_arrived(self, tmp_path: Path, fault: str) -> None:
        """Closed without a minute's wait, so that it cannot arrive any more, and the citizen tries again."""
        async with paydesk(tmp_path) as place:
            place.script(fault=fault, on=["charge"], times=1, payer_code=CODES[0])
            place.script(fault=fault, on=["charge"], times=1)
            payment = await place.take(
                qr=[SWITCH], scan=[shows(place, CODES[0]), when("waiting", "cancel", "网络不好")]
            )
            assert payment is not None
            assert payment.state == "closed"
            await place.ends("closed", "closed")

    async def test_nobody_can_say_in_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The journey goes on with an unknown payment and its slip; no second way was offered meanwhile."""
        monkeypatch.setattr(till, "UNKNOWN_S", 0.3)
        async with paydesk(tmp_path, confirm_s=1.0) as place:

            def dark() -> object:
                place.script(fault="drop_after", on=["charge", "query", "close"])
                return place.hold_up(CODES[0])

            payment = await place.take(qr=[SWITCH], scan=[when("waiting", dark)])
            assert payment is not None
            assert payment.state == "unknown"
            assert len(place.front.ledger.entries()) == 2
            place.script(preset="human")
            for entry in place.front.ledger.entries():
                place.script(order_no=entry.order_no, preset="human")
            await place.ends("closed", "paid")

    async def test_abandoned_after_its_time(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path, confirm_s=1.0) as place:
            place.script(preset="never")
            await place.take(qr=[SWITCH], scan=[shows(place, CODES[0]), when("waiting", "cancel", "没有等到")])
            await place.ends("closed", "closed")


class TestScanner:
    async def test_not_offered_without_one(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path, scanner=False) as place:
            await place.take(qr=[SWITCH, when("waiting", "cancel", "扫码器")])
            assert {s.can_scan for s in place.looks(pay.PayByQr)} == {False}
            assert place.looks(pay.ScanPayerCode) == []
            await place.ends("closed")

    async def test_not_offered_where_no_wallet_is_taken(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path, payer_codes=()) as place:
            await place.take(qr=[when("waiting", "cancel")])
            assert {s.can_scan for s in place.looks(pay.PayByQr)} == {False}
            await place.ends("closed")

    async def test_unplugged_while_it_is_waited_for(self, tmp_path: Path) -> None:
        """A new code is shown, and says why."""
        async with paydesk(tmp_path) as place:

            def unplug() -> object:
                place.engine.control({"do": "fault", "id": "LINE.UNPLUG", "count": "always"})
                return place.hold_up(CODES[0])

            payment = await place.take(qr=[SWITCH, when("waiting", "cancel")], scan=[when("waiting", unplug)])
            assert payment is not None
            assert payment.state == "closed"
            assert place.troubles() == ["扫码器暂时不能用，请用手机扫屏幕上的码。"]
            await place.ends("closed", "closed")

    async def test_nobody_there_any_more(self, tmp_path: Path) -> None:
        async with paydesk(tmp_path, idle_s=0.3) as place:
            payment = await place.take(qr=[SWITCH])
            assert payment is not None
            assert payment.state == "closed"
            await place.ends("closed")


async def test_outside_the_hours_nothing_is_begun(tmp_path: Path) -> None:
    async with paydesk(tmp_path, hours="03:00-08:00") as place:
        assert await place.take() is None
        (told,) = place.desk.shown
        assert "每天 03:00 到 08:00 可以缴款" in told.body  # type: ignore[attr-defined]
        assert "决定不变" in told.body  # type: ignore[attr-defined]
        assert place.front.ledger.entries() == []
        await place.ends()


async def test_the_hours_end_between_two_codes(tmp_path: Path) -> None:
    async with paydesk(tmp_path, hours="03:00-09:31") as place:

        def late() -> str:
            place.skip(90)
            return "renew"

        payment = await place.take(qr=[when("waiting", lambda: place.skip(70) or WAIT), when("expired", late)])
        assert payment is not None
        assert payment.state == "closed"
        assert await place.payments() == ["closed"]
        await place.ends("closed")


def test_every_reason_of_the_contract_has_words() -> None:
    named = {"payer_code_invalid", "payer_code_expired", "wallet_not_taken", "insufficient_balance", "limit_exceeded"}
    assert named | {"payer_restricted", "abandoned", "payer_cancelled", "undone"} <= set(payer.TOLD)


async def test_the_payer_code_is_on_no_screen_in_no_log_and_no_row(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        with capture_logs() as logs:
            place.script(preset="no_balance", payer_code=CODES[0])
            place.script(preset="human", payer_code=CODES[1], fault="unsigned", on=["charge"])
            await place.take(qr=[SWITCH], scan=[shows(place, CODES[0]), shows(place, CODES[1], "余额不足")])
            await place.ends("closed", "failed", "paid")
        kept = b"".join(file.read_bytes() for file in tmp_path.glob("ledger.db*"))
        told = repr(logs) + repr(place.desk.shown) + repr(place.desk.updates)
        assert "payer_code_took_nothing" in told
        for code in CODES[:2]:
            assert code not in told
            assert code.encode() not in kept


async def test_the_wallet_is_asked_after_2_5_8_seconds_and_never_later(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    real, passed = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: real() + passed[0])
    pace = Pace(3.0)
    assert 1.9 < pace.left() <= 2.0
    for _ in range(20):
        assert not pace.due
        passed[0] += pace.left()
        assert pace.due
        pace.asked()
        assert 2.3 < pace.left() <= 3.0, "up to a fifth earlier, never later"
    pace = Pace(0.5)
    assert pace.left() <= 0.5


@pytest.mark.parametrize("name", ["payer_code", "endorse_payer_code"])
async def test_a_visit_outside_the_hours(tmp_path: Path, name: str) -> None:
    """A decision that was made stays payable and is printed; nothing is applied for, and no permit goes in, that cannot be paid."""
    opens = SystemClock().now() + dt.timedelta(hours=2)
    found = load_scenario(name, SystemClock().now().date())
    hours = f"{opens:%H:%M}-{opens + dt.timedelta(hours=1):%H:%M}"
    object.__setattr__(found, "settings", {**found.settings, "wallet.hours": hours})
    async with staged(tmp_path, found, code_s=30.0) as stage:
        assert (await stage.visit()).outcome == ("unpaid" if name == "payer_code" else "refused:W-HOURS")
        assert "W-HOURS" in stage.desk.codes()
        assert stage.wallet.ledger.entries() == []
        assert await stage.states(Kind.PAYMENT) == []
        if name == "payer_code":
            assert len(stage.papers) == len(stage.decided()) == 1
        else:
            assert stage.unit.state()["position"] == "none"
            assert await stage.states(Kind.CUSTODY) == await stage.states(Kind.ISSUANCE) == []
            assert stage.exits.world.books.applications == {}
        assert await stage.sweep()
        assert await stage.breaches() == []
