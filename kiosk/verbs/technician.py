"""`kiosk technician new`: what a technician needs to come into diagnostics, as lines for the settings."""

from __future__ import annotations

import io
import re
import sys
from getpass import getpass
from pathlib import Path
from typing import Any, TextIO

from config.settings import SettingsError
from kiosk.diagnostics import totp
from kiosk.diagnostics.pin import check_new_pin, hash_pin
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.report import Report

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,23}")


def new(code: str, totp_file: Path | None = None, stdin: TextIO | None = None) -> Report:
    """Ask the PIN twice, on the terminal or as two lines of standard input; with `totp_file` make a secret for one-time codes there.

    The secret is shown this once, for the technician's telephone; afterwards it is in the file only. Raises WrongUsage for a code that
    is none, SettingsError for a PIN that is refused or a file that cannot be made: then nothing was written.
    """
    code = code.strip().upper()
    if not _CODE.fullmatch(code):
        raise WrongUsage("--code is the staff pass's code: 2 to 24 capitals, digits and hyphens, e.g. T0271.")
    file = totp_file.absolute() if totp_file is not None else None
    if file is not None and file.exists():
        raise SettingsError(f"{file}: there is such a file already; a secret in use is not written over.")
    try:
        stored = hash_pin(_ask_pin(stdin or sys.stdin))
    except ValueError as error:
        raise SettingsError(f"{error}.") from None
    data: dict[str, Any] = {"version": 1, "good": True, "code": code, "pin_hash": stored}
    lines = ["[[technician]]", f'code = "{code}"', f'pin_hash = "{stored}"']
    words = ["# Put these lines at the end of this machine's settings file:", *lines]
    if file is None:
        return Report({**data, "totp_file": None}, "\n".join(words), True)
    try:
        address = totp.uri(totp.write_new_secret(file), code)
    except totp.SecretFileError as error:
        raise SettingsError(str(error)) from None
    words += [
        f"totp_file = {_toml(str(file))}",
        "",
        "# The technician's telephone reads this code; it is not shown again:",
        address,
    ]
    text = "\n".join(words) + "\n" + _picture(address)
    return Report({**data, "totp_file": str(file), "otpauth": address}, text.rstrip("\n"), True)


def _ask_pin(source: TextIO) -> str:
    """Raises ValueError."""
    if source.isatty():
        pin = getpass("PIN (6 to 12 digits): ").strip()
        check_new_pin(pin)
        again = getpass("the same again: ").strip()
    else:
        pin, again = source.readline().strip(), source.readline().strip()
    if pin != again:
        raise ValueError("the two PINs are not the same; give it twice, on a line of its own each time")
    return pin


def _toml(text: str) -> str:
    """A basic string of TOML: backslashes, quotes and control characters written out."""
    written = (letter if letter.isprintable() and letter not in '"\\\\' else f"\\U{ord(letter):08X}" for letter in text)
    return '"' + "".join(written) + '"'


def _picture(address: str) -> str:
    """The QR code in block characters, readable on light and dark terminals alike by its quiet zone."""
    import segno

    out = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out, compact=True)
    return out.getvalue()
