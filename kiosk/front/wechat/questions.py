"""What WeChat Pay is asked: the members of requests, and numbers as they stand in paths. Errors never quote what was given."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import quote, urlsplit

from kiosk.front.channel import Order, Refund
from kiosk.front.wechat.settings import WeChatPay
from kiosk.ports.clock import SHANGHAI

SHORTEST = dt.timedelta(minutes=1)
"""An order's life may not be shorter."""
_ORDER_NO = re.compile(r"[0-9A-Za-z_*-]{1,32}")
_REFUND_NO = re.compile(r"[0-9A-Za-z_|*@-]{1,64}")


def order_path(number: str, action: str = "") -> str:
    """Raises ValueError for a number that WeChat Pay does not take."""
    return f"/v3/pay/transactions/out-trade-no/{quote(_order_no(number), safe='')}{action}"


def refund_path(refund_no: str) -> str:
    """Raises ValueError."""
    return f"/v3/refund/domestic/refunds/{quote(_refund_no(refund_no), safe='')}"


def native(order: Order, settings: WeChatPay, now: dt.datetime) -> dict[str, Any]:
    """Raises ValueError. Asked again until a minute before the order's end, it is the same to the byte."""
    expires_at = max(order.expires_at, now + SHORTEST).astimezone(SHANGHAI)
    store = {"store_info": {"id": settings.store_id}} if settings.store_id else {}
    return _order(order, settings) | {
        "time_expire": expires_at.isoformat(timespec="seconds"),
        "notify_url": settings.notify_url,
        "scene_info": _scene(order, settings, "payer_client_ip") | store,
    }


def codepay(order: Order, settings: WeChatPay, payer_code: str) -> dict[str, Any]:
    """Raises ValueError. Here the merchant's own number of a shop is `out_id`; `id` would be WeChat Pay's."""
    store = {"store_info": {"out_id": settings.store_id or _cut(order.terminal_id, 32)}}
    return _order(order, settings) | {
        "payer": {"auth_code": payer_code},
        "scene_info": _scene(order, settings, "device_ip") | store,
    }


def refund(wanted: Refund) -> dict[str, Any]:
    """Raises ValueError."""
    fields: dict[str, Any] = {
        "out_trade_no": _order_no(wanted.number),
        "out_refund_no": _refund_no(wanted.refund_no),
        "amount": {"refund": wanted.fen, "total": wanted.paid_fen, "currency": "CNY"},
    }
    if not 0 < wanted.fen <= wanted.paid_fen:
        raise ValueError("a refund needs an amount above zero, not above what was paid")
    return fields | ({"reason": _cut(wanted.reason, 80)} if wanted.reason else {})


def link_target(download_url: str) -> str:
    """Path and query of a bill's link. Its host is not followed: the file is asked of the hosts in the settings. Raises ValueError."""
    parts = urlsplit(download_url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    if not target.startswith("/") or not re.fullmatch(r"[!-~]{1,2048}", target):
        raise ValueError("a link that leads nowhere")
    return target


def _order(order: Order, settings: WeChatPay) -> dict[str, Any]:
    if order.fen <= 0:
        raise ValueError("an order needs an amount above zero")
    return {
        "appid": settings.appid,
        "mchid": settings.mchid,
        "description": _cut(order.subject, 127),
        "out_trade_no": _order_no(order.number),
        "amount": {"total": order.fen, "currency": "CNY"},
    }


def _scene(order: Order, settings: WeChatPay, address: str) -> dict[str, Any]:
    """`address`: what this interface calls the terminal's. 银发〔2021〕259号: a payment names its registered terminal."""
    return {address: settings.device_ip, "device_id": _cut(order.terminal_id, 32)}


def _order_no(number: str) -> str:
    if not _ORDER_NO.fullmatch(number):
        raise ValueError("an order number has a form that WeChat Pay does not take")
    return number


def _refund_no(number: str) -> str:
    if not _REFUND_NO.fullmatch(number):
        raise ValueError("a refund number has a form that WeChat Pay does not take")
    return number


def _cut(text: str, limit: int) -> str:
    """At most `limit` bytes in UTF-8, whole characters."""
    return text.encode()[:limit].decode(errors="ignore")
