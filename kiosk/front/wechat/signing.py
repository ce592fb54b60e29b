"""The signatures and the sealed envelopes of WeChat Pay APIv3 (`WECHATPAY2-SHA256-RSA2048`, `AEAD_AES_256_GCM`).

All are taken over exact bytes as they travel; nothing is ever re-serialised. Errors tell what is wrong, never a key or a text.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

SCHEME = "WECHATPAY2-SHA256-RSA2048"
FRESH_SECONDS = 300
"""How far the two clocks may be apart, either way."""
SEALED_WITH = "AEAD_AES_256_GCM"

_DIGITS = re.compile(r"[0-9]{1,12}")


def request_bytes(method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the merchant signs: five lines, each ended by one LF, the body's too. `target` is path and query as sent."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_bytes(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What WeChat Pay signs of an answer or a notification: three lines, each ended by one LF; an empty body is an empty line."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def authorization(
    mchid: str, serial: str, key: RSAPrivateKey, method: str, target: str, timestamp: str, nonce: str, body: bytes
) -> str:
    """The value of the `Authorization` header."""
    signature = sign(key, request_bytes(method, target, timestamp, nonce, body))
    return (
        f'{SCHEME} mchid="{mchid}",nonce_str="{nonce}",signature="{signature}",'
        f'timestamp="{timestamp}",serial_no="{serial}"'
    )


def sign(key: RSAPrivateKey, message: bytes) -> str:
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode("ascii")


def verify(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def is_fresh(timestamp: str, now: float) -> bool:
    """True for unix seconds (decimal digits) within FRESH_SECONDS of `now`, before or after."""
    return bool(_DIGITS.fullmatch(timestamp)) and abs(int(timestamp) - now) <= FRESH_SECONDS


def unseal(apiv3_key: bytes, algorithm: str, nonce: str, associated_data: str, ciphertext: str) -> bytes:
    """Open what WeChat Pay sealed with the APIv3 key. Raises ValueError when it was not sealed with this key, or was changed."""
    if algorithm != SEALED_WITH:
        raise ValueError("sealed in a way that is not known")
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(apiv3_key).decrypt(nonce.encode(), sealed, associated_data.encode())
    except (InvalidTag, binascii.Error, ValueError):
        raise ValueError("not sealed with our APIv3 key") from None
