"""Capturing and matching end to end: simulated sensor, worker process, driver, gates, blink, photo, match."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from drivers.camera import capture, make_capturer, match
from drivers.camera.camera import WorkerCamera
from drivers.camera.capture import CaptureSettings, cut_photo
from drivers.camera.detect import HaarDetector, make_detector
from drivers.camera.faces import Scene, draw_portrait, draw_scene
from drivers.camera.match import SfaceMatcher, SimulatedMatcher
from drivers.camera.models import YUNET_SHA256, check_model
from drivers.camera.simulator import CameraSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import Photo
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.devices import Camera, FaceHint, Frame, MatchVerdict
from tests.drivers.camera.conftest import QUICK

Make = Callable[..., Awaitable[WorkerCamera]]
PATIENT = replace(QUICK, stall=8.0, hang=15.0)


@pytest.fixture
def cameras(cameras: Make) -> Make:
    """Nothing stalls here, however busy the machine is."""
    return partial(cameras, timings=PATIENT)


def portrait(seed: int) -> Photo:
    return Photo(cv2.imencode(".png", draw_portrait(seed))[1].tobytes())


def live(scene: Scene) -> Photo:
    picture = draw_scene(scene)
    box = HaarDetector().detect(picture)[0].box
    return cut_photo(Frame(1280, 720, picture.tobytes(), 0.0, 0), box, CaptureSettings())


async def test_the_camera_is_a_camera(cameras: Make) -> None:
    camera: Camera = await cameras()
    assert isinstance(camera.capabilities, object)
    device: VirtualDevice = CameraSimulator()
    assert device.kind == "camera"


async def test_a_blink_on_request_ends_the_capture_with_a_photo(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "scene", "seed": 5, "blinking": False, "noise": 0.0})
    async for frame in camera.frames():  # until it is this person who stands there
        if frame.bgr == draw_scene(Scene(seed=5, noise=0.0)).tobytes():
            break
    camera.simulator.control({"do": "scene", "noise": 2.0})
    hints: list[FaceHint] = []
    photo: Photo | None = None
    blinked = 0.0
    async for step in make_capturer(camera).capture():
        hints.append(step.report.hint)
        asked = step.report.hint is FaceHint.BLINK and step.report.progress >= 0.7
        if asked and time.monotonic() - blinked > 1.5:  # on a busy machine a blink may fall between two frames
            camera.simulator.control({"do": "blink"})
            blinked = time.monotonic()
        photo = step.photo
    assert blinked
    assert hints[-1] is FaceHint.OK
    assert photo is not None
    assert photo.media_type == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(photo.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[0] <= 640
    assert len(HaarDetector().detect(np.asarray(picture, np.uint8))) == 1
    matcher = SimulatedMatcher()
    try:
        assert (await matcher.match(photo, portrait(5), "")).verdict is MatchVerdict.SAME
        assert (await matcher.match(photo, portrait(6), "")).verdict is MatchVerdict.DIFFERENT
    finally:
        matcher.close()


async def test_a_still_photo_never_passes_the_blink_challenge(cameras: Make, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), draw_scene(Scene(seed=5)))
    camera = await cameras(f"file://{photo}")
    settings = CaptureSettings(hint_hold=0.1, blink_within=0.8)
    asked = begun_again = False
    async for step in make_capturer(camera, settings).capture():
        assert step.photo is None
        asked |= step.report.progress >= 0.7
        begun_again |= asked and step.report.progress < 0.5
        if begun_again:
            break
    assert asked


async def test_without_the_challenge_a_still_photo_is_enough(cameras: Make, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), draw_scene(Scene(seed=5)))
    camera = await cameras(f"file://{photo}")
    steps = [step async for step in make_capturer(camera, CaptureSettings(blink=False)).capture()]
    assert steps[-1].photo is not None
    assert [step.report.progress for step in steps] == sorted(step.report.progress for step in steps)


async def test_hints_follow_the_scene(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "scene", "faces": 0, "blinking": False})
    wanted = [FaceHint.NO_FACE, FaceHint.SEVERAL_FACES, FaceHint.TOO_FAR, FaceHint.HOLD_STILL]
    scenes = [{}, {"faces": 2}, {"faces": 1, "distance": 1.8}, {"distance": 1.0}]
    seen: list[FaceHint] = []
    capturer = make_capturer(camera, CaptureSettings(hint_hold=0.05, good_frames=500))
    async for step in capturer.capture():
        if step.report.hint is wanted[len(seen)]:
            seen.append(step.report.hint)
            if len(seen) == len(wanted):
                break
            camera.simulator.control({"do": "scene", **scenes[len(seen)]})
    assert seen == wanted


async def test_an_unplugged_camera_ends_the_capture_with_its_error(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "scene", "faces": 0})
    steps = make_capturer(camera).capture()
    while (await anext(steps)).report.hint is not FaceHint.NO_FACE:
        pass  # frames taken before everybody left
    camera.simulator.control({"do": "fault", "id": "CAM.UNPLUG"})
    with pytest.raises(DeviceError) as caught:
        [step async for step in steps]
    assert caught.value.kind is ErrorKind.OFFLINE


@pytest.mark.parametrize(
    "scene",
    [
        Scene(),
        *(
            pytest.param(scene, marks=pytest.mark.chaos)
            for scene in (
                Scene(distance=1.25, light=0.6),
                Scene(distance=0.8, roll=4, light=1.4),
                Scene(side_light=0.25, yaw=5),
            )
        ),
    ],
)
async def test_drawn_people_are_told_apart_by_their_pictures(scene: Scene) -> None:
    from dataclasses import replace

    matcher = SimulatedMatcher()
    try:
        for seed in (1, 2, 4, 7):
            photo = live(replace(scene, seed=seed))
            assert (await matcher.match(photo, portrait(seed), "")).verdict is MatchVerdict.SAME
            other = await matcher.match(photo, portrait(seed + 7), "")
            assert other.verdict is MatchVerdict.DIFFERENT
            assert other.method == "simulated"
    finally:
        matcher.close()


async def test_without_a_face_in_the_reference_nobody_is_judged() -> None:
    matcher = SimulatedMatcher()
    try:
        photo = live(Scene(seed=4))
        wall = Photo(cv2.imencode(".png", np.full((126, 102, 3), 200, np.uint8))[1].tobytes())
        for reference in (None, wall, Photo(b""), Photo(b"no picture")):
            match = await matcher.match(photo, reference, "")
            assert (match.verdict, match.score) == (MatchVerdict.UNDECIDED, None)
    finally:
        matcher.close()


@pytest.mark.parametrize(
    ("content", "native"),
    [
        (None, "model_missing"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 232589\n", "model_pointer"),
        (b"\x08\x07", "model_hash"),
    ],
)
async def test_a_wrong_model_file_is_named_and_never_replaced_in_silence(
    tmp_path: Path, content: bytes | None, native: str
) -> None:
    model = tmp_path / "model.onnx"
    if content is not None:
        model.write_bytes(content)
    with pytest.raises(DeviceError) as caught:
        make_detector(model)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.CONFIG, native)
    matcher = SfaceMatcher(model, model)
    try:
        with pytest.raises(DeviceError) as caught:
            await matcher.match(portrait(1), portrait(1), "")
        assert (caught.value.kind, caught.value.native) == (ErrorKind.CONFIG, native)
    finally:
        matcher.close()


def test_a_model_the_operator_vouches_for_is_taken_but_must_run(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"\x08\x07 not a network")
    assert check_model(model, None) == model
    with pytest.raises(DeviceError):
        check_model(model, YUNET_SHA256)


def test_simulator_refuses_nonsense_and_tells_its_listeners() -> None:
    simulator = CameraSimulator()
    calls: list[int] = []
    stop = simulator.listen(lambda: calls.append(1))
    for command in (
        {"do": "dance"},
        {"do": "scene", "nose": 2},
        {"do": "scene", "distance": "far"},
        {"do": "scene", "distance": 99},
        {"do": "scene", "faces": 1.5},
        {"do": "scene", "eyes": "wide"},
        {"do": "fault", "id": "CAM.SMOKE"},
        {"do": "fault", "id": "CAM.STALL", "seconds": -1},
        {"do": "clear", "id": "x"},
    ):
        with pytest.raises(ValueError):
            simulator.control(command)
    assert not calls
    state = simulator.control({"do": "scene", "seed": 3, "distance": 2})
    assert state["scene"] == {"seed": 3, "distance": 2.0}
    simulator.control({"do": "fault", "id": "CAM.STALL", "seconds": 60})
    assert simulator.state()["faults"] == ["CAM.STALL"]
    simulator.control({"do": "clear"})
    assert simulator.state()["faults"] == []
    assert len(calls) == 3
    stop()
    simulator.control({"do": "reset"})
    assert len(calls) == 3


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = (
        "import sys, drivers.camera\n"
        "camera = drivers.camera.connect('sim:')\n"
        "drivers.camera.make_capturer(camera)\n"
        "print([name for name in ('cv2', 'numpy', 'PySide6') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_opencv_leaves_qts_environment_alone() -> None:
    program = (
        "import os, cv2\n"
        "print([name for name in ('QT_QPA_PLATFORM_PLUGIN_PATH', 'QT_QPA_FONTDIR') if name in os.environ])"
    )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("QT_QPA")}
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=clean)
    assert out.stdout.strip() == "[]"


class _Spoilt:
    """OpenCV's own function, failing the first `times` times as it does on a picture it cannot work with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self.left = times
        self._real = cv2.cvtColor
        monkeypatch.setattr(cv2, "cvtColor", self)

    def __call__(self, *args: Any, **named: Any) -> Any:
        if self.left:
            self.left -= 1
            raise cv2.error("(-215:Assertion failed) !_src.empty()")
        return self._real(*args, **named)


async def test_a_picture_the_detector_fails_on_is_passed_over(cameras: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = await cameras()
    spoilt = _Spoilt(monkeypatch, 3)
    steps = [step async for step in make_capturer(camera, CaptureSettings(blink=False)).capture()]
    assert not spoilt.left
    assert steps[-1].photo is not None


async def test_a_detector_that_always_fails_is_an_error(cameras: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = await cameras()
    _Spoilt(monkeypatch, 1_000_000)
    with pytest.raises(DeviceError) as caught:
        async for _ in make_capturer(camera).capture():
            pass
    assert caught.value.kind is ErrorKind.INTERNAL


async def test_a_detector_that_hangs_ends_in_an_error(cameras: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = await cameras()
    stuck = threading.Event()
    monkeypatch.setattr(capture, "ASSESS_WITHIN", 0.3)
    monkeypatch.setattr(cv2, "cvtColor", lambda *_, **__: stuck.wait(60))
    with pytest.raises(DeviceError) as caught:
        async for _ in make_capturer(camera).capture():
            pass
    assert (caught.value.kind, caught.value.native) == (ErrorKind.TIMEOUT, "detector_hung")
    stuck.set()


@pytest.mark.parametrize("seed", [2, 5, 13])
async def test_behind_a_mask_nobody_is_taken_for_the_holder(seed: int) -> None:
    """No gate sees a mask; the comparison does not pass it."""
    matcher = SimulatedMatcher()
    try:
        found = await matcher.match(live(Scene(seed=seed, mouth="masked")), portrait(seed), "")
    finally:
        matcher.close()
    assert found.verdict is not MatchVerdict.SAME


async def test_a_comparison_that_hangs_ends_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = threading.Event()
    both = live(Scene(seed=2)), portrait(2)
    monkeypatch.setattr(match, "MATCH_WITHIN", 0.2)
    monkeypatch.setattr(cv2, "imdecode", lambda *_, **__: stuck.wait(60))
    matcher = SimulatedMatcher()
    with pytest.raises(DeviceError) as caught:
        await matcher.match(*both, "")
    assert (caught.value.kind, caught.value.native) == (ErrorKind.TIMEOUT, "matcher_hung")
    monkeypatch.undo()
    stuck.set()
    assert (await matcher.match(*both, "")).verdict is MatchVerdict.SAME
    matcher.close()
