"""Bodies, right and wrong, as the front's words: pure reading, no wire."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.front.channel import RefundState, State
from kiosk.front.wechat import answers
from kiosk.ports.clock import SHANGHAI

PAID: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1230000109",
    "out_trade_no": "1217752501201407033233368018",
    "transaction_id": "1217752501201407033233368018",
    "trade_type": "MICROPAY",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "CMC",
    "attach": "自定义数据",
    "success_time": "2018-06-08T10:34:56+08:00",
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 100, "payer_total": 90, "currency": "CNY", "payer_currency": "CNY"},
    "scene_info": {"device_id": "013467007045764"},
    "promotion_detail": [{"coupon_id": "109519", "amount": 10}],
}
REFUND: dict[str, Any] = {
    "refund_id": "50000000382019052709732678859",
    "out_refund_no": "1217752501201407033233368018",
    "transaction_id": "1217752501201407033233368018",
    "out_trade_no": "1217752501201407033233368018",
    "channel": "ORIGINAL",
    "user_received_account": "招商银行信用卡0403",
    "create_time": "2020-12-01T16:18:12+08:00",
    "status": "SUCCESS",
    "amount": {"total": 100, "refund": 100, "payer_total": 90, "payer_refund": 90, "currency": "CNY"},
}
NUMBER = PAID["out_trade_no"]


def _standing(body: dict[str, Any]) -> Any:
    return answers.standing(json.dumps(body).encode(), NUMBER, "1230000109", "wxd678efh567hg6787")


def _refund(body: dict[str, Any]) -> Any:
    return answers.refund_standing(json.dumps(body).encode(), NUMBER, REFUND["out_refund_no"], 100)


def test_a_published_answer_is_read() -> None:
    paid = _standing(PAID)
    assert (paid.state, paid.fen, paid.trade_no) == (State.PAID, 100, PAID["transaction_id"])
    assert paid.paid_at == dt.datetime(2018, 6, 8, 10, 34, 56, tzinfo=SHANGHAI)
    assert _standing({**PAID, "success_time": "2018-06-08T02:34:56Z"}).paid_at == paid.paid_at


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("SUCCESS", State.PAID),
        ("REFUND", State.REFUNDED),
        ("NOTPAY", State.WAITING),
        ("CLOSED", State.CLOSED),
        ("USERPAYING", State.PAYING),
        ("ACCEPT", State.PAYING),
        ("PAYERROR", State.CLOSED),
    ],
)
def test_every_published_state_has_its_own(said: str, state: State) -> None:
    standing = _standing({**PAID, "trade_state": said})
    assert (standing.state, standing.detail) == (state, said)
    assert standing.fen == (100 if state in (State.PAID, State.REFUNDED) else 0)


def test_a_reversed_order_was_paid_when_it_bears_a_time_of_payment() -> None:
    revoked = {**PAID, "trade_state": "REVOKED"}
    assert (_standing(revoked).state, _standing(revoked).refunded_fen) == (State.REFUNDED, 100)
    del revoked["success_time"]
    assert (_standing(revoked).state, _standing(revoked).fen) == (State.CLOSED, 0)


def test_while_the_payer_types_the_state_may_be_all_there_is() -> None:
    assert _standing({"trade_state": "USERPAYING"}).state is State.PAYING
    with pytest.raises(ValueError):
        _standing({"trade_state": "NOTPAY"})
    with pytest.raises(ValueError):
        _standing({"trade_state": "USERPAYING", "out_trade_no": "another"})


@pytest.mark.parametrize(
    "change",
    [
        {"out_trade_no": "another"},
        {"out_trade_no": None},
        {"mchid": "1900000109"},
        {"appid": "wx0"},
        {"trade_state": "PERHAPS"},
        {"trade_state": None},
        {"transaction_id": None},
        {"transaction_id": ""},
        {"success_time": "2018-06-08 10:34:56"},
        {"success_time": "2018-06-08T10:34:56"},
        {"amount": None},
        {"amount": {"total": "100", "currency": "CNY"}},
        {"amount": {"total": 1.0, "currency": "CNY"}},
        {"amount": {"total": True, "currency": "CNY"}},
        {"amount": {"total": 0, "currency": "CNY"}},
        {"amount": {"total": -100, "currency": "CNY"}},
        {"amount": {"total": 100, "currency": "USD"}},
    ],
)
def test_an_answer_that_does_not_fit_never_makes_an_order_paid(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:
        _standing({**PAID, **change})
    assert "oUpF8uMuAJO" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, RefundState.DONE),
        ({"status": "PROCESSING"}, RefundState.PROCESSING),
        ({"status": "ABNORMAL"}, RefundState.ABNORMAL),
        ({"status": "CLOSED"}, RefundState.ABNORMAL),
        ({"status": "PERHAPS"}, None),
        ({"out_trade_no": "another"}, None),
        ({"out_refund_no": "another"}, None),
        ({"amount": {"total": 100, "refund": 99, "currency": "CNY"}}, None),
        ({"amount": {"total": 100, "refund": 100, "currency": "USD"}}, None),
    ],
)
def test_a_refunds_answer_is_read_or_not_believed(change: dict[str, Any], state: RefundState | None) -> None:
    if state is None:
        with pytest.raises(ValueError):
            _refund({**REFUND, **change})
    else:
        assert _refund({**REFUND, **change}).state is state


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PAID, *REFUND]), inner, max_size=6),
    max_leaves=12,
)


@given(_JSON, st.binary(max_size=60))
def test_nothing_but_a_value_error_comes_of_rubbish(value: Any, junk: bytes) -> None:
    for body in (json.dumps(value).encode(), junk):
        for read in (
            lambda body=body: answers.standing(body, NUMBER, "1230000109", "wx"),
            lambda body=body: answers.refund_standing(body, NUMBER, "R1", 100),
            lambda body=body: answers.refund_notice(body, "1230000109"),
        ):
            try:
                said = read()
            except ValueError:
                continue
            assert said.state in (State.PAYING,)
