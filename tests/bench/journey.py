"""The whole violation journey without think time: every page answered at once, every device ready at once."""

from __future__ import annotations

import asyncio

from tests.bench.rows import Effort, Row, median, percentile, progress, spread
from tests.bench.visit import Hall, hall

BAR_MS = 1500.0
WARM = 2


async def _measure(effort: Effort) -> list[Row]:
    times = effort.of(15, 5)
    took: dict[str, list[float]] = {"camera": [], "staff": []}
    async with hall(camera=True) as filmed, hall(camera=False) as vouched:
        halls: dict[str, Hall] = {"camera": filmed, "staff": vouched}
        progress(f"journey: {times} visits with the camera and with the staff check, in turns")
        for number in range(WARM + times):
            for name in sorted(halls, reverse=bool(number % 2)):
                elapsed = await halls[name].visit()
                if number < WARM:
                    halls[name].pages.clear()
                else:
                    took[name].append(elapsed)
    words = {
        "camera": "violation journey, face by the camera (frames at 30/s, six good ones in a row wanted)",
        "staff": "violation journey, face checked by staff (scrypt)",
    }
    rows = []
    for name, values in took.items():
        other = "staff" if name == "camera" else "camera"
        slowest = sorted(halls[name].pages.items(), key=lambda item: -median(item[1]))[:4]
        rows.append(
            Row(
                "journey",
                words[name],
                median(values),
                "ms",
                f"median of {times}",
                BAR_MS,
                peer=f"by {other} {median(took[other]):.0f} ms",
                ratio=median(values) / median(took[other]),
                note=f"p90 {percentile(values, 90):.0f} ms; longest: "
                + ", ".join(f"{page} {median(parts):.0f}" for page, parts in slowest),
                data={"ms": values, "pages": {page: spread(parts) for page, parts in halls[name].pages.items()}},
            )
        )
    return rows


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_measure(effort))
