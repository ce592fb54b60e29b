"""What is known of one citizen's application; each step returns the next one."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.forms.draft import Draft
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import Photo
from kiosk.domain.names import Romanised
from kiosk.journeys.identify import Visitor
from kiosk.ports.photo import IdPhoto
from kiosk.screens.form import PhotoWay


@dataclass(slots=True)
class Kept:
    """What going back does not undo: nobody types twice. All contexts of one visit share it."""

    record: Record | None = field(default=None, repr=False)
    spelt: Romanised | None = field(default=None, repr=False)
    """The name in letters, with what was chosen."""
    certain: bool = True
    """Where the name divides is sure, or was looked at."""
    seen: set[str] = field(default_factory=set)
    """Questions the citizen has answered or passed over, by id."""
    photo_agreed: bool = False
    """The person whose form this is consents to a photo taken here (个人信息保护法 第29条)."""
    way: PhotoWay | None = None
    photo: IdPhoto | None = None
    draft_key: str = ""
    """Under which the platform knows the draft; empty before it was sent for the first time."""
    draft: Draft | None = field(default=None, repr=False)
    stale: bool = False
    """It was sent again and no answer came: what lies there may be from before the last change."""
    printed: bool = False
    """A form came out, or may have: nobody has looked yet."""


@dataclass(frozen=True, slots=True)
class Visit(Visitor):
    kept: Kept = field(default_factory=Kept)
    again: bool = False

    @property
    def record(self) -> Record:
        """The answers, in steps after the card was read."""
        if self.kept.record is None:
            raise RuntimeError("the form has not been begun yet")
        return self.kept.record

    @property
    def photo(self) -> Photo | None:
        """The photo taken here, if it is to be printed."""
        taken = self.kept.photo
        return Photo(taken.jpeg, "image/jpeg") if taken is not None and self.kept.way == "camera" else None
