"""What WeChat Pay's bodies say, as the front's own words. Every error is a ValueError that names the member, never its value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from config.zone import SHANGHAI
from kiosk.front.channel import RefundStanding, RefundState, Standing, State
from kiosk.gateways.rest import Message, read

Fen = Annotated[int, Field(ge=0, le=10**11)]
Number = Annotated[str, Field(max_length=64)]

_STATES: Mapping[str, State] = {
    "SUCCESS": State.PAID,
    "REFUND": State.REFUNDED,
    "NOTPAY": State.WAITING,
    "CLOSED": State.CLOSED,
    "REVOKED": State.CLOSED,
    "USERPAYING": State.PAYING,
    "ACCEPT": State.PAYING,
    "PAYERROR": State.CLOSED,
}
_REFUNDS: Mapping[str, RefundState] = {
    "SUCCESS": RefundState.DONE,
    "PROCESSING": RefundState.PROCESSING,
    "ABNORMAL": RefundState.ABNORMAL,
    "CLOSED": RefundState.ABNORMAL,
}


class Amount(Message):
    total: Fen
    currency: str = "CNY"


class RefundAmount(Message):
    total: Fen
    refund: Fen
    currency: str = "CNY"


class Transaction(Message):
    """An order as a query, a charge and a notification tell it. While the payer confirms, the state may be all there is."""

    trade_state: Annotated[str, Field(max_length=32)]
    out_trade_no: Number | None = None
    mchid: Number | None = None
    appid: Number | None = None
    transaction_id: Number | None = None
    success_time: Number | None = None
    amount: Amount | None = None


class RefundAnswer(Message):
    out_refund_no: Number
    out_trade_no: Number
    status: Annotated[str, Field(max_length=32)]
    amount: RefundAmount


class RefundNotice(Message):
    mchid: Number | None = None
    out_trade_no: Number
    out_refund_no: Number
    transaction_id: Number | None = None
    refund_status: Annotated[str, Field(max_length=32)]
    amount: RefundAmount


class CodeUrl(Message):
    code_url: Annotated[str, Field(min_length=1, max_length=512)]


class Link(Message):
    download_url: Annotated[str, Field(min_length=1, max_length=2048)]
    hash_type: str
    hash_value: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{40}$")]


class Problem(Message):
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    message: Annotated[str, Field(max_length=2000)] = ""


def problem(body: bytes) -> Problem | None:
    """The error in a body; None when it holds none."""
    try:
        return read(Problem, body)
    except ValueError:
        return None


def standing(body: bytes, number: str, mchid: str, appid: str) -> Standing:
    """An answer about the order `number`."""
    order = read(Transaction, body)
    state = _STATES.get(order.trade_state)
    if state is State.PAYING:
        # Nothing more need be told then, but what is told must fit.
        _about(order, number, mchid, appid, whole=False)
        return Standing(number, state, detail=order.trade_state)
    _about(order, number, mchid, appid, whole=True)
    return order_standing(order, number)


def order_standing(order: Transaction, number: str) -> Standing:
    """An order's state. A reversed order that bears a time of payment was paid, and all of it went back."""
    state = _STATES.get(order.trade_state)
    if state is None:
        raise ValueError("member trade_state: a state nobody knows")
    paid_at = moment(order.success_time) if order.success_time else None
    if order.trade_state == "REVOKED" and paid_at is not None:
        state = State.REFUNDED
    if state not in (State.PAID, State.REFUNDED):
        return Standing(number, state, detail=order.trade_state)
    fen = _yuan(order.amount)
    if not order.transaction_id:
        raise ValueError("member transaction_id: missing")
    # REFUND means that some refund was taken on, not how much of it: the refund's own query tells that.
    back = fen if order.trade_state == "REVOKED" else 0
    return Standing(number, state, fen, order.transaction_id, paid_at, back, order.trade_state)


def refund_standing(body: bytes, number: str, refund_no: str, fen: int) -> RefundStanding:
    said = read(RefundAnswer, body)
    if said.out_refund_no != refund_no or said.out_trade_no != number:
        raise ValueError("the answer is about another refund than the one asked for")
    if said.amount.refund != fen or said.amount.currency != "CNY":
        raise ValueError("the answer is about another amount than the one asked for")
    state = _REFUNDS.get(said.status)
    if state is None:
        raise ValueError("member status: a state nobody knows")
    return RefundStanding(refund_no, state, said.amount.refund, said.status)


def refund_notice(body: bytes, mchid: str) -> Standing:
    """A refund's notification, as the standing of its order: PAID while not all of it went back."""
    said = read(RefundNotice, body)
    if said.mchid != mchid:
        raise ValueError("another merchant's")
    done = _REFUNDS.get(said.refund_status) is RefundState.DONE
    back = said.amount.refund if done else 0
    state = State.REFUNDED if done and back == said.amount.total else State.PAID
    detail = f"REFUND.{said.refund_status}" if said.refund_status in _REFUNDS else "REFUND"
    return Standing(
        said.out_trade_no, state, said.amount.total, said.transaction_id or "", refunded_fen=back, detail=detail
    )


def moment(text: str) -> dt.datetime:
    """RFC 3339, told in Asia/Shanghai. Raises ValueError."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time that is not RFC 3339") from None
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(SHANGHAI)


def _about(order: Transaction, number: str, mchid: str, appid: str, *, whole: bool) -> None:
    told = ((order.out_trade_no, number), (order.mchid, mchid), (order.appid, appid))
    if whole and order.out_trade_no is None:
        raise ValueError("member out_trade_no: missing")
    if any(said is not None and said != asked for said, asked in told):
        raise ValueError("the answer is about another order than the one asked for")


def _yuan(amount: Amount | None) -> int:
    """Integer fen of a payment in yuan."""
    if amount is None or amount.total < 1:
        raise ValueError("member amount: missing")
    if amount.currency != "CNY":
        raise ValueError("member amount: another currency")
    return amount.total
