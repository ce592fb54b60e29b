"""Brightness of the screen by the kernel's backlight class (Documentation/ABI/stable/sysfs-class-backlight).

Screens on a video cable mostly have none: they are turned at their own buttons.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.panel import DEVICE, NO_BACKLIGHT

CLASS = Path("/sys/class/backlight")


class Backlight:
    """Implements `kiosk.ports.panel.Knob`: the first screen there is."""

    simulated = False

    def __init__(self, where: Path = CLASS) -> None:
        self._where = where

    async def level(self) -> int:
        return await asyncio.to_thread(self._level)

    async def turn(self, percent: int) -> int:
        return await asyncio.to_thread(self._turn, max(0, min(100, percent)))

    def _screen(self) -> Path:
        try:
            found = sorted(self._where.iterdir())
        except OSError:
            found = []
        if not found:
            raise DeviceError(ErrorKind.UNSUPPORTED, DEVICE, "This screen has no backlight to turn.", NO_BACKLIGHT)
        return found[0]

    def _level(self) -> int:
        screen = self._screen()
        return round(100 * _number(screen / "brightness") / max(1, _number(screen / "max_brightness")))

    def _turn(self, percent: int) -> int:
        screen = self._screen()
        wanted = max(1, round(_number(screen / "max_brightness") * percent / 100))
        try:
            (screen / "brightness").write_text(f"{wanted}\n")
        except OSError as error:
            kind = ErrorKind.PERMISSION if isinstance(error, PermissionError) else ErrorKind.HARDWARE
            raise DeviceError(kind, DEVICE, f"{screen.name} cannot be turned: {error.strerror}.") from None
        return self._level()


def _number(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError) as error:
        raise DeviceError(ErrorKind.HARDWARE, DEVICE, f"{file.name} cannot be read.", type(error).__name__) from None
