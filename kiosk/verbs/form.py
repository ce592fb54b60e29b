"""`kiosk form decode FILE|-`: verifies a form payload and prints the record in it as JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from config.settings import SettingsError
from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from kiosk.domain.forms.payload import Role, TrustedKey

MAX_FILE = 8192
"""Bytes: the longest payload and some white space."""


def decode(source: str, keys: Sequence[tuple[Role, Path]], stdin: BinaryIO | None = None) -> Report:
    """The record of a payload in a file, or on standard input for "-". `keys`: who signs with it, and a file with the public key (PEM).

    The record itself goes to whoever asks for it and nowhere else: nothing is logged. A payload that is refused is a report that is
    not good, with one sentence. Raises SettingsError for a file that cannot be read and a key that is none.
    """
    from kiosk.domain.forms.payload import PayloadError, decode_payload

    trusted = [_key(role, path) for role, path in keys]
    if not trusted:
        raise SettingsError("form decode needs the public key of who signed: --key ROLE=FILE.")
    raw = _read(source, stdin)
    try:
        if len(raw) > MAX_FILE:
            raise PayloadError("too_long")
        payload = decode_payload(raw.decode("ascii"), trusted)
    except UnicodeDecodeError:
        return _refused("not_ours", str(PayloadError("not_ours")))
    except PayloadError as error:
        return _refused(error.why, str(error))
    record = payload.record
    data: dict[str, Any] = {
        "version": 1,
        "good": True,
        "form": record.form_id,
        "form_version": record.version,
        "made": payload.made.isoformat(),
        "signed_by": payload.role,
        "key": payload.key_id,
        "values": {key: {"text": value.text, "source": value.source} for key, value in record.items()},
    }
    lines = [
        f"{record.form_id} version {record.version}, made {data['made']}, signed by the {payload.role} ({payload.key_id})"
    ]
    lines += [f"{key:22} {value.source:8} {value.text}" for key, value in record.items()]
    return Report(data, "\n".join(lines), True)


def read_roles(texts: Sequence[str]) -> list[tuple[Role, Path]]:
    """ROLE=FILE, as the command line has them. Raises SettingsError."""
    found: list[tuple[Role, Path]] = []
    for text in texts:
        role, _, file = text.partition("=")
        if role not in ("kiosk", "phone") or not file:
            raise SettingsError(f"--key {text}: write kiosk=FILE or phone=FILE.")
        found.append(("kiosk" if role == "kiosk" else "phone", Path(file)))
    return found


def _refused(why: str, sentence: str) -> Report:
    return Report({"version": 1, "good": False, "why": why, "sentence": sentence}, f"Refused: {sentence}.", False)


def _read(source: str, stdin: BinaryIO | None) -> bytes:
    """At most a little more than is allowed: an endless pipe is not read to its end."""
    if source == "-":
        return (stdin or sys.stdin.buffer).read(MAX_FILE + 1)
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise SettingsError(f"{source}: cannot be read: {error.strerror}.") from None


def _key(role: Role, path: Path) -> TrustedKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    from kiosk.domain.forms.payload import TrustedKey

    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise SettingsError(f"{path}: no public key in PEM.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise SettingsError(f"{path}: not an Ed25519 key.")
    return TrustedKey(key.public_bytes_raw(), role)
