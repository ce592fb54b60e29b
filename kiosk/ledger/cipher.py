"""Personal data at rest: AES-256-GCM field by field, and a keyed hash to look a person up.

A field is bound to its place (table, column, row) as additional data, so that a value cannot be moved to another row.
The key file holds 32 bytes as 64 hex digits, readable by the service's user only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from pathlib import Path
from typing import Any

_VERSION = b"\x01"


class KeyFileError(Exception):
    """The key file is missing, open to others, or not a key; the sentence says which and what to do."""


class FieldCipher:
    def __init__(self, key: bytes) -> None:
        """`key` is 32 bytes; one sub-key each for encryption and for the index is derived from it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._aead = AESGCM(hmac.digest(key, b"onetrip ledger field", hashlib.sha256))
        self._index = hmac.digest(key, b"onetrip ledger index", hashlib.sha256)

    def seal(self, value: Any, table: str, column: str, row: str) -> bytes:
        """Encrypt a JSON value."""
        nonce = os.urandom(12)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, f"{table}|{column}|{row}".encode())

    def open(self, sealed: bytes, table: str, column: str, row: str) -> Any:
        """Raises ValueError when the value was altered, moved, or sealed with another key."""
        from cryptography.exceptions import InvalidTag

        if sealed[:1] != _VERSION:
            raise ValueError(f"{table}.{column}: unknown encryption version")
        try:
            plain = self._aead.decrypt(sealed[1:13], sealed[13:], f"{table}|{column}|{row}".encode())
        except (InvalidTag, ValueError):  # ValueError: cut off before its end
            raise ValueError(f"{table}.{column}: cannot be decrypted (altered, or another key)") from None
        return json.loads(plain)

    def index(self, value: str) -> str:
        """A keyed hash of an ID number: equal numbers meet, nobody can try numbers without the key."""
        return hmac.new(self._index, value.encode(), hashlib.sha256).hexdigest()


def load_key(path: Path, *, create: bool) -> bytes:
    """The key in `path`; made anew when `create` and there is none. Raises KeyFileError."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not create:
            raise KeyFileError(
                f"{path}: the ledger's key is missing, and without it the ledger cannot be read. Restore it from the backup."
            ) from None
        try:
            return _make_key(path)
        except OSError as error:
            raise KeyFileError(f"{path}: the ledger's key cannot be written: {error.strerror}.") from None
    except OSError as error:
        raise KeyFileError(f"{path}: the ledger's key cannot be read: {error.strerror}.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"{path}: others may read the ledger's key; run chmod 600 on it.")
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError, UnicodeDecodeError):
        raise KeyFileError(f"{path}: not a key; it must hold 64 hex digits.") from None
    if len(key) != 32:
        raise KeyFileError(f"{path}: not a key; it must hold 64 hex digits.")
    return key


def _make_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = os.urandom(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    # Without its name in the directory the key would be gone after a power cut, and with it all that it sealed.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key
