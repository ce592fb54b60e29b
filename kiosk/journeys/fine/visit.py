"""What is known of somebody who pays a decision by its number; each step returns the next one. There is no identity card in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from kiosk.domain.fine import PayableFine
from kiosk.domain.numbers import DecisionNumber
from kiosk.ledger.store import Record


@dataclass(slots=True)
class Kept:
    """What going back does not undo. All contexts of one visit share it."""

    typed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    kept: Kept = field(default_factory=Kept)
    number: DecisionNumber = field(default=DecisionNumber(""), repr=False)
    fine: PayableFine | None = field(default=None, repr=False)
    asked_at: dt.datetime | None = None
    """When the cashier said what is owed."""
    order_id: str = ""
    payment: Record | None = None
    posted: bool = False
    by_hand: bool = False
    """Paid, and the police side will not book it: staff look."""
    printed: bool = True
    ebills: str = ""
    """What is told of the finance office's electronic bill at the end."""
    again: bool = False
    """The citizen wants to go on with something else."""

    @property
    def owed(self) -> PayableFine:
        if self.fine is None:
            raise RuntimeError("the decision was not looked up")
        return self.fine
