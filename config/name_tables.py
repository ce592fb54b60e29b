"""How names divide and how their characters are read (`names.toml`); a hall may replace the file.

A file that is wrong stops the start with sentences saying where.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.tables import TablesError
from config.toml_file import read_toml

FILE = "names.toml"
_LINE = re.compile(r"(?P<characters>\S+)(?P<readings>(?: [A-Z]{1,6})+)")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Surnames(_Table):
    single: list[str] = Field(min_length=1)
    readings: list[str]
    ambiguous: list[str]
    compound: list[str]
    compound_perhaps: list[str]


class _Given(_Table):
    readings: list[str]
    rare: str


class _File(_Table):
    surnames: _Surnames
    given: _Given


@dataclass(frozen=True, slots=True)
class NameTables:
    """`names.toml`. Readings are spelt as travel documents spell them: A to Z."""

    singles: frozenset[str]
    """One-character surnames; not complete, and no name is refused for it."""
    surname: Mapping[str, tuple[str, ...]]
    """Readings of a character as a surname, the default first."""
    ambiguous: frozenset[str]
    """Surnames of which only the citizen knows the reading; their readings stand in `surname`."""
    compound: Mapping[str, tuple[str, ...]]
    """Surnames of several characters, with one reading for each."""
    perhaps: frozenset[str]
    """Those of `compound` that may also be a surname and the beginning of a given name."""
    given: Mapping[str, tuple[str, ...]]
    """Readings of a character in a given name, the default first."""
    rare: str
    """Characters of names that GB 2312 lacks."""

    @property
    def longest(self) -> int:
        """Characters of the longest compound surname."""
        return max(map(len, self.compound), default=1)


def load_names(path: Path | None = None) -> NameTables:
    """The tables from a hall's own file, else as shipped. Raises TablesError."""
    name = str(path or FILE)
    try:
        raw = read_toml(Path(__file__).with_name(FILE)) if path is None else tomllib.loads(path.read_text("utf-8-sig"))
        return _tables(_File.model_validate(raw), name)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise TablesError(name, problems) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(name, [str(error)]) from error


def _tables(file: _File, name: str) -> NameTables:
    problems: list[str] = []
    surnames = file.surnames
    readings = _lines("surnames.readings", surnames.readings, problems)
    ambiguous = _lines("surnames.ambiguous", surnames.ambiguous, problems)
    compound = _lines("surnames.compound", surnames.compound, problems)
    perhaps = _lines("surnames.compound_perhaps", surnames.compound_perhaps, problems)
    given = _lines("given.readings", file.given.readings, problems)
    for where, single in (
        ("surnames.readings", readings),
        ("surnames.ambiguous", ambiguous),
        ("given.readings", given),
    ):
        problems += [f"{where}: {key!r} is not one character" for key in single if len(key) != 1]
    problems += [
        f"surnames.ambiguous: {key} has one reading only" for key, found in ambiguous.items() if len(found) < 2
    ]
    problems += [f"surnames: {key} has readings twice" for key in readings.keys() & ambiguous.keys()]
    problems += [f"surnames: {key} is compound twice" for key in compound.keys() & perhaps.keys()]
    for key, found in {**compound, **perhaps}.items():
        if len(key) < 2 or len(key) != len(found):
            problems.append(f"surnames: {key} needs two or more characters and a reading for each")
    if problems:
        raise TablesError(name, problems)
    return NameTables(
        singles=frozenset("".join(surnames.single)),
        surname=MappingProxyType({**readings, **ambiguous}),
        ambiguous=frozenset(ambiguous),
        compound=MappingProxyType({**compound, **perhaps}),
        perhaps=frozenset(perhaps),
        given=MappingProxyType(given),
        rare=file.given.rare,
    )


def _lines(where: str, lines: list[str], problems: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        part = _LINE.fullmatch(line)
        if part is None:
            problems.append(f"{where}: {line!r} is not characters and readings in capitals")
        elif part["characters"] in found:
            problems.append(f"{where}: {part['characters']} is given twice")
        else:
            found[part["characters"]] = tuple(part["readings"].split())
    return found
