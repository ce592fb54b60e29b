"""The simulated exit-entry administration's own books: applications and what became of them."""

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


class Books(BooksOnFile):
    """Applications by number."""

    def __init__(self, file: Path | None = None) -> None:
        self.applications: dict[str, ApplicationEntry] = {}
        super().__init__(file)

    def tables(self) -> Mapping[str, dict[str, Any]]:
        return {"applications": self.applications}

    def take_over(self, saved: Mapping[str, Any]) -> None:
        for raw in saved["applications"]:
            grants = tuple(GrantEntry(**grant) for grant in raw["grants"])
            entry = ApplicationEntry(**{**raw, "options": tuple(raw["options"]), "grants": grants})
            self.applications[entry.number] = entry

    def keep(self, entry: ApplicationEntry) -> ApplicationEntry:
        self.applications[entry.number] = entry
        self.save()
        return entry

    def by_key(self, key: str) -> ApplicationEntry | None:
        return next((entry for entry in self.applications.values() if entry.key == key), None)

    def of_permit(self, permit_number: str) -> tuple[ApplicationEntry, ...]:
        return tuple(entry for entry in self.applications.values() if entry.permit_number == permit_number)
