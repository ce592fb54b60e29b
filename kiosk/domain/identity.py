"""The person at the machine, as the chip of the identity card names them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

_ID_PATTERN = re.compile(r"[0-9]{17}[0-9X]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE = re.compile(r"1[0-9]{10}")
_MOBILE_NOW = re.compile(r"1[3-9][0-9]{9}")


class CardKind(StrEnum):
    """Byte 248 of the chip's text block tells which card it is (devices: GA/T 490 layouts)."""

    RESIDENT = "resident"
    HMT_RESIDENT = "hmt_resident"  # 'J', Hong Kong/Macao/Taiwan residence permit
    FOREIGNER_2017 = "foreigner_2017"  # 'I'
    FOREIGNER_2023 = "foreigner_2023"  # 'Y'


class Sex(StrEnum):
    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    UNSPECIFIED = "9"


@dataclass(frozen=True, slots=True)
class Photo:
    """An encoded picture (PNG, JPEG or BMP). Never logged: `repr` shows the size only."""

    data: bytes = field(repr=False)
    media_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class IdCard:
    """What the chip says. `valid_to` None means 长期 (no end). Fields the card kind lacks are empty strings."""

    kind: CardKind
    name: str = field(repr=False)
    sex: Sex = field(repr=False)
    birth: dt.date = field(repr=False)
    number: str = field(repr=False)
    issuer: str = field(repr=False)
    valid_from: dt.date
    valid_to: dt.date | None
    nation: str = field(default="", repr=False)
    """Two digits of GB/T 3304; '' where the card has none."""
    address: str = field(default="", repr=False)
    name_latin: str = field(default="", repr=False)
    nationality: str = ""
    pass_number: str = field(default="", repr=False)
    issue_count: str = ""
    photo: Photo | None = field(default=None, repr=False)
    """The decoded chip photo, None where no decoder is configured."""


class IdNumberError(ValueError):
    """An identity number that cannot be right. `why` is a word for the technician; the number itself is never repeated."""

    def __init__(self, why: Literal["length", "characters", "check_digit", "birth"]) -> None:
        super().__init__(f"identity number refused: {why}")
        self.why = why


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A citizen identity number that passed GB 11643."""

    text: str = field(repr=False)
    area: str = field(repr=False)
    """First six digits. Never compared with today's list of areas: people keep the code of an area that was abolished."""
    birth: dt.date = field(repr=False)
    sex: Sex = field(repr=False)


def parse_id_number(text: str, today: dt.date) -> IdNumber:
    """Read an 18-character identity number; spaces, full-width characters and a lower-case x are put right first.

    Residence permits of Hong Kong, Macao and Taiwan residents (810000, 820000, 830000) and foreigners' cards of 2023 (first
    digit 9) have the same structure. Numbers of 15 digits are refused: they are not valid since 2013.
    Source: GB 11643-1999 §4. Raises IdNumberError.
    """
    number = normalise_id_number(text)
    if len(number) != 18:
        raise IdNumberError("length")
    if not _ID_PATTERN.fullmatch(number):
        raise IdNumberError("characters")
    if id_check_character(number[:17]) != number[17]:
        raise IdNumberError("check_digit")
    try:
        birth = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdNumberError("birth") from None
    if birth > today:
        raise IdNumberError("birth")
    return IdNumber(number, number[:6], birth, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def normalise_id_number(text: str) -> str:
    """NFKC, upper case, without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def id_check_character(first_17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2, GB 11643-1999 §4.2)."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first_17, _ID_WEIGHTS, strict=True)) % 11]


def age_on(birth: dt.date, day: dt.date) -> int:
    """Full years of age (周岁) on a day. Somebody born on 29 February is a year older on 1 March in common years.

    Negative before birth.
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def card_expired(card: IdCard, today: dt.date) -> bool:
    """Whether the card's validity has ended; the last day still counts, None is 长期 (no end)."""
    return card.valid_to is not None and card.valid_to < today


def mask_name(name: str) -> str:
    """First and last character stay, as in 张*明; of two characters only the first."""
    name = name.strip()
    if len(name) <= 2:
        return name[:1] + "*" if len(name) == 2 else "*" * len(name)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_number(number: str) -> str:
    """First and last four characters stay, as in 3302**********1234; of short numbers at most the last two."""
    number = number.strip()
    if len(number) >= 12:
        return number[:4] + "*" * (len(number) - 8) + number[-4:]
    return "*" * (len(number) - 2) + number[-2:] if len(number) > 4 else "*" * len(number)


def mask_phone(phone: str) -> str:
    """138****5678; anything that is not a mobile number of 11 digits keeps at most its last two characters."""
    digits = "".join(phone.split()).replace("-", "").removeprefix("+86")
    if _MOBILE.fullmatch(digits):
        return digits[:3] + "****" + digits[-4:]
    return "*" * (len(digits) - 2) + digits[-2:] if len(digits) > 4 else "*" * len(digits)


def is_mobile(phone: str) -> bool:
    """A mobile number of mainland China as the application form takes it: eleven digits beginning with 13 to 19."""
    return _MOBILE_NOW.fullmatch(phone) is not None
