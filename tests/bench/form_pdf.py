"""An application form as a PDF: one page by the clock from asking to bytes, its size, and how long the window has to wait meanwhile."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence

from config.form_tables import load_form
from kiosk.domain.forms.sheet import Sheet
from kiosk.ports.forms import FormPainter
from tests.bench.rows import Effort, Row, median, percentile, progress, spread

PAGE_MS = 300.0
PAGE_BYTES = 300_000.0
_TICK = 0.001


async def _made(painter: FormPainter, sheets: Sequence[Sheet], gaps: list[float]) -> tuple[float, bytes]:
    """Milliseconds and the document; `gaps` gets how long the loop's thread was held up each time it wanted to run."""
    started = time.perf_counter()
    making = asyncio.create_task(painter.pdf(sheets))
    while not making.done():
        asked = time.perf_counter()
        await asyncio.sleep(_TICK)
        gaps.append((time.perf_counter() - asked - _TICK) * 1000)
    return (time.perf_counter() - started) * 1000, await making


async def _measure(effort: Effort) -> list[Row]:
    from tests.ui.forms.paper import portrait
    from tests.ui.forms.records import ANSWERS, QR, USUAL, longest
    from ui.forms.painter import PagePainter
    from ui.forms.pdf import make_pdf

    painter = PagePainter()
    form = load_form("CRJ-2014")
    usual = Sheet(form, ANSWERS["usual"], portrait(), QR)
    full = Sheet(form, {**longest(form), **USUAL}, portrait(1800, 2400, noise=True), QR)
    older = [Sheet(load_form(f"LEGACY-{name}"), {"name": "王小二"}) for name in ("PASSPORT", "HKMO", "TW")]
    times: dict[str, list[float]] = {}
    sizes: dict[str, int] = {}
    gaps: list[float] = []
    busy: list[float] = []
    rounds = effort.of(30, 8)
    progress(f"form_pdf: {rounds} rounds of three documents")
    for number in range(rounds + 1):
        for name, sheets in (("usual", [usual]), ("full", [full]), ("four", [usual, *older])):
            held: list[float] = []
            took, pdf = await _made(painter, sheets, held)
            if number:  # the first loads Qt and its fonts
                times.setdefault(name, []).append(took)
                gaps += held
                sizes[name] = len(pdf)
        began = time.thread_time()
        make_pdf([usual])
        busy.append((time.thread_time() - began) * 1000)
    peer = f"the same in the window's thread, time of its core {median(busy):.0f} ms"
    return [
        Row(
            "form_pdf",
            "one merged form to PDF, usual answers",
            median(times["usual"]),
            "ms",
            f"median of {rounds}",
            PAGE_MS,
            peer=peer,
            ratio=median(times["usual"]) / median(busy),
            note=f"p90 {percentile(times['usual'], 90):.0f} ms; the window held up p99 {percentile(gaps, 99):.1f} ms, "
            f"at most {max(gaps):.1f} ms",
            data={name: spread(values) for name, values in times.items()},
        ),
        Row(
            "form_pdf",
            "one merged form to PDF, every field as long as it may be, picture of 1800x2400",
            median(times["full"]),
            "ms",
            f"median of {rounds}",
            PAGE_MS,
            note=f"merged form and three older ones {median(times['four']):.0f} ms",
        ),
        Row(
            "form_pdf",
            "one merged form as PDF, the largest",
            max(sizes["usual"], sizes["full"]) / 1000,
            "kB",
            "size",
            PAGE_BYTES / 1000,
            note=f"usual {sizes['usual'] / 1000:.0f} kB; merged form and three older ones {sizes['four'] / 1000:.0f} kB",
        ),
    ]


def measure(effort: Effort) -> list[Row]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return asyncio.run(_measure(effort))
