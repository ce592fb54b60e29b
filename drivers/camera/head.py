"""Painting the head of a drawn person: shoulders, skull, eyes open or closed, brows, nose, mouth, hair, glasses."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from drivers.camera.people import CHIN, CROWN, HEAD, Colour, Image, Mask, Painter, Person, person


def _tint(colour: Colour, gain: float) -> Colour:
    return (colour[0] * gain, colour[1] * gain, colour[2] * gain)


@lru_cache(maxsize=24)
def head(seed: int, closed: bool = False, yaw: int = 0, mouth: str = "closed", unit: int = HEAD) -> Image:
    """The person's head and shoulders as BGRA on the canvas of `people`; `yaw` degrees turns it to the picture's right.
    `mouth`: closed, open, or masked (a medical mask from the nose to the chin). `unit`: pixels per head height.

    Cached: a camera asks for the same one thirty times a second. Nobody may write into the result.
    """
    p = person(seed)
    paint = Painter(p.cloth, unit)
    turn = _Turn(yaw)
    _back_hair(paint, p, turn)
    _shoulders(paint, p)
    _skull(paint, p, turn)
    for side in (-1, 1):
        _eye(paint, p, turn, side, closed)
    _nose(paint, p, turn)
    if mouth == "masked":
        _mask(paint, p, turn)
    else:
        _mouth(paint, p, turn, mouth == "open")
    _front_hair(paint, p, turn)
    if p.glasses:
        _glasses(paint, p, turn)
    out = np.empty((*paint.alpha.shape, 4), np.uint8)
    out[..., :3] = np.clip(paint.rgb, 0, 255, out=paint.rgb)
    out[..., 3] = np.clip(paint.alpha * 255, 0, 255)
    out.setflags(write=False)
    return out


class _Turn:
    """Where a point of the face goes when the head turns: foreshortening plus parallax by its depth."""

    def __init__(self, yaw: float) -> None:
        self.cos = math.cos(math.radians(yaw))
        self.sin = math.sin(math.radians(yaw))

    def x(self, x: float, depth: float = 0.30) -> float:
        return x * self.cos + (depth - 0.6 * x * x) * self.sin


def _shoulders(paint: Painter, p: Person) -> None:
    paint.spot(0, 1.42, 0.92, 0.72, p.cloth, soft=0.02, power=2.6, cover=True)
    paint.shade(0, 0.95, 0.5, 0.25, 0.85)
    paint.spot(0, 0.62, 0.155, 0.34, _tint(p.skin, 0.80), soft=0.04, power=3, cover=True)
    collar = _tint(p.cloth, 1.35)
    paint.stroke([(-0.17, 0.72), (-0.12, 0.86), (0.0, 0.97), (0.12, 0.86), (0.17, 0.72)], 0.035, collar)
    paint.shade(0, CHIN + 0.09, 0.24, 0.10, 0.62)


def _back_hair(paint: Painter, p: Person, turn: _Turn) -> None:
    if p.style == 3:
        paint.spot(turn.x(0, 0.0), 0.15, p.width + 0.11, 0.66, p.hair, soft=0.03, power=2.6, cover=True)
    top = 0.035 if p.style != 4 else 0.012
    paint.spot(turn.x(0, 0.02), -0.14, p.width + 0.035, 0.36 + top, p.hair, soft=0.02, power=2.3, cover=True)


def _skull(paint: Painter, p: Person, turn: _Turn) -> None:
    for side in (-1, 1):
        ear = turn.x(side * (p.width - 0.005), 0.06)
        if p.style != 3:
            paint.spot(ear, 0.06, 0.035, 0.085, _tint(p.skin, 0.86), soft=0.02, cover=True)
    middle = turn.x(0, 0.06)
    where, cranium = paint.oval(middle, -0.06, p.width, 0.44, 0.012, power=2.15)
    paint.lay(where, cranium, p.skin, cover=True)
    where_jaw, jaw = paint.oval(
        middle, 0.16, p.width * 0.975, CHIN - 0.16, 0.012, power=1.75 + 1.1 * (p.jaw - 0.18) / 0.09
    )
    paint.lay(where_jaw, jaw, p.skin, cover=True)
    face = np.zeros_like(paint.alpha)
    for spot, mask in ((where, cranium), (where_jaw, jaw)):
        np.maximum(face[spot], mask, out=face[spot])
    _round(paint, p, middle, face)
    paint.shade(turn.x(0), -0.26, 0.20, 0.10, 1.07)
    for side in (-1, 1):
        paint.shade(turn.x(side * 0.185), 0.17, 0.085, 0.075, 1.10)
        paint.shade(turn.x(side * 0.24, 0.15), 0.34, 0.08, 0.10, 0.90, side * 25)
        paint.spot(turn.x(side * 0.19), 0.19, 0.06, 0.05, (150, 150, 226), 0.12, 0.06)
    for x, y in p.moles:
        paint.spot(turn.x(x), y, 0.010, 0.010, (40, 50, 75), 0.9, 0.006)


def _round(paint: Painter, p: Person, middle: float, face: Mask) -> None:
    """The head is round: its light falls off to the sides, a little to the chin."""
    where = paint.window(middle - 0.45, CROWN, middle + 0.45, CHIN + 0.02)
    x = (paint.xs[where[1]][None, :] - middle) / (p.width * 1.06)
    y = paint.ys[where[0]][:, None] / 0.62
    depth = np.sqrt(np.clip(1 - x * x - 0.35 * y * y, 0.0, 1.0))
    paint.light(where, (1 + (0.47 * depth - 0.45) * face[where]).astype(np.float32))


def _eye(paint: Painter, p: Person, turn: _Turn, side: int, closed: bool) -> None:
    x = turn.x(side * p.eye_gap)
    w = p.eye_width * turn.cos
    tilt = side * p.eye_tilt
    paint.shade(x, -0.018, 0.085, 0.055, 0.82 if closed else 0.70)
    paint.shade(turn.x(side * 0.07), -0.01, 0.035, 0.05, 0.86)
    brow_y = -p.brow_lift
    paint.spot(
        turn.x(side * (p.eye_gap + 0.006)),
        brow_y,
        0.088 * turn.cos,
        p.brow_thick,
        _tint(p.hair, 1.15),
        0.85,
        0.010,
        side * p.brow_tilt * 0.6 + side * 3,
    )
    if closed:
        _closed_eye(paint, p, x, w, side)
        return
    h = p.eye_height
    where, almond = paint.oval(x, 0.0, w, h, 0.010, tilt, 1.8)
    paint.lay(where, almond, (216, 220, 224))
    iris_where, iris = paint.oval(x + 0.004 * turn.sin, 0.0, 0.031, 0.031, 0.006)
    lid = np.zeros_like(paint.alpha)
    lid[where] = almond
    paint.lay(iris_where, iris * lid[iris_where], (26, 36, 52))
    paint.spot(x, 0.0, 0.013, 0.013, (8, 8, 10), 0.95, 0.004)
    paint.spot(x - 0.010, -0.011, 0.006, 0.006, (250, 250, 250), 0.9, 0.004)
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    upper = [(x + c * u * w - s * v, s * u * w + c * v) for u, v in _arc(-h * 1.02)]
    lower = [(x + c * u * w - s * v, s * u * w + c * v) for u, v in _arc(h * 0.98)]
    paint.stroke(upper, 0.014, (20, 22, 28))
    paint.stroke(lower, 0.005, _tint(p.skin, 0.50), 0.8)
    paint.stroke([(a, b - 0.020) for a, b in upper], 0.006, _tint(p.skin, 0.55), 0.55)
    paint.shade(x, 0.062, 0.06, 0.014, 0.88)


def _arc(height: float) -> list[tuple[float, float]]:
    return [(u, height * (1 - abs(u) ** 2.2)) for u in np.linspace(-1, 1, 15).tolist()]


def _closed_eye(paint: Painter, p: Person, x: float, w: float, side: int) -> None:
    """The lid is skin from brow to lashes; only a soft line is left where the eye was."""
    paint.spot(x, -0.010, w * 1.05, 0.040, _tint(p.skin, 0.86), 0.5, 0.04)
    line = [(x + u * w * 1.05, 0.020 + v) for u, v in _arc(0.006)]
    paint.stroke(line, 0.006, _tint(p.skin, 0.48), 0.7)


def _nose(paint: Painter, p: Person, turn: _Turn) -> None:
    tip = turn.x(0, 0.42)
    bridge = turn.x(0, 0.34)
    y = p.nose_length
    paint.shade((tip + bridge) / 2, y * 0.45, 0.024, y * 0.55, 1.13)
    paint.shade((tip + bridge) / 2 + 0.045, y * 0.55, 0.022, y * 0.4, 0.90)
    paint.shade((tip + bridge) / 2 - 0.045, y * 0.55, 0.022, y * 0.4, 0.93)
    paint.shade(tip, y - 0.012, 0.034, 0.024, 1.16)
    paint.shade(tip, y + 0.030, p.nose_width, 0.018, 0.72)
    for side in (-1, 1):
        paint.shade(tip + side * p.nose_width * 0.95, y, 0.014, 0.028, 0.80)
        paint.spot(tip + side * p.nose_width * 0.45, y + 0.020, 0.015, 0.008, (30, 36, 60), 0.75, 0.008, side * -12)
    paint.shade(turn.x(0, 0.36), (y + p.mouth_y) / 2 + 0.01, 0.012, 0.022, 0.93)


def _mouth(paint: Painter, p: Person, turn: _Turn, opened: bool) -> None:
    x, y, w = turn.x(0, 0.36), p.mouth_y, p.mouth_width * turn.cos
    red = p.lip_red
    lip = (92 + 20 * (1 - red), 96 + 34 * (1 - red), 172 + 12 * red)
    if p.moustache:
        paint.spot(x, y - 0.035, w * 0.95, 0.016, p.hair, p.moustache, 0.02)
    paint.spot(x, y - p.lip * 0.45, w, p.lip * 0.75, _tint(lip, 0.86), 0.85, 0.012, power=1.6)
    paint.spot(x, y + p.lip * 0.70, w * 0.86, p.lip, lip, 0.85, 0.014, power=1.9)
    if opened:
        paint.spot(x, y + 0.042, w * 0.92, 0.046 + p.lip, lip, 0.95, 0.014)
        paint.spot(x, y + 0.040, w * 0.76, 0.040, (24, 20, 46), 1.0, 0.010)
        return
    line = [(x + u * w, y + v) for u, v in _arc(0.006)]
    paint.stroke(line, 0.009, (38, 38, 74), 0.85)
    paint.shade(x, y + p.lip * 2.4 + 0.02, 0.07, 0.018, 0.84)
    paint.shade(turn.x(0, 0.30), 0.435, 0.06, 0.035, 1.07)
    paint.shade(x, y + p.lip, 0.02, 0.008, 1.12)


def _mask(paint: Painter, p: Person, turn: _Turn) -> None:
    """Three folds of pale blue cloth and two loops to the ears."""
    cloth: Colour = (222, 208, 184)
    x, middle = turn.x(0, 0.30), turn.x(0, 0.10)
    for side in (-1, 1):
        paint.stroke([(middle + side * p.width * 0.72, 0.24), (middle + side * p.width, 0.06)], 0.010, cloth, 0.9)
    paint.spot(x, 0.315, p.width * 0.80 * turn.cos, 0.20, cloth, soft=0.012, power=3.0, cover=True)
    paint.shade(x, 0.16, 0.05, 0.03, 0.88)
    for y in (0.25, 0.33, 0.41):
        line = [(x + u * p.width * 0.72 * turn.cos, y + v) for u, v in _arc(0.012)]
        paint.stroke(line, 0.006, _tint(cloth, 0.82), 0.8)


def _front_hair(paint: Painter, p: Person, turn: _Turn) -> None:
    """Hair over the forehead: the part of the skull above a hairline that each style draws its own way."""
    middle = turn.x(0, 0.06)
    where = paint.window(middle - 0.45, -0.60, middle + 0.45, 0.42)
    x = paint.xs[where[1]][None, :] - turn.x(0, 0.16)
    y = paint.ys[where[0]][:, None]
    u = x / p.width
    match p.style:
        case 0:
            line = -0.30 + 0.16 * u**4
        case 1:
            line = -0.155 + 0.015 * np.cos(u * 9 + p.parting * 20) + 0.10 * u**6
        case 2:
            line = -0.32 + 0.20 * np.clip(np.abs(u - 2.4 * p.parting), 0, 1.2) ** 1.5
        case 3:
            line = -0.33 + 0.62 * np.abs(u - p.parting) ** 2.6
        case _:
            line = -0.385 + 0.12 * u**6 + 0.03 * np.cos(u * 5)
    grow = 0.02 if p.style == 4 else 0.04
    skull = (np.abs(u * 1.0) / (1 + grow / p.width)) ** 2.2 + (np.abs(y + 0.10) / (0.40 + grow)) ** 2.2
    inside = np.clip((1.02 - skull) / 0.06, 0, 1)
    above = np.clip((line - y) / 0.03 + 0.5, 0, 1)
    mask = (inside * above).astype(np.float32)
    gloss = 1 + 0.55 * np.exp(-(((y + 0.38 + 0.06 * u * u) / 0.05) ** 2)) * np.exp(-((u + 0.25) ** 2) / 0.3)
    strands = 1 + 0.10 * np.sin(u * 70 + 9 * y) * np.sin(u * 23 + 4)
    paint.lay(where, mask, p.hair, cover=True)
    paint.light(where, (1 + (gloss * strands - 1) * mask).astype(np.float32))
    paint.shade(turn.x(0), float(np.mean(line)) + 0.05, 0.22, 0.03, 0.92)


def _glasses(paint: Painter, p: Person, turn: _Turn) -> None:
    """A thin frame that leaves the eyes free, as the photo rules ask."""
    rim: Colour = (48, 50, 58)
    power = 2.0 if p.glasses == 1 else 3.6
    for side in (-1, 1):
        x = turn.x(side * (p.eye_gap + 0.004), 0.34)
        turns = np.linspace(0, 2 * math.pi, 41).tolist()
        ring = [
            (
                x + 0.100 * turn.cos * math.copysign(abs(math.cos(a)) ** (2 / power), math.cos(a)),
                0.012 + 0.074 * math.copysign(abs(math.sin(a)) ** (2 / power), math.sin(a)),
            )
            for a in turns
        ]
        paint.stroke(ring, 0.008, rim, 0.8)
        paint.stroke([(x + side * 0.1 * turn.cos, 0.0), (turn.x(side * p.width, 0.06), 0.01)], 0.008, rim, 0.8)
    paint.stroke([(turn.x(-0.034, 0.36), -0.004), (turn.x(0.034, 0.36), -0.004)], 0.010, rim, 0.8)
