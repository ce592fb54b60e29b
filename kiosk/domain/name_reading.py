"""One character of a name, the reading it has, and those it may have."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reading:
    """A character and its spelling, A to Z; empty where nothing knows the character."""

    character: str = field(repr=False)
    spelling: str = field(repr=False)
    options: tuple[str, ...] = field(repr=False)
    """What is likely, the first one the default. Other readings of the dictionary are not listed; the citizen can type them."""
    forced: bool = False
    """Only the citizen can tell which one it is."""
    chosen: bool = False
    """The citizen, or an older document, has said which one it is."""
