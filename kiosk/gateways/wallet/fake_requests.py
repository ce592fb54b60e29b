"""The door of the fake front: who may ask (HMAC, freshness, no nonce twice) and what a request must look like."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from kiosk.gateways.wallet import signing
from kiosk.gateways.wallet.scripts import Operation
from kiosk.ports.clock import Clock

BODY_LIMIT = 16 * 1024
_NUMBER = re.compile(r"[0-9A-Za-z_*-]+")
_PAYER_CODE = re.compile(r"[0-9]{16,24}")
_FIELDS: Mapping[Operation, Mapping[str, tuple[type, int]]] = {
    # type and upper bound (length of text, value of number)
    Operation.CREATE: {
        "order_no": (str, 32),
        "amount_fen": (int, 10**10),
        "subject": (str, 128),
        "expires_in_s": (int, 86_400),
        "terminal_id": (str, 64),
    },
    Operation.CHARGE: {
        "order_no": (str, 32),
        "amount_fen": (int, 10**10),
        "subject": (str, 128),
        "payer_code": (str, 24),
        "expires_in_s": (int, 600),
        "terminal_id": (str, 64),
    },
    Operation.QUERY: {"order_no": (str, 32)},
    Operation.CLOSE: {"order_no": (str, 32)},
    Operation.REFUND: {"order_no": (str, 32), "refund_no": (str, 64), "amount_fen": (int, 10**10)},
}


class RequestRefusal(Exception):
    def __init__(self, status: int, code: str, message: str, nonce: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.nonce = status, code, message, nonce


class Gate:
    """Checks the Authorization header. Device keys live in `keys` as `device:<id>` → hex."""

    def __init__(self, clock: Clock, keys: dict[str, str]) -> None:
        self._clock = clock
        self._keys = keys
        self._nonces: dict[tuple[str, str], float] = {}

    def register(self, device_id: str, key: bytes | None = None) -> bytes:
        name = f"device:{device_id}"
        if key is not None:
            self._keys[name] = key.hex()
        return bytes.fromhex(self._keys.setdefault(name, secrets.token_hex(32)))

    def admit(self, header: str, method: str, target: str, body: bytes) -> str:
        """The nonce of a request that may pass. Raises RequestRefusal (401, 413)."""
        try:
            given = signing.Credentials.parse(header)
        except signing.CredentialsError:
            raise RequestRefusal(401, "unauthenticated", "请求未签名") from None
        nonce = given.nonce
        if len(body) > BODY_LIMIT:
            raise RequestRefusal(413, "too_large", "请求过长", nonce)
        key = self._keys.get(f"device:{given.device}")
        # An unknown device costs the same work and gets the same answer as a wrong signature.
        mac = signing.request_mac(
            bytes.fromhex(key) if key else b"\0" * 32, method, target, given.device, given.ts, nonce, body
        )
        if not signing.mac_equal(mac, given.sig) or key is None:
            raise RequestRefusal(401, "bad_signature", "设备未登记或签名不符", nonce)
        now = self._clock.now().timestamp()
        if not signing.is_fresh(str(given.ts), now):
            raise RequestRefusal(401, "stale_request", "设备时间不准", nonce)
        # A nonce is remembered for as long as its timestamp could still pass.
        self._nonces = {used: at for used, at in self._nonces.items() if now - at <= 2 * signing.FRESH_SECONDS}
        if (given.device, nonce) in self._nonces:
            raise RequestRefusal(401, "nonce_reused", "重复的请求", nonce)
        self._nonces[given.device, nonce] = now
        return nonce


def read_request(operation: Operation, body: bytes) -> dict[str, Any]:
    """The fields of a request, all of the right type and size. Raises RequestRefusal (400)."""
    try:
        fields = json.loads(body)
    except ValueError:
        raise RequestRefusal(400, "bad_request", "请求不是 JSON") from None
    if not isinstance(fields, dict):
        raise RequestRefusal(400, "bad_request", "请求不是 JSON 对象")
    known = _FIELDS[operation]
    for name, (kind, limit) in known.items():
        value = fields.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise RequestRefusal(400, "bad_request", f"缺少 {name}")
        size = len(value) if isinstance(value, str) else value
        if not isinstance(size, int) or not 0 < size <= limit:
            raise RequestRefusal(400, "bad_request", f"{name} 超出范围")
        if name.endswith("_no") and not _NUMBER.fullmatch(str(value)):
            raise RequestRefusal(400, "bad_request", f"{name} 格式不符")
        if name == "payer_code" and not _PAYER_CODE.fullmatch(str(value)):
            raise RequestRefusal(400, "payer_code_invalid", "不是付款码")
    return {name: fields[name] for name in known}
