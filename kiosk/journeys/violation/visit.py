"""What is known of one citizen's visit to the violation service; each step returns the next one."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from kiosk.domain.errors import Refusal
from kiosk.domain.violation import Driver, HandledRecord, Vehicle, ViolationRecord
from kiosk.journeys.identify import Visitor
from kiosk.ledger.store import Record

OBJECTED = Refusal("W06", "您已对这条记录提出异议，核查期间不处理、不罚款。", "公安部令105 第5条", "under objection")
DEFENDED = Refusal("W06", "您已对这条记录陈述申辩，民警复核前不处理、不罚款。", "行政处罚法 第45条", "statement filed")
UNSEEN = Refusal(
    "W07",
    "证据照片看不全，本机不能处理这条违法。请到窗口查看。",
    "行政处罚法 第41条；公安部令105 第18条",
    "evidence not shown",
)


@dataclass(slots=True)
class Kept:
    """What going back does not undo. All contexts of one visit share it."""

    objected: set[str] = field(default_factory=set)
    """Records the citizen objected to; the platform has it in writing, so they stay open and cannot be chosen any more."""
    ticked: tuple[str, ...] = ()
    """What was last ticked on the list of this vehicle."""
    held: set[str] = field(default_factory=set)
    """Records another session holds: they cannot be chosen (W11)."""
    holding: set[str] = field(default_factory=set)
    """Records this visit holds at the platform."""
    session: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The visit's name at the platform; it tells nothing of the person."""
    defended: set[str] = field(default_factory=set)
    """Records about which the citizen has stated or defended something; they stay open until somebody has looked at it."""
    unseen: set[str] = field(default_factory=set)
    """Records whose evidence could not be shown whole: nobody is to accept what cannot be looked at."""

    def locks(self) -> dict[str, Refusal]:
        """Records that cannot be chosen any more because of what happened in this visit."""
        return {
            **dict.fromkeys(self.unseen, UNSEEN),
            **dict.fromkeys(self.defended, DEFENDED),
            **dict.fromkeys(self.objected, OBJECTED),
        }


@dataclass(frozen=True, slots=True)
class Visit(Visitor):
    driver: Driver | None = None
    vehicle: Vehicle | None = None
    records: tuple[ViolationRecord, ...] = ()
    handled: tuple[HandledRecord, ...] = ()
    """What this person took in the present points cycle, before this visit."""
    cautions: tuple[str, ...] = ()
    """Sentences of the rules that warn, about the licence and this vehicle."""
    chosen: tuple[str, ...] = ()
    kept: Kept = field(default_factory=Kept)
    signature_png: bytes = field(default=b"", repr=False)
    waived_at: dt.datetime | None = None
    order_id: str = ""
    decisions: tuple[Record, ...] = ()
    """The ledger's rows of what was decided, in the order of the list."""
    undecided: int = 0
    """Decisions whose result is not known yet."""
    rejected: int = 0
    """Records that were signed for and refused at the last moment."""
    payment: Record | None = None
    posted: bool = False
    printed: bool = True
    ebills: str = ""
    """What is told of the finance office's electronic bills at the end; empty where nothing was paid."""
    again: bool = False
    """The citizen wants to go on with something else."""
    waivers: tuple[tuple[str, dt.datetime], ...] = ()
    """Record and moment: the box was ticked then, and the notice confirmed with it. `waived_at` is the last of them."""
    recording_sha256: str = ""
    """Of the sound and picture taken while it was signed (公安机关办理行政案件程序规定 第263条)."""
    refusal_noted_by: str = ""
    """The officer's number, where the party refused to sign (公安部令105 第44条)."""

    def picked(self) -> tuple[ViolationRecord, ...]:
        return tuple(
            record
            for record in self.records
            if record.record_id in self.chosen and record.record_id not in self.kept.objected | self.kept.defended
        )

    def waiver_of(self, record_id: str) -> dt.datetime | None:
        """When statement and defence about this record were expressly waived (行政处罚法 第62条)."""
        return dict(self.waivers).get(record_id)

    def owed_fen(self) -> int:
        return sum(decision["fine_fen"] for decision in self.decisions)
