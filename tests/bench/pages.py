"""From opening a screen on the desk until its page is painted, 1080x1920, raster, over every registered page."""

from __future__ import annotations

import gc
from typing import Any

from tests.bench.rows import Effort, Row, median, percentile, progress, spread

FRAME_MS = 16.7
WARM = 3


def measure(effort: Effort) -> list[Row]:
    from tests.bench.painter import Painter, Shown
    from ui.pages import PAGES
    from ui.samples import all_samples

    painter = Painter()

    def show(sample: Any) -> Shown:
        return painter.show(lambda: sample.screen, back=sample.back, cancel=sample.cancel, progress=sample.progress)

    # What a sample would do to its page after it was shown is left out here: the first show is measured.
    samples = {name: sample for name, sample in all_samples().items() if sample.overlay is None}
    shown = {f"{type(s.screen).__module__}:{type(s.screen).__qualname__}" for s in samples.values()}
    missing = sorted(PAGES.keys() - shown)
    if missing:
        raise RuntimeError(f"no sample shows {', '.join(missing)}")
    for number in range(WARM):
        progress(f"pages: warming caches with {len(samples)} screens, {number + 1}/{WARM}")
        for sample in samples.values():
            show(sample)
    times: dict[str, list[float]] = {name: [] for name in samples}
    core: dict[str, list[float]] = {name: [] for name in samples}
    rounds = effort.of(40, 30)
    for number in range(rounds):
        if number % 10 == 0:
            progress(f"pages: round {number + 1}/{rounds}")
            gc.collect()
        for name, sample in samples.items():
            shown_in = show(sample)
            times[name].append(shown_in.wall)
            core[name].append(shown_in.busy)

    painter.desk.close()
    floor = [painter.floor() for _ in range(rounds)]
    painter.frame.close()

    everything = [value for values in times.values() for value in values]
    busy = [value for values in core.values() for value in values]
    tails = {name: percentile(values, 99) for name, values in times.items()}
    worst = max(times, key=lambda name: median(times[name]))
    tail = max(tails, key=lambda name: tails[name])
    slow = sorted((name for name in times if median(times[name]) > FRAME_MS), key=lambda n: -median(times[n]))
    peer = f"one full-window label {median(floor):.1f} ms"
    note = f"worst median: {worst} {median(times[worst]):.1f} ms; worst p99: {tail} {tails[tail]:.1f} ms"
    if slow:
        note += f"; slower than a frame: {', '.join(f'{name} {median(times[name]):.1f}' for name in slow[:6])}"
    return [
        Row(
            "pages",
            f"screen shown to page painted, {len(PAGES)} pages in {len(samples)} states, time of its own core",
            percentile(busy, 99),
            "ms",
            f"p99 of {len(busy)}",
            FRAME_MS,
            peer=peer,
            ratio=percentile(busy, 99) / median(floor),
            note=note,
            data={name: {**spread(values), "core": spread(core[name])} for name, values in times.items()},
        ),
        Row(
            "pages",
            "the same by the clock on the wall, other processes included",
            percentile(everything, 99),
            "ms",
            f"p99 of {len(everything)}",
            peer=peer,
            ratio=percentile(everything, 99) / median(floor),
        ),
        Row(
            "pages",
            "the same by the clock, all pages",
            median(everything),
            "ms",
            f"median of {len(everything)}",
            peer=peer,
            ratio=median(everything) / median(floor),
        ),
    ]
