"""What the pinyin keypad offers (`keypad.toml`, which is made, not written): characters of each syllable, and words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from config.tables import TablesError
from config.toml_file import read_toml

FILE = "keypad.toml"
SYLLABLE = re.compile(r"[a-z]{1,6}")


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    syllables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeypadTables:
    """Syllables are small letters with v for ü."""

    syllables: Mapping[str, str]
    """The characters of each syllable, from often to seldom written."""
    rank: Mapping[str, int]
    """The place of each character in the order over all syllables."""
    words: tuple[Word, ...]


def load_keypad(path: Path | None = None) -> KeypadTables:
    """The shipped table, or another of the same form. Takes some milliseconds. Raises TablesError."""
    name = str(path or FILE)
    try:
        raw = read_toml(Path(__file__).with_name(FILE)) if path is None else tomllib.loads(path.read_text("utf-8"))
        return _tables(raw, name)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(name, [str(error)]) from error


def _tables(raw: dict[str, Any], name: str) -> KeypadTables:
    order, syllables, listed = raw.get("order"), raw.get("syllables"), raw.get("words")
    if not isinstance(order, str) or not isinstance(syllables, dict) or not isinstance(listed, dict):
        raise TablesError(name, ["`order`, [syllables] and [words] are needed"])
    problems = [
        f"syllables: {key!r} is not letters with characters"
        for key, found in syllables.items()
        if not SYLLABLE.fullmatch(key) or not isinstance(found, str) or not found
    ]
    words = []
    for line in str(listed.get("list", "")).splitlines():
        text, *readings = line.split()
        if len(text) != len(readings) or not all(reading in syllables for reading in readings):
            problems.append(f"words: {line!r} is not a word with a syllable for each character")
        words.append(Word(text, tuple(readings)))
    if problems:
        raise TablesError(name, problems)
    return KeypadTables(
        syllables=MappingProxyType(syllables),
        rank=MappingProxyType({character: place for place, character in enumerate(order)}),
        words=tuple(words),
    )
