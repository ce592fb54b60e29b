"""Quality scores of ISO/IEC 29794-5 as the reference implementation maps them from raw measures (BSI OFIQ 1.0).

`score = clamp(round(h·(a + s·σ)), 0 … 100)` with `σ = 1/(1 + exp((x0 − raw)/w))`. Scores are for the record and for
comparing cameras; the gates judge raw measures, because a head turned by 10° still scores 97.
"""

from __future__ import annotations

import math


def _clamp(value: float) -> int:
    return max(0, min(100, math.floor(value + 0.5)))


def _sigma(raw: float, x0: float, w: float) -> float:
    return 1 / (1 + math.exp(max(-60.0, min(60.0, (x0 - raw) / w))))


def mapped(raw: float, h: float, a: float, s: float, x0: float, w: float) -> int:
    return _clamp(h * (a + s * _sigma(raw, x0, w)))


def eyes_open(lid_gap_over_t: float) -> int:
    return mapped(lid_gap_over_t, 100, 0, 1, 0.02, 0.01)


def mouth_closed(lip_gap_over_t: float) -> int:
    return mapped(lip_gap_over_t, 100, 1, -1, 0.2, 0.06)


def inter_eye_distance(pixels: float, yaw_degrees: float = 0.0) -> int:
    return mapped(pixels / math.cos(math.radians(yaw_degrees)), 100, 0, 1, 70, 20)


def head_size(t_over_height: float) -> int:
    return mapped(abs(t_over_height - 0.45), 200, 1, -1, 0, 0.05)


def head_pose(degrees: float) -> int:
    """Yaw, pitch and roll each on their own."""
    return _clamp(100 * max(0.0, math.cos(math.radians(degrees))) ** 2)


def background_uniformity(mean_gradient: float) -> int:
    return mapped(mean_gradient, 190, 1, -1, 10, 100)


def over_exposure(share: float) -> int:
    return _clamp(1 / (share + 0.01))


def under_exposure(share: float) -> int:
    return mapped(share, 120, 0.832, -1, 0.92, 0.05)


def luminance_mean(mean: float) -> int:
    """`mean` is linear, 0 … 1."""
    return _clamp(100 * _sigma(mean, 0.2, 0.05) * (1 - _sigma(mean, 0.8, 0.05)))


def luminance_variance(variance: float) -> int:
    return _clamp(100 * math.sin(math.pi * 60 * variance / (60 * variance + 1)))


def illumination_uniformity(overlap: float) -> int:
    return _clamp(100 * overlap**0.3)


def dynamic_range(entropy_bits: float) -> int:
    return _clamp(12.5 * entropy_bits)


def single_face(second_over_first: float) -> int:
    return _clamp(100 * (1 - second_over_first))


def natural_colour(distance: float) -> int:
    return mapped(distance, 200, 1, -1, 0, 10)


def no_head_covering(share: float) -> int:
    """100 at a share of 0, 0 from 0.95 upwards; in between the curve is stretched to meet both ends."""

    def curve(value: float) -> float:
        return 1 - _sigma(value, 0.02, 0.1)

    low, high = curve(0.0), curve(0.95)
    return _clamp(100 * (curve(min(max(share, 0.0), 0.95)) - high) / (low - high))


def unified(magface_magnitude: float) -> int:
    return mapped(magface_magnitude, 100, 0, 1, 23, 2.6)
