"""Smaller parts of the cabinet: the tactile pad with its headphone jack, the board of lights and sensors, the power supply, the
signature pad."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

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
    """parts: headphones=present|absent|unknown, keys=ok|stuck|unknown.

    Keys pressed before somebody asks are kept for two seconds; that headphones came or went is kept until it is told.
    """

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
    the board does not answer. Besides, where it has lights, lights=ok|stuck|unknown: whether the outputs are as they were set.
    `tamper` stays tampered until `reset` (kiosk.ports.health.Resettable), also over a lost line.
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
    """The uninterruptible power supply. parts: power=mains|battery|low|unknown, battery=ok|low|replace|unknown.

    That the power fails, returns or runs out is told to who listens (`kiosk.ports.health.Serviced.listen`).
    """

    def power(self) -> Power: ...

    def runtime_s(self) -> int | None:
        """Seconds the battery is said to last, where the supply tells."""
        ...


class InkPoint(NamedTuple):
    t: float
    """Seconds since the first point of the signature."""
    x: float
    y: float
    """Millimetres from the upper left corner of the surface."""
    pressure: float
    """0…1; 1 where the surface cannot tell."""


Stroke = tuple[InkPoint, ...]
"""From pen down to pen up; never empty."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What was written. How somebody moves the pen is personal data of the sensitive kind: never in a log."""

    strokes: tuple[Stroke, ...] = field(repr=False)
    width_mm: float
    height_mm: float
    """Size of the surface."""
    cut: bool = False
    """There was more ink than is kept."""


class SignaturePad(Device, Protocol):
    """A surface to sign on. parts: surface=idle|ready|writing|unknown.

    capabilities: width_mm, height_mm, pressure_levels (0: cannot tell), keys (those on the pad itself, where it has any: `clear` does
    what the method does, and `ink` is empty again). At most 250 strokes and 6000 points are kept; ink outside the
    surface is cut off.
    """

    async def start(self) -> None:
        """Wipe the surface and take ink from now on. Raises DeviceError; BUSY while a signature is being taken."""
        ...

    def ink(self) -> tuple[Stroke, ...]:
        """What was written since `start` or `clear`, the stroke under way included; for drawing it in the window."""
        ...

    async def wait_ink(self, deadline: float) -> None:
        """Returns when the pen has touched the surface. Raises DeviceError TIMEOUT, CANCELLED (by `cancel`), OFFLINE."""
        ...

    async def clear(self) -> None:
        """Wipe and go on taking ink. Raises DeviceError."""
        ...

    async def finish(self) -> Signature:
        """The signature; nothing of it stays behind. Raises DeviceError NO_MEDIA (nothing was written), MEDIA_BAD (only a dot or a tick);
        after both ink is still taken. OFFLINE where the surface was lost meanwhile: what was written is thrown away."""
        ...

    async def cancel(self) -> None:
        """Throw away what was written, in mid-stroke too, and wipe. Idempotent, never raises."""
        ...


class InkSink(Protocol):
    """What a driver hands to a feed. All calls belong to the event loop's thread."""

    def resized(self, width_mm: float, height_mm: float) -> None:
        """How large the surface is; before the first point, and when it changes. (0, 0): there is none at the moment."""
        ...

    def point(self, t: float, x: float, y: float, pressure: float = 1.0) -> None:
        """The pen is down at x, y (millimetres); `t` in seconds of any clock that does not jump."""
        ...

    def lift(self) -> None: ...

    def abandon(self) -> None:
        """The stroke under way does not count (the touch was cancelled)."""
        ...


class InkFeed(Protocol):
    """The window's own surface, as the `touch:` driver sees it. The window implements this beside its widget."""

    def attach(self, sink: InkSink) -> Callable[[], None]:
        """Tell `sink` what is written from now on; returns a function that ends it."""
        ...

    def wipe(self) -> None:
        """Take the ink off the surface."""
        ...
