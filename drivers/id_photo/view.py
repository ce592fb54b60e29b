"""The upright view: the face turned level and scaled so that every zone has a fixed place, whatever the camera saw.

Places in it are given in inter-eye distances (IED) from the point between the eyes: x to the picture's right, y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.detect import Point
from drivers.camera.people import Image, Mask

Bits = npt.NDArray[np.bool_]
Matrix = npt.NDArray[np.float64]

UNIT = 80
"""Pixels per inter-eye distance; about that of the picture on which OFIQ measures backgrounds."""
LEFT, TOP, RIGHT, BOTTOM = -2.7, -2.6, 2.7, 3.3
SIZE = (round((RIGHT - LEFT) * UNIT), round((BOTTOM - TOP) * UNIT))


@dataclass(frozen=True, slots=True)
class View:
    bgr: Image
    inside: Bits
    """Where the camera really saw something; the rest lies beyond its frame."""

    def zone(self, x0: float, y0: float, x1: float, y1: float) -> Image:
        """The part between two corners, in IED; all of it lies within the view."""
        return self.bgr[row(y0) : row(y1), column(x0) : column(x1)]


def column(x: float) -> int:
    return round((x - LEFT) * UNIT)


def row(y: float) -> int:
    return round((y - TOP) * UNIT)


def levelling(left: Point, right: Point, unit: float, origin: Point) -> Matrix:
    """Frame → picture: eyes level, `unit` pixels between them, the point between them at `origin`."""
    angle = math.atan2(right[1] - left[1], right[0] - left[0])
    scale = unit / max(math.dist(left, right), 1.0)
    c, s = math.cos(angle) * scale, math.sin(angle) * scale
    mx, my = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    return np.array([[c, s, origin[0] - c * mx - s * my], [-s, c, origin[1] + s * mx - c * my]], np.float64)


def make_view(frame: Image, left: Point, right: Point) -> View:
    """`left` and `right` are the eyes at the picture's left and right, in pixels of `frame`."""
    distance = math.dist(left, right)
    if distance > 2.4 * UNIT:  # halve it by area first, or thin lines flicker
        half = np.asarray(cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        return make_view(half, (left[0] / 2, left[1] / 2), (right[0] / 2, right[1] / 2))
    matrix = levelling(left, right, UNIT, (-LEFT * UNIT, -TOP * UNIT))
    bgr = cv2.warpAffine(frame, matrix, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return View(np.asarray(bgr, np.uint8), _seen(matrix, frame.shape[1], frame.shape[0]))


def _seen(matrix: Matrix, width: int, height: int) -> Bits:
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1]], np.float64)
    polygon = np.clip(np.round(corners @ matrix.T), -30000, 30000).astype(np.int32)
    seen = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillConvexPoly(seen, polygon, (1,))
    return np.asarray(seen > 0)


@lru_cache(maxsize=1)
def grid() -> tuple[Mask, Mask]:
    """x (one row) and y (one column) of every pixel of the view, in IED."""
    x = (np.arange(SIZE[0], dtype=np.float32) + 0.5) / UNIT + LEFT
    y = (np.arange(SIZE[1], dtype=np.float32) + 0.5) / UNIT + TOP
    return np.asarray(x[None, :], np.float32), np.asarray(y[:, None], np.float32)


@lru_cache(maxsize=1)
def behind() -> Bits:
    """Where nobody's head, hair or shoulder is: beside and above the head, from its crown to below the mouth."""
    x, y = grid()
    head = np.where(y < 0, (x / 1.95) ** 2 + (y / 2.25) ** 2 < 1, np.abs(x) < 1.95)
    out = np.asarray((y < 1.2) & ~head)
    out.setflags(write=False)
    return out


_GREY = np.arange(256) / 255
_LINEAR = np.where(_GREY <= 0.04045, _GREY / 12.92, ((_GREY + 0.055) / 1.055) ** 2.4).astype(np.float32) * 255
_REC709 = np.array([[0.0722, 0.7152, 0.2126]], np.float32)


def light(bgr: Image) -> Mask:
    """Linear luminance on OFIQ's scale 0-255."""
    return np.asarray(cv2.transform(cv2.LUT(bgr, _LINEAR), _REC709), np.float32)
