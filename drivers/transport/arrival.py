"""Waiting for a device that is gone: its file appears again (inotify), or its simulator is plugged in again.

What counts is a *new* arrival: a file that was there at the last attempt to open it, and still is, says nothing. So whoever waits
and tries in turn never runs in circles, and nothing is missed between the attempt and the waiting.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import structlog

from kiosk.ports.health import Returning

LOOK_EVERY = 1.0
"""Seconds between two looks where the kernel does not tell (no inotify, watches used up)."""
_IN_ATTRIB, _IN_MOVED_TO, _IN_CREATE, _IN_DELETE_SELF, _IN_MOVE_SELF = 0x04, 0x80, 0x100, 0x400, 0x800
_MASK = _IN_ATTRIB | _IN_MOVED_TO | _IN_CREATE | _IN_DELETE_SELF | _IN_MOVE_SELF
"""ATTRIB besides the appearing: udev hands a new node over to its group a moment after the kernel has made it."""
_LINKS_LIMIT = 8
log = structlog.get_logger(__name__)

Identity = tuple[int, ...]


async def wait_return(line: object) -> None:
    """The line's own `wait_return`; for ever where it has none (another maker's transport)."""
    if isinstance(line, Returning):
        await line.wait_return()
    else:
        await asyncio.get_running_loop().create_future()


async def wait_return_or(
    line: object, back: Callable[[], bool], listen: Callable[[Callable[[], None]], Callable[[], None]]
) -> None:
    """The line's word, or that the driver itself is `back`, which `listen` tells: whoever keeps at it may find the device first."""
    found = asyncio.Event()
    deaf = listen(lambda: found.set() if back() else None)
    waits = [asyncio.ensure_future(wait_return(line)), asyncio.ensure_future(found.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        deaf()
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


class Arrival:
    """The coming of one device file, perhaps a symlink as in /dev/serial/by-id, perhaps in a folder that comes and goes with it."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._known: Identity | None = None

    def note(self) -> None:
        """Before an attempt to open: what lies there now is no news."""
        self._known = _identity(self._path)

    async def wait(self) -> None:
        """Returns once something lies there that did not at the last `note`. Needs no thread."""
        try:
            with _Inotify.opened() as watch:
                while not self._arrived():
                    watch.follow(self._path)
                    if self._arrived():  # it came while the watches were set
                        return
                    await watch.news()
        except OSError as error:
            log.info("arrival_without_inotify", path=str(self._path), error=errno.errorcode.get(error.errno or 0, ""))
            while not self._arrived():
                await asyncio.sleep(LOOK_EVERY)

    def _arrived(self) -> bool:
        now = _identity(self._path)
        return now is not None and now != self._known


class Plug(Protocol):
    """A simulator that can be pulled out."""

    @property
    def plugged(self) -> bool: ...

    async def wait_plugged(self) -> None: ...

    async def wait_unplugged(self) -> None: ...


class Replug:
    """The same for a simulated device on an in-process line."""

    def __init__(self, plug: Plug) -> None:
        self._plug = plug
        self._gone = False

    def note(self) -> None:
        self._gone = not self._plug.plugged

    async def wait(self, *, cut: bool = False) -> None:
        """`cut`: the device has ended the line since, so it was gone, and is back as soon as it is plugged in."""
        if not (self._gone or cut):
            await self._plug.wait_unplugged()
        await self._plug.wait_plugged()


def _identity(path: Path) -> Identity | None:
    """What lies there: link and target, by number and by the time of their last change. None: nothing."""
    try:
        link, target = os.lstat(path), os.stat(path)
    except OSError:
        return None
    return (link.st_ino, link.st_ctime_ns, target.st_dev, target.st_ino, target.st_rdev, target.st_ctime_ns)


def _folders(path: Path) -> frozenset[str]:
    """The folders in which something must happen before `path` can be there: of each link on the way, the nearest that exists."""
    found: set[str] = set()
    for _ in range(_LINKS_LIMIT):
        folder = path.parent
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        found.add(str(folder))
        try:
            path = folder / os.readlink(path)
        except OSError:
            break
    return frozenset(found)


class _Inotify:
    """A non-blocking inotify descriptor on the loop. Raises OSError where the kernel gives none."""

    def __init__(self, libc: ctypes.CDLL, fd: int) -> None:
        self._libc = libc
        self._fd = fd

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[_Inotify]:
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except AttributeError as error:
            raise OSError(errno.ENOSYS, "this system has no inotify") from error
        if fd < 0:
            raise OSError(ctypes.get_errno(), "inotify cannot be had")
        try:
            yield cls(libc, fd)
        finally:
            os.close(fd)

    def follow(self, path: Path) -> None:
        """Watch the folders of `path`; looked at again afterwards, for one may have come meanwhile."""
        folders: frozenset[str] = frozenset()
        while folders != (now := _folders(path)):
            for folder in now - folders:
                added = self._libc.inotify_add_watch(self._fd, os.fsencode(folder), ctypes.c_uint32(_MASK))
                if added < 0 and ctypes.get_errno() not in (errno.ENOENT, errno.ENOTDIR):
                    raise OSError(ctypes.get_errno(), "a folder cannot be watched")
            folders = now

    async def news(self) -> None:
        """Something happened in a watched folder; what, is looked up, not read."""
        loop = asyncio.get_running_loop()
        happened: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._fd, _done, happened)
        try:
            await happened
        finally:
            loop.remove_reader(self._fd)
        try:
            while os.read(self._fd, 64 * 1024):
                pass
        except BlockingIOError:
            return


def _done(happened: asyncio.Future[None]) -> None:
    if not happened.done():
        happened.set_result(None)
