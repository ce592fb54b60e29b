"""PhotoStudio over any `Camera`: judges every newest frame on a thread of its own and develops the sharpest of a good row.

OpenCV is imported on that thread, at the first capture. Frames and photos live in memory only, and nothing is kept when the iteration
ends, however it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.photo_rules import PhotoProfile, load_photo_profile
from config.tables import TablesError
from drivers.id_photo.steps import Sitting
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Camera, Frame
from kiosk.ports.photo import PhotoHint, PhotoStep

if TYPE_CHECKING:
    from drivers.id_photo.assess import Judged, PhotoAssessor
    from drivers.id_photo.develop import Developed

_MAX_FPS = 20.0


@dataclass(frozen=True, slots=True)
class _Room:
    profile: PhotoProfile
    assessor: PhotoAssessor


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
        loop = asyncio.get_running_loop()
        sitting = Sitting(self._good_frames, self._hint_hold)
        kept: tuple[Frame, Judged] | None = None
        thread = ThreadPoolExecutor(1, thread_name_prefix="photo")
        try:
            room = await loop.run_in_executor(thread, self._set_up, profile)
            async for frame in self._camera.frames(_MAX_FPS):
                judged = await loop.run_in_executor(thread, _judge, room, frame)
                turn = sitting.feed(frame.at, judged.hint, judged.sharpness)
                if turn.drop:
                    kept = None
                if turn.keep:
                    kept = (frame, judged)
                if not turn.develop or kept is None:
                    yield _step(turn.hint, turn.progress, frame, judged)
                    continue
                made = await loop.run_in_executor(thread, _develop, room, *kept)
                shown, chosen = kept
                kept = None
                if made.photo is not None:
                    yield _step(PhotoHint.OK, 1.0, shown, chosen, made)
                    return
                yield _step(sitting.refuse(frame.at, made.hint), 0.0, frame, judged, made)
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    def _set_up(self, profile: str) -> _Room:
        from drivers.camera.detect import make_detector
        from drivers.id_photo.assess import PhotoAssessor

        try:
            rules = load_photo_profile(profile, self._profiles)
        except TablesError as error:
            raise DeviceError(ErrorKind.CONFIG, "camera", str(error), "photo_profile") from error
        return _Room(rules, PhotoAssessor(rules, make_detector(self._yunet_model)))


def _step(hint: PhotoHint, progress: float, frame: Frame, judged: Judged, made: Developed | None = None) -> PhotoStep:
    measures = judged.measures if made is None else made.measures
    photo = made.photo if made is not None else None
    return PhotoStep(hint, progress, frame, judged.box, judged.outline, measures, judged.not_measured, photo)


def _judge(room: _Room, frame: Frame) -> Judged:
    from drivers.camera.quality import pixels

    return room.assessor.judge(pixels(frame))


def _develop(room: _Room, frame: Frame, judged: Judged) -> Developed:
    from drivers.camera.quality import pixels
    from drivers.id_photo.develop import develop

    assert judged.eyes is not None  # a frame without eyes passes no gate
    return develop(pixels(frame), judged.eyes, room.profile, judged.measures, judged.not_measured)
