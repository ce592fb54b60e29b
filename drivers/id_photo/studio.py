"""PhotoStudio over any `Camera`: judges every newest frame on a thread of its own and develops the sharpest of a good row.

OpenCV is imported on that thread, at the first capture. Frames and photos live in memory only, and nothing is kept when the iteration
ends, however it ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from config.photo_rules import PhotoProfile, load_photo_profile
from config.tables import TablesError
from drivers.id_photo.steps import Sitting
from drivers.transport.aside import OneThread
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Camera, Frame
from kiosk.ports.photo import PhotoHint, PhotoStep

if TYPE_CHECKING:
    from drivers.camera.steady import Steadiness
    from drivers.id_photo.assess import Judged, PhotoAssessor
    from drivers.id_photo.develop import Developed

_MAX_FPS = 20.0
_WITHIN = 5.0
"""Seconds for judging or developing a picture, which take 40-200 ms. What takes longer never ends: its thread is left behind."""
_LOAD_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class _Room:
    profile: PhotoProfile
    assessor: PhotoAssessor
    steadiness: Steadiness


class CameraStudio:
    """See `kiosk.ports.photo.PhotoStudio`."""

    def __init__(
        self,
        camera: Camera,
        good_frames: int,
        hint_hold: float,
        yunet_model: Path | None = None,
        profiles: Path | None = None,
    ) -> None:
        self._camera = camera
        self._good_frames = good_frames
        self._hint_hold = hint_hold
        self._yunet_model = yunet_model
        self._profiles = profiles

    async def capture(self, profile: str) -> AsyncIterator[PhotoStep]:
        sitting = Sitting(self._good_frames, self._hint_hold)
        kept: tuple[Frame, Judged] | None = None
        thread = OneThread("photo")
        try:
            room = await thread.do(partial(self._set_up, profile), _LOAD_WITHIN)
            async for frame in self._camera.frames(_MAX_FPS):
                judged = await thread.do(partial(_judge, room, frame), _WITHIN)
                turn = sitting.feed(frame.at, judged.hint, judged.sharpness)
                if turn.drop:
                    kept = None
                if turn.keep:
                    kept = (frame, judged)
                if not turn.develop or kept is None:
                    yield _step(turn.hint, turn.progress, frame, judged)
                    continue
                made = await thread.do(partial(_develop, room, *kept), _WITHIN)
                shown, chosen = kept
                kept = None
                if made.photo is not None:
                    yield _step(PhotoHint.OK, 1.0, shown, chosen, made)
                    return
                yield _step(sitting.refuse(frame.at, made.hint), 0.0, frame, judged, made)
        except TimeoutError:
            hint = "Judging a picture for the photo hangs."
            raise DeviceError(ErrorKind.TIMEOUT, "camera", hint, "detector_hung") from None
        finally:
            thread.end()

    def _set_up(self, profile: str) -> _Room:
        from drivers.camera.detect import make_detector
        from drivers.camera.gates import load_gates
        from drivers.camera.steady import Steadiness
        from drivers.id_photo.assess import PhotoAssessor

        try:
            rules = load_photo_profile(profile, self._profiles)
        except TablesError as error:
            raise DeviceError(ErrorKind.CONFIG, "camera", str(error), "photo_profile") from error
        assessor = PhotoAssessor(rules, make_detector(self._yunet_model))
        return _Room(rules, assessor, Steadiness(load_gates().steady_likeness_min))


def _step(hint: PhotoHint, progress: float, frame: Frame, judged: Judged, made: Developed | None = None) -> PhotoStep:
    measures = judged.measures if made is None else made.measures
    photo = made.photo if made is not None else None
    return PhotoStep(hint, progress, frame, judged.box, judged.outline, measures, judged.not_measured, photo)


def _judge(room: _Room, frame: Frame) -> Judged:
    from drivers.camera.quality import pixels

    judged = room.assessor.judge(pixels(frame))
    steady = room.steadiness.feed(pixels(frame), judged.box)
    return judged if steady or judged.hint is not PhotoHint.OK else replace(judged, hint=PhotoHint.HOLD_STILL)


def _develop(room: _Room, frame: Frame, judged: Judged) -> Developed:
    from drivers.camera.quality import pixels
    from drivers.id_photo.develop import develop

    assert judged.eyes is not None  # a frame without eyes passes no gate
    return develop(pixels(frame), judged.eyes, room.profile, judged.measures, judged.not_measured)
