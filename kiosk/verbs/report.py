"""What a command has to say: as data for programs, as text for people, and whether all is well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    data: dict[str, Any]
    text: str
    good: bool
