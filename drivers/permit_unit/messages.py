"""Payloads of the permit unit protocol (docs/permit-unit-protocol.md, section 5), packed and read; the same for both ends.

Readers take payloads that are longer than they know: a later version may add bytes at the end. A payload that is too short or holds
a word that does not exist raises `PayloadError`, which never quotes the payload.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from drivers.permit_unit.codes import BinState, Feature, JobState, Position, Shutter, Trouble, trouble_of

_Word = TypeVar("_Word", bound=Enum)
_STATUS = struct.Struct(">cccccBHI")
_HELLO = struct.Struct(">BHHH")
_PICTURE = struct.Struct(">cII")


class PayloadError(ValueError):
    """A payload that cannot be what its code says."""


@dataclass(frozen=True, slots=True)
class StatusBlock:
    position: Position = Position.NONE
    shutter: Shutter = Shutter.CLOSED
    bin: BinState = BinState.OK
    busy: bool = False
    """A command or a card coming in keeps the mechanics at work."""
    entry: bool = False
    """The slot takes a card."""
    waiting: bool = False
    """A card is pushed against the slot from outside."""
    reason: Trouble = Trouble.NONE
    """Why the last card did not come in, or is jammed; until the next ENTRY or movement."""
    power_ons: int = 0
    bin_count: int = 0

    def pack(self) -> bytes:
        flags = (0x01 if self.busy else 0) | (0x02 if self.entry else 0) | (0x04 if self.waiting else 0)
        words = (self.position.value, self.shutter.value, self.bin.value, bytes((flags,)), b"0")
        return _STATUS.pack(*words, self.reason, self.power_ons & 0xFFFF, self.bin_count)

    @classmethod
    def read(cls, payload: bytes) -> StatusBlock:
        position, shutter, bin_state, flags, _, reason, power_ons, bin_count = _unpack(_STATUS, payload)
        return cls(
            _word(Position, position, Position.UNKNOWN),
            _word(Shutter, shutter, Shutter.UNKNOWN),
            _word(BinState, bin_state, BinState.UNKNOWN),
            bool(flags[0] & 0x01),
            bool(flags[0] & 0x02),
            bool(flags[0] & 0x04),
            trouble_of(reason),
            power_ons,
            bin_count,
        )


@dataclass(frozen=True, slots=True)
class Hello:
    """The answer to HELLO."""

    version: int
    features: Feature
    max_payload: int
    bin_capacity: int
    model: str
    serial: str
    status: StatusBlock

    def pack(self) -> bytes:
        head = _HELLO.pack(self.version, self.features, self.max_payload, self.bin_capacity)
        return head + text_field(self.model) + text_field(self.serial) + self.status.pack()

    @classmethod
    def read(cls, payload: bytes) -> Hello:
        version, features, max_payload, capacity = _unpack(_HELLO, payload)
        model, at = read_text_field(payload, _HELLO.size)
        serial, at = read_text_field(payload, at)
        return cls(version, Feature(features), max_payload, capacity, model, serial, StatusBlock.read(payload[at:]))


@dataclass(frozen=True, slots=True)
class JobRecord:
    """What the unit remembers of its last job of a kind, over a loss of power."""

    state: JobState = JobState.NONE
    job_id: str = ""
    reason: Trouble = Trouble.NONE
    """Why it is not done."""

    def done(self, job_id: str) -> bool:
        return self.state is JobState.DONE and self.job_id == job_id

    def pack(self) -> bytes:
        return self.state.value + bytes((self.reason,)) + text_field(self.job_id)

    @classmethod
    def read(cls, payload: bytes) -> JobRecord:
        if len(payload) < 2:
            raise PayloadError("a job record is too short")
        return cls(_word(JobState, payload[:1], None), read_text_field(payload, 2)[0], trouble_of(payload[1]))


@dataclass(frozen=True, slots=True)
class JobOrder:
    """WRITE and PRINT: which job, and what the loaded data must be."""

    job_id: str
    size: int
    crc32: int

    def pack(self) -> bytes:
        return text_field(self.job_id) + struct.pack(">II", self.size, self.crc32)

    @classmethod
    def read(cls, payload: bytes) -> JobOrder:
        job_id, at = read_text_field(payload, 0)
        size, crc32 = _unpack(struct.Struct(">II"), payload[at:])
        return cls(job_id, size, crc32)


@dataclass(frozen=True, slots=True)
class PictureHead:
    """The answer to CAPTURE: what GET then gives."""

    media_type: str
    size: int
    crc32: int

    def pack(self) -> bytes:
        return _PICTURE.pack(b"J" if self.media_type == "image/jpeg" else b"P", self.size, self.crc32)

    @classmethod
    def read(cls, payload: bytes) -> PictureHead:
        letter, size, crc32 = _unpack(_PICTURE, payload)
        if letter not in (b"P", b"J"):
            raise PayloadError("a picture is neither PNG nor JPEG")
        return cls("image/png" if letter == b"P" else "image/jpeg", size, crc32)


@dataclass(frozen=True, slots=True)
class Back:
    """The data of a PRINT job: UTF-8, lines ended by LF; the permit's number first, then a row a line, cells parted by TAB."""

    permit_number: str = field(repr=False)
    rows: tuple[tuple[str, ...], ...] = field(repr=False)

    def pack(self) -> bytes:
        """Raises ValueError for a text that holds a control character."""
        texts = [self.permit_number, *(cell for row in self.rows for cell in row)]
        if any(char < " " for text in texts for char in text):
            raise ValueError("a text of the back holds a control character")
        lines = [self.permit_number, *("\t".join(row) for row in self.rows)]
        return "".join(line + "\n" for line in lines).encode()

    @classmethod
    def read(cls, data: bytes) -> Back:
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError:
            raise PayloadError("the data of the back are not UTF-8") from None
        if len(lines) < 2 or lines[-1]:
            raise PayloadError("the data of the back do not end with a line")
        return cls(lines[0], tuple(tuple(line.split("\t")) for line in lines[1:-1]))


def pack_numbers(numbers: Sequence[str]) -> bytes:
    """The answer to READ_CHIP: how many (1 byte), then each as text."""
    return bytes((len(numbers),)) + b"".join(text_field(number) for number in numbers)


def read_numbers(payload: bytes) -> tuple[str, ...]:
    if not payload:
        raise PayloadError("a list of numbers is missing")
    numbers, at = [], 1
    for _ in range(payload[0]):
        number, at = read_text_field(payload, at)
        numbers.append(number)
    return tuple(numbers)


def text_field(text: str) -> bytes:
    """Length (1 byte) and UTF-8."""
    data = text.encode()
    if len(data) > 255:
        raise ValueError("a text field holds at most 255 bytes")
    return bytes((len(data),)) + data


def read_text_field(payload: bytes, at: int) -> tuple[str, int]:
    """The text, and where the next field begins."""
    if at >= len(payload) or at + 1 + payload[at] > len(payload):
        raise PayloadError("a text field is cut off")
    end = at + 1 + payload[at]
    try:
        return payload[at + 1 : end].decode(), end
    except UnicodeDecodeError:
        raise PayloadError("a text field is not UTF-8") from None


def _unpack(layout: struct.Struct, payload: bytes) -> tuple[Any, ...]:
    if len(payload) < layout.size:
        raise PayloadError("a payload is too short")
    return layout.unpack_from(payload)


def _word(words: type[_Word], value: bytes, otherwise: _Word | None) -> _Word:
    try:
        return words(value)
    except ValueError:
        if otherwise is None:
            raise PayloadError(f"{words.__name__} has an unknown word") from None
        return otherwise
