"""Believe or disbelieve a notification: Alipay's form POST to the front's public address.

It is repeated (about 8 times in 25 hours, until the answer is the seven letters `success`), comes late, twice, or in another order
than things happened; so it is evidence and a reason to look, never an order of events. That `out_trade_no` and `total_amount` are
ours is for the front to check: it has the order.
"""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl

from kiosk.front.alipay import signing
from kiosk.front.alipay.account import Account
from kiosk.front.alipay.answers import AnswerError, Told, standing, time
from kiosk.front.channel import Forged, Notice

BODY_LIMIT = 64 * 1024
FIELDS_LIMIT = 200
REPEATED_FOR = dt.timedelta(hours=26)
"""The last repetition comes 25 hours after the first try."""
AHEAD = dt.timedelta(minutes=5)
"""How far Alipay's clock may be ahead of ours."""


def read_notice(account: Account, body: bytes, now: dt.datetime) -> Notice:
    """Raises Forged with a sentence that holds no value of the notification."""
    fields = _fields(body)
    if fields.get("sign_type") != signing.SIGN_TYPE or not fields.get("sign"):
        raise Forged("not signed by RSA2")
    if not signing.verify(account.alipay_keys, signing.notice_bytes(fields), fields["sign"]):
        raise Forged("the signature is wrong, or made with a key of Alipay that is not configured")
    if fields.get("app_id") != account.app_id:
        raise Forged("for another application")
    if fields.get("seller_id") != account.seller_id:
        raise Forged("for another seller")
    try:
        sent = time(fields.get("notify_time", ""))
        number = fields.get("out_trade_no", "")
        if not number:
            raise AnswerError("no out_trade_no")
        told = Told("", fields.get("trade_status", ""), fields)
        found = standing(told, number)
    except AnswerError as error:
        raise Forged(str(error)) from None
    if not now - REPEATED_FOR <= sent <= now + AHEAD:
        raise Forged("sent long ago, or one of the two clocks is wrong")
    return Notice(found)


def _fields(body: bytes) -> dict[str, str]:
    if len(body) > BODY_LIMIT:
        raise Forged("too large")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=FIELDS_LIMIT,
        )
    except (ValueError, UnicodeDecodeError):
        raise Forged("not a form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Forged("a field twice")
    return fields
