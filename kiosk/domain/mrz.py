"""The printed line of 往来港澳通行证 (CS) and 往来台湾通行证 (CD): 30 characters in one row.

    0-1 document code   2-10 number, 11 check   12 <   13-18 expiry, 19 check   20 <   21-26 birth, 27 check   28 <   29 composite

Check digits are ICAO 9303-3's (weights 7 3 1, modulo 10). The composite runs over 2-11, 13-19 and 21-27: document code and fillers
are left out. The layout was found on public specimens of both cards; it is none of ICAO's.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import replace
from typing import Literal

from kiosk.domain.permit import PermitKind, PermitLine

LINE_LENGTH = 30
_LENGTHS = range(28, 33)
"""What cameras make of 30 characters: a filler lost or doubled at each side."""

_HK_MACAO_NUMBER = re.compile(r"C(?:[0-9]{8}|[A-HJ-NP-Z][0-9]{7})")
"""Eight digits, or since CA0000001 (10 December 2018) a letter other than I and O and seven digits."""
_TAIWAN_NUMBER = re.compile(r"L[0-9]{8}")
_LEGACY_TAIWAN_NUMBER = re.compile(r"[LT][0-9]{8}")

_STRICT = re.compile(
    r"(?P<kind>C[SD])(?P<number>[A-Z0-9]{9})(?P<c1>[0-9])<"
    r"(?P<expiry>[0-9]{6})(?P<c2>[0-9])<(?P<birth>[0-9]{6})(?P<c3>[0-9])<(?P<c4>[0-9])"
)

_DIGIT_FOR = {
    "O": "0",
    "Q": "0",
    "D": "0",
    "I": "1",
    "L": "1",
    "|": "1",
    "Z": "2",
    "S": "5",
    "$": "5",
    "G": "6",
    "B": "8",
}
"""What a character was where only a digit can stand. A digit is never changed into anything."""
_READINGS_OF_SECOND = {"O": "0", "I": "1", "G": "G6", "L": "L1"}
"""The number's second place, where letter or digit can stand. O and I cannot be letters there. G and L may be 6 and 1, which no check
digit tells apart (16 and 6, 21 and 1), so a line that needs repair is refused. Other letters and digits are taken as they
stand: B as 8 or 8 as B could make a digit that was read wrong elsewhere fit by accident."""
_LETTER_FOR = {"C": "C(G", "L": "LI1|", "T": "T"}
"""How the number's first letter may have been read."""
_KIND_FOR = {PermitKind.HK_MACAO: "S5$", PermitKind.TAIWAN: "D0OQ"}

_FILLER = "[<K«‹〈〈\\-_–—‐‑−]"
_D = "[0-9OQDIL|ZS$GB]"
_UNREAD = "[?*#\ufffd]"
"""What recognisers write for a character they cannot read."""
_TOLERANT = re.compile(
    rf"[^0-9A-Z]*(?P<kind>[CG(].)(?P<number>.(?:[0-9A-Z]){_D}{{7}})(?P<c1>{_D}){_FILLER}{{0,2}}"
    rf"(?P<expiry>{_D}{{6}})(?P<c2>{_D}){_FILLER}{{0,2}}(?P<birth>(?:{_D}|{_UNREAD}){{6}})(?P<c3>{_D}){_FILLER}{{0,2}}(?P<c4>{_D})[^0-9A-Z]*"
)

LineFault = Literal[
    "length",
    "layout",
    "number",
    "number_check",
    "expiry_check",
    "birth_check",
    "composite_check",
    "expiry_date",
    "birth_date",
    "ambiguous",
]


class LineError(ValueError):
    """A line that cannot be right. `why` says which check failed, for the technician; the line itself is never repeated."""

    def __init__(self, why: LineFault) -> None:
        super().__init__(f"printed line refused: {why}")
        self.why = why


def check_digit(text: str) -> str:
    """The ICAO check digit of digits, capital letters (A is 10) and fillers (0).

    Source: ICAO 9303-3 §4.9. Raises ValueError for other characters.
    """
    total = 0
    for position, character in enumerate(text):
        if "0" <= character <= "9":
            value = int(character)
        elif "A" <= character <= "Z":
            value = ord(character) - ord("A") + 10
        elif character == "<":
            value = 0
        else:
            raise ValueError("a character that has no value in a machine readable zone")
        total += value * (7, 3, 1)[position % 3]
    return str(total % 10)


def make_line(kind: PermitKind, number: str, expiry: dt.date, birth_yymmdd: str) -> str:
    """The line of a permit. Raises ValueError for a number of another kind, a year outside 2000 to 2099, a birth that is no date."""
    if not _pattern(kind, legacy_taiwan=True).fullmatch(number):
        raise ValueError("not a number of this kind of permit")
    if expiry.year // 100 != 20:
        raise ValueError("the line holds expiry years 2000 to 2099 only")
    if not re.fullmatch(r"[0-9]{6}", birth_yymmdd) or not _is_a_day(birth_yymmdd, dt.date(2099, 12, 31)):
        raise ValueError("birth is six digits, YYMMDD")
    parts = [text + check_digit(text) for text in (number, f"{expiry:%y%m%d}", birth_yymmdd)]
    return f"{kind}{'<'.join(parts)}<{check_digit(''.join(parts))}"


def parse_strict(text: str, today: dt.date, *, legacy_taiwan: bool = False) -> PermitLine:
    """A line without any fault, as a chip holds it. `legacy_taiwan` also takes Taiwan numbers that begin with T.

    The expiry is in the 2000s, the birth a day up to today of some century. Raises LineError.
    """
    if len(text) != LINE_LENGTH:
        raise LineError("length")
    found = _STRICT.fullmatch(text)
    if found is None:
        raise LineError("layout")
    kind = PermitKind(found["kind"])
    if not _pattern(kind, legacy_taiwan).fullmatch(found["number"]):
        raise LineError("number")
    if check_digit(found["number"]) != found["c1"]:
        raise LineError("number_check")
    if check_digit(found["expiry"]) != found["c2"]:
        raise LineError("expiry_check")
    if check_digit(found["birth"]) != found["c3"]:
        raise LineError("birth_check")
    if check_digit(text[2:12] + text[13:20] + text[21:28]) != found["c4"]:
        raise LineError("composite_check")
    try:
        expiry = dt.date(2000 + int(found["expiry"][:2]), int(found["expiry"][2:4]), int(found["expiry"][4:]))
    except ValueError:
        raise LineError("expiry_date") from None
    if not _is_a_day(found["birth"], today):
        raise LineError("birth_date")
    return PermitLine(kind, found["number"], expiry, found["birth"])


def parse_line(raw: str, today: dt.date, birth: dt.date | None = None, *, legacy_taiwan: bool = False) -> PermitLine:
    """The line as a camera read it. What fits exactly is taken; else it is repaired, if only one repair makes all digits fit.

    Put right are: spaces, lower case and full-width characters; 28 to 32 characters because fillers were lost or doubled, or marks
    seen at the ends; C5 or C$ for CS; look-alikes, towards what can stand at their place (O 0, I 1, Z 2, S 5, G 6, B 8, K « - <). A
    digit is never changed, so a digit that was read wrong is an error. With `birth`, from the identity card, one digit of the birth
    may be unreadable (a mark stands in its place): the card's is taken, and the check digit, which one digit always changes,
    proves it. Raises LineError, which names the check that fails.
    """
    try:
        return parse_strict(raw, today, legacy_taiwan=legacy_taiwan)
    except LineError as error:
        exact = error
    candidates = _candidates(raw, birth, legacy_taiwan)
    fitting: dict[str, PermitLine] = {}
    fault: LineError | None = None
    for candidate in candidates:
        try:
            fitting[candidate] = parse_strict(candidate, today, legacy_taiwan=legacy_taiwan)
        except LineError as error:
            fault = fault or error
    if len(fitting) > 1:
        raise LineError("ambiguous")
    if not fitting:
        # The exact reading's own fault tells more, where it was complete enough to be checked.
        raise fault if fault is not None and exact.why in ("length", "layout", "number") else exact
    return replace(next(iter(fitting.values())), repaired=True)


def _candidates(raw: str, birth: dt.date | None, legacy_taiwan: bool) -> list[str]:
    """Every exact line that the raw one may have been, check digits not looked at; as few as there can be."""
    if len(raw) > 4 * LINE_LENGTH:
        return []
    text = "".join(unicodedata.normalize("NFKC", raw).upper().split())
    found = _TOLERANT.fullmatch(text) if len(text) in _LENGTHS else None
    if found is None:
        return []
    born = _read_or_known(found["birth"], birth)
    if born is None:
        return []
    tail = "<".join(
        _digits(t) for t in (found["number"][2:] + found["c1"], found["expiry"] + found["c2"], born + found["c3"])
    )
    tail += f"<{_digits(found['c4'])}"
    candidates = []
    for kind, second in _KIND_FOR.items():
        if found["kind"][1] not in second:
            continue
        letters = "C" if kind is PermitKind.HK_MACAO else "LT" if legacy_taiwan else "L"
        for first in (letter for letter in letters if found["number"][0] in _LETTER_FOR[letter]):
            read = found["number"][1]
            candidates += [f"{kind}{first}{one}{tail}" for one in _READINGS_OF_SECOND.get(read, read)]
    return [c for c in candidates if _pattern(PermitKind(c[:2]), legacy_taiwan).fullmatch(c[2:11])]


def _read_or_known(read: str, birth: dt.date | None) -> str | None:
    """The birth with at most one unread digit filled in; None where that cannot be done."""
    unread = [n for n, character in enumerate(read) if re.match(_UNREAD, character)]
    if not unread:
        return read
    if birth is None or len(unread) > 1:
        return None
    return read[: unread[0]] + f"{birth:%y%m%d}"[unread[0]] + read[unread[0] + 1 :]


def _digits(text: str) -> str:
    return "".join(_DIGIT_FOR.get(character, character) for character in text)


def _pattern(kind: PermitKind, legacy_taiwan: bool) -> re.Pattern[str]:
    if kind is PermitKind.HK_MACAO:
        return _HK_MACAO_NUMBER
    return _LEGACY_TAIWAN_NUMBER if legacy_taiwan else _TAIWAN_NUMBER


def _is_a_day(yymmdd: str, today: dt.date) -> bool:
    """Whether the six digits are a day of this or the last century that is not in the future."""
    for century in (1900, 2000):
        try:
            if dt.date(century + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])) <= today:
                return True
        except ValueError:
            continue
    return False
