"""Commands that a machine obeys at reception, wherever they stand in the stream: DLE EOT n, DLE ENQ n, DLE DC4 8."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8 and its fixed parameters."""
FULL_STATUS = 20
"""DLE EOT 20 of Custom's kiosk printers."""
_EOT, _ENQ = 0x04, 0x05


class Realtime(Enum):
    STATUS = auto()
    RECOVER = auto()
    CLEAR = auto()


class Order(NamedTuple):
    what: Realtime
    number: int
    behind: int
    """How many bytes came after it."""


def find_orders(seen: bytes, *, presents: bool) -> tuple[list[Order], bytes]:
    """The orders in these bytes, and the end that may begin another one: it goes before what comes next."""
    orders: list[Order] = []
    position = 0
    while (at := seen.find(b"\x10", position)) >= 0:
        found = _order(seen, at, presents)
        if found is None:
            if CLEAR.startswith(seen[at:]) or len(seen) - at < 3:
                return orders, seen[at:]
            position = at + 1
            continue
        what, number, size = found
        position = at + size
        orders.append(Order(what, number, len(seen) - position))
    return orders, b""


def _order(seen: bytes, at: int, presents: bool) -> tuple[Realtime, int, int] | None:
    if seen.startswith(CLEAR, at):
        return Realtime.CLEAR, 8, len(CLEAR)
    if len(seen) - at < 3:
        return None
    kind, number = seen[at + 1], seen[at + 2]
    if kind == _EOT and (1 <= number <= 4 or (presents and number == FULL_STATUS)):
        return Realtime.STATUS, number, 3
    if kind == _ENQ and number in (1, 2):
        return Realtime.RECOVER, number, 3
    return None
