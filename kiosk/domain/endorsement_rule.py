"""What a rule of the endorsement service is: a test on facts, where it leads, and the sentences that go with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from config.endorsement_tables import EndorsementTables, OptionRow
from kiosk.domain.endorsement import Option, RegistryRecord, Stop
from kiosk.domain.errors import Refusal
from kiosk.domain.identity import IdCard
from kiosk.domain.permit import ChipHolder, PermitLine

Phase = Literal["card", "permit", "person"]
"""How far the visit has come: identity card read; permit read, line and chip; face checked and registry asked."""

Outcome = Literal["refuse", "window"]


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of the person and the permit so far. None where it is not known yet."""

    card: IdCard | None = field(repr=False)
    """None: the card could not be read."""
    line: PermitLine | None = field(default=None, repr=False)
    chip: ChipHolder | None = field(default=None, repr=False)
    chip_dead: bool = False
    """The chip gave nothing, or nothing that can be trusted (its data groups are not those it is signed for)."""
    face_failed: bool = False
    """The face was compared as often as may be and did not pass."""
    registry: RegistryRecord | None = field(default=None, repr=False)
    """None in the phase "person": the platform knows no such permit."""
    fingerprint_ok: bool | None = None
    """None: not taken."""
    chip_full_name: str = field(default="", repr=False)
    """DG11, where the chip has one."""
    chip_personal_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    applicant: Applicant
    today: dt.date
    tables: EndorsementTables = field(repr=False)
    phase: Phase


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """One option, and who asks for it."""

    row: OptionRow = field(repr=False)
    option: Option
    valid_to: dt.date
    """If issued today."""
    registry: RegistryRecord = field(repr=False)
    card: IdCard = field(repr=False)
    today: dt.date
    tables: EndorsementTables = field(repr=False)
    allowed: Collection[str]
    """This hall's own list; empty: what the catalogue marks for machines."""


F = TypeVar("F", contravariant=True)
Words = Mapping[str, str]
APPLIES: Words = {}


@dataclass(frozen=True, slots=True)
class PermitRule(Generic[F]):
    """One rule.

    The test answers None where the rule does not apply, else the words that fill the blanks of the sentence. `what` and `todo` are
    the two halves of the citizen's sentence; `reason` is for the technician and carries no personal data, because it is logged.
    """

    code: str
    outcome: Outcome
    test: Callable[[F], Words | None]
    what: str
    todo: str
    reason: str
    source: str
    since: Phase = "person"
    """The first phase in which it can be asked. Not looked at for options."""
    one_sentence: bool = False
    """Rows of a list hold one sentence, so there the halves are joined by a comma."""

    def stop(self, facts: F) -> Stop | None:
        words = self.test(facts)
        return None if words is None else self.say(words)

    def say(self, words: Words) -> Stop:
        """The rule's answer with these words in the blanks."""
        message = f"{self.what}{'，' if self.one_sentence else '。'}{self.todo}。".format_map(words)
        return Stop(Refusal(self.code, message, self.source, self.reason), self.outcome)


def when(test: Callable[[F], bool]) -> Callable[[F], Words | None]:
    """A test of a rule whose sentence has no blanks."""
    return lambda facts: APPLIES if test(facts) else None
