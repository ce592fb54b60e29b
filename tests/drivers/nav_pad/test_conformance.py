"""The pad in the suite that all devices go through, over every line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.conformance.base import PATIENCE, Bench, DeviceConformance, during
from kiosk.ports.controls import PadKey
from tests.drivers.nav_pad.conftest import rig


class _PadConformance(DeviceConformance[Bench]):
    kind = "nav_pad"
    line: str

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        async with rig(self.line, opened=False) as r:
            bench = Bench(r.pad, lambda: r.do("unplug"), lambda: r.do("plug"))
            self._rig = r
            yield bench

    async def use(self, bench: Bench, deadline: float) -> object:
        return await bench.device.event(deadline)

    async def works(self, bench: Bench) -> None:
        event = await during(bench.device.event(PATIENCE), lambda: self._rig.do("press", key="select"))
        while event.key is None:
            event = await bench.device.event(PATIENCE)
        assert event.key is PadKey.SELECT


class TestInProcess(_PadConformance):
    line = "memory"


class TestOverTcp(_PadConformance):
    line = "tcp"


@pytest.mark.pty
class TestOnADeviceFile(_PadConformance):
    line = "pty"
