"""What technicians may ask of the camera, over real worker processes: how well it is, what it counted, a new worker, its return."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import pytest

from drivers.camera import connect, exam
from drivers.camera.camera import WorkerCamera
from drivers.camera.faces import Scene, draw_scene
from drivers.camera.simfaults import FAULTS
from drivers.camera.simsource import _as_print
from drivers.camera.simulator import CameraSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.camera.conftest import QUICK

Make = Callable[..., Awaitable[WorkerCamera]]
SMALL = {"width": 640, "height": 360}
STILL = replace(QUICK, frozen_frames=100_000)
"""For scenes without noise, in which two frames alike are no fault."""
NAMES = {
    Level.INTERNAL: {"link", "stream", "wake_ms", "frame_age_ms"},
    Level.EXTERNAL: {"frame_rate", "resolution", "live", "brightness", "over_exposed", "sharpness"},
    Level.INTERACTIVE: {"face", "gates", "picture"},
}
BY_LOAD = {"frame_rate", "frame_age_ms"}
"""What this machine's load decides; that the figures are right is told by the faults below."""


class Somebody:
    def __init__(self, answer: bool | None = True) -> None:
        self._answer = answer
        self.asked: list[Ask] = []

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        return self._answer


def by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in findings if finding.name not in BY_LOAD}


async def until(camera: WorkerCamera, link: Link) -> DeviceStatus:
    async with asyncio.timeout(30):
        while (status := camera.status()).link is not link:
            await asyncio.sleep(0.01)
    return status


async def shows(camera: WorkerCamera, picture: bytes | Callable[[bytes], bool]) -> None:
    """Orders have reached the worker, and a frame drawn by them has come back."""
    async with asyncio.timeout(40):
        async for frame in camera.frames():
            if picture(frame.bgr) if callable(picture) else frame.bgr == picture:
                return


async def stands_there(camera: WorkerCamera, width: int, height: int, **scene: Any) -> None:
    """Whoever or whatever the scene says, seen by the camera (which must not mind frames without noise)."""
    camera.simulator.control({"do": "scene", **scene, "noise": 0.0, "blinking": False})
    await shows(camera, draw_scene(Scene(**scene, noise=0.0), width, height).tobytes())
    camera.simulator.control({"do": "scene", "noise": 2.0})
    await shows(camera, lambda bgr: bgr != draw_scene(Scene(**scene, noise=0.0), width, height).tobytes())


def bright(bgr: bytes) -> bool:
    sample = bgr[::997]
    return sum(sample) / len(sample) > 230


async def test_the_protocols_are_kept(cameras: Make) -> None:
    camera = await cameras(**SMALL)
    for protocol in (Serviced, Resettable, Returning):
        assert isinstance(camera, protocol)


async def test_a_camera_that_is_well_passes(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "scene", "blinking": False})
    person = Somebody()
    for level in Level:
        findings = await camera.examine(level, person)
        assert set(by_name(findings)) == NAMES[level]
        assert set(verdicts(findings).values()) == {Verdict.PASSED}, findings
    assert person.asked == [Ask.LOOK, Ask.SAW_PICTURE]
    assert set(camera.counters()) <= set(COUNTERS)
    assert camera.counters()["frames"] > 0


async def test_a_photo_as_camera_is_not_judged_by_its_noise(cameras: Make, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), draw_scene(Scene(seed=2)))
    camera = await cameras(f"file://{path}")
    found = verdicts(await camera.examine(Level.EXTERNAL, Somebody()))
    assert (found["live"], found["resolution"]) == (Verdict.SKIPPED, Verdict.SKIPPED)
    assert found["sharpness"] is Verdict.PASSED


@pytest.mark.parametrize(
    ("fault", "scene", "failing"),
    [
        ("CAM.OVEREXPOSED", {}, {"brightness", "over_exposed"}),
        ("CAM.COVERED", {}, {"frame_rate"}),
        ("CAM.FROZEN", {}, {"frame_rate"}),
        ("CAM.STALL", {}, {"frame_rate"}),
        ("CAM.LATE", {}, {"frame_rate"}),
        ("CAM.UNPLUG", {}, {"frame_rate"}),
        ("", {"light": 0.03}, {"brightness"}),
        ("", {"blur": 8}, {"sharpness"}),
    ],
)
async def test_what_is_wrong_with_the_picture_is_found(
    cameras: Make, fault: str, scene: dict[str, float], failing: set[str]
) -> None:
    camera = await cameras(timings=STILL if scene else QUICK, **SMALL)
    if scene:
        await stands_there(camera, 640, 360, **scene)
    else:
        camera.simulator.control({"do": "fault", "id": fault})
    if fault == "CAM.OVEREXPOSED":
        await shows(camera, bright)
    elif fault:
        async with asyncio.timeout(30):
            while camera.status().trouble is None:
                await camera.check()
    findings = by_name(await camera.examine(Level.EXTERNAL, Somebody()))
    found = {name for name, finding in findings.items() if finding.verdict is Verdict.FAILED}
    assert failing <= found <= failing | BY_LOAD


async def test_an_old_format_is_told_by_size_and_rate(cameras: Make) -> None:
    camera = await cameras()
    camera.simulator.control({"do": "fault", "id": "CAM.FORMAT"})
    await camera.reset()
    findings = by_name(await camera.examine(Level.EXTERNAL, Somebody()))
    assert findings["resolution"].verdict is Verdict.FAILED
    assert findings["resolution"].value == "640×480"
    assert findings["frame_rate"].verdict is Verdict.FAILED


async def test_an_empty_picture_says_nothing_about_focus(cameras: Make) -> None:
    camera = await cameras(timings=STILL, **SMALL)
    await stands_there(camera, 640, 360, faces=0)
    assert by_name(await camera.examine(Level.EXTERNAL, Somebody()))["sharpness"].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("scene", "face", "gates"),
    [
        ({"faces": 0}, Verdict.FAILED, Verdict.SKIPPED),
        ({"blur": 8}, Verdict.PASSED, Verdict.FAILED),
    ],
)
async def test_who_stands_before_it_is_judged_by_the_gates(
    cameras: Make, monkeypatch: pytest.MonkeyPatch, scene: dict[str, float], face: Verdict, gates: Verdict
) -> None:
    monkeypatch.setattr(exam, "LOOK_WITHIN", 5.0)
    camera = await cameras(timings=STILL)
    await stands_there(camera, 1280, 720, **scene)
    found = verdicts(await camera.examine(Level.INTERACTIVE, Somebody()))
    assert (found["face"], found["gates"]) == (face, gates)


@pytest.mark.parametrize(("answer", "picture"), [(False, Verdict.FAILED), (None, Verdict.UNKNOWN)])
async def test_without_a_person_nothing_is_passed(cameras: Make, answer: bool | None, picture: Verdict) -> None:
    camera = await cameras(**SMALL)
    found = verdicts(await camera.examine(Level.INTERACTIVE, Somebody(answer)))
    assert found == {"face": Verdict.UNKNOWN, "gates": Verdict.SKIPPED, "picture": picture}


async def test_a_closed_camera_is_a_finding() -> None:
    camera = connect("sim:", timings=QUICK)
    for level in Level:
        person = Somebody()
        found = verdicts(await camera.examine(level, person))
        assert set(found.values()) <= {Verdict.FAILED, Verdict.SKIPPED, Verdict.UNKNOWN}
        assert not person.asked


# --- counters, restarts


async def test_counters_tell_what_happened(cameras: Make) -> None:
    camera = await cameras(timings=replace(QUICK, stall=3.0, hang=6.0), **SMALL)
    assert camera.counters()["opens"] == 1
    before = camera.counters().get("frames", 0)
    await camera.latest(5.0)
    assert camera.counters()["frames"] > before
    camera.simulator.control({"do": "fault", "id": "CAM.STALL"})
    await until(camera, Link.DEGRADED)
    camera.simulator.control({"do": "clear"})
    async with asyncio.timeout(30):
        while (await camera.check()).link is not Link.READY:
            await asyncio.sleep(0.01)
    assert camera.counters()["stalls"] == 1
    camera.simulator.control({"do": "unplug"})
    await until(camera, Link.OFFLINE)
    assert camera.counters()["losses"] == 1
    camera.simulator.control({"do": "plug"})
    await camera.open()
    assert "restarts" not in camera.counters()
    camera.simulator.control({"do": "fault", "id": "CAM.CRASH"})
    await until(camera, Link.OFFLINE)
    await camera.open()
    assert camera.counters()["restarts"] == 1


async def test_a_hung_worker_is_killed_and_started_anew(cameras: Make) -> None:
    camera = await cameras(timings=replace(QUICK, stall=30.0, hang=1.0), **SMALL)
    assert camera._worker is not None
    first = camera._worker.pid
    os.kill(first, signal.SIGSTOP)
    status = await until(camera, Link.OFFLINE)
    assert (status.trouble, status.parts["stream"]) == (ErrorKind.TIMEOUT, "stalled")
    async with asyncio.timeout(30):
        while (await camera.check()).link is not Link.READY:  # as the supervisor asks
            await asyncio.sleep(0.05)
    assert camera._worker.pid != first
    assert camera.counters()["restarts"] == 1


async def test_reset_is_a_new_worker_and_no_loss(cameras: Make) -> None:
    camera = await cameras(**SMALL)
    assert camera._worker is not None
    first = camera._worker.pid
    await camera.reset()
    assert camera._worker is not None
    assert camera._worker.pid != first
    assert camera.status().link is Link.READY
    assert camera.counters()["restarts"] == 1
    assert "losses" not in camera.counters()
    assert not Path(f"/proc/{first}").exists()
    camera.simulator.control({"do": "unplug"})
    with pytest.raises(DeviceError) as caught:
        await camera.reset()
    assert caught.value.kind is ErrorKind.OFFLINE
    await camera.close()
    with pytest.raises(DeviceError) as caught:
        await camera.reset()
    assert caught.value.kind is ErrorKind.NOT_OPEN


async def test_frames_that_always_come_too_late_end_in_an_error(cameras: Make) -> None:
    """Nobody is shown an old picture, and nobody waits for ever for a new one."""
    camera = await cameras(**SMALL)
    camera.simulator.control({"do": "fault", "id": "CAM.LATE", "delay": 0.5})
    async with asyncio.timeout(30):
        with pytest.raises(DeviceError) as caught:
            async for _ in camera.frames():
                pass
    assert (caught.value.kind, caught.value.native) == (ErrorKind.TIMEOUT, "stalled")


# --- listeners, trouble


async def test_listeners_hear_every_change(cameras: Make) -> None:
    camera = await cameras(**SMALL)
    heard: list[DeviceStatus] = []
    camera.listen(lambda: heard.append(camera.status()))
    await camera.latest(5.0)
    camera.simulator.control({"do": "fault", "id": "CAM.COVERED"})  # nobody asks: the clock finds it out
    async with asyncio.timeout(30):
        while not heard or heard[-1].parts["stream"] != "covered":
            await asyncio.sleep(0.01)
    assert heard[-1].trouble is ErrorKind.HARDWARE
    camera.simulator.control({"do": "clear"})
    await until(camera, Link.READY)
    camera.simulator.control({"do": "unplug"})
    await until(camera, Link.OFFLINE)
    await camera.close()
    links = [status.link for status in heard]
    assert links[-2:] == [Link.OFFLINE, Link.CLOSED]
    assert all(before != after for before, after in pairwise(heard))


@pytest.mark.parametrize(
    ("fault", "kind", "link"),
    [
        ("CAM.BUSY", ErrorKind.BUSY, Link.OFFLINE),
        ("CAM.PERMISSION", ErrorKind.PERMISSION, Link.FAULT),
        ("CAM.UNPLUG", ErrorKind.OFFLINE, Link.OFFLINE),
    ],
)
async def test_the_status_says_why_it_does_not_open(fault: str, kind: ErrorKind, link: Link) -> None:
    camera = connect("sim:", timings=QUICK, **SMALL)
    assert camera.simulator is not None
    camera.simulator.control({"do": "fault", "id": fault})
    try:
        with pytest.raises(DeviceError) as caught:
            await camera.open()
        assert caught.value.kind is kind
        assert (camera.status().link, camera.status().trouble) == (link, kind)
    finally:
        await camera.close()
    assert camera.status().trouble is None


async def test_waking_is_not_called_opening(cameras: Make) -> None:
    """A tile that says it opens each time a citizen comes would grey the service."""
    camera = await cameras(timings=replace(QUICK, rest=0.3), **SMALL)
    heard: list[Link] = []
    camera.listen(lambda: heard.append(camera.status().link))
    async with asyncio.timeout(30):
        while camera.status().parts["stream"] == "ok":
            await asyncio.sleep(0.01)
    await camera.latest(5.0)
    assert set(heard) <= {Link.READY}


# --- return


async def test_a_simulated_camera_says_when_it_is_back(cameras: Make) -> None:
    camera = await cameras(**SMALL)
    camera.simulator.control({"do": "unplug"})
    await until(camera, Link.OFFLINE)
    waiting = asyncio.ensure_future(camera.wait_return())
    done, _ = await asyncio.wait((waiting,), timeout=0.1)
    assert not done
    camera.simulator.control({"do": "plug"})
    async with asyncio.timeout(10):
        await waiting
    await camera.open()
    assert camera.status().link is Link.READY


async def test_one_that_is_away_for_a_time_comes_back_by_itself(cameras: Make) -> None:
    camera = await cameras(**SMALL)
    camera.simulator.control({"do": "fault", "id": "CAM.UNPLUG", "seconds": 0.4})
    await until(camera, Link.OFFLINE)
    async with asyncio.timeout(10):
        await camera.wait_return()
    await camera.open()


async def test_a_busy_camera_is_not_tried_in_circles() -> None:
    camera = connect("sim:", timings=QUICK, **SMALL)
    assert camera.simulator is not None
    camera.simulator.control({"do": "fault", "id": "CAM.BUSY"})
    with pytest.raises(DeviceError):
        await camera.open()
    waiting = asyncio.ensure_future(camera.wait_return())
    done, _ = await asyncio.wait((waiting,), timeout=0.3)
    assert not done
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await camera.close()


async def test_a_camera_under_a_stable_name_is_found_on_another_node(tmp_path: Path) -> None:
    """As /dev/v4l/by-id: the link goes with the camera and comes back pointing to another index."""
    for index in (0, 1):
        cv2.imwrite(str(tmp_path / f"video{index}.png"), draw_scene(Scene(seed=index + 2)))
    link = tmp_path / "by-id" / "camera.png"
    link.parent.mkdir()
    link.symlink_to("../video0.png")
    camera = connect(f"file://{link}", timings=QUICK)
    try:
        await camera.open()
        shutil.rmtree(link.parent)
        await until(camera, Link.OFFLINE)
        with pytest.raises(DeviceError):
            await camera.open()
        waiting = asyncio.ensure_future(camera.wait_return())
        done, _ = await asyncio.wait((waiting,), timeout=0.1)
        assert not done
        link.parent.mkdir()
        link.symlink_to("../video1.png")
        async with asyncio.timeout(10):
            await waiting
        await camera.open()
        assert (await camera.latest(5.0)).bgr == draw_scene(Scene(seed=3)).tobytes()
    finally:
        await camera.close()


# --- the simulator's faults


async def test_a_loose_plug_is_out_and_in(cameras: Make) -> None:
    camera = await cameras(**SMALL)
    camera.simulator.control({"do": "fault", "id": "CAM.FLAP", "period": 0.5})
    async with asyncio.timeout(30):
        while camera.counters().get("losses", 0) < 2:
            await camera.check()
            await asyncio.sleep(0.02)
    camera.simulator.control({"do": "clear"})
    async with asyncio.timeout(30):
        while (await camera.check()).link is not Link.READY:
            await asyncio.sleep(0.02)


async def test_damaged_frames_do_not_end_the_stream(cameras: Make) -> None:
    camera = await cameras(timings=STILL, **SMALL)
    camera.simulator.control({"do": "scene", "noise": 0.0, "blinking": False})
    whole = draw_scene(Scene(noise=0.0), 640, 360).tobytes()
    await shows(camera, whole)
    camera.simulator.control({"do": "fault", "id": "CAM.CORRUPT", "count": 3})
    async with asyncio.timeout(30):
        spoilt = 0
        async for frame in camera.frames():
            if frame.bgr == whole and spoilt:
                break
            spoilt += frame.bgr != whole
    assert camera.status().link is Link.READY


async def test_faults_by_chance_strike_some_frames(cameras: Make) -> None:
    camera = await cameras(timings=STILL, **SMALL)
    camera.simulator.control({"do": "scene", "noise": 0.0, "blinking": False})
    await shows(camera, draw_scene(Scene(noise=0.0), 640, 360).tobytes())
    camera.simulator.control({"do": "fault", "id": "CAM.UPSIDE_DOWN", "probability": 0.5, "seed": 7})
    kinds: set[bytes] = set()
    async with asyncio.timeout(30):
        async for frame in camera.frames():
            kinds.add(frame.bgr)
            if len(kinds) == 2:
                break
    upright = draw_scene(Scene(noise=0.0), 640, 360)
    assert kinds == {upright.tobytes(), upright[::-1, ::-1].tobytes()}


async def test_a_worker_that_always_crashes(cameras: Make) -> None:
    camera = await cameras(**SMALL)
    camera.simulator.control({"do": "fault", "id": "CAM.CRASH", "count": None})

    async def use() -> None:
        await camera.open()
        async for _ in camera.frames():
            pass

    for _ in range(2):
        await until(camera, Link.OFFLINE)
        with pytest.raises(DeviceError) as caught:
            await use()
        assert caught.value.native == "worker_died"
    camera.simulator.control({"do": "clear"})
    await camera.open()
    assert camera.counters()["restarts"] == 3


async def test_a_printed_photo_never_blinks(cameras: Make) -> None:
    camera = await cameras(timings=STILL, **SMALL)
    camera.simulator.control({"do": "fault", "id": "CAM.PHOTO"})
    camera.simulator.control({"do": "scene", "noise": 0.0, "blinking": False})
    printed = _as_print(draw_scene(Scene(noise=0.0), 640, 360)).tobytes()
    await shows(camera, printed)
    camera.simulator.control({"do": "scene", "blinking": True})
    seen = 0
    async with asyncio.timeout(40):
        async for frame in camera.frames():
            assert frame.bgr == printed
            camera.simulator.control({"do": "blink"})
            seen += 1
            if seen == 20:
                break


@pytest.mark.parametrize(
    "command",
    [
        {"id": "CAM.NONE"},
        {"id": "CAM.STALL", "delay": 1},
        {"id": "CAM.LATE", "delay": 0},
        {"id": "CAM.LATE", "delay": "much"},
        {"id": "CAM.FLAP", "period": -1},
        {"id": "CAM.CRASH", "count": 0},
        {"id": "CAM.STALL", "seconds": 0},
        {"id": "CAM.STALL", "after_bytes": 3},
        {"id": "CAM.CORRUPT", "probability": 2},
    ],
)
def test_a_fault_that_cannot_be_is_refused(command: dict[str, Any]) -> None:
    simulator = CameraSimulator()
    with pytest.raises(ValueError, match=r"."):
        simulator.control({"do": "fault", **command})
    assert simulator.state()["faults"] == []


def test_the_faults_are_told() -> None:
    assert CameraSimulator().control({"do": "faults"})["faults"] == dict(FAULTS)
    simulator = CameraSimulator()
    simulator.control({"do": "unplug"})
    assert (simulator.state()["plugged"], simulator.plugged) == (False, False)
    simulator.control({"do": "plug"})
    assert simulator.plugged
