"""The worker camera against the suite that other makers run on theirs, with real worker processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.camera import Timings, connect
from drivers.camera.simulator import CameraSimulator
from drivers.conformance.base import Bench
from drivers.conformance.camera import CameraConformance

QUICK = Timings(
    stall=0.8, hang=2.0, opening=15.0, rest=30.0, covered=0.2, frozen_frames=5, beat=0.1, back_off=0.1, back_off_max=0.4
)


class TestWorkerCamera(CameraConformance):
    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        simulator = CameraSimulator()
        camera = connect("sim:", timings=QUICK, simulator=simulator, width=320, height=240)
        try:
            yield Bench(camera, lambda: simulator.control({"do": "unplug"}), lambda: simulator.control({"do": "plug"}))
        finally:
            await camera.close()
