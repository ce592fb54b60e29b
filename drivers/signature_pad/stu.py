"""Reports of Wacom STU-430 class signature pads.

NEVER TRIED ON A REAL PAD. There is no public specification; report numbers and layouts come from reverse-engineered descriptions (open
WebHID programs for the STU-430 and STU-540, and what the maker's own programs print of a pad). They are marked here by how sure they are:
H several agree, M one or by the form of the others.

    0x01 pen data      input    7 bytes   01 | flags and pressure 2 | x 2 | y 2                                        H
                                          highest bit: pen near; next three: touching; low 12 bits: pressure           M
    0x34 the same with time and count, 11 bytes; its first 7 bytes have the same layout                                M
    0x08 information   feature 17 bytes   08 | model 9 (ASCII, zero padded) | firmware 2 | …                           M
    0x09 capability    feature 17 bytes   09 | max x 2 | max y 2 | max pressure 2 | screen width 2 | height 2 |
                                          reports per second 1 | points per inch 2 | picture formats 1 | …             H
    0x20 clear screen  feature, set       20 | 0                                                                       H
    0x25 begin picture feature, set       25 | encoding (0: one bit a pixel)                                           H
    0x26 picture data  feature, set       26 | bytes that count 2, little-endian | 253 bytes                           H
    0x27 end picture   feature, set       27 | 0 (1: abandon)                                                          H
                                          rows of whole bytes, left pixel in the highest bit, 1 is white               M

Numbers are big-endian where nothing else is said.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

VENDOR = 0x056A
PRODUCTS = {0x00A4: "STU-430", 0x00A5: "STU-530", 0x00A6: "STU-430V", 0x00A8: "STU-540"}
"""For people only: product numbers differ between revisions, and the pad says what it can."""
_PEN_BYTES = 7
_CAPABILITY = struct.Struct(">HHHHHBH")
_FORMATS_AT = 1 + _CAPABILITY.size
_ONE_BIT, _COLOURS = 0x02, 0x0C
_BLOCK = 253
"""Bytes of a picture in one report."""
_INCH_MM = 25.4
_USUAL_RESOLUTION = 2540
_LIGHT = 64
"""A pressure of more than a 64th of the highest is a touch, also where the flags do not say so."""


class Report(IntEnum):
    PEN = 0x01
    INFORMATION = 0x08
    CAPABILITY = 0x09
    CLEAR = 0x20
    PICTURE_BEGIN = 0x25
    PICTURE_DATA = 0x26
    PICTURE_END = 0x27
    PEN_TIMED = 0x34


CLEAR = bytes((Report.CLEAR, 0))


@dataclass(frozen=True, slots=True)
class Capability:
    max_x: int
    max_y: int
    max_pressure: int
    screen_width: int
    screen_height: int
    rate: int
    """Reports a second."""
    resolution: int
    """Points per inch."""
    formats: int = 1
    """Picture formats: 1 compressed, 2 one bit a pixel, 4 and 8 colours. Older grey pads say 1 only and take one bit."""

    @property
    def takes_one_bit(self) -> bool:
        return bool(self.formats & _ONE_BIT) or not self.formats & _COLOURS

    @property
    def width_mm(self) -> float:
        return round(self.max_x * _INCH_MM / self.resolution, 2)

    @property
    def height_mm(self) -> float:
        return round(self.max_y * _INCH_MM / self.resolution, 2)

    def pack(self) -> bytes:
        screen = (self.screen_width, self.screen_height)
        told = _CAPABILITY.pack(self.max_x, self.max_y, self.max_pressure, *screen, self.rate, self.resolution)
        return (bytes((Report.CAPABILITY,)) + told + bytes((self.formats,))).ljust(17, b"\0")


STU_430 = Capability(9600, 6000, 1023, 320, 200, 200, _USUAL_RESOLUTION)


@dataclass(frozen=True, slots=True)
class Pen:
    near: bool
    touching: bool
    pressure: int
    x: int
    y: int

    def pack(self) -> bytes:
        flags = (0x80 if self.near else 0) | (0x10 if self.touching else 0)
        head = (flags << 8 | self.pressure & 0x0FFF).to_bytes(2, "big")
        return bytes((Report.PEN,)) + head + self.x.to_bytes(2, "big") + self.y.to_bytes(2, "big")

    def down(self, max_pressure: int) -> bool:
        return self.near and (self.touching or self.pressure * _LIGHT > max_pressure)


def parse_capability(report: bytes) -> Capability:
    """Raises ValueError where it is none, or says of no surface."""
    if len(report) < 1 + _CAPABILITY.size or report[0] != Report.CAPABILITY:
        raise ValueError("no capability report")
    max_x, max_y, max_pressure, width, height, rate, resolution = _CAPABILITY.unpack_from(report, 1)
    formats = report[_FORMATS_AT] if len(report) > _FORMATS_AT else 0
    found = Capability(max_x, max_y, max_pressure, width, height, rate, resolution or _USUAL_RESOLUTION, formats)
    if not (found.max_x and found.max_y and found.max_pressure):
        raise ValueError("a capability report without a surface")
    return found


def parse_model(report: bytes) -> str:
    """The model's name of an information report; empty where there is none."""
    if len(report) < 10 or report[0] != Report.INFORMATION:
        return ""
    name = report[1:10].split(b"\0", 1)[0].decode("ascii", "replace").strip()
    return name if name.isprintable() else ""


def pack_model(name: str) -> bytes:
    return (bytes((Report.INFORMATION,)) + name.encode("ascii")[:9].ljust(9, b"\0") + b"\x01\x04").ljust(17, b"\0")


def pack_picture(rows: bytes) -> tuple[bytes, ...]:
    """The reports that put a picture of one bit a pixel on the pad's screen."""
    blocks = [rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK)]
    data = (
        bytes((Report.PICTURE_DATA,)) + len(each).to_bytes(2, "little") + each.ljust(_BLOCK, b"\0") for each in blocks
    )
    return (bytes((Report.PICTURE_BEGIN, 0)), *data, bytes((Report.PICTURE_END, 0)))


def parse_picture_data(report: bytes) -> bytes:
    """The bytes of a picture in one report. Raises ValueError where it says of more than it has."""
    if len(report) < 3 or report[0] != Report.PICTURE_DATA:
        raise ValueError("no picture data")
    count = int.from_bytes(report[1:3], "little")
    if count > min(_BLOCK, len(report) - 3):
        raise ValueError("picture data that is too short")
    return report[3 : 3 + count]


def parse_pen(report: bytes) -> Pen | None:
    """None: no report of the pen. Raises ValueError for one that is too short."""
    if not report or report[0] not in (Report.PEN, Report.PEN_TIMED):
        return None
    if len(report) < _PEN_BYTES:
        raise ValueError("a report of the pen that is too short")
    head = int.from_bytes(report[1:3], "big")
    x, y = int.from_bytes(report[3:5], "big"), int.from_bytes(report[5:7], "big")
    return Pen(bool(head & 0x8000), bool(head & 0x7000), head & 0x0FFF, x, y)
