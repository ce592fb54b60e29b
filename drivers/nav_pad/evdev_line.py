"""An input device as a line: events are read, a few questions go by ioctl. A FIFO or a tty that carries the same events works too."""

from __future__ import annotations

import array
import errno
import fcntl
import os
import stat

import structlog

from drivers.transport.arrival import Arrival
from drivers.transport.fd import FdTransport
from kiosk.domain.errors import DeviceError, ErrorKind

_WRITE, _READ = 1, 2
_NO_EVDEV = (errno.ENOTTY, errno.EINVAL, errno.ENOSYS)
_CLOCK_MONOTONIC = 1
_KEY_BYTES = 0x300 // 8
log = structlog.get_logger(__name__)


def _ioctl(direction: int, number: int, size: int) -> int:
    """_IOC of asm-generic/ioctl.h for the letter E."""
    return direction << 30 | size << 16 | ord("E") << 8 | number


EVIOCGRAB = _ioctl(_WRITE, 0x90, 4)
EVIOCSCLOCKID = _ioctl(_WRITE, 0xA0, 4)


def eviocgkey(size: int) -> int:
    return _ioctl(_READ, 0x18, size)


def eviocgsw(size: int) -> int:
    return _ioctl(_READ, 0x1B, size)


def eviocgname(size: int) -> int:
    return _ioctl(_READ, 0x06, size)


def eviocgbit(event_type: int, size: int) -> int:
    return _ioctl(_READ, 0x20 + event_type, size)


class EvdevLine(FdTransport):
    """`path` may be a symlink (/dev/input/by-id/…): it is resolved at each open. Raises DeviceError as lines do, CONFIG for a folder.

    With `grab` the events go to nobody else (EVIOCGRAB): otherwise the window would get each key a second time, as a keyboard's.
    Where that is refused the line works all the same and `refusal` says why.
    """

    def __init__(self, path: str, *, grab: bool = True) -> None:
        super().__init__(path)
        self.path = path
        self._grab = grab
        self._arrival = Arrival(path)
        self.grabbed = False
        self.refusal = ""
        self.is_evdev = False

    async def _returned(self) -> None:
        await self._arrival.wait()

    async def _acquire(self) -> int:
        self._arrival.note()
        mode = os.stat(self.path).st_mode
        if not (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
            raise DeviceError(ErrorKind.CONFIG, self.name, f"{self.path} is no input device.")
        fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            self._prepare(fd)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _prepare(self, fd: int) -> None:
        self.grabbed, self.refusal = False, ""
        self.is_evdev = self._ask(fd, eviocgname(256), 256) is not None
        if not self.is_evdev:
            return
        try:
            # Differences between events must not jump when the wall clock is set.
            fcntl.ioctl(fd, EVIOCSCLOCKID, array.array("i", [_CLOCK_MONOTONIC]))
        except OSError as error:
            log.debug("pad_clock_refused", line=self.name, native=errno.errorcode.get(error.errno or 0, ""))
        if not self._grab:
            return
        try:
            fcntl.ioctl(fd, EVIOCGRAB, 1)
            self.grabbed = True
        except OSError as error:
            self.refusal = errno.errorcode.get(error.errno or 0, "refused")
            log.warning("pad_not_grabbed", line=self.name, native=self.refusal)

    def _release(self, fd: int) -> None:
        os.close(fd)  # gives the device back to others too

    # --- questions; None where the line is no input device or is lost

    def device_name(self) -> str | None:
        found = self._question(eviocgname(256), 256)
        return None if found is None else found.split(b"\0", 1)[0].decode("utf-8", "replace")

    def held_keys(self) -> frozenset[int] | None:
        return _bits(self._question(eviocgkey(_KEY_BYTES), _KEY_BYTES))

    def switches(self) -> frozenset[int] | None:
        return _bits(self._question(eviocgsw(4), 4))

    def codes(self, event_type: int) -> frozenset[int] | None:
        """The codes of one type that the device can send."""
        return _bits(self._question(eviocgbit(event_type, _KEY_BYTES), _KEY_BYTES))

    def _question(self, request: int, size: int) -> bytes | None:
        return None if self._fd is None else self._ask(self._fd, request, size)

    def _ask(self, fd: int, request: int, size: int) -> bytes | None:
        answer = array.array("B", bytes(size))
        try:
            fcntl.ioctl(fd, request, answer, True)
        except OSError as error:
            if error.errno not in (*_NO_EVDEV, errno.ENODEV, errno.EIO):
                log.debug("pad_question_refused", line=self.name, native=errno.errorcode.get(error.errno or 0, ""))
            return None
        return answer.tobytes()


def _bits(found: bytes | None) -> frozenset[int] | None:
    if found is None:
        return None
    number = int.from_bytes(found, "little")  # words of the kernel, but little-endian machines only
    return frozenset(at for at in range(len(found) * 8) if number >> at & 1)
