"""The file that comes out, read by others: OpenCV for the picture, a plain RIFF walk for the sound, ffprobe where there is one."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from drivers.conformance.recorder import label
from drivers.recorder.avi import HEADER, AviFilm, Format
from tests.drivers.recorder.conftest import Rig, rig, until

SECONDS = 2.0


async def film(r: Rig, folder: Path) -> Path:
    """Two seconds of somebody who hums an a'."""
    r.do("speak", hertz=440)
    await r.recorder.start(label())
    await until(lambda: r.recorder.seconds() >= SECONDS)
    recording = await r.recorder.stop()
    path = folder / "film.avi"
    path.write_bytes(r.plain(recording.file))
    return path


def chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, place of the data and its length, one level of a RIFF."""
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, length
        at += 8 + length + length % 2


def parts(data: bytes) -> dict[bytes, tuple[int, int]]:
    """What lies in the file: lists by their type, others by their name."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"AVI "
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8, "the size in front is that of the file"
    found = {}
    for name, at, length in chunks(data, 12, len(data)):
        found[data[at : at + 4] if name == b"LIST" else name] = (at, length)
    return found


async def test_a_player_sees_the_pictures_in_their_order(tmp_path: Path) -> None:
    import cv2

    async with rig() as r:
        path = await film(r, tmp_path)
    video = cv2.VideoCapture(str(path))
    assert video.isOpened()
    assert (video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (640, 360)
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(10)
    seen = []
    while (taken := video.read())[0]:
        seen.append(round(float(taken[1].mean())))
    video.release()
    assert len(seen) >= SECONDS * 10
    assert len(set(seen)) > 3, "the pictures differ as the camera's do"
    assert all(50 <= grey <= 220 for grey in seen)


async def test_the_sound_is_what_was_heard(tmp_path: Path) -> None:
    async with rig() as r:
        data = (await film(r, tmp_path)).read_bytes()
    where = parts(data)
    at, length = where[b"movi"]
    pcm = b"".join(data[p : p + n] for name, p, n in chunks(data, at + 4, at + length) if name == b"01wb")
    pictures = [n for name, _, n in chunks(data, at + 4, at + length) if name == b"00dc"]
    samples = array("h", pcm)
    assert len(samples) == len(pictures) * 1600, "a tenth of a second of sound with every picture"
    crossings = sum(1 for a, b in pairwise(samples) if a < 0 <= b)
    assert crossings / (len(samples) / 16000) == pytest.approx(440, abs=25)


async def test_the_index_leads_to_every_chunk(tmp_path: Path) -> None:
    async with rig() as r:
        data = (await film(r, tmp_path)).read_bytes()
    where = parts(data)
    movi, _ = where[b"movi"]
    at, length = where[b"idx1"]
    entries = [struct.unpack_from("<4sIII", data, at + i) for i in range(0, length, 16)]
    for name, _, offset, size in entries:
        assert struct.unpack_from("<4sI", data, movi + offset) == (name, size)
    head, _ = where[b"hdrl"]
    frames = struct.unpack_from("<I", data, head + 4 + 8 + 16)[0]
    assert frames == sum(1 for name, *_ in entries if name == b"00dc")


async def test_ffprobe_finds_both_streams(tmp_path: Path) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("this machine has no ffprobe")
    async with rig() as r:
        path = await film(r, tmp_path)
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(path)],
        capture_output=True,
        check=True,
    )
    assert not said.stderr
    names = [stream["codec_name"] for stream in json.loads(said.stdout)["streams"]]
    assert names == ["mjpeg", "pcm_s16le"]


def test_the_header_keeps_its_size_and_half_a_sample_is_refused() -> None:
    made = AviFilm(Format(640, 360, 10, 16000))
    assert len(made.header()) == HEADER
    out = io.BytesIO()
    out.write(made.picture(b"\xff\xd8odd"))
    assert len(out.getvalue()) % 2 == 0, "chunks begin at even places"
    assert len(made.header()) == HEADER
    with pytest.raises(ValueError, match="half a sample"):
        made.sound(b"abc")
