"""Draw a code on a phone held before a camera: for tests, the bench and the camera simulator's scenes.

`draw_phone` paints the phone into a picture (numpy, height×width×3, BGR); `render` turns a picture into a `Frame`.
Everything is drawn; no photograph is used. The same `Look` and seed give the same pixels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import segno

from kiosk.ports.devices import Frame

Picture = npt.NDArray[np.uint8]

_PHONE_W, _PHONE_H = 720, 1400
_CODE_W = 560
_FOCAL = 1.1
"""Focal length in picture widths: about 49° across, as lobby cameras have."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the phone is held and lit. Angles in degrees; lengths as parts of the picture's height unless said."""

    rotation: float = 0.0
    """In the picture's plane, clockwise."""
    tilt_x: float = 0.0
    """Top edge away from the camera."""
    tilt_y: float = 0.0
    """Right edge away from the camera."""
    size: float = 0.45
    """Width of the symbol with its quiet zone: the distance, in other words."""
    x: float = 0.5
    """Centre of the symbol, as a part of the picture's width."""
    y: float = 0.5
    blur: float = 0.0
    """Sigma of the defocus in pixels."""
    motion: float = 0.0
    """Length of the smear in pixels, along the picture's rows."""
    glare: float = 0.0
    """0…1: strength of a lamp's reflection beside the symbol's centre; 1 is white."""
    contrast: float = 1.0
    """1 is a bright screen, 0.2 one at its darkest."""
    noise: float = 0.0
    """Sigma of the sensor's noise in grey levels."""
    inverted: bool = False
    """Dark mode: light modules on dark."""
    mirrored: bool = False
    phone: bool = True
    """False leaves the bare symbol with its quiet zone, as on a printed page."""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Look:
        """From a command's mapping. Raises ValueError for a name or a value that makes no sense."""
        known = {field.name: field.type for field in fields(cls)}
        if unknown := set(values) - set(known):
            raise ValueError(f"a look has no {', '.join(sorted(unknown))}; it has {', '.join(known)}")
        read: dict[str, Any] = {}
        for name, value in values.items():
            if known[name] == "bool":
                if not isinstance(value, bool):
                    raise ValueError(f"{name} must be true or false")
                read[name] = value
            elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"{name} must be a number")
            else:
                read[name] = float(value)
        return cls(**read)


def symbol(data: str | bytes, *, error: str = "m", micro: bool = False, scale: int = 8, border: int = 4) -> Picture:
    """The bare QR symbol, grey. Text goes in as UTF-8 bytes, as wallets do. Raises ValueError when it does not fit."""
    raw = data.encode("utf-8") if isinstance(data, str) else data
    code = segno.make(raw, error=error, micro=micro, boost_error=False)
    rows = np.array([[0 if dark else 255 for dark in row] for row in code.matrix_iter(border=border)], np.uint8)
    return np.asarray(np.kron(rows, np.ones((scale, scale), np.uint8)), np.uint8)


def room(width: int, height: int, seed: int = 0) -> Picture:
    """A plain indoor background: soft gradients, some edges, a little grain."""
    rng = np.random.default_rng(seed)
    small = rng.integers(90, 190, (5, 8, 1)) + rng.integers(-12, 12, (5, 8, 3))
    picture = cv2.resize(small.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(8):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h = int(rng.integers(20, max(21, width // 5))), int(rng.integers(20, max(21, height // 3)))
        shade = tuple(int(v) for v in rng.integers(50, 210) + rng.integers(-15, 15, 3))
        cv2.rectangle(picture, (x, y), (x + w, y + h), shade, -1)
    grain = rng.normal(0, 3, picture.shape)
    return np.asarray(np.clip(cv2.GaussianBlur(picture, (0, 0), 1.5) + grain, 0, 255), np.uint8)


def draw_phone(picture: Picture, code: Picture, look: Look = Look(), seed: int = 0) -> Picture:
    """A copy of `picture` with a phone that shows `code` (from `symbol`, or any grey or BGR picture of a code)."""
    height, width = picture.shape[:2]
    face, centre, code_width = _phone_face(code, look) if look.phone else _bare_face(code, look)
    to_camera = _projection(face, centre, code_width, look, width, height)
    layer = cv2.warpPerspective(face, to_camera, (width, height), flags=cv2.INTER_AREA)
    solid = np.full(face.shape[:2], 255, np.uint8)
    mask = cv2.warpPerspective(solid, to_camera, (width, height), flags=cv2.INTER_LINEAR)[..., None] / 255.0
    lit = 255.0 * (1 - look.contrast) * 0.35 + layer * look.contrast
    result = picture * (1 - mask) + lit * mask
    if look.glare > 0:
        result = _glare(result, look, width, height)
    if look.blur > 0:
        result = cv2.GaussianBlur(result, (0, 0), look.blur)
    if look.motion >= 2:
        length = int(look.motion)
        result = cv2.blur(result, (length, 1))
    if look.noise > 0:
        result = result + np.random.default_rng(seed).normal(0, look.noise, result.shape)
    return np.clip(result, 0, 255).astype(np.uint8)


def render(
    data: str | bytes | None,
    look: Look = Look(),
    *,
    width: int = 1280,
    height: int = 720,
    at: float = 0.0,
    seq: int = 0,
    seed: int = 0,
    error: str = "m",
) -> Frame:
    """One camera frame: a room, and in it a phone that shows `data` (None: nobody shows anything)."""
    picture = room(width, height, seed)
    if data is not None:
        picture = draw_phone(picture, symbol(data, error=error), look, seed)
    return to_frame(picture, at=at, seq=seq)


def to_frame(picture: Picture, *, at: float, seq: int) -> Frame:
    height, width = picture.shape[:2]
    return Frame(width=width, height=height, bgr=np.ascontiguousarray(picture).tobytes(), at=at, seq=seq)


def png(picture: Picture) -> bytes:
    """The picture as a PNG file, for the bench window."""
    done, data = cv2.imencode(".png", picture)
    if not done:
        raise ValueError("the picture cannot be encoded")
    return data.tobytes()


def _shown(code: Picture, look: Look) -> Picture:
    shown = np.asarray(cv2.cvtColor(code, cv2.COLOR_GRAY2BGR) if code.ndim == 2 else code, np.uint8)
    if look.inverted:
        shown = 255 - shown
    return np.ascontiguousarray(shown[:, ::-1] if look.mirrored else shown)


def _bare_face(code: Picture, look: Look) -> tuple[Picture, tuple[float, float], float]:
    face = _shown(code, look)
    return face, (face.shape[1] / 2, face.shape[0] / 2), float(face.shape[1])


def _phone_face(code: Picture, look: Look) -> tuple[Picture, tuple[float, float], float]:
    """The phone's front, seen straight on: bezel, a coloured head line, the code, a few lines of text."""
    face = np.full((_PHONE_H, _PHONE_W, 3), 28, np.uint8)
    page = (30, 30, 30) if look.inverted else (250, 250, 250)
    ink = (200, 200, 200) if look.inverted else (120, 120, 120)
    cv2.rectangle(face, (24, 40), (_PHONE_W - 25, _PHONE_H - 41), page, -1)
    cv2.rectangle(face, (24, 40), (_PHONE_W - 25, 210), (210, 120, 30), -1)
    cv2.rectangle(face, (200, 110), (520, 140), (245, 245, 245), -1)
    for line, length in enumerate((360, 440, 280)):
        left = (_PHONE_W - length) // 2
        cv2.rectangle(face, (left, 1060 + 60 * line), (left + length, 1080 + 60 * line), ink, -1)
    shown = _shown(code, look)
    tall = round(_CODE_W * shown.shape[0] / shown.shape[1])
    top, left = 640 - tall // 2, (_PHONE_W - _CODE_W) // 2
    way = cv2.INTER_AREA if shown.shape[1] > _CODE_W else cv2.INTER_NEAREST
    face[top : top + tall, left : left + _CODE_W] = cv2.resize(shown, (_CODE_W, tall), interpolation=way)
    return face, (_PHONE_W / 2, 640.0), float(_CODE_W)


def _projection(
    face: Picture, centre: tuple[float, float], code_width: float, look: Look, width: int, height: int
) -> npt.NDArray[np.float64]:
    """Homography from the face to the picture: turn the plane in space, look at it through a pinhole."""
    focal = _FOCAL * width
    unit = look.size * height / code_width
    around_x, around_y, around_z = (math.radians(v) for v in (look.tilt_x, look.tilt_y, look.rotation))
    turn_x = np.array(
        [[1, 0, 0], [0, math.cos(around_x), -math.sin(around_x)], [0, math.sin(around_x), math.cos(around_x)]]
    )
    turn_y = np.array(
        [[math.cos(around_y), 0, math.sin(around_y)], [0, 1, 0], [-math.sin(around_y), 0, math.cos(around_y)]]
    )
    turn_z = np.array(
        [[math.cos(around_z), -math.sin(around_z), 0], [math.sin(around_z), math.cos(around_z), 0], [0, 0, 1]]
    )
    turn = turn_z @ turn_y @ turn_x
    right, bottom = face.shape[1], face.shape[0]
    corners = np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float64)
    plane = np.column_stack([(corners - np.array(centre)) * unit, np.zeros(4)])
    space = plane @ turn.T
    space[:, 2] = np.maximum(space[:, 2] + focal, focal * 0.05)
    seen = np.column_stack([space[:, 0], space[:, 1]]) * (focal / space[:, 2:3])
    seen += np.array([look.x * width, look.y * height])
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    return np.asarray(matrix, np.float64)


def _glare(picture: npt.NDArray[np.float64], look: Look, width: int, height: int) -> npt.NDArray[np.float64]:
    """A soft lamp a third of the symbol's width away from its centre."""
    reach = look.size * height
    x0, y0 = look.x * width + reach * 0.3, look.y * height - reach * 0.3
    ys, xs = np.mgrid[0:height, 0:width]
    spot = np.exp(-(((xs - x0) / (reach * 0.22)) ** 2 + ((ys - y0) / (reach * 0.12)) ** 2))
    lit = picture + (255 - picture) * (look.glare * spot)[..., None]
    return np.asarray(lit, np.float64)
