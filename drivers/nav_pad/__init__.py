"""Tactile navigation pads with a headphone jack. Importing this package loads nothing; `connect` loads what the chosen line needs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    from config.nav_pad import PadTable
    from drivers.nav_pad.pad import EvdevPad
    from drivers.simulator import Simulator

_LINES = ("file", "tcp", "sim")


def connect(url: str, *, simulator: Simulator | None = None) -> EvdevPad:
    """The pad a settings URL names, not opened yet.

        evdev+file:///dev/input/by-id/usb-Storm…-event-kbd?table=function_keys    evdev+sim:    evdev+tcp://host:port

    `table` is one of config/nav_pad.toml (arrows); up, down, left, right, select, help, volume, jack_in, jack_out change one entry of it
    (`up=KEY_F17`, several codes with commas); grab=0 leaves the keys to the window too. `evdev+tcp:` is for a simulator in another
    process. Raises ValueError with one sentence for a wrong URL.
    """
    from drivers.nav_pad.evdev_line import EvdevLine
    from drivers.nav_pad.pad import EvdevPad
    from drivers.transport.url import open_transport, split_scheme

    driver, rest = split_scheme(url)
    parts = urlsplit(rest)
    if driver != "evdev" or parts.scheme not in _LINES:
        raise ValueError(f"{url!r} is not a pad; it should look like evdev+file:///dev/input/by-id/… or evdev+sim:.")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    grab = given.pop("grab", "1")
    if grab not in ("0", "1"):
        raise ValueError(f"{url!r} has no usable grab; it must be 0 or 1.")
    table = _table(url, given)
    scheme = f"{driver}+{parts.scheme}"
    if parts.scheme == "file":
        if given or parts.netloc or not parts.path.startswith("/"):
            raise ValueError(f"{url!r} is not a device file of a pad, as in evdev+file:///dev/input/event5.")
        return EvdevPad(EvdevLine(parts.path, grab=grab == "1"), table, driver=scheme)
    if parts.scheme == "sim" and simulator is None:
        from drivers.nav_pad.simulator import PadSimulator

        simulator = PadSimulator(table)
    line = open_transport(urlunsplit(parts._replace(query=urlencode(given))), simulator)
    return EvdevPad(line, table, driver=scheme)


def _table(url: str, given: dict[str, str]) -> PadTable:
    from pydantic import ValidationError

    from config.nav_pad import PadTable, load_pad_tables

    tables = load_pad_tables()
    name = given.pop("table", "arrows")
    if name not in tables:
        raise ValueError(f"{url!r} has no usable table; known are {', '.join(tables)}.")
    changes = {key: given.pop(key).split(",") for key in tuple(given) if key in PadTable.model_fields and key != "note"}
    try:
        return PadTable.model_validate({**tables[name].model_dump(), **changes})
    except ValidationError as error:
        told = error.errors()[0]
        raise ValueError(f"{url!r} is no usable table of keys: {told['msg']}.") from None
