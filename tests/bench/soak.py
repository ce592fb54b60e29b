"""Journey after journey: what stays in memory. Headless on the robot's desk, and pages on the real desk."""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from tests.bench.rows import Effort, Row, progress
from tests.bench.visit import hall

FULL = 1000
BAR_MB = 5.0
POLL_S = 0.02
"""Nothing is timed here, so the wallet is asked often."""


def resident_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def slope(values: Sequence[float], each: int) -> float:
    """MB per 1,000 by the median of all pairwise slopes (Theil-Sen): single jumps of the allocator do not decide."""
    pairs = [
        (values[j] - values[i]) / ((j - i) * each) * FULL for i in range(len(values)) for j in range(i + 1, len(values))
    ]
    return statistics.median(pairs)


async def journeys(count: int, warm: int) -> list[float]:
    """Resident memory after each tenth part of `count` visits, the first after the warm-up."""
    async with hall(camera=False, poll_s=POLL_S) as place:
        progress(f"soak: {warm} journeys to warm up")
        for _ in range(warm):
            await place.visit()
        step = max(1, count // 10)
        gc.collect()
        seen = [resident_mb()]
        for number in range(1, count + 1):
            await place.visit()
            place.pages.clear()
            if number % step == 0:
                gc.collect()
                seen.append(resident_mb())
                progress(f"soak: {number}/{count} journeys, {seen[-1] - seen[0]:+.2f} MB")
        return seen


def pages(count: int, warm: int) -> list[float]:
    """The same for `count` rounds through every page of a visit on the real desk, painted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    from ui.desk import QtDesk
    from ui.frame import KioskFrame
    from ui.gallery import BRAND, FixedClock
    from ui.samples import all_samples
    from ui.theme import ThemeSource, dress

    app = QApplication.instance() or QApplication(sys.argv[:1])
    themes = ThemeSource(1.0, motion=False)
    assert isinstance(app, QApplication)
    dress(app, themes.theme)
    frame = KioskFrame(themes, FixedClock(), BRAND, guard_page_ms=0)
    frame.set_closable(True)
    frame.resize(1080, 1920)
    desk = QtDesk(frame, themes)
    frame.show()
    one_each: dict[type[Any], Any] = {}
    for sample in all_samples().values():
        if sample.overlay is None:
            one_each.setdefault(type(sample.screen), sample)

    def visit() -> None:
        for sample in one_each.values():
            desk.allow(back=sample.back, cancel=sample.cancel)
            desk.progress(sample.progress)
            desk.open(sample.screen)
            for _ in range(2):
                QCoreApplication.processEvents()
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        desk.wipe()

    for _ in range(warm):
        visit()
    step = max(1, count // 10)
    gc.collect()
    seen = [resident_mb()]
    for number in range(1, count + 1):
        visit()
        if number % step == 0:
            gc.collect()
            seen.append(resident_mb())
            progress(f"soak: {number}/{count} rounds of {len(one_each)} pages, {seen[-1] - seen[0]:+.2f} MB")
    frame.close()
    return seen


def _row(what: str, seen: list[float], count: int) -> Row:
    grown, step = seen[-1] - seen[0], max(1, count // 10)
    whole = count >= FULL
    trend = slope(seen, step)
    return Row(
        "soak",
        f"{what}: growth over {FULL if not whole else count}" + ("" if whole else f", EXTRAPOLATED from {count}"),
        grown if whole else trend,
        "MB",
        f"{'measured' if whole else 'slope'}, {len(seen)} points",
        BAR_MB,
        "<",
        peer=f"resident after warm-up {seen[0]:.1f} MB",
        ratio=seen[-1] / seen[0],
        note=f"measured {grown:+.2f} MB over {count}; slope {trend:+.2f} MB per 1,000",
        data={"resident_mb": seen},
    )


def measure(effort: Effort) -> list[Row]:
    count = effort.journeys or effort.of(100, 40)
    # A short run begins where a long one has settled: SQLite's page cache (2 MB) is full after some 150 journeys, and a
    # line through its filling would tell nothing of the next thousand.
    warm = 30 if count >= FULL else 160
    rows = [_row("journeys, headless", asyncio.run(journeys(count, warm)), count)]
    rows.append(_row("pages of a journey on the real desk", pages(count, warm=30), count))
    return rows
