"""What the permit's chip says of its holder: the 90 characters of DG1.

0-29 are the printed line, 30-41 the Chinese name, 42-59 the name in letters, 60 the sex; the rest is not used here, because no two
descriptions of it agree. The name is stored as the bytes of GBK with each half-byte as a letter from A (0) to P (15), so three
characters fit. Source: published readers of these cards; the same coding stands in line 2 of mainland passports.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Literal

from kiosk.domain.mrz import LineError, parse_strict
from kiosk.domain.permit import ChipHolder

DG1_LENGTH = 90
NAME_LETTERS = 12
_PER_CHARACTER = 4
_DOTS = dict.fromkeys(map(ord, "•‧・･∙⋅．。.●"), "·")
"""Ways to write the dot in names of several parts; identity cards have U+00B7."""


class ChipTextError(ValueError):
    """DG1 is not what it should be. `why` is a word for the technician; the text itself is never repeated."""

    def __init__(self, why: Literal["length", "characters", "line", "name"], hint: str = "") -> None:
        super().__init__(f"DG1 refused: {hint or why}")
        self.why = why


def parse_dg1(dg1: str, today: dt.date) -> ChipHolder:
    """Read DG1. A name that cannot be decoded is left empty (nothing is compared with it then), a wrong line is an error.

    The line is not repaired: a chip is never read slightly wrong. Raises ChipTextError.
    """
    if len(dg1) != DG1_LENGTH:
        raise ChipTextError("length")
    if not dg1.isascii() or not dg1.isprintable():
        raise ChipTextError("characters")
    try:
        line = parse_strict(dg1[:30], today, legacy_taiwan=True)
    except LineError as error:
        raise ChipTextError("line", str(error)) from None
    letters = dg1[30:42]
    try:
        name = decode_name(letters)
    except ChipTextError:
        name = ""
    sex = dg1[60]
    return ChipHolder(
        line=line,
        name=name,
        name_truncated=bool(name) and not letters.endswith("<"),
        pinyin=dg1[42:60].rstrip("<"),
        sex=sex if sex in "MF" else "<",
    )


def encode_name(name: str) -> str:
    """The 12 letters for a name: 张三 is NFMFMIPN<<<<, 欧阳小明 loses its last character.

    Raises ChipTextError("name") for an empty name and for characters outside GBK among those that fit.
    """
    letters = ""
    for character in plain_name(name):
        if len(letters) >= NAME_LETTERS:
            break
        try:
            coded = character.encode("gbk")
        except UnicodeEncodeError:
            raise ChipTextError("name") from None
        letters += "".join(chr(ord("A") + half) for byte in coded for half in (byte >> 4, byte & 15))
    if not letters:
        raise ChipTextError("name")
    return letters[:NAME_LETTERS].ljust(NAME_LETTERS, "<")


def decode_name(letters: str) -> str:
    """The name for up to 12 letters; at most three characters of a longer one.

    Where a camera read the letters, O may have become a filler: fillers before the last letter, and those that complete a
    character of four letters, count as O. Raises ChipTextError("name") for other characters, bytes that are not GBK, no name.
    """
    text = letters.upper().rstrip("<")
    if not text or len(letters) > NAME_LETTERS or not re.fullmatch(r"[A-P<]+", text):
        raise ChipTextError("name")
    text = text.replace("<", "O")
    # Latin letters take two positions each, so only names of Chinese characters are completed.
    if len(text) % _PER_CHARACTER and not _latin(text):
        text = text.ljust(-(-len(text) // _PER_CHARACTER) * _PER_CHARACTER, "O")
    halves = [ord(letter) - ord("A") for letter in text]
    try:
        name = bytes(high << 4 | low for high, low in zip(halves[::2], halves[1::2], strict=True)).decode("gbk")
    except ValueError:  # an odd number of letters, or UnicodeDecodeError
        raise ChipTextError("name") from None
    if not name.isprintable():
        raise ChipTextError("name")
    return name


def same_name(chip: ChipHolder, full_name: str) -> bool | None:
    """Whether the chip's name is this name, or its beginning where the field is full.

    Three answers, because not every name can be compared: False as soon as a character differs; None where nothing differs but
    something could not be compared (the chip has no readable name, or a character outside GBK, which issuers write in ways of
    their own, so that nothing after it can be told either); else True.
    """
    stored, name = plain_name(chip.name), plain_name(full_name)
    if not stored or not name:
        return None
    for position, character in enumerate(name):
        if position >= len(stored):
            return chip.name_truncated
        if not _in_gbk(character):
            return None
        if stored[position] != character:
            return False
    return len(stored) == len(name)


def plain_name(name: str) -> str:
    """A name as it is compared: NFKC, one kind of dot, no white space, capitals."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_DOTS).split()).upper()


def _in_gbk(character: str) -> bool:
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def _latin(letters: str) -> bool:
    """Whether every pair of letters is a byte of ASCII: high half below 8, that is A to H."""
    return all(letter < "I" for letter in letters[::2])
