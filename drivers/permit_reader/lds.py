"""The data groups as values (ICAO Doc 9303-10 §4.6, §4.7): which there are, DG1's line, DG2's face, DG11's names.

Raises LdsError with a reason that quotes nothing of the content.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from drivers.permit_reader.tlv import TlvError, find, header, need, only, walk
from kiosk.domain.identity import Photo

DG_TAGS: Final = {0x61: 1, 0x75: 2, 0x63: 3, 0x76: 4, 0x65: 5, 0x6B: 11, 0x6C: 12, 0x6D: 13, 0x6E: 14, 0x6F: 15}
TD1_CHARACTERS: Final = 90
_LINES = re.compile(r"[A-Z0-9<]{90}")
_JP2 = bytes.fromhex("0000000C6A5020200D0A870A")
_IMAGES = ((b"\xff\xd8\xff", "image/jpeg"), (_JP2, "image/jp2"), (b"\xff\x4f\xff\x51", "image/j2c"))
_RECORD = struct.Struct(">4s4sIH")
_FACE = struct.Struct(">IH14s")
_IMAGE_HEAD, _POINT = 12, 8


class LdsError(ValueError):
    """A data group is malformed."""


def present_groups(com: bytes) -> frozenset[int]:
    """Numbers of the data groups EF.COM lists."""
    try:
        return frozenset(DG_TAGS.get(tag, 0) for tag in need(only(com, 0x60), 0x5C))
    except TlvError as error:
        raise LdsError(str(error)) from None


def mrz(dg1: bytes) -> str:
    """The 90 characters of a card's machine-readable zone."""
    try:
        text = need(only(dg1, 0x61), 0x5F1F).decode("ascii")
    except TlvError as error:
        raise LdsError(str(error)) from None
    except UnicodeDecodeError:
        raise LdsError("the line has characters that are no ASCII") from None
    if len(text) != TD1_CHARACTERS:
        raise LdsError(f"the line has {len(text)} characters, not {TD1_CHARACTERS}")
    if not _LINES.fullmatch(text):
        raise LdsError("the line has characters that none may have")
    return text


def face(dg2: bytes) -> Photo:
    """The first face as stored."""
    try:
        outer, _, _ = header(dg2)
        group = (
            only(dg2, 0x7F61) if outer == 0x7F61 else need(only(dg2, 0x75), 0x7F61)
        )  # some generators forget the group's tag
        template = need(group, 0x7F60)
        record = find(template, 0x5F2E)
        if record is None:
            record = need(template, 0x7F2E)
    except TlvError as error:
        raise LdsError(str(error)) from None
    image = _image_of(record)
    for mark, media_type in _IMAGES:
        if image.startswith(mark):
            return Photo(image, media_type)
    raise LdsError("the face is neither JPEG nor JPEG 2000")


def names(dg11: bytes) -> tuple[str, str]:
    """Full name (5F0E) and personal number (5F10); what is not there is empty."""
    try:
        fields = dict(walk(only(dg11, 0x6B)))
    except TlvError as error:
        raise LdsError(str(error)) from None
    return _text(fields.get(0x5F0E, b"")), _text(fields.get(0x5F10, b""))


def _image_of(record: bytes) -> bytes:
    """The picture inside a facial record of ISO/IEC 19794-5; where the record has another form, whatever looks like one."""
    if record.startswith(b"FAC\0") and len(record) >= _RECORD.size + _FACE.size:
        _, _, length, _ = _RECORD.unpack_from(record)
        block, points, _ = _FACE.unpack_from(record, _RECORD.size)
        start = _RECORD.size + _FACE.size + points * _POINT + _IMAGE_HEAD
        end = min(_RECORD.size + block, length, len(record))
        if start < end and record.startswith(tuple(mark for mark, _ in _IMAGES), start):
            return record[start:end]
    starts = [at for mark, _ in _IMAGES if (at := record.find(mark)) >= 0]
    return record[min(starts) :] if starts else b""


def _text(value: bytes) -> str:
    """UTF-8 as ICAO wants it, or the GB 18030 that mainland issuers write elsewhere."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return value.decode(encoding).strip(" <\0")
        except UnicodeDecodeError:
            continue
    raise LdsError("a name is in no known character set")
