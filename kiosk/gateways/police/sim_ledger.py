"""The simulated traffic police's own books: decisions, payments, objections, bills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
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
    """Decisions by record id, payments by decision number, objections by idempotency key, bills by order number."""

    def __init__(self, file: Path | None = None) -> None:
        self.decisions: dict[str, DecisionEntry] = {}
        self.payments: dict[str, PaymentEntry] = {}
        self.objections: dict[str, ObjectionEntry] = {}
        self.bills: dict[str, BillEntry] = {}
        super().__init__(file)

    def tables(self) -> Mapping[str, dict[str, Any]]:
        return {
            "decisions": self.decisions,
            "payments": self.payments,
            "objections": self.objections,
            "bills": self.bills,
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

    def add_decision(self, entry: DecisionEntry) -> None:
        self.decisions[entry.decision.record_id] = entry
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

    def by_number(self, number: str) -> DecisionEntry | None:
        return next((entry for entry in self.decisions.values() if entry.decision.number == number), None)

    def points_of(self, id_number: str) -> int:
        """Points that decisions made here have added."""
        return sum(entry.decision.points for entry in self.decisions.values() if entry.id_number == id_number)
