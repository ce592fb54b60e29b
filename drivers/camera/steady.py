"""Whether a face looks as it did a moment ago.

A frame that was damaged on its way (a torn JPEG decodes to shifted blocks) can pass every gate for a single picture and, with
its hard edges, be the sharpest of a row; a comparison made with it says that the citizen is somebody else. It differs from the
frames beside it, which a face that is only moving does not.
"""

from __future__ import annotations

import cv2
import numpy as np

from drivers.camera.people import Image

_FACE = 40
"""Pixels the face is wide when it is compared: noise and small movements do not count there."""
_REACH = 4
"""Pixels of those it may have moved to any side since the frame before: a tenth of a face."""
_PATIENCE = 6
"""After so many frames that differ it was the first that was strange, or the citizen sits differently now."""

Box = tuple[int, int, int, int]


class Steadiness:
    """One capture's memory: a small grey picture. `least`: correlation, 0 … 1, from which two faces are the same picture."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._before: tuple[Image, float] | None = None
        self._strange = 0

    def feed(self, bgr: Image, box: Box | None) -> bool:
        """True where the face in `box` is where and what it was, and for the first that is seen."""
        if box is None:
            self._before, self._strange = None, 0
            return True
        scale = _FACE / box[2]
        small = _small(bgr, scale)
        steady = self._before is None or likeness(*self._before, small, scale, box) >= self._least
        self._strange = 0 if steady else self._strange + 1
        if steady or self._strange >= _PATIENCE:
            self._before, self._strange = (small, scale), 0
        return steady


def likeness(before: Image, before_scale: float, now: Image, scale: float, box: Box) -> float:
    """The best correlation of the face now with the same place before, moved by up to `_REACH`; -1 … 1."""
    if abs(before_scale / scale - 1) > 0.02:
        size = (
            max(1, round(before.shape[1] * scale / before_scale)),
            max(1, round(before.shape[0] * scale / before_scale)),
        )
        before = np.asarray(cv2.resize(before, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    left, top, right, bottom = (round(v * scale) for v in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
    left, top = max(0, left), max(0, top)
    right = min(right, now.shape[1], before.shape[1])
    bottom = min(bottom, now.shape[0], before.shape[0])
    if right - left < _FACE // 2 or bottom - top < _FACE // 2:
        return -1.0
    around = before[max(0, top - _REACH) : bottom + _REACH, max(0, left - _REACH) : right + _REACH]
    found = cv2.matchTemplate(around, now[top:bottom, left:right], cv2.TM_CCOEFF_NORMED)
    return float(found.max())


def _small(bgr: Image, scale: float) -> Image:
    size = (max(1, round(bgr.shape[1] * scale)), max(1, round(bgr.shape[0] * scale)))
    small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (0, 0), 1.0), np.uint8)
