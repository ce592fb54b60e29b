"""The protocol of upsd, the server of Network UPS Tools: words in lines, statuses of a supply, refusals.

Source: NUT developer guide, "Network protocol information" (protocol 1.3, IANA port 3493), and its variables' names ("nut-names").
A line is words; a word with spaces stands in double quotes, in which \\" and \\\\ stand for " and \\.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kiosk.domain.errors import ErrorKind
from kiosk.ports.controls import Power

LONGEST_LINE = 4096
"""Bytes; values are limited to some hundred in upsd."""


def words(line: str) -> tuple[str, ...]:
    """The words of a line. Raises ValueError for a quote that is not closed."""
    found: list[str] = []
    word: list[str] | None = None
    in_quotes = escaped = False
    for letter in line:
        if letter.isspace() and not (in_quotes or escaped):
            if word is not None:
                found.append("".join(word))
            word = None
            continue
        word = [] if word is None else word
        if escaped:
            word.append(letter)
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            in_quotes = not in_quotes
        else:
            word.append(letter)
    if in_quotes or escaped:
        raise ValueError("a quote is not closed")
    if word is not None:
        found.append("".join(word))
    return tuple(found)


def quoted(word: str) -> str:
    """A word for a command, in quotes where it needs them."""
    if word and not any(letter.isspace() or letter in '"\\#' for letter in word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Meaning(NamedTuple):
    kind: ErrorKind
    text: str


REFUSALS: Mapping[str, Meaning] = {
    "ACCESS-DENIED": Meaning(ErrorKind.PERMISSION, "upsd does not allow this host or this user."),
    "UNKNOWN-UPS": Meaning(ErrorKind.CONFIG, "upsd knows no supply of this name."),
    "VAR-NOT-SUPPORTED": Meaning(ErrorKind.UNSUPPORTED, "The supply has no such variable."),
    "CMD-NOT-SUPPORTED": Meaning(ErrorKind.UNSUPPORTED, "The supply has no such command."),
    "INVALID-ARGUMENT": Meaning(ErrorKind.PROTOCOL, "upsd did not understand an argument."),
    "INSTCMD-FAILED": Meaning(ErrorKind.HARDWARE, "The supply did not carry out the command."),
    "DRIVER-NOT-CONNECTED": Meaning(ErrorKind.OFFLINE, "upsd runs, its driver for the supply does not."),
    "DATA-STALE": Meaning(ErrorKind.OFFLINE, "upsd has no news of the supply: its cable or its driver."),
    "USERNAME-REQUIRED": Meaning(ErrorKind.CONFIG, "upsd wants a user for this."),
    "PASSWORD-REQUIRED": Meaning(ErrorKind.CONFIG, "upsd wants a password for this."),
    "UNKNOWN-COMMAND": Meaning(ErrorKind.UNSUPPORTED, "upsd does not know this command."),
}
"""What `ERR …` means; a word that is not here is a refusal of kind PROTOCOL."""


class Supply(NamedTuple):
    """What `ups.status` says, and what follows from it."""

    power: Power
    battery: str
    """ok, low or replace; unknown where nothing is said of the supply."""
    notes: tuple[str, ...]
    """Sentences for the technician."""


_NOTES: Mapping[str, str] = {
    "OB": "The mains power is lost; the battery carries the machine.",
    "FSD": "The supply is about to be switched off.",
    "RB": "The battery must be replaced.",
    "BYPASS": "The supply is in bypass: the battery would not step in.",
    "OFF": "The supply does not feed its outlets.",
    "OVER": "The supply is overloaded.",
    "CAL": "The supply measures its battery's runtime.",
    "ALARM": "The supply tells an alarm.",
}
UNPROTECTED = frozenset({"BYPASS", "OFF", "OVER", "ALARM", "RB"})
"""With one of these the supply works with limits."""


def supply(status: str) -> Supply:
    """What a value of `ups.status` means. Words that are not known are left out: drivers add their own.

    Forced shutdown counts as low, as for upsmon. So does low on battery, unless the supply only measures its battery (CAL), when it
    drains it on purpose.
    """
    said = frozenset(status.upper().split())
    low = "LB" in said
    if "FSD" in said or ("OB" in said and low and "CAL" not in said):
        power = Power.LOW
    elif "OB" in said:
        power = Power.BATTERY
    elif "OL" in said:
        power = Power.MAINS
    else:
        power = Power.UNKNOWN
    battery = "replace" if "RB" in said else "low" if low else "ok" if said & {"OL", "OB", "CHRG", "FSD"} else "unknown"
    notes = [text for word, text in _NOTES.items() if word in said]
    if low:
        notes.append("The battery is nearly empty.")
    return Supply(power, battery, tuple(notes))


def number(value: str | None) -> float | None:
    """A figure of a variable; None where there is none, or nonsense."""
    if value is None:
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if 0 <= found < 1e9 else None
