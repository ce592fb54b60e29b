"""Is this camera well? Three levels; no picture is kept, none leaves this module.

Findings: `link`, `stream`, `wake_ms`, `frame_age_ms` · `frame_rate`, `resolution`, `live`, `brightness`, `over_exposed`, `sharpness` ·
`face`, `gates`, `picture`. OpenCV is loaded when a picture is first measured, on a thread aside.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import structlog

from drivers.service import answered, at_least, at_most, failed, part_is, skipped
from drivers.transport.aside import OneThread
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import FaceHint, Frame, Link
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

if TYPE_CHECKING:
    from drivers.camera.camera import WorkerCamera
    from drivers.camera.picture import PictureMeasures
    from drivers.camera.quality import Assessment, FaceAssessor

WAKE_MS = 5000.0
"""From the question to a frame taken after it; a camera that rests is switched on first, which takes some cameras seconds."""
FRAME_AGE_MS = 300.0
"""Older frames show a face that has gone: the driver never hands them out."""
FRAME_RATE = 12.0
"""A blink takes 0.15 s at the least; it must show on one frame for sure and on the next if need be."""
BRIGHTNESS = (0.02, 0.80)
"""Mean linear luminance: below it a face drowns in noise, above it it is white. A hall lies about 0.4."""
OVER_EXPOSED = 0.25
SHARPNESS = 0.12
CONTRAST = 80.0
"""Grey levels; with less there is no edge in the picture by which its focus could be judged."""
LOOK_WITHIN = 20.0
T = TypeVar("T")
log = structlog.get_logger(__name__)
_SECOND = 1.0
_WITHIN = 8.0


async def examine(camera: WorkerCamera, level: Level, person: Person) -> tuple[Finding, ...]:
    match level:
        case Level.INTERNAL:
            return await _internal(camera)
        case Level.EXTERNAL:
            return await _external(camera)
        case Level.INTERACTIVE:
            return await _interactive(camera, person)


async def _internal(camera: WorkerCamera) -> tuple[Finding, ...]:
    began = time.monotonic()
    try:
        frame: Frame | None = await camera.latest(_WITHIN)
    except DeviceError:
        frame = None  # the status says why
    took = (time.monotonic() - began) * 1000
    status = camera.status()
    up = frame is not None and status.link in (Link.READY, Link.BUSY, Link.DEGRADED)
    link = Finding("link", Verdict.PASSED if up else Verdict.FAILED, status.link.value, "ready", status.detail)
    stream = part_is("stream", status.parts["stream"], ("ok",))
    if frame is None:
        why = "No frame came."
        return link, stream, skipped("wake_ms", why), skipped("frame_age_ms", why)
    age = round((time.monotonic() - frame.at) * 1000, 1)
    return (
        link,
        stream,
        at_most("wake_ms", round(took), WAKE_MS, "ms"),
        at_most("frame_age_ms", age, FRAME_AGE_MS, "ms"),
    )


async def _external(camera: WorkerCamera) -> tuple[Finding, ...]:
    try:
        async with asyncio.timeout(_WITHIN):
            seen = await _for_a_second(camera)
        measured = await _aside(partial(_measure, seen.newest))
    except DeviceError as error:
        return failed("frame_rate", error, f"≥ {FRAME_RATE:g} 1/s"), *_unseen(_PICTURE)
    except TimeoutError:
        return Finding("frame_rate", Verdict.FAILED, "0 1/s", f"≥ {FRAME_RATE:g} 1/s", "No frames came."), *_unseen(
            _PICTURE
        )
    rate = at_least("frame_rate", round(seen.steps / seen.seconds, 1), FRAME_RATE, "1/s")
    return rate, _resolution(camera, seen.newest), _live(camera, seen), *_light(measured), _focus(measured)


_PICTURE = ("resolution", "live", "brightness", "over_exposed", "sharpness")


def _unseen(names: tuple[str, ...]) -> tuple[Finding, ...]:
    return tuple(skipped(name, "There is no picture.") for name in names)


@dataclass(frozen=True, slots=True)
class _Watched:
    """What about a second of the stream was."""

    newest: Frame
    steps: int
    """From one frame to the next."""
    same: int
    """Steps to a frame that was the one before, pixel by pixel."""
    seconds: float


async def _for_a_second(camera: WorkerCamera) -> _Watched:
    """Two frames at the least; only the newest and the one before are held. Raises DeviceError."""
    first: float | None = None
    before: Frame | None = None
    steps = same = 0
    async for frame in camera.frames(max_fps=60.0):
        if before is not None:
            steps, same = steps + 1, same + (frame.bgr == before.bgr)
        before, first = frame, frame.at if first is None else first
        if steps and frame.at - first >= _SECOND:
            return _Watched(frame, steps, same, frame.at - first)
    raise DeviceError(ErrorKind.INTERNAL, camera.device_id, "the camera gave no more frames")


async def _aside(work: Callable[[], T]) -> T:
    thread = OneThread("camera-exam")
    try:
        return await thread.do(work, _WITHIN)
    finally:
        thread.end()


def _measure(frame: Frame) -> PictureMeasures:
    from drivers.camera.picture import measure
    from drivers.camera.quality import pixels

    return measure(pixels(frame))


def _resolution(camera: WorkerCamera, frame: Frame) -> Finding:
    """A camera that does not know the format asked for gives a smaller one, often a few frames a second only."""
    if not camera.capabilities["frozen_detection"]:
        return skipped("resolution", "Frames come from a file.")
    wanted = (int(str(camera.capabilities["width"])), int(str(camera.capabilities["height"])))
    enough = frame.width >= wanted[0] and frame.height >= wanted[1]
    verdict = Verdict.PASSED if enough else Verdict.FAILED
    return Finding("resolution", verdict, f"{frame.width}×{frame.height}", f"≥ {wanted[0]}×{wanted[1]}")


def _live(camera: WorkerCamera, seen: _Watched) -> Finding:
    """A sensor's noise never repeats: frames that are all the same come from a buffer."""
    if not camera.capabilities["frozen_detection"]:
        return skipped("live", "Frames come from a file.")
    return at_most("live", seen.same, seen.steps - 1, f"repeated of {seen.steps}")


def _light(measured: PictureMeasures) -> tuple[Finding, Finding]:
    low, high = BRIGHTNESS
    light = round(measured.brightness, 3)
    verdict = Verdict.PASSED if low <= light <= high else Verdict.FAILED
    brightness = Finding("brightness", verdict, f"{light:g}", f"{low:g} … {high:g}")
    return brightness, at_most("over_exposed", round(measured.over_exposed * 100, 1), OVER_EXPOSED * 100, "%")


def _focus(measured: PictureMeasures) -> Finding:
    value, limit = f"{measured.sharpness:.2f}", f"≥ {SHARPNESS:g}"
    if measured.contrast < CONTRAST:
        detail = "Nothing with an edge stands before the camera by which its focus could be judged."
        return Finding("sharpness", Verdict.UNKNOWN, value, limit, detail)
    return Finding("sharpness", Verdict.PASSED if measured.sharpness >= SHARPNESS else Verdict.FAILED, value, limit)


async def _interactive(camera: WorkerCamera, person: Person) -> tuple[Finding, ...]:
    try:
        await camera.latest(_WITHIN)
    except DeviceError as error:  # nobody is asked to look at a picture that is not there
        return failed("face", error, "found"), *_unseen(("gates", "picture"))
    if await person.ask(Ask.LOOK) is not True:
        why = "Nobody stood before the camera."
        face, gates = Finding("face", Verdict.UNKNOWN, detail=why), skipped("gates", why)
    else:
        face, gates = await _look(camera)
    return face, gates, answered("picture", await person.ask(Ask.SAW_PICTURE))


async def _look(camera: WorkerCamera) -> tuple[Finding, Finding]:
    """Whether a face is found, and whether one frame passes all gates of a face check, within the time."""
    best: Assessment | None = None
    thread = OneThread("camera-exam")
    try:
        async with asyncio.timeout(LOOK_WITHIN):
            assessor = await thread.do(_make_assessor, LOOK_WITHIN)
            async for frame in camera.frames(max_fps=10.0):
                seen = await thread.do(partial(_assess, assessor, frame), LOOK_WITHIN)
                best = seen if seen.face is not None or best is None else best
                if seen.hint is FaceHint.OK:
                    break
    except DeviceError as error:
        return failed("face", error, "found"), skipped("gates", "There is no picture.")
    except TimeoutError:
        log.debug("camera_exam_time_over")  # what was seen until then is judged
    finally:
        thread.end()
    if best is None or best.face is None:
        return Finding("face", Verdict.FAILED, "none", "found"), skipped("gates", "No face was found.")
    passed = Verdict.PASSED if best.hint is FaceHint.OK else Verdict.FAILED
    return Finding("face", Verdict.PASSED, "found", "found"), Finding("gates", passed, best.hint.value, "ok")


def _make_assessor() -> FaceAssessor:
    from drivers.camera.quality import FaceAssessor

    return FaceAssessor()


def _assess(assessor: FaceAssessor, frame: Frame) -> Assessment:
    from drivers.camera.quality import pixels

    return assessor.assess(pixels(frame))
