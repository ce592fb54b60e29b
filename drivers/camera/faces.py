"""Procedural people in front of a camera and on a chip photo: deterministic, fictional, found by the Haar cascades.

`draw_portrait` is the picture in a drawn person's identity card; `draw_scene` is what a camera sees of the same person.
Only the noise changes from frame to frame; everything else is cached, so a scene costs a few milliseconds.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from drivers.camera.head import head
from drivers.camera.people import BOTTOM, HEAD, LEFT, TOP, Colour, Image

__all__ = ["PANELS", "Backdrop", "Image", "Scene", "draw_portrait", "draw_scene"]

WIDTH, HEIGHT = 1280, 720
Backdrop = Literal["hall", "white", "light_grey", "light_blue", "dark", "red"]
PANELS: Mapping[str, Colour] = {
    "white": (238, 239, 240),
    "light_grey": (217, 217, 217),
    "light_blue": (252, 216, 166),
    "dark": (96, 96, 96),
    "red": (60, 50, 190),
}
"""Blue, green, red of each panel as the camera sees it in ordinary light."""
HEAD_SHARE = 0.60
"""Head height (crown to chin) as a share of the frame's height at distance 1."""
EYE_LINE = 0.44
"""Height of the eyes in the frame, as a share from the top, with offset_y 0."""
PORTRAIT_SHARE = 0.74
PORTRAIT_EYE_LINE = 0.475


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands in front of the simulated camera. All defaults together are a frame that passes every gate."""

    faces: int = 1
    """0 nobody, 1 the person, 2 and more: others beside."""
    seed: int = 1
    """Which drawn person; the same number as `draw_portrait`."""
    eyes: Literal["open", "closed"] = "open"
    distance: float = 1.0
    """1 is where the marks on the floor are; 2 is twice as far (half the size)."""
    yaw: float = 0.0
    """Degrees, positive turns to the picture's right."""
    roll: float = 0.0
    """Degrees, positive leans clockwise in the picture."""
    offset_x: float = 0.0
    """Shift of the face in shares of the frame's width."""
    offset_y: float = 0.0
    """Shift in shares of the frame's height, positive is down."""
    light: float = 1.0
    """Gain of all light: 0.3 is a dark hall, 2.5 a lamp in the lens."""
    side_light: float = 0.0
    """-1 … 1: light from the picture's left (-) or right (+); 0 is even."""
    blur: float = 0.0
    """Sigma of a Gaussian in pixels of the 1280×720 frame."""
    covered: bool = False
    """The lens is covered: only sensor noise on black."""
    mouth: Literal["closed", "open", "masked"] = "closed"
    """Masked: a medical mask from the nose to the chin."""
    backdrop: Backdrop = "hall"
    """What is behind the person: the hall itself, or a panel for identity photos."""
    backdrop_slope: float = 0.0
    """-1 … 1: the panel is darker at the picture's left (-) or right (+), the person is not; 0 is even."""
    backdrop_shadow: float = 0.0
    """0 … 1: depth of the shadow the person casts on the panel beside the head."""
    noise: float = 2.0
    """Standard deviation of the sensor noise in grey levels; 0 gives identical frames."""
    noise_seed: int = 0
    """Counts up from frame to frame."""


def draw_portrait(seed: int, width: int = 102, height: int = 126) -> Image:
    """The photo in the identity card of person `seed`: BGR, even white, no noise. 102×126 is the chip's own size."""
    size = PORTRAIT_SHARE * height  # the head's, in pixels
    # Half of the canvas does for the photos in identity cards and in permits' chips, and is drawn in a quarter of the time, once for both.
    unit = HEAD // 2 if size < 0.75 * HEAD else HEAD
    canvas = np.full((height, width, 3), 246, np.uint8)
    return _place(canvas, head(seed, unit=unit), width / 2, height * PORTRAIT_EYE_LINE, size / unit, 0.0)


def draw_scene(scene: Scene, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """What the camera sees: BGR, `height`×`width`×3."""
    still = _still(dataclasses.replace(scene, noise=0.0, noise_seed=0), width, height)
    if scene.noise <= 0:
        return still.copy()
    return _noisy(still, scene.noise, scene.noise_seed)


@lru_cache(maxsize=4)
def _still(scene: Scene, width: int, height: int) -> Image:
    if scene.covered:
        return np.full((height, width, 3), 4, np.uint8)
    picture = _hall(width, height).copy() if scene.backdrop == "hall" else _panel(scene, width, height)
    size = HEAD_SHARE * height / HEAD
    eyes_y = (EYE_LINE + scene.offset_y) * height
    # Others stand half a step behind, left and right in turn, smaller the more there are.
    for other in range(scene.faces - 1, 0, -1):
        side = 1 if other % 2 else -1
        x = (0.5 + scene.offset_x + side * 0.30 * ((other + 1) // 2)) * width
        picture = _place(picture, head(scene.seed + 1000 + other), x, eyes_y + 0.03 * height, size * 0.78, 0.0)
    if scene.faces > 0:
        drawn = head(scene.seed, scene.eyes == "closed", round(scene.yaw), scene.mouth)
        x = (0.5 + scene.offset_x) * width
        picture = _place(picture, drawn, x, eyes_y, size / max(scene.distance, 0.05), scene.roll)
    return _lit(picture, scene, width)


def _lit(picture: Image, scene: Scene, width: int) -> Image:
    """Apply the light in linear space (a lamp adds photons, not grey levels), then the lens's blur."""
    if scene.light != 1.0 or scene.side_light:
        linear = (picture.astype(np.float32) / 255) ** 2.2 * scene.light
        if scene.side_light:
            face_x = (0.5 + scene.offset_x) * width
            across = np.tanh((np.arange(width, dtype=np.float32) - face_x) / (0.06 * width))
            ramp = 1 + 0.95 * scene.side_light * across
            linear *= ramp[None, :, None]
        picture = (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    if scene.blur > 0:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), scene.blur), np.uint8)
    return picture


def _place(picture: Image, drawn: Image, x: float, y: float, scale: float, roll: float) -> Image:
    """Put a head on the picture with the point between its eyes at (x, y)."""
    height, width = picture.shape[:2]
    unit: float = round(drawn.shape[0] / (BOTTOM - TOP))
    if scale < 0.7:  # shrink by area first: warping alone would leave jagged edges
        drawn = np.asarray(cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        unit, scale = unit * scale, 1.0
    # The body goes on below the canvas.
    drawn = np.asarray(cv2.copyMakeBorder(drawn, 0, drawn.shape[0], 0, 0, cv2.BORDER_REPLICATE), np.uint8)
    c, s = math.cos(math.radians(roll)) * scale, math.sin(math.radians(roll)) * scale
    ox, oy = -LEFT * unit, -TOP * unit
    matrix = np.array([[c, -s, x - c * ox + s * oy], [s, c, y - s * ox - c * oy]], np.float64)
    warped = cv2.warpAffine(drawn, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0, 0))
    alpha = warped[..., 3:].astype(np.float32) / 255
    mixed = picture + alpha * (warped[..., :3].astype(np.float32) - picture)
    return np.asarray(mixed, np.float32).astype(np.uint8)


@lru_cache(maxsize=2)
def _hall(width: int, height: int) -> Image:
    """A calm service hall: a light wall, a darker counter line, soft columns. No shape that looks like a face."""
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    wall = 178 + 22 * (1 - y) + 8 * np.cos(x * 2 * math.pi)
    column = 14 * np.clip(np.cos(x * 6 * math.pi) * 4 - 2.5, 0, 1)
    counter = 30 * np.clip((y - 0.80) / 0.02, 0, 1)
    grey = wall - column - counter
    return np.asarray(np.clip(np.dstack([grey + 2, grey, grey - 4]), 0, 255), np.uint8)


def _panel(scene: Scene, width: int, height: int) -> Image:
    """A panel of one colour behind the person, with the faults of its lighting."""
    x = (np.arange(width, dtype=np.float32)[None, :] / width - 0.5 - scene.offset_x) * width / height
    y = np.arange(height, dtype=np.float32)[:, None] / height - EYE_LINE - scene.offset_y
    gain = np.clip(1 - 0.8 * scene.backdrop_slope * x, 0.1, 1.0) if scene.backdrop_slope else np.ones_like(x)
    if scene.backdrop_shadow:
        # The lamp is at the picture's left: head and shoulders lie on the panel again, to the right and softer.
        size = HEAD_SHARE / max(scene.distance, 0.05)
        far = np.hypot((x / size - 0.38) / 0.45, (y / size - 0.12) / 0.62)
        gain = gain * (1 - scene.backdrop_shadow * np.clip(1.25 - far, 0, 0.5) * 2)
    lit = np.broadcast_to(gain, (height, width))[..., None] * np.asarray(PANELS[scene.backdrop], np.float32)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


@lru_cache(maxsize=2)
def _noise_bank(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    rng = np.random.default_rng(20251121)
    return np.asarray(rng.normal(0, 32, (height + 64, width + 64, 3)).round(), np.int16)


def _noisy(picture: Image, sigma: float, seed: int) -> Image:
    """Sensor noise: a window into one bank of noise, moved by `seed`; no two of 4,096 neighbours are alike."""
    height, width = picture.shape[:2]
    dx, dy = (seed * 37) % 64, (seed * 37 // 64 + seed * 11) % 64
    window = _noise_bank(width, height)[dy : dy + height, dx : dx + width]
    return np.asarray(cv2.addWeighted(picture, 1.0, window, sigma / 32, 0.0, dtype=cv2.CV_8U), np.uint8)
