"""What is known of one citizen's visit to the endorsement service; each step returns the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.domain.endorsement import Offer, RegistryRecord
from kiosk.domain.identity import Photo
from kiosk.domain.permit import ChipData, ChipHolder, PermitLine
from kiosk.journeys.identify import Visitor
from kiosk.ledger.store import Record

ChoicePage = Literal["kind", "places", "entries", "phone"]


@dataclass(slots=True)
class Kept:
    """What going back does not undo. All contexts of one visit share it."""

    custody: Record | None = None
    """The permit in the machine's hands; None before it came in. Ends with the permit, whatever way the visit ends."""
    open_at: ChoicePage = "kind"
    """Which page of the choice is shown when its step runs again."""
    changing: bool = False
    """A row of the last page is being changed."""
    kind: str = ""
    places: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    """Option ids, one per place."""
    phone: str = field(default="", repr=False)
    stuck_told: bool = False
    """The citizen knows that staff must get the permit out."""
    out_unrecorded: bool = False
    """It was seen taken while the ledger could not be written."""


@dataclass(frozen=True, slots=True)
class Visit(Visitor):
    line: PermitLine | None = None
    chip: ChipData | None = field(default=None, repr=False)
    chip_holder: ChipHolder | None = None
    registry: RegistryRecord | None = None
    offers: tuple[Offer, ...] = ()
    kept: Kept = field(default_factory=Kept)
    order_id: str = ""
    issuance: Record | None = None
    payment: Record | None = None
    back_printed: bool | None = None
    """None: it was not tried."""
    picture: Photo | None = field(default=None, repr=False)
    """The new back, as the unit's camera sees it."""
    printed: bool = True
    again: bool = False

    @property
    def permit(self) -> PermitLine:
        """The permit's line, in steps after it was read."""
        if self.line is None:
            raise RuntimeError("the permit has not been read yet")
        return self.line

    @property
    def record(self) -> RegistryRecord:
        if self.registry is None:
            raise RuntimeError("the registry has not been asked yet")
        return self.registry

    def chosen(self) -> tuple[Offer, ...]:
        """The chosen options, in the order of the places."""
        by_id = {offer.option.id: offer for offer in self.offers}
        return tuple(by_id[option] for option in self.kept.entries)

    def fee_fen(self) -> int:
        return sum(offer.fee_fen for offer in self.chosen())
