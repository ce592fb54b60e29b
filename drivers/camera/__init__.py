"""Cameras: capture in a worker process, quality gates, face capture and matching, and the simulated camera.

Importing this package loads neither OpenCV nor NumPy: the kiosk's first screen does not wait for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drivers.camera.link import Job, Timings

if TYPE_CHECKING:
    from drivers.camera.camera import WorkerCamera
    from drivers.camera.capture import CaptureSettings, WatchingCapturer
    from drivers.camera.simulator import CameraSimulator
    from kiosk.ports.devices import Camera

__all__ = ["Timings", "connect", "make_capturer"]


def connect(
    url: str,
    *,
    simulator: CameraSimulator | None = None,
    width: int = 1280,
    height: int = 720,
    fps: float = 25.0,
    timings: Timings | None = None,
) -> WorkerCamera:
    """The camera behind a settings URL: `v4l2:///dev/video0`, `file:///photo.jpg`, `file:///clip.avi`,
    `file:///dir/name_%03d.png`, `sim:`. Nothing is opened yet. Raises DeviceError CONFIG for another scheme.
    """
    from drivers.camera.camera import WorkerCamera
    from drivers.camera.simulator import CameraSimulator
    from drivers.camera.urls import is_static, known
    from kiosk.domain.errors import DeviceError, ErrorKind

    if not known(url):
        raise DeviceError(ErrorKind.CONFIG, "camera", f"no camera driver for {url.split(':', 1)[0]}:")
    job = Job(url, width, height, fps, timings or Timings())
    if url.startswith("sim:"):
        return WorkerCamera(job, simulator=simulator or CameraSimulator())
    return WorkerCamera(job, static=is_static(url))


def make_capturer(
    camera: Camera,
    settings: CaptureSettings | None = None,
    *,
    yunet_model: Path | None = None,
    gates: Path | None = None,
) -> WatchingCapturer:
    """A `FaceCapturer` over `camera`. OpenCV is loaded when the capture begins, not here.

    `yunet_model` replaces the Haar cascades, `gates` the shipped gate file.
    """
    from drivers.camera.capture import CaptureSettings, WatchingCapturer

    return WatchingCapturer(camera, settings or CaptureSettings(), yunet_model, gates)
