"""The second factor: one-time codes by time (RFC 6238: SHA-1, steps of 30 s, six digits), made by an application on a telephone."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import os
import stat
from pathlib import Path

STEP_S, DIGITS = 30, 6
WINDOW = 1
"""Steps before and after the present one that are taken (RFC 6238, 5.2): the clocks need not agree to the second."""
_BYTES = 20
"""As long as the hash (RFC 4226, 4)."""
_FEWEST_BYTES = 16
ISSUER = "OneTrip"


class SecretFileError(Exception):
    """The file with the secret is missing, open to others, or holds none; the sentence says which."""


def matching_step(typed: str, secret: str, now: dt.datetime, after: int) -> int | None:
    """The time step whose code was typed, if it is in the window and later than the step `after`, the last one used; otherwise None."""
    import pyotp

    code = "".join(typed.split())
    if not (code.isascii() and code.isdigit() and len(code) == DIGITS):
        return None
    present = int(now.timestamp()) // STEP_S
    codes = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    found = None
    for step in range(max(present - WINDOW, 0), present + WINDOW + 1):  # all of them: the time does not tell which
        if hmac.compare_digest(codes.generate_otp(step), code) and step > after:
            found = step
    return found


def read_secret(path: Path) -> str:
    """The secret in base32, as authenticators take it. Raises SecretFileError."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SecretFileError(f"{path}: others may read the one-time codes' secret; run chmod 600 on it.")
            raw = file.read(1024)
    except OSError as error:
        raise SecretFileError(f"{path}: the one-time codes' secret cannot be read: {error.strerror}.") from None
    try:
        secret = "".join(raw.decode("ascii").split()).rstrip("=").upper()
        plain = base64.b32decode(secret + "=" * (-len(secret) % 8))
    except (UnicodeDecodeError, binascii.Error):
        raise SecretFileError(f"{path}: not a secret; it must hold base32 letters and digits.") from None
    if len(plain) < _FEWEST_BYTES:
        raise SecretFileError(f"{path}: the secret is too short; it needs {_FEWEST_BYTES} bytes or more.")
    return secret


def write_new_secret(path: Path) -> str:
    """Make a secret and keep it in a file that must not exist yet. Raises SecretFileError."""
    secret = base64.b32encode(os.urandom(_BYTES)).decode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise SecretFileError(
            f"{path}: there is such a file already; a secret in use is not written over. Name another, or remove it first."
        ) from None
    except OSError as error:
        raise SecretFileError(f"{path}: the one-time codes' secret cannot be written: {error.strerror}.") from None
    return secret


def uri(secret: str, code: str) -> str:
    """otpauth://, as authenticators read it from a QR code."""
    import pyotp

    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=code, issuer_name=ISSUER)
