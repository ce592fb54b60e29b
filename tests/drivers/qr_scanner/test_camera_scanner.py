"""The camera as a scanner: drawn frames in, scans out; time is the frames' own."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import subprocess
import sys
from collections.abc import Callable

import pytest

from drivers.qr_scanner import connect
from drivers.qr_scanner.camera_scanner import CameraScanner
from drivers.qr_scanner.draw import Look, render
from drivers.qr_scanner.serial_scanner import SerialScanner
from drivers.qr_scanner.simulator import ScanEngineSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.clock import SHANGHAI
from kiosk.ports.devices import Frame, Link, QrScanner
from tests.drivers.qr_scanner.conftest import DrawnCamera

STEP = 0.1
CODE_A = render("CODE-A", Look(size=0.6), width=640, height=480)
CODE_B = render("CODE-B", Look(size=0.6, rotation=20), width=640, height=480)
EMPTY = render(None, width=640, height=480)


def film(*scenes: tuple[Frame, int]) -> Callable[[int], Frame | None]:
    """Frames one step apart: each scene for so many frames, then no more."""
    frames = [picture for picture, count in scenes for _ in range(count)]
    return lambda n: dataclasses.replace(frames[n], at=n * STEP, seq=n) if n < len(frames) else None


class Noon:
    def now(self) -> dt.datetime:
        return dt.datetime(2026, 11, 21, 12, 0, tzinfo=SHANGHAI)


async def opened(camera: DrawnCamera, **options: object) -> CameraScanner:
    scanner = CameraScanner(camera, clock=Noon(), **options)  # type: ignore[arg-type]
    await scanner.open()
    return scanner


async def texts(scanner: QrScanner) -> list[str | None]:
    """Everything that is given until the film ends."""
    out: list[str | None] = []

    async def watch() -> None:
        while True:
            out.append((await scanner.scan(30)).text)

    with pytest.raises(DeviceError, match="no more frames"):
        await watch()
    return out


async def test_a_code_in_view_is_a_scan() -> None:
    camera = DrawnCamera(film((EMPTY, 3), (CODE_A, 3)))
    scanner = await opened(camera)
    scan = await scanner.scan(10)
    assert (scan.raw, scan.text, scan.symbology, scan.at) == (b"CODE-A", "CODE-A", "qr", Noon().now())
    assert camera.watchers == 0
    await scanner.close()


async def test_a_code_that_stays_in_view_is_given_once() -> None:
    scanner = await opened(DrawnCamera(film((CODE_A, 25))))
    assert await texts(scanner) == ["CODE-A"]
    await scanner.close()


@pytest.mark.parametrize(("absent", "times"), [(14, 1), (17, 2)])
async def test_it_is_given_again_after_one_and_a_half_seconds_out_of_view(absent: int, times: int) -> None:
    scanner = await opened(DrawnCamera(film((CODE_A, 3), (EMPTY, absent), (CODE_A, 3))))
    assert await texts(scanner) == ["CODE-A"] * times
    await scanner.close()


async def test_another_code_is_given_at_once() -> None:
    scanner = await opened(DrawnCamera(film((CODE_A, 3), (CODE_B, 3))))
    assert await texts(scanner) == ["CODE-A", "CODE-B"]
    await scanner.close()


async def test_payment_codes_need_two_frames_in_a_row() -> None:
    flicker = film((CODE_A, 1), (EMPTY, 1), (CODE_A, 1), (EMPTY, 1), (CODE_B, 2))
    scanner = await opened(DrawnCamera(flicker), confirm=2)
    assert await texts(scanner) == ["CODE-B"]
    await scanner.close()


@pytest.mark.parametrize("kind", [ErrorKind.OFFLINE, ErrorKind.TIMEOUT, ErrorKind.HARDWARE])
async def test_camera_trouble_is_told_as_it_is(kind: ErrorKind) -> None:
    trouble = DeviceError(kind, "camera", "drawn trouble", "covered")
    camera = DrawnCamera(lambda n: trouble if n == 2 else dataclasses.replace(EMPTY, at=n * STEP))
    scanner = await opened(camera)
    with pytest.raises(DeviceError) as told:
        await scanner.scan(10)
    assert told.value is trouble
    assert camera.watchers == 0
    await scanner.close()


async def test_a_torn_frame_is_a_protocol_error() -> None:
    scanner = await opened(DrawnCamera(lambda n: dataclasses.replace(EMPTY, bgr=EMPTY.bgr[:-1])))
    with pytest.raises(DeviceError) as torn:
        await scanner.scan(10)
    assert torn.value.kind is ErrorKind.PROTOCOL
    await scanner.close()


async def test_life() -> None:
    camera = DrawnCamera(film((CODE_A, 100)))
    scanner = CameraScanner(camera)
    assert scanner.status().link is Link.CLOSED
    assert (await scanner.check()).link is Link.CLOSED
    with pytest.raises(DeviceError) as closed:
        await scanner.scan(1)
    assert closed.value.kind is ErrorKind.NOT_OPEN
    await scanner.open()
    assert scanner.status().link is Link.READY
    asking = asyncio.ensure_future(scanner.scan(5))
    await asyncio.sleep(0)
    assert scanner.status().link is Link.BUSY
    with pytest.raises(DeviceError) as busy:
        await scanner.scan(1)
    assert busy.value.kind is ErrorKind.BUSY
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert camera.watchers == 0
    assert (await scanner.scan(5)).text == "CODE-A"
    await scanner.close()
    await scanner.close()
    assert camera.link is Link.CLOSED


async def test_a_camera_that_others_opened_stays_open() -> None:
    camera = DrawnCamera(film((CODE_A, 5)))
    await camera.open()
    scanner = await opened(camera)
    await scanner.close()
    assert camera.link is Link.READY


# --- named by URL


def test_urls() -> None:
    camera = DrawnCamera(film())
    assert isinstance(connect("camera:", camera=camera), CameraScanner)
    assert connect("camera:?confirm=2&formats=qr,pdf417", camera=camera).capabilities["confirm"] == 2
    for url, dialect in (
        ("serial:///dev/ttyACM0?dialect=newland", "newland"),
        ("newland+serial:///dev/ttyACM0?baud=9600&suffix=crlf", "newland"),
        ("tcp://127.0.0.1:4001?idle=1&aim=1", "plain"),
        ("sim:", "plain"),
        ("sim:?dialect=honeywell", "honeywell"),
    ):
        scanner = connect(url)
        assert isinstance(scanner, SerialScanner)
        assert scanner.capabilities["dialect"] == dialect
        assert scanner.simulated is url.startswith("sim:")
    assert connect("sim:", simulator=ScanEngineSimulator("newland")).capabilities["dialect"] == "newland"


@pytest.mark.parametrize(
    "url",
    [
        "camera:",
        "camera:?confirm=0",
        "/dev/ttyACM0",
        "serial:///dev/ttyACM0?dialect=klingon",
        "serial:///dev/ttyACM0?suffix=tab",
        "serial:///dev/ttyACM0?idle=perhaps",
        "serial:///dev/ttyACM0?colour=red",
        "tcp://127.0.0.1",
        "http://127.0.0.1",
    ],
)
def test_wrong_urls_are_told_in_a_sentence(url: str) -> None:
    with pytest.raises(ValueError) as wrong:
        connect(url)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "query", ["confirm=0", "confirm=x", "formats=qr,telegram", "formats=aztec", "enhance=2", "fps=99", "x=1"]
)
def test_wrong_camera_options(query: str) -> None:
    with pytest.raises(ValueError):
        connect(f"camera:?{query}", camera=DrawnCamera(film()))


def test_importing_and_naming_a_scanner_loads_no_heavy_library() -> None:
    program = (
        "import sys, drivers.qr_scanner as q; q.connect('sim:'); q.connect('camera:?formats=qr', camera=type('C', (), "
        "{'simulated': True})()); print([m for m in ('cv2','numpy','zxingcpp','pyzbar','segno') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
