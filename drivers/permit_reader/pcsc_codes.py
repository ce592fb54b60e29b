"""PC/SC's codes (PC/SC part 5, pcsclite.h), and what each means to a journey. The numbers are the same on every system."""

from __future__ import annotations

from typing import Final

from drivers.permit_reader.channel import trouble
from kiosk.domain.errors import DeviceError, ErrorKind

SHARING: Final = 0x8010000B
REMOVED: Final = 0x80100069
NO_SERVICE: Final = frozenset({0x8010001D, 0x8010001E, 0x8010002F, 0x80100013, 0x80100003, 0x80100005, 0x80100012})
NO_READER: Final = frozenset({0x80100009, 0x80100017, 0x8010002E})
NO_CARD: Final = frozenset({0x8010000C, 0x80100065, 0x80100066, 0x80100067, 0x80100068, 0x8010000F, REMOVED})
"""A connection failed because no card answers: none there, unpowered, unresponsive, unsupported, reset, no protocol fits."""
_SERVICE_LOST = NO_SERVICE - {0x8010002F}  # in the middle of a conversation that one tells of the card's field


def text(code: int) -> str:
    return f"0x{code:08X}"


def failed(code: int) -> DeviceError:
    """What a code from the middle of a conversation means."""
    if code in NO_READER:
        return trouble(ErrorKind.OFFLINE, "The reader is gone.", text(code))
    if code in _SERVICE_LOST:
        return trouble(ErrorKind.OFFLINE, "The PC/SC service is gone.", text(code))
    return trouble(ErrorKind.MEDIA_REMOVED, "The card left the reader.", text(code))
