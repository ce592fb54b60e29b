"""The simulated platform's own books: applications and what became of them, and the file that outlives the process.

Tests compare these books with the kiosk's ledger, so they say what the *platform* holds, whatever the kiosk was told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.gateways.sim_server import plain, write_state

VERSION = 1


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


class Books:
    """Everything that requests changed. Each change is on disk (where there is a file) before the answer leaves.

    Raises ValueError at construction for a file that is not such a book.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.serial = 0
        self.applications: dict[str, ApplicationEntry] = {}
        """By number."""
        if file is not None and file.exists():
            self._load(file)

    def keep(self, entry: ApplicationEntry) -> ApplicationEntry:
        self.applications[entry.number] = entry
        self._save()
        return entry

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def by_key(self, key: str) -> ApplicationEntry | None:
        return next((entry for entry in self.applications.values() if entry.key == key), None)

    def of_permit(self, permit_number: str) -> tuple[ApplicationEntry, ...]:
        return tuple(entry for entry in self.applications.values() if entry.permit_number == permit_number)

    def clear(self) -> None:
        self.applications.clear()
        self.serial = 0
        self._save()

    def as_dict(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "serial": self.serial,
            "applications": [plain(entry) for entry in self.applications.values()],
        }

    def _save(self) -> None:
        if self._file is not None:
            write_state(self._file, self.as_dict())

    def _load(self, file: Path) -> None:
        try:
            book = json.loads(file.read_text(encoding="utf-8"))
            if book["version"] != VERSION:
                raise ValueError("another version")
            self.serial = int(book["serial"])
            for raw in book["applications"]:
                grants = tuple(GrantEntry(**grant) for grant in raw["grants"])
                entry = ApplicationEntry(**{**raw, "options": tuple(raw["options"]), "grants": grants})
                self.applications[entry.number] = entry
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{file} is not a state file of this simulator ({type(error).__name__})") from None
