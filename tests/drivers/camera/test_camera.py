"""The driver over real worker processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
import pytest

from drivers.camera import connect
from drivers.camera.camera import STALE, WorkerCamera
from drivers.camera.faces import Scene, draw_scene
from drivers.camera.link import FrameMemory
from drivers.camera.urls import file_path, is_static
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Frame, Link
from tests.drivers.camera.conftest import QUICK

Make = Callable[..., Awaitable[WorkerCamera]]


async def take(camera: WorkerCamera, count: int) -> list[Frame]:
    taken: list[Frame] = []
    async for frame in camera.frames():
        taken.append(frame)
        if len(taken) == count:
            break
    return taken


async def failure(camera: WorkerCamera) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        async for _ in camera.frames():
            pass
    return caught.value


def worker_pid(camera: WorkerCamera) -> int:
    assert camera._worker is not None
    return camera._worker.pid


async def gone(pid: int) -> bool:
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists():
            return True
        await asyncio.sleep(0.01)
    return False


async def test_frames_are_new_each_time_and_fresh(cameras: Make) -> None:
    camera = await cameras()
    assert camera.status().link is Link.READY
    assert camera.status().parts["stream"] == "ok"
    ages: list[float] = []
    seqs: list[int] = []
    async for frame in camera.frames():
        ages.append(time.monotonic() - frame.at)
        seqs.append(frame.seq)
        assert len(frame.bgr) == frame.width * frame.height * 3
        if len(seqs) == 8:
            break
    assert seqs == sorted(set(seqs))
    assert max(ages) <= STALE
    now = time.monotonic()
    assert (await camera.latest(2.0)).at >= now


async def test_what_the_simulator_shows_is_what_the_driver_delivers(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "scene", "seed": 6, "faces": 1, "blinking": False, "noise": 0.0})
    expected = draw_scene(Scene(seed=6, noise=0.0)).tobytes()
    async for frame in camera.frames():
        if frame.bgr == expected:
            break


async def test_a_killed_worker_is_reported_and_the_next_open_recovers(cameras: Make) -> None:
    camera = await cameras()
    first = worker_pid(camera)
    os.kill(first, signal.SIGKILL)
    error = await failure(camera)
    assert (error.kind, error.native) == (ErrorKind.OFFLINE, "worker_died")
    assert camera.status().link is Link.OFFLINE
    await camera.open()
    assert worker_pid(camera) != first
    assert (await camera.check()).parts["stream"] == "ok"
    assert await gone(first)  # collected, no zombie


async def test_a_hung_worker_is_killed(cameras: Make) -> None:
    camera = await cameras(timings=replace(QUICK, stall=30.0, hang=3.0))
    first = worker_pid(camera)
    os.kill(first, signal.SIGSTOP)
    error = await failure(camera)
    assert (error.kind, error.native) == (ErrorKind.TIMEOUT, "worker_hung")
    assert await gone(first)
    await camera.open()
    assert len(await take(camera, 2)) == 2


async def test_the_worker_ends_when_the_kiosk_is_killed() -> None:
    program = (
        "import asyncio\n"
        "from drivers.camera import connect\n"
        "async def main():\n"
        "    camera = connect('sim:')\n"
        "    await camera.open()\n"
        "    print(camera._worker.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    kiosk = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert kiosk.stdout is not None
    pid = int(await asyncio.to_thread(kiosk.stdout.readline))
    assert Path(f"/proc/{pid}").exists()
    kiosk.kill()
    kiosk.wait()
    kiosk.stdout.close()
    assert await gone(pid)


def test_the_driver_runs_under_qasync_as_well() -> None:
    program = (
        "import asyncio, qasync\n"
        "from PySide6.QtCore import QCoreApplication\n"
        "from drivers.camera import connect\n"
        "async def main():\n"
        "    camera = connect('sim:')\n"
        "    await camera.open()\n"
        "    seqs = []\n"
        "    async for frame in camera.frames():\n"
        "        seqs.append(frame.seq)\n"
        "        if len(seqs) == 4: break\n"
        "    await camera.close()\n"
        "    print(seqs == sorted(set(seqs)))\n"
        "app = QCoreApplication([])\n"
        "with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:\n"
        "    runner.run(main())\n"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50)
    assert out.stdout.strip() == "True", out.stderr


async def test_close_ends_the_worker_and_open_works_again(cameras: Make) -> None:
    camera = await cameras()
    pid = worker_pid(camera)
    await camera.close()
    await camera.close()
    assert camera.status().link is Link.CLOSED
    assert await gone(pid)
    assert (await failure(camera)).kind is ErrorKind.NOT_OPEN
    await camera.open()
    assert len(await take(camera, 2)) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "native", "stream"),
    [
        ("CAM.COVERED", ErrorKind.HARDWARE, "covered", "covered"),
        ("CAM.FROZEN", ErrorKind.HARDWARE, "frozen", "frozen"),
        ("CAM.STALL", ErrorKind.TIMEOUT, "stalled", "stalled"),
        ("CAM.UNPLUG", ErrorKind.OFFLINE, "CAM.UNPLUG", "unknown"),
        ("CAM.CRASH", ErrorKind.OFFLINE, "worker_died", "unknown"),
    ],
)
async def test_faults_are_told_apart_and_healed(
    cameras: Make, fault: str, kind: ErrorKind, native: str, stream: str
) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "fault", "id": fault})
    error = await failure(camera)
    assert (error.kind, error.native) == (kind, native)
    status = camera.status()
    assert status.parts["stream"] == stream
    assert status.link in (Link.DEGRADED, Link.OFFLINE)
    assert status.detail
    camera.simulator.control({"do": "clear"})
    while (await camera.check()).parts["stream"] != "ok":
        await asyncio.sleep(0.05)
    assert len(await take(camera, 3)) == 3


async def test_an_empty_photo_panel_is_no_covered_lens(cameras: Make) -> None:
    """A machine that takes photos has a lit white panel behind the citizen, and for most of the day nobody before it."""
    camera = await cameras()
    camera.simulator.control({"do": "scene", "backdrop": "white", "faces": 0})
    assert len(await take(camera, 30)) == 30  # at 30/s far longer than a covered lens is given
    assert (await camera.check()).parts["stream"] == "ok"


async def test_a_hang_ends_the_worker_and_the_next_one_works(cameras: Make) -> None:
    camera = await cameras(timings=replace(QUICK, stall=30.0, hang=3.0))
    camera.simulator.control({"do": "fault", "id": "CAM.HANG"})
    assert (await failure(camera)).native == "worker_hung"
    await camera.open()
    assert camera.status().parts["stream"] == "ok"


async def test_a_busy_camera_refuses_to_open_until_it_is_free() -> None:
    camera = connect("sim:", timings=QUICK)
    camera.simulator.control({"do": "fault", "id": "CAM.BUSY"})
    try:
        with pytest.raises(DeviceError) as caught:
            await camera.open()
        assert caught.value.kind is ErrorKind.BUSY
        assert camera.status().link is Link.OFFLINE
        camera.simulator.control({"do": "clear"})
        await camera.open()
        assert camera.status().link is Link.READY
    finally:
        await camera.close()


async def test_an_unasked_camera_rests_and_the_next_question_wakes_the_same_worker(cameras: Make) -> None:
    camera = await cameras(timings=replace(QUICK, rest=0.3))
    pid = worker_pid(camera)
    while camera.status().parts["stream"] == "ok":
        await asyncio.sleep(0.05)
    assert camera.status().link is Link.READY
    assert (await camera.latest(5.0)).width == 1280
    assert worker_pid(camera) == pid


async def test_a_photo_is_static_and_never_frozen(cameras: Make, tmp_path: Path) -> None:
    photo = tmp_path / "a photo.jpg"
    cv2.imwrite(str(photo), draw_scene(Scene(seed=2)))
    camera = await cameras("file://" + quote(str(photo)))
    assert camera.capabilities["static_picture"] is True
    assert not camera.simulated
    frames = await take(camera, QUICK.frozen_frames * 2)
    assert frames[0].bgr == frames[-1].bgr
    assert camera.status().parts["stream"] == "ok"
    photo.unlink()
    assert (await failure(camera)).kind is ErrorKind.OFFLINE
    cv2.imwrite(str(photo), draw_scene(Scene(seed=3)))
    await camera.open()
    assert camera.status().link is Link.READY


async def test_a_large_photo_is_reduced_and_keeps_its_shape(cameras: Make, tmp_path: Path) -> None:
    photo = tmp_path / "large.png"
    cv2.imwrite(str(photo), np.tile(np.arange(200, dtype=np.uint8), (3000, 20)))
    frame = await (await cameras(f"file://{photo}")).latest(5.0)
    assert (frame.width, frame.height) == (1440, 1080)


async def test_an_mjpeg_film_plays_in_a_loop(cameras: Make, tmp_path: Path) -> None:
    film = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (320, 180))
    for level in (40, 120, 200):
        picture = np.full((180, 320, 3), level, np.uint8)
        picture[:, :160] = 255 - level
        writer.write(picture)
    writer.release()
    camera = await cameras(f"file://{film}")
    levels = {round(frame.bgr[-1] / 20) for frame in await take(camera, 9)}
    assert levels == {2, 6, 10}
    assert camera.capabilities["static_picture"] is False


async def test_a_numbered_sequence_plays_in_a_loop(cameras: Make, tmp_path: Path) -> None:
    for number, level in enumerate((60, 180), 1):
        cv2.imwrite(str(tmp_path / f"name_{number:03d}.png"), np.tile(np.uint8([level, 30]), (90, 80)))
    camera = await cameras(f"file://{tmp_path}/name_%03d.png")
    assert {frame.bgr[0] for frame in await take(camera, 6)} == {60, 180}


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:///nowhere/photo.jpg", ErrorKind.OFFLINE),
        ("file:///nowhere/name_%03d.png", ErrorKind.OFFLINE),
        ("v4l2:///dev/no-such-camera", ErrorKind.OFFLINE),
        ("v4l2:///dev/null", ErrorKind.OFFLINE),
    ],
)
async def test_a_source_that_is_not_there_is_said_so(url: str, kind: ErrorKind) -> None:
    camera = connect(url, timings=QUICK)
    try:
        with pytest.raises(DeviceError) as caught:
            await camera.open()
        assert caught.value.kind is kind
        assert camera.status().link is Link.OFFLINE
    finally:
        await camera.close()


async def test_a_file_that_is_no_picture_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"not a picture")
    camera = connect(f"file://{tmp_path}/x.jpg", timings=QUICK)
    try:
        with pytest.raises(DeviceError) as caught:
            await camera.open()
        assert caught.value.kind is ErrorKind.CONFIG
        assert camera.status().link is Link.FAULT
    finally:
        await camera.close()


def test_an_unknown_scheme_is_refused_at_once() -> None:
    with pytest.raises(DeviceError) as caught:
        connect("http://camera.invalid/")
    assert caught.value.kind is ErrorKind.CONFIG


def test_urls_keep_the_counter_and_undo_escapes() -> None:
    assert file_path("file:///dir/name_%03d.png") == "/dir/name_%03d.png"
    assert file_path("file:///my%20photo.jpg") == "/my photo.jpg"
    assert file_path("file:///my%20dog.jpg") == "/my dog.jpg"
    assert file_path("v4l2:///dev/v4l/by-id/usb-cam-index0") == "/dev/v4l/by-id/usb-cam-index0"
    assert is_static("file:///a.PNG")
    assert not is_static("file:///a_%d.png")
    assert not is_static("file:///a.avi")


def test_a_reader_that_was_overtaken_gets_nothing_rather_than_a_torn_frame() -> None:
    memory = FrameMemory()
    try:
        slot = memory.write(1, memoryview(b"\x01" * 12))
        assert memory.read(slot, 1, 12) == b"\x01" * 12
        memory.write(5, memoryview(b"\x05" * 12))  # four slots: 5 lies where 1 lay
        assert memory.read(slot, 1, 12) is None
        memory.wipe()
        assert memory.read(slot, 5, 12) is None
    finally:
        memory.close()
