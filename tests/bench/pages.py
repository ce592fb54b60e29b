"""From opening a screen on the desk until its page is painted, 1080x1920, raster, over every registered page."""

from __future__ import annotations

import gc
import os
import sys
import time
from typing import Any

from tests.bench.rows import Effort, Row, median, percentile, progress, spread

FRAME_MS = 16.7
WARM = 3


def measure(effort: Effort) -> list[Row]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication, QEvent, QObject
    from PySide6.QtWidgets import QApplication, QLabel

    from ui.desk import QtDesk
    from ui.frame import KioskFrame
    from ui.gallery import BRAND, FixedClock
    from ui.pages import PAGES
    from ui.samples import all_samples
    from ui.theme import ThemeSource, dress

    app = QApplication.instance() or QApplication(sys.argv[:1])
    themes = ThemeSource(1.0, motion=True)
    assert isinstance(app, QApplication)
    dress(app, themes.theme)
    frame = KioskFrame(themes, FixedClock(), BRAND, guard_page_ms=0)
    frame.set_closable(True)
    frame.resize(1080, 1920)
    desk = QtDesk(frame, themes)
    frame.show()

    class Watch(QObject):
        painted = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint:
                self.painted = True
            return False

    def settle(watch: Watch) -> None:
        """The event loop's own order: layouts, deletion of the page before, then the update request that paints."""
        for _ in range(20):
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            if watch.painted:
                QCoreApplication.processEvents()
                return
        raise RuntimeError("the page was never painted")

    def show(sample: Any) -> float:
        watch = Watch()
        desk.allow(back=sample.back, cancel=sample.cancel)
        desk.progress(sample.progress)
        started = time.perf_counter()
        desk.open(sample.screen)
        page = frame.page
        assert page is not None
        page.installEventFilter(watch)
        settle(watch)
        return (time.perf_counter() - started) * 1000

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
    rounds = effort.of(40, 30)
    for number in range(rounds):
        if number % 10 == 0:
            progress(f"pages: round {number + 1}/{rounds}")
            gc.collect()
        for name, sample in samples.items():
            times[name].append(show(sample))

    # The floor: a fresh window-filling label put through the same path shows what Qt itself takes.
    floor: list[float] = []
    desk.close()
    for _ in range(rounds):
        label = QLabel("请选择要办理的业务", frame)
        label.setGeometry(0, 0, 1080, 1920)
        label.setAutoFillBackground(True)
        watch = Watch()
        label.installEventFilter(watch)
        started = time.perf_counter()
        label.show()
        settle(watch)
        floor.append((time.perf_counter() - started) * 1000)
        label.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    frame.close()

    everything = [value for values in times.values() for value in values]
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
            f"screen shown to page painted, {len(PAGES)} pages in {len(samples)} states",
            percentile(everything, 99),
            "ms",
            f"p99 of {len(everything)}",
            FRAME_MS,
            peer=peer,
            ratio=percentile(everything, 99) / median(floor),
            note=note,
            data={name: spread(values) for name, values in times.items()},
        ),
        Row(
            "pages",
            "the same, all pages",
            median(everything),
            "ms",
            f"median of {len(everything)}",
            peer=peer,
            ratio=median(everything) / median(floor),
        ),
    ]
