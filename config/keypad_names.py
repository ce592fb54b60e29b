"""What the pinyin keypad offers first in a field for a person's name (`keypad_names.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.keypad_tables import SYLLABLE, Word
from config.tables import TablesError
from config.toml_file import read_toml

FILE = "keypad_names.toml"
_LISTS = ("surnames", "given", "characters")


@dataclass(frozen=True, slots=True)
class KeypadNames:
    """Each from common to rare."""

    surnames: tuple[Word, ...]
    """Of one character or more; one that is read in two ways is there twice."""
    given: tuple[Word, ...]
    """Given names of two characters."""
    characters: tuple[Word, ...]
    """Of given names."""


def load_keypad_names(path: Path | None = None) -> KeypadNames:
    """The shipped lists, or others of the same form. Raises TablesError."""
    name = str(path or FILE)
    try:
        raw = read_toml(Path(__file__).with_name(FILE)) if path is None else tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(name, [str(error)]) from error
    problems: list[str] = []
    surnames, given, characters = (_words(raw, key, problems) for key in _LISTS)
    problems += [f"given: {word.text} is not of two characters" for word in given if len(word.text) != 2]
    problems += [f"characters: {word.text} is not one character" for word in characters if len(word.text) != 1]
    if problems:
        raise TablesError(name, problems)
    return KeypadNames(surnames, given, characters)


def _words(raw: dict[str, Any], key: str, problems: list[str]) -> tuple[Word, ...]:
    listed = raw.get(key)
    if not isinstance(listed, str):
        problems.append(f"{key}: a list is needed")
        return ()
    words = []
    for entry in filter(None, map(str.strip, listed.replace("\n", ",").split(","))):
        text, *syllables = entry.split()
        if len(text) != len(syllables) or not all(map(SYLLABLE.fullmatch, syllables)):
            problems.append(f"{key}: {entry!r} is not a name with a syllable for each character")
        words.append(Word(text, tuple(syllables)))
    return tuple(words)
