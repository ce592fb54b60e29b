"""The simulated platform's own books: decisions, payments, objections, and the file that outlives the process.

Tests compare these books with the kiosk's ledger, so they say what the *platform* holds, whatever the kiosk was told.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.domain.violation import Decision
from kiosk.gateways.sim_server import plain, write_state

VERSION = 1


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    decision: Decision
    id_number: str = field(repr=False)
    key: str
    signature_sha256: str
    waived_at: str


@dataclass(frozen=True, slots=True)
class PaymentEntry:
    number: str
    trade_no: str
    amount_fen: int
    surcharge_fen: int
    paid_at: str
    posted_at: str
    key: str


@dataclass(frozen=True, slots=True)
class ObjectionEntry:
    objection_no: str
    record_id: str
    id_number: str = field(repr=False)
    reason: str = field(repr=False)
    key: str
    filed_at: str


class Books:
    """Everything that requests changed. Each change is on disk (where there is a file) before the answer leaves.

    Raises ValueError at construction for a file that is not such a book.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.serial = 0
        self.decisions: dict[str, DecisionEntry] = {}
        """By record id."""
        self.payments: dict[str, PaymentEntry] = {}
        """By decision number."""
        self.objections: dict[str, ObjectionEntry] = {}
        """By idempotency key."""
        if file is not None and file.exists():
            self._load(file)

    def add_decision(self, entry: DecisionEntry) -> None:
        self.decisions[entry.decision.record_id] = entry
        self._save()

    def add_payment(self, entry: PaymentEntry) -> None:
        self.payments[entry.number] = entry
        self._save()

    def add_objection(self, entry: ObjectionEntry) -> None:
        self.objections[entry.key] = entry
        self._save()

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def by_number(self, number: str) -> DecisionEntry | None:
        return next((entry for entry in self.decisions.values() if entry.decision.number == number), None)

    def points_of(self, id_number: str) -> int:
        """Points that decisions made here have added."""
        return sum(entry.decision.points for entry in self.decisions.values() if entry.id_number == id_number)

    def clear(self) -> None:
        self.decisions.clear()
        self.payments.clear()
        self.objections.clear()
        self.serial = 0
        self._save()

    def as_dict(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "serial": self.serial,
            "decisions": [plain(entry) for entry in self.decisions.values()],
            "payments": [plain(entry) for entry in self.payments.values()],
            "objections": [plain(entry) for entry in self.objections.values()],
        }

    def _save(self) -> None:
        if self._file is None:
            return
        write_state(self._file, self.as_dict())

    def _load(self, file: Path) -> None:
        try:
            book = json.loads(file.read_text(encoding="utf-8"))
            if book["version"] != VERSION:
                raise ValueError("another version")
            self.serial = int(book["serial"])
            for entry in book["decisions"]:
                decision = dict(entry["decision"])
                decision["decided_at"] = dt.datetime.fromisoformat(decision["decided_at"])
                decision["deadline"] = decision["deadline"] and dt.date.fromisoformat(decision["deadline"])
                self.decisions[decision["record_id"]] = DecisionEntry(**{**entry, "decision": Decision(**decision)})
            self.payments = {entry["number"]: PaymentEntry(**entry) for entry in book["payments"]}
            self.objections = {entry["key"]: ObjectionEntry(**entry) for entry in book["objections"]}
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file} is not a state file of this simulator ({type(error).__name__})") from None
