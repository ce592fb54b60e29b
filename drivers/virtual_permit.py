"""The permit card itself, as a thing: what the card unit's simulator holds and the chip reader's simulator answers for.

One object is the card. Whoever moves it (the unit) tells whoever reads it (the chip) by handing it over, so that a card drawn in by
the unit lies before the reader, and what was written is still there when the card comes back another day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

Body = Literal["permit", "bank_card", "id_card", "blank"]
Chip = Literal["ok", "dead", "mute", "no_application", "other_key", "short_dg", "no_dg2", "bad_dg1"]
Protocol = Literal["bac", "pace", "both"]


@dataclass
class VirtualPermit:
    """A card with fictional data. The printed line is taken as it is, wrong digits included."""

    line: str = field(default="", repr=False)
    """The 30 characters printed on the face; also DG1's beginning and the chip's key unless `chip_line` says otherwise."""
    name: str = field(default="", repr=False)
    surname: str = field(default="", repr=False)
    given: str = field(default="", repr=False)
    sex: str = field(default="F", repr=False)
    birth: str = field(default="", repr=False)
    """YYYYMMDD, for DG11."""
    id_number: str = field(default="", repr=False)
    """DG11's personal number; empty: the chip has no DG11."""
    face_seed: int = 0
    """Whom DG2 shows (drawn)."""
    body: Body = "permit"
    chip: Chip = "ok"
    protocol: Protocol = "bac"
    chip_line: str = field(default="", repr=False)
    """A chip that belongs to another card: DG1 and the key are made from this line."""
    wrong_way: bool = False
    """Put in with the wrong side up."""
    endorsements: list[str] = field(default_factory=list, repr=False)
    """Numbers written into the chip."""
    back: list[list[str]] = field(default_factory=list, repr=False)
    """Rows printed on the back."""
    chip_writes: int = 0
    print_count: int = 0

    @property
    def inner_line(self) -> str:
        return self.chip_line or self.line

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> VirtualPermit:
        """From a command or a scenario. Raises ValueError for a key or a word that does not exist."""
        names = {each.name for each in fields(cls)}
        if unknown := set(data) - names:
            raise ValueError(f"a permit has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(names))}")
        card = cls(**data)
        for name, allowed in (("body", Body), ("chip", Chip), ("protocol", Protocol)):
            if getattr(card, name) not in get_args(allowed):
                raise ValueError(f"{name} of a permit is one of {', '.join(get_args(allowed))}")
        return card
