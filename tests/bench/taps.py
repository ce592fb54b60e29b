"""Taps of a citizen on the pages of the application form, and of one who would have to type that form in full.

The rule of counting, the same for both sides, on the keypads of the pages themselves:

- the way with the fewest taps counts, as if the citizen knew it;
- a digit, a capital letter or a sign of its own key is one tap; of a day the digits are typed, without the noughts the page writes itself;
- Chinese is the letters of a word or a character, one tap for the choice, and one for each turn of the row of candidates before it, on the
  row's real width. Letters may be all of the reading or the beginning of it, of a word the initials alone; words are those that the keypad
  offers; each word or character is typed by itself. In fields for a person's name the keypad offers names first; a given name in a field
  of its own counts as behind its surname;
- on the keypad for Chinese, going to the sheet of digits and door-plate signs and back is a tap each;
- a choice, a tick, a reading of a name, a field that must be tapped first, an area in a list, emptying a field: one tap each;
- "next" is one tap for every field that is asked, and one for every page of answers looked through at the end.

Not counted on either side is what every service asks: consent, the card, the photo's way, the preview, the end. Whole form: every field of
the finished form that is asked on a page; what the window's systems give (bar codes) is not.

The whole form is counted twice: by somebody whom nothing helps (`PlainTypist`: every field typed, every character in full), which is what
this machine is measured against; and by somebody on this machine's own keypad, with its words, names and beginnings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from config.area_tables import AreaTables, load_areas
from config.form_tables import Field, Form
from config.keypad_names import load_keypad_names
from config.keypad_tables import load_keypad
from kiosk.domain.input_method import InputMethod
from kiosk.domain.input_names import NameCandidates
from kiosk.domain.input_syllables import Syllables
from kiosk.journeys.form.ask import keypad_of
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import form
from kiosk.screens.base import Screen

if TYPE_CHECKING:
    from ui.theme import Theme

FAR = 10**6
WIDTH = 1080
"""Of the row of candidates, in pixels."""


class Taps(NamedTuple):
    keys: int = 0
    """On keypads."""
    others: int = 0
    """Choices, ticks, fields gone to, "next"."""

    @property
    def all(self) -> int:
        return self.keys + self.others

    def and_(self, keys: int = 0, others: int = 0) -> Taps:
        return Taps(self.keys + keys, self.others + others)


class Typist:
    """Taps on the keypads for Chinese, digits, letters and document numbers."""

    def __init__(self) -> None:
        self._method = InputMethod()
        self._names = NameCandidates(load_keypad_names(), Syllables(load_keypad()))
        self._turns: dict[tuple[str, str | None], Mapping[str, int]] = {}
        self._costs: dict[tuple[str, str | None], int] = {}

    @cached_property
    def _readings(self) -> Mapping[str, Collection[tuple[str, ...]]]:
        """How the words and characters that the keypad has are read."""
        found: dict[str, dict[tuple[str, ...], None]] = defaultdict(dict)
        for syllable, characters in load_keypad().syllables.items():
            for character in characters:
                found[character][syllable,] = None
        names = load_keypad_names()
        for word in (*load_keypad().words, *names.surnames, *names.given):
            found[word.text][word.syllables] = None
        return found

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._readings))

    @cached_property
    def _signs(self) -> frozenset[str]:
        """What has a key of its own on the sheet of digits and door-plate signs."""
        from ui.widgets.pinyin_pad import sheet_rows

        return frozenset(cap.act for row in sheet_rows("signs", large=False) for cap in row if len(cap.act) == 1)

    @cached_property
    def _theme(self) -> Theme:
        from ui.theme import ThemeSource

        return ThemeSource(motion=False).theme

    def plain(self, text: str) -> int:
        """On a keypad that has every character of it."""
        return sum(not character.isspace() for character in text)

    def day(self, text: str) -> int:
        from ui.widgets.typed_text import TypedText

        digits, typed, taps = text.replace("-", ""), TypedText("date", 10), 0
        while typed.text != digits:
            at = len(typed.text)
            short = TypedText("date", 10, typed.text, at)
            if not (digits[at] == "0" and short.type(digits[at + 1]) and digits.startswith(short.text)):
                short = TypedText("date", 10, typed.text, at)
                short.type(digits[at])
            typed, taps = short, taps + 1
        return taps

    def piece(self, text: str, before: str | None = None) -> int:
        """A word or a character: letters, turns of the row, the choice. `before` as for the keypad; FAR where it is not offered.

        A character that the tables lack stands for its letter.
        """
        readings = self._readings.get(text, ())
        if not readings:
            return 1 if len(text) == 1 else FAR
        key = text, None if before is None else self._names.place(before)
        if key not in self._costs:
            best = FAR
            for length in range(1, max(sum(map(len, reading)) for reading in readings) + 1):
                if length + 1 >= best:
                    break
                for letters in {letters for reading in readings for letters in ways(reading, length)}:
                    best = min(best, length + self._turned(letters, before).get(text, FAR) + 1)
            self._costs[key] = best
        return self._costs[key]

    def chinese(self, text: str, before: str | None = None) -> int:
        """From the sheet of letters on, whichever sheets are gone through. `before`: what stands there, in a field for a name."""
        written = "".join(text.split())
        letters, signs = [0] + [FAR] * len(written), [FAR] * (len(written) + 1)
        for at, character in enumerate(written):
            on_letters, on_signs = min(letters[at], signs[at] + 1), min(signs[at], letters[at] + 1)
            if character in self._signs:
                signs[at + 1] = min(signs[at + 1], on_signs + 1)
            for end in range(at + 1, min(at + self._longest, len(written)) + 1):
                if not written[at:end].isascii():
                    there = None if before is None else before + written[:at]
                    letters[end] = min(letters[end], on_letters + self.piece(written[at:end], there))
        if min(letters[-1], signs[-1]) >= FAR:  # a letter of the alphabet, on a third sheet
            raise ValueError("this text needs keys that are not counted here")
        return min(letters[-1], signs[-1])

    def _turned(self, letters: str, before: str | None) -> Mapping[str, int]:
        """Turns of the row before each text that stands for all these letters."""
        from ui.widgets.candidate_row import page_from

        key = letters, None if before is None else self._names.place(before)
        if key not in self._turns:
            found = self._method.candidates(letters, before=before)
            turns: dict[str, int] = {}
            start = page = 0
            while start < len(found):
                shown = page_from(self._theme, WIDTH, found, start)
                turns |= {candidate.text: page for candidate, _ in shown if candidate.letters == len(letters)}
                start, page = start + len(shown), page + 1
            self._turns[key] = turns
        return self._turns[key]

    def typed(self, text: str, keypad: str, before: str = "") -> int:
        if keypad in ("hanzi", "name"):
            return self.chinese(text, before if keypad == "name" else None)
        return self.day(text) if keypad == "date" else self.plain(text)

    def address(self, text: str) -> Taps:
        """The area in lists, level by level; the street typed."""
        area, street = _areas().of_address(text)
        code = area.code if area is not None else ""
        lists = sum(code[:length] in _areas().areas for length in (2, 4, 6) if length <= len(code))
        return Taps(self.chinese(street), lists)


class PlainTypist(Typist):
    """On a keypad that knows neither words nor names nor beginnings: every character by all the letters of its reading."""

    def piece(self, text: str, before: str | None = None) -> int:
        del before
        readings = (
            [reading[0] for reading in self._readings.get(text, ()) if len(reading) == 1] if len(text) == 1 else []
        )
        if not readings:
            return 1 if len(text) == 1 else FAR
        return min(len(r) + self._turned(r, None).get(text, FAR) + 1 for r in readings)


def ways(reading: tuple[str, ...], length: int) -> Iterator[str]:
    """All rows of so many letters that are beginnings of its syllables, or of its first ones with none left out between."""
    if not reading or not length:
        yield from ("",) if not length else ()
        return
    first, rest = reading[0], reading[1:]
    for taken in range(1, min(len(first), length) + 1):
        for further in ways(rest, length - taken):
            yield first[:taken] + further


@cache
def _areas() -> AreaTables:
    return load_areas()


class Counting(Rehearsal):
    """Notes the taps of each page of the form, by the kind of page. `look_through` counts them on the real page of all answers."""

    def __init__(self, citizen: Citizen, typist: Typist, look_through: Callable[[form.ReviewForm], int]) -> None:
        super().__init__(citizen)
        self.taps: dict[str, Taps] = {}
        self._typist, self._look_through = typist, look_through
        for kind, count in self._counters().items():
            self._replies[kind] = self._counted(kind.__name__, self._replies[kind], count)

    def _counters(self) -> Mapping[type[Any], Callable[[Any, Any], Taps]]:
        return {
            form.FormSections: lambda *_: Taps(others=1),
            form.FormQuestion: lambda screen, answers: question(screen, answers, self._typist),
            form.SplitName: lambda screen, length: Taps(others=1 + (length != screen.surname_length)),
            form.SpellName: lambda *_: Taps(others=1),
            form.ReviewForm: lambda screen, to: Taps(others=self._look_through(screen) if to == "next" else 1),
        }

    def _counted(self, kind: str, reply: Callable[[Any], Any], count: Callable[[Any, Any], Taps]) -> Any:
        def replied(screen: Screen[Any]) -> Any:
            answer = reply(screen)
            self.taps[kind] = self.taps.get(kind, Taps()).and_(*count(screen, answer))
            return answer

        return replied


def question(screen: form.FormQuestion, answers: Mapping[str, str], typist: Typist) -> Taps:
    """What it takes to answer this page so: what stands there already costs nothing."""
    taps, waiting = Taps(others=1), 0
    for field in screen.fields:
        text = answers.get(field.key, field.value)
        waits = not field.locked and field.ask != "ticks" and not field.optional and not field.value
        waiting += waits
        if "".join(text.split()) == "".join(field.value.split()):
            continue
        taps = taps.and_(*_filled(field, text, typist))
        if not waits and field.ask != "ticks" and len(screen.fields) > 1:
            taps = taps.and_(others=1)  # the page does not come to it by itself
    return taps.and_(others=max(0, waiting - 1))


def _filled(field: form.FieldAsked, text: str, typist: Typist) -> Taps:
    if field.ask == "ticks" or any(text in (choice.code, choice.text) for choice in field.choices):
        return Taps(others=1)
    emptied = int(bool(field.value))
    if field.ask == "address":
        return typist.address(text).and_(emptied)
    return Taps(emptied + typist.typed(text, field.keypad))


def whole(table: Form, texts: Mapping[str, str], typist: Typist, *, helped: bool = False) -> Taps:
    """Typing every field that is asked and has a text. The name is typed once, in its parts.

    `helped`: the machine still spells the name, takes over what stands in another field, and has areas in lists.
    """
    taps = Taps()
    for key in (key for question in table.question for key in question.fields if texts.get(key)):
        field = table.field_of(key)
        if field.fill == "card.name":
            continue
        taps = taps.and_(others=1)  # next
        if not (helped and _given(field, texts)):
            taps = taps.and_(*_cost(table, field, texts, typist, helped))
    return taps


def _given(field: Field, texts: Mapping[str, str]) -> bool:
    if field.fill in ("card.surname_pinyin", "card.given_pinyin"):
        return True
    return bool(field.copy_from) and "".join(texts.get(key, "") for key in field.copy_from) == texts[field.key]


def _cost(table: Form, field: Field, texts: Mapping[str, str], typist: Typist, helped: bool) -> Taps:
    text = texts[field.key]
    if field.kind == "tick" or any(text in (option.code, option.text) for option in table.options(field)):
        return Taps(others=1)
    if helped and field.keys == "address":
        return typist.address(text)
    if field.fill == "card.given":
        return Taps(typist.typed(text, "name", texts.get(_surname(table), "一")))
    return Taps(typist.typed(text, keypad_of(table, field)))


def _surname(table: Form) -> str:
    return next((field.key for field in table.field if field.fill == "card.surname"), "")
