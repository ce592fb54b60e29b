"""What is known of one citizen's visit to the violation service; each step returns the next one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from kiosk.domain.violation import Driver, Vehicle, ViolationRecord
from kiosk.journeys.identify import Visitor
from kiosk.ledger.store import Record


@dataclass(slots=True)
class Kept:
    """What going back does not undo. All contexts of one visit share it."""

    objected: set[str] = field(default_factory=set)
    """Records the citizen objected to; the platform has it in writing, so they stay open and cannot be chosen any more."""
    ticked: tuple[str, ...] = ()
    """What was last ticked on the list of this vehicle."""


@dataclass(frozen=True, slots=True)
class Visit(Visitor):
    driver: Driver | None = None
    vehicle: Vehicle | None = None
    records: tuple[ViolationRecord, ...] = ()
    chosen: tuple[str, ...] = ()
    kept: Kept = field(default_factory=Kept)
    signature_png: bytes = field(default=b"", repr=False)
    waived_at: dt.datetime | None = None
    order_id: str = ""
    decisions: tuple[Record, ...] = ()
    """The ledger's rows of what was decided, in the order of the list."""
    undecided: int = 0
    """Decisions whose result is not known yet."""
    payment: Record | None = None
    posted: bool = False
    printed: bool = True
    again: bool = False
    """The citizen wants to go on with something else."""

    def picked(self) -> tuple[ViolationRecord, ...]:
        return tuple(
            record
            for record in self.records
            if record.record_id in self.chosen and record.record_id not in self.kept.objected
        )

    def owed_fen(self) -> int:
        return sum(decision["fine_fen"] for decision in self.decisions)
