"""WeChat Pay's notifications: signed like answers, and what they tell is sealed with the merchant's APIv3 key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kiosk.front.channel import Forged, Notice, Standing
from kiosk.front.wechat import answers
from kiosk.front.wechat.keys import Keyring
from kiosk.front.wechat.wire import Merchant, NotSigned, verify
from kiosk.gateways.rest import Message, read


class _Resource(Message):
    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""


class _Event(Message):
    event_type: str
    resource: _Resource


def read_notice(
    keyring: Keyring, merchant: Merchant, headers: Mapping[str, str], body: bytes, now: dt.datetime
) -> Notice:
    """A payment's notification, or a refund's. Raises Forged. Header names are lower case."""
    try:
        verify(keyring, headers, body, now)
        event = read(_Event, body)
        sealed = event.resource
        content = keyring.unseal(sealed.algorithm, sealed.nonce, sealed.associated_data, sealed.ciphertext)
        return Notice(_standing(event.event_type, content, merchant))
    except NotSigned as why:
        raise Forged(str(why)) from None
    except ValueError as error:
        raise Forged(f"a notification that is not for us: {error}") from None


def _standing(kind: str, content: bytes, merchant: Merchant) -> Standing:
    if kind.startswith("REFUND."):
        return answers.refund_notice(content, merchant.mchid)
    order = read(answers.Transaction, content)
    if order.mchid != merchant.mchid or order.appid != merchant.appid or not order.out_trade_no:
        raise ValueError("another merchant's")
    return answers.order_standing(order, order.out_trade_no)
