"""A hidraw device file as a line of envelopes: reports are read one by one, features go by ioctl on a thread of their own.

Source: the kernel's Documentation/hid/hidraw.rst and linux/hidraw.h.
"""

from __future__ import annotations

import array
import asyncio
import errno
import fcntl
import os
import stat
import struct

from drivers.signature_pad.envelope import LONGEST, Envelope, Kind, Opener
from drivers.signature_pad.stu import VENDOR
from drivers.transport.arrival import Arrival
from drivers.transport.aside import aside
from drivers.transport.fd import FdTransport
from drivers.transport.inbox import Inbox
from kiosk.domain.errors import DeviceError, ErrorKind

_READ, _BOTH = 2, 3
_FEATURE_BYTES = 64
"""Room for the answer to a question; the kernel says how long it is."""


def _ioctl(direction: int, number: int, size: int) -> int:
    """_IOC of asm-generic/ioctl.h for the letter H."""
    return direction << 30 | size << 16 | ord("H") << 8 | number


HIDIOCGRAWINFO = _ioctl(_READ, 0x03, 8)


def hidiocsfeature(size: int) -> int:
    return _ioctl(_BOTH, 0x06, size)


def hidiocgfeature(size: int) -> int:
    return _ioctl(_BOTH, 0x07, size)


class _Reports(Inbox):
    """Each read() of a hidraw device gives one report: it is put into an envelope before it joins the others."""

    def feed(self, data: bytes) -> None:
        super().feed(Envelope(Kind.INPUT, data[:LONGEST]).pack())

    def answer(self, envelope: Envelope) -> None:
        super().feed(envelope.pack())


class HidrawLine(FdTransport):
    """`ByteTransport`. Raises DeviceError as lines do, CONFIG for what is no pad of this maker."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
        self._arrival = Arrival(path)
        self._reports: _Reports | None = None
        self._opener = Opener()
        self._stuck: asyncio.Future[Envelope] | None = None

    async def _returned(self) -> None:
        await self._arrival.wait()

    async def _acquire(self) -> int:
        self._arrival.note()
        if not stat.S_ISCHR(os.stat(self.path).st_mode):
            raise DeviceError(ErrorKind.CONFIG, self.name, f"{self.path} is no device file.")
        fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            vendor = _vendor(fd)
            if vendor != VENDOR:
                told = "no HID device" if vendor is None else f"of another maker ({vendor:04x})"
                raise DeviceError(ErrorKind.CONFIG, self.name, f"{self.path} is {told}.")
        except BaseException:
            os.close(fd)
            raise
        return fd

    async def open(self) -> None:
        await super().open()
        # Nothing can have come in yet: the loop has not run since the descriptor is watched.
        self._inbox = self._reports = _Reports(self.name)
        self._opener = Opener()

    def _release(self, fd: int) -> None:
        os.close(fd)

    async def write(self, data: bytes, deadline: float) -> None:
        """Carry out the questions in `data`. A pad that hangs inside the kernel is left to its thread."""
        fd = self._require_open()
        for envelope in self._opener.feed(data):
            if self._stuck is not None and not self._stuck.done():
                raise DeviceError(ErrorKind.TIMEOUT, self.name, "The pad hangs inside the kernel.", "HANG")
            own = os.dup(fd)  # a descriptor that is closed meanwhile may soon be another's
            self._stuck = aside(lambda own=own, asked=envelope: _carry_out(own, asked), "hid-feature")  # type: ignore[misc]
            try:
                async with asyncio.timeout(deadline):
                    answer = await asyncio.shield(self._stuck)
            except TimeoutError:
                raise DeviceError(ErrorKind.TIMEOUT, self.name, "The pad does not answer.") from None
            if self._reports is not None:
                self._reports.answer(answer)


def _vendor(fd: int) -> int | None:
    """None: no hidraw device."""
    found = bytearray(8)
    try:
        fcntl.ioctl(fd, HIDIOCGRAWINFO, found, True)
    except OSError:
        return None
    return int(struct.unpack("@IHH", found)[1])


def _carry_out(fd: int, asked: Envelope) -> Envelope:
    """On a thread: one question to the device. `fd` is closed behind it."""
    try:
        if asked.kind is Kind.SET:
            fcntl.ioctl(fd, hidiocsfeature(len(asked.report)), array.array("B", asked.report), True)
            return Envelope(Kind.FEATURE, b"")
        room = array.array("B", asked.report[:1].ljust(_FEATURE_BYTES, b"\0"))
        size = fcntl.ioctl(fd, hidiocgfeature(_FEATURE_BYTES), room, True)
        return Envelope(Kind.FEATURE, room.tobytes()[:size])
    except OSError as error:
        return Envelope(Kind.ERROR, bytes(((error.errno or errno.EIO) & 0xFF,)))
    finally:
        os.close(fd)
