"""What is asked anew before anything is decided: minutes have passed since the list, and other machines decide too.

Not reaching the platform changes nothing here, as it checks for itself before it decides.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from config.tables import Rules
from kiosk.domain import eligibility
from kiosk.domain.errors import GatewayUnavailable, Refusal, Refused
from kiosk.domain.violation import Decision, Driver, HandledRecord, Vehicle, ViolationRecord
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.visit import Visit

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom the rules are asked about, as far as is known now; each decision made in this visit is added."""

    driver: Driver | None
    vehicle: Vehicle
    records: tuple[ViolationRecord, ...]
    handled: tuple[HandledRecord, ...]

    def refusals(self, record: ViolationRecord, today: dt.date, rules: Rules) -> list[Refusal]:
        """Everything that stands against deciding on the record now: person, vehicle, record, and what was taken before."""
        now = next((each for each in self.records if each.record_id == record.record_id), record)
        driver, vehicle, before = self.driver, self.vehicle, self.handled
        found = eligibility.licence_refusals(driver, today, rules)
        of_vehicle = eligibility.vehicle_refusal(vehicle, rules, today=today, driver=driver)
        by_itself = eligibility.record_verdicts((now,), vehicle, driver, (now.record_id,), today, rules, handled=before)
        found += [refusal for refusal in (of_vehicle, by_itself[now.record_id]) if refusal is not None]
        return found + eligibility.set_refusals((now,), driver, rules, vehicle=vehicle, handled=before)

    def after(self, record: ViolationRecord, issued: Decision) -> Standing:
        """With this decision made: its points and its record count for the next one (公安部令163 第13条)."""
        driver = None if self.driver is None else replace(self.driver, points=issued.points_total)
        relation = self.vehicle.relation if self.vehicle.relation in ("own", "filed") else "other"
        taken = HandledRecord(
            record.record_id,
            record.plate,
            record.plate_type,
            relation,
            record.at,
            record.authority_code,
            issued.points,
        )
        return replace(self, driver=driver, handled=(*self.handled, taken))


async def standing_now(visit: Visit, kit: Kit) -> Standing:
    """All at the same time; what cannot be had stays as it was when the list was shown."""
    if visit.vehicle is None:
        raise RuntimeError("records are decided after the vehicle is known")
    vehicle, card = visit.vehicle, visit.holder
    driver, vehicles, handled, records = await asyncio.gather(
        _or_before("licence", kit.police.identify(card.number, card.name), visit.driver),
        _or_before("vehicles", kit.police.vehicles(card.number), ()),
        _or_before("handled", kit.police.handled(card.number), visit.handled),
        _or_before("records", kit.police.open_records(vehicle.plate, vehicle.plate_type), visit.records),
    )
    same = [each for each in vehicles if (each.plate, each.plate_type) == (vehicle.plate, vehicle.plate_type)]
    # A vehicle that was filed a minute ago may not be listed yet; the platform knows, and says so when it decides.
    ours = visit.kept.holding
    return Standing(
        driver,
        same[0] if same else vehicle,
        # What this visit holds may be told as held: by itself.
        tuple(replace(r, state="open") if r.state == "held" and r.record_id in ours else r for r in records),
        tuple(handled),
    )


async def _or_before(what: str, asked: Awaitable[T], before: T) -> T:
    try:
        return await asked
    except (GatewayUnavailable, Refused) as trouble:
        log.warning("not_checked_again", what=what, error=type(trouble).__name__)
        return before
