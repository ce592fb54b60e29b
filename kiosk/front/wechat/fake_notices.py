"""The fake WeChat Pay's signatures and notifications: right ones, and each kind of wrong one."""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.front.wechat.fake_bill import PAYER
from kiosk.front.wechat.fake_keys import FakeKeys, PlatformKey
from kiosk.front.wechat.fake_ledger import FakeOrder, FakeRefund
from kiosk.front.wechat.fake_scripts import Notify
from kiosk.ports.clock import SHANGHAI

_NOBODY: list[rsa.RSAPrivateKey] = []


def signed(key: PlatformKey, body: bytes, now: float, *, age: int = 0, by_nobody: bool = False) -> dict[str, str]:
    """The headers of an answer or notification. The three lines are built here, apart from the client's."""
    timestamp, nonce = str(int(now) - age), secrets.token_hex(16)
    lines = timestamp.encode() + b"\n" + nonce.encode() + b"\n" + body + b"\n"
    signature = (_nobody() if by_nobody else key.private).sign(lines, PKCS1v15(), SHA256())
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": key.serial,
        "Wechatpay-Signature": base64.b64encode(signature).decode("ascii"),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }


def sealed(apiv3_key: str, content: bytes, kind: str) -> dict[str, str]:
    """An envelope of AEAD_AES_256_GCM; `kind` goes in as associated data."""
    nonce = secrets.token_hex(6)
    ciphertext = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), content, kind.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": kind,
        "ciphertext": base64.b64encode(ciphertext).decode("ascii"),
    }


def transaction(order: FakeOrder, keys: FakeKeys, *, terse: bool = False) -> dict[str, Any]:
    """An order as query, codepay and notification tell it. While the payer types, WeChat Pay tells the state and nothing else.

    `terse`: a reversed order is told without what had been paid.
    """
    if order.state == "USERPAYING":
        return {"trade_state": "USERPAYING"}
    told: dict[str, Any] = {
        "appid": keys.appid,
        "mchid": keys.mchid,
        "out_trade_no": order.number,
        "attach": "",
        "trade_type": order.kind,
        "trade_state": order.state,
        "trade_state_desc": "支付成功" if order.state == "SUCCESS" else "订单状态",
        "payer": {},
        "amount": {"total": order.paid_fen or order.asked_fen, "currency": "CNY"},
    }
    if order.paid_at is not None and not (terse and order.state == "REVOKED"):
        told |= {
            "transaction_id": order.trade_no,
            "bank_type": "OTHERS",
            "success_time": rfc3339(order.paid_at),
            "payer": {"openid": PAYER},
        }
        told["amount"] |= {"payer_total": order.paid_fen, "payer_currency": "CNY"}
    return told


def refund_told(order: FakeOrder, refund: FakeRefund, now: float) -> dict[str, Any]:
    state = refund.state(now)
    told: dict[str, Any] = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.refund_no,
        "transaction_id": order.trade_no,
        "out_trade_no": order.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(refund.created),
        "status": state,
        "funds_account": "UNSETTLED",
        "amount": {
            "total": order.paid_fen,
            "refund": refund.fen,
            "payer_total": order.paid_fen,
            "payer_refund": refund.fen,
            "settlement_refund": refund.fen,
            "settlement_total": order.paid_fen,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }
    if state == "SUCCESS":
        told["success_time"] = rfc3339(refund.ends_at)
    return told


def notification(
    order: FakeOrder, keys: FakeKeys, key: PlatformKey, now: float, kind: Notify, refund_no: str = ""
) -> tuple[dict[str, str], bytes]:
    """Headers and body of one notification of a payment, or (with `refund_no`) of a refund."""
    if refund_no:
        told = refund_told(order, order.refunds[refund_no], now)
        event = f"REFUND.{told['status']}"
        told = {name: told[name] for name in ("out_trade_no", "transaction_id", "refund_id", "out_refund_no", "amount")}
        told |= {"mchid": keys.mchid, "refund_status": event.partition(".")[2], "user_received_account": "支付用户零钱"}
    else:
        told, event = transaction(order, keys), "TRANSACTION.SUCCESS"
    if kind is Notify.OTHER_MERCHANT:
        told["mchid"] = "1900009999"
    if kind is Notify.WRONG_AMOUNT:
        told["amount"] = {**told["amount"], "total": told["amount"]["total"] - 1}
    apiv3_key = "0" * 32 if kind is Notify.OTHER_APIV3_KEY else keys.apiv3_key
    body = json.dumps(
        {
            "id": secrets.token_hex(16),
            "create_time": rfc3339(now),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": "支付成功",
            "resource": {
                "original_type": "refund" if refund_no else "transaction",
                **sealed(
                    apiv3_key,
                    json.dumps(told, ensure_ascii=False).encode(),
                    "refund" if refund_no else "transaction",
                ),
            },
        },
        ensure_ascii=False,
    ).encode()
    headers = signed(key, body, now, age=600 if kind is Notify.STALE else 0, by_nobody=kind is Notify.FORGED)
    if kind is Notify.UNSIGNED:
        headers = {}
    elif kind is Notify.PROBE:
        headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]
    elif kind is Notify.CHANGED:
        body = body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.SUCCES5")
    return {**headers, "Content-Type": "application/json"}, body


def rfc3339(at: float) -> str:
    return dt.datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")


def _nobody() -> rsa.RSAPrivateKey:
    """A key that nobody trusts, made when the first forgery needs it."""
    if not _NOBODY:
        _NOBODY.append(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return _NOBODY[0]
