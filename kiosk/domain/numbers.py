"""Numbers the traffic police give: camera records (16 digits) and penalty decisions (15 digits and a check character)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

_SEPARATORS = re.compile(r"[\s\-‐-―−]+")
_RECORD = re.compile(r"[0-9]{16}")
_RUN = re.compile(r"(?<![0-9])[0-9]{5}-?[0-9][ -]?[0-9]{9}[0-9]?(?![0-9])")
_LONGEST_TEXT = 1000
_DECISION = re.compile(r"([0-9]{15})([0-9A-Z]?)")


class NumberError(ValueError):
    """Not a number of that kind. The number is never repeated."""

    def __init__(self, what: str, why: Literal["length", "characters"]) -> None:
        super().__init__(f"{what} refused: {why}")
        self.why = why


@dataclass(frozen=True, slots=True)
class DecisionNumber:
    """`number`: six of the deciding unit and nine of a serial. `check_char` is empty where only 15 digits were given.

    The check character is the platform's (wsjyw). Published ways to compute it contradict each other, so it is carried along
    and never tested.
    """

    number: str
    check_char: str = ""

    @property
    def printed(self) -> str:
        return self.number + self.check_char

    @property
    def spaced(self) -> str:
        """For reading aloud and printing: a blank after the unit's six digits."""
        return f"{self.number[:6]} {self.number[6:]}{self.check_char}"


def parse_decision_number(text: str) -> DecisionNumber:
    """Read a number of a penalty decision, 15 or 16 characters, with any blanks and hyphens. Raises NumberError."""
    text = _plain(text)
    if len(text) not in (15, 16):
        raise NumberError("decision number", "length")
    match = _DECISION.fullmatch(text)
    if match is None:
        raise NumberError("decision number", "characters")
    return DecisionNumber(match[1], match[2])


def decision_number_in(text: str) -> DecisionNumber:
    """The number in what was typed or scanned: the number itself, or the one run of 15 or 16 digits in a longer text.

    Codes on decisions hold the number alone, or a line or address with it (`jdsbh=330203…`). A run next to letters or figures of
    another kind counts as well, but two different numbers are none. Raises NumberError.
    """
    try:
        return parse_decision_number(text)
    except NumberError as error:
        found = {match[0] for match in _RUN.finditer(unicodedata.normalize("NFKC", text)[:_LONGEST_TEXT])}
        if len(found) != 1 or _bare(text):
            raise error from None
    return parse_decision_number(found.pop())


def parse_record_number(text: str) -> str:
    """Read a number of a camera record, 16 digits, with any blanks and hyphens. Raises NumberError."""
    text = _plain(text)
    if len(text) != 16:
        raise NumberError("record number", "length")
    if not _RECORD.fullmatch(text):
        raise NumberError("record number", "characters")
    return text


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def _bare(text: str) -> bool:
    """Typed as a number is: digits and blanks, at most a letter of a check character. Nothing is looked for inside such a text."""
    return re.fullmatch(r"[0-9]+[A-Z]?", _plain(text)) is not None
