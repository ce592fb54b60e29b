"""Port of the photo studio: an exit-entry identity photo taken at the machine, or the number of one taken elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.ports.devices import Frame


class PhotoHint(StrEnum):
    """What should change, one thing at a time, judged in this order."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_FAR = "too_far"
    TOO_CLOSE = "too_close"
    OFF_CENTRE = "off_centre"
    LEANING = "leaning"
    """The head leans to a shoulder."""
    TURNED = "turned"
    """The head is turned, raised or lowered."""
    EYES = "eyes"
    GLARE = "glare"
    """Light is mirrored before the eyes: take the glasses off."""
    MOUTH = "mouth"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    UNEVEN_LIGHT = "uneven_light"
    COLOUR_CAST = "colour_cast"
    """Coloured light; nothing the citizen can change."""
    BACKGROUND = "background"
    """Not plain, not bright or a shadow on it; mostly a matter for the hall."""
    BLURRED = "blurred"
    HOLD_STILL = "hold_still"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class IdPhoto:
    """A finished photo: baseline JPEG, 24-bit sRGB, no metadata but the resolution. Lives in memory, for one session.

    `deviations` names the rules of the profile that the finished photo does not keep and that no new photo would mend (hair
    wider than the head may be): the person who accepts it decides. `not_measured` names what no measure here can tell, and
    `estimated` what was set from ordinary proportions because it could not be seen.
    """

    jpeg: bytes = field(repr=False)
    width: int
    height: int
    dpi: int
    profile_id: str
    measures: Mapping[str, float] = field(default_factory=dict, repr=False)
    deviations: tuple[str, ...] = ()
    not_measured: tuple[str, ...] = ()
    estimated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhotoStep:
    """One judged frame: the first gate that failed (`HOLD_STILL` when none did), the frame to show, at the end the photo."""

    hint: PhotoHint
    progress: float
    """0…1: good frames in a row."""
    frame: Frame
    box: tuple[int, int, int, int] | None = None
    """The face: x, y, width, height in pixels of the frame."""
    outline: tuple[float, float, float, float] | None = None
    """Where the photo would be cut: x, y, width, height in pixels of the frame; may reach beyond it."""
    measures: Mapping[str, float] = field(default_factory=dict, repr=False)
    not_measured: tuple[str, ...] = ()
    photo: IdPhoto | None = None


class PhotoStudio(Protocol):
    def capture(self, profile: str) -> AsyncIterator[PhotoStep]:
        """Watch the camera until a photo after the profile with this id is finished; the last step carries it.

        Raises DeviceError as `Camera.frames` does, CONFIG for an unknown or wrong profile or a model that cannot be used.
        Stopping the iteration releases the camera. Neither a frame nor a photo is kept afterwards, and none is written.
        """
        ...


_RECEIPT = re.compile(r"(?=.*[0-9])[0-9A-Z]{8,32}")


def photo_receipt_number(text: str) -> str | None:
    """The number on a photo receipt (相片回执) as the window looks it up, or None when `text` cannot be one.

    Letters and digits, printed as text and as bar code; each province issues its own length, so only 8 to 32 characters with
    at least one digit are asked for. Full-width characters, spaces and hyphens of a typed number are forgiven.
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    number = re.sub(r"[\s\-\u2010-\u2015]", "", folded)
    return number if _RECEIPT.fullmatch(number) else None


def photo_receipt_valid(text: str) -> bool:
    """May this be the number of a photo receipt? Whether the photo exists, only the bureau's service can tell."""
    return photo_receipt_number(text) is not None
