"""New keys for a front and its kiosks, each in a new file that only its owner reads. No key is ever written over."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.settings import SettingsError

DEVICE_BYTES = 32


def new_signing_key(private: Path, public: Path) -> None:
    """The front's key, and beside it the public one for kiosks (`wallet.public_key_file`). Raises SettingsError."""
    key = Ed25519PrivateKey.generate()
    write_new(private, key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()), 0o600)
    write_new(public, key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo), 0o644)


def new_device_key(file: Path) -> None:
    """A kiosk's key in hex, for the front and for the kiosk (`wallet.device_key_file`). Raises SettingsError."""
    write_new(file, secrets.token_bytes(DEVICE_BYTES).hex().encode() + b"\n", 0o600)


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Whole and on disk, or not at all. Raises SettingsError."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise SettingsError(f"{path}: there is such a file already; a key is never written over.") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key would stand in the way of the next one
        raise SettingsError(f"{path}: cannot be written: {error.strerror}.") from None
