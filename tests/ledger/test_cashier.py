"""Payments with the real client and the fake front on a socket: what the wallet does, and what the ledger then says."""

from __future__ import annotations

import pytest

from kiosk.domain.errors import GatewayUnavailable
from kiosk.ledger.cashier import MARGIN_S, EarlierPaymentOpen, paying
from kiosk.ledger.states import Kind, OrderState, PaymentState, PostingState
from kiosk.ports.wallet import TradeState
from tests.ledger.parts import CODE_S, LATE_S, Counter, charges, forced

SUBJECT = "交通违法罚款"


async def judge(counter: Counter, payments: list[str], order: str) -> None:
    """One order: the ledger and the books of the remote sides agree."""
    assert await counter.states(Kind.PAYMENT) == payments
    assert await counter.states(Kind.ORDER) == [order]
    assert counter.kept_fen() == counter.posted_fen()
    assert await counter.breaches() == []


async def test_pays(counter: Counter) -> None:
    order_id, payment, code = await counter.shown()
    assert (payment.state, payment["amount_fen"]) == (PaymentState.PENDING, 250_00)
    assert code.payload
    assert (await counter.cashier.ask(payment)).state == PaymentState.PENDING
    counter.pays()
    payment = await counter.cashier.ask(payment)
    assert payment.state == PaymentState.PAID
    assert payment["paid_fen"] == 250_00
    assert payment["trade_no"].startswith("SIM")
    assert payment["wallet"] == "alipay"
    assert await counter.states(Kind.POSTING) == [PostingState.INTENT] * 2
    assert counter.posted_fen() == 0
    assert {row.state for row in await counter.cashier.post(order_id)} == {PostingState.POSTED}
    await counter.orders.conclude(order_id, citizen_present=True)
    await judge(counter, ["paid"], OrderState.SETTLED)
    assert paying(await counter.cashier.attempts(order_id)) is not None


async def test_the_intent_stands_before_a_byte_leaves(counter: Counter) -> None:
    order_id, rows = await counter.decided()
    counter.script(fault="drop_after", on=["create"])
    payment, code = await counter.cashier.begin(order_id, charges(rows), SUBJECT)
    assert (payment.state, code) == (PaymentState.UNKNOWN, None)
    assert [e["new"] for e in await counter.store.events(payment.id)] == ["intent", "unknown"]


async def test_never_pays(counter: Counter) -> None:
    _order_id, payment, _ = await counter.shown()
    counter.script(preset="never")
    payment = await counter.cashier.close(payment)
    assert payment.state == PaymentState.CLOSED
    counter.leave()
    await counter.sweeper.sweep()
    await judge(counter, ["closed"], OrderState.UNPAID)


async def test_walks_away_and_pays_later(counter: Counter) -> None:
    """The code was shown; the citizen goes, pays on the way out: it is posted."""
    _order_id, _, _ = await counter.shown()
    counter.leave()
    await counter.sweeper.sweep()
    await judge(counter, ["pending"], OrderState.UNPAID)
    counter.clock.forward(seconds=CODE_S - 1)
    counter.pays()
    await counter.sweeper.sweep()
    await judge(counter, ["paid"], OrderState.SETTLED)


async def test_walks_away_and_never_pays(counter: Counter) -> None:
    await counter.shown()
    counter.leave()
    counter.script(preset="late", seconds=10_000)  # the wallet itself keeps the trade open
    counter.clock.forward(seconds=CODE_S + LATE_S - 1)
    await counter.sweeper.sweep()
    await judge(counter, ["pending"], OrderState.UNPAID)
    counter.clock.forward(seconds=2)
    await counter.sweeper.sweep()
    await judge(counter, ["closed"], OrderState.UNPAID)


async def test_late_within_the_watch(counter: Counter) -> None:
    counter.script(preset="late", seconds=60)
    await counter.shown()
    counter.leave()
    counter.clock.forward(seconds=CODE_S + MARGIN_S + 61)
    await counter.sweeper.sweep()
    await judge(counter, ["paid"], OrderState.SETTLED)


async def test_the_wallet_takes_it_longer_than_it_is_shown(counter: Counter) -> None:
    """The kiosk ends it and not the wallet's clock: paid in the last moment is paid."""
    _, payment, code = await counter.shown()
    (entry,) = counter.front.ledger.entries()
    assert entry.expires_in_s == CODE_S + MARGIN_S
    assert (code.expires_at - counter.clock.now()).total_seconds() == CODE_S
    counter.clock.forward(seconds=CODE_S + 1)
    counter.pays()
    assert (await counter.cashier.close(payment)).state == PaymentState.PAID


async def test_pays_at_close(counter: Counter) -> None:
    order_id, payment, _ = await counter.shown()
    counter.script(preset="pays_at_close")
    payment = await counter.cashier.close(payment)
    assert payment.state == PaymentState.PAID
    await counter.cashier.post(order_id)
    counter.leave()
    await counter.sweeper.sweep()
    await judge(counter, ["paid"], OrderState.SETTLED)


@pytest.mark.parametrize("minutes", [3, 16, 61])
@pytest.mark.parametrize("crash", [False, True])
async def test_pays_after_close_is_found_by_the_late_checks(counter: Counter, minutes: int, crash: bool) -> None:
    _order_id, payment, _ = await counter.shown()
    counter.script(preset="pays_after_close")
    assert (await counter.cashier.close(payment)).state == PaymentState.CLOSED
    counter.leave()
    counter.script(preset="pays_after_close", fault="http_500", on=["query"])
    for _ in range(1, minutes):
        await counter.sweeper.sweep()  # the wallet gives no usable answer yet
        counter.clock.forward(minutes=1)
    assert await counter.states(Kind.PAYMENT) == ["closed"]
    counter.script(preset="pays_after_close")
    counter.clock.forward(minutes=1)
    if crash:
        await counter.crash()
    await counter.sweeper.sweep()
    await judge(counter, ["paid"], OrderState.SETTLED)


async def test_a_closed_attempt_is_asked_about_three_times_and_then_left(counter: Counter) -> None:
    _, payment, _ = await counter.shown()
    await counter.cashier.close(payment)
    counter.leave()
    asked = []
    original = counter.front.ledger.query
    counter.front.ledger.query = lambda number: (asked.append(number), original(number))[1]  # type: ignore[method-assign]
    for _ in range(60):
        await counter.sweeper.sweep()
        counter.clock.forward(minutes=2)
    assert len(asked) == 3
    counter.clock.forward(days=3)
    await counter.crash()
    await counter.sweeper.sweep()
    assert len(asked) == 3


async def test_off_for_a_night_after_closing(counter: Counter) -> None:
    """The machine is switched off right after a code was closed; the late money of that evening is found in the morning."""
    _, payment, _ = await counter.shown()
    counter.script(preset="pays_after_close")
    await counter.cashier.close(payment)
    counter.clock.forward(hours=11)
    await counter.crash()
    await counter.sweeper.sweep()
    await judge(counter, ["paid"], OrderState.SETTLED)


async def test_unknown_at_create_then_nothing_there(counter: Counter) -> None:
    order_id, rows = await counter.decided()
    counter.script(fault="drop_before", on=["create"])
    payment, code = await counter.cashier.begin(order_id, charges(rows), SUBJECT)
    assert (payment.state, code) == (PaymentState.UNKNOWN, None)
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.states(Kind.PAYMENT) == ["unknown"]
    counter.clock.forward(seconds=CODE_S + LATE_S)
    await counter.sweeper.sweep()
    await judge(counter, ["closed"], OrderState.UNPAID)


async def test_unknown_at_create_then_paid_through_another_screen(counter: Counter) -> None:
    """The trade exists although no answer came: should anybody pay it, it counts."""
    order_id, rows = await counter.decided()
    counter.script(fault="drop_after", on=["create"], times=1)
    payment, _ = await counter.cashier.begin(order_id, charges(rows), SUBJECT)
    counter.pays(payment.id)
    counter.leave()
    await counter.sweeper.sweep()
    await judge(counter, ["paid"], OrderState.SETTLED)


BAD_QUERY = [
    "http_500", "http_502_page", "drop_before", "drop_after", "half_answer", "duplicate", "doubled", "unsigned",
    "forged_signature", "stale_timestamp", "wrong_order", "wrong_status", "malformed", "refused", "timeout_before",
]  # fmt: skip


@pytest.mark.parametrize("fault", BAD_QUERY)
async def test_a_query_without_a_good_answer_changes_nothing(counter: Counter, fault: str) -> None:
    _, payment, _ = await counter.shown()
    counter.pays()
    counter.script(fault=fault, on=["query"])
    with pytest.raises(GatewayUnavailable):
        await counter.cashier.ask(payment)
    assert await counter.states(Kind.PAYMENT) == ["pending"]
    counter.script(preset="human")
    assert (await counter.cashier.ask(payment)).state == PaymentState.PAID


@pytest.mark.parametrize("fault", ["http_500", "drop_before", "drop_after", "forged_signature", "malformed"])
async def test_cancel_without_an_answer_is_unknown_not_closed(counter: Counter, fault: str) -> None:
    _, payment, _ = await counter.shown()
    counter.script(fault=fault, on=["close"])
    payment = await counter.cashier.close(payment)
    assert payment.state == PaymentState.UNKNOWN
    counter.leave()
    counter.script(preset="human")
    if fault in ("http_500", "drop_before"):
        counter.pays()
    counter.clock.forward(seconds=CODE_S + LATE_S)
    await counter.sweeper.sweep()
    paid = fault in ("http_500", "drop_before")
    await judge(counter, ["paid" if paid else "closed"], OrderState.SETTLED if paid else OrderState.UNPAID)


async def test_close_refused_leaves_the_code_open(counter: Counter) -> None:
    _, payment, _ = await counter.shown()
    counter.script(fault="refused", on=["close"])
    assert (await counter.cashier.close(payment)).state == PaymentState.PENDING


async def test_create_refused_is_failed_and_can_be_tried_again(counter: Counter) -> None:
    order_id, rows = await counter.decided()
    counter.script(fault="refused", on=["create"])
    payment, code = await counter.cashier.begin(order_id, charges(rows), SUBJECT)
    assert (payment.state, code) == (PaymentState.FAILED, None)
    counter.script(preset="human")
    payment, code = await counter.cashier.begin(order_id, charges(rows), SUBJECT)
    assert code is not None
    assert payment.id.endswith("P2")


@pytest.mark.parametrize("off", [-1, 1, -249_99])
async def test_wrong_amount_goes_to_staff(counter: Counter, off: int) -> None:
    order_id, payment, _ = await counter.shown()
    counter.script(preset="human", amount_off=off)
    counter.pays()
    payment = await counter.cashier.ask(payment)
    assert payment.state == PaymentState.MANUAL
    assert payment["paid_fen"] == 250_00 + off
    assert await counter.states(Kind.POSTING) == []
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.states(Kind.ORDER) == [OrderState.MANUAL]
    assert counter.posted_fen() == 0
    assert await counter.breaches() == []
    with pytest.raises(EarlierPaymentOpen):  # and no second code
        await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), SUBJECT)


async def test_money_that_went_back_by_itself_goes_to_staff(counter: Counter) -> None:
    _, payment, _ = await counter.shown()
    counter.pays()
    counter.front.ledger.refund(payment.id, "R", 250_00)
    assert (await counter.cashier.ask(payment)).state == PaymentState.MANUAL


class TestTwoAttempts:
    async def test_no_second_code_while_the_first_is_open(self, counter: Counter) -> None:
        order_id, _payment, _ = await counter.shown()
        counter.script(fault="http_500", on=["close", "query"])
        with pytest.raises(EarlierPaymentOpen):
            await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), SUBJECT)
        assert await counter.states(Kind.PAYMENT) == ["unknown"]

    async def test_no_second_code_when_the_first_was_paid_meanwhile(self, counter: Counter) -> None:
        order_id, _payment, _ = await counter.shown()
        counter.pays()
        with pytest.raises(EarlierPaymentOpen):
            await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), SUBJECT)
        assert await counter.states(Kind.PAYMENT) == ["paid"]
        counter.leave()
        await counter.sweeper.sweep()
        await judge(counter, ["paid"], OrderState.SETTLED)

    async def test_no_second_code_when_the_wallet_took_money_after_closing(self, counter: Counter) -> None:
        order_id, payment, _ = await counter.shown()
        counter.script(preset="pays_after_close")
        assert (await counter.cashier.close(payment)).state == PaymentState.CLOSED
        with pytest.raises(EarlierPaymentOpen):
            await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), SUBJECT)
        counter.leave()
        await counter.sweeper.sweep()
        await judge(counter, ["paid"], OrderState.SETTLED)

    async def both_paid(self, counter: Counter) -> str:
        """P1 closed, P2 shown and paid, and then the wallet says that P1 was paid after all."""
        order_id, first, _ = await counter.shown()
        counter.front.control({"do": "script", "order_no": first.id, "preset": "pays_after_close"})
        await counter.cashier.close(first)
        counter.front.ledger._entries[first.id].pays_in_spite = False  # not yet
        second, code = await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), SUBJECT)
        assert code is not None
        counter.pays(second.id)
        assert (await counter.cashier.ask(second)).state == PaymentState.PAID
        counter.front.ledger._entries[first.id].pays_in_spite = True
        counter.leave()
        counter.clock.forward(minutes=3)
        return first.id

    async def test_one_is_kept_and_one_goes_back(self, counter: Counter) -> None:
        first = await self.both_paid(counter)
        await counter.sweeper.sweep()
        await judge(counter, ["refunded", "paid"], OrderState.SETTLED)
        assert counter.front.ledger.totals()[first] == 0
        assert counter.kept_fen() == 250_00
        assert [e["new"] for e in await counter.store.events(first)][-3:] == ["refund_due", "refund_intent", "refunded"]

    @pytest.mark.parametrize("fault", ["drop_after", "drop_before", "http_500", "half_answer", "forged_signature"])
    async def test_refund_without_an_answer_is_repeated_with_the_same_number(
        self, counter: Counter, fault: str
    ) -> None:
        first = await self.both_paid(counter)
        counter.front.control(
            {
                "do": "script",
                "order_no": first,
                "preset": "pays_after_close",
                "fault": fault,
                "on": ["refund"],
                "times": 1,
            }
        )
        await counter.sweeper.sweep()
        assert await counter.state(Kind.PAYMENT, first) == PaymentState.REFUND_INTENT
        assert await counter.breaches() == []
        await counter.crash()
        await counter.sweeper.sweep()
        await judge(counter, ["refunded", "paid"], OrderState.SETTLED)
        assert list(counter.front.ledger._entries[first].refunds) == [f"{first}R1"]

    async def test_refund_refused_goes_to_staff(self, counter: Counter) -> None:
        first = await self.both_paid(counter)
        counter.front.control(
            {"do": "script", "order_no": first, "preset": "pays_after_close", "fault": "refused", "on": ["refund"]}
        )
        await counter.sweeper.sweep()
        assert await counter.state(Kind.PAYMENT, first) == PaymentState.MANUAL
        assert await counter.states(Kind.ORDER) == [OrderState.MANUAL]
        assert await counter.breaches() == []

    async def test_crash_between_paid_and_refund(self, counter: Counter) -> None:
        first = await self.both_paid(counter)
        await counter.cashier.ask(await counter.store.get(Kind.PAYMENT, first))
        assert await counter.state(Kind.PAYMENT, first) == PaymentState.REFUND_DUE
        assert await counter.breaches() == []
        await counter.crash()
        await counter.sweeper.sweep()
        await judge(counter, ["refunded", "paid"], OrderState.SETTLED)

    async def test_no_new_code_where_staff_gave_money_back(self, counter: Counter) -> None:
        """A wrong amount was paid and given back by hand: how this order goes on is for staff to say."""
        order_id, first, _ = await counter.shown()
        counter.script(preset="human", amount_off=-1)
        counter.pays()
        first = await forced(counter.store, await counter.cashier.ask(first), "refund_due")
        assert (await counter.cashier.refund(first)).state == PaymentState.REFUNDED
        with pytest.raises(EarlierPaymentOpen):
            await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), SUBJECT)
        assert counter.kept_fen() == 0

    async def test_attempts_stay_in_order_when_the_clock_is_set_back(self, counter: Counter) -> None:
        order_id, first, _ = await counter.shown()
        await counter.cashier.close(first)
        counter.clock.forward(hours=-1)
        second, _ = await counter.cashier.begin(order_id, charges(await counter.decisions(order_id)), SUBJECT)
        assert [row.id for row in await counter.cashier.attempts(order_id)] == [first.id, second.id]


class TestPosting:
    async def paid(self, counter: Counter) -> str:
        order_id, payment, _ = await counter.shown()
        counter.pays()
        await counter.cashier.ask(payment)
        return order_id

    @pytest.mark.parametrize(
        "fault", ["drop_before", "drop_after", "error_503", "half_answer", "html_200", "wrong_types"]
    )
    async def test_no_answer_is_unknown_and_repeated(self, counter: Counter, fault: str) -> None:
        order_id = await self.paid(counter)
        counter.fault(f"post_payment.{fault}", count=2)
        assert [row.state for row in await counter.cashier.post(order_id)] == [PostingState.UNKNOWN] * 2
        assert await counter.breaches() == []
        counter.leave()
        await counter.sweeper.sweep()
        await judge(counter, ["paid"], OrderState.SETTLED)
        assert len(counter.police.world.books.payments) == 2

    async def test_a_device_key_that_expired_is_no_refusal(self, counter: Counter) -> None:
        order_id = await self.paid(counter)
        counter.police._key = "another"
        assert [row.state for row in await counter.cashier.post(order_id)] == [PostingState.UNKNOWN] * 2
        counter.police._key = ""
        counter.leave()
        await counter.sweeper.sweep()
        await judge(counter, ["paid"], OrderState.SETTLED)

    async def test_a_decision_that_has_not_reached_the_cashiers_system_is_tried_again(self, counter: Counter) -> None:
        order_id = await self.paid(counter)
        books = counter.police.world.books
        kept = dict(books.decisions)
        books.decisions.clear()
        assert [row.state for row in await counter.cashier.post(order_id)] == [PostingState.UNKNOWN] * 2
        books.decisions.update(kept)
        counter.leave()
        await counter.sweeper.sweep()
        await judge(counter, ["paid"], OrderState.SETTLED)

    async def test_paid_elsewhere_goes_to_staff(self, counter: Counter) -> None:
        order_id = await self.paid(counter)
        decision = (await counter.decisions(order_id))[0]
        counter.police.world.post_payment(decision["number"], decision["fine_fen"], "OTHER", counter.clock.now(), "k")
        states = [row.state for row in await counter.cashier.post(order_id)]
        assert states == [PostingState.MANUAL, PostingState.POSTED]
        counter.leave()
        await counter.sweeper.sweep()
        assert await counter.states(Kind.ORDER) == [OrderState.MANUAL]
        assert await counter.breaches() == []

    async def test_posting_twice_books_once(self, counter: Counter) -> None:
        order_id = await self.paid(counter)
        for _ in range(3):
            await counter.cashier.post(order_id)
        assert len(counter.police.world.books.payments) == 2

    async def test_the_trade_and_the_time_of_paying_are_posted(self, counter: Counter) -> None:
        order_id = await self.paid(counter)
        counter.clock.forward(days=2)
        await counter.cashier.post(order_id)
        (payment,) = await counter.cashier.attempts(order_id)
        entry = counter.front.ledger.entries()[0]
        for booked in counter.police.world.books.payments.values():
            assert booked.trade_no == payment["trade_no"] == entry.trade_no
            assert booked.paid_at.startswith("2026-03-18T09:30")


async def test_a_trade_of_a_wallet_that_pays_with_a_delay(counter: Counter) -> None:
    counter.script(preset="pays", seconds=5)
    _, payment, _ = await counter.shown()
    assert (await counter.cashier.ask(payment)).state == PaymentState.PENDING
    counter.clock.forward(seconds=5)
    assert (await counter.cashier.ask(payment)).state == PaymentState.PAID
    assert (await counter.wallet.query(payment.id)).state is TradeState.PAID
