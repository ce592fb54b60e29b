"""Power supplies behind Network UPS Tools. Importing this package loads nothing; `connect` loads what the chosen line needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from drivers.simulator import Simulator
    from drivers.ups.driver import NutUps

PORT = 3493
_EXAMPLE = "nut://127.0.0.1:3493/ups"


def connect(url: str, *, simulator: Simulator | None = None) -> NutUps:
    """The supply a settings URL names, not opened yet.

        nut://127.0.0.1:3493/ups    nut://user:password@host/name?poll=2    nut://user@host/name?password_file=/etc/…    nut+sim:

    A user is needed only to start a test of the battery. `poll`: seconds between two questions, 0.5 to 15. Raises ValueError with one
    sentence for a wrong URL; a password is not in it.
    """
    from drivers.transport.url import open_transport, split_scheme
    from drivers.ups.driver import NutUps

    driver, rest = split_scheme(url)
    parts = urlsplit(rest)
    shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    every = _seconds(shown, options.pop("poll", "2"))
    name = unquote(parts.path.strip("/")) or "ups"
    if any(letter.isspace() or letter == '"' for letter in name):
        raise ValueError(f"{shown!r} has no usable name of a supply.")
    user, password = _login(shown, parts, options)
    if options:
        raise ValueError(f"{shown!r} has an option nobody knows: {', '.join(sorted(options))}.")
    if (driver, parts.scheme) == ("nut", "sim"):
        if simulator is None:
            from drivers.ups.simulator import UpsdSimulator

            simulator = UpsdSimulator(name)
        return NutUps(
            open_transport("sim:", simulator), name, driver="nut+sim", user=user, password=password, every=every
        )
    if (driver, parts.scheme) != ("", "nut") or not parts.hostname or "/" in name:
        raise ValueError(f"{shown!r} is not a power supply; it should look like {_EXAMPLE} or nut+sim:.")
    try:
        port = parts.port or PORT
    except ValueError:
        raise ValueError(f"{shown!r} has no usable port; it should look like {_EXAMPLE}.") from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    line = open_transport(f"tcp://{host}:{port}")
    return NutUps(line, name, driver="nut", user=user, password=password, every=every)


def _seconds(shown: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.5 <= seconds <= 15:  # upsd ends a connection that is silent for a minute, and an outage must be told soon
        raise ValueError(f"{shown!r} has no usable poll; it must be 0.5 to 15 seconds.")
    return seconds


def _login(shown: str, parts: SplitResult, options: dict[str, str]) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    path = options.pop("password_file", "")
    if path:
        try:
            password = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"{shown!r}: the password file cannot be read.") from None
    if bool(user) != bool(password):
        raise ValueError(f"{shown!r}: user and password go together.")
    return user, password
