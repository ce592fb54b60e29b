"""Who may ask: one key per device, a fresh timestamp, no nonce twice, also over a restart. And the front's signature on every answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.front.requests import BODY_LIMIT
from kiosk.front.store import Store
from kiosk.gateways.wallet import signing
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)


class Shut(Exception):
    """A request that is not let in: status, code, sentence, and the nonce it named (where one could be read)."""

    def __init__(self, status: int, code: str, message: str, nonce: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.nonce = status, code, message, nonce


class Door:
    def __init__(self, store: Store, clock: Clock, devices: Mapping[str, bytes]) -> None:
        self._store = store
        self._clock = clock
        self._devices = devices

    async def admit(self, header: str, method: str, target: str, body: bytes) -> signing.Credentials:
        """Who asks. Raises Shut, and LedgerError when the nonce cannot be put on record (then nobody is let in)."""
        try:
            given = signing.Credentials.parse(header)
        except signing.CredentialsError:
            raise Shut(401, "unauthenticated", "请求未签名") from None
        if len(body) > BODY_LIMIT:
            raise Shut(413, "too_large", "请求过长", given.nonce)
        key = self._devices.get(given.device)
        # An unknown device costs the same work and gets the same answer as a wrong signature.
        mac = signing.request_mac(key or b"\0" * 32, method, target, given.device, given.ts, given.nonce, body)
        if not signing.mac_equal(mac, given.sig) or key is None:
            log.warning("device_not_let_in", code="bad_signature")
            raise Shut(401, "bad_signature", "设备未登记或签名不符", given.nonce)
        now = self._clock.now().timestamp()
        if not signing.is_fresh(str(given.ts), now):
            log.warning("device_not_let_in", code="stale_request", device=given.device)
            raise Shut(401, "stale_request", "设备时间不准", given.nonce)
        # A nonce is remembered for as long as its timestamp could still pass.
        if not await self._store.use_nonce(given.device, given.nonce, int(now), 2 * signing.FRESH_SECONDS):
            log.warning("device_not_let_in", code="nonce_reused", device=given.device)
            raise Shut(401, "nonce_reused", "重复的请求", given.nonce)
        return given


class Seal:
    """Signs answers."""

    def __init__(self, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def signed(self, nonce: str, answer: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
        """The body and its headers."""
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        return body, {
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signing.sign_answer(self._key, timestamp, nonce, body),
            "Cache-Control": "no-store",
        }
