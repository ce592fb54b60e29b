"""FaceCapturer over any `Camera`: judges every newest frame on a thread of its own and keeps the sharpest good one.

OpenCV is imported on that thread, at the first capture. Nothing is kept when the iteration ends, however it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.camera.steps import CaptureMachine, CaptureSettings, Seen
from kiosk.domain.identity import Photo
from kiosk.ports.devices import Camera, FaceCapture, Frame

if TYPE_CHECKING:
    from drivers.camera.quality import Assessment, FaceAssessor

__all__ = ["CaptureSettings", "WatchingCapturer"]


class WatchingCapturer:
    """See `kiosk.ports.devices.FaceCapturer`. Raises DeviceError CONFIG where a configured model cannot be used."""

    def __init__(
        self, camera: Camera, settings: CaptureSettings, yunet_model: Path | None = None, gates: Path | None = None
    ) -> None:
        self._camera = camera
        self._settings = settings
        self._yunet_model = yunet_model
        self._gates = gates

    async def capture(self) -> AsyncIterator[FaceCapture]:
        loop = asyncio.get_running_loop()
        machine = CaptureMachine(self._settings)
        kept: tuple[Frame, tuple[int, int, int, int]] | None = None
        thread = ThreadPoolExecutor(1, thread_name_prefix="face")
        try:
            assessor = await loop.run_in_executor(thread, self._make_assessor)
            async for frame in self._camera.frames(self._settings.max_fps):
                seen = await loop.run_in_executor(thread, _assess, assessor, frame)
                box = seen.face.box if seen.face else None
                state = seen.eye_state.value if seen.eye_state else None
                step = machine.feed(Seen(frame.at, seen.hint, state, box, seen.sharpness))
                if step.begun_again:
                    kept = None
                if step.best and box is not None:
                    kept = (frame, box)
                photo = None
                if step.done and kept is not None:
                    photo = await loop.run_in_executor(thread, cut_photo, *kept, self._settings)
                yield FaceCapture(seen.report(step.hint, step.progress), frame, photo)
                if photo is not None:
                    return
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    def _make_assessor(self) -> FaceAssessor:
        from drivers.camera.detect import make_detector
        from drivers.camera.gates import load_gates
        from drivers.camera.quality import FaceAssessor

        return FaceAssessor(make_detector(self._yunet_model), load_gates(self._gates))


def _assess(assessor: FaceAssessor, frame: Frame) -> Assessment:
    from drivers.camera.quality import pixels

    return assessor.assess(pixels(frame))


def cut_photo(frame: Frame, box: tuple[int, int, int, int], settings: CaptureSettings) -> Photo:
    """Face with margin, 3:4 upright, hair and chin inside, as JPEG; never enlarged, cut where the frame ends."""
    import cv2
    import numpy as np

    from drivers.camera.quality import pixels

    x, y, w, h = box
    height = 1.7 * h
    width = height * 3 / 4
    middle, top = x + w / 2, y - 0.38 * h
    left, right = max(0, round(middle - width / 2)), min(frame.width, round(middle + width / 2))
    upper, lower = max(0, round(top)), min(frame.height, round(top + height))
    crop = pixels(frame)[upper:lower, left:right]
    if crop.shape[0] > settings.photo_height:
        scale = settings.photo_height / crop.shape[0]
        crop = np.asarray(cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    done, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg_quality])
    if not done:
        raise RuntimeError("OpenCV could not encode the face photo as JPEG")
    return Photo(data.tobytes(), "image/jpeg")
