"""The acquirer contract's signatures: HMAC-SHA256 with one secret, or RSA-SHA256 with a key pair of each side.

Taken over exact bytes as they travel. `openapi.yaml` in this folder is the authority for the layout.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

FRESH_SECONDS = 300
_NONCE = re.compile(r"[0-9A-Za-z_-]{16,64}")
_DIGITS = re.compile(r"[0-9]{1,12}")
_MERCHANT = re.compile(r"[0-9A-Za-z_.-]{1,64}")


class Signer(Protocol):
    """One side's view: it signs its own messages and verifies the other side's."""

    algorithm: str

    def sign(self, message: bytes) -> bytes: ...

    def verify(self, message: bytes, signature: bytes) -> bool: ...


class HmacSigner:
    algorithm = "HMAC-SHA256"

    def __init__(self, secret: bytes) -> None:
        """Raises ValueError for a secret of fewer than 32 bytes."""
        if len(secret) < 32:
            raise ValueError("the acquirer's secret has fewer than 32 bytes")
        self._secret = secret

    def sign(self, message: bytes) -> bytes:
        return hmac.new(self._secret, message, hashlib.sha256).digest()

    def verify(self, message: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(message), signature)


class RsaSigner:
    algorithm = "RSA-SHA256"

    def __init__(self, own_private_pem: bytes, their_public_pem: bytes) -> None:
        """Raises ValueError for what is no RSA key of at least 2048 bits."""
        try:
            own = serialization.load_pem_private_key(own_private_pem, None)
            theirs = serialization.load_pem_public_key(their_public_pem)
        except (ValueError, TypeError):
            raise ValueError("an RSA key of the acquirer contract is not in PEM, or is locked") from None
        if not isinstance(own, RSAPrivateKey) or not isinstance(theirs, RSAPublicKey):
            raise ValueError("a key of the acquirer contract is not an RSA key")
        if min(own.key_size, theirs.key_size) < 2048:
            raise ValueError("an RSA key of the acquirer contract has fewer than 2048 bits")
        self._own, self._theirs = own, theirs

    def sign(self, message: bytes) -> bytes:
        return self._own.sign(message, PKCS1v15(), hashes.SHA256())

    def verify(self, message: bytes, signature: bytes) -> bool:
        try:
            self._theirs.verify(signature, message, PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Credentials:
    """The Authorization header of a request."""

    algorithm: str
    merchant: str
    ts: int
    nonce: str
    sig: bytes = field(repr=False)

    def header(self) -> str:
        sig = base64.b64encode(self.sig).decode("ascii")
        return f"ACQ-{self.algorithm} merchant={self.merchant},ts={self.ts},nonce={self.nonce},sig={sig}"

    @classmethod
    def parse(cls, header: str) -> Credentials:
        """Parameters in any order. Raises ValueError."""
        scheme, _, rest = header.strip().partition(" ")
        if not scheme.upper().startswith("ACQ-"):
            raise ValueError("another scheme")
        found = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        merchant, ts, nonce = (found.get(name, "") for name in ("merchant", "ts", "nonce"))
        if not (_MERCHANT.fullmatch(merchant) and _DIGITS.fullmatch(ts) and _NONCE.fullmatch(nonce)):
            raise ValueError("a parameter is missing or of another form")
        return cls(scheme[4:].upper(), merchant, int(ts), nonce, _decoded(found.get("sig", "")))


def request_bytes(method: str, target: str, merchant: str, ts: int, nonce: str, body: bytes) -> bytes:
    return f"request\n{method}\n{target}\n{merchant}\n{ts}\n{nonce}\n".encode() + body


def answer_bytes(status: int, ts: str, nonce: str, body: bytes) -> bytes:
    return f"answer\n{status}\n{ts}\n{nonce}\n".encode() + body


def notice_bytes(merchant: str, ts: str, nonce: str, body: bytes) -> bytes:
    return f"notice\n{merchant}\n{ts}\n{nonce}\n".encode() + body


def verified(signer: Signer, message: bytes, signature: str) -> bool:
    """Whether the other side made this signature (base64) over these bytes."""
    try:
        return signer.verify(message, _decoded(signature))
    except ValueError:
        return False


def fresh(ts: str, now: float) -> bool:
    return bool(_DIGITS.fullmatch(ts)) and abs(int(ts) - now) <= FRESH_SECONDS


def _decoded(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
