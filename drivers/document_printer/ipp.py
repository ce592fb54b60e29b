"""IPP messages as bytes, both ways (RFC 8010, section 3). Collections are read past: nothing here needs their members."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

Value = int | bool | str | bytes | None
"""None is an out-of-band value: unknown, no-value, unsupported."""
Attributes = dict[str, list[Value]]


class Tag(IntEnum):
    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    BEGIN_COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49
    MEMBER_NAME = 0x4A


class Op(IntEnum):
    """Operations (RFC 8011, 5.4.15) and those of CUPS."""

    PRINT_JOB = 0x0002
    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B
    RESUME_PRINTER = 0x0011
    CUPS_GET_PRINTERS = 0x4002
    CUPS_ACCEPT_JOBS = 0x4008


Field = tuple[str, Tag, Value | Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Message:
    """One request or answer: `code` is the operation or the status. `data` is the document after the attributes."""

    code: int
    request_id: int
    groups: tuple[tuple[int, Attributes], ...]
    data: bytes = field(default=b"", repr=False)
    version: int = 0x0200

    def group(self, tag: Tag) -> Attributes:
        """The first group of this kind, empty where there is none."""
        return next((attributes for found, attributes in self.groups if found == tag), {})

    def all(self, tag: Tag) -> list[Attributes]:
        return [attributes for found, attributes in self.groups if found == tag]


def encode(
    code: int, request_id: int, groups: Sequence[tuple[Tag, Sequence[Field]]], data: bytes = b"", version: int = 0x0200
) -> bytes:
    """The message as it goes over the line, `data` behind it."""
    out = bytearray(struct.pack(">HHI", version, code, request_id))
    for tag, fields in groups:
        out.append(tag)
        for name, kind, values in fields:
            many = values if isinstance(values, (list, tuple)) else (values,)
            for index, value in enumerate(many):
                label = name.encode("ascii") if index == 0 else b""
                content = _content(kind, value)
                out += struct.pack(">BH", kind, len(label)) + label + struct.pack(">H", len(content)) + content
    out.append(Tag.END)
    return bytes(out) + data


def _content(kind: Tag, value: object) -> bytes:
    if kind in (Tag.INTEGER, Tag.ENUM) and isinstance(value, int):
        return struct.pack(">i", value)
    if kind is Tag.BOOLEAN:
        return b"\x01" if value else b"\x00"
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode("utf-8")


def decode(message: bytes) -> Message:
    """Raises ValueError for what is no complete IPP message."""
    try:
        return _decode(message)
    except (struct.error, IndexError) as error:
        raise ValueError("the IPP message is cut short") from error


def _decode(message: bytes) -> Message:
    version, code, request_id = struct.unpack_from(">HHI", message)
    if version >> 8 not in (1, 2):
        raise ValueError("this is not IPP 1 or 2")
    groups: list[tuple[int, Attributes]] = []
    at, depth = 8, 0
    values: list[Value] = []
    while (tag := message[at]) != Tag.END:
        at += 1
        if tag < 0x10:
            groups.append((tag, {}))
            continue
        name, at = _counted(message, at)
        content, at = _counted(message, at)
        if tag == Tag.END_COLLECTION:
            depth -= 1
            continue
        if depth == 0 and name:
            if not groups:
                raise ValueError("an attribute stands before any group")
            values = groups[-1][1].setdefault(name.decode("utf-8", "replace"), [])
        if tag == Tag.BEGIN_COLLECTION:
            depth += 1
        elif depth == 0:
            values.append(_value(tag, content))
    return Message(code, request_id, tuple(groups), message[at + 1 :], version)


def _counted(message: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", message, at)
    end = at + 2 + length
    if end > len(message):
        raise ValueError("the IPP message is cut short")
    return message[at + 2 : end], end


def _value(tag: int, content: bytes) -> Value:
    if tag < 0x20:
        return None
    if tag in (Tag.INTEGER, Tag.ENUM):
        return int(struct.unpack(">i", content)[0])
    if tag == Tag.BOOLEAN:
        return content != b"\x00"
    if tag in (Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE):
        _, at = _counted(content, 0)
        return _counted(content, at)[0].decode("utf-8", "replace")
    return content.decode("utf-8", "replace") if tag >= 0x40 else content


def first(attributes: Mapping[str, Sequence[Value]], name: str) -> Value:
    """The first value, None where there is none."""
    values = attributes.get(name) or [None]
    return values[0]


def number(attributes: Mapping[str, Sequence[Value]], name: str) -> int | None:
    value = first(attributes, name)
    return value if isinstance(value, int) else None


def words(attributes: Mapping[str, Sequence[Value]], name: str) -> tuple[str, ...]:
    """The values that are words, as in `printer-state-reasons`."""
    return tuple(value for value in attributes.get(name, ()) if isinstance(value, str))
