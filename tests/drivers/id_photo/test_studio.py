"""The whole way: simulated sensor, worker process, driver, gates, photo; and the course of a sitting by itself."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.camera.camera import WorkerCamera
from drivers.camera.simulator import CameraSimulator
from drivers.id_photo import make_studio
from drivers.id_photo.steps import Sitting
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Frame
from kiosk.ports.photo import IdPhoto, PhotoHint, PhotoStep, PhotoStudio

Make = Callable[[], Awaitable[WorkerCamera]]


async def test_hints_lead_to_a_photo(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "scene", "faces": 0, "blinking": False})
    scenes: list[tuple[PhotoHint, dict[str, object]]] = [
        (PhotoHint.NO_FACE, {"faces": 1, "distance": 1.5}),
        (PhotoHint.TOO_FAR, {"distance": 1.0, "mouth": "open", "seed": 7}),
        (PhotoHint.MOUTH, {"mouth": "closed"}),
        (PhotoHint.BACKGROUND, {"backdrop": "white"}),
    ]
    studio: PhotoStudio = make_studio(camera, hint_hold=0.05, good_frames=4)
    steps: list[PhotoStep] = []
    async for step in studio.capture("national"):
        steps.append(step)
        if scenes and step.hint is scenes[0][0]:
            camera.simulator.control({"do": "scene", **scenes.pop(0)[1]})
    assert not scenes
    assert steps[-1].hint is PhotoHint.OK
    photo = steps[-1].photo
    assert photo is not None
    assert photo.deviations == ()
    assert photo.measures["score_luminance"] > 70
    assert [step.photo for step in steps[:-1]] == [None] * (len(steps) - 1)
    assert steps[-2].hint is PhotoHint.HOLD_STILL
    assert steps[-2].progress < 1.0


async def test_a_photo_that_fails_its_check_says_why_and_the_sitting_goes_on(cameras: Make, tmp_path: Path) -> None:
    """A hall whose profile asks a whiter panel than its camera shows: the raw gates pass, the finished photo does not."""
    own = 'id = "own"\ntitle = "照片"\nbased_on = "national"\n[background]\naccepted = ["white"]\n'
    (tmp_path / "own.toml").write_text(own + "white_mean_min = 255.0\n", "utf-8")
    camera = await cameras()
    camera.simulator.control({"do": "scene", "backdrop": "light_grey", "noise": 4.0, "seed": 7, "blinking": False})
    refused = 0
    async for step in make_studio(camera, hint_hold=0.0, good_frames=2, profiles=tmp_path).capture("own"):
        assert step.photo is None
        refused += step.hint is PhotoHint.BACKGROUND and "bytes" in step.measures
        if refused == 2:
            break
    assert refused == 2


async def test_an_unplugged_camera_ends_the_sitting_with_its_error(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "scene", "faces": 0})
    steps = make_studio(camera).capture("national")
    while (await anext(steps)).hint is not PhotoHint.NO_FACE:
        pass  # frames taken before everybody left
    camera.simulator.control({"do": "fault", "id": "CAM.UNPLUG"})
    with pytest.raises(DeviceError) as caught:
        [step async for step in steps]
    assert caught.value.kind is ErrorKind.OFFLINE


@pytest.mark.parametrize("profile", ["nowhere", "../national"])
async def test_an_unknown_profile_is_a_matter_of_settings(cameras: Make, profile: str) -> None:
    with pytest.raises(DeviceError) as caught:
        await anext(make_studio(await cameras()).capture(profile))
    assert caught.value.kind is ErrorKind.CONFIG


def _pictures() -> list[object]:
    return [kept for kept in gc.get_objects() if isinstance(kept, Frame | IdPhoto | PhotoStep)]


async def test_nothing_is_left_of_a_sitting(cameras: Make) -> None:
    """No frame and no photo in memory, none on disk."""
    earlier = _pictures()  # held on to, so that no new one can take its place
    known = set(map(id, earlier))
    camera = await cameras()
    camera.simulator.control({"do": "scene", "backdrop": "white", "seed": 7, "blinking": False})
    written: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], str) and isinstance(arguments[2], int):
            writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes and not arguments[0].startswith(("/dev/", "/proc/")) and "__pycache__" not in arguments[0]:
                written.append(arguments[0])

    sys.addaudithook(hook)  # for the life of the process; `watching` ends it
    done = False
    async for step in make_studio(camera, good_frames=2).capture("strict_guangdong"):
        done = step.photo is not None
    watching = False
    assert done
    assert written == []
    del step
    async with asyncio.timeout(10):  # the iterator of frames ends in one of the loop's next rounds
        while any(id(kept) not in known for kept in _pictures()):
            await asyncio.sleep(0.02)
            gc.collect()


def test_a_row_of_good_frames_is_developed_from_its_sharpest() -> None:
    sitting = Sitting(3, hold=0.0)
    turns = [sitting.feed(i / 10, PhotoHint.OK, sharp) for i, sharp in enumerate((0.2, 0.4, 0.3))]
    assert [turn.keep for turn in turns] == [True, True, False]
    assert [turn.develop for turn in turns] == [False, False, True]


def test_a_broken_row_drops_what_was_kept() -> None:
    sitting = Sitting(3, hold=0.0)
    sitting.feed(0.0, PhotoHint.OK, 0.4)
    assert sitting.feed(0.1, PhotoHint.EYES, 0.4).drop
    again = sitting.feed(0.2, PhotoHint.OK, 0.1)
    assert again.keep
    assert again.progress == pytest.approx(1 / 3)


def test_a_hint_stays_long_enough_to_be_read() -> None:
    sitting = Sitting(9, hold=1.0)
    assert sitting.feed(0.0, PhotoHint.TOO_FAR, 0.0).hint is PhotoHint.TOO_FAR
    assert sitting.feed(0.5, PhotoHint.MOUTH, 0.0).hint is PhotoHint.TOO_FAR
    assert sitting.feed(1.1, PhotoHint.MOUTH, 0.0).hint is PhotoHint.MOUTH
    assert sitting.refuse(1.2, PhotoHint.BACKGROUND) is PhotoHint.BACKGROUND
    assert sitting.feed(1.9, PhotoHint.OK, 1.0).hint is PhotoHint.BACKGROUND


def test_the_simulator_takes_the_new_scenes_and_refuses_nonsense() -> None:
    simulator = CameraSimulator()
    scene = {"mouth": "open", "backdrop": "light_blue", "backdrop_slope": -0.5, "backdrop_shadow": 0.4}
    assert simulator.control({"do": "scene", **scene})["scene"] == scene
    for wrong in ({"mouth": "wide"}, {"backdrop": "green"}, {"backdrop_shadow": 2}, {"backdrop": 3}):
        with pytest.raises(ValueError):
            simulator.control({"do": "scene", **wrong})


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = (
        "import sys, drivers.id_photo, drivers.camera, kiosk.ports.photo\n"
        "drivers.id_photo.make_studio(drivers.camera.connect('sim:'))\n"
        "print([name for name in ('cv2', 'numpy', 'PIL', 'PySide6') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
