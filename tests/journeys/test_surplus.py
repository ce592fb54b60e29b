"""Money that came twice, after cancelling, or late: what the citizen is told at the till and on paper, in each service. It goes back by
itself; nothing sounds as if it had to be paid again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.journeys import surplus, till
from kiosk.journeys.services import run_fine
from kiosk.ledger.states import Kind, PaymentState
from kiosk.screens import common, fine, pay
from kiosk.screens.robot import WAIT
from tests.journeys.paydesk import CODES, LATER, Paydesk, paydesk, when
from tests.journeys.stage import Stage, staged
from tests.journeys.test_endorsement import scenario as endorsement_scenario
from tests.journeys.test_fine_steps import bearer, handled

SWITCH = when("waiting", "scan")
INCIDENT, VOUCHER = "业务核对单", "交通违法缴款凭证"
AGAIN = ("重新缴", "再缴一次", "没有缴", "还没有缴款", "逾期")
"""Nobody whose debt is paid may read any of these."""


def plain(paper: str) -> str:
    return "".join(paper.split())


def told(place: Paydesk) -> list[common.Message]:
    return [screen for screen in place.desk.shown if isinstance(screen, common.Message)]


def in_spite(place: Paydesk, number: int = 0) -> object:
    """The phone page of an earlier code was still open, and the wallet took the money although it had said closed."""
    place.front.ledger.entries()[number].pays_in_spite = True
    return WAIT


# -- at the till ---------------------------------------------------------------------------------------------------------


async def test_paid_by_both_ways(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        place.script(preset="pays", seconds=0.2, payer_code=CODES[0])
        payment = await place.take(
            qr=[SWITCH],
            scan=[
                when("waiting", lambda: place.hold_up(CODES[0])),
                lambda _: in_spite(place) if place.front.ledger.entries()[1:] else None,
            ],
        )
        assert payment is not None
        assert (payment.state, payment.id[-2:]) == ("paid", "P2")
        (message,) = told(place)
        first = f"{payment.order_id}P1"
        assert (message.code, message.tone) == ("W-SURPLUS", "info")
        assert message.body == (
            f"要付的已经付清。多付的 ¥250.00 会自动退回原来付款的支付宝，不用您操作，也不用再付，订单号 {first}。"
        )
        await place.ends("refunded", "paid")


async def test_the_expired_code_is_paid_and_the_next_one_too(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:

        def pays() -> object:
            in_spite(place)
            place.counter.pays()
            return WAIT

        payment = await place.take(
            qr=[when("waiting", lambda: place.skip(70) or WAIT), when("expired", "renew"), when("waiting", pays)]
        )
        assert payment is not None
        assert payment.state == "paid"
        (message,) = told(place)
        assert f"订单号 {payment.order_id}P1。" in message.body
        await place.ends("refunded", "paid")


async def test_paid_no_reaction_finds_the_code_before(tmp_path: Path) -> None:
    """The phone paid the code that had run out. It is found when the citizen says so, and the new code is closed unpaid."""
    async with paydesk(tmp_path) as place:
        place.script(preset="never")

        def says_paid() -> str:
            in_spite(place)
            return "paid_no_reaction"

        payment = await place.take(
            qr=[when("waiting", lambda: place.skip(70) or WAIT), when("expired", "renew"), when("waiting", says_paid)]
        )
        assert payment is not None
        assert (payment.state, payment.id[-2:]) == ("paid", "P1")
        assert told(place) == []
        assert place.looks(pay.PayByQr)[-1].state == "paid"
        await place.ends("paid", "closed")


async def test_paid_no_reaction_while_the_new_code_is_being_paid(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:

        def says_paid() -> str:
            in_spite(place)
            place.script(preset="pays_at_close", order_no=f"{place.order_id}P2")
            return "paid_no_reaction"

        payment = await place.take(
            qr=[when("waiting", lambda: place.skip(70) or WAIT), when("expired", "renew"), when("waiting", says_paid)]
        )
        assert payment is not None
        assert (payment.state, payment.id[-2:]) == ("paid", "P1")
        (message,) = told(place)
        assert f"订单号 {payment.order_id}P2。" in message.body
        await place.ends("paid", "refunded")


async def test_undone_is_told_with_its_number_and_what_is_still_open(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        place.script(payer="undone_at_close", payer_code=CODES[0])
        payment = await place.take(
            qr=[SWITCH], scan=[when("waiting", lambda: place.hold_up(CODES[0])), when("scanned", "cancel")]
        )
        assert payment is not None
        (message,) = told(place)
        assert message.body == (
            f"付款和撤销碰在一起，¥250.00 会自动退回原来付款的支付宝，不用您操作，订单号 {payment.id}。决定不变。"
        )
        await place.ends("closed", "refunded")


async def test_hours_end_although_the_closed_code_was_paid(tmp_path: Path) -> None:
    async with paydesk(tmp_path, hours="03:00-09:31") as place:

        def renew() -> str:
            place.skip(90)
            in_spite(place)
            return "renew"

        payment = await place.take(qr=[when("waiting", lambda: place.skip(70) or WAIT), when("expired", renew)])
        assert payment is not None
        assert payment.state == "paid"
        assert told(place) == [], "nobody is told that nothing was taken"
        await place.ends("paid")


# -- fines that the platform bills itself --------------------------------------------------------------------------------


async def test_the_platforms_own_bill_takes_no_payer_code(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        place.bill("platform")
        payment = await place.take(qr=[when("waiting", lambda: place.counter.pays() or WAIT)])
        assert payment is not None
        assert payment.state == "paid"
        assert {screen.can_scan for screen in place.looks(pay.PayByQr)} == {False}
        no_fine = till.Bill("X1", [], "签注费", "签注费 1 项", "", LATER)
        assert not await till._own_code_only(no_fine, place.kit), "a fee is paid to the wallet in such a hall too"
        await place.ends("paid")


async def test_what_the_treasury_has_is_given_back_by_staff(tmp_path: Path) -> None:
    async with paydesk(tmp_path) as place:
        place.bill("platform")

        def pays() -> object:
            in_spite(place)
            place.counter.pays()
            return WAIT

        payment = await place.take(
            qr=[when("waiting", lambda: place.skip(70) or WAIT), when("expired", "renew"), when("waiting", pays)]
        )
        assert payment is not None
        (message,) = told(place)
        window = place.kit.settings.kiosk.window
        assert f"多付的 ¥250.00 由{window}办理退回，不用再付，订单号 {payment.order_id}P1。" in message.body
        rows = await place.kit.books.cashier.attempts(payment.order_id)
        ((subject, slip),) = await surplus.surplus_papers(rows, ("3302030000000001",), place.kit)
        assert subject == rows[0].id
        assert "由人工窗口办理退回" in repr(slip.blocks)
        assert "自动退回" not in repr(slip.blocks)


# -- whole visits --------------------------------------------------------------------------------------------------------


async def pays_twice(stage: Stage) -> str:
    """The first code runs out unpaid, the second is paid, and so is the first after all. How the visit ends."""
    stage.wallet.control({"do": "script", "preset": "never"})

    def second(screen: Any) -> object:
        if screen.state == "expired":
            stage.wallet.control({"do": "script", "preset": "pays", "seconds": 0.0})
            return "renew"
        if screen.order_no.endswith("P2"):
            stage.wallet.ledger.entries()[0].pays_in_spite = True
        return WAIT

    return str((await stage.visit({pay.PayByQr: [second] * 60})).outcome)


async def test_violation_paid_twice_says_so_on_paper(tmp_path: Path) -> None:
    """The first code ran out, the second is paid, and so is the first: both slips lie there, and the copies say the same."""
    async with staged(tmp_path, handled(), code_s=0.4, poll_s=0.05) as stage:
        assert await pays_twice(stage) == "paid"
        payments = await stage.machine.books.store.find(Kind.PAYMENT)
        assert sorted(row.state for row in payments) == [PaymentState.PAID, PaymentState.REFUND_DUE]
        (back,) = (row for row in payments if row.state == PaymentState.REFUND_DUE)
        assert "W-SURPLUS" in stage.desk.codes()
        (slip,) = stage.paper(INCIDENT)
        assert back.id in plain(slip)
        assert "这笔是多付的，自动退回原来付款的账户，不用再付" in plain(slip)
        assert len(stage.paper(VOUCHER)) == 1
        said = stage.desk.words() + "".join(note for s in stage.desk.of(common.Finish) for note in (s.title, *s.notes))
        assert not [word for word in AGAIN if word in said + slip]
        assert await stage.sweep()
        assert stage.kept_fen() == stage.posted_fen() == 150_00
        assert await stage.breaches() == []


async def test_fine_paid_by_an_earlier_visits_code_in_the_meantime(tmp_path: Path) -> None:
    """The code of the visit with the identity card is paid late, while the same decision is paid by its number."""
    async with staged(tmp_path, handled(cancel_at="pay"), code_s=30.0, poll_s=0.05) as stage:
        stage.wallet.control({"do": "script", "preset": "never"})
        assert (await stage.visit()).outcome == "unpaid"
        (entry,) = stage.decided().values()
        (first,) = await stage.machine.books.store.find(Kind.PAYMENT)
        number = str(entry.decision.printed_number)
        found: list[asyncio.Future[Any]] = []

        def late(screen: Any) -> object:
            if not found:
                stage.wallet.ledger.entries()[0].pays_in_spite = True
                found.append(asyncio.ensure_future(stage.machine.books.cashier.ask(first)))
                found[0].add_done_callback(lambda _: stage.wallet.control({"do": "pay"}))
                stage.wallet.control({"do": "script", "preset": "human"})
            return WAIT

        again = bearer(handled(), types=number)
        await stage.visit({pay.PayByQr: [late] * 60}, run=run_fine, scenario=again)
        second = (await stage.machine.books.store.find(Kind.PAYMENT, [PaymentState.REFUND_DUE]))[0]
        (finish,) = {s.title: s for s in stage.desk.of(common.Finish)}.values()
        assert finish.title == "这份决定书的罚款已经缴清"
        assert finish.notes == (
            f"多付的 ¥150.00 会自动退回原来付款的支付宝，不用您操作，也不用再付，订单号 {second.id}。",
        )
        (slip,) = stage.paper(INCIDENT)
        assert second.id in plain(slip)
        assert "罚款已经缴清" in plain(slip)
        assert not [word for word in AGAIN if word in stage.desk.words() + finish.title + slip]
        assert await stage.sweep()
        assert stage.kept_fen() == stage.posted_fen() == 150_00
        assert await stage.breaches() == []
        assert not stage.desk.of(fine.ReviewFine)[1:], "nobody was asked to pay again"


async def test_endorsement_paid_after_cancelling(tmp_path: Path) -> None:
    """The wallet said closed, the application was taken back, and the money came: told before the citizen leaves."""
    async with staged(tmp_path, endorsement_scenario("endorse_cancel_pay"), code_s=30.0) as stage:
        stage.wallet.control({"do": "script", "preset": "pays_after_close"})
        assert (await stage.visit()).outcome == "unpaid"
        (payment,) = await stage.machine.books.store.find(Kind.PAYMENT)
        assert payment.state == PaymentState.REFUND_DUE
        (message,) = [m for m in stage.desk.of(common.Message) if m.code == "W-SURPLUS"]
        assert message.title == "您付的钱会退回"
        assert message.body.startswith(
            "没有制作签注。您付的 ¥15.00 会自动退回原来付款的支付宝，不用您操作，也不用再付，"
        )
        assert message.body.endswith(f"订单号 {payment.id}。通行证已经退还。")
        (slip,) = map(plain, stage.papers)
        assert f"退款订单号{payment.id}" in slip
        assert "退款申请已经提交，款项会原路退回" in slip
        assert await stage.sweep()
        assert stage.kept_fen() == 0
        assert await stage.breaches() == []


@pytest.mark.chaos
async def test_endorsement_paid_twice(tmp_path: Path) -> None:
    async with staged(tmp_path, endorsement_scenario("endorse_happy_hk"), code_s=0.4, poll_s=0.05) as stage:
        assert await pays_twice(stage) == "endorsed"
        (back,) = await stage.machine.books.store.find(Kind.PAYMENT, [PaymentState.REFUND_DUE])
        (message,) = [m for m in stage.desk.of(common.Message) if m.code == "W-SURPLUS"]
        assert back.id in message.body
        (voucher,) = map(plain, stage.papers)
        assert "多付的15.00元正在原路退回，不需要您再操作" in voucher
        assert f"退款订单号{back.id}" in voucher
        assert await stage.sweep()
        assert stage.kept_fen() == 15_00
        assert await stage.breaches() == []


@pytest.mark.parametrize("wallet", ["alipay", "wechat", "unionpay", "", "other"])
def test_the_wallet_is_named_as_people_call_it(wallet: str) -> None:
    row: Any = type(
        "Row", (), {"id": "A1P1", "state": PaymentState.REFUND_DUE, "__getitem__": lambda _, key: _VALUES[key]}
    )()
    _VALUES.update(paid_fen=100, wallet=wallet)
    names = {"alipay": "支付宝", "wechat": "微信支付", "unionpay": "云闪付"}
    assert f"会自动退回原来付款的{names.get(wallet, '账户')}，" in surplus.sentence([row])


_VALUES: dict[str, Any] = {}
