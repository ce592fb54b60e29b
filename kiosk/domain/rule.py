"""What a rule of eligibility is: a test on facts, and the sentences that go with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from config.tables import Rules
from kiosk.domain.errors import Refusal
from kiosk.domain.fine import PayableFine
from kiosk.domain.identity import IdCard
from kiosk.domain.violation import Driver, Vehicle, ViolationRecord


class AppliesTo(StrEnum):
    CARD = "card"
    FACE = "face"
    LICENCE = "licence"
    VEHICLE = "vehicle"
    RECORD = "record"
    SET = "set"
    NUMBER = "number"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class CardFacts:
    card: IdCard | None = field(repr=False)
    """None: the card could not be read."""
    today: dt.date
    rules: Rules = field(repr=False)


@dataclass(frozen=True, slots=True)
class FaceFacts:
    failed: bool


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    driver: Driver | None = field(repr=False)
    """None: the platform has no licence file of this person."""
    today: dt.date
    rules: Rules = field(repr=False)


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    vehicle: Vehicle | None = field(repr=False)
    """None: plate, type and proof do not belong together."""
    rules: Rules = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    record: ViolationRecord = field(repr=False)
    vehicle: Vehicle = field(repr=False)
    driver: Driver | None = field(repr=False)
    today: dt.date
    rules: Rules = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetFacts:
    chosen: tuple[ViolationRecord, ...] = field(repr=False)
    driver: Driver | None = field(repr=False)
    rules: Rules = field(repr=False)


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What was typed or scanned where the number of a decision was asked for."""

    text: str = field(repr=False)
    scanned: bool


@dataclass(frozen=True, slots=True)
class FineFacts:
    """What the cashier said of a decision: the decision, or a result code."""

    fine: PayableFine | None = field(repr=False)
    said: str
    """Result code where it did not answer with the decision, else empty."""
    number: str
    open_now: bool
    rules: Rules = field(repr=False)


F = TypeVar("F")
Words = Mapping[str, str]
APPLIES: Words = {}


@dataclass(frozen=True, slots=True)
class Rule(Generic[F]):
    """One rule.

    The test looks at facts only, and answers None where the rule does not apply, else the words that fill the blanks of the
    sentence. `what` and `todo` are the two halves of the citizen's sentence; `reason` is for the technician and
    carries no personal data, because it is logged.
    """

    code: str
    applies_to: AppliesTo
    test: Callable[[F], Words | None]
    what: str
    todo: str
    reason: str
    source: str

    def refusal(self, facts: F) -> Refusal | None:
        """The refusal, if the rule applies to these facts.

        Rows of a list hold one sentence, so there the halves are joined by a comma; elsewhere they are two sentences.
        """
        words = self.test(facts)
        if words is None:
            return None
        comma = self.applies_to in (AppliesTo.RECORD, AppliesTo.SET)
        message = f"{self.what}{'，' if comma else '。'}{self.todo}。".format_map(words)
        return Refusal(self.code, message, self.source, self.reason)


def when(test: Callable[[F], bool]) -> Callable[[F], Words | None]:
    """A test of a rule whose sentence has no blanks."""
    return lambda facts: APPLIES if test(facts) else None
