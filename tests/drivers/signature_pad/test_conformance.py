"""Signature pads in the suite that all devices go through, over every line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.conformance.base import PATIENCE, Bench, DeviceConformance, during
from tests.drivers.signature_pad.conftest import Sheet, rig, touch_pad, until


class _PadConformance(DeviceConformance[Bench]):
    kind = "signature_pad"
    line: str

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        async with rig(self.line, opened=False) as r:
            self._sign = lambda: r.do("sign")
            yield Bench(r.pad, lambda: r.do("unplug"), lambda: r.do("plug"))

    async def use(self, bench: Bench, deadline: float) -> object:
        await bench.device.cancel()
        await bench.device.start()
        await bench.device.wait_ink(deadline)
        return await bench.device.finish()

    async def works(self, bench: Bench) -> None:
        await bench.device.cancel()
        await bench.device.start()
        await during(bench.device.wait_ink(PATIENCE), self._sign)
        await until(lambda: bench.device.status().parts["surface"] == "ready")
        assert (await bench.device.finish()).strokes


class TestInProcess(_PadConformance):
    line = "memory"


class TestOverTcp(_PadConformance):
    line = "tcp"


@pytest.mark.pty
class TestOnATty(_PadConformance):
    line = "pty"


class TestTheWindowsSheet(_PadConformance):
    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        sheet = Sheet()

        def sign() -> None:
            sheet.show()
            sheet.sign()

        self._sign = sign
        pad = touch_pad(sheet)
        yield Bench(pad)
        await pad.close()
