"""`kiosk form decode FILE|-` verifies a form payload and prints the record in it as JSON; `kiosk form new-key FILE` makes a key."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from config.settings import SettingsError
from kiosk.applications import trusted_key, write_new_key
from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from kiosk.domain.forms.payload import Role

MAX_FILE = 8192
"""Bytes: the longest payload and some white space."""


def decode(source: str, keys: Sequence[tuple[Role, Path]], stdin: BinaryIO | None = None) -> Report:
    """The record of a payload in a file, or on standard input for "-". `keys`: who signs with it, and a file with the public key (PEM).

    The record itself goes to whoever asks for it and nowhere else: nothing is logged. A payload that is refused is a report that is
    not good, with one sentence. Raises SettingsError for a file that cannot be read and a key that is none.
    """
    from kiosk.domain.forms.payload import PayloadError, decode_payload

    trusted = [trusted_key(role, path) for role, path in keys]
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


def new_key(path: Path) -> Report:
    """`kiosk form new-key FILE`: the key this machine signs its pages with; the window is given the public one. Raises SettingsError."""
    public = write_new_key(path)
    words = f"The machine's key is in {path}. The window verifies with this public key:\n\n{public}"
    return Report({"version": 1, "good": True, "file": str(path), "public_key": public}, words.rstrip(), True)


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
