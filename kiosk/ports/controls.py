"""Smaller parts of the cabinet: the tactile pad with its headphone jack, the board of lights and sensors, the power supply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.ports.devices import Device


class PadKey(StrEnum):
    """Keys of a tactile navigation pad (EN 301 549 §5.5, §8.4: can be found and told apart by touch)."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    SELECT = "select"
    HELP = "help"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class PadEvent:
    """A key pressed, or headphones plugged in or pulled out (`key` None)."""

    key: PadKey | None
    headphones: bool
    """Whether headphones are in the jack now."""


class NavPad(Device, Protocol):
    """parts: headphones=present|absent|unknown, keys=ok|stuck."""

    async def event(self, deadline: float) -> PadEvent:
        """The next event. Raises DeviceError TIMEOUT, OFFLINE."""
        ...


class Flash(StrEnum):
    """How a light burns, in the words of XFS4IoT Lights."""

    OFF = "off"
    SLOW = "slow"
    MEDIUM = "medium"
    QUICK = "quick"
    CONTINUOUS = "continuous"


class IoBoard(Device, Protocol):
    """Lights beside the parts a citizen uses, door and tamper switches, the sensor that sees somebody standing there.

    parts: one for each input by its name in the settings: door=closed|open, tamper=ok|tampered, person=present|absent, …; unknown while
    the board does not answer.
    """

    @property
    def lights(self) -> tuple[str, ...]:
        """Names of the outputs, from the settings: id_card, scanner, slot, printer …"""
        ...

    async def light(self, name: str, how: Flash) -> None:
        """Raises DeviceError; INVALID_ARGUMENT for a light the board has not."""
        ...

    async def read(self) -> Mapping[str, str]:
        """The inputs now, by name. Raises DeviceError."""
        ...


class Power(StrEnum):
    MAINS = "mains"
    BATTERY = "battery"
    LOW = "low"
    """On battery and nearly empty: finish what is begun and shut down."""
    UNKNOWN = "unknown"


class Ups(Device, Protocol):
    """The uninterruptible power supply. parts: power=mains|battery|low|unknown."""

    def power(self) -> Power: ...

    def runtime_s(self) -> int | None:
        """Seconds the battery is said to last, where the supply tells."""
        ...
