"""What is measured on the face in the upright view: light in four zones, colour, glare, the mouth, the chin.

Each says so where it cannot tell: an absent key is "not measured".
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera import ofiq
from drivers.camera.measures import luminance
from drivers.camera.people import Image, Mask
from drivers.id_photo.view import BOTTOM, TOP, UNIT, View, column, light, row

CHIN = 1.87
"""Eyes to chin in IED where the chin is not seen: the ordinary proportion (own, M)."""
_SIDE = 0.15
"""Half the side of a zone: OFIQ's cheek zones are 0.3 IED wide."""
_ZONES = {
    "forehead": (0.0, -0.62),
    "cheek_left": (-0.5, 0.55),
    "cheek_right": (0.5, 0.55),
    "chin": (0.0, 1.52),
}
_SAME_SKIN = 10.0
"""CIELAB a, b: further off than this is hair, a beard or a scarf, not skin in shadow."""
_ROUGH = 0.22
"""Deviation / mean of the grey level: a zone so rough holds strands or an edge of hair."""


def _zone(view: View, name: str) -> Image:
    x, y = _ZONES[name]
    return view.zone(x - _SIDE, y - _SIDE, x + _SIDE, y + _SIDE)


def lab(bgr: Image) -> Mask:
    """Mean CIELAB (D65) of a zone."""
    mean = bgr.reshape(-1, 3).astype(np.float32).mean(axis=0) / 255
    return np.asarray(cv2.cvtColor(mean.reshape(1, 1, 3).astype(np.float32), cv2.COLOR_BGR2Lab)[0, 0], np.float32)


def skin(view: View) -> dict[str, float]:
    """Colour of both cheeks, its distance from OFIQ's natural box, and the four-zone light of ISO/IEC 39794-5."""
    colours = {name: lab(_zone(view, name)) for name in _ZONES}
    cheek = np.asarray((colours["cheek_left"] + colours["cheek_right"]) / 2, np.float32)
    lightness, a, b = (float(v) for v in cheek)
    distance = math.hypot(max(5 - a, 0, a - 25), max(5 - b, 0, b - 35))
    # Shadow darkens skin and leaves its hue nearly as it was; hair is another colour and proves nothing about light.
    seen = [name for name in _ZONES if name.startswith("cheek") or _is_skin(_zone(view, name), colours[name], cheek)]
    out = {
        "skin_l": lightness,
        "skin_a": a,
        "skin_b": b,
        "colour_distance": distance,
        "score_colour": float(ofiq.natural_colour(distance)),
        "zones": float(len(seen)),
    }
    if len(seen) > 1:
        levels = [((_zone(view, name).reshape(-1, 3) / 255.0) ** 2.2).mean(axis=0) for name in seen]
        per_channel = np.array(levels)
        out["zone_ratio"] = float((per_channel.min(axis=0) / np.maximum(per_channel.max(axis=0), 1e-6)).min())
    return out


def _is_skin(zone: Image, colour: Mask, cheek: Mask) -> bool:
    if float(np.hypot(*(colour - cheek)[1:])) > _SAME_SKIN or colour[0] < 0.6 * cheek[0]:
        return False
    grey = zone.mean(axis=2)
    return float(grey.std()) <= _ROUGH * float(grey.mean())


def glare(view: View) -> float:
    """Share of mirrored light in the boxes around the eyes, the worse of both; sclera and a catch light stay below it."""
    boxes = [view.zone(x - 0.3, -0.2, x + 0.3, 0.2) for x in (-0.5, 0.5)]
    return max(float((luminance(box) >= 247 / 255).mean()) for box in boxes)


def mouth_gap(view: View, chin: float = CHIN) -> float | None:
    """Height of the dark opening between the lips / distance eyes to chin; None where no lips are seen around it.

    Only what is dark counts: teeth shown between parted lips look like skin here, so a smile is not found. A moustache is
    dark as well; it is told apart because it has skin and not a lip above it, and then nothing is measured.
    """
    strip = view.bgr[row(0.92) : row(1.62), column(-0.10) : column(0.10)]
    line = strip.astype(np.float32).mean(axis=1) / 255
    colours = cv2.cvtColor(line.reshape(-1, 1, 3), cv2.COLOR_BGR2Lab)[:, 0]
    cheeks = (lab(_zone(view, "cheek_left")) + lab(_zone(view, "cheek_right"))) / 2
    dark, red = colours[:, 0] < 0.58 * cheeks[0], colours[:, 1] - cheeks[1]
    reach = round(0.10 * UNIT)

    def lips(first: int, end: int) -> bool:
        above, below = red[max(0, first - reach) : first], red[end : end + reach]
        return bool(above.size and below.size and above.max() >= 4 and below.max() >= 4)

    runs = _runs(dark)
    between = [end - first for first, end in runs if lips(first, end)]
    if between:
        return max(between) / UNIT / chin
    if not runs and int((red >= 4).sum()) >= round(0.06 * UNIT):
        return 0.0  # lips, and nothing dark between them
    return None


def _runs(dark: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], dark.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def chin(view: View) -> float | None:
    """Eyes to chin in IED by the edge between the lit chin and the shadow below it; None behind a beard or a collar."""
    first, last = 1.55, min(2.35, BOTTOM)
    strip = light(view.bgr[row(first) - 4 : row(last) + 4, column(-0.28) : column(0.28)])
    profile = cv2.GaussianBlur(strip.mean(axis=1).reshape(-1, 1).astype(np.float32), (1, 9), 0)[:, 0]
    step = round(0.05 * UNIT)
    drop = profile[: -2 * step] - profile[2 * step :]
    at = int(drop.argmax())
    cheek = float(light(_zone(view, "cheek_left")).mean() + light(_zone(view, "cheek_right")).mean()) / 2
    if drop[at] < 0.16 * cheek or at in (0, drop.size - 1):
        return None
    return (row(first) - 4 + at + step + 0.5) / UNIT + TOP
