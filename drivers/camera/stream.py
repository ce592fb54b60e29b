"""What is known of the camera's stream right now: since when it runs, the newest frame, and what is wrong with it by the clock."""

from __future__ import annotations

import time
from typing import Any

from drivers.camera.link import Timings
from kiosk.domain.errors import DeviceError, ErrorKind

STALE = 0.3
"""Seconds; an older frame shows a face that has gone, and is never handed out."""


class Stream:
    """Fed with the worker's messages; all times are monotonic seconds."""

    def __init__(self, device_id: str, times: Timings, *, frozen_detection: bool) -> None:
        self._device_id = device_id
        self._times = times
        self._frozen_detection = frozen_detection
        self.newest: dict[str, Any] | None = None
        self.running = False
        self.opening_since: float | None = None
        self.run_since = 0.0
        self._fresh_at = 0.0
        self._dark_since: float | None = None

    def forget(self) -> None:
        """It does not run: at rest, lost, or with a new worker."""
        self.running, self.opening_since, self.newest, self._dark_since = False, None, None, None

    def ordered(self) -> None:
        self.run_since = self.opening_since = time.monotonic()

    def opened(self) -> None:
        self.forget()
        self.running, self.run_since = True, time.monotonic()

    def frame(self, message: dict[str, Any]) -> None:
        now = time.monotonic()
        self.newest = message
        if now - message["at"] <= STALE:
            self._fresh_at = now
        if not message["dark"]:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = now

    def trouble(self) -> DeviceError | None:
        """What is wrong, None while nothing is or while the camera rests."""
        if not self.running:
            return None
        now = time.monotonic()
        if now - max(self.run_since, self._fresh_at) > self._times.stall:
            late = self.newest is not None and now - self.newest["at"] <= self._times.stall
            hint = "the camera's frames come too late to be used" if late else "the camera sends no frames"
            return DeviceError(ErrorKind.TIMEOUT, self._device_id, hint, "stalled")
        if self._dark_since is not None and now - self._dark_since >= self._times.covered:
            hint = "the lens is covered or the picture is black"
            return DeviceError(ErrorKind.HARDWARE, self._device_id, hint, "covered")
        if self._frozen_detection and self.newest is not None and self.newest["same"] >= self._times.frozen_frames:
            return DeviceError(ErrorKind.HARDWARE, self._device_id, "the camera repeats one frame", "frozen")
        return None
