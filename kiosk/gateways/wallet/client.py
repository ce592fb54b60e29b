"""The kiosk's wallet: a thin client of the payment front (openapi.yaml in this folder).

The front holds the merchant keys; this machine has only its own device key and the front's public key. An answer counts
only when it is signed by the front, fresh, made for this very request and about this very order. Every doubt (unsigned,
stale, forged, malformed, another order, 3xx, 5xx, timeout, half an answer) raises `GatewayUnavailable`: the effect is
unknown and only a later query or bill may say what happened. A signed 4xx with a code raises `Refused`.

A PAID answer whose amount differs from the order's is *returned as it is*: the money is where the wallet says it is,
and the ledger, which knows what was asked, raises the alarm.

Nothing is retried here; when to ask again is the caller's plan. Subjects, payloads, payer codes and keys are never logged.
"""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import structlog

from kiosk.domain.errors import Refused
from kiosk.gateways.http import Deadlines, Endpoint, HttpGateway
from kiosk.gateways.wallet import answers, signing
from kiosk.ports.clock import Clock
from kiosk.ports.wallet import Code, Trade

GATEWAY = "wallet"
BODY_LIMIT = 64 * 1024
TEMPORARY = frozenset({408, 425, 429})
"""4xx that mean "ask again", not "no"."""

T = TypeVar("T")
_NUMBER = re.compile(r"[0-9A-Za-z_*-]+")
_PAYER_CODE = re.compile(r"[0-9]{16,24}")
_log = structlog.get_logger(__name__)


def _nonce() -> str:
    return secrets.token_urlsafe(18)


class WalletClient:
    """Implements `kiosk.ports.wallet.Wallet`. One instance per kiosk; belongs to the event loop's thread."""

    def __init__(
        self,
        base_url: str,
        *,
        device_id: str,
        device_key: bytes,
        front_keys: Sequence[str | bytes],
        terminal_id: str,
        clock: Clock,
        deadlines: Deadlines | None = None,
        ca_file: Path | None = None,
        nonce: Callable[[], str] = _nonce,
    ) -> None:
        """Raises ValueError for a key that is too short or unreadable, a URL or a ca_file that cannot be used.

        `front_keys` are the front's Ed25519 public keys (PEM, base64 or hex); two while the key is being changed.
        `ca_file` names the only authorities trusted for the front's certificate; None trusts the public ones.
        """
        if len(device_key) < 16:
            raise ValueError("the device key has fewer than 16 bytes")
        if not front_keys:
            raise ValueError("no public key of the payment front is configured")
        self._http = HttpGateway(GATEWAY, Endpoint(base_url, ca_file=ca_file, deadlines=deadlines or Deadlines()))
        url = urlsplit(base_url)
        if url.scheme == "http" and url.hostname not in ("127.0.0.1", "::1", "localhost"):
            _log.warning("wallet_front_without_tls", host=url.hostname)
        self._prefix = url.path.rstrip("/")
        self._device_id = device_id
        self._device_key = device_key
        self._front_keys = tuple(signing.public_key(key) for key in front_keys)
        self._terminal_id = terminal_id
        self._clock = clock
        self._nonce = nonce

    async def create(self, order_no: str, amount_fen: int, subject: str, expires_in: float) -> Code:
        if amount_fen <= 0 or not math.isfinite(expires_in) or expires_in <= 0:
            raise ValueError("a trade needs an amount and a life above zero")
        body: dict[str, object] = {
            "order_no": _checked(order_no),
            "amount_fen": amount_fen,
            "subject": subject,
            "expires_in_s": math.ceil(expires_in),
            "terminal_id": self._terminal_id,
        }
        return await self._ask("create", "/v1/trades", body, lambda b: answers.read_code(b, order_no, amount_fen))

    async def charge(self, order_no: str, amount_fen: int, subject: str, payer_code: str, expires_in: float) -> Trade:
        if amount_fen <= 0 or not math.isfinite(expires_in) or expires_in <= 0:
            raise ValueError("a trade needs an amount and a life above zero")
        if not _PAYER_CODE.fullmatch(payer_code):
            raise ValueError("that is no payer code")  # and no part of it is told
        body: dict[str, object] = {
            "order_no": _checked(order_no),
            "amount_fen": amount_fen,
            "subject": subject,
            "payer_code": payer_code,
            "expires_in_s": math.ceil(expires_in),
            "terminal_id": self._terminal_id,
        }
        return await self._ask(
            "charge", "/v1/trades/charge", body, lambda b: answers.read_charge(b, order_no, amount_fen)
        )

    async def query(self, order_no: str) -> Trade:
        body: dict[str, object] = {"order_no": _checked(order_no)}
        return await self._ask("query", "/v1/trades/query", body, lambda b: answers.read_trade(b, order_no))

    async def close(self, order_no: str) -> Trade:
        body: dict[str, object] = {"order_no": _checked(order_no)}
        return await self._ask("close", "/v1/trades/close", body, lambda b: answers.read_trade(b, order_no))

    async def refund(self, order_no: str, refund_no: str, amount_fen: int) -> Trade:
        """REFUNDED only when the money went back; PAID means the front has not done it yet: ask again, same number."""
        if amount_fen <= 0:
            raise ValueError("a refund needs an amount above zero")
        body: dict[str, object] = {
            "order_no": _checked(order_no),
            "refund_no": _checked(refund_no, limit=64),
            "amount_fen": amount_fen,
        }
        return await self._ask(
            "refund", "/v1/trades/refund", body, lambda b: answers.read_refund(b, order_no, refund_no, amount_fen)
        )

    async def aclose(self) -> None:
        """Idempotent."""
        await self._http.aclose()

    async def _ask(self, operation: str, path: str, fields: dict[str, object], read: Callable[[answers.Body], T]) -> T:
        body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        ts, nonce = int(self._clock.now().timestamp()), self._nonce()
        mac = signing.request_mac(self._device_key, "POST", self._prefix + path, self._device_id, ts, nonce, body)
        answer = await self._http.exchange(
            operation,
            "POST",
            path.lstrip("/"),
            content=body,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Authorization": signing.Credentials(self._device_id, ts, nonce, mac).header(),
            },
            limit=BODY_LIMIT,
        )
        try:
            self._verify(answer.headers, nonce, answer.body)
            return self._read(answer.status, answers.read_json(answer.body), read)
        except answers.AnswerError as error:
            raise self._http.unavailable(operation, str(error)) from None

    def _verify(self, headers: Mapping[str, str], nonce: str, raw: bytes) -> None:
        """Raises AnswerError unless these bytes are the front's own, fresh answer to the request with this nonce."""
        timestamp, signature = headers.get("X-Timestamp", ""), headers.get("X-Signature", "")
        if not timestamp or not signature:
            raise answers.AnswerError("the answer is not signed")
        if headers.get("X-Nonce") != nonce:
            raise answers.AnswerError("the answer belongs to another request")
        if not signing.verify_answer(self._front_keys, timestamp, nonce, raw, signature):
            raise answers.AnswerError("the answer's signature is wrong")
        if not signing.is_fresh(timestamp, self._clock.now().timestamp()):
            raise answers.AnswerError("the answer is stale, or one of the two clocks is wrong")

    @staticmethod
    def _read(status: int, body: answers.Body, read: Callable[[answers.Body], T]) -> T:
        if status == 200:
            return read(body)
        if 400 <= status < 500 and status not in TEMPORARY:
            raise Refused(*answers.read_refusal(body))
        raise answers.AnswerError(f"HTTP {status}")


def _checked(number: str, limit: int = 32) -> str:
    if len(number) > limit or not _NUMBER.fullmatch(number):
        raise ValueError("an order or refund number has a form that wallets do not take")
    return number
