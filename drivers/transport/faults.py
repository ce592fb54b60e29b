"""A wire that goes wrong when told to: the line faults every device can suffer, between any simulator and any driver."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from drivers.faults import Fault, FaultBook
from drivers.transport.base import Wire

_NOISE = bytes.fromhex("00FFAA5A13")
_CUTS = ("LINE.CUT", "LINE.UNPLUG")


class FaultyWire:
    """Wraps a `Wire`. One `write` of the simulator is one answer, and one fault strikes one answer; with `after_bytes` the first
    answer that passes this mark, bytes of both directions counted.

    `unplug` pulls the device's plug, for some seconds or None (until plugged in)."""

    def __init__(self, wire: Wire, faults: FaultBook, unplug: Callable[[float | None], None] | None = None) -> None:
        self._wire = wire
        self._faults = faults
        self._unplug = unplug
        self._held = b""
        self._random = random.Random(0)  # the same nonsense in every run

    @property
    def baud(self) -> int | None:
        return getattr(self._wire, "baud", None)

    async def read(self) -> bytes:
        if self._faults.active("LINE.BLOCK"):
            await self._faults.wait_cleared("LINE.BLOCK")
        data = await self._wire.read()
        return (await self._crossing(data))[0] if data else data

    async def hang_up(self) -> None:
        await self._wire.hang_up()

    async def write(self, data: bytes) -> None:
        take = self._faults.take
        cut = (await self._crossing(data, self._wire.write))[1]
        if cut or take("LINE.MUTE"):
            return
        if take("LINE.HANGUP"):
            await self.hang_up()
            return
        if take("LINE.HANGUP_MID"):
            await self._wire.write(data[: len(data) // 2])
            await self.hang_up()
            return
        if take("LINE.JOIN"):
            self._held += data
            return
        data = self._spoil(data)
        held, self._held = self._held, b""
        if fault := take("LINE.LATE"):
            await asyncio.sleep(fault.number("seconds", 2.0))
        await self._send(held + data)

    async def _crossing(self, data: bytes, put: Callable[[bytes], Awaitable[None]] | None = None) -> tuple[bytes, bool]:
        """Count what crosses the line; what gets over, and whether the line was cut behind it.

        `put`: send what gets over first, so that it still arrives."""
        marks = {name: to_go for name in _CUTS if (to_go := self._faults.bytes_to_go(name)) is not None}
        self._faults.passed(len(data))
        for name, keep in sorted(marks.items(), key=lambda mark: mark[1]):
            if keep > len(data):
                continue
            fault = self._faults.take(name)
            if fault is None:
                continue
            if put is not None and keep:
                await put(data[:keep])
            if name == "LINE.UNPLUG" and self._unplug is not None:
                seconds = fault.args.get("seconds", 1.0)
                self._unplug(None if seconds is None else float(seconds))
            await self.hang_up()
            return data[:keep], True
        return data, False

    def _spoil(self, data: bytes) -> bytes:
        """Faults that only change the bytes; several may be armed at once."""
        take = self._faults.take
        if fault := take("LINE.FLIP"):
            at = int(fault.number("at", len(data) // 2)) % len(data)
            data = data[:at] + bytes([data[at] ^ 0x04]) + data[at + 1 :]
        if fault := take("LINE.TRUNCATE"):
            data = data[: int(fault.number("keep", len(data) // 2))]
        if take("LINE.LOST_FIRST"):
            data = data[1:]
        if take("LINE.GARBLE"):
            data = self._random.randbytes(len(data))
        if take("LINE.DOUBLE"):
            data += data
        if take("LINE.NOISE_BEFORE"):
            data = _NOISE + data
        if take("LINE.NOISE_AFTER"):
            data += _NOISE
        return data

    async def _send(self, data: bytes) -> None:
        take = self._faults.take
        if fault := take("LINE.STALL"):
            half = len(data) // 2
            await self._wire.write(data[:half])
            await asyncio.sleep(fault.number("seconds", 0.2))
            data = data[half:]
        if fault := take("LINE.DRIP"):
            await self._drip(data, fault)
        else:
            await self._wire.write(data)

    async def _drip(self, data: bytes, fault: Fault) -> None:
        size, pause = max(1, int(fault.number("size", 1))), fault.number("pause", 0.002)
        for at in range(0, len(data), size):
            if at:
                await asyncio.sleep(pause)
            await self._wire.write(data[at : at + size])
