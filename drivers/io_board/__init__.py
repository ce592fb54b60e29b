"""Boards of relays and inputs (Modbus RTU). Importing this package loads nothing; `connect` loads what the chosen line needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    from config.io_board import IoTable
    from drivers.io_board.board import ModbusBoard
    from drivers.simulator import Simulator

BAUD = 9600
"""What boards are delivered with; the specification's own default is 19200 with even parity (V1.02 §2.5.1)."""
_EXAMPLE = "modbus+serial:///dev/ttyS3?unit=1&lights=id_card:0&inputs=door:0"


def connect(url: str, *, table: IoTable | None = None, simulator: Simulator | None = None) -> ModbusBoard:
    """The board a settings URL names, not opened yet.

        modbus+serial:///dev/ttyS3?unit=1&baud=9600&parity=N    modbus+tcp://host:port?unit=1    modbus+sim:

    `unit` 1 to 247. What hangs on it is told by `table` (config/io_board.py) or in the address, which goes first:
    lights=id_card:0,slot:!2&inputs=door:0,tamper:1. `answer`: seconds until an answer must be there. `modbus+tcp:` is the serial framing
    over TCP, as serial-to-Ethernet boxes carry it, not Modbus/TCP. Raises ValueError with one sentence for what is wrong.
    """
    from config.io_board import EXAMPLE
    from drivers.io_board.board import ModbusBoard
    from drivers.transport.url import open_transport, split_scheme

    driver, rest = split_scheme(url)
    parts = urlsplit(rest)
    if driver != "modbus" or parts.scheme not in ("serial", "tcp", "sim", "replay"):
        raise ValueError(f"{url!r} is not a board of relays; it should look like {_EXAMPLE} or modbus+sim:.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unit = int(_number(url, "unit", options.pop("unit", "1"), 1, 247))
    answer = _number(url, "answer", options.pop("answer", "0.3"), 0.02, 5)
    found = _table(url, options, table, EXAMPLE if parts.scheme == "sim" else None)
    if parts.scheme == "sim" and simulator is None:
        from drivers.io_board.simulator import BoardSimulator

        simulator = BoardSimulator(found, unit=unit)
    line = open_transport(_line(parts, options), simulator, default_baud=BAUD)
    return ModbusBoard(line, found, unit=unit, driver=f"{driver}+{parts.scheme}", answer=answer)


def _line(parts: SplitResult, options: dict[str, str]) -> str:
    return urlunsplit(parts._replace(query=urlencode(options)))


def _number(url: str, name: str, text: str, least: float, most: float) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not least <= found <= most or (least >= 1 and found != int(found)):
        raise ValueError(f"{url!r} has no usable {name}; it must lie between {least:g} and {most:g}.")
    return found


def _table(url: str, options: dict[str, str], given: IoTable | None, example: IoTable | None) -> IoTable:
    from pydantic import ValidationError

    from config.io_board import IoTable, points

    base = given or IoTable()
    changes: dict[str, Any] = {}
    try:
        for part in ("lights", "inputs"):
            if part in options:
                changes[part] = points(options.pop(part))
        found = IoTable.model_validate({**base.model_dump(), **changes}) if changes else base
    except ValidationError as error:
        raise ValueError(f"{url!r} is no usable table of lights and inputs: {error.errors()[0]['msg']}.") from None
    except ValueError as error:
        raise ValueError(f"{url!r} is no usable table of lights and inputs: {error}.") from None
    if not (found.lights or found.inputs):
        if example is None:
            raise ValueError(f"{url!r} says of no light and no input; it should look like {_EXAMPLE}.")
        return example
    return found
