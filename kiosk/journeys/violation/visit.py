"""What is known of one citizen's visit to the violation service; each step returns the next one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from kiosk.domain.violation import Driver, Vehicle, ViolationRecord
from kiosk.journeys.identify import Visitor
from kiosk.ledger.store import Record


@dataclass(frozen=True, slots=True)
class Visit(Visitor):
    driver: Driver | None = None
    vehicle: Vehicle | None = None
    records: tuple[ViolationRecord, ...] = ()
    chosen: tuple[str, ...] = ()
    objected: tuple[str, ...] = ()
    """Records the citizen objected to in this session; they stay open and cannot be chosen any more."""
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
        return tuple(record for record in self.records if record.record_id in self.chosen)

    def owed_fen(self) -> int:
        return sum(decision["fine_fen"] for decision in self.decisions)
