"""A keyboard made of software: the kernel's own input device for tests, where /dev/uinput may be used."""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from drivers.nav_pad.events import Event, Type

_UI_DEV_CREATE, _UI_DEV_DESTROY = 0x5501, 0x5502
_UI_SET_EVBIT, _UI_SET_KEYBIT, _UI_SET_SWBIT = 0x40045564, 0x40045565, 0x4004556D
_UI_DEV_SETUP = 0x405C5503
_UI_GET_SYSNAME = 0x80405500 | 44  # _IOR('U', 44, char[64])


class Uinput:
    def __init__(self, keys: Sequence[int], switches: Sequence[int] = ()) -> None:
        self._keys, self._switches = keys, switches
        self._fd = -1

    def __enter__(self) -> Uinput:
        self._fd = os.open("/dev/uinput", os.O_WRONLY | os.O_NONBLOCK)
        fcntl.ioctl(self._fd, _UI_SET_EVBIT, Type.KEY)
        for code in self._keys:
            fcntl.ioctl(self._fd, _UI_SET_KEYBIT, code)
        if self._switches:
            fcntl.ioctl(self._fd, _UI_SET_EVBIT, Type.SW)
        for code in self._switches:
            fcntl.ioctl(self._fd, _UI_SET_SWBIT, code)
        fcntl.ioctl(self._fd, _UI_DEV_SETUP, struct.pack("HHHH80sI", 0x03, 0x2047, 0x09D0, 1, b"test pad", 0))
        fcntl.ioctl(self._fd, _UI_DEV_CREATE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.ioctl(self._fd, _UI_DEV_DESTROY)
        os.close(self._fd)

    def path(self) -> Path:
        name = bytearray(64)
        fcntl.ioctl(self._fd, _UI_GET_SYSNAME, name)
        folder = Path("/sys/devices/virtual/input") / name.split(b"\0", 1)[0].decode()
        for _ in range(100):
            found = [Path("/dev/input") / each.name for each in folder.glob("event*")]
            if found and found[0].exists():
                return found[0]
            time.sleep(0.02)
        raise FileNotFoundError(folder)

    def strike(self, kind: Type, code: int, value: int) -> None:
        os.write(self._fd, Event(kind, code, value).pack() + Event(Type.SYN, 0, 0).pack())
