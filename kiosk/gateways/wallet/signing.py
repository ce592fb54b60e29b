"""The payment front's two signatures: HMAC-SHA256 on what the kiosk asks, Ed25519 on what the front answers.

Both are taken over exact bytes as they travel; nothing is ever re-serialised. `openapi.yaml` in this folder is the
authority for the layout and carries a worked example, which the tests recompute.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SCHEME = "OneTrip-HMAC-SHA256"
FRESH_SECONDS = 300
"""How far the two clocks may be apart, either way."""

_NONCE = re.compile(r"[0-9A-Za-z_-]{16,64}")
_DEVICE = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_DIGITS = re.compile(r"[0-9]{1,12}")


class CredentialsError(ValueError):
    """An Authorization header that cannot be read."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The Authorization header of one request."""

    device: str
    ts: int
    nonce: str
    sig: bytes = field(repr=False)

    def header(self) -> str:
        sig = base64.b64encode(self.sig).decode("ascii")
        return f"{SCHEME} device={self.device},ts={self.ts},nonce={self.nonce},sig={sig}"

    @classmethod
    def parse(cls, header: str) -> Credentials:
        """Read a header; parameters may come in any order, with spaces after commas. Raises CredentialsError."""
        scheme, _, rest = header.strip().partition(" ")
        if scheme.lower() != SCHEME.lower():
            raise CredentialsError("another scheme")
        found: dict[str, str] = {}
        for part in rest.split(","):
            name, equals, value = part.strip().partition("=")
            if not equals or name in found:
                raise CredentialsError("a parameter without value or twice")
            found[name] = value.strip('"')
        if not {"device", "ts", "nonce", "sig"} <= found.keys():
            raise CredentialsError("a parameter is missing")
        if not (_DEVICE.fullmatch(found["device"]) and _NONCE.fullmatch(found["nonce"])):
            raise CredentialsError("device or nonce of another form")
        if not _DIGITS.fullmatch(found["ts"]):
            raise CredentialsError("ts is not a unix time in seconds")
        try:
            sig = base64.b64decode(found["sig"], validate=True)
        except binascii.Error:
            raise CredentialsError("sig is not base64") from None
        return cls(found["device"], int(found["ts"]), found["nonce"], sig)


def request_bytes(method: str, target: str, device: str, ts: int, nonce: str, body: bytes) -> bytes:
    """What the kiosk signs: five lines, each ended by one LF, then the body. `target` is path and query as sent."""
    return f"{method.upper()}\n{target}\n{device}\n{ts}\n{nonce}\n".encode() + body


def request_mac(key: bytes, method: str, target: str, device: str, ts: int, nonce: str, body: bytes) -> bytes:
    return hmac.new(key, request_bytes(method, target, device, ts, nonce, body), hashlib.sha256).digest()


def mac_equal(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)


def answer_bytes(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the front signs: X-Timestamp, LF, X-Nonce (the request's own nonce), LF, the body."""
    return f"{timestamp}\n{nonce}\n".encode() + body


def sign_answer(key: Ed25519PrivateKey, timestamp: str, nonce: str, body: bytes) -> str:
    return base64.b64encode(key.sign(answer_bytes(timestamp, nonce, body))).decode("ascii")


def verify_answer(keys: tuple[Ed25519PublicKey, ...], timestamp: str, nonce: str, body: bytes, signature: str) -> bool:
    """True when one of the front's keys made this signature (two keys are trusted while one replaces the other)."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    signed = answer_bytes(timestamp, nonce, body)
    for key in keys:
        try:
            key.verify(raw, signed)
        except InvalidSignature:
            continue
        return True
    return False


def is_fresh(timestamp: str, now: float) -> bool:
    """True for unix seconds (decimal digits) within FRESH_SECONDS of `now`, before or after."""
    return bool(_DIGITS.fullmatch(timestamp)) and abs(int(timestamp) - now) <= FRESH_SECONDS


def public_key(text: str | bytes) -> Ed25519PublicKey:
    """Load a front's public key: PEM, or base64 or hex of the 32 raw bytes, or these bytes. Raises ValueError."""
    if isinstance(text, bytes) and len(text) == 32:
        return Ed25519PublicKey.from_public_bytes(text)
    data = text.encode() if isinstance(text, str) else text
    data = data.strip()
    if data.startswith(b"-----BEGIN"):
        key = load_pem_public_key(data)
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("the front's public key is not an Ed25519 key")
        return key
    try:
        raw = bytes.fromhex(data.decode("ascii")) if len(data) == 64 else base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("the front's public key is neither PEM, base64 nor hex") from None
    if len(raw) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return Ed25519PublicKey.from_public_bytes(raw)
