"""What a technician's check measures on a whole picture, whatever it shows: light and focus. No face is needed. Own figures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drivers.camera.measures import luminance
from drivers.camera.people import Image

_WIDTH = 640
"""Pixels; the same for every camera, so that its own resolution does not count."""


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    brightness: float
    """Mean linear luminance, 0 … 1."""
    over_exposed: float
    """Share of pixels of at least 247/255 (the limit of OFIQ's OverExposure)."""
    contrast: float
    """Grey levels between the darkest and the brightest half per cent, 0 … 255."""
    sharpness: float
    """The steepest edges as a share of the contrast in one pixel: 1 is a step, 0.1 an edge of ten pixels."""


def measure(picture: Image) -> PictureMeasures:
    height, width = picture.shape[:2]
    size = (_WIDTH, max(1, round(height * _WIDTH / width)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    light = luminance(small)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    low, high = np.percentile(smooth, (0.5, 99.5))
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)) / 8
    contrast = float(high - low)
    return PictureMeasures(
        brightness=float(light.mean()),
        over_exposed=float((light >= 247 / 255).mean()),
        contrast=contrast,
        sharpness=float(np.percentile(slope, 99.8)) / max(contrast, 1.0),
    )
