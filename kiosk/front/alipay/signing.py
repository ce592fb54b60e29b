"""RSA2: SHA-256 with RSA, PKCS#1 v1.5, base64. What is signed differs in three places:

- a request: all parameters but `sign` (with `sign_type` and `biz_content`), none that is empty, sorted by name, `k=v` joined by
  `&`, values as they are before they are URL-encoded (`request_bytes`);
- a synchronous answer: the exact bytes of one member of its body (`envelope.py`);
- a notification: all parameters but `sign` and `sign_type`, URL-decoded (`notice_bytes`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

SIGN_TYPE = "RSA2"


def request_bytes(parameters: Mapping[str, str]) -> bytes:
    return _joined((name, value) for name, value in parameters.items() if name != "sign" and value)


def notice_bytes(parameters: Mapping[str, str]) -> bytes:
    return _joined((name, value) for name, value in parameters.items() if name not in ("sign", "sign_type") and value)


def _joined(pairs: Iterable[tuple[str, str]]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(pairs)).encode()


def sign(key: RSAPrivateKey, signed: bytes) -> str:
    return base64.b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode("ascii")


def verify(keys: Iterable[RSAPublicKey], signed: bytes, signature: str) -> bool:
    """Whether one of the keys made this signature (two are trusted while one replaces the other)."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    for key in keys:
        try:
            key.verify(raw, signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            continue
        return True
    return False
