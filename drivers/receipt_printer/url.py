"""Printers named by URL, as the settings name them.

    escpos+tcp://10.0.0.8:9100            escpos+serial:///dev/ttyS2?baud=19200
    escpos+file:///dev/usb/lp0            escpos+sim:

Options of the driver go into the query beside those of the line: columns=32|48 (or paper=58|80), text=gbk|raster,
known=gb2312|gbk, qr=native|raster, barcode=native|raster, cut=full|partial|none, status=realtime|esc_v|none,
end=auto|process_id|time, presenter=none|custom, font=/path/to/font (tried before the system's), the times answer, stall, job, settle and
poll in seconds, and speed in mm/s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from drivers.receipt_printer.options import EncodeOptions, PrinterOptions
from drivers.receipt_printer.printer import EscposPrinter
from drivers.simulator import Simulator
from drivers.transport.url import open_transport, split_scheme

PORT = 9100
BAUD = 19200
_SERIAL_ANSWER_S = 1.0

_CHOICES: dict[str, tuple[str, ...]] = {
    "text": ("gbk", "raster"),
    "known": ("gb2312", "gbk"),
    "qr": ("native", "raster"),
    "barcode": ("native", "raster"),
    "cut": ("full", "partial", "none"),
    "status": ("realtime", "esc_v", "none"),
    "end": ("auto", "process_id", "time"),
    "presenter": ("none", "custom"),
}
_TIMES = {
    "answer": "answer_s",
    "stall": "stall_s",
    "job": "job_s",
    "settle": "settle_s",
    "poll": "poll_s",
    "speed": "speed_mm_s",
}
_PAPER = {"58": 32, "80": 48}
_ENCODING = ("text", "known", "qr", "barcode", "cut")


def connect(url: str, *, simulator: Simulator | None = None, columns: int = 48, **options: object) -> EscposPrinter:
    """The printer `url` names, not opened yet. `options` are as in the query and give way to it.

    `escpos+sim:` makes its own simulator where none is given. Raises ValueError with one sentence for a wrong URL.
    """
    driver, rest = split_scheme(url)
    if driver != "escpos":
        raise ValueError(f"{url!r} is not a receipt printer; it should look like escpos+tcp://10.0.0.8:9100.")
    wanted = {name: str(value) for name, value in options.items()}
    parts = urlsplit(rest)
    of_line = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name in _CHOICES or name in _TIMES or name in ("columns", "paper", "font"):
            wanted[name] = value
        else:
            of_line.append((name, value))
    columns = _columns(url, wanted, columns)
    encoding, talking = _options(url, wanted, columns, serial=parts.scheme == "serial")
    if parts.scheme == "sim" and simulator is None:
        from drivers.receipt_printer.simulator import EscposSimulator

        simulator = EscposSimulator(columns=columns, presenter=talking.presenter == "custom")
    line = urlunsplit(parts._replace(query=urlencode(of_line))) if parts.query else rest
    transport = open_transport(line, simulator, default_port=PORT, default_baud=BAUD)
    return EscposPrinter(transport, encoding, talking, driver=f"escpos+{parts.scheme}")


def _columns(url: str, wanted: dict[str, str], columns: int) -> int:
    if "paper" in wanted:
        if wanted["paper"] not in _PAPER:
            raise ValueError(f"{url!r} has no usable paper; it must be 58 or 80 (mm).")
        columns = _PAPER[wanted.pop("paper")]
    text = wanted.pop("columns", str(columns))
    if not text.isascii() or not text.isdigit() or not 16 <= int(text) <= 80 or int(text) % 2:
        raise ValueError(f"{url!r} has no usable columns; it must be an even number from 16 to 80, mostly 32 or 48.")
    return int(text)


def _options(url: str, wanted: dict[str, str], columns: int, *, serial: bool) -> tuple[EncodeOptions, PrinterOptions]:
    encoding: dict[str, Any] = {}
    talking: dict[str, Any] = {"answer_s": _SERIAL_ANSWER_S} if serial else {}
    for name, value in wanted.items():
        if name == "font":
            encoding["fonts"] = (value,)
        elif name in _TIMES:
            talking[_TIMES[name]] = _positive(url, name, value)
        elif name not in _CHOICES:
            raise ValueError(f"{name!r} is not an option of a receipt printer.")
        elif value not in _CHOICES[name]:
            raise ValueError(f"{url!r} has no usable {name}; it must be {', '.join(_CHOICES[name])}.")
        else:
            (encoding if name in _ENCODING else talking)[name] = value
    return replace(EncodeOptions(columns=columns), **encoding), replace(PrinterOptions(), **talking)


def _positive(url: str, name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError(f"{url!r} has no usable {name}; it must be a number.") from error
    if not 0 < number <= 3600:
        raise ValueError(f"{url!r} has no usable {name}; it must lie between 0 and 3600.")
    return number
