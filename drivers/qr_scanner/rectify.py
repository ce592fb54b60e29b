"""Turn a slanted symbol upright. Readers find steeply tilted codes but sample them wrongly; upright they read them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Point = tuple[float, float]

_SMALLEST = 200.0
"""Square pixels below which a quadrilateral is no symbol."""


def deskewed(grey: Grey, top_left: Point, top_right: Point, bottom_left: Point, size: int = 640) -> Grey | None:
    """The surroundings of three finder corners, sheared so that these form a right angle; None when they are in line.

    The fourth corner is what a reader guessed, so it is not used; the perspective that is left, readers can deal with.
    """
    if abs(_cross(top_left, top_right, bottom_left)) < _SMALLEST:
        return None
    near, far = size * 0.35, size * 0.65
    source = np.array([top_left, top_right, bottom_left], np.float32)
    target = np.array([[near, near], [far, near], [near, far]], np.float32)
    matrix = cv2.getAffineTransform(source, target)
    return np.asarray(cv2.warpAffine(grey, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def squared(grey: Grey, corners: Sequence[Point], size: int = 480) -> Grey | None:
    """The quadrilateral `corners` as a square with a margin around it; None when it is no convex quadrilateral."""
    quad = np.array(corners, np.float32)
    if quad.shape != (4, 2) or not cv2.isContourConvex(quad) or cv2.contourArea(quad) < _SMALLEST:
        return None
    near, far = size * 0.12, size * 0.88
    target = np.array([[near, near], [far, near], [far, far], [near, far]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    return np.asarray(cv2.warpPerspective(grey, matrix, (size, size), borderValue=255), np.uint8)


def _cross(origin: Point, first: Point, second: Point) -> float:
    return (first[0] - origin[0]) * (second[1] - origin[1]) - (first[1] - origin[1]) * (second[0] - origin[0])
