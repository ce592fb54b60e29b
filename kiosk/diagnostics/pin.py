"""The PIN of a technician: what a new one must be like, and its hash (Argon2id, RFC 9106)."""

from __future__ import annotations

import base64
import os
from collections import Counter
from itertools import pairwise

TIME_COST, MEMORY_KIB, LANES = 3, 19 * 1024, 1
"""19 MiB: enough against a stolen settings file with a PIN that is tried three times, small enough beside a camera."""
SHORTEST, LONGEST = 6, 12
_USUAL = """
112233 123321 147258 258369 159357 159753 147852 741852 789456 456123 789123 123654 246810 135790 102030 112358 314159 520131 521131
1314520 5201314 13145200 52013140 147258369 159357456 741852963 789456123 1234567890 0987654321 1122334455
"""
"""Often chosen, and not caught by the rules below."""


def check_new_pin(pin: str) -> None:
    """Raises ValueError with one sentence: not 6 to 12 digits, or one of those that are tried first."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise ValueError(f"a technician's PIN has {SHORTEST} to {LONGEST} digits")
    if _is_weak(pin):
        raise ValueError("this PIN is one of those that are tried first; choose one without a pattern")


def _is_weak(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1:  # 000000, 123456, 987654, 024680, 890123
        return True
    if any(pin == (pin[:part] * len(pin))[: len(pin)] for part in range(1, len(pin) // 2 + 1)):  # 121212, 123123
        return True
    most = Counter(pin).most_common(1)[0][1]
    return len(set(pin)) < 3 or most > len(pin) - 2 or pin in _USUAL.split()  # 111222, 100000


def hash_pin(pin: str) -> str:
    """The hash for the settings; some 50 ms of work. Raises ValueError as `check_new_pin`."""
    from argon2 import PasswordHasher

    check_new_pin(pin)
    return PasswordHasher(TIME_COST, MEMORY_KIB, LANES).hash(pin)


def pin_matches(pin: str, stored: str) -> bool:
    """Takes as long for a wrong PIN as for the right one; a hash that cannot be used matches nothing."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(stored, pin)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def hash_of_nobody(like: str = "") -> str:
    """A hash that no PIN has, and that costs as much to try as `like`: for a code that does not exist."""
    parts = like.split("$")
    cost = parts[3] if len(parts) == 6 else f"m={MEMORY_KIB},t={TIME_COST},p={LANES}"
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19${cost}${salt}${digest}"
