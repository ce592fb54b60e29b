"""Evidence (C07): from the arrival of three pictures until the first one is painted."""

from __future__ import annotations

import io
import time
from dataclasses import replace

from kiosk.domain.identity import Photo
from tests.bench.rows import Effort, Row, median, percentile, progress

BAR_MS = 100.0


def _camera_picture(number: int) -> Photo:
    """As a road camera delivers it: 2448x2048 with grain, JPEG."""
    import numpy as np
    from PIL import Image

    grain = np.random.default_rng(number).integers(0, 40, (512, 612, 3), dtype=np.uint8)
    ground = np.linspace(60, 180, 2048, dtype=np.uint8)[:, None, None]
    whole = np.kron(grain, np.ones((4, 4, 1), np.uint8)) + ground
    file = io.BytesIO()
    Image.fromarray(whole.astype(np.uint8)).save(file, "JPEG", quality=88)
    return Photo(file.getvalue(), "image/jpeg")


def measure(effort: Effort) -> list[Row]:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    from tests.bench.painter import Painter
    from ui.errand import finish_all
    from ui.samples import all_samples

    photos = tuple(_camera_picture(n) for n in range(3))
    painter, sample = Painter(), all_samples()["c07_evidence"]
    times = effort.of(40, 12)
    progress(f"evidence: three pictures of {len(photos[0].data) // 1024} kB, {times} times")
    first: list[float] = []
    held: list[float] = []
    for _ in range(times):
        waiting = replace(sample.screen, photos=None)
        painter.show(lambda screen=waiting: screen, back=True, cancel=True, progress=sample.progress)
        page = painter.frame.page
        viewer = page.viewer  # type: ignore[union-attr]
        started, busy = time.perf_counter(), time.thread_time()
        page.update_screen(replace(waiting, photos=photos))  # type: ignore[union-attr]
        while viewer.state != "shown":
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        viewer.grab()
        first.append((time.perf_counter() - started) * 1000)
        held.append((time.thread_time() - busy) * 1000)
        finish_all()
    painter.desk.close()
    painter.frame.close()
    note = f"2448x2048; of the GUI thread {median(held):.1f} ms, p95 {percentile(held, 95):.1f} ms, painting included"
    return [
        Row(
            "evidence",
            "first photo painted after the photos arrived",
            median(first),
            "ms",
            f"median of {times}",
            BAR_MS,
            note=note,
        )
    ]
