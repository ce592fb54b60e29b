"""The door of the fake WeChat Pay: who asks (the merchant's signature, a fresh timestamp, no nonce twice) and with what.

Written from the published rules and not with the client's code, so that one mistake cannot hide in both.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.front.wechat.fake_keys import FakeKeys
from kiosk.front.wechat.fake_ledger import WalletRefusal
from kiosk.front.wechat.fake_scripts import Operation

_PARAMETER = re.compile(r'([a-z_]+)="([^"]*)"')
_NEEDED = {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}
_NUMBER = re.compile(r"[0-9A-Za-z_|*@-]+")


class Door:
    def __init__(self, keys: FakeKeys) -> None:
        self._keys = keys
        self._nonces: set[tuple[str, str]] = set()

    def admit(self, headers: Mapping[str, str], method: str, target: str, body: bytes, now: float) -> None:
        """Raises WalletRefusal 401 SIGN_ERROR (which WeChat Pay answers without a signature of its own)."""
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        given = dict(_PARAMETER.findall(rest))
        if scheme != "WECHATPAY2-SHA256-RSA2048" or set(given) != _NEEDED:
            raise _sign_error("Http头缺少Accept或User-Agent，或Authorization不合法")
        if not headers.get("accept") or not headers.get("user-agent"):
            raise _sign_error("Http头缺少Accept或User-Agent")
        if given["mchid"] != self._keys.mchid or given["serial_no"].upper() != self._keys.merchant_serial:
            raise _sign_error("商户证书序列号有误")
        if not given["timestamp"].isdigit() or abs(int(given["timestamp"]) - now) > 300:
            raise _sign_error("HTTP头Authorization中的timestamp与发起请求的时间不得超过5分钟")
        if not 1 <= len(given["nonce_str"]) <= 32 or (given["nonce_str"], given["timestamp"]) in self._nonces:
            raise _sign_error("nonce_str重复")
        lines = [method, target, given["timestamp"], given["nonce_str"], body.decode("utf-8")]
        try:
            self._keys.merchant.public_key().verify(
                base64.b64decode(given["signature"], validate=True),
                "".join(line + "\n" for line in lines).encode("utf-8"),
                PKCS1v15(),
                SHA256(),
            )
        except (InvalidSignature, binascii.Error):
            raise _sign_error("签名错误") from None
        self._nonces.add((given["nonce_str"], given["timestamp"]))


def read_request(operation: Operation, headers: Mapping[str, str], body: bytes, keys: FakeKeys) -> dict[str, Any]:
    """The fields of a POST, all there and of the right type and size. Raises WalletRefusal (400)."""
    if headers.get("content-type", "").partition(";")[0] != "application/json":
        raise WalletRefusal(400, "PARAM_ERROR", "Content-Type错误")
    try:
        fields = json.loads(body)
    except ValueError:
        raise WalletRefusal(400, "PARAM_ERROR", "请求体不是合法的JSON") from None
    if not isinstance(fields, dict):
        raise WalletRefusal(400, "PARAM_ERROR", "请求体不是JSON对象")
    if operation is Operation.REFUND:
        _text(fields, "out_trade_no", 32)
        _text(fields, "out_refund_no", 64)
        _fen(fields, "refund")
        _fen(fields, "total")
        return fields
    if fields.get("mchid") != keys.mchid:
        raise WalletRefusal(400, "PARAM_ERROR", "商户号与签名不一致")
    if operation is Operation.CLOSE:
        return fields
    if fields.get("appid") != keys.appid:
        raise WalletRefusal(400, "APPID_MCHID_NOT_MATCH", "AppID和mch_id不匹配")
    if operation is Operation.REVERSE:
        return fields
    _text(fields, "description", 127)
    _text(fields, "out_trade_no", 32)
    _fen(fields, "total")
    scene = fields.get("scene_info")
    if scene is not None and (not isinstance(scene, dict) or len(str(scene.get("device_id", ""))) > 32):
        raise WalletRefusal(400, "PARAM_ERROR", "scene_info错误")
    if operation is Operation.NATIVE:
        notify_url = fields.get("notify_url")
        if not isinstance(notify_url, str) or not notify_url.startswith("http") or "?" in notify_url:
            raise WalletRefusal(400, "PARAM_ERROR", "notify_url错误")
        if scene is not None and not scene.get("payer_client_ip"):
            raise WalletRefusal(400, "PARAM_ERROR", "缺少payer_client_ip")
        _time(fields.get("time_expire"))
    elif scene is None or not isinstance(fields.get("payer"), dict) or not fields["payer"].get("auth_code"):
        raise WalletRefusal(400, "PARAM_ERROR", "缺少auth_code或scene_info")
    return fields


def _text(fields: dict[str, Any], name: str, limit: int) -> None:
    value = fields.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= limit:
        raise WalletRefusal(400, "PARAM_ERROR", f"{name}错误")
    if name.startswith("out_") and not _NUMBER.fullmatch(value):
        raise WalletRefusal(400, "PARAM_ERROR", f"{name}格式错误")


def _fen(fields: dict[str, Any], name: str) -> None:
    amount = fields.get("amount")
    value = amount.get(name) if isinstance(amount, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise WalletRefusal(400, "PARAM_ERROR", f"{name}错误")


def _time(value: Any) -> None:
    try:
        if value is not None and dt.datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
    except (ValueError, TypeError):
        raise WalletRefusal(400, "PARAM_ERROR", "time_expire格式错误") from None


def _sign_error(message: str) -> WalletRefusal:
    return WalletRefusal(401, "SIGN_ERROR", message)
