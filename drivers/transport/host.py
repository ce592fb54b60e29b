"""Ways to run a simulator: behind a TCP port, behind a pseudo terminal, or on one given wire."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import tempfile
import tty
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from drivers.simulator import Simulator
from drivers.transport.base import Wire
from drivers.transport.faults import FaultyWire
from drivers.transport.wire import FdWire

_REFUSALS = ("LINE.REFUSE", "LINE.PERMISSION", "LINE.BUSY")
log = structlog.get_logger(__name__)


async def attend(simulator: Simulator, wire: Wire) -> None:
    """Let the simulator serve `wire`, line faults included, until the driver hangs up or the device is unplugged."""
    serving = asyncio.ensure_future(simulator.serve(FaultyWire(wire, simulator.faults, simulator.unplug)))
    pulled = asyncio.ensure_future(simulator.wait_unplugged())
    try:
        await asyncio.wait((serving, pulled), return_when=asyncio.FIRST_COMPLETED)
        if serving.done() and (error := serving.exception()) is not None:
            log.error("simulator_crashed", kind=simulator.kind, exc_info=error)  # `_end` raises it
    finally:
        await wire.hang_up()
        await _end(serving, pulled)


@asynccontextmanager
async def serve_tcp(simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Be the device behind a TCP port; gives the bound port. While unplugged, connections are refused."""
    listener = _listen(host, port)
    bound = int(listener.getsockname()[1])
    async with _background(_tcp_host(simulator, host, bound, listener)):
        yield bound


@asynccontextmanager
async def serve_pty(simulator: Simulator, path: str | None = None) -> AsyncIterator[str]:
    """Be the device behind a pseudo terminal; gives a path to open like a serial port.

    The path is a symlink: when the device is unplugged it goes, and it comes back on another pts, as with USB adapters.
    """
    with contextlib.ExitStack() as stack:
        if path is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="onetrip-pty-"))
            path = str(Path(folder) / f"tty-{simulator.kind}")
        link = Path(path)
        stack.callback(link.unlink, missing_ok=True)
        async with _background(_pty_host(simulator, link, _PtyLine(link))):
            yield path


async def _tcp_host(simulator: Simulator, host: str, port: int, first: socket.socket) -> None:
    listener: socket.socket | None = first
    lines: set[asyncio.Task[None]] = set()
    try:
        while True:
            await simulator.wait_plugged()
            listener = listener or _listen(host, port)
            connection = await _accept(simulator, listener)
            if connection is None:
                listener.close()
                listener = None
            elif any(simulator.faults.take(fault) for fault in _REFUSALS):
                # RST instead of a clean end: the driver sees a connection that fails.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line = asyncio.create_task(attend(simulator, FdWire(connection.fileno(), connection.close)))
                lines = {line for line in lines if not line.done() or line.exception() is not None} | {line}
    finally:
        if listener is not None:
            listener.close()
        await _end(*lines)


async def _accept(simulator: Simulator, listener: socket.socket) -> socket.socket | None:
    """The next connection, or None once the device is unplugged."""
    loop = asyncio.get_running_loop()
    accepting = asyncio.ensure_future(loop.sock_accept(listener))
    pulled = asyncio.ensure_future(simulator.wait_unplugged())
    try:
        await asyncio.wait((accepting, pulled), return_when=asyncio.FIRST_COMPLETED)
        connection = accepting.result()[0] if accepting.done() else None
    finally:
        pulled.cancel()
        if not accepting.done():
            accepting.cancel()
            loop.remove_reader(listener.fileno())  # now: its number may soon belong to another descriptor
    if connection is not None and not simulator.plugged:
        connection.close()
        return None
    return connection


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)  # devices are small
        listener.bind(address)
        listener.listen(8)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class _PtyLine:
    """One pseudo terminal under a stable name. Our own descriptor on the slave keeps it alive between two opens."""

    def __init__(self, link: Path) -> None:
        if link.exists() and not link.is_symlink():
            raise FileExistsError(f"{link} exists and is no symlink")
        self._link = link
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        target = os.ttyname(self._slave)
        link.unlink(missing_ok=True)
        link.symlink_to(target)

    def wire(self) -> FdWire:
        return FdWire(self._master, self._close)

    def _close(self) -> None:
        self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)


async def _pty_host(simulator: Simulator, link: Path, line: _PtyLine | None) -> None:
    while True:
        line = line or _PtyLine(link)
        await attend(simulator, line.wire())
        line = None
        await simulator.wait_plugged()


@asynccontextmanager
async def _background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        await _end(task)


async def _end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel and await; a crash that was not seen yet is raised here."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
