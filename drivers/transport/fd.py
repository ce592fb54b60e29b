"""A line that is one non-blocking file descriptor: tty, device node, socket. No thread, no blocking call on the loop.

A watcher on the descriptor reads whatever comes into a bounded inbox, so that a hang-up is noticed while idle too.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from abc import ABC, abstractmethod
from collections.abc import Callable

from drivers.transport.inbox import Inbox
from kiosk.domain.errors import DeviceError, ErrorKind

_INBOX_LIMIT = 256 * 1024
_CHUNK = 64 * 1024
_IDLE_PAUSE = 0.05  # seconds; usblp answers read() with 0 bytes when a printer has nothing to say
RETRY_GAP = 0.2
"""Seconds at least between an attempt to open and the word that the device is back: a line that is cut again and again is not
tried in circles."""

_PERMISSION = {errno.EACCES, errno.EPERM}
_BUSY = {errno.EBUSY, errno.EAGAIN, errno.ETXTBSY}


def device_error(error: OSError, name: str, doing: str) -> DeviceError:
    """What an OSError means to a driver. Never personal: only the call and errno are told."""
    code = error.errno or 0
    native = errno.errorcode.get(code, "")
    reason = os.strerror(code) if code else type(error).__name__
    if code in _PERMISSION:
        return DeviceError(ErrorKind.PERMISSION, name, f"No permission to {doing} {name}.", native)
    if code in _BUSY:
        return DeviceError(ErrorKind.BUSY, name, f"{name} is in use by another program.", native)
    return DeviceError(ErrorKind.OFFLINE, name, f"Cannot {doing} {name}: {reason}.", native)


def _nobody() -> None:
    """Nobody listens."""


class FdTransport(ABC):
    """Base of all real lines; implements `ByteTransport`. Subclasses open and release the descriptor."""

    simulated = False
    eof_is_hangup = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._fd: int | None = None
        self._can_read = True
        self._paused: asyncio.TimerHandle | None = None
        self._full = False
        self._inbox = Inbox(name)
        self._write_waiter: asyncio.Future[None] | None = None
        self._write_lock = asyncio.Lock()
        self._tried_at = float("-inf")
        self._cut = False
        self._told: Callable[[], None] = _nobody

    @abstractmethod
    async def _acquire(self) -> int:
        """Open and configure; returns the descriptor. May raise OSError or DeviceError; leaves nothing open then."""

    @abstractmethod
    def _release(self, fd: int) -> None:
        """Close the descriptor without blocking."""

    @abstractmethod
    async def _returned(self) -> None:
        """Returns when the device is there that was not at the last attempt to open, or has gone and come since."""

    async def _let_go(self, fd: int) -> None:
        """Where `_release` may block after all, somewhere it does no harm."""
        self._release(fd)

    async def _linger(self, fd: int) -> None:
        """Let what was written leave the machine before the descriptor is closed, for a bounded time. May raise OSError."""
        del fd  # a socket's kernel buffer goes on by itself

    @property
    def is_open(self) -> bool:
        return self._fd is not None

    @property
    def was_cut(self) -> bool:
        """The other side has ended the line that was opened last."""
        return self._cut or (self._fd is not None and self._inbox.lost)

    async def open(self) -> None:
        if self._fd is not None:
            await self.close()
        self._cut = False
        try:
            fd = await self._acquire()
        except OSError as error:
            raise device_error(error, self.name, "open") from error
        finally:
            self._tried_at = asyncio.get_running_loop().time()
        os.set_blocking(fd, False)
        self._fd = fd
        self._inbox = Inbox(self.name)
        self._write_lock = asyncio.Lock()
        self._full = False
        if self._can_read:
            self._watch()

    def on_loss(self, told: Callable[[], None]) -> None:
        """See `drivers.transport.base.TellsLoss`."""
        self._told = told

    async def wait_return(self) -> None:
        """See `kiosk.ports.health.Returning`."""
        await self._returned()
        pause = self._tried_at + RETRY_GAP - asyncio.get_running_loop().time()
        if pause > 0:
            await asyncio.sleep(pause)

    async def close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is None:
            return
        was_lost = self._cut = self._inbox.lost
        self._unwatch(fd)
        self._inbox.fail(ErrorKind.OFFLINE, f"{self.name} was closed.")
        self._wake_writer()
        try:
            if not was_lost:
                await self._linger(fd)
        except OSError:
            # The device went away while its last bytes were leaving: nobody is left to be told.
            was_lost = True
        finally:
            asyncio.get_running_loop().remove_writer(fd)
            with contextlib.suppress(
                OSError
            ):  # an unplugged tty may answer close() with EIO; it is closed all the same
                await self._let_go(fd)

    async def write(self, data: bytes, deadline: float) -> None:
        self._require_open()
        try:
            async with asyncio.timeout(deadline), self._write_lock:
                view = memoryview(data)
                while view:
                    fd = self._require_open()
                    self._inbox.raise_if_lost()
                    try:
                        view = view[os.write(fd, view) :]
                    except (BlockingIOError, InterruptedError):
                        await self._writable(fd)
                    except OSError as error:
                        raise self._lose(error, "write to") from error
        except TimeoutError:
            raise DeviceError(
                ErrorKind.TIMEOUT, self.name, f"The device took no more bytes for {deadline:g} s."
            ) from None

    async def read(self, limit: int, deadline: float) -> bytes:
        self._require_open()
        data = await self._inbox.read(limit, deadline)
        if self._full and self._fd is not None:
            self._full = False
            self._watch()
        return data

    def drain(self) -> bytes:
        if self._fd is not None and self._can_read and not self._inbox.lost:
            self._on_readable()
        data = self._inbox.drain()
        if self._full and self._fd is not None:
            self._full = False
            self._watch()
        return data

    def _require_open(self) -> int:
        if self._fd is None:
            raise DeviceError(ErrorKind.NOT_OPEN, self.name, f"{self.name} is not open.")
        return self._fd

    def _watch(self) -> None:
        self._paused = None
        if self._fd is None or self._inbox.lost:
            return
        try:
            asyncio.get_running_loop().add_reader(self._fd, self._on_readable)
        except (
            PermissionError
        ):  # epoll refuses what cannot be waited for (regular files, /dev/null): nothing comes back
            self._can_read = False

    def _unwatch(self, fd: int) -> None:
        if self._paused is not None:
            self._paused.cancel()
            self._paused = None
        asyncio.get_running_loop().remove_reader(fd)

    def _on_readable(self) -> None:
        fd = self._fd
        if fd is None:
            return
        try:
            data = os.read(fd, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error, "read from")
            return
        if data:
            self._inbox.feed(data)
            if len(self._inbox) >= _INBOX_LIMIT:
                self._full = True  # leave the rest with the kernel: that is flow control
                self._unwatch(fd)
        elif self.eof_is_hangup:
            self._unwatch(fd)
            self._inbox.fail(ErrorKind.OFFLINE, f"The other side of {self.name} hung up.")
            self._wake_writer()
            self._told()
        elif self._paused is None:
            self._unwatch(fd)
            self._paused = asyncio.get_running_loop().call_later(_IDLE_PAUSE, self._watch)

    def _lose(self, error: OSError, doing: str) -> DeviceError:
        lost = device_error(error, self.name, doing)
        if self._fd is not None:
            self._unwatch(self._fd)
        first = not self._inbox.lost
        self._inbox.fail(ErrorKind.OFFLINE, lost.hint, lost.native)
        self._wake_writer()
        if first:
            self._told()
        return DeviceError(ErrorKind.OFFLINE, self.name, lost.hint, lost.native)

    async def _writable(self, fd: int) -> None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._write_waiter = waiter
        loop.add_writer(fd, self._wake_writer)
        try:
            await waiter
        finally:
            self._write_waiter = None
            if self._fd == fd:
                loop.remove_writer(fd)

    def _wake_writer(self) -> None:
        if self._write_waiter is not None and not self._write_waiter.done():
            self._write_waiter.set_result(None)
