"""Lines named by URL, as the settings name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from drivers.simulator import Simulator
from drivers.transport.base import ByteTransport

LineWrapper = Callable[[ByteTransport], ByteTransport]

_BAUDS = {1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600}
_WRAPPER: ContextVar[LineWrapper | None] = ContextVar("line_wrapper", default=None)
_FLAGS = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}


def split_scheme(url: str) -> tuple[str, str]:
    """`samv+serial:///dev/ttyS1` -> (`samv`, `serial:///dev/ttyS1`); without a driver's name the first part is empty.

    Raises ValueError when there is no scheme.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or not scheme:
        raise ValueError(f"{url!r} is not a device URL; it should look like samv+serial:///dev/ttyS1.")
    driver, plus, line = scheme.lower().rpartition("+")
    if plus and not (driver and line):
        raise ValueError(f"{url!r} is not a device URL; it should look like samv+serial:///dev/ttyS1.")
    return driver, f"{line}:{rest}"


@contextmanager
def lines_through(wrap: LineWrapper) -> Iterator[None]:
    """Every line that `open_transport` makes inside this block, in this task, goes through `wrap`: a recorder sits there.

    The driver's own `connect` stands between the two and need not know of it.
    """
    token = _WRAPPER.set(wrap)
    try:
        yield
    finally:
        _WRAPPER.reset(token)


def open_transport(
    url_rest: str, simulator: Simulator | None = None, default_port: int | None = None, default_baud: int = 115200
) -> ByteTransport:
    """The line a URL names, not opened yet. Raises ValueError with one sentence when the URL is wrong.

    serial:///dev/ttyS1?baud=115200&parity=N&stopbits=1&rtscts=0&xonxoff=0 · tcp://host:port?connect_timeout=3 ·
    file:///dev/usb/lp0 (also usb:///dev/usb/lp0) · sim: (needs a simulator) · replay:///path/of.tape?pace=1 (docs/record-replay.md)
    """
    parts = urlsplit(url_rest)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    match parts.scheme:
        case "serial":
            line = _serial(url_rest, parts, options, default_baud)
        case "tcp":
            line = _tcp(url_rest, parts, options, default_port)
        case "file" | "usb":
            from drivers.transport.serial import DeviceFileTransport

            line = DeviceFileTransport(_path(url_rest, parts))
        case "sim":
            if simulator is None:
                raise ValueError(f"{url_rest!r} needs a simulator, and there is none here.")
            from drivers.transport.memory import MemoryLine

            line = MemoryLine(simulator)
        case "replay":
            line = _replay(url_rest, parts, options)
        case _:
            raise ValueError(f"{url_rest!r} is not a line; known are serial://, tcp://, file://, replay:// and sim:.")
    if options:
        raise ValueError(f"{url_rest!r} has an option nobody knows: {', '.join(sorted(options))}.")
    wrap = _WRAPPER.get()
    return line if wrap is None else wrap(line)


def _serial(url: str, parts: SplitResult, options: dict[str, str], default_baud: int) -> ByteTransport:
    from drivers.transport.serial import SerialTransport

    baud = options.pop("baud", str(default_baud))
    if not baud.isascii() or not baud.isdigit() or int(baud) not in _BAUDS:
        raise ValueError(f"{url!r} has no usable speed; baud must be one of {', '.join(map(str, sorted(_BAUDS)))}.")
    parity = options.pop("parity", "N").upper()
    if parity not in ("N", "E", "O"):
        raise ValueError(f"{url!r} has no usable parity; it must be N, E or O.")
    stopbits = options.pop("stopbits", "1")
    if stopbits not in ("1", "2"):
        raise ValueError(f"{url!r} has no usable stopbits; it must be 1 or 2.")
    return SerialTransport(
        _path(url, parts),
        int(baud),
        parity=parity,
        stopbits=int(stopbits),
        rtscts=_flag(url, "rtscts", options),
        xonxoff=_flag(url, "xonxoff", options),
    )


def _tcp(url: str, parts: SplitResult, options: dict[str, str], default_port: int | None) -> ByteTransport:
    from drivers.transport.tcp import TcpTransport

    try:
        port = parts.port or default_port
    except ValueError as error:
        raise ValueError(f"{url!r} has no usable port; it should look like tcp://host:port.") from error
    if not parts.hostname or port is None or parts.path not in ("", "/"):
        raise ValueError(f"{url!r} is not a TCP line; it should look like tcp://host:port.")
    try:
        timeout = float(options.pop("connect_timeout", "3"))
    except ValueError as error:
        raise ValueError(f"{url!r} has no usable connect_timeout; it must be seconds.") from error
    if not 0 < timeout <= 60:
        raise ValueError(f"{url!r} has no usable connect_timeout; it must lie between 0 and 60 seconds.")
    return TcpTransport(parts.hostname, port, connect_timeout=timeout)


def _replay(url: str, parts: SplitResult, options: dict[str, str]) -> ByteTransport:
    from pathlib import Path

    from drivers.transport.replay import LINE_OPTIONS, replaying
    from drivers.transport.tape import load

    try:
        pace = float(options.pop("pace", "1"))
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 1000:
        raise ValueError(f"{url!r} has no usable pace; it must be 0 (no waiting) or a factor up to 1000.")
    for name in LINE_OPTIONS & options.keys():
        del options[name]
    return replaying(load(Path(_path(url, parts))), pace=pace)


def _path(url: str, parts: SplitResult) -> str:
    path = unquote(parts.path)
    if parts.netloc or not path.startswith("/") or path == "/":
        raise ValueError(f"{url!r} needs a full path after three slashes, as in {parts.scheme}:///dev/ttyS1.")
    return path


def _flag(url: str, name: str, options: dict[str, str]) -> bool:
    value = options.pop(name, "0").lower()
    if value not in _FLAGS:
        raise ValueError(f"{url!r} has no usable {name}; it must be 0 or 1.")
    return _FLAGS[value]
