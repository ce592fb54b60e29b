"""The supply in the suite that all devices go through, over every line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.conformance.base import Bench, DeviceConformance
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Power
from tests.drivers.ups.conftest import rig, until


class _UpsConformance(DeviceConformance[Bench]):
    kind = "ups"
    line: str

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        async with rig(self.line, opened=False) as r:
            self._rig = r
            yield Bench(r.ups, lambda: r.do("unplug"), lambda: r.do("plug"))

    async def use(self, bench: Bench, deadline: float) -> object:
        """A supply works by being asked."""
        answer = await bench.device.variable("ups.status")
        if answer is None:
            raise DeviceError(ErrorKind.TIMEOUT, self.kind, "The supply has no status.")
        return answer

    async def works(self, bench: Bench) -> None:
        self._rig.do("outage")
        await until(lambda: bench.device.power() is Power.BATTERY)
        self._rig.do("restore")
        await until(lambda: bench.device.power() is Power.MAINS)


class TestInProcess(_UpsConformance):
    line = "memory"


class TestOverTcp(_UpsConformance):
    line = "tcp"
