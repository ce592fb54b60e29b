"""What of the machine itself a technician can turn: the loudness of its sound, the brightness of its screen."""

from __future__ import annotations

from typing import Protocol

DEVICE = "panel"
NO_CARD = "NO_CARD"
NO_TOOL = "NO_TOOL"
NO_BACKLIGHT = "NO_BACKLIGHT"
"""`native` of an UNSUPPORTED: there is no sound card; none of the programs that turn it; a screen that cannot be turned from here."""


class Knob(Protocol):
    """All raise DeviceError: UNSUPPORTED with one of the words above, PERMISSION, TIMEOUT, HARDWARE (the system says no)."""

    @property
    def simulated(self) -> bool: ...

    async def level(self) -> int:
        """Per cent, 0 to 100."""
        ...

    async def turn(self, percent: int) -> int:
        """Returns the level that was reached. Sound that was muted is heard again, except at 0."""
        ...
