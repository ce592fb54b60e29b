"""What is behind the person: which of the accepted colours it is, how even, how bright.

Hue, saturation and luminance are on the scale 0-240 of the published rule (HLS as paint programs show it).
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np

from config.photo_rules import BackgroundRules
from drivers.camera.people import Image
from drivers.id_photo.view import Bits, View, behind, light, row

_FEW = 2000
"""Fewer pixels of background than this tell nothing (of some 50,000)."""


@dataclass(frozen=True, slots=True)
class Ground:
    blue: float
    green: float
    red: float
    spread: float
    """The largest standard deviation of a channel, in grey levels."""
    gradient: float
    """Mean Sobel magnitude of the linear luminance, 0-255 scale."""

    @property
    def hls(self) -> tuple[float, float, float]:
        h, l, s = colorsys.rgb_to_hls(self.red / 255, self.green / 255, self.blue / 255)  # noqa: E741
        return 240 * h, 240 * l, 240 * s

    @property
    def chroma(self) -> float:
        return max(self.blue, self.green, self.red) - min(self.blue, self.green, self.red)

    @property
    def level(self) -> float:
        return min(self.blue, self.green, self.red)

    def measures(self) -> dict[str, float]:
        hue, lum, sat = self.hls
        return {
            "ground_hue": hue,
            "ground_lum": lum,
            "ground_sat": sat,
            "ground_level": self.level,
            "ground_chroma": self.chroma,
            "ground_spread": self.spread,
            "ground_gradient": self.gradient,
        }


def measure(bgr: Image, where: Bits) -> Ground | None:
    """None where too little of the background is seen."""
    if int(where.sum()) < _FEW:
        return None
    pixels = bgr[where].astype(np.float32)[::3]
    mean = np.median(pixels, axis=0)
    luminous = cv2.GaussianBlur(light(bgr), (3, 3), 0)  # OFIQ measures on a picture shrunk by area: no sensor noise
    slope = cv2.magnitude(cv2.Sobel(luminous, cv2.CV_32F, 1, 0), cv2.Sobel(luminous, cv2.CV_32F, 0, 1))
    inner = cv2.erode(where.astype(np.uint8), np.ones((4, 4), np.uint8)) > 0
    return Ground(
        float(mean[0]),
        float(mean[1]),
        float(mean[2]),
        float(pixels.std(axis=0).max()),
        float(slope[inner].mean()) if inner.any() else 0.0,
    )


def behind_view(view: View) -> Ground | None:
    end = row(1.25)  # nothing is looked at below
    return measure(view.bgr[:end], (behind() & view.inside)[:end])


def kind(ground: Ground, rules: BackgroundRules) -> str | None:
    """Which accepted background it is, None where it is none; evenness is not asked here."""
    hue, lum, sat = ground.hls
    told = {
        "white": ground.level >= rules.white_mean_min,
        "light_grey": ground.chroma <= rules.grey_chroma_max and lum >= rules.grey_lum_min,
        "light_blue": abs(hue - rules.blue_hue) <= rules.blue_hue_tolerance
        and sat >= rules.blue_sat_min
        and lum >= rules.blue_lum_min,
    }
    return next((name for name in rules.accepted if told[name]), None)


def even(ground: Ground, rules: BackgroundRules) -> bool:
    return ground.spread <= rules.std_max and ground.gradient <= rules.gradient_max


def usable(ground: Ground, rules: BackgroundRules) -> bool:
    """Even, and either accepted as it is or, where the profile lets it be treated, a neutral panel that is bright enough."""
    if not even(ground, rules):
        return False
    if kind(ground, rules) is not None:
        return True
    treated = rules.treatment != "keep" and ground.spread <= rules.treated_std_max
    return treated and ground.chroma <= 2 * rules.grey_chroma_max and ground.hls[1] >= rules.raw_lum_min
