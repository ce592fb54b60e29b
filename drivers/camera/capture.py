"""FaceCapturer over any `Camera`: judges every newest frame on a thread of its own and keeps the sharpest good one.

OpenCV is imported on that thread, at the first capture. Nothing is kept when the iteration ends, however it ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from drivers.camera.steps import CaptureMachine, CaptureSettings, Seen
from drivers.transport.aside import OneThread
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import Photo
from kiosk.ports.devices import Camera, FaceCapture, Frame

if TYPE_CHECKING:
    from drivers.camera.quality import Assessment, FaceAssessor
    from drivers.camera.steady import Steadiness

__all__ = ["CaptureSettings", "WatchingCapturer"]

ASSESS_WITHIN = 5.0
"""Seconds; a picture takes 10-40 ms. A library that is still busy then never ends: its thread is left behind."""
_LOAD_WITHIN = 20.0
_FAILURES = 5
"""So many pictures in a row the detector may fail on: one damaged picture is passed over, a broken detector is told."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Bench:
    """What judges frames: of one capture, on one thread."""

    assessor: FaceAssessor
    steadiness: Steadiness


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
        machine = CaptureMachine(self._settings)
        kept: tuple[Frame, tuple[int, int, int, int]] | None = None
        thread = OneThread("face")
        failures = 0
        try:
            bench = await thread.do(self._set_up, _LOAD_WITHIN)
            async for frame in self._camera.frames(self._settings.max_fps):
                judged = await thread.do(partial(_assess, bench, frame), ASSESS_WITHIN)
                if isinstance(judged, DeviceError):
                    failures += 1
                    log.warning("face_detector_failed", native=judged.native, count=failures)
                    if failures >= _FAILURES:
                        raise judged
                    continue
                seen, steady = judged
                failures = 0
                box = seen.face.box if seen.face else None
                state = seen.eye_state.value if seen.eye_state else None
                step = machine.feed(Seen(frame.at, seen.hint, state, box, seen.sharpness, steady))
                if step.begun_again:
                    kept = None
                if step.best and box is not None:
                    kept = (frame, box)
                photo = None
                if step.done and kept is not None:
                    photo = await thread.do(partial(cut_photo, *kept, self._settings), ASSESS_WITHIN)
                yield FaceCapture(seen.report(step.hint, step.progress), frame, photo)
                if photo is not None:
                    return
        except TimeoutError:
            hint = "Looking for a face in a picture hangs."
            raise DeviceError(ErrorKind.TIMEOUT, "camera", hint, "detector_hung") from None
        finally:
            thread.end()

    def _set_up(self) -> _Bench:
        from drivers.camera.detect import make_detector
        from drivers.camera.gates import load_gates
        from drivers.camera.quality import FaceAssessor
        from drivers.camera.steady import Steadiness

        gates = load_gates(self._gates)
        return _Bench(FaceAssessor(make_detector(self._yunet_model), gates), Steadiness(gates.steady_likeness_min))


def _assess(bench: _Bench, frame: Frame) -> tuple[Assessment, bool] | DeviceError:
    """The judged frame and whether it is steady; where OpenCV itself fails on it, the error as a value: one such frame is no reason
    to end."""
    import cv2

    from drivers.camera.quality import pixels

    try:
        seen = bench.assessor.assess(pixels(frame))
        return seen, bench.steadiness.feed(pixels(frame), seen.face.box if seen.face else None)
    except cv2.error as error:
        hint = f"The face detector failed on a picture ({error.func or 'OpenCV'})."
        return DeviceError(ErrorKind.INTERNAL, "camera", hint, str(error.code))


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
