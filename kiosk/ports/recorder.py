"""The recorder: sound and picture taken while somebody signs.

An electronic signature of the party needs sound and picture of the signing, taken at the same time
(公安机关办理行政案件程序规定 第263条). Nothing is heard or kept between two recordings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.ports.devices import Device


@dataclass(frozen=True, slots=True)
class Recording:
    """One finished recording, as it can be read back from where it is kept."""

    sha256: str
    """Of the plain file, 64 hex digits: what the decision names."""
    seconds: float
    frames: int
    """Pictures in it."""
    file: str
    """Its name in the folder of recordings; no personal data in it."""


class Recorder(Device, Protocol):
    """parts: sound=ok|silent|unknown, space=ok|low|full|unknown, recording=on|off.

    One recording at a time. It keeps to the clock of the sound: a second of sound has its pictures, however slow the camera is.
    """

    async def start(self, label: str) -> None:
        """Returns as soon as there is sound and picture; from then on everything is recorded.

        `label`: date, time and machine (20260318T100000-DEMO01), becomes the file's name; nothing of a person. Raises DeviceError: OFFLINE
        (no microphone, no camera), HARDWARE (native "silent", "covered", "frozen"), TIMEOUT, SUPPLY_OUT (no room), BUSY, NOT_OPEN, CONFIG
        (no key), INVALID_ARGUMENT (label).
        """
        ...

    def seconds(self) -> float:
        """How much of the recording under way there is; 0 without one."""
        ...

    async def until_broken(self) -> None:
        """Waits while the recording under way goes on, and returns when it has ended as it should.

        Raises DeviceError as soon as it cannot go on: what was recorded then is no recording of a signing, and `stop` says so too.
        """
        ...

    async def stop(self) -> Recording:
        """End it, seal it, read it back. Raises DeviceError as `until_broken` does; then nothing of it is kept."""
        ...

    async def discard(self) -> None:
        """End it and throw it away. Idempotent, never raises."""
        ...
