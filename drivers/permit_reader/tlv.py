"""BER-TLV as ICAO 9303-10 and ISO/IEC 7816-4 use it: tags of any number of bytes, definite lengths.

Works on bytes, keeps nothing. Raises TlvError for what is cut off or has no sense.
"""

from __future__ import annotations

from collections.abc import Iterator


class TlvError(ValueError):
    """The bytes are no TLV structure, or another one than was expected. Never quotes them."""


def header(data: bytes, at: int = 0) -> tuple[int, int, int]:
    """Tag, length of the value, and where the value begins. The value itself may lie beyond `data`."""
    start = at
    try:
        tag = data[at]
        at += 1
        if tag & 0x1F == 0x1F:
            while True:
                tag = tag << 8 | data[at]
                at += 1
                if not data[at - 1] & 0x80:
                    break
                if at - start > 4:
                    raise TlvError("a tag is too long")
        length = data[at]
        at += 1
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise TlvError("a length has a form that is not allowed")
            if at + count > len(data):
                raise TlvError("a length is cut off")
            length = int.from_bytes(data[at : at + count], "big")
            at += count
    except IndexError:
        raise TlvError("a tag or length is cut off") from None
    return tag, length, at


def walk(data: bytes) -> Iterator[tuple[int, bytes]]:
    """All elements of one level in order. Zero bytes between and after them are filling (ISO/IEC 7816-4, 5.2.2)."""
    at = 0
    while at < len(data):
        if data[at] == 0x00:
            at += 1
            continue
        tag, length, at = header(data, at)
        if at + length > len(data):
            raise TlvError("a value is cut off")
        yield tag, data[at : at + length]
        at += length


def only(data: bytes, tag: int) -> bytes:
    """The value of the first element, which must carry `tag`."""
    found, length, at = header(data)
    if found != tag:
        raise TlvError(f"tag {tag:X} expected, {found:X} found")
    if at + length > len(data):
        raise TlvError("a value is cut off")
    return data[at : at + length]


def find(data: bytes, tag: int) -> bytes | None:
    """The value of the first element of this level with `tag`."""
    return next((value for found, value in walk(data) if found == tag), None)


def need(data: bytes, tag: int) -> bytes:
    value = find(data, tag)
    if value is None:
        raise TlvError(f"tag {tag:X} is missing")
    return value


def tlv(tag: int, *values: bytes) -> bytes:
    """One element around the values."""
    value = b"".join(values)
    size = len(value)
    if size < 0x80:
        length = bytes((size,))
    else:
        count = (size.bit_length() + 7) // 8
        length = bytes((0x80 | count,)) + size.to_bytes(count, "big")
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + length + value
