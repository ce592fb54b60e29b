"""A citizen's name as a travel document prints it: divided into surname and given name, each spelt in capitals A to Z.

Everything here is a proposal which the citizen confirms or changes. Two fields, no tone, hyphen, blank or apostrophe, given name in
one word (GB/T 28039-2011; forms of the exit-entry administration). The readings of surnames come before those of characters, an
older document's own spelling before both. No name makes any of it fail.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import Literal

from config.name_tables import NameTables
from kiosk.domain.name_document import OldSpelling, aligned, parse_old_spelling
from kiosk.domain.name_reading import Reading
from kiosk.domain.name_spelling import in_gbk, is_ideograph, letters_only, phrase_readings, readings_of

DG1_LENGTH = 18
"""Positions of the permit's chip for the name in letters, the two fillers between the parts included."""

Part = Literal["surname", "given"]
Source = Literal["readings", "document", "typed"]
Why = Literal[
    "rare_character",
    "no_reading",
    "no_given_name",
    "transcribed",
    "old_spelling_differs",
    "old_spelling_unreadable",
    "truncated",
]

CAUTION_TEXTS: dict[Why, str] = {
    "rare_character": "姓名中有生僻字，证件芯片可能无法存储该字，请向工作人员说明。",
    "no_reading": "姓名中有本机不认识读音的字，请补充该字的拼音。",
    "no_given_name": "没有区分出姓和名，请核对。",
    "transcribed": "少数民族姓名可以按本民族语言的读音拼写，请核对。",
    "old_spelling_differs": "原证件上的拼音与姓名的读音不一致，已采用原证件的拼法，请核对。",
    "old_spelling_unreadable": "没有读出原证件上的拼音，请对照原证件核对。",
    "truncated": "拼音较长，证件芯片中只能存储前面一部分，证件页面不受影响。",
}

_DOT = "·"
_DOTS = dict.fromkeys(map(ord, "•‧・･∙⋅．。.●"), _DOT)


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name divided. `given` may be empty: some people have one name only."""

    surname: str = field(repr=False)
    given: str = field(repr=False)
    certain: bool
    """False: the citizen should be asked where it divides."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to point out; `position` is a place in the readings of that part."""

    why: Why
    part: Part | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A character with more than one reading. `forced`: only the citizen can know, so they must choose."""

    part: Part
    index: int
    options: tuple[str, ...] = field(repr=False)
    forced: bool


@dataclass(frozen=True, slots=True)
class Romanised:
    """A name in letters. The texts are A to Z only; one of them is empty where that part is, or where no reading is known."""

    surname: tuple[Reading, ...] = field(repr=False)
    given: tuple[Reading, ...] = field(repr=False)
    text_surname: str = field(repr=False)
    text_given: str = field(repr=False)
    cautions: tuple[Caution, ...] = ()
    source: Source = "readings"

    @property
    def dg1_preview(self) -> str:
        """SURNAME<<GIVEN as far as the chip's field holds it."""
        return full_spelling(self.text_surname, self.text_given)[:DG1_LENGTH]

    @property
    def ambiguous(self) -> tuple[Position, ...]:
        """The characters whose readings are offered as buttons."""
        return tuple(
            Position(part, index, reading.options, reading.forced)
            for part, readings in _parts(self)
            for index, reading in enumerate(readings)
            if len(reading.options) > 1
        )

    @property
    def settled(self) -> bool:
        """Whether no choice that only the citizen can make is left open. What was typed by them is."""
        return self.source == "typed" or not any(r.forced and not r.chosen for r in (*self.surname, *self.given))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The cautions as sentences for the citizen, each once."""
        return tuple(dict.fromkeys(CAUTION_TEXTS[caution.why] for caution in self.cautions))


def clean_name(name: str) -> str:
    """A name with one kind of dot and without blanks between Chinese characters; Latin words stay apart. Characters are kept."""
    text = "".join(c if is_ideograph(c) else unicodedata.normalize("NFKC", c) for c in name).translate(_DOTS)
    words = [word for word in "".join(c if c.isprintable() or is_ideograph(c) else " " for c in text).split() if word]
    joined = ""
    for word in words:
        apart = (
            joined and not is_ideograph(joined[-1]) and not is_ideograph(word[0]) and _DOT not in joined[-1] + word[0]
        )
        joined += f" {word}" if apart else word
    return joined.strip(_DOT + " ")


def split_name(name: str, tables: NameTables) -> NameParts:
    """Where a name divides, as the tables tell it; `certain` only for usual names of two to four characters.

    Names with a dot (买买提·吐尔逊) divide at the first one, as documents of such names do; never certain, because the parts need
    not be surname and given name at all.
    """
    text = clean_name(name)
    for mark in (_DOT, " "):
        if mark in text:
            surname, _, given = text.partition(mark)
            return NameParts(surname, given.strip(_DOT + " "), certain=False)
    for length in range(min(tables.longest, len(text) - 1), 1, -1):
        if text[:length] in tables.compound:
            sure = text[:length] not in tables.perhaps and len(text) - length <= 2 and all(map(is_ideograph, text))
            return NameParts(text[:length], text[length:], certain=sure)
    usual = len(text) in (2, 3) and text[0] in tables.singles and all(map(is_ideograph, text))
    return NameParts(text[:1], text[1:], certain=usual and text not in tables.compound)


def split_at(name: str, length: int) -> NameParts:
    """A name divided where the citizen says: after `length` characters of the clean name, at least one and at most all."""
    text = clean_name(name)
    at = max(1, min(length, len(text)))
    strip = _DOT + " "
    return NameParts(text[:at].strip(strip), text[at:].strip(strip), certain=bool(text))


def romanise(parts: NameParts, tables: NameTables, old_spelling: str | None = None) -> Romanised:
    """The name in letters. `old_spelling` is that of an older document (SURNAME<<GIVEN of its chip or machine readable zone).

    An older document's spelling wins, even where it disagrees with the readings (then with a caution): changing it is a right of
    the holder's, by an entry (姓名加注) or a correction, not something for a machine. Only a name cut off at the end of the field is
    completed from the readings. Raises nothing.
    """
    surname = _surname_readings(parts.surname, tables)
    given = _given_readings(parts.given, tables)
    found = Romanised(surname, given, _text(surname), _text(given))
    cautions: list[Caution] = []
    if old_spelling is not None and old_spelling.strip("< "):
        old = parse_old_spelling(old_spelling, DG1_LENGTH, one_part=not parts.given)
        if old is None:
            cautions.append(Caution("old_spelling_unreadable"))
        else:
            found, fits = _as_in_document(found, old)
            cautions += [] if fits else [Caution("old_spelling_differs")]
    if _DOT in parts.given or (parts.surname and parts.given and not _chinese_surname(parts.surname, tables)):
        cautions.append(Caution("transcribed"))
    return _with_cautions(found, cautions)


def choose(name: Romanised, part: Part, index: int, spelling: str) -> Romanised:
    """The name with one character's reading chosen by the citizen. Raises ValueError for a reading that was not offered."""
    readings = name.surname if part == "surname" else name.given
    if not 0 <= index < len(readings) or spelling not in readings[index].options:
        raise ValueError("a reading that was not offered")
    changed = (
        *readings[:index],
        replace(readings[index], spelling=spelling, chosen=True),
        *readings[index + 1 :],
    )
    if part == "surname":
        chosen = replace(name, surname=changed, text_surname=_text(changed))
    else:
        chosen = replace(name, given=changed, text_given=_text(changed))
    return _with_cautions(chosen, [c for c in name.cautions if c.part is None and c.why != "no_given_name"])


def retype(name: Romanised, surname: str, given: str) -> Romanised:
    """The name as the citizen typed it; what is not a letter of A to Z falls away, ü becomes YU or U."""
    typed = replace(name, text_surname=letters_only(surname), text_given=letters_only(given), source="typed")
    kept = [c for c in name.cautions if c.part is None and c.why == "transcribed"]
    return _with_cautions(typed, kept)


def full_spelling(surname: str, given: str) -> str:
    """SURNAME<<GIVEN; without the fillers where there is one part only (ICAO 9303-3 §4.6: the name then is the primary one)."""
    return f"{surname}<<{given}" if surname and given else surname or given


def _surname_readings(surname: str, tables: NameTables) -> tuple[Reading, ...]:
    together = tables.compound.get(surname)
    if together is not None:
        return tuple(Reading(c, one, (one,)) for c, one in zip(surname, together, strict=True))
    if not _chinese_surname(surname, tables):
        return _given_readings(surname, tables)
    found = []
    for character in surname:
        options = tables.surname.get(character) or tables.given.get(character) or readings_of(character)[:1]
        found.append(_reading(character, options, forced=character in tables.ambiguous))
    return tuple(found)


def _given_readings(given: str, tables: NameTables) -> tuple[Reading, ...]:
    characters = [c for c in given if c != _DOT and not c.isspace()]
    as_word = phrase_readings("".join(characters)) or ("",) * len(characters)
    found = []
    for character, in_word in zip(characters, as_word, strict=True):
        known = tables.given.get(character) or readings_of(character)[:1]
        found.append(_reading(character, tuple(dict.fromkeys(filter(None, (in_word, *known))))))
    return tuple(found)


def _reading(character: str, options: tuple[str, ...], *, forced: bool = False) -> Reading:
    if not options:
        # A letter of a foreign name stands for itself; what has no letters has no spelling.
        letters = "" if is_ideograph(character) else letters_only(character)
        return Reading(character, letters, (letters,) if letters else ())
    return Reading(character, options[0], options, forced=forced)


def _chinese_surname(surname: str, tables: NameTables) -> bool:
    """One character, or several that are surnames each or together (张王, where both parents' names were joined)."""
    return len(surname) == 1 or surname in tables.compound or (len(surname) == 2 and set(surname) <= tables.singles)


def _as_in_document(name: Romanised, old: OldSpelling) -> tuple[Romanised, bool]:
    """The name with an older document's spelling, and whether that fits the readings."""
    surname = aligned(name.surname, old.surname, cut=old.cut and not old.given)
    given = aligned(name.given, old.given, cut=old.cut)
    changed = replace(
        name,
        surname=surname or name.surname,
        given=given if given is not None else name.given,
        text_surname=_text(surname) if surname is not None else old.surname,
        text_given=_text(given) if given is not None else old.given,
        source="document",
    )
    return changed, surname is not None and given is not None


def _with_cautions(name: Romanised, others: list[Caution]) -> Romanised:
    found = [c for c in others if c.why != "truncated"]
    for part, readings in _parts(name):
        for position, reading in enumerate(readings):
            if is_ideograph(reading.character) and not in_gbk(reading.character):
                found.append(Caution("rare_character", part, position))
            if not reading.spelling and name.source == "readings":
                found.append(Caution("no_reading", part, position))
    if not name.surname or not name.given:
        found.append(Caution("no_given_name"))
    if len(full_spelling(name.text_surname, name.text_given)) > DG1_LENGTH:
        found.append(Caution("truncated"))
    return replace(name, cautions=tuple(found))


def _parts(name: Romanised) -> tuple[tuple[Part, tuple[Reading, ...]], ...]:
    return (("surname", name.surname), ("given", name.given))


def _text(readings: tuple[Reading, ...]) -> str:
    return "".join(reading.spelling for reading in readings)
