"""The kiosk charges the code on a payer's phone: what each payer and each fault of the front makes of it, over a real socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.gateways.wallet import answers
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.gateways.wallet.scripts import BEFORE_EFFECT, Fault
from kiosk.ports.wallet import UNDONE, Trade, TradeState
from tests.gateways.wallet.conftest import Hall, Watch

ALIPAY, WECHAT, UNIONPAY = "280000000000000001", "130000000000000002", "6200000000000000003"
DOUBTS = sorted(set(Fault) - {Fault.NONE, Fault.REFUSED})


async def charge(hall: Hall, order_no: str = "NB01P1", code: str = ALIPAY, fen: int = 20000) -> Trade:
    return await hall.client.charge(order_no, fen, "交通违法罚款", code, 60)


@pytest.mark.parametrize(("code", "wallet"), [(ALIPAY, "alipay"), (WECHAT, "wechat"), (UNIONPAY, "unionpay")])
async def test_paid_at_once(hall: Hall, code: str, wallet: str) -> None:
    trade = await charge(hall, code=code)
    assert (trade.state, trade.amount_fen, trade.wallet) == (TradeState.PAID, 20000, wallet)
    assert trade.trade_no.startswith("SIM")
    assert trade.paid_at == hall.clock.now()
    assert await hall.client.query("NB01P1") == trade
    assert hall.front.ledger.totals() == {"NB01P1": 20000}


async def test_password_then_paid(hall: Hall) -> None:
    hall.script(preset="pays", seconds=5)
    assert await charge(hall) == Trade("NB01P1", TradeState.WAITING)
    hall.clock.forward(4)
    assert (await hall.client.query("NB01P1")).state is TradeState.WAITING
    hall.clock.forward(1)
    assert (await hall.client.query("NB01P1")).state is TradeState.PAID


async def test_abandoned_and_said_no(hall: Hall) -> None:
    hall.script(preset="never", payer_code=ALIPAY)
    hall.script(preset="says_no", payer_code=WECHAT)
    await charge(hall, "NB01P1", ALIPAY)
    await charge(hall, "NB01P2", WECHAT)
    hall.clock.forward(60)
    assert await hall.client.query("NB01P1") == Trade("NB01P1", TradeState.CLOSED, reason="abandoned")
    assert await hall.client.query("NB01P2") == Trade("NB01P2", TradeState.CLOSED, reason="payer_cancelled")


@pytest.mark.parametrize(
    ("preset", "code", "reason"),
    [
        ("no_balance", ALIPAY, "insufficient_balance"),
        ("code_expired", WECHAT, "payer_code_expired"),
        ("human", "990000000000000001", "payer_code_invalid"),
    ],
)
async def test_refused_by_name_and_for_good(hall: Hall, preset: str, code: str, reason: str) -> None:
    hall.script(preset=preset)
    with pytest.raises(Refused) as refused:
        await charge(hall, code=code)
    assert refused.value.code == reason
    assert (await hall.client.query("NB01P1")).state is TradeState.CLOSED
    assert hall.front.ledger.totals() == {"NB01P1": 0}


async def test_a_payer_code_is_good_for_one_payment(hall: Hall) -> None:
    await charge(hall, "NB01P1")
    with pytest.raises(Refused) as refused:
        await charge(hall, "NB01P2")
    assert refused.value.code == "payer_code_expired"
    assert sum(hall.front.ledger.totals().values()) == 20000


async def test_the_same_number_never_charges_twice(hall: Hall) -> None:
    first = await charge(hall)
    assert await charge(hall) == first
    for other in ({"code": WECHAT}, {"fen": 10000}):
        with pytest.raises(Refused) as refused:
            await charge(hall, **other)  # type: ignore[arg-type]
        assert refused.value.code == "content_inconsistent"
    assert hall.front.ledger.totals() == {"NB01P1": 20000}


@pytest.mark.parametrize("fault", DOUBTS)
async def test_after_a_doubtful_charge_only_the_next_question_knows(hall: Hall, fault: Fault) -> None:
    hall.script(fault=fault, on="charge", times=1)
    with pytest.raises(GatewayUnavailable):
        await charge(hall)
    happened = await hall.client.query("NB01P1")
    closed = await hall.client.close("NB01P1")
    if fault in BEFORE_EFFECT:
        assert happened.state is TradeState.NOT_FOUND
        assert closed.state is TradeState.CLOSED
    else:
        assert happened.state is closed.state is TradeState.PAID


async def test_a_charge_that_arrives_after_it_was_given_up_charges_nobody(hall: Hall) -> None:
    assert (await hall.client.close("NB01P1")).state is TradeState.CLOSED
    with pytest.raises(Refused) as refused:
        await charge(hall)
    assert refused.value.code == "trade_closed"
    assert hall.front.ledger.totals() == {"NB01P1": 0}


class TestClose:
    async def test_an_unconfirmed_charge_is_undone(self, hall: Hall) -> None:
        hall.script(preset="never")
        await charge(hall)
        assert (await hall.client.close("NB01P1")).state is TradeState.CLOSED

    async def test_not_before_the_wallet_lets_it_be_undone(self, hall: Hall) -> None:
        hall.script(preset="never", undo_after=15)
        await charge(hall, code=WECHAT)
        for _ in range(2):
            with pytest.raises(GatewayUnavailable):
                await hall.client.close("NB01P1")
            hall.clock.forward(7)
        hall.clock.forward(1)
        assert (await hall.client.close("NB01P1")).state is TradeState.CLOSED

    async def test_the_payer_was_faster(self, hall: Hall) -> None:
        hall.script(preset="pays_at_close")
        await charge(hall)
        assert (await hall.client.close("NB01P1")).state is TradeState.PAID

    async def test_confirmed_and_undone_in_one_moment(self, hall: Hall) -> None:
        hall.script(payer="undone_at_close")
        await charge(hall)
        trade = await hall.client.close("NB01P1")
        assert (trade.state, trade.reason) == (TradeState.REFUNDED, UNDONE)
        assert (trade.amount_fen, trade.refunded_fen) == (20000, 20000)
        assert await hall.client.query("NB01P1") == trade
        assert hall.front.ledger.totals() == {"NB01P1": 0}


@pytest.mark.parametrize(
    "code", ["", "28", "28000000000000000x", "２８００００００００００００００", "2" * 25, "28 0000 0000 0000 00"]
)
async def test_what_is_no_payer_code_never_leaves_the_kiosk(hall: Hall, code: str) -> None:
    with pytest.raises(ValueError, match="no payer code") as refused:
        await charge(hall, code=code)
    assert not code or code not in str(refused.value)
    assert hall.front.ledger.entries() == []


async def test_the_front_takes_no_other_form(hall: Hall) -> None:
    for code in ("abc", "2" * 25, 280000000000000001, None):
        fields = {"order_no": "NB01P1", "amount_fen": 1, "subject": "x", "expires_in_s": 60, "terminal_id": "NB01"}
        with pytest.raises(Refused) as refused:
            await hall.client._ask("charge", "/v1/trades/charge", {**fields, "payer_code": code}, answers.read_json)  # type: ignore[arg-type]
        assert refused.value.code in ("bad_request", "payer_code_invalid")
    assert hall.front.ledger.entries() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"order_no": "NB01P2"},
        {"state": "not_found"},
        {"state": "perhaps"},
        {"amount_fen": 1},
        {"state": "paid"},
        {"code": "trade_refused"},
    ],
)
def test_an_answer_that_does_not_fit_is_no_state(changes: dict[str, Any]) -> None:
    with pytest.raises(answers.AnswerError):
        answers.read_charge({"order_no": "NB01P1", "state": "waiting", "amount_fen": 20000, **changes}, "NB01P1", 20000)


def test_a_wrong_amount_is_told_as_it_is_and_a_strange_reason_is_none() -> None:
    body = {"order_no": "A", "state": "closed", "reason": "张三没钱"}
    assert answers.read_charge(body, "A", 5) == Trade("A", TradeState.CLOSED)
    paid = {
        "state": "paid",
        "amount_fen": 4,
        "trade_no": "T",
        "wallet": "alipay",
        "paid_at": "2026-11-21T09:00:00+08:00",
    }
    trade = answers.read_charge({"order_no": "A", **paid}, "A", 5)
    assert (trade.state, trade.amount_fen) == (TradeState.PAID, 4)


async def test_the_payer_code_is_nowhere_afterwards(clock: Watch, hall: Hall, tmp_path: Path) -> None:
    kept = FakeFront(clock, state_file=tmp_path / "books.json")
    kept.ledger.charge("NB01P1", 1, "x", ALIPAY, 60, "NB01")
    kept.control({"do": "script", "preset": "no_balance", "payer_code": WECHAT})
    saved = (tmp_path / "books.json").read_text()
    with capture_logs() as logs:
        await charge(hall)
        hall.script(fault="unsigned")
        with pytest.raises(GatewayUnavailable) as doubt:
            await charge(hall, "NB01P2", WECHAT)
    told = saved + repr(logs) + str(doubt.value) + json.dumps(hall.front.state()) + repr(hall.front.ledger.entries())
    for secret in (ALIPAY, WECHAT):
        assert secret not in told
    again = FakeFront(clock, state_file=tmp_path / "books.json")
    with pytest.raises(Exception, match="insufficient_balance"):
        again.ledger.charge("NB01P2", 1, "x", WECHAT, 60, "NB01")


async def test_two_charges_of_one_code_at_the_same_time(hall: Hall) -> None:
    ends = await asyncio.gather(charge(hall, "NB01P1"), charge(hall, "NB01P2"), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Refused", "Trade"]
    assert sum(hall.front.ledger.totals().values()) == 20000


def test_the_script_by_payer_code_stands_alone(hall: Hall) -> None:
    with pytest.raises(ValueError, match="payer_code"):
        hall.script(preset="pays", payer_code=ALIPAY, order_no="NB01P1")
    with pytest.raises(ValueError, match="refuses"):
        hall.script(refuses="余额不足")
