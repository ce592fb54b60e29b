"""The simulated traffic police's own books: decisions, payments, objections, defences, bills, numbers, holds, filings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.domain.violation import Decision
from kiosk.gateways.sim_books import BooksOnFile


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    decision: Decision
    id_number: str = field(repr=False)
    key: str
    signature_sha256: str
    waived_at: str
    recording_sha256: str = ""
    refusal_noted_by: str = ""


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
    text: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DefenceEntry:
    defence_no: str
    record_id: str
    id_number: str = field(repr=False)
    statement: str = field(repr=False)
    phone: str = field(repr=False)
    key: str
    filed_at: str


@dataclass(frozen=True, slots=True)
class NumberEntry:
    """A number taken out of an authority's pool. `state`: reserved, committed or free (given back, to be taken again)."""

    number: str
    record_id: str
    key: str
    state: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class HoldEntry:
    record_id: str
    session: str
    id_number: str = field(repr=False)
    until: str


@dataclass(frozen=True, slots=True)
class FilingEntry:
    """`tried` are the wrong codes so far, `questions` how often it was asked after."""

    filing_id: str
    id_number: str = field(repr=False)
    plate: str = field(repr=False)
    plate_type: str
    way: str
    key: str
    state: str
    asked_at: str
    expires_at: str
    questions: int = 0
    tried: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class BillEntry:
    """A bill of the cashier's own. `lines` are decision numbers with what each costs; `state`: waiting, posted (paid and booked in one)
    or closed."""

    order_no: str
    lines: tuple[tuple[str, int], ...]
    opened_at: str
    expires_at: str
    state: str = "waiting"
    trade_no: str = ""
    paid_at: str = ""


class Books(BooksOnFile):
    """Decisions and holds by record id, payments by decision number, objections and defences by idempotency key, bills by order
    number, numbers and filings by their own."""

    def __init__(self, file: Path | None = None) -> None:
        self.decisions: dict[str, DecisionEntry] = {}
        self.payments: dict[str, PaymentEntry] = {}
        self.objections: dict[str, ObjectionEntry] = {}
        self.bills: dict[str, BillEntry] = {}
        self.defences: dict[str, DefenceEntry] = {}
        self.numbers: dict[str, NumberEntry] = {}
        self.holds: dict[str, HoldEntry] = {}
        self.filings: dict[str, FilingEntry] = {}
        super().__init__(file)

    def tables(self) -> Mapping[str, dict[str, Any]]:
        return {
            "decisions": self.decisions,
            "payments": self.payments,
            "objections": self.objections,
            "bills": self.bills,
            "defences": self.defences,
            "numbers": self.numbers,
            "holds": self.holds,
            "filings": self.filings,
        }

    def take_over(self, saved: Mapping[str, Any]) -> None:
        for entry in saved["decisions"]:
            decision = dict(entry["decision"])
            decision["decided_at"] = dt.datetime.fromisoformat(decision["decided_at"])
            decision["deadline"] = decision["deadline"] and dt.date.fromisoformat(decision["deadline"])
            self.decisions[decision["record_id"]] = DecisionEntry(**{**entry, "decision": Decision(**decision)})
        self.payments.update((entry["number"], PaymentEntry(**entry)) for entry in saved["payments"])
        self.objections.update((entry["key"], ObjectionEntry(**entry)) for entry in saved["objections"])
        for entry in saved.get("bills", ()):
            lines = tuple((str(number), int(fen)) for number, fen in entry["lines"])
            self.bills[entry["order_no"]] = BillEntry(**{**entry, "lines": lines})
        self.defences.update((entry["key"], DefenceEntry(**entry)) for entry in saved.get("defences", ()))
        self.numbers.update((entry["number"], NumberEntry(**entry)) for entry in saved.get("numbers", ()))
        self.holds.update((entry["record_id"], HoldEntry(**entry)) for entry in saved.get("holds", ()))
        for entry in saved.get("filings", ()):
            self.filings[entry["filing_id"]] = FilingEntry(**{**entry, "tried": tuple(entry["tried"])})

    def add_decision(self, entry: DecisionEntry) -> None:
        """A record that is decided is held by nobody any more."""
        self.decisions[entry.decision.record_id] = entry
        self.holds.pop(entry.decision.record_id, None)
        self.save()

    def add_payment(self, entry: PaymentEntry) -> None:
        self.payments[entry.number] = entry
        self.save()

    def add_objection(self, entry: ObjectionEntry) -> None:
        self.objections[entry.key] = entry
        self.save()

    def add_bill(self, entry: BillEntry) -> None:
        self.bills[entry.order_no] = entry
        self.save()

    def add_defence(self, entry: DefenceEntry) -> None:
        self.defences[entry.key] = entry
        self.save()

    def put_number(self, entry: NumberEntry) -> None:
        self.numbers[entry.number] = entry
        self.save()

    def put_holds(self, entries: Iterable[HoldEntry]) -> None:
        self.holds.update((entry.record_id, entry) for entry in entries)
        self.save()

    def end_holds(self, session: str) -> None:
        for record_id in [held.record_id for held in self.holds.values() if held.session == session]:
            del self.holds[record_id]
        self.save()

    def put_filing(self, entry: FilingEntry) -> None:
        self.filings[entry.filing_id] = entry
        self.save()

    def by_number(self, number: str) -> DecisionEntry | None:
        return next((entry for entry in self.decisions.values() if entry.decision.number == number), None)

    def points_of(self, id_number: str) -> int:
        """Points that decisions made here have added."""
        return sum(entry.decision.points for entry in self.decisions.values() if entry.id_number == id_number)
