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
from kiosk.domain.violation import Driver, FilingStanding, HandledRecord, Vehicle, ViolationRecord


class Act(StrEnum):
    """What follows where a rule applies."""

    REFUSE = "refuse"
    """No handling of this person, vehicle or number; paying a decision that exists stays open."""
    SKIP = "skip"
    """This record cannot be chosen."""
    WARN = "warn"
    """Handling goes on, and the citizen is told."""


class AppliesTo(StrEnum):
    CARD = "card"
    FACE = "face"
    LICENCE = "licence"
    VEHICLE = "vehicle"
    RECORD = "record"
    SET = "set"
    FILING = "filing"
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
    today: dt.date | None = None
    """None: nothing that depends on the day is asked."""
    driver: Driver | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    record: ViolationRecord = field(repr=False)
    vehicle: Vehicle = field(repr=False)
    driver: Driver | None = field(repr=False)
    today: dt.date
    rules: Rules = field(repr=False)
    handled: tuple[HandledRecord, ...] = field(repr=False)
    """What this person took in the present cycle, at any place."""
    held: bool
    """Another session has it."""
    covered: bool
    """The licence's classes cover the vehicle."""


@dataclass(frozen=True, slots=True)
class SetFacts:
    chosen: tuple[ViolationRecord, ...] = field(repr=False)
    driver: Driver | None = field(repr=False)
    rules: Rules = field(repr=False)
    vehicle: Vehicle | None = field(default=None, repr=False)
    """None: what depends on the vehicle is not asked."""
    handled: tuple[HandledRecord, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """Somebody else's vehicle that is to be filed."""

    standing: FilingStanding
    vehicle: Vehicle = field(repr=False)
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
class Caution:
    """A rule that warns. The fields are those of a refusal; nothing is stopped."""

    code: str
    message: str
    source: str = ""
    reason: str = ""


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
    act: Act = Act.REFUSE
    reads: tuple[str, ...] = ()
    """Settings of `rules.toml` that the test looks at ("set.points_limit"), for the rule book."""
    alarm: bool = False
    """Staff are called at once."""

    def refusal(self, facts: F) -> Refusal | None:
        """The refusal, if the rule applies to these facts. A rule that warns refuses nothing."""
        words = self.test(facts) if self.act is not Act.WARN else None
        if words is None:
            return None
        return Refusal(self.code, self.sentence(words), self.source, self.reason, self.alarm)

    def caution(self, facts: F) -> Caution | None:
        """The warning, if this rule warns and applies to these facts."""
        words = self.test(facts) if self.act is Act.WARN else None
        if words is None:
            return None
        return Caution(self.code, self.sentence(words), self.source, self.reason)

    def sentence(self, words: Words) -> str:
        """The citizen's sentence. Rows of a list hold one sentence, so there the halves are joined by a comma; elsewhere they are
        two sentences."""
        comma = self.applies_to in (AppliesTo.RECORD, AppliesTo.SET)
        return f"{self.what}{'，' if comma else '。'}{self.todo}。".format_map(words)


def when(test: Callable[[F], bool]) -> Callable[[F], Words | None]:
    """A test of a rule whose sentence has no blanks."""
    return lambda facts: APPLIES if test(facts) else None
