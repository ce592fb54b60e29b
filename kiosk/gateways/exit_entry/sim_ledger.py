"""The simulated exit-entry administration's own books: applications, drafts, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.gateways.sim_books import BooksOnFile


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """Dates as text, so that an entry is its own JSON."""

    number: str
    option_id: str
    destination: str
    kind: str
    entries: int | None
    valid_from: str
    valid_to: str


@dataclass(frozen=True, slots=True)
class ApplicationEntry:
    number: str
    key: str
    id_number: str = field(repr=False)
    permit_number: str = field(repr=False)
    options: tuple[str, ...]
    fee_fen: int
    phone: str = field(repr=False)
    applied_at: str
    state: str = "accepted"
    grants: tuple[GrantEntry, ...] = ()
    """Kept after a cancellation too: they were revoked, and no number is given twice."""
    write_data: str = field(default="", repr=False)
    trade_no: str = ""
    paid_at: str = ""
    authorised_at: str = ""
    written_at: str = ""
    printed: bool = False
    cancelled_at: str = ""
    reason: str = ""

    @property
    def open(self) -> bool:
        return self.state in ("accepted", "authorised")


@dataclass(frozen=True, slots=True)
class AppointmentEntry:
    number: str
    begins: str
    window: str


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """A withdrawn one has nothing but its number, and is there so that what is still on the wire does not bring it back."""

    key: str
    number: str
    state: str = "open"
    revision: int = 0
    form_id: str = ""
    form_version: int = 0
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    photo_bytes: int = 0
    photo_sha256: str = ""
    barcodes: Mapping[str, str] = field(default_factory=dict)
    """Kept when a document is not wanted any more: wanted again, it gets the same."""
    appointment: AppointmentEntry | None = None
    expires: str = ""
    submitted_at: str = ""
    changed_at: str = ""


class Books(BooksOnFile):
    """Applications by number, drafts by key."""

    def __init__(self, file: Path | None = None) -> None:
        self.applications: dict[str, ApplicationEntry] = {}
        self.drafts: dict[str, DraftEntry] = {}
        super().__init__(file)

    def tables(self) -> Mapping[str, dict[str, Any]]:
        return {"applications": self.applications, "drafts": self.drafts}

    def take_over(self, saved: Mapping[str, Any]) -> None:
        for raw in saved["applications"]:
            grants = tuple(GrantEntry(**grant) for grant in raw["grants"])
            entry = ApplicationEntry(**{**raw, "options": tuple(raw["options"]), "grants": grants})
            self.applications[entry.number] = entry
        for raw in saved.get("drafts", ()):  # files from before there were drafts have none
            told = raw["appointment"]
            draft = DraftEntry(**{**raw, "appointment": AppointmentEntry(**told) if told else None})
            self.drafts[draft.key] = draft

    def keep(self, entry: ApplicationEntry) -> ApplicationEntry:
        self.applications[entry.number] = entry
        self.save()
        return entry

    def keep_draft(self, entry: DraftEntry) -> DraftEntry:
        self.drafts[entry.key] = entry
        self.save()
        return entry

    def by_key(self, key: str) -> ApplicationEntry | None:
        return next((entry for entry in self.applications.values() if entry.key == key), None)

    def of_permit(self, permit_number: str) -> tuple[ApplicationEntry, ...]:
        return tuple(entry for entry in self.applications.values() if entry.permit_number == permit_number)
