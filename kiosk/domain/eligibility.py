"""Asking the rules: first the person, then the vehicle, then each record, then what was chosen together.

The rules themselves stand as tables in `rules_person`, `rules_vehicle`, `rules_record` and `rules_set`. A refusal ends handling
(person, vehicle) or locks one record; paying for a decision that already exists stays open whatever is refused here. A caution
stops nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from config.tables import Rules
from kiosk.domain.errors import Refusal
from kiosk.domain.identity import IdCard
from kiosk.domain.rule import (
    CardFacts,
    Caution,
    FaceFacts,
    FilingFacts,
    LicenceFacts,
    RecordFacts,
    Rule,
    SetFacts,
    VehicleFacts,
)
from kiosk.domain.rules_person import CARD_RULES, FACE_RULES, LICENCE_RULES
from kiosk.domain.rules_record import RECORD_RULES, class_covers
from kiosk.domain.rules_set import SET_RULES
from kiosk.domain.rules_vehicle import FILING_RULES, VEHICLE_RULES
from kiosk.domain.violation import Driver, FilingStanding, HandledRecord, Vehicle, ViolationRecord

_ALSO_BEFORE_FILING = frozenset({"V08", "V09"})
"""Of the vehicle's own rules those that stand against its filing as well; kind and use have rows of their own there."""

F = TypeVar("F")


def card_refusals(card: IdCard | None, today: dt.date, rules: Rules) -> list[Refusal]:
    """E01 to E03, before anything is asked of the platform. None: the card could not be read."""
    return _all(CARD_RULES, CardFacts(card, today, rules))


def face_refusal() -> Refusal:
    """E04, for the journey to show once the face check has failed for good."""
    return _all(FACE_RULES, FaceFacts(failed=True))[0]


def licence_refusals(driver: Driver | None, today: dt.date, rules: Rules) -> list[Refusal]:
    """E05, E10, E12, E13, E15 and E19. None: the platform has no licence file of this person."""
    return _all(LICENCE_RULES, LicenceFacts(driver, today, rules))


def licence_warnings(driver: Driver | None, today: dt.date, rules: Rules) -> list[Caution]:
    """E18."""
    return _cautions(LICENCE_RULES, LicenceFacts(driver, today, rules))


def person_refusals(card: IdCard | None, driver: Driver | None, today: dt.date, rules: Rules) -> list[Refusal]:
    """Everything that stands against this person, the card first. Empty: may go on."""
    return card_refusals(card, today, rules) + licence_refusals(driver, today, rules)


def vehicle_refusal(
    vehicle: Vehicle | None, rules: Rules, *, today: dt.date | None = None, driver: Driver | None = None
) -> Refusal | None:
    """The first thing that stands against the vehicle. None as vehicle: its proof did not match (V01)."""
    return _first(VEHICLE_RULES, VehicleFacts(vehicle, rules, today, driver))


def plate_refusal(plate: str, plate_type: str, rules: Rules) -> Refusal | None:
    """V07, the one rule of vehicles that a plate alone is enough for: nobody looks for a proof in vain."""
    table = tuple(rule for rule in VEHICLE_RULES if rule.code == "V07")
    return _first(table, VehicleFacts(Vehicle(plate, plate_type, "typed"), rules))


def vehicle_warnings(
    vehicle: Vehicle | None, rules: Rules, *, today: dt.date, driver: Driver | None = None
) -> list[Caution]:
    """V09 to V11, and what S3 tells everybody who handles somebody else's vehicle."""
    return _cautions(VEHICLE_RULES, VehicleFacts(vehicle, rules, today, driver))


def filing_refusal(standing: FilingStanding, vehicle: Vehicle, rules: Rules) -> Refusal | None:
    """Why this vehicle cannot be filed by this person now (V04), or by nobody (V08, V09)."""
    by_vehicle = tuple(rule for rule in VEHICLE_RULES if rule.code in _ALSO_BEFORE_FILING)
    never = _first(by_vehicle, VehicleFacts(vehicle, rules))
    return never or _first(FILING_RULES, FilingFacts(standing, vehicle, rules))


def record_verdicts(
    records: Sequence[ViolationRecord],
    vehicle: Vehicle,
    driver: Driver | None,
    chosen: Collection[str],
    today: dt.date,
    rules: Rules,
    *,
    handled: Sequence[HandledRecord] = (),
    held: Collection[str] = frozenset(),
) -> dict[str, Refusal | None]:
    """For each record why it cannot be chosen, or None. To be asked again whenever a row is ticked or unticked.

    `records` are those of this vehicle, `chosen` the ids that are ticked; ids that are not among the records are ignored. `handled`
    is what this person took in the present points cycle, `held` the ids that another session holds. A ticked row is never locked by
    the sum it belongs to, or it could not be unticked; what is wrong with it alone still locks it, and it then no longer counts.
    """
    before, covered = tuple(handled), class_covers(vehicle, driver, rules)

    def against(record: ViolationRecord) -> Refusal | None:
        by_another = record.record_id in held
        return _first(RECORD_RULES, RecordFacts(record, vehicle, driver, today, rules, before, by_another, covered))

    alone = {record.record_id: against(record) for record in records}
    ticked = tuple(r for r in records if r.record_id in chosen and alone[r.record_id] is None)
    verdicts: dict[str, Refusal | None] = {}
    for record in records:
        verdict = alone[record.record_id]
        if verdict is None and record.record_id not in chosen:
            verdict = _first(SET_RULES, SetFacts((*ticked, record), driver, rules, vehicle, before))
        verdicts[record.record_id] = verdict
    return verdicts


def set_refusals(
    chosen: Iterable[ViolationRecord],
    driver: Driver | None,
    rules: Rules,
    *,
    vehicle: Vehicle | None = None,
    handled: Sequence[HandledRecord] = (),
) -> list[Refusal]:
    """What stands against the chosen records together; to be asked before each decision, with what is left to decide."""
    return _all(SET_RULES, SetFacts(tuple(chosen), driver, rules, vehicle, tuple(handled)))


def alarms(refusal: Refusal) -> bool:
    """Whether staff are called at once (V08 for a stolen, suspect or fled car; W10). The citizen's sentence does not say why."""
    return refusal.alarm


def headline(refusal: Refusal | Caution) -> tuple[str, str]:
    """(what happened, what to do) for a page with a title. A message of one sentence has an empty second part."""
    what, stop, todo = refusal.message.partition("。")
    return what, todo if stop else ""


def _each(table: tuple[Rule[F], ...], facts: F) -> Iterator[Refusal]:
    return (refusal for rule in table if (refusal := rule.refusal(facts)) is not None)


def _all(table: tuple[Rule[F], ...], facts: F) -> list[Refusal]:
    return list(_each(table, facts))


def _first(table: tuple[Rule[F], ...], facts: F) -> Refusal | None:
    return next(_each(table, facts), None)


def _cautions(table: tuple[Rule[F], ...], facts: F) -> list[Caution]:
    return [caution for rule in table if (caution := rule.caution(facts)) is not None]
