"""The endorsement journey without think time, and how soon its options stand on the screen after the registry has answered."""

from __future__ import annotations

import asyncio

from tests.bench.rows import Effort, Row, median, percentile, progress, spread
from tests.bench.visit import hall

BAR_MS = 1500.0
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


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_measure(effort))
