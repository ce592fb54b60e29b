"""Scanners named by URL, as the settings name them.

    serial:///dev/ttyACM0?dialect=newland        tcp://10.0.0.9:4001?suffix=crlf        sim:?dialect=honeywell
    newland+serial:///dev/ttyACM0                camera:?confirm=2&formats=qr,code128

Options of an engine, beside those of the line: dialect=plain|newland|honeywell, suffix=auto|cr|lf|crlf|etx|none,
idle=1 (a silence of 0.2 s ends a code too), aim=1 (codes come with the AIM identifier). Options of the camera:
confirm=1…9 frames in a row, formats=qr,code128,data_matrix,pdf417, second_opinion=0|1, enhance=0|1, fps=1…30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from drivers.qr_scanner.dialects import Dialect
from drivers.qr_scanner.splitter import Suffix
from drivers.transport.url import open_transport, split_scheme

if TYPE_CHECKING:
    from drivers.qr_scanner.camera_scanner import CameraScanner
    from drivers.qr_scanner.serial_scanner import SerialScanner
    from drivers.simulator import Simulator
    from kiosk.ports.clock import Clock
    from kiosk.ports.devices import Camera

BAUD = 115200
_FLAGS = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}
_ENGINE = ("dialect", "suffix", "idle", "aim")
_CAMERA = ("confirm", "formats", "second_opinion", "enhance", "fps")


def connect(
    url: str, *, camera: Camera | None = None, simulator: Simulator | None = None, clock: Clock | None = None
) -> CameraScanner | SerialScanner:
    """The scanner `url` names, not opened yet; `sim:` makes its own simulator where none is given.

    Raises ValueError with one sentence for a wrong URL, or for `camera:` without a camera.
    """
    driver, rest = split_scheme(url)
    parts = urlsplit(rest)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    mine = {name: given.pop(name) for name in (_CAMERA if parts.scheme == "camera" else _ENGINE) if name in given}
    if parts.scheme == "camera":
        if driver or given or parts.netloc or parts.path:
            raise ValueError(f"{url!r} is not a scanner; it should look like camera:?confirm=2.")
        if camera is None:
            raise ValueError(f"{url!r} needs a camera, and there is none here.")
        return _camera(url, mine, camera, clock)
    if driver:
        mine.setdefault("dialect", driver)
    line = urlunsplit(parts._replace(query=urlencode(given))) if parts.query else rest
    return _engine(url, mine, line, parts.scheme, simulator, clock)


def _engine(
    url: str, mine: dict[str, str], line: str, scheme: str, simulator: Simulator | None, clock: Clock | None
) -> SerialScanner:
    from drivers.qr_scanner.serial_scanner import EngineOptions, SerialScanner

    told = mine.get("dialect") or getattr(simulator, "dialect", Dialect.PLAIN)
    if told not in set(Dialect):
        raise ValueError(f"{url!r} has no usable dialect; it must be {', '.join(Dialect)}.")
    suffix = mine.get("suffix", "auto").upper()
    if suffix not in Suffix.__members__:
        raise ValueError(f"{url!r} has no usable suffix; it must be {', '.join(Suffix.__members__).lower()}.")
    options = EngineOptions(
        dialect=Dialect(told),
        suffix=Suffix[suffix],
        idle_ends=_flag(url, "idle", mine, False),
        aim=_flag(url, "aim", mine, False),
    )
    if scheme == "sim" and simulator is None:
        from drivers.qr_scanner.simulator import ScanEngineSimulator

        simulator = ScanEngineSimulator(options.dialect, aim=options.aim)
    transport = open_transport(line, simulator, default_baud=BAUD)
    return SerialScanner(transport, options, driver=f"{options.dialect}+{scheme}", clock=clock)


def _camera(url: str, mine: dict[str, str], camera: Camera, clock: Clock | None) -> CameraScanner:
    from drivers.qr_scanner.camera_scanner import MAX_FPS, CameraScanner
    from drivers.qr_scanner.decode_options import DecodeOptions
    from drivers.qr_scanner.symbology import Symbology

    names = [name.strip() for name in mine.get("formats", "qr,code128").split(",")]
    try:
        options = DecodeOptions(
            formats=frozenset(Symbology(name) for name in names),
            enhance=_flag(url, "enhance", mine, True),
            second_opinion=_flag(url, "second_opinion", mine, True),
        )
    except ValueError as error:
        raise ValueError(f"{url!r} has no usable option: {error}.") from None
    confirm, fps = _count(url, "confirm", mine, 1, 9), _count(url, "fps", mine, int(MAX_FPS), 30)
    return CameraScanner(camera, options, confirm=confirm, max_fps=float(fps), clock=clock)


def _count(url: str, name: str, mine: dict[str, str], default: int, most: int) -> int:
    text = mine.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise ValueError(f"{url!r} has no usable {name}; it must be a number from 1 to {most}.")
    return int(text)


def _flag(url: str, name: str, mine: dict[str, str], default: bool) -> bool:
    text = mine.get(name, "1" if default else "0").lower()
    if text not in _FLAGS:
        raise ValueError(f"{url!r} has no usable {name}; it must be 0 or 1.")
    return _FLAGS[text]
