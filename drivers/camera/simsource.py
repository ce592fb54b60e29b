"""The simulated camera's sensor: draws the commanded scene inside the worker, faults included."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from drivers.camera.faces import Scene, draw_scene
from drivers.camera.link import Job
from drivers.camera.people import Image
from drivers.camera.sources import SourceError, pace
from kiosk.domain.errors import ErrorKind

BLINK_S = 0.32
"""How long drawn eyes stay closed. A real blink takes 0.15-0.4 s."""
BLINK_EVERY_S = 3.5

Orders = Mapping[str, Any]
"""{"scene": fields of Scene, "faults": {id: until (monotonic seconds) or None}, "blink_at": seconds, "blinking": bool}"""


class SimSource:
    def __init__(self, job: Job, orders: Callable[[], Orders]) -> None:
        self._job = job
        self._orders = orders
        self._next = 0.0
        self._count = 0
        self._last: Image | None = None

    def _faults(self) -> set[str]:
        now = time.monotonic()
        return {name for name, until in self._orders().get("faults", {}).items() if until is None or now < until}

    def open(self) -> None:
        faults = self._faults()
        if "CAM.UNPLUG" in faults:
            raise SourceError(ErrorKind.OFFLINE, "the simulated camera is unplugged", "CAM.UNPLUG")
        if "CAM.BUSY" in faults:
            raise SourceError(ErrorKind.BUSY, "the simulated camera is in use by another program", "CAM.BUSY")

    def read(self) -> tuple[Image, float] | None:
        faults = self._faults()
        if "CAM.CRASH" in faults:
            os._exit(70)
        if "CAM.HANG" in faults:  # a vendor's driver that never comes back: only killing the process helps
            threading.Event().wait()
        if "CAM.UNPLUG" in faults:
            raise SourceError(ErrorKind.OFFLINE, "the simulated camera was unplugged", "CAM.UNPLUG")
        self._next = pace(self._next, 1 / self._job.fps)
        if "CAM.STALL" in faults:
            return None
        if "CAM.FROZEN" in faults and self._last is not None:
            return self._last, time.monotonic()
        self._last = draw_scene(self._scene("CAM.COVERED" in faults), self._job.width, self._job.height)
        return self._last, time.monotonic()

    def _scene(self, covered: bool) -> Scene:
        orders = self._orders()
        scene = Scene(**orders.get("scene", {}))
        self._count += 1
        now = time.monotonic()
        closed = scene.eyes == "closed" or 0 <= now - orders.get("blink_at", -1e9) < BLINK_S
        if orders.get("blinking", True) and now % BLINK_EVERY_S < BLINK_S:
            closed = True
        return dataclasses.replace(
            scene,
            eyes="closed" if closed else "open",
            covered=scene.covered or covered,
            noise_seed=scene.noise_seed + self._count,
        )

    def release(self) -> None:
        self._last = None
