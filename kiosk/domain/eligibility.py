"""Asking the rules: first the person, then the vehicle, then each record, then what was chosen together.

The rules themselves stand as tables in `rules_person` and `rules_vehicle`. A refusal ends handling (person, vehicle) or locks one
record; paying for a decision that already exists stays open whatever is refused here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from config.tables import Rules
from kiosk.domain.errors import Refusal
from kiosk.domain.identity import IdCard
from kiosk.domain.rule import CardFacts, FaceFacts, LicenceFacts, RecordFacts, Rule, SetFacts, VehicleFacts
from kiosk.domain.rules_person import CARD_RULES, FACE_RULES, LICENCE_RULES
from kiosk.domain.rules_vehicle import RECORD_RULES, SET_RULES, VEHICLE_RULES
from kiosk.domain.violation import Driver, Vehicle, ViolationRecord

F = TypeVar("F")


def card_refusals(card: IdCard | None, today: dt.date, rules: Rules) -> list[Refusal]:
    """E01 to E03, before anything is asked of the platform. None: the card could not be read."""
    return _all(CARD_RULES, CardFacts(card, today, rules))


def face_refusal() -> Refusal:
    """E04, for the journey to show once the face check has failed for good."""
    return _all(FACE_RULES, FaceFacts(failed=True))[0]


def licence_refusals(driver: Driver | None, today: dt.date, rules: Rules) -> list[Refusal]:
    """E05 and E10 to E13. None: the platform has no licence file of this person."""
    return _all(LICENCE_RULES, LicenceFacts(driver, today, rules))


def person_refusals(card: IdCard | None, driver: Driver | None, today: dt.date, rules: Rules) -> list[Refusal]:
    """Everything that stands against this person, the card first. Empty: may go on."""
    return card_refusals(card, today, rules) + licence_refusals(driver, today, rules)


def vehicle_refusal(vehicle: Vehicle | None, rules: Rules) -> Refusal | None:
    """The first thing that stands against the vehicle. None as vehicle: its proof did not match (V01)."""
    return next(iter(_all(VEHICLE_RULES, VehicleFacts(vehicle, rules))), None)


def record_verdicts(
    records: Sequence[ViolationRecord],
    vehicle: Vehicle,
    driver: Driver | None,
    chosen: Collection[str],
    today: dt.date,
    rules: Rules,
) -> dict[str, Refusal | None]:
    """For each record why it cannot be chosen, or None. To be asked again whenever a row is ticked or unticked.

    `records` are those of this vehicle, `chosen` the ids that are ticked; ids that are not among the records are ignored. A
    ticked row is never locked by the sum it belongs to, or it could not be unticked; what is wrong with it alone still locks it,
    and it then no longer counts.
    """
    alone = {r.record_id: _first(RECORD_RULES, RecordFacts(r, vehicle, driver, today, rules)) for r in records}
    ticked = tuple(r for r in records if r.record_id in chosen and alone[r.record_id] is None)
    verdicts: dict[str, Refusal | None] = {}
    for record in records:
        verdict = alone[record.record_id]
        if verdict is None and record.record_id not in chosen:
            verdict = _first(SET_RULES, SetFacts((*ticked, record), driver, rules))
        verdicts[record.record_id] = verdict
    return verdicts


def set_refusals(chosen: Iterable[ViolationRecord], driver: Driver | None, rules: Rules) -> list[Refusal]:
    """What stands against the chosen records together; to be asked before each decision, with what is left to decide."""
    return _all(SET_RULES, SetFacts(tuple(chosen), driver, rules))


def headline(refusal: Refusal) -> tuple[str, str]:
    """(what happened, what to do) for a page with a title. A message of one sentence has an empty second part."""
    what, stop, todo = refusal.message.partition("。")
    return what, todo if stop else ""


def _all(table: tuple[Rule[F], ...], facts: F) -> list[Refusal]:
    return [refusal for rule in table if (refusal := rule.refusal(facts)) is not None]


def _first(table: tuple[Rule[F], ...], facts: F) -> Refusal | None:
    return next(iter(_all(table, facts)), None)
