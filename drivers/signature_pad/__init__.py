"""Signature pads: the window's own sheet, or a pad with a pen. Importing this package loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from drivers.signature_pad.pad import InkPad
    from drivers.simulator import Simulator
    from kiosk.ports.controls import InkFeed


def connect(url: str, *, feed: InkFeed | None = None, simulator: Simulator | None = None) -> InkPad:
    """The pad a settings URL names, not opened yet.

        touch:    stu+hid:///dev/hidraw3    stu+sim:    stu+tcp://host:port (a simulator in another process)

    `touch:` takes the ink from `feed`, the window's own sheet. `stu+hid:` was never tried on a real pad (drivers/signature_pad/stu.py).
    Raises ValueError with one sentence for a wrong URL, or for `touch:` without a feed.
    """
    from drivers.transport.url import open_transport, split_scheme

    driver, rest = split_scheme(url)
    parts = urlsplit(rest)
    if (driver, rest) == ("", "touch:"):
        from drivers.signature_pad.touch import TouchPad

        if feed is None:
            raise ValueError(f"{url!r} needs the window's sheet, and there is none here.")
        return TouchPad(feed)
    if driver != "stu" or parts.scheme not in ("hid", "sim", "tcp"):
        raise ValueError(
            f"{url!r} is not a signature pad; it should look like touch:, stu+hid:///dev/hidraw3 or stu+sim:."
        )
    from drivers.signature_pad.stu_pad import StuPad

    scheme = f"{driver}+{parts.scheme}"
    if parts.scheme == "hid":
        from drivers.signature_pad.hidraw import HidrawLine

        if parts.netloc or parts.query or not parts.path.startswith("/"):
            raise ValueError(f"{url!r} is not a device file of a pad, as in stu+hid:///dev/hidraw3.")
        return StuPad(HidrawLine(parts.path), driver=scheme)
    if parts.scheme == "sim" and simulator is None:
        from drivers.signature_pad.simulator import StuSimulator

        simulator = StuSimulator()
    return StuPad(open_transport(rest, simulator), driver=scheme)
