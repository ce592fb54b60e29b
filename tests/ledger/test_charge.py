"""The payer's code is charged, with the real client and the fake front on a socket: what the wallet does, what the ledger then says."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from kiosk.domain.errors import Refused
from kiosk.ledger.cashier import MARGIN_S, EarlierPaymentOpen
from kiosk.ledger.states import Kind, OrderState, PaymentState
from kiosk.ledger.store import Record
from kiosk.ports.wallet import Trade
from tests.ledger.parts import LATE_S, Counter, charges

SUBJECT = "交通违法罚款"
ALIPAY, WECHAT = "280000000000000001", "130000000000000002"
CONFIRM_S = 60.0
EVERY_FAULT = [
    "http_500", "http_502_page", "timeout_before", "timeout_after", "drop_before", "drop_after", "half_answer", "duplicate", "doubled",
    "unsigned", "forged_signature", "stale_timestamp", "wrong_order", "wrong_status", "malformed",
]  # fmt: skip
FEW = ("drop_before", "drop_after", "timeout_after", "forged_signature", "wrong_order")
"""At each test run; the client reads the others alike, and `make chaos` runs them."""
NOTHING_DONE = ("http_500", "timeout_before", "drop_before")


async def charge(counter: Counter, order_id: str, code: str = ALIPAY) -> tuple[Record, str]:
    return await counter.cashier.charge(order_id, charges(await counter.decisions(order_id)), SUBJECT, code)


async def settled(counter: Counter, payments: list[str], order: str) -> None:
    """The citizen has gone and the sweeper was there: ledger and the books of the remote sides agree."""
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.states(Kind.PAYMENT) == payments
    assert await counter.states(Kind.ORDER) == [order]
    assert counter.kept_fen() == counter.posted_fen() == (250_00 if "paid" in payments else 0)
    assert await counter.breaches() == []


async def test_paid_at_once(counter: Counter) -> None:
    order_id, _ = await counter.decided()
    payment, reason = await charge(counter, order_id)
    assert (payment.state, reason) == (PaymentState.PAID, "")
    assert (payment["paid_fen"], payment["wallet"]) == (250_00, "alipay")
    assert [e["new"] for e in await counter.store.events(payment.id)] == ["intent", "paid"]
    await settled(counter, ["paid"], OrderState.SETTLED)


async def test_the_payer_confirms(counter: Counter) -> None:
    counter.script(preset="pays", seconds=5)
    order_id, _ = await counter.decided()
    payment, _ = await charge(counter, order_id)
    assert payment.state == PaymentState.PENDING
    counter.clock.forward(seconds=5)
    payment, trade = await counter.cashier.look(payment)
    assert payment.state == PaymentState.PAID
    assert trade is not None
    await settled(counter, ["paid"], OrderState.SETTLED)


@pytest.mark.parametrize(
    ("preset", "reason"), [("no_balance", "insufficient_balance"), ("code_expired", "payer_code_expired")]
)
async def test_refused_then_another_code_under_another_number(counter: Counter, preset: str, reason: str) -> None:
    counter.script(preset=preset, payer_code=ALIPAY)
    order_id, _ = await counter.decided()
    assert (await charge(counter, order_id))[1] == reason
    payment, _ = await charge(counter, order_id, WECHAT)
    assert payment.id == f"{order_id}P2"
    assert payment["wallet"] == "wechat"
    await settled(counter, ["failed", "paid"], OrderState.SETTLED)


async def test_abandoned_is_named_and_costs_nothing(counter: Counter) -> None:
    counter.script(preset="never")
    order_id, _ = await counter.decided()
    payment, _ = await charge(counter, order_id)
    counter.clock.forward(seconds=CONFIRM_S + MARGIN_S)
    payment, trade = await counter.cashier.look(payment)
    assert payment.state == PaymentState.CLOSED
    assert trade == Trade(payment.id, trade.state, reason="abandoned")  # type: ignore[union-attr]
    await settled(counter, ["closed"], OrderState.UNPAID)


async def test_the_intent_is_durable_before_a_byte_leaves(counter: Counter) -> None:
    """Seen from the wallet: in the moment the charge arrives, another process reads the row from the disk."""
    order_id, _ = await counter.decided()
    seen: list[list[str]] = []
    original = counter.wallet.charge

    async def looked_at(order_no: str, *rest: object) -> Trade:
        other = Counter(
            counter.clock,
            counter.scenario,
            counter.police,
            counter.front,
            counter.platform,
            counter.wallet,
            counter.file,
        )
        await other.open()
        seen.append(await other.states(Kind.PAYMENT))
        await other.store.close()
        return await original(order_no, *rest)  # type: ignore[arg-type]

    counter.wallet.charge = looked_at  # type: ignore[method-assign,assignment]
    payment, _ = await charge(counter, order_id)
    assert seen == [["intent"]]
    assert payment.state == PaymentState.PAID


@pytest.mark.parametrize(
    ("fault", "crash"),
    [
        *(pytest.param(fault, False, marks=[pytest.mark.chaos] * (fault not in FEW)) for fault in EVERY_FAULT),
        ("drop_after", True),
    ],
)
async def test_no_good_answer_is_unknown_and_never_charged_again(counter: Counter, fault: str, crash: bool) -> None:
    counter.script(fault=fault, on=["charge"])
    order_id, _ = await counter.decided()
    payment, reason = await charge(counter, order_id)
    assert (payment.state, reason) == (PaymentState.UNKNOWN, "")
    if crash:
        await counter.crash()
    counter.clock.forward(seconds=CONFIRM_S + LATE_S + 1)
    await settled(
        counter,
        ["closed"] if fault in NOTHING_DONE else ["paid"],
        OrderState.UNPAID if fault in NOTHING_DONE else OrderState.SETTLED,
    )
    assert len(counter.front.ledger.entries()) == 1


async def test_closed_while_it_is_unclear_then_the_charge_arrives(counter: Counter) -> None:
    """The request was on its way all the time: it finds its number closed and takes nothing."""
    counter.script(fault="drop_before", on=["charge"])
    order_id, _ = await counter.decided()
    payment, _ = await charge(counter, order_id)
    payment = await counter.cashier.close(payment)
    assert payment.state == PaymentState.CLOSED
    counter.script(preset="human")
    with pytest.raises(Refused):
        await counter.wallet.charge(payment.id, 250_00, SUBJECT, ALIPAY, CONFIRM_S)
    await settled(counter, ["closed"], OrderState.UNPAID)


class TestOneWayAtATime:
    async def test_no_charge_while_a_shown_code_is_open(self, counter: Counter) -> None:
        order_id, _, _ = await counter.shown()
        counter.script(fault="http_500", on=["close", "query"])
        with pytest.raises(EarlierPaymentOpen):
            await charge(counter, order_id)
        assert await counter.states(Kind.PAYMENT) == ["unknown"]
        assert len(counter.front.ledger.entries()) == 1

    async def test_a_shown_code_is_closed_before_the_charge(self, counter: Counter) -> None:
        order_id, first, _ = await counter.shown()
        payment, _ = await charge(counter, order_id)
        assert payment.state == PaymentState.PAID
        assert await counter.state(Kind.PAYMENT, first.id) == PaymentState.CLOSED
        await settled(counter, ["closed", "paid"], OrderState.SETTLED)

    async def test_the_shown_code_was_paid_meanwhile(self, counter: Counter) -> None:
        order_id, _, _ = await counter.shown()
        counter.pays()
        with pytest.raises(EarlierPaymentOpen):
            await charge(counter, order_id)
        await settled(counter, ["paid"], OrderState.SETTLED)

    async def test_the_shown_code_is_paid_late_when_the_charge_is_paid_already(self, counter: Counter) -> None:
        order_id, first, _ = await counter.shown()
        await counter.cashier.close(first)
        await charge(counter, order_id)
        late = counter.front.ledger._entries[first.id]
        late.pays_in_spite = True
        counter.clock.forward(minutes=3)
        await settled(counter, ["refunded", "paid"], OrderState.SETTLED)
        assert late.refunds == {f"{first.id}R1": 250_00}

    async def test_no_second_charge_while_the_first_is_unclear(self, counter: Counter) -> None:
        order_id, _ = await counter.decided()
        counter.script(fault="drop_after", on=["charge", "query", "close"])
        await charge(counter, order_id)
        with pytest.raises(EarlierPaymentOpen):
            await charge(counter, order_id, WECHAT)
        counter.script(preset="human")
        await settled(counter, ["paid"], OrderState.SETTLED)
        assert len(counter.front.ledger.entries()) == 1


class TestUndone:
    async def undone(self, counter: Counter) -> Record:
        counter.script(payer="undone_at_close")
        order_id, _ = await counter.decided()
        payment, _ = await charge(counter, order_id)
        return payment

    async def test_confirmed_and_undone_in_one_moment(self, counter: Counter) -> None:
        payment = await counter.cashier.close(await self.undone(counter))
        assert payment.state == PaymentState.REFUNDED
        assert [e["new"] for e in await counter.store.events(payment.id)][-3:] == [
            "refund_due",
            "refund_intent",
            "refunded",
        ]
        assert list(counter.front.ledger.entries()[0].refunds) == ["undone"]
        await settled(counter, ["refunded"], OrderState.UNPAID)

    @pytest.mark.parametrize("stop_after", ["refund_due", "refund_intent"])
    async def test_a_stop_in_the_middle_asks_for_no_second_refund(self, counter: Counter, stop_after: str) -> None:
        payment = await self.undone(counter)

        class Stopped(Exception):
            pass

        move = counter.cashier._move

        async def stopping(row: Record, state: PaymentState, why: str, data: object = None) -> Record:
            moved = await move(row, state, why, data)  # type: ignore[arg-type]
            if state == stop_after:
                raise Stopped
            return moved

        counter.cashier._move = stopping  # type: ignore[method-assign,assignment]
        with pytest.raises(Stopped):
            await counter.cashier.close(payment)
        await counter.crash()
        await settled(counter, ["refunded"], OrderState.UNPAID)
        assert list(counter.front.ledger.entries()[0].refunds) == ["undone"]


async def test_not_undone_yet_is_unknown_and_asked_again(counter: Counter) -> None:
    counter.script(preset="never", undo_after=15)
    order_id, _ = await counter.decided()
    payment, _ = await charge(counter, order_id, WECHAT)
    payment = await counter.cashier.close(payment)
    assert payment.state == PaymentState.UNKNOWN
    counter.clock.forward(seconds=15)
    assert (await counter.cashier.close(payment)).state == PaymentState.CLOSED
    await settled(counter, ["closed"], OrderState.UNPAID)


async def test_walks_away_before_confirming_and_confirms_outside(counter: Counter) -> None:
    counter.script(preset="pays", seconds=50)
    order_id, _ = await counter.decided()
    await charge(counter, order_id)
    counter.leave()
    counter.clock.forward(seconds=50)
    await settled(counter, ["paid"], OrderState.SETTLED)


async def test_the_payer_code_is_nowhere(counter: Counter) -> None:
    order_id, _ = await counter.decided()
    with capture_logs() as logs:
        for code, fault in ((ALIPAY, "unsigned"), (WECHAT, "none")):
            counter.script(preset="no_balance", fault=fault, times=1)
            await charge(counter, order_id, code)
            counter.clock.forward(seconds=CONFIRM_S + LATE_S + 1)
    kept = b"".join(file.read_bytes() for file in counter.file.parent.glob(f"{counter.file.name}*"))
    for code in (ALIPAY, WECHAT):
        assert code not in repr(logs)
        assert code.encode() not in kept
