"""The endorsement journey without think time, and how soon its options stand on the screen after the registry has answered."""

from __future__ import annotations

import asyncio
import datetime as dt

from config.endorsement_tables import load_endorsements
from kiosk.domain.endorsement import RegistryRecord
from kiosk.domain.endorsement_rules import offers
from kiosk.domain.identity import CardKind, IdCard, Sex
from kiosk.domain.permit import PermitKind, PermitLine
from kiosk.journeys.endorsement.choose import entries_screen, kinds_screen
from kiosk.journeys.endorsement.visit import Kept, Visit
from tests.bench.rows import Effort, Row, median, percentile, progress, spread
from tests.bench.visit import hall

BAR_MS = 1500.0
OPTIONS_BAR_MS = 50.0
WARM = 2


async def _measure(effort: Effort) -> list[Row]:
    times = effort.of(15, 5)
    took: list[float] = []
    async with hall(service="endorsement") as one, hall(camera=False) as other:
        peer: list[float] = []
        progress(f"endorsement: {times} visits, in turns with violation visits")
        for number in range(WARM + times):
            for place, values in ((one, took), (other, peer)):
                elapsed = await place.visit()
                if number < WARM:
                    place.pages.clear()
                else:
                    values.append(elapsed)
        slowest = sorted(one.pages.items(), key=lambda item: -median(item[1]))[:5]
    return [
        Row(
            "endorsement",
            "endorsement journey, two places, face checked by staff (scrypt)",
            median(took),
            "ms",
            f"median of {times}",
            BAR_MS,
            peer=f"violation journey by staff {median(peer):.0f} ms",
            ratio=median(took) / median(peer),
            note=f"p90 {percentile(took, 90):.0f} ms; longest: "
            + ", ".join(f"{page} {median(parts):.0f}" for page, parts in slowest),
            data={"ms": took, "pages": {page: spread(parts) for page, parts in one.pages.items()}},
        )
    ]


def _options(effort: Effort) -> list[Row]:
    """From the registry's record to painted pages: rules over the whole catalogue, then the kinds, then the entries of the kind that
    has most of them, for two places."""
    from tests.bench.painter import Painter

    tables, today = load_endorsements(), dt.date(2026, 3, 2)
    everything = [row.id for row in tables.options_on(today)]
    birth = dt.date(1980, 1, 1)
    card = IdCard(CardKind.RESIDENT, "张示例", Sex.FEMALE, birth, "330203198001010008", "", today, None)
    permit_end = today.replace(year=2031)
    record = RegistryRecord(
        card.number, card.name, birth, "C12345678", permit_end, hukou_area="330203", papers_for=tuple("TSQDR")
    )
    line = PermitLine(PermitKind.HK_MACAO, record.permit_number, permit_end, f"{birth:%y%m%d}")
    painter = Painter()

    def visit() -> Visit:
        found = offers(record, card, today, tables, everything)
        return Visit(card=card, line=line, registry=record, offers=found, kept=Kept(kind="S", places=("HKG", "MAC")))

    screens = {"kinds": lambda: kinds_screen(visit(), tables), "entries": lambda: entries_screen(visit(), tables)}
    times: dict[str, list[float]] = {name: [] for name in screens}
    rounds = effort.of(60, 20)
    for number in range(WARM + rounds):
        for name, make in screens.items():
            took = painter.show(make).wall
            if number >= WARM:
                times[name].append(took)
    floor = [painter.floor() for _ in range(rounds)]
    count = len(offers(record, card, today, tables, everything))
    return [
        Row(
            "endorsement",
            f"registry's record to page painted: {name}, rules asked for all {count} options",
            median(values),
            "ms",
            f"median of {rounds}",
            OPTIONS_BAR_MS,
            peer=f"one full-window label {median(floor):.1f} ms",
            ratio=median(values) / median(floor),
            note=f"p90 {percentile(values, 90):.1f} ms",
        )
        for name, values in times.items()
    ]


def measure(effort: Effort) -> list[Row]:
    return [*asyncio.run(_measure(effort)), *_options(effort)]
