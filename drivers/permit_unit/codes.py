"""Words of the permit unit protocol (docs/permit-unit-protocol.md, sections 4 to 7): commands, events, troubles, states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag

from kiosk.domain.errors import ErrorKind

PROTOCOL_VERSION = 1


class Code(IntEnum):
    """Commands; an answer carries the code of its command."""

    HELLO = 0x48  # H
    STATUS = 0x53  # S
    ENTRY = 0x45  # E
    LOCATE = 0x4C  # L
    MOVE = 0x4D  # M
    OUT = 0x4F  # O
    KEEP = 0x4B  # K
    DATA = 0x44  # D
    WRITE = 0x57  # W
    READ_CHIP = 0x52  # R
    PRINT = 0x50  # P
    JOB = 0x4A  # J
    CAPTURE = 0x43  # C
    GET = 0x47  # G
    TEXT = 0x54  # T


QUICK = frozenset({Code.HELLO, Code.STATUS, Code.ENTRY, Code.DATA, Code.JOB, Code.GET})
"""Answered at once. The others move the card or take time, and there is only one of them at a time."""


class Event(IntEnum):
    WAITING = 0x4D  # M: a card is pushed against the closed slot
    INSERTED = 0x49  # I: the card has reached the reader position
    GIVEN_BACK = 0x52  # R: the card was not taken in, or was pulled out again
    TAKEN = 0x54  # T: the card was taken from the mouth
    NOT_TAKEN = 0x4E  # N: the card is still at the mouth
    JAM = 0x4A  # J
    SHUTTER = 0x53  # S: opened or closed
    ENTRY_ENDED = 0x58  # X: nobody came in time, the slot is closed
    BIN = 0x42  # B: its state has changed
    POWER = 0x50  # P: the unit has started


class Position(Enum):
    """Byte 0 of the status block."""

    NONE = b"0"
    MOUTH = b"1"
    READER = b"2"
    WRITER = b"3"
    PRINTER = b"4"
    JAMMED = b"5"
    MOVING = b"6"
    UNKNOWN = b"?"


class Shutter(Enum):
    OPEN = b"O"
    CLOSED = b"C"
    UNKNOWN = b"?"


class BinState(Enum):
    OK = b"O"
    HIGH = b"H"
    FULL = b"F"
    MISSING = b"M"
    UNKNOWN = b"?"


class JobKind(Enum):
    WRITE = b"W"
    PRINT = b"P"


class JobState(Enum):
    NONE = b"0"
    """No job of this kind since the unit was made."""
    STARTED = b"1"
    """Begun. While the unit is idle: it cannot say what became of it."""
    DONE = b"2"
    NOT_DONE = b"3"
    """The chip is as it was; or the back shows nothing usable."""


class Feature(IntFlag):
    WRITER = 0x0001
    PRINTER = 0x0002
    CAMERA = 0x0004
    LINE = 0x0008
    """Reads the printed line."""
    BIN = 0x0010
    SIMULATED = 0x8000


class Trouble(IntEnum):
    NONE = 0x00
    UNKNOWN_COMMAND = 0x01
    BAD_PAYLOAD = 0x02
    NOT_NOW = 0x03
    SEQ_REUSED = 0x04
    NO_HELLO = 0x05
    BUSY = 0x06
    BAD_DATA = 0x07
    NOT_FITTED = 0x08
    JAM_ENTRANCE = 0x10
    SHUTTER = 0x11
    SENSOR = 0x12
    LONG_CARD = 0x13
    SHORT_CARD = 0x14
    MEMORY = 0x15
    CARD_MOVED = 0x16
    JAM_EXIT = 0x17
    JAM_READER = 0x18
    JAM_WRITER = 0x19
    JAM_PRINTER = 0x1A
    FOREIGN_OBJECT = 0x1B
    WRONG_WAY = 0x1C
    POWER = 0x30
    PULLED_OUT = 0x40
    NO_CARD = 0x43
    NOT_TAKEN = 0x46
    BIN_FULL = 0x50
    MOTOR = 0x51
    BIN_MISSING = 0x52
    CHIP_MUTE = 0x60
    WRITE_REFUSED = 0x61
    WRITE_FAILED = 0x62
    VERIFY = 0x63
    HEAD = 0x70
    CAMERA = 0x72
    OTHER = 0xFF


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: ErrorKind
    text: str


MEANINGS: Mapping[Trouble, Meaning] = {
    Trouble.UNKNOWN_COMMAND: Meaning(ErrorKind.UNSUPPORTED, "The unit does not know this command."),
    Trouble.BAD_PAYLOAD: Meaning(ErrorKind.PROTOCOL, "The unit calls the payload malformed."),
    Trouble.NOT_NOW: Meaning(ErrorKind.BUSY, "The unit cannot do this in its present state."),
    Trouble.SEQ_REUSED: Meaning(ErrorKind.PROTOCOL, "The unit has seen this sequence number with another command."),
    Trouble.NO_HELLO: Meaning(ErrorKind.PROTOCOL, "The unit has restarted and wants to be greeted."),
    Trouble.BUSY: Meaning(ErrorKind.BUSY, "The unit is still carrying out another command."),
    Trouble.BAD_DATA: Meaning(ErrorKind.PROTOCOL, "The data of the job did not reach the unit whole."),
    Trouble.NOT_FITTED: Meaning(ErrorKind.UNSUPPORTED, "This unit is built without that part."),
    Trouble.JAM_ENTRANCE: Meaning(ErrorKind.MEDIA_JAMMED, "A card is jammed at the entrance."),
    Trouble.SHUTTER: Meaning(ErrorKind.HARDWARE, "The shutter does not move."),
    Trouble.SENSOR: Meaning(ErrorKind.HARDWARE, "A position sensor fails."),
    Trouble.LONG_CARD: Meaning(ErrorKind.MEDIA_BAD, "The card is too long."),
    Trouble.SHORT_CARD: Meaning(ErrorKind.MEDIA_BAD, "The card is too short."),
    Trouble.MEMORY: Meaning(ErrorKind.HARDWARE, "The unit's non-volatile memory fails."),
    Trouble.CARD_MOVED: Meaning(ErrorKind.MEDIA_REMOVED, "The card was moved by hand."),
    Trouble.JAM_EXIT: Meaning(ErrorKind.MEDIA_JAMMED, "A card is jammed on its way out."),
    Trouble.JAM_READER: Meaning(ErrorKind.MEDIA_JAMMED, "A card is jammed at the reader."),
    Trouble.JAM_WRITER: Meaning(ErrorKind.MEDIA_JAMMED, "A card is jammed at the writer."),
    Trouble.JAM_PRINTER: Meaning(ErrorKind.MEDIA_JAMMED, "A card is jammed at the printer."),
    Trouble.FOREIGN_OBJECT: Meaning(ErrorKind.MEDIA_BAD, "What was put in is no card."),
    Trouble.WRONG_WAY: Meaning(ErrorKind.MEDIA_BAD, "The card was put in the wrong way."),
    Trouble.POWER: Meaning(ErrorKind.HARDWARE, "The unit lost its power during this command."),
    Trouble.PULLED_OUT: Meaning(ErrorKind.MEDIA_REMOVED, "The card was pulled out while being drawn in."),
    Trouble.NO_CARD: Meaning(ErrorKind.NO_MEDIA, "There is no card at that position."),
    Trouble.NOT_TAKEN: Meaning(ErrorKind.MEDIA_NOT_TAKEN, "The card was not taken in time."),
    Trouble.BIN_FULL: Meaning(ErrorKind.SUPPLY_OUT, "The bin is full."),
    Trouble.MOTOR: Meaning(ErrorKind.HARDWARE, "The motor does not turn."),
    Trouble.BIN_MISSING: Meaning(ErrorKind.SUPPLY_OUT, "The bin is missing."),
    Trouble.CHIP_MUTE: Meaning(ErrorKind.MEDIA_BAD, "The chip does not answer the writer."),
    Trouble.WRITE_REFUSED: Meaning(ErrorKind.INVALID_ARGUMENT, "The writer refuses the sealed data."),
    Trouble.WRITE_FAILED: Meaning(ErrorKind.MEDIA_BAD, "Writing failed; the chip is as it was."),
    Trouble.VERIFY: Meaning(ErrorKind.MEDIA_BAD, "What was read back is not what was written."),
    Trouble.HEAD: Meaning(ErrorKind.CONSUMABLE_MECH, "The print head failed."),
    Trouble.CAMERA: Meaning(ErrorKind.HARDWARE, "The unit's camera gives no picture."),
    Trouble.OTHER: Meaning(ErrorKind.HARDWARE, "The unit reports a trouble it has no code for."),
}
JAMS = frozenset(trouble for trouble, told in MEANINGS.items() if told.kind is ErrorKind.MEDIA_JAMMED)
GIVEN_BACK = frozenset(
    {
        Trouble.LONG_CARD,
        Trouble.SHORT_CARD,
        Trouble.FOREIGN_OBJECT,
        Trouble.WRONG_WAY,
        Trouble.PULLED_OUT,
        Trouble.CARD_MOVED,
    }
)
"""Why a card did not come in."""


def trouble_of(code: int) -> Trouble:
    """A code of a newer unit counts as OTHER."""
    try:
        return Trouble(code)
    except ValueError:
        return Trouble.OTHER
