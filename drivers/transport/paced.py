"""A wire as slow as a real UART, so that reading times measured against a simulator mean something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.transport.base import Wire

_BITS_PER_BYTE = 10  # start + 8 + stop


class PacedWire:
    """Wraps a `Wire`: every byte takes its time both ways (half duplex, as command and answer are).

    `speed` is asked each time and gives the baud rate, or None for no pacing.
    """

    def __init__(self, wire: Wire, speed: Callable[[], int | None], *, chunk: int = 32) -> None:
        self._wire = wire
        self._speed = speed
        self._chunk = chunk

    @property
    def baud(self) -> int | None:
        return getattr(self._wire, "baud", None)

    async def read(self) -> bytes:
        data = await self._wire.read()
        if data:
            await asyncio.sleep(len(data) * self._seconds_per_byte())
        return data

    async def write(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        start, per_byte = loop.time(), self._seconds_per_byte()
        for at in range(0, len(data), self._chunk):
            piece = data[at : at + self._chunk]
            # Against the schedule, not piece by piece: the loop's rounding of short sleeps must not add up.
            delay = start + (at + len(piece)) * per_byte - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
            await self._wire.write(piece)

    async def hang_up(self) -> None:
        await self._wire.hang_up()

    def _seconds_per_byte(self) -> float:
        baud = self._speed()
        return _BITS_PER_BYTE / baud if baud else 0.0
