"""Composing a receipt, and how many bytes it is as text against the same receipt as dots."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable
from dataclasses import replace

from escpos.printer import Dummy
from PIL import Image

from drivers.receipt_printer.encode import Encoder
from drivers.receipt_printer.layout import CELL_DOTS
from drivers.receipt_printer.options import EncodeOptions
from drivers.receipt_printer.simulator import EscposSimulator
from drivers.receipt_printer.ticket import Ticket
from kiosk.domain.slip import Picture, Slip
from tests.bench.rows import Effort, Row, interleave, median, paired, percentile, progress
from tests.drivers.receipt_printer.slips import decision, signature


def signed() -> Slip:
    plain = decision()
    return replace(plain, blocks=(*plain.blocks, Picture(signature())))


def measure(effort: Effort) -> list[Row]:
    rows: list[Row] = []
    text = EncodeOptions()
    dots = replace(text, text="raster", qr="raster", barcode="raster")
    times = effort.of(40, 12)
    for name, slip in (
        ("penalty decision, 60 lines, QR, barcode", decision()),
        ("the same with a signature", signed()),
    ):
        progress(f"receipt: {name}, {times} times, as text and as dots in turns")
        sides = {"text": Encoder(text), "raster": Encoder(dots)}
        tickets: dict[str, Ticket] = {side: encoder.encode(slip) for side, encoder in sides.items()}

        def timed(encoder: Encoder, slip: Slip = slip) -> Callable[[], float]:
            def run() -> float:
                started = time.perf_counter()
                encoder.encode(slip)
                return (time.perf_counter() - started) * 1000

            return run

        escpos_bytes, escpos = _by_python_escpos(tickets["raster"])
        took = interleave(times, text=timed(sides["text"]), raster=timed(sides["raster"]), escpos=escpos)
        size = {side: len(ticket.data) for side, ticket in tickets.items()}
        rows += [
            Row(
                "receipt",
                f"composed: {name}",
                median(took["text"]),
                "ms",
                f"median of {times}",
                30.0,
                peer=f"drawn as dots {median(took['raster']):.1f} ms, python-escpos with the finished picture "
                f"{median(took['escpos']):.1f} ms",
                ratio=paired(took["text"], took["raster"]),
                note=f"p99 {percentile(took['text'], 99):.1f} ms",
            ),
            Row(
                "receipt",
                f"bytes as text over bytes as dots: {name}",
                size["text"] / size["raster"],
                "x",
                "exact",
                0.10,
                peer=f"text {size['text']}, dots {size['raster']}, python-escpos with the picture {escpos_bytes}",
                ratio=size["text"] / size["raster"],
                data={**size, "python_escpos_picture": escpos_bytes},
            ),
        ]
    fresh: list[float] = []
    for _ in range(effort.of(8, 4)):
        encoder = Encoder(text)
        started = time.perf_counter()
        encoder.encode(decision())
        fresh.append((time.perf_counter() - started) * 1000)
    rows.append(
        Row("receipt", "the first one of a new encoder (font opened)", median(fresh), "ms", f"median of {len(fresh)}")
    )
    return rows


def _by_python_escpos(ticket: Ticket) -> tuple[int, Callable[[], float]]:
    """What python-escpos does with such a receipt: it has no Chinese text path (its code pages lack GBK), so a picture."""
    picture = paper(ticket)

    def printed() -> int:
        printer = Dummy()
        with contextlib.redirect_stdout(io.StringIO()):  # it says for each picture that it knows no paper width
            printer.image(picture, impl="bitImageRaster")
        printer.cut()
        return len(printer.output)

    def run() -> float:
        started = time.perf_counter()
        printed()
        return (time.perf_counter() - started) * 1000

    return printed(), run


def paper(ticket: Ticket) -> Image.Image:
    """The paper that comes out of the simulated machine for these bytes."""
    simulator = EscposSimulator()
    simulator._receive(ticket.data)
    simulator._print_all()
    whole = Image.open(io.BytesIO(simulator.papers[-1].png)).convert("L")
    margin = (whole.width - simulator.columns * CELL_DOTS) // 2
    return whole.crop((margin, 0, whole.width - margin, whole.height))
