"""The ACME-1 protocol: lines of text, UTF-8, as `$WORD,field,field*HH` CR LF; HH is the XOR of the bytes between $ and *.

    STATUS   READY,firmware
    READ     NONE   or   CARD,name,sex,birth,address,number,issuer,from,to       (dates YYYYMMDD; `to` empty: without end)

Pure: no line, no waiting.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import reduce
from operator import xor

from kiosk.domain.identity import CardKind, IdCard, Sex

LONGEST = 1024
_LINE = re.compile(rb"\$([^$*\r\n]{1,900})\*([0-9A-F]{2})\r?\n")


class Unreadable(ValueError):
    """A card that makes no sense. Says which field, never what stood in it."""


def build(*fields: str) -> bytes:
    body = ",".join(fields).encode()
    return b"$%s*%02X\r\n" % (body, reduce(xor, body, 0))


def take(buffer: bytearray) -> list[str] | None:
    """The fields of the first undamaged line in `buffer`, which is cut behind it; None when there is none yet."""
    while (found := _LINE.search(buffer)) is not None:
        body, check = bytes(found[1]), int(found[2], 16)
        del buffer[: found.end()]
        if reduce(xor, body, 0) == check:
            return body.decode("utf-8", "replace").split(",")
    del buffer[: max(0, len(buffer) - LONGEST)]
    return None


def card_of(fields: list[str]) -> IdCard:
    """From the fields behind CARD. Raises Unreadable."""
    if len(fields) != 8:
        raise Unreadable("a card has eight fields")
    name, sex, birth, address, number, issuer, since, until = fields
    if not name or not re.fullmatch("[0-9]{17}[0-9X]", number):
        raise Unreadable("name or number")
    return IdCard(
        CardKind.RESIDENT,
        name,
        Sex(sex) if sex in set(Sex) else Sex.UNKNOWN,
        _date("birth", birth),
        number,
        issuer,
        _date("from", since),
        _date("to", until) if until else None,
        address=address,
    )


def _date(field: str, text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        raise Unreadable(field) from None
