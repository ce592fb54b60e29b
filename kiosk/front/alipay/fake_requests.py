"""The fake gateway's door: which requests it believes, as strict as the documents say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kiosk.front.alipay import signing
from kiosk.ports.clock import SHANGHAI

CLOCKS_APART = 600.0
_NEEDED = ("app_id", "method", "charset", "sign_type", "sign", "timestamp", "version", "biz_content")
_MESSAGES = {
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40006": "Insufficient Permissions",
    "20000": "Service Currently Unavailable",
}


class GateNo(Exception):
    """What the gateway says before any business: its code, sub_code and sentence."""

    def __init__(self, code: str, sub_code: str, sub_msg: str) -> None:
        super().__init__(sub_code)
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    content: Mapping[str, Any] = field(repr=False)
    notify_url: str = ""
    with_certificates: bool = False
    base: str = ""
    """The address by which the gateway was reached."""


@dataclass(frozen=True, slots=True)
class Merchant:
    app_id: str
    seller_id: str
    key: RSAPublicKey = field(repr=False)


def failure(no: GateNo) -> dict[str, Any]:
    return {"code": no.code, "msg": _MESSAGES[no.code], "sub_code": no.sub_code, "sub_msg": no.sub_msg}


def read_request(query: bytes, body: bytes, merchants: Mapping[str, Merchant], now: float, base: str) -> Asked:
    """Parameters may come in the address, in the body, or in both. Raises GateNo."""
    fields: dict[str, str] = {}
    try:
        for part in (query, body):
            fields.update(parse_qsl(part.decode("ascii"), keep_blank_values=True, strict_parsing=bool(part)))
    except (ValueError, UnicodeDecodeError):
        raise GateNo("40002", "isv.invalid-parameter", "请求无法解析") from None
    for name in _NEEDED:
        if not fields.get(name):
            raise GateNo("40001", f"isv.missing-{name.replace('_', '-')}", f"缺少参数 {name}")
    merchant = merchants.get(fields["app_id"])
    if merchant is None:
        raise GateNo("40002", "isv.invalid-app-id", "无效的AppID参数")
    if fields["charset"].lower() != "utf-8" or fields["version"] != "1.0":
        raise GateNo("40002", "isv.invalid-charset", "charset 或 version 不支持")
    if fields["sign_type"] != signing.SIGN_TYPE:
        raise GateNo("40002", "isv.invalid-signature-type", "无效签名类型")
    if not signing.verify((merchant.key,), signing.request_bytes(fields), fields["sign"]):
        raise GateNo("40002", "isv.invalid-signature", "无效签名")
    _check_time(fields["timestamp"], now)
    try:
        content = json.loads(fields["biz_content"])
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise GateNo("40002", "isv.invalid-parameter", "biz_content 不是 JSON 对象")
    return Asked(fields["method"], content, fields.get("notify_url", ""), "app_cert_sn" in fields, base)


def text(content: Mapping[str, Any], name: str) -> str:
    """Raises GateNo when the member is missing."""
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise GateNo("40004", "ACQ.INVALID_PARAMETER", f"参数无效：{name}")
    return value


def amount(content: Mapping[str, Any], name: str) -> int:
    """Two decimals at most, 0.01 or more."""
    value = text(content, name)
    whole, _, part = value.partition(".")
    fits = whole.isascii() and whole.isdigit() and len(whole) <= 9 and len(part) <= 2
    if not fits or (part and not (part.isascii() and part.isdigit())) or int(whole + part.ljust(2, "0")) == 0:
        raise GateNo("40004", "ACQ.INVALID_PARAMETER", f"金额无效：{name}")
    return int(whole + part.ljust(2, "0"))


def moment(value: str) -> float:
    """Raises GateNo for anything but local Beijing time to the second."""
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).timestamp()
    except ValueError:
        raise GateNo("40002", "isv.invalid-timestamp", "非法的时间格式") from None


def _check_time(timestamp: str, now: float) -> None:
    if abs(moment(timestamp) - now) > CLOCKS_APART:
        raise GateNo("40002", "isv.invalid-timestamp", "时间戳与支付宝相差过大")
