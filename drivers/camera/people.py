"""Drawn people: the features of a fictional person by number, and the shaded head painted from them.

Heads are measured in head heights (crown to chin = 1) with the origin between the eyes, x to the right of the *picture*, y
down. Proportions follow ordinary anthropometry (inter-eye distance 0.27, head breadth 0.68 of the head's height), which is
also what the Haar cascades were trained on. Nothing here depicts anyone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.float32]
Colour = tuple[float, float, float]
"""Blue, green, red, 0-255."""

HEAD = 420
"""Pixels per head height on the canvas."""
LEFT, TOP, RIGHT, BOTTOM = -1.05, -0.72, 1.05, 1.15
"""What the canvas shows, in head heights."""
CHIN = 0.50
CROWN = -0.50


@dataclass(frozen=True, slots=True)
class Person:
    """What makes a drawn person look like nobody else."""

    skin: Colour
    hair: Colour
    style: int
    """0 short, 1 fringe, 2 side parting, 3 long, 4 receding."""
    cloth: Colour
    width: float
    jaw: float
    eye_gap: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    brow_thick: float
    brow_tilt: float
    brow_lift: float
    nose_width: float
    nose_length: float
    mouth_width: float
    mouth_y: float
    lip: float
    lip_red: float
    glasses: int
    """0 none, 1 round, 2 square."""
    moustache: float
    moles: tuple[tuple[float, float], ...]
    parting: float


@lru_cache(maxsize=256)
def person(seed: int) -> Person:
    """The person with this number; the same one every time, on every machine."""
    rng = np.random.default_rng(seed)

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    tone, warmth = between(0.80, 1.06), between(-10, 10)
    grey = between(0, 1)
    dark = between(14, 46)
    hair = (dark, dark * between(1.0, 1.25), dark * between(1.05, 1.7))
    if grey > 0.85:
        hair = (118.0, 120.0, 122.0)
    style = int(rng.integers(0, 5))
    man = style in (0, 4) or (style == 2 and between(0, 1) > 0.5)
    hue = between(0, 2 * math.pi)
    cloth = (90 + 60 * math.cos(hue), 80 + 50 * math.cos(hue + 2.1), 85 + 60 * math.cos(hue + 4.2))
    return Person(
        skin=(142 * tone - warmth, 172 * tone, 214 * tone + warmth / 2),
        hair=hair,
        style=style,
        cloth=cloth,
        width=between(0.305, 0.355),
        jaw=between(0.18, 0.27),
        eye_gap=between(0.127, 0.145),
        eye_width=between(0.058, 0.072),
        eye_height=between(0.025, 0.034),
        eye_tilt=between(-7, 3),
        brow_thick=between(0.011, 0.027),
        brow_tilt=between(-14, 10),
        brow_lift=between(0.072, 0.102),
        nose_width=between(0.055, 0.088),
        nose_length=between(0.165, 0.215),
        mouth_width=between(0.085, 0.135),
        mouth_y=between(0.285, 0.325),
        lip=between(0.014, 0.030),
        lip_red=between(0.0, 1.0),
        glasses=int(rng.choice([0, 0, 0, 0, 0, 0, 1, 2])),
        moustache=between(0.25, 0.7) if man and between(0, 1) > 0.6 else 0.0,
        moles=tuple((between(-0.2, 0.2), between(0.08, 0.42)) for _ in range(int(rng.choice([0, 0, 1, 2])))),
        parting=between(-0.12, 0.12),
    )


class Painter:
    """Soft shapes on a canvas measured in head heights, of `unit` pixels each; only the pixels a shape touches are worked on."""

    def __init__(self, backdrop: Colour = (0, 0, 0), unit: int = HEAD) -> None:
        self.unit = unit
        self.size = width, height = round((RIGHT - LEFT) * unit), round((BOTTOM - TOP) * unit)
        self.rgb = np.empty((height, width, 3), np.float32)
        self.rgb[:] = backdrop
        self.alpha = np.zeros((height, width), np.float32)
        self.xs = (np.arange(width, dtype=np.float32) + 0.5) / unit + LEFT
        self.ys = (np.arange(height, dtype=np.float32) + 0.5) / unit + TOP

    def window(self, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
        (width, height), unit = self.size, self.unit
        return (
            slice(max(0, int((y0 - TOP) * unit)), min(height, int((y1 - TOP) * unit) + 2)),
            slice(max(0, int((x0 - LEFT) * unit)), min(width, int((x1 - LEFT) * unit) + 2)),
        )

    def lay(self, where: tuple[slice, slice], mask: Mask, colour: Colour, cover: bool = False) -> None:
        """Paint `colour` through `mask`: over what is there already, or (`cover`) also where the canvas is still clear."""
        part = self.rgb[where]
        if not cover:
            part += mask[..., None] * (np.asarray(colour, np.float32) - part)
            return
        below = self.alpha[where] * (1 - mask)
        total = mask + below
        share = np.divide(mask, total, out=np.zeros_like(total), where=total > 0)
        part += share[..., None] * (np.asarray(colour, np.float32) - part)
        self.alpha[where] = total

    def light(self, where: tuple[slice, slice], gain: Mask) -> None:
        self.rgb[where] *= gain[..., None]

    def oval(
        self, cx: float, cy: float, rx: float, ry: float, soft: float = 0.04, turn: float = 0.0, power: float = 2.0
    ) -> tuple[tuple[slice, slice], Mask]:
        """An ellipse (`turn` degrees, `power` > 2 squarer) whose edge fades over `soft` head heights."""
        reach = max(rx, ry) + soft
        where = self.window(cx - reach, cy - reach, cx + reach, cy + reach)
        x = self.xs[where[1]][None, :] - cx
        y = self.ys[where[0]][:, None] - cy
        if turn:
            c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            x, y = c * x + s * y, c * y - s * x
        r = (np.abs(x / rx) ** power + np.abs(y / ry) ** power) ** (1 / power)
        edge = max(soft / min(rx, ry), 1e-3)
        t = np.clip((1 - r) / edge + 0.5, 0, 1)
        return where, (t * t * (3 - 2 * t)).astype(np.float32)

    def spot(
        self,
        cx: float,
        cy: float,
        rx: float,
        ry: float,
        colour: Colour,
        strength: float = 1.0,
        soft: float = 0.02,
        turn: float = 0.0,
        power: float = 2.0,
        cover: bool = False,
    ) -> None:
        where, mask = self.oval(cx, cy, rx, ry, soft, turn, power)
        self.lay(where, mask * np.float32(strength), colour, cover)

    def shade(self, cx: float, cy: float, rx: float, ry: float, gain: float, turn: float = 0.0) -> None:
        """Darken (`gain` < 1) or lighten a soft patch, strongest in its middle."""
        where = self.window(
            cx - 2.2 * max(rx, ry), cy - 2.2 * max(rx, ry), cx + 2.2 * max(rx, ry), cy + 2.2 * max(rx, ry)
        )
        x = self.xs[where[1]][None, :] - cx
        y = self.ys[where[0]][:, None] - cy
        if turn:
            c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            x, y = c * x + s * y, c * y - s * x
        bump = np.exp(-((x / rx) ** 2) - (y / ry) ** 2)
        self.light(where, (1 + (gain - 1) * bump).astype(np.float32))

    def stroke(self, points: list[tuple[float, float]], thick: float, colour: Colour, strength: float = 1.0) -> None:
        """A smooth line through `points`, `thick` head heights wide."""
        mask = np.zeros(self.size[::-1], np.uint8)
        fine = self.unit * 16
        pixels = np.array([((x - LEFT) * fine, (y - TOP) * fine) for x, y in points]).round().astype(np.int32)
        cv2.polylines(mask, [pixels], False, (255,), max(1, round(thick * self.unit)), cv2.LINE_AA, 4)
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        where = self.window(min(xs) - thick, min(ys) - thick, max(xs) + thick, max(ys) + thick)
        soft = cv2.GaussianBlur(mask[where], (0, 0), 1.2 * self.unit / HEAD).astype(np.float32) * np.float32(
            strength / 255
        )
        self.lay(where, np.asarray(soft, np.float32), colour)
