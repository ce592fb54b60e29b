"""The 256-byte text block of an identity card's chip (GA/T 490-2019 and the layouts of the three other card kinds).

Little-endian UTF-16, fields of fixed size. The character at byte 248 tells the kind: blank resident, J Hong Kong/Macao/Taiwan
residence permit, I foreigner's permanent residence card of 2017, Y the one of 2023. Errors name the field, never its content.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from kiosk.domain.identity import CardKind, IdCard, Sex

TEXT_BYTES = 256
ADDRESS_BYTES = 70
LONG_TERM = "长期"
_TYPE_AT = 248

Layout = tuple[tuple[str, int], ...]
"""Field name and size in bytes, in order; every layout fills 256 bytes."""

RESIDENT: Layout = (
    ("name", 30),
    ("sex", 2),
    ("nation", 4),
    ("birth", 16),
    ("address", 70),
    ("number", 36),
    ("issuer", 30),
    ("from", 16),
    ("to", 16),
    ("reserved", 36),
)
HMT: Layout = (
    ("name", 30),
    ("sex", 2),
    ("reserved", 4),
    ("birth", 16),
    ("address", 70),
    ("number", 36),
    ("issuer", 30),
    ("from", 16),
    ("to", 16),
    ("pass_number", 18),
    ("issue_count", 4),
    ("reserved_2", 6),
    ("type", 2),
    ("reserved_3", 6),
)
FOREIGNER_2017: Layout = (
    ("name_latin", 120),
    ("sex", 2),
    ("number", 30),
    ("nationality", 6),
    ("name", 30),
    ("from", 16),
    ("to", 16),
    ("birth", 16),
    ("version", 4),
    ("issuer", 8),
    ("type", 2),
    ("reserved", 6),
)
FOREIGNER_2023: Layout = (
    ("name", 30),
    ("sex", 2),
    ("issue_count", 4),
    ("birth", 16),
    ("name_latin", 70),
    ("number", 36),
    ("reserved", 30),
    ("from", 16),
    ("to", 16),
    ("name_latin_2", 22),
    ("nationality", 6),
    ("type", 2),
    ("old_ref", 6),
)
LAYOUTS: Mapping[CardKind, Layout] = {
    CardKind.RESIDENT: RESIDENT,
    CardKind.HMT_RESIDENT: HMT,
    CardKind.FOREIGNER_2017: FOREIGNER_2017,
    CardKind.FOREIGNER_2023: FOREIGNER_2023,
}
LETTERS: Mapping[CardKind, str] = {
    CardKind.RESIDENT: " ",
    CardKind.HMT_RESIDENT: "J",
    CardKind.FOREIGNER_2017: "I",
    CardKind.FOREIGNER_2023: "Y",
}
_KINDS = {letter: kind for kind, letter in LETTERS.items()}
_BLANK_TYPES = {"\0", "\u3000", "\uffff"}
_PADDING = re.compile("[\x00-\x1f\x7f\u3000\ufffe\uffff]")
_NUMBERS = {CardKind.FOREIGNER_2017: re.compile("[A-Z]{3}[0-9]{12}")}
_NUMBER_18 = re.compile("[0-9]{17}[0-9X]")


class CardDataError(ValueError):
    """The chip's text cannot be understood. `field` names what is wrong; its content is not told."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class UnsupportedCardType(CardDataError):
    """The type letter at byte 248 is none of ours."""

    def __init__(self, letter: str) -> None:
        super().__init__("type", f"unknown card type U+{ord(letter):04X}")
        self.letter = letter


def parse_text(block: bytes) -> IdCard:
    """The card's text, without the photo. Unknown nation and sex codes are kept or become UNKNOWN, never an error.

    Whether the number's check digit is right is a question of the rules, not of the reader: it is not checked here.
    Raises CardDataError or its subclass UnsupportedCardType.
    """
    if len(block) != TEXT_BYTES:
        raise CardDataError("text", f"{len(block)} bytes instead of {TEXT_BYTES}")
    kind = card_kind(block)
    raw: dict[str, bytes] = {}
    at = 0
    for name, size in LAYOUTS[kind]:
        raw[name] = block[at : at + size]
        at += size
    field = {name: _clean(data) for name, data in raw.items()}
    latin = _clean(raw.get("name_latin", b"") + raw.get("name_latin_2", b""))
    return IdCard(
        kind=kind,
        name=_required("name", field["name"] or latin),
        sex=_sex(field["sex"]),
        birth=_date("birth", field["birth"]),
        number=_number(kind, field["number"]),
        issuer=field.get("issuer", ""),
        valid_from=_date("from", field["from"]),
        valid_to=None if field["to"] == LONG_TERM else _date("to", field["to"]),
        nation=field.get("nation", ""),
        address=field.get("address", ""),
        name_latin=latin,
        nationality=field.get("nationality", ""),
        pass_number=field.get("pass_number", ""),
        issue_count=field.get("issue_count", ""),
    )


def card_kind(block: bytes) -> CardKind:
    """Raises UnsupportedCardType."""
    letter = chr(int.from_bytes(block[_TYPE_AT : _TYPE_AT + 2], "little"))
    if letter in _BLANK_TYPES:
        return CardKind.RESIDENT
    if letter not in _KINDS:
        raise UnsupportedCardType(letter)
    return _KINDS[letter]


def parse_addresses(data: bytes) -> tuple[str, ...]:
    """New addresses (answer to 30 03): 70 bytes each. Raises CardDataError for another size."""
    if not data or len(data) % ADDRESS_BYTES:
        raise CardDataError("new_address", f"{len(data)} bytes are not a multiple of {ADDRESS_BYTES}")
    found = (_clean(data[at : at + ADDRESS_BYTES]) for at in range(0, len(data), ADDRESS_BYTES))
    return tuple(address for address in found if address)


def _clean(data: bytes) -> str:
    """A field without its padding (U+0020, on some cards U+0000). Lone surrogates become U+FFFD: nothing after may choke."""
    return _PADDING.sub(" ", data.decode("utf-16-le", "replace")).strip()


def _required(name: str, value: str) -> str:
    if not value:
        raise CardDataError(name, "empty")
    return value


def _sex(code: str) -> Sex:
    try:
        return Sex(code)
    except ValueError:
        return Sex.UNKNOWN


def _date(name: str, value: str) -> dt.date:
    if not (len(value) == 8 and value.isascii() and value.isdigit()):
        raise CardDataError(name, "not a date of the form YYYYMMDD")
    try:
        return dt.date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        raise CardDataError(name, "no day of the calendar") from None


def _number(kind: CardKind, value: str) -> str:
    value = value.upper()
    if not _NUMBERS.get(kind, _NUMBER_18).fullmatch(value):
        raise CardDataError("number", "not of the form this card kind has")
    return value


# --- the other direction: what a simulated chip holds -----------------------------------------------------------------


def pack_text(person: Mapping[str, Any], *, pad: str = " ") -> bytes:
    """A person of plain data as the chip's text block; see `drivers.id_card.simulator` for the keys. Raises ValueError."""
    kind = CardKind(person.get("kind", CardKind.RESIDENT))
    values: dict[str, Any] = {name: person.get(name, "") for name, _ in LAYOUTS[kind]}
    values["sex"] = person.get("sex", Sex.UNKNOWN)
    values["from"] = person.get("from") or person.get("valid_from", "")
    values["to"] = person.get("to") or person.get("valid_to") or LONG_TERM
    if kind is CardKind.FOREIGNER_2023:
        latin = _as_text(person.get("name_latin", ""))
        values["name_latin"], values["name_latin_2"] = latin[:35], latin[35:]
    if "type" in values:
        values["type"] = LETTERS[kind]
    return b"".join(_pack_field(name, values[name], size, pad) for name, size in LAYOUTS[kind])


def pack_addresses(addresses: tuple[str, ...] | list[str]) -> bytes:
    return b"".join(_pack_field("new_addresses", address, ADDRESS_BYTES, " ") for address in addresses)


def _pack_field(name: str, value: object, size: int, pad: str) -> bytes:
    data = _as_text(value).encode("utf-16-le", "surrogatepass")
    if len(data) > size:
        raise ValueError(f"{name} is too long for the chip: {len(data)} bytes, {size} fit")
    return data + pad.encode("utf-16-le") * ((size - len(data)) // 2)


def _as_text(value: object) -> str:
    if isinstance(value, dt.date):
        return value.strftime("%Y%m%d")
    if not isinstance(value, str | int):
        raise ValueError(f"a person's data are texts, numbers and dates, not {type(value).__name__}")
    text = str(value)
    return text.replace("-", "") if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else text
