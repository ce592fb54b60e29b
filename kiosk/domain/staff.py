"""The PIN with which hall staff vouch for a citizen at the machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

_N, _R, _P = 2**14, 8, 1  # 16 MiB for some 50 ms: enough for a PIN that is tried three times, small enough for a kiosk


def hash_pin(pin: str, salt: bytes | None = None) -> str:
    """scrypt hash as `scrypt$salt$hash`. Raises ValueError unless the PIN is 6 digits."""
    if not (pin.isascii() and pin.isdigit() and len(pin) == 6):
        raise ValueError("a staff PIN has 6 digits")
    salt = salt or os.urandom(16)
    digest = hashlib.scrypt(pin.encode(), salt=salt, n=_N, r=_R, p=_P)
    return "$".join(("scrypt", base64.b64encode(salt).decode(), base64.b64encode(digest).decode()))


def pin_matches(pin: str, stored: str) -> bool:
    """Constant-time comparison; an unusable stored hash matches nothing."""
    try:
        scheme, salt, digest = stored.split("$")
        if scheme != "scrypt":
            return False
        found = hashlib.scrypt(pin.encode(), salt=base64.b64decode(salt), n=_N, r=_R, p=_P)
        return hmac.compare_digest(found, base64.b64decode(digest))
    except ValueError:
        return False
