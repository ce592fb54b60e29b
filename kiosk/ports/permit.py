"""The two devices of the endorsement service: the card unit that holds the permit, and the reader of its chip.

Rules of `kiosk.ports.devices` hold: deadlines in seconds, values or `DeviceError`, `status()` cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.domain.identity import Photo
from kiosk.domain.permit import ChipData, ChipKey
from kiosk.ports.devices import Device, PrintOutcome


class CardPlace(StrEnum):
    """Where in the unit a card is. `status().parts["media"]` says the same."""

    NONE = "none"
    MOUTH = "mouth"
    """Held at the slot: the citizen can take it."""
    READER = "reader"
    WRITER = "writer"
    PRINTER = "printer"
    JAMMED = "jammed"
    UNKNOWN = "unknown"

    @property
    def inside(self) -> bool:
        return self in (CardPlace.READER, CardPlace.WRITER, CardPlace.PRINTER, CardPlace.JAMMED)


class WriteEnd(StrEnum):
    WRITTEN = "written"
    """The chip carries the endorsements; read back and compared."""
    NOT_WRITTEN = "not_written"
    """The chip is as it was, for sure."""
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    job_id: str
    end: WriteEnd
    kind: str = ""
    """ErrorKind of the trouble, empty when written."""
    detail: str = ""
    """One English sentence for the technician."""


@dataclass(frozen=True, slots=True)
class WriteJob:
    """All endorsements of one application: the chip takes the whole set or none."""

    job_id: str
    """At most 32 characters of A–Z, 0–9; the unit remembers its last job over a loss of power."""
    data: bytes = field(repr=False)
    """As the issuing authority sealed it."""
    numbers: tuple[str, ...]
    """The endorsements' numbers, by which they are found again on the chip."""


@dataclass(frozen=True, slots=True)
class BackFace:
    """What the permit's rewritable back shows: one row per endorsement in force, oldest first, ready to print."""

    permit_number: str = field(repr=False)
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    """Per row: kind, place, valid until, entries, as printed (Chinese)."""


class PermitUnit(Device, Protocol):
    """A motor card unit with chip writer, rewritable printer, back camera and a bin. It holds one card."""

    async def accept(self, deadline: float) -> None:
        """Open the slot, wait for a card, draw it in to the reader position.

        Raises NO_MEDIA (none came within `deadline` seconds), MEDIA_BAD (not a card of this size, or wrong way round: it was given
        back at the slot), MEDIA_REMOVED (pulled away while being drawn in), MEDIA_JAMMED, OFFLINE, TIMEOUT, PROTOCOL.
        """
        ...

    async def stop_accepting(self) -> None:
        """Close the slot again. No effect when a card is in already."""
        ...

    async def place(self) -> CardPlace:
        """Ask the sensors now."""
        ...

    async def read_line(self) -> str:
        """The 30-character line as the unit's camera reads it: may be empty, longer, or wrong in places. Raises DeviceError."""
        ...

    async def write(self, job: WriteJob) -> WriteOutcome:
        """Write, read back, compare. Never raises DeviceError once the command was sent: the outcome says what is known.

        A job id that the unit has written is not written again: the outcome is WRITTEN.
        """
        ...

    async def written(self) -> Sequence[str]:
        """Numbers of the endorsements on the chip of the card inside, oldest first. Raises DeviceError."""
        ...

    async def print_back(self, face: BackFace, job_id: str) -> PrintOutcome:
        """Erase and reprint the back. Never raises DeviceError once the command was sent."""
        ...

    async def picture(self) -> Photo:
        """The back as the unit's camera sees it now. Raises DeviceError."""
        ...

    async def eject(self) -> None:
        """Bring the card to the slot. Raises MEDIA_JAMMED, NO_MEDIA, OFFLINE, TIMEOUT."""
        ...

    async def wait_taken(self, deadline: float) -> bool:
        """True once the card was taken from the slot; False if it still is there after `deadline` seconds."""
        ...

    async def retain(self) -> None:
        """Put the card into the bin. Raises SUPPLY_OUT (bin full or missing), MEDIA_JAMMED, NO_MEDIA, OFFLINE, TIMEOUT."""
        ...

    async def bin_count(self) -> int:
        """How many cards the unit has put into its bin since it was made; kept over a loss of power."""
        ...


class PermitReader(Device, Protocol):
    """Reads the chip of the permit that lies at the unit's reader position."""

    async def read(self, key: ChipKey, deadline: float) -> ChipData:
        """Open the chip with the line's key and read DG1, DG2 and DG11.

        Raises NO_MEDIA (no chip answers within `deadline`), UNSUPPORTED (a chip without the travel document application),
        MEDIA_BAD with native "KEY" (the chip does not accept this key), "SM" (a secured answer is forged or damaged) or "LDS" (a data
        group is missing, short or malformed), MEDIA_REMOVED (gone in mid-read), TIMEOUT (the chip went mute), OFFLINE (no
        reader, no PC/SC service).
        """
        ...
