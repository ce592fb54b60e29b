"""Where the eyes are and whether they are open.

Two cascades that fail differently: `eye_tree_eyeglasses` finds open eyes and hardly ever closed ones; `eye` finds both
kinds of eye more often. Where they disagree, the height of the dark part decides. One finder belongs to one thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from drivers.camera.detect import Face, Point, cascade
from drivers.camera.people import Image

_PATCH = (170, 88)
"""The part of the face searched, scaled to this: eyes come out about 38 px wide. Cost grows with its area."""
_SHARE = (0.10, 0.62)
"""That part, as shares of the face box's height from its top (brows to nose)."""


class EyeState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Eyes:
    """`left` and `right` are the picture's; None where no eye was found and the detector gave no landmarks."""

    state: EyeState
    left: Point | None = None
    right: Point | None = None
    gap: float = 0.0
    """Height of the dark part of the eye / inter-eye distance, the smaller of both; 0 where unknown."""

    @property
    def distance(self) -> float | None:
        return math.dist(self.left, self.right) if self.left and self.right else None

    @property
    def middle(self) -> Point | None:
        if not (self.left and self.right):
            return None
        return (self.left[0] + self.right[0]) / 2, (self.left[1] + self.right[1]) / 2

    @property
    def roll(self) -> float | None:
        """Degrees, positive leans clockwise in the picture."""
        if not (self.left and self.right):
            return None
        return math.degrees(math.atan2(self.right[1] - self.left[1], self.right[0] - self.left[0]))


class EyeFinder:
    def __init__(self, gap_open_min: float) -> None:
        self._gap_open_min = gap_open_min
        self._open = cascade("haarcascade_eye_tree_eyeglasses")
        self._any = cascade("haarcascade_eye")

    def find(self, grey: Image, face: Face) -> Eyes:
        """Look at the upper part of `face` in `grey` (the whole picture)."""
        x, y, w, h = face.box
        top = y + round(_SHARE[0] * h)
        part = grey[top : y + round(_SHARE[1] * h), x : x + w]
        patch = np.asarray(cv2.resize(part, _PATCH, interpolation=cv2.INTER_AREA), np.uint8)
        patch = np.asarray(cv2.equalizeHist(patch), np.uint8)
        certain = _pair(self._open, patch)
        loose = certain if None not in certain else _pair(self._any, patch)

        def back(point: Point | None) -> Point | None:
            return None if point is None else (x + point[0] * w / _PATCH[0], top + point[1] * part.shape[0] / _PATCH[1])

        if face.landmarks:
            left, right = face.landmarks[0], face.landmarks[1]
        else:
            spots = (certain[0] or loose[0], certain[1] or loose[1])
            both = spots[0] is not None and spots[1] is not None
            left, right = (back(spots[0]), back(spots[1])) if both else (None, None)  # type: ignore[assignment]
        gap = self._gap(grey, left, right)
        return Eyes(self._state(certain, loose, gap), left, right, gap)

    def _state(
        self, certain: tuple[Point | None, Point | None], loose: tuple[Point | None, Point | None], gap: float
    ) -> EyeState:
        sure, seen = sum(p is not None for p in certain), sum(p is not None for p in loose)
        if sure == 2:
            return EyeState.OPEN
        if seen == 2:  # both places are known, so a gap of 0 means that nothing dark is there
            if gap >= self._gap_open_min:
                return EyeState.OPEN
            return EyeState.UNSURE if sure else EyeState.CLOSED
        if sure == 1:
            return EyeState.UNSURE
        return EyeState.CLOSED

    @staticmethod
    def _gap(grey: Image, left: Point | None, right: Point | None) -> float:
        if left is None or right is None:
            return 0.0
        distance = math.dist(left, right)
        return min(_dark_height(grey, point, distance) for point in (left, right)) / distance if distance > 8 else 0.0


def _pair(finder: cv2.CascadeClassifier, patch: Image) -> tuple[Point | None, Point | None]:
    """The best eye in the left and in the right half; an eye in the middle is a nose."""
    boxes, _, weights = finder.detectMultiScale3(
        patch, 1.1, 3, minSize=(24, 24), maxSize=(70, 70), outputRejectLevels=True
    )
    best: dict[int, tuple[float, Point]] = {}
    for (x, y, w, h), weight in zip(boxes, np.ravel(weights).tolist(), strict=False):
        centre = (float(x + w / 2), float(y + h / 2))
        share = centre[0] / _PATCH[0]
        side = 0 if 0.12 < share < 0.46 else 1 if 0.54 < share < 0.88 else None
        if side is not None and (side not in best or best[side][0] < weight):
            best[side] = (weight, centre)
    return (best[0][1] if 0 in best else None, best[1][1] if 1 in best else None)


def _dark_height(grey: Image, centre: Point, distance: float) -> float:
    """Pixels of the tallest dark run in the middle columns of the eye."""
    x, y = centre
    half_w, half_h = 0.16 * distance, 0.17 * distance
    patch = grey[max(0, round(y - half_h)) : round(y + half_h), max(0, round(x - half_w)) : round(x + half_w)]
    if patch.shape[0] < 4 or patch.shape[1] < 4:
        return 0.0
    patch = np.asarray(cv2.GaussianBlur(patch, (3, 3), 0), np.uint8)
    low, high = float(np.percentile(patch, 3)), float(np.percentile(patch, 75))
    if high - low < 12:  # no contrast: nothing dark there
        return 0.0
    dark = patch < low + 0.45 * (high - low)
    best = 0
    for column in dark.T:
        run = 0
        for value in column.tolist():
            run = run + 1 if value else 0
            best = max(best, run)
    return float(best)
