"""How loud a piece of sound is. Figures only; what was said is nobody's business here."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

FULL = 32768.0
FLOOR = -96.0
"""dB below full scale that stand for nothing at all: what 16 bits can hold."""


@dataclass(frozen=True, slots=True)
class Level:
    rms_db: float
    """Below full scale."""
    peak_db: float
    silent: bool
    """Nothing but zeros: no live microphone does that."""

    @classmethod
    def nothing(cls) -> Level:
        return cls(FLOOR, FLOOR, True)


def measure(pcm: bytes) -> Level:
    """Of signed 16-bit little-endian samples, which is the order of every machine this runs on."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    if not samples:
        return Level.nothing()
    peak = max(max(samples), -min(samples))
    if peak == 0:
        return Level.nothing()
    mean = sum(samples) / len(samples)
    power = sum(sample * sample for sample in samples) / len(samples) - mean * mean
    return Level(_db(math.sqrt(max(power, 0.0))), _db(peak), silent=False)


def _db(value: float) -> float:
    return max(FLOOR, 20 * math.log10(value / FULL)) if value > 0 else FLOOR
