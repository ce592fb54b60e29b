"""The board in the suite that all devices go through, over every line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.conformance.base import Bench, DeviceConformance
from kiosk.ports.controls import Flash
from tests.drivers.io_board.conftest import rig


class _BoardConformance(DeviceConformance[Bench]):
    kind = "io_board"
    line: str

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        async with rig(self.line, opened=False) as r:
            self._rig = r
            yield Bench(r.board, lambda: r.do("unplug"), lambda: r.do("plug"))

    async def use(self, bench: Bench, deadline: float) -> object:
        return await bench.device.light("slot", Flash.CONTINUOUS)

    async def works(self, bench: Bench) -> None:
        await bench.device.light("slot", Flash.CONTINUOUS)
        assert self._rig.simulator.lit()["slot"]
        await bench.device.light("slot", Flash.OFF)
        assert not self._rig.simulator.lit()["slot"]


class TestInProcess(_BoardConformance):
    line = "memory"


class TestOverTcp(_BoardConformance):
    line = "tcp"


@pytest.mark.pty
class TestOnASerialLine(_BoardConformance):
    line = "pty"
