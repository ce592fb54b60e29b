"""Paying by number at the police front: what is told, what is booked once, and the platform's own bills. Over real sockets."""

from __future__ import annotations

import datetime as dt

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.fine import BookedPayment, FineState
from kiosk.domain.rules_fine import SAID
from kiosk.gateways.police.bills import NOT_OFFERED, REFUND_BY_TREASURY, BillDesk, FineWallet
from kiosk.gateways.police.messages import PayableFineMessage
from kiosk.gateways.rest import read
from kiosk.ports.clock import SHANGHAI
from kiosk.ports.wallet import Code, Trade, TradeState, Wallet

PAID_AT = "2026-11-21T10:00:31+08:00"


def made(hall) -> str:
    return hall.scenario.decisions[0].number


async def test_a_decision_of_the_road_is_told_masked(open_hall):
    async with open_hall("pay_road") as hall:
        fine = await hall.client.payable_fine(made(hall))
        assert (fine.number, fine.printed_number, fine.state) == (made(hall), made(hall) + fine.check_char, "unpaid")
        assert (fine.principal_fen, fine.surcharge_fen) == (hall.scenario.decisions[0].fine_fen, 0)
        assert fine.total_fen == fine.principal_fen
        assert fine.deadline == dt.date(2026, 12, 3)
        assert fine.decided_at == dt.datetime(2026, 11, 18, 9, 12, tzinfo=SHANGHAI)
        assert hall.scenario.person.name not in fine.party
        assert hall.scenario.decisions[0].plate not in fine.plate
        assert "*" in fine.party
        assert "*" in fine.plate
        assert (await hall.client.payable_fine(made(hall), fine.check_char)) == fine


async def test_a_decision_made_here_can_be_paid_by_number_too(hall):
    decision = await hall.decide()
    fine = await hall.client.payable_fine(decision.number, decision.check_char)
    assert (fine.principal_fen, fine.deadline, fine.act) == (15000, decision.deadline, hall.scenario.records[0].act)
    hall.clock.time += dt.timedelta(days=26)
    assert (await hall.client.payable_fine(decision.number)).surcharge_fen == 4500


async def test_a_front_that_sends_names_whole_is_masked_at_the_edge():
    body = """{"number": "330203191000001", "decided_at": "2026-11-01T09:00:00+08:00", "party": "张小明", "act": "x",
      "authority": "x", "authority_code": "330203005400", "principal_fen": 100, "surcharge_fen": null, "deadline": null,
      "state": "unpaid", "plate": "浙B12345"}"""
    fine = read(PayableFineMessage, body.encode()).value()
    assert (fine.party, fine.plate, fine.surcharge_fen) == ("张*明", "浙B·***45", None)
    for wrong in ('"paid_up"', "null", "1"):
        with pytest.raises(ValueError, match="state"):
            read(PayableFineMessage, body.replace('"unpaid"', wrong).encode())


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("pay_already", FineState.PAID),
        ("pay_being_paid", FineState.PAYING),
        ("pay_revoked", FineState.REVOKED),
        ("pay_enforcement", FineState.ENFORCEMENT),
    ],
)
async def test_states(open_hall, name, state):
    async with open_hall(name) as hall:
        assert (await hall.client.payable_fine(made(hall))).state is state


@pytest.mark.parametrize("name", ["pay_other_region", "pay_closed", "pay_in_doubt", "pay_strange_code"])
async def test_result_codes_are_handed_on_as_they_came(open_hall, name):
    async with open_hall(name) as hall:
        with pytest.raises(Refused) as no:
            await hall.client.payable_fine(made(hall))
        assert no.value.code == hall.scenario.decisions[0].says


async def test_a_wrong_check_character_and_an_unknown_number(open_hall):
    async with open_hall("pay_road") as hall:
        for number, check, code in ((made(hall), "9", "B2330"), ("330203199999999", "", "unknown_decision")):
            with pytest.raises(Refused) as no:
                await hall.client.payable_fine(number, check)
            assert no.value.code == code


async def test_not_at_the_cashier_yet_and_then_there(open_hall):
    async with open_hall("pay_not_yet") as hall:
        with pytest.raises(Refused) as no:
            await hall.client.payable_fine(made(hall))
        assert no.value.code in SAID["F10"]
        assert (await hall.client.payable_fine(made(hall))).state is FineState.UNPAID


# -- posting ---------------------------------------------------------------------------------------------------------------


async def test_what_is_booked_can_be_asked(open_hall):
    async with open_hall("pay_overdue") as hall:
        fine = await hall.client.payable_fine(made(hall))
        assert await hall.client.find_payment(made(hall)) is None
        await hall.client.post_payment(made(hall), fine.total_fen, "T1", PAID_AT, "k")
        booked = await hall.client.find_payment(made(hall))
        assert booked == BookedPayment(made(hall), "T1", fine.total_fen, dt.datetime.fromisoformat(PAID_AT))
        again = await hall.client.payable_fine(made(hall))
        assert (again.state, again.surcharge_fen) == (FineState.PAID, fine.surcharge_fen)
        with pytest.raises(Refused):
            await hall.client.find_payment("330203199999999")


async def test_a_posting_whose_answer_was_lost_is_found(open_hall):
    async with open_hall("pay_road") as hall:
        fine = await hall.client.payable_fine(made(hall))
        hall.arm("post_payment.drop_after")
        with pytest.raises(GatewayUnavailable):
            await hall.client.post_payment(made(hall), fine.total_fen, "T1", PAID_AT, "k")
        booked = await hall.client.find_payment(made(hall))
        assert booked is not None
        assert (booked.trade_no, booked.amount_fen) == ("T1", fine.total_fen)


async def test_paid_already_by_our_own_trade_is_success(open_hall):
    """A cashier without idempotency answers the repetition with its code for paid fines; by which trade, is asked."""
    async with open_hall("pay_road") as hall:
        fine = await hall.client.payable_fine(made(hall))
        await hall.client.post_payment(made(hall), fine.total_fen, "T1", PAID_AT, "k")
        hall.sim.world.cashier.says_paid_twice = "B2345"
        await hall.client.post_payment(made(hall), fine.total_fen, "T1", PAID_AT, "k")
        for trade, fen in (("T2", fine.total_fen), ("T1", fine.total_fen + 1)):
            with pytest.raises(Refused) as no:
                await hall.client.post_payment(made(hall), fen, trade, PAID_AT, "k")
            assert no.value.code == "B2345"
        assert len(hall.sim.world.books.payments) == 1


# -- the platform's own bills ------------------------------------------------------------------------------------------------


class OtherWallet:
    """Whatever is not a fine goes here."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def create(self, order_no: str, amount_fen: int, subject: str, expires_in: float) -> Code:
        self.asked.append("create")
        return Code(order_no, "other", dt.datetime(2026, 11, 21, 11, tzinfo=SHANGHAI))

    async def charge(self, order_no: str, amount_fen: int, subject: str, payer_code: str, expires_in: float) -> Trade:
        self.asked.append("charge")
        return Trade(order_no, TradeState.CLOSED)

    async def query(self, order_no: str) -> Trade:
        self.asked.append("query")
        return Trade(order_no, TradeState.NOT_FOUND)

    async def close(self, order_no: str) -> Trade:
        self.asked.append("close")
        return Trade(order_no, TradeState.NOT_FOUND)

    async def refund(self, order_no: str, refund_no: str, amount_fen: int) -> Trade:
        self.asked.append("refund")
        return Trade(order_no, TradeState.REFUNDED, amount_fen)


@pytest.fixture
async def billed(open_hall):
    """A hall, its wallet, and the other wallet behind; P… are fines of the scenario's decision, E… fees."""
    async with open_hall("pay_overdue") as hall:
        hall.sim.world.cashier.script = None
        fine = await hall.client.payable_fine(made(hall))

        async def lines_of(order_no: str) -> list[tuple[str, int]]:
            return [(made(hall), fine.total_fen)] if order_no.startswith("P") else []

        other = OtherWallet()
        wallet = FineWallet(other, BillDesk(hall.client.endpoint), lines_of)
        yield hall, wallet, other, fine.total_fen
        await wallet.aclose()


async def test_a_bill_is_paid_and_booked_in_one(billed):
    hall, fines, other, owed = billed
    wallet: Wallet = fines
    code = await wallet.create("P1", owed, "罚款", 120.0)
    assert code.order_no == "P1"
    assert code == await wallet.create("P1", owed, "罚款", 120.0), "the same number gives the same bill"
    assert (await wallet.query("P1")).state is TradeState.WAITING
    assert (await hall.client.payable_fine(made(hall))).state is FineState.PAYING
    hall.sim.control({"do": "pay_bill"})
    trade = await wallet.query("P1")
    assert (trade.state, trade.amount_fen, trade.wallet) == (TradeState.PAID, owed, "platform")
    # The kiosk's own posting afterwards finds it booked by this very trade.
    await hall.client.post_payment(made(hall), owed, trade.trade_no, trade.paid_at.isoformat(), made(hall))
    assert len(hall.sim.world.books.payments) == 1
    assert (await wallet.close("P1")).state is TradeState.PAID, "too late to close"
    assert other.asked == []


async def test_one_decision_has_one_open_bill(billed):
    hall, wallet, _, owed = billed
    await wallet.create("P1", owed, "罚款", 120.0)
    with pytest.raises(Refused) as no:
        await wallet.create("P2", owed, "罚款", 120.0)
    assert no.value.code == "being_paid"
    assert (await wallet.close("P1")).state is TradeState.CLOSED
    assert (await wallet.close("P1")).state is TradeState.CLOSED
    await wallet.create("P2", owed, "罚款", 120.0)
    hall.sim.control({"do": "pay_bill"})
    with pytest.raises(Refused) as no:
        await wallet.create("P3", owed, "罚款", 120.0)
    assert no.value.code == "already_paid"
    with pytest.raises(ValueError, match="no bill waits"):
        hall.sim.control({"do": "pay_bill"})


async def test_money_that_is_taken_and_not_booked_is_still_waiting(billed):
    hall, wallet, _, owed = billed
    await wallet.create("P1", owed, "罚款", 120.0)
    cashier = hall.sim.world.cashier
    cashier._turn(cashier.bill("P1"), "paid", "BILL1", PAID_AT)
    assert (await wallet.query("P1")).state is TradeState.WAITING
    assert (await wallet.close("P1")).state is TradeState.WAITING


async def test_an_answer_that_is_lost_leaves_a_bill_that_can_be_asked_and_closed(billed):
    hall, wallet, _, owed = billed
    hall.arm("make_bill.drop_after")
    with pytest.raises(GatewayUnavailable):
        await wallet.create("P1", owed, "罚款", 120.0)
    assert (await wallet.query("P1")).state is TradeState.WAITING
    assert (await wallet.close("P1")).state is TradeState.CLOSED


async def test_fees_go_to_the_other_wallet_and_so_do_payments_without_a_bill(billed):
    _, wallet, other, _ = billed
    await wallet.create("E1", 6000, "签注费", 120.0)
    await wallet.charge("E1", 6000, "签注费", "285512345678901234", 60.0)
    await wallet.query("E1")
    await wallet.close("E1")
    await wallet.refund("E1", "E1R1", 6000)
    assert other.asked == ["create", "charge", "query", "close", "refund"]
    assert (await wallet.query("P9")).state is TradeState.NOT_FOUND
    assert other.asked[-1] == "query", "it may have been begun before the hall chose bills"


async def test_a_bill_takes_no_payers_code_and_goes_back_by_the_treasury(billed):
    hall, wallet, other, owed = billed
    with pytest.raises(Refused) as no:
        await wallet.charge("P1", owed, "罚款", "285512345678901234", 60.0)
    assert no.value.code == NOT_OFFERED
    await wallet.create("P1", owed, "罚款", 120.0)
    hall.sim.control({"do": "pay_bill"})
    with pytest.raises(Refused) as no:
        await wallet.refund("P1", "P1R1", owed)
    assert no.value.code == REFUND_BY_TREASURY
    assert other.asked == []


async def test_a_bill_of_another_amount_is_not_made(billed):
    hall, wallet, _, owed = billed
    with pytest.raises(ValueError, match="amount"):
        await wallet.create("P1", owed + 1, "罚款", 120.0)
    hall.clock.time += dt.timedelta(days=1)  # another day, another surcharge
    with pytest.raises(Refused) as no:
        await wallet.create("P1", owed, "罚款", 120.0)
    assert no.value.code in SAID["F18"]
    assert hall.sim.world.books.bills == {}
