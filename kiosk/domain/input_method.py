"""Chinese characters from typed letters, for the few free texts of a form (workplace, emergency contact, street).

Whole syllables give their characters from often to seldom written, words come before them, and a syllable or word may be begun only.
Nothing is learnt and nothing kept: what the next citizen is offered does not depend on the one before. v is ü; ' divides syllables
(xi'an). In a field for a person's name, told by what stands `before` the caret, names come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from config.keypad_names import KeypadNames, load_keypad_names
from config.keypad_tables import KeypadTables, load_keypad
from kiosk.domain.input_names import NameCandidates
from kiosk.domain.input_syllables import DIVIDER, Syllables

PAGE_SIZE = 6
MOST_LETTERS = 30
_BEFORE_WORDS = 4
"""Characters in front of the words, where one whole syllable is typed: it mostly stands for a character."""
_BEGUN_WORDS = 4
"""Words offered of which only the beginning is typed."""
_BEGUN_CHARACTERS = 36
_EACH_BEGUN = 6
"""Characters taken of each syllable that a beginning may become."""


@dataclass(frozen=True, slots=True)
class Composition:
    """What is typed and not yet chosen, and the page of candidates that is looked at (0 is the first)."""

    letters: str = field(default="", repr=False)
    page: int = 0


MARKS = "，。、"
"""What divides or ends a sentence; they have no letters."""


@dataclass(frozen=True, slots=True)
class Candidate:
    text: str = field(repr=False)
    letters: int
    """How many of the typed letters it stands for; the others stay for the next character."""


@dataclass(frozen=True, slots=True)
class CandidatePage:
    candidates: tuple[Candidate, ...]
    number: int
    """0 is the first."""
    pages: int
    """0 where nothing fits."""


class InputMethod:
    """Candidates for letters. Holds tables only; the shipped ones are read at the first key where none are given."""

    def __init__(
        self, tables: KeypadTables | None = None, *, names: KeypadNames | None = None, page_size: int = PAGE_SIZE
    ) -> None:
        if page_size < 1:
            raise ValueError("a page holds at least one candidate")
        self._given, self._given_names = tables, names
        self._page_size = page_size

    @cached_property
    def _tables(self) -> KeypadTables:
        return self._given if self._given is not None else load_keypad()

    @cached_property
    def _syllables(self) -> Syllables:
        return Syllables(self._tables)

    @cached_property
    def _names(self) -> NameCandidates:
        return NameCandidates(self._given_names or load_keypad_names(), self._syllables)

    def warm_up(self) -> None:
        """Read the tables now; may run in another thread before the keypad is shown."""
        self.candidates("a", before="")

    def press(self, composition: Composition, key: str) -> Composition:
        """One letter more, back on the first page. Beyond 30 letters nothing is taken; a divider only between letters.

        Raises ValueError for a key that is neither a letter, ü nor the divider.
        """
        letter = key.lower().replace("ü", "v")
        if len(letter) != 1 or not ("a" <= letter <= "z" or letter == DIVIDER):
            raise ValueError("not a key of the pinyin keypad")
        letters = composition.letters
        if len(letters) >= MOST_LETTERS or (letter == DIVIDER and (not letters or letters.endswith(DIVIDER))):
            return composition
        return Composition(letters + letter)

    def erase(self, composition: Composition) -> Composition:
        """One letter less; with none typed nothing changes, and the field's own last character is what erasing means."""
        return Composition(composition.letters[:-1])

    def choose(self, composition: Composition, candidate: Candidate) -> tuple[str, Composition]:
        """The text that goes into the field, and what stays typed."""
        return candidate.text, Composition(composition.letters[candidate.letters :].lstrip(DIVIDER))

    def page(self, composition: Composition, *, before: str | None = None) -> CandidatePage:
        """The candidates on the page that is looked at; the last page where there are fewer."""
        found = self.candidates(composition.letters, before=before)
        pages = -(-len(found) // self._page_size)
        number = max(0, min(composition.page, pages - 1))
        begin = number * self._page_size
        return CandidatePage(found[begin : begin + self._page_size], number, pages)

    def turn(self, composition: Composition, pages: int, *, before: str | None = None) -> Composition:
        """Pages on (or back, below zero), never before the first or behind the last."""
        looked_at = self.page(composition, before=before)
        return replace(composition, page=max(0, min(looked_at.number + pages, looked_at.pages - 1)))

    def candidates(self, letters: str, *, before: str | None = None) -> tuple[Candidate, ...]:
        """Everything that the letters may stand for, the likeliest first, each text once. Nothing for other characters.

        `before`: in a field for a person's name, the text in front of the caret; None in any other field.
        """
        typed = letters.lower().replace("ü", "v").lstrip(DIVIDER)[:MOST_LETTERS]
        skipped = len(letters) - len(letters.lstrip(DIVIDER))
        if not typed or not all("a" <= letter <= "z" or letter == DIVIDER for letter in typed):
            return ()
        words = list(self._words(typed))
        characters = list(self._characters(typed))
        first = _BEFORE_WORDS if self._syllables.whole(typed) else 0
        found: dict[str, Candidate] = {}
        for candidate in (*self._of_names(typed, before), *characters[:first], *words, *characters[first:]):
            found.setdefault(candidate.text, Candidate(candidate.text, candidate.letters + skipped))
        return tuple(found.values())

    def _of_names(self, typed: str, before: str | None) -> Iterator[Candidate]:
        place = None if before is None else self._names.place(before)
        if place is not None:
            yield from (Candidate(text, letters) for text, letters in self._names.candidates(typed, place))

    def _words(self, typed: str) -> Iterator[Candidate]:
        """Words typed in full, by the beginnings of all their syllables (nb), at the beginning of more letters, or begun."""
        full: list[Candidate] = []
        touched: list[Candidate] = []
        ahead: list[Candidate] = []
        begun: list[Candidate] = []
        for word in self._syllables.words_from(typed[0]):
            fit = self._syllables.fit(word.syllables, typed)
            if fit is None:
                continue
            candidate = Candidate(word.text, fit.letters)
            if fit.letters < len(typed):
                ahead.append(candidate)
            elif fit.syllables < len(word.syllables):
                begun.append(candidate)
            else:
                (full if fit.whole else touched).append(candidate)
        ahead.sort(key=lambda candidate: -candidate.letters)
        yield from (*full, *touched, *ahead, *begun[:_BEGUN_WORDS])

    def _characters(self, typed: str) -> Iterator[Candidate]:
        """Characters of the first syllable, the longest reading of it first, then of syllables that may still be meant."""
        heads = list(self._syllables.heads(typed))
        for length, syllable in heads:
            yield from _of(self._tables.syllables[syllable], length)
        # In front of further letters a syllable is not likely to be begun only, as long as it can be a whole one.
        begun = self._syllables.begun(typed, at_least=len(typed) if heads else 1)
        if begun is not None:
            length, syllables = begun
            rank = self._tables.rank
            some = {c for syllable in syllables for c in self._tables.syllables[syllable][:_EACH_BEGUN]}
            ordered = sorted(some, key=lambda c: (rank.get(c, len(rank)), c))
            yield from _of(ordered[:_BEGUN_CHARACTERS], length)


def _of(characters: Iterable[str], length: int) -> Iterator[Candidate]:
    return (Candidate(character, length) for character in characters)
