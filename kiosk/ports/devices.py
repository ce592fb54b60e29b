"""What a journey may ask of the devices in the cabinet. Drivers implement these Protocols; simulators do not: they replace
the transport under the driver.

Every call has a deadline in seconds and either returns a value or raises `DeviceError`. All methods belong to the event
loop's thread. `status()` is a cached value and never blocks; *unknown* is a legal state and is never shown as "ok".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from kiosk.domain.errors import ErrorKind
from kiosk.domain.identity import IdCard, Photo
from kiosk.domain.slip import Slip


class Link(StrEnum):
    CLOSED = "closed"
    OPENING = "opening"
    READY = "ready"
    BUSY = "busy"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """`parts` name what the device has, in XFS words: field=empty|present|unknown, paper=full|low|out|jammed|unknown,
    cover=open|closed|unknown, cutter=ok|jammed|unknown, stream=ok|stalled|frozen|covered|unknown, sam=ok|…"""

    link: Link
    parts: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    """One English sentence for the technician; empty when all is well. No personal data."""
    trouble: ErrorKind | None = None
    """Why it is offline, at fault or works with limits, where the driver knows."""


@runtime_checkable
class Device(Protocol):
    @property
    def device_id(self) -> str:
        """The settings key: id_card, camera, qr_scanner, receipt_printer."""
        ...

    @property
    def driver(self) -> str:
        """The scheme that chose the driver, e.g. samv+serial."""
        ...

    @property
    def simulated(self) -> bool: ...

    @property
    def capabilities(self) -> Mapping[str, object]: ...

    async def open(self) -> None:
        """Connect and check that the device answers. Raises DeviceError; may be called again after close()."""
        ...

    async def close(self) -> None:
        """Idempotent, never raises."""
        ...

    def status(self) -> DeviceStatus: ...

    async def check(self) -> DeviceStatus:
        """Ask the device itself (a second or two at the most), refresh and return the status. Never raises DeviceError:
        a device that does not answer is a status too."""
        ...


class IdCardReader(Device, Protocol):
    async def wait_card(self, deadline: float) -> IdCard:
        """Poll until a card lies on the reader, read it once and return it.

        Raises DeviceError: NO_MEDIA (none came within `deadline` seconds), MEDIA_REMOVED (taken away while being read),
        MEDIA_BAD (wrong card type, authentication or MAC failure, unreadable), PROTOCOL, OFFLINE, TIMEOUT.
        """
        ...

    async def present(self) -> bool:
        """True while the card that was read still lies on the reader."""
        ...

    async def wait_removed(self, deadline: float) -> bool:
        """True once the field is empty, False if the card still lies there after `deadline` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera picture: `height`×`width`×3 bytes, BGR, row by row; `at` is the monotonic time of capture (seconds)."""

    width: int
    height: int
    bgr: bytes = field(repr=False)
    at: float
    seq: int


class Camera(Device, Protocol):
    def frames(self, max_fps: float = 25.0) -> AsyncIterator[Frame]:
        """The newest frame again and again, each delivered once, none older than 0.3 s.

        Ends by raising DeviceError: OFFLINE (unplugged), TIMEOUT (stalled), HARDWARE with native "covered" or "frozen".
        """
        ...

    async def latest(self, deadline: float) -> Frame:
        """A frame taken after this call. Raises DeviceError as `frames` does."""
        ...


class FaceHint(StrEnum):
    """What the citizen should change, one at a time, in this order (exit-entry fact sheet: hint order)."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_FAR = "too_far"
    TOO_CLOSE = "too_close"
    OFF_CENTRE = "off_centre"
    POSE = "pose"
    EYES = "eyes"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    UNEVEN_LIGHT = "uneven_light"
    BLURRED = "blurred"
    HOLD_STILL = "hold_still"
    BLINK = "blink"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class FaceReport:
    """One assessed frame: the first gate that failed (`hint` OK when none did) and the measures behind it."""

    hint: FaceHint
    accepted: bool
    measures: Mapping[str, float] = field(default_factory=dict)
    box: tuple[int, int, int, int] | None = None
    """x, y, width, height in pixels of the frame."""
    progress: float = 0.0
    """0…1: how much of the capture (good frames in a row, then the blink) is done."""


@dataclass(frozen=True, slots=True)
class FaceCapture:
    """One step of a running capture: what was seen, the frame to show, and at the end the chosen photo (JPEG, face crop with margin)."""

    report: FaceReport
    frame: Frame
    photo: Photo | None = None


class FaceCapturer(Protocol):
    def capture(self) -> AsyncIterator[FaceCapture]:
        """Watch the camera until a good face was held (and a blink seen); the last item carries `photo`.

        Raises DeviceError as `Camera.frames` does. Stopping the iteration releases the camera. No frame outlives it.
        """
        ...


class MatchVerdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"
    """No face in the reference, or no matcher can judge it: staff must look."""


@dataclass(frozen=True, slots=True)
class FaceMatch:
    verdict: MatchVerdict
    score: float | None
    """Kept for the audit record only, never shown."""
    method: str
    """sface | platform | staff | simulated"""


class FaceMatcher(Protocol):
    async def match(self, live: Photo, reference: Photo | None, id_number: str) -> FaceMatch:
        """1:1 comparison. Raises GatewayUnavailable (platform service) or DeviceError(CONFIG) (model file missing)."""
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """One decoded code. `text` is strict UTF-8, else strict GB18030, else None; `raw` is what the symbol holds."""

    raw: bytes = field(repr=False)
    text: str | None = field(repr=False)
    symbology: str
    at: dt.datetime


class QrScanner(Device, Protocol):
    async def scan(self, deadline: float) -> Scan:
        """The next code shown. A code that stays in view is given once. Raises DeviceError TIMEOUT, OFFLINE, PROTOCOL."""
        ...


class PrintEnd(StrEnum):
    DONE = "done"
    FAILED = "failed"
    """Nothing usable came out, for sure."""
    UNCERTAIN = "uncertain"
    """Bytes left the machine and the end could not be confirmed: paper may or may not have come out."""


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    job_id: str
    end: PrintEnd
    kind: str = ""
    """ErrorKind of the trouble, empty when done."""
    detail: str = ""


class ReceiptPrinter(Device, Protocol):
    async def print_slip(self, slip: Slip, job_id: str) -> PrintOutcome:
        """Print and cut one slip. Never raises DeviceError once bytes were sent: the outcome says what is known.

        Before the first byte, a printer that reports paper out, an open cover or no answer at all ends in FAILED.
        """
        ...
