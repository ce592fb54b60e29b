"""The simulator's end of a line: a non-blocking descriptor (socket or pty master)."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Callable

_CHUNK = 64 * 1024
_SPEEDS = {getattr(termios, f"B{baud}"): baud for baud in (9600, 19200, 38400, 57600, 115200, 230400)}


class FdWire:
    """Implements `Wire`. Reading stops when nobody asks, so that the kernel's flow control works as with real machines."""

    def __init__(self, fd: int, release: Callable[[], None]) -> None:
        os.set_blocking(fd, False)
        self._fd: int | None = fd
        self._release = release
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def fd(self) -> int | None:
        """The descriptor while the line is up."""
        return self._fd

    @property
    def baud(self) -> int | None:
        """The speed the driver has set on a pty; None where lines have no speed."""
        if self._fd is None or not os.isatty(self._fd):
            return None
        return _SPEEDS.get(termios.tcgetattr(self._fd)[5])

    async def read(self) -> bytes:
        while self._fd is not None:
            try:
                return os.read(self._fd, _CHUNK)
            except (BlockingIOError, InterruptedError):
                await self._ready(writing=False)
            except OSError:  # a pty whose other side is gone answers EIO, a socket ECONNRESET: hung up
                return b""
        return b""

    async def write(self, data: bytes) -> None:
        """What a gone driver no longer reads is lost, as on a real line."""
        view = memoryview(data)
        while view and self._fd is not None:
            try:
                view = view[os.write(self._fd, view) :]
            except (BlockingIOError, InterruptedError):
                await self._ready(writing=True)
            except OSError:
                return

    async def hang_up(self) -> None:
        fd, self._fd = self._fd, None
        if fd is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(fd)
        loop.remove_writer(fd)
        self._release()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _ready(self, *, writing: bool) -> None:
        fd = self._fd
        assert fd is not None
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        add, remove = (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
        self._waiters.add(waiter)
        add(fd, _done, waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
            if self._fd == fd:
                remove(fd)


def _done(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
