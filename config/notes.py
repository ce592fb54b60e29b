"""What the comments of a table file say of each setting, and how sure the file is of it (H, M, L).

The comment right above a setting, or above the table it opens, belongs to it and to the settings that follow without a blank line
or another comment. So the file stays the one place where a mark is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SECTION = re.compile(r"\[\[?([a-z_.]+)\]\]?\s*(?:#.*)?")
_SETTING = re.compile(r"([a-z_]+)\s*=")
_MARK = re.compile(r"(?<![A-Za-z] )\b([HML])(?=[:.,;)]|\s(?:for|as|that|which|against|\())")


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    """The comment, on one line."""
    marks: str
    """The marks in it, the surest first: "H", "H/M" … Empty where it has none."""


def notes_of(text: str) -> Mapping[str, Note]:
    """The note of each setting ("set.points_limit") and of each table that stands as rows ("record.window_only")."""
    found: dict[str, Note] = {}
    current: list[str] = []
    section, fresh, depth = "", False, 0
    for line in text.splitlines():
        bare = line.strip()
        if depth:  # inside a list of several lines
            depth += bare.count("[") - bare.count("]")
        elif bare.startswith("#"):
            current = [*current, bare.lstrip("# ")] if fresh else [bare.lstrip("# ")]
            fresh = True
        elif opened := _SECTION.fullmatch(bare):
            section = opened[1]
            if fresh:
                found.setdefault(section, _note(current))
            current, fresh = (current if fresh else []), False
        elif setting := _SETTING.match(bare):
            if current:
                found.setdefault(f"{section}.{setting[1]}", _note(current))
            fresh = False
            depth = bare.count("[") - bare.count("]")
        elif not bare:
            current, fresh = [], False
    return found


def _note(lines: list[str]) -> Note:
    text = " ".join(lines)
    marks = {mark for mark in _MARK.findall(text)}
    return Note(text, "/".join(mark for mark in "HML" if mark in marks))
