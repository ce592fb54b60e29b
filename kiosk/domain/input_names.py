"""What the pinyin keypad offers first in a field for a person's name: surnames at its beginning, then what given names are made of.

These come in front of what the keypad offers anyway; nothing is left out for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from config.keypad_names import KeypadNames
from config.keypad_tables import Word
from kiosk.domain.input_syllables import DIVIDER, Syllables

NamePlace = Literal["surname", "given", "last"]
"""What comes next: a surname; a given name of one character or two; the second character of one."""
_FIRST_CHARACTERS = 3
"""Characters in front of the names that begin with them, where one whole syllable is typed."""
_BEGUN = 4
"""Given names of which only the beginning is typed."""


class Found(NamedTuple):
    text: str
    letters: int


class NameCandidates:
    """Raises nothing; holds an index of the lists only."""

    def __init__(self, names: KeypadNames, syllables: Syllables) -> None:
        self._syllables = syllables
        self._surnames, self._given, self._characters = map(_index, (names.surnames, names.given, names.characters))
        self._compound = frozenset(word.text for word in names.surnames if len(word.text) > 1)

    def place(self, before: str) -> NamePlace | None:
        """What comes behind the text in front of the caret. None behind a whole name, and where it is none of this kind (买买提·)."""
        text = "".join(before.split())
        if not text:
            return "surname"
        if not all("\u4e00" <= character <= "\u9fff" for character in text):
            return None
        rest = len(text) - (2 if text[:2] in self._compound else 1)
        return ("given", "last", None)[min(rest, 2)]

    def candidates(self, typed: str, place: NamePlace) -> Iterator[Found]:
        """The likeliest first; a text may come twice. `typed` begins with a letter."""
        if place == "surname":
            yield from _all(self._fitting(self._surnames, typed))
            yield from self._one_letter(self._surnames, typed)
            return
        single = self._fitting(self._characters, typed)
        if place == "given":
            words = self._fitting(self._given, typed)
            if single.full:  # one whole syllable is rather the beginning of a name than two initials: jian, not jia n
                yield from (*single.full[:_FIRST_CHARACTERS], *words.begun[:_BEGUN])
            yield from (*words.full, *words.touched, *words.begun[:_BEGUN], *words.ahead)
        yield from _all(single)
        yield from self._one_letter(self._characters, typed)

    def _fitting(self, index: dict[str, list[Word]], typed: str) -> _Fitting:
        found = _Fitting([], [], [], [])
        for word in index.get(typed[0], ()):
            fit = self._syllables.fit(word.syllables, typed)
            if fit is None:
                continue
            of_all = fit.letters == len(typed)
            kind = found.begun if fit.syllables < len(word.syllables) else found.full if fit.whole else found.touched
            length = len(typed[: fit.letters].rstrip(DIVIDER))
            (kind if of_all else found.ahead).append(Found(word.text, length))
        found.ahead.sort(key=lambda one: -one.letters)
        return found

    def _one_letter(self, index: dict[str, list[Word]], typed: str) -> Iterator[Found]:
        """For the initials of a whole name (wjg): what the first of them may be, where they are no syllables."""
        if any(True for _ in self._syllables.heads(typed)):
            return
        begun = self._syllables.begun(typed, at_least=1)
        if begun is not None and begun[0] < len(typed):
            length, syllables = begun
            yield from (
                Found(word.text, length)
                for word in index.get(typed[0], ())
                if len(word.text) == 1 and word.syllables[0] in syllables
            )


class _Fitting(NamedTuple):
    full: list[Found]
    touched: list[Found]
    """All syllables are typed, some of them only begun."""
    begun: list[Found]
    ahead: list[Found]
    """More is typed than they stand for."""


def _all(found: _Fitting) -> Iterable[Found]:
    """Where it is a whole syllable, less of it is hardly meant: wang is not wan and a g."""
    return (*found.full, *found.touched, *found.begun, *(() if found.full else found.ahead))


def _index(words: Iterable[Word]) -> dict[str, list[Word]]:
    found: dict[str, list[Word]] = defaultdict(list)
    for word in words:
        found[word.syllables[0][0]].append(word)
    return found
