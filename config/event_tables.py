"""The catalogue of what may stand in the audit chain (`events.toml`): ids, sentences, allowed details."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from config.tables import BLANK, TablesError
from config.toml_file import read_toml

FILE = "events.toml"
FieldKind = Literal["word", "number", "text"]
KINDS: tuple[FieldKind, ...] = ("word", "number", "text")
_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
_KEYS = {"en", "zh", "fields"}
MISSING = "-"
"""Stands for a detail that was not given."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    id: str
    en: str
    zh: str
    fields: Mapping[str, FieldKind]
    """The details it may carry; none must be given."""

    def say(self, detail: Mapping[str, Any], language: Literal["en", "zh"] = "en") -> str:
        """The sentence with its blanks filled."""
        sentence = self.zh if language == "zh" else self.en
        return BLANK.sub(lambda blank: str(detail.get(blank[1], MISSING)), sentence)


def load_events(path: Path | None = None) -> Mapping[str, AuditEvent]:
    """The shipped catalogue by id, or another of the same form. Raises TablesError."""
    name = str(path or FILE)
    try:
        raw = read_toml(Path(__file__).with_name(FILE)) if path is None else tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TablesError(name, [str(error)]) from error
    problems: list[str] = []
    found = {key: event for key, value in raw.items() if (event := _event(key, value, problems)) is not None}
    if problems:
        raise TablesError(name, problems)
    return MappingProxyType(found)


def _event(key: str, value: Any, problems: list[str]) -> AuditEvent | None:
    if not _ID.fullmatch(key) or not isinstance(value, dict) or value.keys() != _KEYS:
        problems.append(f"{key}: an event is a table of small letters with en, zh and fields")
        return None
    fields, sentences = value["fields"], (value["en"], value["zh"])
    if not isinstance(fields, dict) or not all(_ID.fullmatch(name) and kind in KINDS for name, kind in fields.items()):
        problems.append(f"{key}: fields are name = one of {', '.join(KINDS)}")
        return None
    if not all(isinstance(said, str) and said for said in sentences):
        problems.append(f"{key}: en and zh are sentences")
        return None
    blanks = {blank for said in sentences for blank in BLANK.findall(said)}
    if unknown := blanks - fields.keys():
        problems.append(f"{key}: no such field: {', '.join(sorted(unknown))}")
        return None
    return AuditEvent(key, *sentences, MappingProxyType(dict(fields)))
