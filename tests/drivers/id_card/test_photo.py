"""Photo decoders: the outside program may do its job, fail, crash, hang or talk nonsense; the reader lives on."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog

from drivers.id_card import connect
from drivers.id_card.photo import ExternalDecoder, make_decoder, pack_sim_photo
from drivers.id_card.simulator import SamvSimulator

WLT = bytes(range(256)) * 4


def program(tmp_path: Path, body: str) -> str:
    path = tmp_path / "wlt2bmp"
    path.write_text(f"#!{sys.executable} -S\nimport os, sys, time\n{body}\n")
    path.chmod(0o755)
    return str(path)


async def test_external_program(tmp_path: Path) -> None:
    path = program(
        tmp_path, "data = sys.stdin.buffer.read()\nsys.stdout.buffer.write(b'BM' + bytes([len(data) // 256]))"
    )
    photo = await make_decoder(f"external:{path}").decode(WLT)
    assert photo is not None
    assert (photo.data, photo.media_type) == (b"BM\x04", "image/bmp")


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(3)",
        "os.abort()",
        "pass",
        "print('no licence')",
        "sys.stdout.buffer.write(b'BM' + bytes(2_000_000))",
        "os.close(0)",
    ],
    ids=["status", "crash", "nothing", "nonsense", "flood", "deaf"],
)
async def test_external_program_that_fails(tmp_path: Path, body: str) -> None:
    with structlog.testing.capture_logs() as logs:
        assert await ExternalDecoder([program(tmp_path, body)]).decode(WLT) is None
    assert [entry["event"] for entry in logs] == ["chip_photo_not_decoded"]


async def test_missing_program() -> None:
    assert await ExternalDecoder(["/nonexistent/wlt2bmp"]).decode(WLT) is None


async def test_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    body = f"child = os.fork()\nopen({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n')\ntime.sleep(60)"
    assert await ExternalDecoder([program(tmp_path, body)], limit=1.0).decode(WLT) is None
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 2
    for _ in range(200):
        if not any(alive(pid) for pid in started):
            break
        await asyncio.sleep(0.01)
    assert not any(alive(pid) for pid in started)


async def test_cancelling_kills_the_program(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    body = f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}}\\n')\ntime.sleep(60)"
    decoding = asyncio.create_task(ExternalDecoder([program(tmp_path, body)], limit=30).decode(WLT))
    while not (pids.exists() and pids.read_text().endswith("\n")):
        await asyncio.sleep(0.01)
    decoding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await decoding
    while alive(int(pids.read_text())):
        await asyncio.sleep(0.01)


async def test_simulated_photo_is_the_same_person_each_time(people: dict[str, Any]) -> None:
    decoder = make_decoder("sim")
    first, again, other = [await decoder.decode(pack_sim_photo(seed)) for seed in (7, 7, 8)]
    assert first is not None
    assert first == again != other
    assert first.data.startswith(b"\x89PNG\r\n\x1a\n")
    assert await decoder.decode(WLT) is None

    import cv2
    import numpy as np

    assert cv2.imdecode(np.frombuffer(first.data, np.uint8), cv2.IMREAD_COLOR).shape == (126, 102, 3)


async def test_reader_hands_the_photo_on(people: dict[str, Any]) -> None:
    simulator = SamvSimulator(people)
    reader = connect("samv+sim:", decoder="sim", simulator=simulator)
    assert (reader.driver, reader.simulated) == ("samv+sim", True)
    await reader.open()
    for fault, expected in ((None, True), ("SAM.PHOTO", False), ("SAM.NOPHOTO", False)):
        simulator.place("resident")
        if fault:
            simulator.control({"do": "fault", "id": fault})
        card = await reader.wait_card(5)
        assert (card.photo is not None) is expected
        simulator.remove()
        assert await reader.wait_removed(5)
    await reader.close()


@pytest.mark.parametrize("spec", ["", "vendor", "external", "external:", "external:wlt2bmp", "none:", "sim:7"])
def test_wrong_settings(spec: str) -> None:
    with pytest.raises(ValueError, match="decoder"):
        make_decoder(spec)


@pytest.mark.parametrize("url", ["", "samv", "serial:///dev/ttyS1", "escpos+sim:", "samv+sim:", "samv+tcp://host"])
def test_wrong_urls(url: str) -> None:
    with pytest.raises(ValueError):
        connect(url)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
