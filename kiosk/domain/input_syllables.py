"""How a row of letters divides into syllables of pinyin, and which words it may be the beginning of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from config.keypad_tables import KeypadTables, Word

DIVIDER = "'"
_LONGEST = 6


@dataclass(frozen=True, slots=True)
class Fit:
    """How far letters and a word go together."""

    letters: int
    """Of the typed ones, from the first."""
    syllables: int
    """Of the word, begun ones counted."""
    whole: bool
    """Every one of these syllables is typed to its end."""


class Syllables:
    """An index of the keypad's tables; ü may also be typed as in passports (lyu), and as u or v wherever that is common."""

    def __init__(self, tables: KeypadTables) -> None:
        self._meant: dict[str, str] = {}
        self._forms: dict[str, tuple[str, ...]] = {}
        self._begun: dict[str, list[str]] = defaultdict(list)
        for syllable in tables.syllables:
            forms = (syllable, *_other_forms(syllable))
            self._forms[syllable] = forms
            for form in forms:
                self._meant.setdefault(form, syllable)
                for length in range(1, len(form)):
                    if syllable not in self._begun[form[:length]]:
                        self._begun[form[:length]].append(syllable)
        self._words: dict[str, list[Word]] = defaultdict(list)
        for word in tables.words:
            self._words[word.syllables[0][0]].append(word)

    def whole(self, letters: str) -> bool:
        """Whether the letters are one syllable."""
        return letters in self._meant

    def words_from(self, letter: str) -> list[Word]:
        return self._words.get(letter, [])

    def heads(self, letters: str) -> Iterator[tuple[int, str]]:
        """First syllables that the letters may have, the longest first, with their lengths.

        Only those after which the rest is made of syllables again (the last one perhaps begun); where there are none, all.
        """
        possible = [
            (length, self._meant[letters[:length]])
            for length in range(min(_LONGEST, len(letters)), 0, -1)
            if letters[:length] in self._meant
        ]
        good = [(length, syllable) for length, syllable in possible if self._goes_on(letters, length)]
        yield from good or possible

    def begun(self, letters: str, *, at_least: int) -> tuple[int, list[str]] | None:
        """The syllables that the first letters are the beginning of, of as many letters as can be; None where those are too few."""
        first = letters.split(DIVIDER, 1)[0][:_LONGEST]
        for length in range(len(first), 0, -1):
            syllables = self._begun.get(first[:length])
            if syllables is not None:
                return (length, syllables) if length >= at_least else None
        return None

    def fit(self, syllables: tuple[str, ...], letters: str) -> Fit | None:
        """How a word goes with the letters; None where it does not, or would have to be guessed from too little.

        All letters are used, or the word is typed whole and more follows. A word that goes on behind the letters needs its syllables
        so far whole (the last one may be begun), and one whole syllable at least.
        """
        best: Fit | None = None
        for found in self._fits(syllables, letters, 0, 0, whole=True):
            if best is None or (found.letters, found.whole) > (best.letters, best.whole):
                best = found
            if best.whole and best.letters == len(letters):
                break
        return best

    def _fits(self, word: tuple[str, ...], letters: str, at: int, index: int, *, whole: bool) -> Iterator[Fit]:
        if at < len(letters) and letters[at] == DIVIDER:
            at += 1
        if at == len(letters):
            if index == len(word) or (whole and index >= 1):
                yield Fit(at, index, whole)
            return
        if index == len(word):
            if whole and self._goes_on(letters, at):
                yield Fit(at, index, whole)
            return
        for form in self._forms[word[index]]:
            common = 0
            while common < len(form) and at + common < len(letters) and form[common] == letters[at + common]:
                common += 1
            for taken in range(common, 0, -1):
                if taken == len(form):
                    yield from self._fits(word, letters, at + taken, index + 1, whole=whole)
                elif at + taken == len(letters):
                    # The letters end inside this syllable.
                    if index + 1 == len(word) or (whole and index >= 1):
                        yield Fit(at + taken, index + 1, whole=False)
                else:
                    yield from self._fits(word, letters, at + taken, index + 1, whole=False)

    def _goes_on(self, letters: str, at: int) -> bool:
        """Whether the letters from here on are syllables, the last one perhaps begun."""
        reachable = {at}
        for position in range(at, len(letters)):
            if position not in reachable:
                continue
            if letters[position] == DIVIDER:
                reachable.add(position + 1)
                continue
            if letters[position:] in self._begun:
                return True
            for length in range(1, min(_LONGEST, len(letters) - position) + 1):
                if letters[position : position + length] in self._meant:
                    reachable.add(position + length)
        return len(letters) in reachable


def _other_forms(syllable: str) -> tuple[str, ...]:
    """What else is typed for it: LYU and NYU of passports for lv and nv, lue for lve, jv for ju."""
    if syllable in ("lv", "nv"):
        return (f"{syllable[0]}yu",)
    if syllable in ("lve", "nve"):
        return (f"{syllable[0]}ue", f"{syllable[0]}yue")
    if syllable[0] in "jqxy" and syllable[1:2] == "u":
        return (f"{syllable[0]}v{syllable[2:]}",)
    return ()
