"""Serial lines and device nodes."""

from __future__ import annotations

import array
import asyncio
import contextlib
import errno
import fcntl
import os
import stat
import termios
from functools import partial

import serial

from drivers.transport.arrival import Arrival
from drivers.transport.aside import aside
from drivers.transport.fd import FdTransport
from kiosk.domain.errors import DeviceError, ErrorKind

_LINGER = 2.0  # seconds to let the last bytes leave before closing
_LINGER_STEP = 0.02
_CLOSE_WITHIN = 1.0
_OPEN_WITHIN = 4.0
"""Seconds; a UART is set up in milliseconds, a half-dead USB adapter blocks inside the kernel, at worst for good."""


class SerialTransport(FdTransport):
    """A tty (UART, USB-serial adapter, pty), 8 data bits. pyserial sets it up; bytes go through the descriptor itself.

    `path` may be a symlink such as /dev/serial/by-id/…; it is resolved at each open, so a re-plugged adapter is found again.
    """

    def __init__(
        self,
        path: str,
        baud: int = 115200,
        *,
        parity: str = "N",
        stopbits: float = 1,
        rtscts: bool = False,
        xonxoff: bool = False,
    ) -> None:
        super().__init__(f"{path}@{baud}")
        self.path = path
        self.baud = baud
        self._parity = parity
        self._stopbits = stopbits
        self._rtscts = rtscts
        self._xonxoff = xonxoff
        self._port: serial.Serial | None = None
        self._arrival = Arrival(path)
        self._stuck: asyncio.Future[serial.Serial] | None = None
        """An attempt to open that has not come back; as long as it lasts no second thread is sent after it."""

    async def _acquire(self) -> int:
        if self._stuck is not None and not self._stuck.done():
            raise self._hangs()
        self._arrival.note()
        opening = self._stuck = aside(self._configure, "serial-open")
        try:
            async with asyncio.timeout(_OPEN_WITHIN):
                port = await asyncio.shield(opening)
        except BaseException as error:
            if not opening.done():
                opening.add_done_callback(_close_late)
                if isinstance(error, TimeoutError):
                    raise self._hangs() from None
            raise
        self._port = port
        return int(port.fileno())

    def _hangs(self) -> DeviceError:
        hint = f"Opening {self.path} hangs inside the kernel; its adapter must be plugged out and in."
        return DeviceError(ErrorKind.OFFLINE, self.name, hint, "HANG")

    async def _returned(self) -> None:
        await self._arrival.wait()

    def _configure(self) -> serial.Serial:
        try:
            port = serial.Serial(
                port=self.path,
                baudrate=self.baud,
                parity=self._parity,
                stopbits=self._stopbits,
                rtscts=self._rtscts,
                xonxoff=self._xonxoff,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
            _wait_for_one_byte(port.fileno())
            return port
        except serial.SerialException as error:
            if error.errno is None and isinstance(error.__context__, (termios.error, OSError)):
                code = error.__context__.args[0]
                raise OSError(code if isinstance(code, int) else errno.EIO, "cannot set up the port") from error
            raise OSError(error.errno or errno.EIO, "cannot open the port") from error
        except termios.error as error:  # not an OSError in Python
            raise OSError(error.args[0], "cannot set up the port") from error
        except ValueError as error:
            raise DeviceError(ErrorKind.CONFIG, self.name, "The port does not take this speed or format.") from error

    def set_baud(self, baud: int) -> None:
        """Change the speed now and for later opens. Raises DeviceError CONFIG or OFFLINE."""
        try:
            if self._port is not None:
                self._port.baudrate = baud
                _wait_for_one_byte(self._port.fileno())
        except ValueError as error:
            raise DeviceError(ErrorKind.CONFIG, self.name, f"The port does not take {baud} baud.") from error
        except (OSError, termios.error) as error:
            raise DeviceError(ErrorKind.OFFLINE, self.name, "The port does not answer.") from error
        self.baud = baud
        self.name = f"{self.path}@{baud}"

    async def _linger(self, fd: int) -> None:
        waiting, still = _output_queue(fd), 0.0
        while waiting and still < _LINGER:
            await asyncio.sleep(_LINGER_STEP)
            left = _output_queue(fd)
            still = still + _LINGER_STEP if left >= waiting else 0.0
            waiting = left

    async def _let_go(self, fd: int) -> None:
        # Closing a half-dead adapter can block in the kernel as opening it can: nobody waits for that.
        port, self._port = self._port, None
        await asyncio.wait((aside(partial(_close_port, fd, port), "serial-close"),), timeout=_CLOSE_WITHIN)

    def _release(self, fd: int) -> None:
        port, self._port = self._port, None
        _close_port(fd, port)


class DeviceFileTransport(FdTransport):
    """A character device such as /dev/usb/lp0; fifos and existing regular files work too, for writing only.

    Where the device cannot be opened for reading it is opened for writing, and reads end in TIMEOUT.
    """

    eof_is_hangup = False  # usblp reads 0 bytes when the printer is silent

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
        self._pollable = True
        self._arrival = Arrival(path)

    async def _acquire(self) -> int:
        self._arrival.note()
        mode = os.stat(self.path).st_mode
        self._can_read = stat.S_ISCHR(mode)
        self._pollable = not stat.S_ISREG(mode)
        if stat.S_ISDIR(mode):
            raise DeviceError(ErrorKind.CONFIG, self.name, f"{self.path} is a folder, not a device.")
        flags = os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        if self._can_read:
            try:
                return self._claim(os.open(self.path, os.O_RDWR | flags))
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EINVAL, errno.EROFS, errno.EPERM, errno.ENXIO):
                    raise
                self._can_read = False
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | flags)
        return self._claim(fd) if stat.S_ISCHR(mode) else fd

    async def _returned(self) -> None:
        await self._arrival.wait()

    def _claim(self, fd: int) -> int:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            raise
        return fd

    async def _linger(self, fd: int) -> None:
        # usblp kills a transfer that is still under way at close(): the end of the slip would be missing.
        if not self._pollable:
            return
        with contextlib.suppress(TimeoutError, PermissionError):
            async with asyncio.timeout(_LINGER):
                await self._writable(fd)

    def _release(self, fd: int) -> None:
        os.close(fd)


def _wait_for_one_byte(fd: int) -> None:
    """pyserial sets VMIN 0, where an idle tty reads as 0 bytes; with VMIN 1 zero bytes mean hung up, and nothing else."""
    attributes = termios.tcgetattr(fd)
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(fd, termios.TCSANOW, attributes)


def _close_port(fd: int, port: serial.Serial | None) -> None:
    with contextlib.suppress(OSError, termios.error):
        # A tty held up by flow control would keep close() waiting for its unsent bytes, up to 30 s.
        termios.tcflush(fd, termios.TCOFLUSH)
    with contextlib.suppress(OSError, termios.error):
        # An unplugged adapter may answer with EIO; it is closed all the same.
        if port is not None:
            port.close()


def _output_queue(fd: int) -> int:
    count = array.array("i", [0])
    try:
        fcntl.ioctl(fd, termios.TIOCOUTQ, count, True)
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            return 0
        raise
    return count[0]


def _close_late(opening: asyncio.Future[serial.Serial]) -> None:
    """The opener was cancelled while the port was being opened: do not leave it claimed."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
