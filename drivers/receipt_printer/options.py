"""What a receipt printer can do and how to talk to it; chosen by whoever sets up the kiosk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FontSet = Literal["gb2312", "gbk"]
StatusMethod = Literal["realtime", "esc_v", "none"]


@dataclass(frozen=True, slots=True)
class EncodeOptions:
    """What this printer can do. `columns` is 32 on 58 mm paper (384 dots) and 48 on 80 mm (576 dots)."""

    columns: int = 48
    text: Literal["gbk", "raster"] = "gbk"
    """raster: for printers without a Chinese font; everything is drawn here."""
    known: FontSet = "gb2312"
    """What the printer's font holds for sure."""
    qr: Literal["native", "raster"] = "native"
    barcode: Literal["native", "raster"] = "native"
    cut: Literal["full", "partial", "none"] = "full"
    fonts: tuple[str, ...] = ()
    """Font files tried before the system's, e.g. one with the CJK extension planes."""


@dataclass(frozen=True, slots=True)
class PrinterOptions:
    """How to talk to this machine. Times are seconds."""

    status: StatusMethod = "realtime"
    """`none` is for write-only device files: the state is unknown, jobs are accepted, and they always end UNCERTAIN."""
    presenter: Literal["none", "custom"] = "none"
    """custom: a presenter that tells of itself in the full status (DLE EOT 20) of Custom's kiosk printers and those that follow them."""
    end: Literal["auto", "process_id", "time"] = "auto"
    """auto: GS r (or ESC v) where the printer answers it, else by time. process_id: GS ( H function 48."""
    speed_mm_s: float = 80.0
    """Slowest printing speed; only used where no end mark exists."""
    answer_s: float = 0.3
    stall_s: float = 10.0
    """How long the printer may refuse to take bytes (XOFF, full buffer)."""
    job_s: float = 120.0
    poll_s: float = 1.0
    """How often the state is asked for during a job."""
    settle_s: float = 2.0
    """How long before a job to wait for trouble that passes by itself (hot head, feed button)."""
