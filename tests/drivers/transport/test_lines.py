"""Lines: the same promises on sockets, pseudo terminals, device files and in process."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import BaudLine, ByteTransport, Wire
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.memory import MemoryLine
from drivers.transport.serial import DeviceFileTransport, SerialTransport
from drivers.transport.tcp import TcpTransport
from drivers.transport.url import open_transport, split_scheme
from kiosk.domain.errors import DeviceError, ErrorKind


class Echo(Simulator):
    kind = "echo"

    def control(self, command: Command) -> Reply:
        reply = self.control_common(command)
        if reply is None:
            raise ValueError("an echo knows no verbs")
        return reply

    def state(self) -> Reply:
        return {}

    async def serve(self, wire: Wire) -> None:
        while data := await wire.read():
            await wire.write(data)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture(params=["memory", "tcp", "pty"])
async def line(request: pytest.FixtureRequest, echo: Echo) -> AsyncIterator[ByteTransport]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "tcp":
                port = await stack.enter_async_context(serve_tcp(echo))
                line = open_transport(f"tcp://127.0.0.1:{port}")
            case "pty":
                line = open_transport(f"serial://{await stack.enter_async_context(serve_pty(echo))}")
            case _:
                line = open_transport("sim:", echo)
        stack.push_async_callback(line.close)
        await line.open()
        yield line


async def receive(line: ByteTransport, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await line.read(size - len(data), 5)
    return data


async def fails(kind: ErrorKind, doing: object) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await doing  # type: ignore[misc]
    assert caught.value.kind is kind
    return caught.value


async def test_bytes_go_through_unchanged(line: ByteTransport) -> None:
    everything = bytes(range(256)) * 16  # control characters too: a tty must not interpret them
    receiving = asyncio.create_task(receive(line, len(everything)))
    await line.write(everything, 5)
    assert await receiving == everything


async def test_read_gives_at_most_the_limit(line: ByteTransport) -> None:
    await line.write(b"abcdef", 1)
    assert (await line.read(2, 1)) in (b"a", b"ab")
    rest = await receive(line, 4)
    assert len(rest) == 4


async def test_silence_is_a_timeout(line: ByteTransport) -> None:
    await fails(ErrorKind.TIMEOUT, line.read(1, 0.02))
    await fails(ErrorKind.TIMEOUT, line.read(1, 0))
    await line.write(b"x", 1)
    assert await line.read(1, 1) == b"x"


async def test_device_that_takes_no_bytes(line: ByteTransport, echo: Echo) -> None:
    echo.control({"do": "fault", "id": "LINE.BLOCK", "count": None})
    async with asyncio.timeout(10):
        await fails(ErrorKind.TIMEOUT, line.write(bytes(8_000_000), 0.1))
        await line.close()  # must not wait for what is stuck


async def test_drain_forgets(line: ByteTransport) -> None:
    await line.write(b"old", 1)
    first = await line.read(1, 1)
    await asyncio.sleep(0.05)
    assert first + line.drain() == b"old"
    assert line.drain() == b""
    await line.write(b"new", 1)
    assert await receive(line, 3) == b"new"


async def test_idle_line_is_not_taken_for_a_hang_up(line: ByteTransport) -> None:
    for _ in range(3):
        assert line.drain() == b""
        await fails(ErrorKind.TIMEOUT, line.read(1, 0.01))


async def test_close_wakes_a_pending_read(line: ByteTransport) -> None:
    reading = asyncio.create_task(line.read(1, 30))
    await asyncio.sleep(0.01)
    await line.close()
    await fails(ErrorKind.OFFLINE, reading)
    await line.close()
    await fails(ErrorKind.NOT_OPEN, line.read(1, 1))
    await fails(ErrorKind.NOT_OPEN, line.write(b"x", 1))
    await line.open()
    await line.write(b"x", 1)
    assert await line.read(1, 1) == b"x"


async def test_unplugged_while_idle_and_while_reading(line: ByteTransport, echo: Echo) -> None:
    for _ in range(2):
        reading = asyncio.create_task(line.read(1, 30))
        await asyncio.sleep(0.01)
        echo.unplug()
        await fails(ErrorKind.OFFLINE, reading)
        await fails(ErrorKind.OFFLINE, line.write(b"x", 1))
        await fails(ErrorKind.OFFLINE, line.open())
        echo.plug()
        async with asyncio.timeout(5):
            while True:
                try:
                    await line.open()
                    break
                except DeviceError:
                    await asyncio.sleep(0.01)
        await line.write(b"x", 1)
        assert await line.read(1, 1) == b"x"


async def test_what_came_before_the_hang_up_is_still_given(line: ByteTransport, echo: Echo) -> None:
    echo.control({"do": "fault", "id": "LINE.HANGUP_MID"})
    await line.write(b"abcdef", 1)
    got = bytearray()

    async def read_on() -> None:
        while True:
            got.extend(await line.read(10, 5))

    await fails(ErrorKind.OFFLINE, read_on())
    # A terminal that is pulled out takes its unread bytes along; sockets deliver them.
    assert got in ((b"", b"abc") if isinstance(line, SerialTransport) else (b"abc",))


async def test_no_descriptor_is_left_behind(line: ByteTransport) -> None:
    await line.close()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        await line.open()
        await line.write(b"x", 1)
        await line.read(1, 1)
        await line.close()
    await asyncio.sleep(0.01)  # the other end of a socket goes one turn later
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.pty
async def test_second_opener_of_a_serial_port_is_told_so(echo: Echo) -> None:
    async with serve_pty(echo) as path:
        first, second = SerialTransport(path), SerialTransport(path)
        await first.open()
        await fails(ErrorKind.BUSY, second.open())
        await first.close()
        await second.open()
        await second.close()


async def test_missing_port() -> None:
    error = await fails(ErrorKind.OFFLINE, SerialTransport("/dev/ttyNOWHERE").open())
    assert error.native == "ENOENT"
    await fails(ErrorKind.OFFLINE, DeviceFileTransport("/dev/usb/lp77").open())


async def test_something_that_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    await fails(ErrorKind.OFFLINE, SerialTransport(str(tmp_path / "file")).open())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
async def test_port_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    path.write_text("")
    path.chmod(0)
    await fails(ErrorKind.PERMISSION, DeviceFileTransport(str(path)).open())


async def test_refused_and_unknown_hosts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    await fails(ErrorKind.OFFLINE, TcpTransport("127.0.0.1", port).open())
    await fails(ErrorKind.OFFLINE, TcpTransport("no-such-host.invalid", 9100).open())


async def test_cancelled_open_leaves_no_socket(echo: Echo) -> None:
    async with serve_tcp(echo) as port:
        before = len(os.listdir("/proc/self/fd"))
        line = TcpTransport("127.0.0.1", port)
        opening = asyncio.create_task(line.open())
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await asyncio.sleep(0.02)
        assert len(os.listdir("/proc/self/fd")) <= before


async def test_file_and_fifo_as_printers(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"1")
    line = DeviceFileTransport(str(path))
    await line.open()
    await line.write(b"23", 1)
    await fails(ErrorKind.TIMEOUT, line.read(1, 0.01))
    assert line.drain() == b""
    await line.close()
    assert path.read_bytes() == b"123"

    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    line = DeviceFileTransport(str(fifo))
    await fails(ErrorKind.OFFLINE, line.open())  # nobody reads
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    await line.open()
    await line.write(b"slip", 1)
    assert os.read(end, 10) == b"slip"
    await fails(ErrorKind.TIMEOUT, line.write(bytes(1_000_000), 0.05))
    os.close(end)
    await fails(ErrorKind.OFFLINE, line.write(b"x", 1))
    await line.close()


async def test_devices_that_cannot_be_waited_for() -> None:
    line = DeviceFileTransport("/dev/null")
    await line.open()
    await line.write(b"x" * 100_000, 1)
    await fails(ErrorKind.TIMEOUT, line.read(1, 0.01))
    await line.close()
    error = await fails(ErrorKind.CONFIG, DeviceFileTransport("/dev").open())
    assert "folder" in error.hint


@pytest.mark.pty
async def test_speed_is_set_on_the_port(echo: Echo) -> None:
    import termios

    async with serve_pty(echo) as path:
        line = SerialTransport(path, 9600)
        assert isinstance(line, BaudLine)
        await line.open()
        other = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        assert termios.tcgetattr(other)[5] == termios.B9600
        line.set_baud(38400)
        assert termios.tcgetattr(other)[5] == termios.B38400
        os.close(other)
        assert line.name.endswith("@38400")
        await line.write(b"x", 1)
        assert await line.read(1, 1) == b"x"
        await line.close()


async def test_crash_of_a_simulator_is_not_hidden() -> None:
    class Broken(Echo):
        async def serve(self, wire: Wire) -> None:
            await wire.read()
            raise ZeroDivisionError

    async def use_it() -> None:
        async with serve_tcp(Broken()) as port:
            line = TcpTransport("127.0.0.1", port)
            await line.open()
            await line.write(b"x", 1)
            await fails(ErrorKind.OFFLINE, line.read(1, 5))
            await line.close()

    with pytest.raises(ZeroDivisionError):
        await use_it()


async def test_in_process_line_can_be_opened_before_two_loops_of_use(echo: Echo) -> None:
    line = MemoryLine(echo)
    for _ in range(3):
        await line.open()
        await line.write(b"x", 1)
        assert await line.read(1, 1) == b"x"
        await line.close()
    assert line.simulated


async def test_in_process_line_closed_at_once_closes_both_ends(echo: Echo) -> None:
    """The simulator's end is served by a task, and one cancelled before it began runs none of its own clearing up."""
    gc.collect()  # what other tests left is not ours
    line = MemoryLine(echo)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        for _ in range(3):
            await line.open()
            await line.close()
        await line.open()
        await line.open()
        await line.close()
        gc.collect()
    assert [str(warning.message) for warning in seen] == []


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("samv+serial:///dev/ttyS1", ("samv", "serial:///dev/ttyS1")),
        ("escpos+tcp://10.0.0.8:9100", ("escpos", "tcp://10.0.0.8:9100")),
        ("SAMV+SIM:", ("samv", "sim:")),
        ("serial:///dev/ttyACM0", ("", "serial:///dev/ttyACM0")),
    ],
)
def test_split_scheme(url: str, parts: tuple[str, str]) -> None:
    assert split_scheme(url) == parts


@pytest.mark.parametrize("url", ["", "samv", ":x", "+serial:///dev/ttyS1", "samv+:x", "/dev/ttyS1"])
def test_split_scheme_refuses(url: str) -> None:
    with pytest.raises(ValueError):
        split_scheme(url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("serial:///dev/ttyS1", "/dev/ttyS1@115200"),
        ("serial:///dev/serial/by-id/usb-x%20y?baud=9600&parity=e&rtscts=1", "/dev/serial/by-id/usb-x y@9600"),
        ("tcp://10.0.0.8", "10.0.0.8:9100"),
        ("tcp://[::1]:7001?connect_timeout=0.5", "::1:7001"),
        ("file:///dev/usb/lp0", "/dev/usb/lp0"),
        ("usb:///dev/usb/lp0", "/dev/usb/lp0"),
        ("sim:", "simulated"),
    ],
)
def test_urls(echo: Echo, url: str, name: str) -> None:
    assert open_transport(url, echo, default_port=9100).name == name


@pytest.mark.parametrize(
    "url",
    [
        "serial:ttyS1",
        "serial://dev/ttyS1",
        "serial:///dev/ttyS1?baud=fast",
        "serial:///dev/ttyS1?baud=123",
        "serial:///dev/ttyS1?parity=X",
        "serial:///dev/ttyS1?rtscts=maybe",
        "serial:///dev/ttyS1?bauds=9600",
        "tcp://",
        "tcp://host",
        "tcp://host:99999",
        "tcp://host:1/x",
        "tcp://host:1?connect_timeout=long",
        "tcp://host:1?connect_timeout=-1",
        "file:lp0",
        "sim:",
        "bluetooth://x",
    ],
)
def test_wrong_urls_get_one_sentence(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        open_transport(url)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
