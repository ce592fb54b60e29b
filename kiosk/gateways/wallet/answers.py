"""Read the body of a verified answer. Strict: money is not guessed from a body that is nearly right.

Every function raises `AnswerError` with a technical sentence that holds no value taken from the body.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from kiosk.ports.clock import SHANGHAI
from kiosk.ports.wallet import Code, Trade, TradeState

_CODE = re.compile(r"[A-Za-z0-9_.]{1,64}")
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")
PAYLOAD_LIMIT = 1024
"""Bytes of UTF-8, well below what a QR symbol holds: a longer code could not be drawn."""
MESSAGE_LIMIT = 200
_MONEY_MOVED = (TradeState.PAID, TradeState.REFUNDED)

Body = dict[str, Any]


class AnswerError(ValueError):
    """A signed body that does not say what the contract says it says."""


def read_json(body: bytes) -> Body:
    """One JSON object in UTF-8, no key twice, no NaN."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except AnswerError:
        raise
    except (ValueError, RecursionError):
        raise AnswerError("the body is not one JSON document") from None
    if not isinstance(value, dict):
        raise AnswerError("the body is not a JSON object")
    return value


def read_refusal(body: Body) -> tuple[str, str]:
    """Code and message of a 4xx answer."""
    code = body.get("code")
    message = body.get("message", "")
    if (
        not isinstance(code, str) or not _CODE.fullmatch(code) or "state" in body
    ):  # the status line is not signed, so the body must say what it is
        raise AnswerError("a refusal without a usable code")
    if not isinstance(message, str):
        raise AnswerError("a refusal whose message is not text")
    return code, "".join(c for c in message if c.isprintable())[:MESSAGE_LIMIT]


def read_trade(body: Body, order_no: str) -> Trade:
    """The trade of an answer to query, close, refund or charge. `Trade.amount_fen` is what was *paid*, as told."""
    if body.get("order_no") != order_no:
        raise AnswerError("the answer is about another order")
    if "code" in body:
        raise AnswerError("a refusal where a trade was expected")
    try:
        state = TradeState(str(body.get("state")))
    except ValueError:
        raise AnswerError("a state that is not in the contract") from None
    if state not in _MONEY_MOVED:
        return Trade(order_no, state, reason=_reason(body))
    amount = _fen(body, "amount_fen")
    if amount == 0:
        raise AnswerError("paid, but nothing was paid")
    trade_no = body.get("trade_no")
    wallet = body.get("wallet")
    if not isinstance(trade_no, str) or not 0 < len(trade_no) <= 64:
        raise AnswerError("paid, but without the wallet's number")
    if not isinstance(wallet, str) or not 0 < len(wallet) <= 32:
        raise AnswerError("paid, but by no wallet")
    back = _fen(body, "refunded_fen") if "refunded_fen" in body else 0
    return Trade(order_no, state, amount, trade_no, _time(body, "paid_at"), wallet, back, _reason(body))


def read_code(body: Body, order_no: str, amount_fen: int) -> Code:
    """The code of an answer to create, made for the amount that was asked.

    A repeated create may find the trade paid; `amount_fen` is then what was paid, and only a query tells that.
    """
    trade = read_trade(body, order_no)
    if trade.state not in _MONEY_MOVED and _fen(body, "amount_fen") != amount_fen:
        raise AnswerError("the trade was opened for another amount")
    payload = body.get("code_payload")
    if not isinstance(payload, str) or not payload.isprintable() or not 0 < len(payload.encode()) <= PAYLOAD_LIMIT:
        raise AnswerError("the trade has no code that can be shown")
    return Code(order_no, payload, _time(body, "expires_at"))


def read_charge(body: Body, order_no: str, amount_fen: int) -> Trade:
    """The trade of an answer to charge. Whoever asked for a charge knows that the number is known by now."""
    trade = read_trade(body, order_no)
    if trade.state is TradeState.NOT_FOUND:
        raise AnswerError("charged, but the order is not known")
    if trade.state not in _MONEY_MOVED and "amount_fen" in body and _fen(body, "amount_fen") != amount_fen:
        raise AnswerError("the trade was opened for another amount")
    return trade


def read_refund(body: Body, order_no: str, refund_no: str, amount_fen: int) -> Trade:
    """The trade after a refund; REFUNDED counts only when the answer names our refund and its whole amount."""
    trade = read_trade(body, order_no)
    if trade.state is TradeState.REFUNDED and (
        body.get("refund_no") != refund_no or _fen(body, "refunded_fen") != amount_fen
    ):
        raise AnswerError("refunded, but not by the refund that was asked")
    return trade


def _reason(body: Body) -> str:
    """It explains a state and never makes one, so that a name of another form is none."""
    reason = body.get("reason")
    return reason if isinstance(reason, str) and _CODE.fullmatch(reason) else ""


def _fen(body: Body, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**12:
        raise AnswerError(f"{name} is not a whole number of fen")
    return value


def _time(body: Body, name: str) -> dt.datetime:
    value = body.get(name)
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise AnswerError(f"{name} is not a time with an offset")
    try:
        return dt.datetime.fromisoformat(value.upper()).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise AnswerError(f"{name} is not a time") from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AnswerError("a key occurs twice")
    return found


def _no_constant(_name: str) -> None:
    raise AnswerError("NaN or Infinity")
