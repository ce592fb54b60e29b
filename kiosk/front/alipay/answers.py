"""Read a verified answer. Strict: money is not guessed from an answer that is nearly right.

Every function raises `AnswerError` with a technical sentence that holds no value taken from the answer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.front.alipay import amounts
from kiosk.front.channel import RefundStanding, RefundState, Standing, State
from kiosk.ports.clock import SHANGHAI

PAYLOAD_LIMIT = 1024
TRADE_NO_LIMIT = 64
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?", re.ASCII)
_STATES = {
    # The trade exists, so somebody scanned the code or was charged, and is asked to confirm.
    "WAIT_BUYER_PAY": State.PAYING,
    "TRADE_SUCCESS": State.PAID,
    "TRADE_FINISHED": State.PAID,
    "TRADE_CLOSED": State.CLOSED,
}
_MONEY_FIELDS = ("buyer_pay_amount", "receipt_amount", "refund_fee", "refund_amount", "send_back_fee")
_TIME_FIELDS = ("send_pay_date", "gmt_payment", "gmt_refund", "gmt_refund_pay")
_REFUND_DONE = ("", "REFUND_SUCCESS")


class AnswerError(ValueError):
    """An answer that does not say what it must say."""


@dataclass(frozen=True, slots=True)
class Told:
    """A verified answer: the gateway's code, the reason, and all members."""

    code: str
    sub_code: str
    members: Mapping[str, Any] = field(repr=False)

    def text(self, name: str) -> str:
        """Empty when the member is absent or null."""
        value = self.members.get(name, "")
        if value is None:
            return ""
        if not isinstance(value, str):
            raise AnswerError(f"{name} is not text")
        return value

    @property
    def detail(self) -> str:
        return self.sub_code or self.code


def told(members: Mapping[str, Any]) -> Told:
    found = Told(code_in(members, "code"), code_in(members, "sub_code"), members)
    if not found.code:
        raise AnswerError("an answer without a code")
    return found


def code_in(members: Mapping[str, Any], name: str) -> str:
    """A code that is fit for a log, or nothing."""
    value = members.get(name)
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def about(answer: Told, number: str, *, needed: bool = True) -> None:
    """Raises AnswerError when the answer is about another order."""
    found = answer.text("out_trade_no")
    if found != number and (found or needed):
        raise AnswerError("the answer is about another order")


def trade_no(answer: Told, number: str) -> str:
    """Alipay's own number of our order; empty before there is one."""
    about(answer, number)
    found = answer.text("trade_no")
    if len(found) > TRADE_NO_LIMIT or not found.isprintable():
        raise AnswerError("a trade_no of another form")
    return found


def qr_code(answer: Told, number: str) -> str:
    about(answer, number)
    payload = answer.text("qr_code")
    if not payload or not payload.isprintable() or len(payload.encode()) > PAYLOAD_LIMIT:
        raise AnswerError("no code that could be drawn")
    return payload


def standing(answer: Told, number: str) -> Standing:
    """How a trade stands, from an answer to query or from a notification (both name the order and its trade_status).

    TRADE_CLOSED is said of trades that nobody paid and of those that were paid back whole. What tells them apart are the traces of
    a payment: its time, an amount above zero, or a refund.
    """
    status = answer.text("trade_status")
    state = _STATES.get(status)
    if state is None:
        raise AnswerError("a trade_status that is not documented")
    if state is State.CLOSED and _was_paid(answer):
        state = State.REFUNDED
    own_no = trade_no(answer, number)
    if state not in (State.PAID, State.REFUNDED):
        return Standing(number, state, trade_no=own_no, detail=status)
    total = fen(answer, "total_amount")
    if not own_no or total == 0:
        raise AnswerError("paid, but without trade_no or amount")
    back = total if state is State.REFUNDED else fen(answer, "refund_fee", needed=False)
    return Standing(number, state, total, own_no, _paid_at(answer), min(back, total), status)


def is_bare(answer: Told) -> bool:
    """Whether an answer with TRADE_CLOSED has none of the fields by which a payment could be told."""
    return not any(name in answer.members for name in (*_MONEY_FIELDS, *_TIME_FIELDS))


def refund_standing(answer: Told, number: str, refund_no: str) -> RefundStanding:
    """`code` 10000 says only that the question was understood. The refund is there when the answer holds its data."""
    text = answer.text("refund_amount")
    about(answer, number, needed=bool(text))
    if not text:
        return RefundStanding(refund_no, RefundState.NOT_FOUND, detail=answer.detail)
    if answer.text("out_request_no") != refund_no:
        raise AnswerError("the answer is about another refund")
    status = code_in(answer.members, "refund_status")
    if status not in _REFUND_DONE or (not status and answer.members.get("refund_status")):
        state = RefundState.ABNORMAL if status.endswith(("FAIL", "FAILED", "CLOSED")) else RefundState.PROCESSING
        return RefundStanding(refund_no, state, detail=status)
    return RefundStanding(refund_no, RefundState.DONE, fen(answer, "refund_amount"), status or answer.code)


def fen(answer: Told, name: str, *, needed: bool = True) -> int:
    text = answer.text(name)
    if not text and not needed:
        return 0
    try:
        return amounts.fen(text)
    except ValueError:
        raise AnswerError(f"{name} is not an amount") from None


def time(text: str) -> dt.datetime:
    """Alipay's local time, which is Beijing's."""
    if not _TIME.fullmatch(text):
        raise AnswerError("a time of another form")
    try:
        return dt.datetime.fromisoformat(text).replace(microsecond=0, tzinfo=SHANGHAI)
    except ValueError:
        raise AnswerError("a time that does not exist") from None


def _was_paid(answer: Told) -> bool:
    if any(answer.text(name) for name in _TIME_FIELDS):
        return True
    return any(fen(answer, name, needed=False) > 0 for name in _MONEY_FIELDS)


def _paid_at(answer: Told) -> dt.datetime | None:
    text = answer.text("send_pay_date") or answer.text("gmt_payment")
    return time(text) if text else None
