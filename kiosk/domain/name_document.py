"""How an older document spells the holder's name, and which readings that spelling stands for.

Documents of before July 2012 may have LV or LU where it is LYU today; their holders may keep that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from kiosk.domain.name_reading import Reading
from kiosk.domain.name_spelling import former_spellings, letters_only, readings_of

_BETWEEN = re.compile(r"<<|,|，|/")
_SYLLABLE = 6
"""Letters of the longest syllable (ZHUANG)."""
_MOST = 64
"""Characters of a name beyond which nothing is compared; no document holds so many."""


@dataclass(frozen=True, slots=True)
class OldSpelling:
    """A name as an older document has it, in two parts of A to Z."""

    surname: str = field(repr=False)
    given: str = field(repr=False)
    cut: bool
    """The field was full, so that the end may be missing."""


def parse_old_spelling(text: str, field_length: int, *, one_part: bool) -> OldSpelling | None:
    """SURNAME<<GIVEN of a chip or a machine readable zone, or SURNAME, GIVEN as printed; None where it has no such two parts.

    With `one_part` a text without a divider is taken whole: the holder has one name only.
    """
    whole = text.strip().strip("<").strip()
    parts = _BETWEEN.split(whole, maxsplit=1)
    surname, given = letters_only(parts[0]), letters_only(parts[1]) if len(parts) > 1 else ""
    if not surname or (not given and not one_part):
        return None
    return OldSpelling(surname, given, cut=len(whole) >= field_length)


def aligned(readings: tuple[Reading, ...], letters: str, *, cut: bool) -> tuple[Reading, ...] | None:
    """The readings with the spelling that an old document has for each of them, or None where no combination gives its letters.

    With `cut` the letters may end early: what is missing keeps its default.
    """
    candidates = [_candidates(reading) for reading in readings]
    dead: set[tuple[int, int]] = set()

    def fit(index: int, at: int) -> list[str] | None:
        """Spellings of the characters from `index` on for the letters from `at` on."""
        if index == len(readings):
            return [] if at == len(letters) else None
        if cut and at == len(letters):
            return [""] * (len(readings) - index)
        if (index, at) in dead:
            return None
        # A character that the dictionary lacks stands for whatever the document has there.
        unknown = (letters[at : at + length] for length in range(1, min(_SYLLABLE, len(letters) - at) + 1))
        for candidate in candidates[index] or unknown:
            rest = letters[at : at + len(candidate)]
            whole = rest == candidate
            if whole or (cut and rest and at + len(rest) == len(letters) and candidate.startswith(rest)):
                found = fit(index + 1, at + len(rest))
                if found is not None:
                    return [candidate, *found]
        dead.add((index, at))
        return None

    found = fit(0, 0) if len(readings) <= _MOST else None
    if found is None:
        return None
    return tuple(_as_found(reading, spelling) for reading, spelling in zip(readings, found, strict=True))


def _candidates(reading: Reading) -> tuple[str, ...]:
    today = (*reading.options, *readings_of(reading.character))
    former = (old for spelling in today for old in former_spellings(spelling))
    return tuple(dict.fromkeys((*today, *former)))


def _as_found(reading: Reading, spelling: str) -> Reading:
    if not spelling:
        return reading
    return replace(
        reading,
        spelling=spelling,
        options=tuple(dict.fromkeys((*reading.options, spelling))),
        chosen=True,
    )
