"""Verdicts for a long list: what each tick of a row on the list page costs before the page is painted."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

from config.scenarios import load_scenario
from config.tables import load_tables
from kiosk.domain import eligibility
from kiosk.domain.calendar import work_calendar
from kiosk.domain.violation import HandledRecord
from kiosk.gateways.police.sim_world import World
from kiosk.ports.clock import SystemClock
from tests.bench.rows import Effort, Row, median, progress

BAR_MS = 50.0
RECORDS = 1000


def measure(effort: Effort) -> list[Row]:
    """One citizen, one vehicle, a thousand open records, five ticked, thirty taken earlier in the cycle."""
    clock, tables = SystemClock(), load_tables()
    world = World(clock, work_calendar(tables.holidays, tables.rules.deadline))
    found = load_scenario("happy_two_records", clock.now().date())
    world.add(found)
    vehicle = world.vehicles(found.person.number)[0]
    driver = world.identify(found.person.number, found.person.name)
    one = world.open_records(vehicle.plate, vehicle.plate_type)[0]
    records = tuple(replace(one, record_id=f"{n:016d}", points=n % 4, fine_fen=n % 3 * 15_000) for n in range(RECORDS))
    days = [one.at - dt.timedelta(days=n + 1) for n in range(30)]
    taken = tuple(
        HandledRecord(f"{n:016d}", f"浙B{n:05d}", "02", "own", at, one.authority_code, 1)
        for n, at in enumerate(days, 5000)
    )
    ticked = [record.record_id for record in records if not record.points][:5]
    today, times = clock.now().date(), effort.of(40, 10)
    progress(f"verdicts: {RECORDS} records, {times} times")
    took: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        said = eligibility.record_verdicts(records, vehicle, driver, ticked, today, tables.rules, handled=taken)
        took.append((time.perf_counter() - started) * 1000)
    locked = sum(verdict is not None for verdict in said.values())
    if len(said) != RECORDS or not 0 < locked < RECORDS:
        raise RuntimeError(
            f"the rules did not tell these records apart: {sorted({v.code for v in said.values() if v})}"
        )
    note = f"{locked} locked; thirty records handled before, all rules of record and choice"
    return [
        Row("verdicts", f"verdicts for {RECORDS} records", median(took), "ms", f"median of {times}", BAR_MS, note=note)
    ]
