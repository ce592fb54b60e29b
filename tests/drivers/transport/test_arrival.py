"""A device that is gone: the word that it is back comes when it is, on every kind of line, and not before."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from drivers.transport import arrival
from drivers.transport.arrival import Arrival, wait_return
from drivers.transport.fd import FdTransport
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.serial import DeviceFileTransport, SerialTransport
from drivers.transport.url import open_transport
from kiosk.domain.errors import ErrorKind
from kiosk.ports.health import Returning
from tests.drivers.transport.test_lines import Echo, fails, receive

WAIT = 10  # seconds after which a test has failed; nothing here waits for so long


async def still_waits(waiting: asyncio.Future[None], seconds: float = 0.1) -> bool:
    done, _ = await asyncio.wait((waiting,), timeout=seconds)
    return not done


async def ends(waiting: asyncio.Future[None]) -> None:
    async with asyncio.timeout(WAIT):
        await waiting


@pytest.fixture(params=["inotify", "clock"])
def told_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the kernel's word, and on a system that has no inotify."""
    if request.param == "clock":
        monkeypatch.setattr(arrival.ctypes, "CDLL", lambda *_, **__: object())
        monkeypatch.setattr(arrival, "LOOK_EVERY", 0.02)
    return str(request.param)


def by_file(folder: Path) -> Path:
    path = folder / "tty"
    path.touch()
    return path


def by_rename(folder: Path) -> Path:
    """As udev makes its links: under another name first."""
    (folder / "node").touch()
    (folder / ".tmp").symlink_to(folder / "node")
    (folder / ".tmp").rename(folder / "tty")
    return folder / "tty"


def by_target(folder: Path) -> Path:
    """The link stays, what it points to comes later."""
    (folder / "tty").symlink_to("deep/er/node")
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "node").touch()
    return folder / "tty"


@pytest.mark.parametrize("come", [by_file, by_rename, by_target])
async def test_a_file_that_appears_is_noticed(tmp_path: Path, told_by: str, come: Callable[[Path], Path]) -> None:
    expected = Arrival(str(tmp_path / "tty"))
    expected.note()
    waiting = asyncio.ensure_future(expected.wait())
    assert await still_waits(waiting)
    come(tmp_path)
    await ends(waiting)


async def test_its_folder_may_come_with_it(tmp_path: Path, told_by: str) -> None:
    path = tmp_path / "serial" / "by-id" / "usb-reader"
    expected = Arrival(str(path))
    expected.note()
    waiting = asyncio.ensure_future(expected.wait())
    assert await still_waits(waiting)
    path.parent.mkdir(parents=True)
    assert await still_waits(waiting)
    path.touch()
    await ends(waiting)


async def test_what_was_there_at_the_last_attempt_is_no_news(tmp_path: Path, told_by: str) -> None:
    """A mute device whose file is there must not be tried in circles."""
    path = by_file(tmp_path)
    expected = Arrival(str(path))
    expected.note()
    waiting = asyncio.ensure_future(expected.wait())
    (tmp_path / "another").touch()
    assert await still_waits(waiting)
    path.unlink()
    assert await still_waits(waiting)
    by_file(tmp_path)
    await ends(waiting)


async def test_a_file_that_changed_hands_is_worth_another_try(tmp_path: Path, told_by: str) -> None:
    """udev gives a new node to its group a moment after the kernel has made it for root alone."""
    path = by_file(tmp_path)
    expected = Arrival(str(path))
    expected.note()
    waiting = asyncio.ensure_future(expected.wait())
    assert await still_waits(waiting)
    path.chmod(0o660)
    await ends(waiting)


async def test_what_comes_between_the_attempt_and_the_waiting_is_not_missed(tmp_path: Path, told_by: str) -> None:
    expected = Arrival(str(tmp_path / "tty"))
    expected.note()
    by_file(tmp_path)
    await ends(asyncio.ensure_future(expected.wait()))


async def test_waiting_leaves_no_descriptor_behind(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(20):
        waiting = asyncio.ensure_future(Arrival(str(tmp_path / "tty")).wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert set(os.listdir("/proc/self/fd")) == before


# --- the lines


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture(params=["memory", "tcp", "pty"])
async def line(request: pytest.FixtureRequest, echo: Echo) -> AsyncIterator[FdTransport]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "tcp":
                line = open_transport(f"tcp://127.0.0.1:{await stack.enter_async_context(serve_tcp(echo))}")
            case "pty":
                line = open_transport(f"serial://{await stack.enter_async_context(serve_pty(echo))}")
            case _:
                line = open_transport("sim:", echo)
        stack.push_async_callback(line.close)
        assert isinstance(line, FdTransport)
        yield line


async def test_every_line_says_when_it_is_back(line: FdTransport, echo: Echo) -> None:
    assert isinstance(line, Returning)
    await line.open()
    for closing in (False, True):
        echo.unplug()
        await fails(ErrorKind.OFFLINE, line.read(1, 30))
        await fails(ErrorKind.OFFLINE, line.open())
        if closing:
            await line.close()
        waiting = asyncio.ensure_future(line.wait_return())
        assert await still_waits(waiting)
        echo.plug()
        await ends(waiting)
        await line.open()
        await line.write(b"back", 5)
        assert await receive(line, 4) == b"back"


async def test_one_that_came_back_before_anybody_waited_is_not_missed(line: FdTransport, echo: Echo) -> None:
    await line.open()
    echo.unplug()
    await fails(ErrorKind.OFFLINE, line.read(1, 30))
    echo.plug()
    await ends(asyncio.ensure_future(line.wait_return()))


async def test_a_line_that_stands_is_not_called_back(line: FdTransport, echo: Echo) -> None:
    """The device is mute: it is there, and there is no reason to believe that trying again helps."""
    await line.open()
    waiting = asyncio.ensure_future(wait_return(line))
    assert await still_waits(waiting, 1.0)
    await line.write(b"on", 5)
    assert await receive(line, 2) == b"on"  # and nobody has disturbed the connection
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_line_cut_again_and_again_is_not_tried_in_circles(line: FdTransport, echo: Echo) -> None:
    echo.control({"do": "fault", "id": "LINE.HANGUP", "count": None})
    tries = 0
    try:
        async with asyncio.timeout(1.0):
            while True:
                await line.open()
                tries += 1
                await line.write(b"x", 5)
                await fails(ErrorKind.OFFLINE, line.read(1, 5))
                await line.wait_return()
    except TimeoutError:
        pass
    assert 1 <= tries <= 6


async def test_a_device_file_says_when_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    line = DeviceFileTransport(str(path))
    await fails(ErrorKind.OFFLINE, line.open())
    waiting = asyncio.ensure_future(line.wait_return())
    assert await still_waits(waiting)
    path.touch()
    await ends(waiting)
    await line.open()
    await line.write(b"slip", 1)
    await line.close()
    assert path.read_bytes() == b"slip"


async def test_a_line_that_cannot_tell_is_waited_for_for_ever() -> None:
    waiting = asyncio.ensure_future(wait_return(object()))
    assert await still_waits(waiting)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_an_adapter_whose_opening_hangs_ends_in_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifo without a reader blocks open(2) for good, as a half-dead adapter does."""
    import drivers.transport.serial as lines

    path = tmp_path / "tty"
    os.mkfifo(path)
    monkeypatch.setattr(lines, "_OPEN_WITHIN", 0.2)
    monkeypatch.setattr(lines.serial, "Serial", lambda **_: os.open(path, os.O_WRONLY))
    line = SerialTransport(str(path))
    for _ in range(3):
        error = await fails(ErrorKind.OFFLINE, line.open())
        assert error.native == "HANG"
    stuck = [each.name for each in threading.enumerate() if each.name == "serial-open"]
    assert len(stuck) == 1  # the second and third attempt sent no thread after the first
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))  # lets the thread go


def test_the_kernels_word_comes_under_the_qt_loop_too(tmp_path: Path) -> None:
    program = f"""
import asyncio, pathlib, qasync
from PySide6.QtCore import QCoreApplication
from drivers.transport.arrival import Arrival

async def main():
    path = pathlib.Path({str(tmp_path)!r}) / "tty"
    waiting = asyncio.ensure_future(Arrival(str(path)).wait())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    path.touch()
    async with asyncio.timeout(10):
        await waiting
    print("came")

app = QCoreApplication([])
with asyncio.Runner(loop_factory=qasync.QEventLoop) as runner:
    runner.run(main())
"""
    root = Path(__file__).parents[3]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "came", done.stderr
