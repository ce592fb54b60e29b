"""What breaks a recording, and that nothing is left of one that broke (公安机关办理行政案件程序规定 第263条: both, at the same time)."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from drivers.conformance.recorder import label
from drivers.recorder import connect
from drivers.recorder.level import FLOOR, measure
from drivers.recorder.program import ProgramLine
from drivers.recorder.sealed import SealBroken, SealedWriter, digest, pieces
from drivers.recorder.take import Timings
from drivers.recorder.vault import Vault
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from kiosk.ports.health import Ask, Verdict
from kiosk.ports.health import Level as Exam
from tests.drivers.recorder.conftest import KEY, QUICK, Rig, Slides, rig, until


async def broken(r: Rig) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await r.recorder.until_broken()
    with pytest.raises(DeviceError) as again:
        await r.recorder.stop()
    assert again.value.kind is caught.value.kind, "stop says why as well"
    assert r.files() == 0, "nothing is left of it"
    return caught.value


@pytest.mark.parametrize(
    ("fault", "kind", "native"),
    [
        ("MIC.SILENT", ErrorKind.HARDWARE, "silent"),
        ("MIC.STALL", ErrorKind.TIMEOUT, "stalled"),
        ("MIC.DIES", ErrorKind.OFFLINE, ""),
    ],
)
async def test_a_microphone_that_fails_breaks_the_recording(fault: str, kind: ErrorKind, native: str) -> None:
    async with rig() as r:
        await r.recorder.start(label())
        r.do("fault", id=fault, count=None)
        error = await broken(r)
    assert (error.kind, error.native) == (kind, native)


@pytest.mark.parametrize("fault", ["MIC.SILENT", "MIC.STALL", "MIC.DIES"])
async def test_a_recording_does_not_begin_without_sound(fault: str) -> None:
    async with rig() as r:
        r.do("fault", id=fault, count=None)
        with pytest.raises(DeviceError):
            await r.recorder.start(label())
        assert r.files() == 0
        assert (await r.recorder.check()).link in (Link.OFFLINE, Link.FAULT)
        r.do("clear")
        assert (await r.recorder.check()).link is Link.READY
        await r.recorder.start(label())
        await until(lambda: r.recorder.seconds() > 0.2)
        assert (await r.recorder.stop()).frames


async def test_a_muted_microphone_is_a_fault_when_it_is_opened() -> None:
    async with rig(opened=False) as r:
        r.do("fault", id="MIC.SILENT", count=None)
        with pytest.raises(DeviceError) as caught:
            await r.recorder.open()
        assert caught.value.native == "silent"
        assert r.recorder.status().link is Link.FAULT
        assert r.recorder.status().parts["sound"] == "silent"


async def test_a_camera_that_is_gone_breaks_the_recording() -> None:
    async with rig() as r:
        await r.recorder.start(label())
        r.camera.fail(ErrorKind.OFFLINE)
        assert (await broken(r)).device == "camera"
        assert r.recorder.status().link is Link.READY, "the camera is another device; it says so itself"


async def test_a_hand_before_the_lens_for_a_moment_is_no_break_and_for_long_is_one() -> None:
    async with rig(timings=Timings(**{**vars_of(QUICK), "picture": 5.0})) as r:
        await r.recorder.start(label())
        r.camera.fail(ErrorKind.HARDWARE, "covered")
        shown = r.recorder.seconds()
        await until(lambda: r.recorder.seconds() > shown + 0.5)
        r.camera.trouble = None
        assert (await r.recorder.stop()).frames
    async with rig() as r:
        await r.recorder.start(label())
        r.camera.fail(ErrorKind.HARDWARE, "covered")
        assert (await broken(r)).native == "covered"


def vars_of(times: Timings) -> dict[str, float]:
    return {name: getattr(times, name) for name in Timings.__slots__}


async def test_a_recording_without_pictures_does_not_begin() -> None:
    async with rig(timings=Timings(**{**vars_of(QUICK), "start": 0.3})) as r:
        r.camera.fail(ErrorKind.TIMEOUT, "stalled")
        with pytest.raises(DeviceError) as caught:
            await r.recorder.start(label())
        assert caught.value.native == "no_picture"
        assert r.files() == 0


async def test_a_recording_has_an_end() -> None:
    async with rig(timings=Timings(**{**vars_of(QUICK), "longest": 0.5})) as r:
        await r.recorder.start(label())
        assert (await broken(r)).native == "too_long"


async def test_nothing_is_heard_between_two_recordings() -> None:
    async with rig() as r:
        assert r.microphone.state()["listeners"] == 0
        await r.recorder.start(label())
        assert r.microphone.state()["listeners"] == 1
        await r.recorder.stop()
        await until(lambda: r.microphone.state()["listeners"] == 0)


async def test_a_full_folder_is_a_fault() -> None:
    async with rig(opened=False, most=1000) as r:
        with pytest.raises(DeviceError) as caught:
            await r.recorder.open()
        assert caught.value.kind is ErrorKind.SUPPLY_OUT
        status = r.recorder.status()
        assert (status.link, status.parts["space"]) == (Link.FAULT, "full")


async def test_a_label_is_used_once_and_holds_no_path() -> None:
    async with rig() as r:
        for wrong in ("../../etc/passwd", "20260318T100000-张三", ""):
            with pytest.raises(DeviceError) as caught:
                await r.recorder.start(wrong)
            assert caught.value.kind is ErrorKind.INVALID_ARGUMENT
        once = label()
        await r.recorder.start(once)
        await r.recorder.stop()
        with pytest.raises(DeviceError):
            await r.recorder.start(once)


async def test_the_examination_tells_how_loud_the_hall_is() -> None:
    class Somebody:
        async def ask(self, what: Ask) -> bool | None:
            del what
            return None

    async with rig() as r:
        r.do("speak", hertz=440)
        found = {each.name: each for each in await r.recorder.examine(Exam.EXTERNAL, Somebody())}
        assert found["level_db"].verdict is Verdict.PASSED
        assert found["picture"].verdict is Verdict.PASSED
        r.do("fault", id="MIC.CLIPPED", count=None)
        found = {each.name: each for each in await r.recorder.examine(Exam.EXTERNAL, Somebody())}
        assert found["peak_db"].verdict is Verdict.FAILED


def test_levels_are_those_of_the_arithmetic() -> None:
    full = b"\xff\x7f\x01\x80" * 800  # a square wave at full scale
    assert measure(full).rms_db == pytest.approx(0.0, abs=0.01)
    half = b"\x00\x40\x00\xc0" * 800
    assert measure(half).rms_db == pytest.approx(-6.02, abs=0.01)
    assert measure(bytes(100)).silent
    assert measure(b"").rms_db == FLOOR


# --- at rest ----------------------------------------------------------------------------------------------------------


def sealed(path: Path, *parts: bytes) -> Path:
    writer = SealedWriter(path, KEY, b"head" * 4)
    for part in parts:
        writer.write(part)
    writer.finish(b"HEAD" * 4)
    return path


def test_a_sealed_file_reads_back_and_shows_nothing(tmp_path: Path) -> None:
    path = sealed(tmp_path / "a", b"x" * 700_000, b"secret words")
    assert b"".join(pieces(path, KEY)) == b"HEAD" * 4 + b"x" * 700_000 + b"secret words"
    assert b"secret" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("at", [3, 20, 60, -40, -1])
def test_one_changed_bit_is_noticed(tmp_path: Path, at: int) -> None:
    path = sealed(tmp_path / "a", b"x" * 300_000)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(SealBroken):
        digest(path, KEY)


def test_pieces_cannot_be_cut_off_or_exchanged(tmp_path: Path) -> None:
    path = sealed(tmp_path / "a", b"x" * 600_000)
    data = path.read_bytes()
    step = 4 + 12 + 16 + 256 * 1024
    begin = 24 + 4 + 12 + 16 + 16
    cut = tmp_path / "cut"
    cut.write_bytes(data[: begin + 2 * step])
    swapped = tmp_path / "swapped"
    swapped.write_bytes(
        data[:begin] + data[begin + step : begin + 2 * step] + data[begin : begin + step] + data[begin + 2 * step :]
    )
    for wrong in (cut, swapped):
        with pytest.raises(SealBroken):
            digest(wrong, KEY)
    with pytest.raises(SealBroken, match="another key"):
        digest(path, bytes(32))


def test_room_is_the_bounds_and_low_before_it_is_full(tmp_path: Path) -> None:
    (tmp_path / "20260318T080000-A.otrec").write_bytes(b"x" * 5000)
    for most, space in ((1 << 62, "ok"), (5000 + (1 << 30), "low"), (5000 + (1 << 20), "full")):
        vault = Vault(tmp_path, lambda: KEY, keep_days=183, most_bytes=most)
        found = vault.space()
        assert found == space or vault.free() < most - 5000  # a test machine with a small disk


# --- the program at a microphone of this machine ------------------------------------------------------------------------


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "arecord"
    path.write_text(script)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


async def test_arecord_is_asked_for_raw_samples_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    program(tmp_path, f'#!/bin/sh\necho "$$ $@" > {told}\nexec head -c 100000000 /dev/urandom\n', monkeypatch)
    line = ProgramLine("plughw:1,0", 16000)
    await line.open()
    assert await line.read(4000, 5.0)
    await line.close()
    pid, _, words = told.read_text().partition(" ")
    assert words.strip() == "-D plughw:1,0 -q -t raw -f S16_LE -c 1 -r 16000 --buffer-time=500000"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("arecord: main:830: audio open error: No such file or directory", ErrorKind.OFFLINE),
        ("arecord: main:830: audio open error: Device or resource busy", ErrorKind.BUSY),
        ("arecord: main:830: audio open error: Permission denied", ErrorKind.PERMISSION),
    ],
)
async def test_what_arecord_says_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, kind: ErrorKind
) -> None:
    program(tmp_path, f'#!/bin/sh\necho "{words}" >&2\nexit 1\n', monkeypatch)
    recorder = made("alsa:default", tmp_path)
    with pytest.raises(DeviceError) as caught:
        await recorder.open()
    assert caught.value.kind is kind
    assert "audio open error" in recorder.status().detail
    await recorder.close()


async def test_an_arecord_that_does_not_leave_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    program(tmp_path, f"#!/bin/sh\ntrap '' TERM\necho $$ > {told}\nwhile :; do sleep 1; done\n", monkeypatch)
    line = ProgramLine("default", 16000)
    await line.open()
    await until(lambda: told.is_file() and told.read_text().strip())
    await line.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


async def test_a_machine_without_alsa_utils_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    recorder = made("alsa:default", tmp_path)
    with pytest.raises(DeviceError, match="alsa-utils"):
        await recorder.open()
    await recorder.close()


def made(url: str, folder: Path) -> Any:
    vault = Vault(folder / "recordings", lambda: KEY, keep_days=183, most_bytes=1 << 40)
    return connect(url, camera=Slides(), vault=vault)


@pytest.mark.parametrize("url", ["alsa:", "alsa:a b", "tcp:", "pulse:x", "tcp://h:1?x=2"])
def test_a_wrong_url_is_one_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"should look like|option|port"):
        made(url, tmp_path)
