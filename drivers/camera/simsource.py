"""The simulated camera's sensor: draws the commanded scene inside the worker, faults included."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from drivers.camera.faces import Scene, draw_scene
from drivers.camera.link import Job
from drivers.camera.people import Image
from drivers.camera.simfaults import Armed, Player, load
from drivers.camera.sources import SourceError, pace
from kiosk.domain.errors import ErrorKind

BLINK_S = 0.32
"""How long drawn eyes stay closed. A real blink takes 0.15-0.4 s."""
BLINK_EVERY_S = 3.5

Orders = Mapping[str, Any]
"""{"scene": fields of Scene, "faults": {id: fields of simfaults.Armed}, "blink_at": seconds, "blinking": bool}"""
OLD_FORMAT = (640, 480, 5.0)
"""Width, height and frames a second of a camera that fell back to uncompressed pictures over USB 2."""


class SimSource:
    def __init__(self, job: Job, orders: Callable[[], Orders], wake: threading.Event) -> None:
        self._job = job
        self._wake = wake
        self._orders = orders
        self._next = 0.0
        self._count = 0
        self._last: Image | None = None
        self._play = Player()
        self._format = (job.width, job.height, job.fps)
        self._queue: deque[tuple[Image, float]] = deque()

    def _armed(self) -> dict[str, Armed]:
        return load(self._orders().get("faults", {}))

    def open(self) -> None:
        faults = self._play.now(self._armed())
        if "CAM.UNPLUG" in faults:
            raise SourceError(ErrorKind.OFFLINE, "the simulated camera is unplugged", "CAM.UNPLUG")
        if "CAM.PERMISSION" in faults:
            raise SourceError(ErrorKind.PERMISSION, "the simulated camera may not be opened", "CAM.PERMISSION")
        if "CAM.BUSY" in faults:
            raise SourceError(ErrorKind.BUSY, "the simulated camera is in use by another program", "CAM.BUSY")
        self._format = OLD_FORMAT if "CAM.FORMAT" in faults else (self._job.width, self._job.height, self._job.fps)

    def read(self) -> tuple[Image, float] | None:
        faults = self._play.strike(self._armed())
        if "CAM.CRASH" in faults:
            os._exit(70)
        if "CAM.HANG" in faults:  # a vendor's driver that never comes back: only killing the process helps
            threading.Event().wait()
        if "CAM.UNPLUG" in faults:
            raise SourceError(ErrorKind.OFFLINE, "the simulated camera was unplugged", "CAM.UNPLUG")
        width, height, fps = self._format
        self._next = pace(self._next, 1 / fps, self._wake)
        if "CAM.STALL" in faults:
            return None
        if "CAM.FROZEN" in faults and self._last is not None:
            return self._last, time.monotonic()
        self._last = self._spoilt(draw_scene(self._scene(faults), width, height), faults)
        taken = (self._last, time.monotonic())
        return self._late(taken, faults["CAM.LATE"]) if "CAM.LATE" in faults else taken

    def _late(self, taken: tuple[Image, float], fault: Armed) -> tuple[Image, float] | None:
        """A pipeline that holds frames back: what comes out was taken a while ago, and says so."""
        self._queue.append(taken)
        delay = fault.measure or 1.0
        return self._queue.popleft() if taken[1] - self._queue[0][1] >= delay else None

    def _spoilt(self, picture: Image, faults: Mapping[str, Armed]) -> Image:
        if "CAM.PHOTO" in faults:
            picture = _as_print(picture)
        if "CAM.UPSIDE_DOWN" in faults:
            picture = np.ascontiguousarray(picture[::-1, ::-1])
        if "CAM.CORRUPT" in faults:
            picture = damaged(picture, self._count)
        return picture

    def _scene(self, faults: Mapping[str, Armed]) -> Scene:
        orders = self._orders()
        scene = Scene(**orders.get("scene", {}))
        self._count += 1
        now = time.monotonic()
        closed = scene.eyes == "closed" or 0 <= now - orders.get("blink_at", -1e9) < BLINK_S
        if orders.get("blinking", True) and now % BLINK_EVERY_S < BLINK_S:
            closed = True
        return dataclasses.replace(
            scene,
            eyes="closed" if closed and "CAM.PHOTO" not in faults else "open",
            light=scene.light * 12 if "CAM.OVEREXPOSED" in faults else scene.light,
            covered=scene.covered or "CAM.COVERED" in faults,
            noise_seed=scene.noise_seed + self._count,
        )

    def release(self) -> None:
        self._last = None
        self._queue.clear()


def damaged(picture: Image, number: int) -> Image:
    """A JPEG with some bytes of its scan overwritten, decoded as far as it goes: right above, shifted blocks and grey below."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    if not done:
        raise RuntimeError("OpenCV could not encode a frame as JPEG")
    scan = data.reshape(-1).copy()
    at = len(scan) // 2
    scan[at : at + 64] = np.random.default_rng(number).integers(0, 255, len(scan[at : at + 64]), np.uint8)
    decoded = cv2.imdecode(scan, cv2.IMREAD_COLOR)
    return picture if decoded is None else np.asarray(decoded, np.uint8)


def _as_print(picture: Image) -> Image:
    """The scene as a sheet of paper held up: smaller, with a white edge, before a dark hand."""
    height, width = picture.shape[:2]
    sheet = cv2.copyMakeBorder(
        picture, height // 24, height // 24, height // 24, height // 24, cv2.BORDER_CONSTANT, value=(245, 245, 245)
    )
    sheet = cv2.resize(sheet, (round(width * 0.8), round(height * 0.8)), interpolation=cv2.INTER_AREA)
    held = np.full_like(picture, 60)
    top, left = (height - sheet.shape[0]) // 2, (width - sheet.shape[1]) // 2
    held[top : top + sheet.shape[0], left : left + sheet.shape[1]] = sheet
    return held
