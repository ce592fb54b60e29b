"""Read the body of a verified answer of the acquirer. Strict: money is not guessed from a body that is nearly right.

Every function raises `AnswerError` with a technical sentence that holds no value taken from the body.
"""

from __future__ import annotations

import datetime as dt
import re

from kiosk.front.channel import RefundStanding, RefundState, Standing, State
from kiosk.gateways.wallet.answers import PAYLOAD_LIMIT, AnswerError, Body
from kiosk.ports.bills import BillKind, BillRow
from kiosk.ports.clock import SHANGHAI

_CODE = re.compile(r"[A-Za-z0-9_.]{1,64}")
_DETAIL = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,32}")
_STATES = {state.value: state for state in State if state is not State.NOT_FOUND}


def refusal(body: Body) -> tuple[str, str]:
    code, message = body.get("code"), body.get("message", "")
    if not isinstance(code, str) or not _CODE.fullmatch(code) or "state" in body or not isinstance(message, str):
        raise AnswerError("a refusal without a usable code")
    return code, "".join(c for c in message if c.isprintable())[:200]


def order(body: Body, number: str) -> Standing:
    if body.get("order_no") != number or not _NUMBER.fullmatch(number):
        raise AnswerError("the answer is about another order")
    state = _STATES.get(str(body.get("state")))
    if state is None:
        raise AnswerError("a state that is not in the contract")
    detail = _detail(body)
    if state not in (State.PAID, State.REFUNDED):
        return Standing(number, state, detail=detail)
    fen = _fen(body, "paid_fen")
    if fen == 0:
        raise AnswerError("paid, but nothing was paid")
    back = _fen(body, "refunded_fen") if "refunded_fen" in body else 0
    return Standing(number, state, fen, _text(body, "trade_no", 64), _time(body, "paid_at"), back, detail)


def payload(body: Body) -> str:
    text = _text(body, "payload", 1024)
    if not text.isprintable() or len(text.encode()) > PAYLOAD_LIMIT:
        raise AnswerError("the order has no code that can be shown")
    return text


def refund(body: Body, refund_no: str) -> RefundStanding:
    if body.get("refund_no") != refund_no:
        raise AnswerError("the answer is about another refund")
    state = body.get("state")
    if state not in ("processing", "done", "abnormal"):
        raise AnswerError("a refund's state that is not in the contract")
    fen = _fen(body, "amount_fen") if state == "done" or "amount_fen" in body else 0
    return RefundStanding(refund_no, RefundState(state), fen, _detail(body))


def bill(body: Body, day: dt.date, page: int, wallet: str) -> tuple[int, list[BillRow]]:
    """How many pages there are, and the rows of this one."""
    if body.get("day") != day.isoformat() or body.get("page") != page:
        raise AnswerError("the bill is of another day or page")
    pages, rows = body.get("pages"), body.get("rows")
    if not isinstance(pages, int) or isinstance(pages, bool) or pages < page or not isinstance(rows, list):
        raise AnswerError("a bill without pages or rows")
    return pages, [_row(row, wallet) for row in rows]


def _row(row: object, wallet: str) -> BillRow:
    if not isinstance(row, dict):
        raise AnswerError("a row that is not an object")
    kind, refund_no = row.get("kind"), row.get("refund_no", "")
    if kind not in ("paid", "refund") or not isinstance(refund_no, str) or len(refund_no) > 64:
        raise AnswerError("a row of another kind")
    return BillRow(
        BillKind(kind),
        _text(row, "order_no", 64),
        _text(row, "trade_no", 64),
        _fen(row, "amount_fen"),
        _time(row, "at"),
        wallet,
        refund_no,
        _fen(row, "fee_fen") if "fee_fen" in row else 0,
    )


def _detail(body: Body) -> str:
    detail = body.get("detail", "")
    return detail if isinstance(detail, str) and _DETAIL.fullmatch(detail) else ""


def _text(body: Body, name: str, limit: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        raise AnswerError(f"{name} is missing or too long")
    return value


def _fen(body: Body, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10**10:
        raise AnswerError(f"{name} is not a whole number of fen")
    return value


def _time(body: Body, name: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(str(body.get(name)))
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise AnswerError(f"{name} is not a time with an offset") from None
