"""Where the photo is cut: the scale and the place of the head that keep the profile's bands, in shares of the finished photo.

Lengths of the head are in inter-eye distances (IED). Bands are kept in the order eye distance, head length, head width, and top gap,
eye line, chin gap: where one cannot be kept together with those before it, it yields, and the check afterwards says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from config.photo_rules import Band, CropRules, PhotoProfile
from kiosk.ports.photo import PhotoHint

Point = tuple[float, float]
_SLACK = 0.004
"""Rounding: about a pixel and a half of 354."""


@dataclass(frozen=True, slots=True)
class Head:
    """`above` eyes to crown (hair included), `below` eyes to chin, `width` with hair at the height of the ears; all in IED."""

    above: float
    below: float
    width: float

    @property
    def length(self) -> float:
        return self.above + self.below


ORDINARY = Head(above=1.95, below=1.87, width=2.55)
"""What is expected before the head was measured; for the gates only (own, M)."""


@dataclass(frozen=True, slots=True)
class Cut:
    eye_distance: float
    """Share of the photo's width."""
    eye_line: float
    """Share of the photo's height, from the top. The eyes stand symmetric to the middle."""
    ratio: float
    """Width / height."""

    @property
    def width(self) -> float:
        """Of the whole photo, in IED."""
        return 1 / self.eye_distance

    @property
    def height(self) -> float:
        return self.width / self.ratio

    def outline(self, left: Point, right: Point) -> tuple[float, float, float, float]:
        """x, y, width, height of the upright box around the photo in the frame, for eyes at these places; it may reach beyond."""
        distance = math.dist(left, right)
        angle = math.atan2(right[1] - left[1], right[0] - left[0])
        c, s = math.cos(angle) * distance, math.sin(angle) * distance
        middle_x, middle_y = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
        top = -self.eye_line * self.height
        corners = [(x, y) for x in (-self.width / 2, self.width / 2) for y in (top, top + self.height)]
        xs = [middle_x + c * x - s * y for x, y in corners]
        ys = [middle_y + s * x + c * y for x, y in corners]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)

    def measures(self, head: Head) -> dict[str, float]:
        """The shares a profile's bands are about."""
        above, below = head.above / self.height, head.below / self.height
        return {
            "eye_distance": self.eye_distance,
            "head_length": above + below,
            "head_width": head.width / self.width,
            "top_gap": self.eye_line - above,
            "eye_line": self.eye_line,
            "chin_gap": 1 - self.eye_line - below,
        }


def plan(head: Head, profile: PhotoProfile) -> Cut:
    """The cut in the middle of what all bands leave."""
    rules, ratio = profile.crop, profile.ratio
    length = head.length * ratio  # head length as a share of H, per share of W between the eyes
    distance = _settle(
        [
            (rules.eye_distance.low, rules.eye_distance.high),
            (rules.head_length.low / length, rules.head_length.high / length),
            (rules.head_width.low / head.width, rules.head_width.high / head.width),
        ]
    )
    above, below = head.above * distance * ratio, head.below * distance * ratio
    line = _settle(
        [
            (rules.top_gap.low + above, rules.top_gap.high + above),
            (rules.eye_line.low, rules.eye_line.high),
            (1 - rules.chin_gap.high - below, 1 - rules.chin_gap.low - below),
        ]
    )
    return Cut(distance, line, ratio)


def misplaced(outline: tuple[float, float, float, float], width: int, height: int) -> PhotoHint | None:
    """Does the frame hold the whole photo? Two pixels may be missing at an edge: they are repeated."""
    x, y, wide, high = outline
    if wide > width + 4 or high > height + 4:
        return PhotoHint.TOO_CLOSE
    inside = x >= -2 and y >= -2 and x + wide <= width + 2 and y + high <= height + 2
    return None if inside else PhotoHint.OFF_CENTRE


def _settle(intervals: Iterable[tuple[float, float]]) -> float:
    """The middle of what is left when each interval takes its share in turn; one that leaves nothing pulls to its side only."""
    low, high = float("-inf"), float("inf")
    for first, last in intervals:
        if first > high:
            low = high
        elif last < low:
            high = low
        else:
            low, high = max(low, first), min(high, last)
    return (low + high) / 2


def bands(rules: CropRules) -> dict[str, Band]:
    return {
        "eye_distance": rules.eye_distance,
        "head_length": rules.head_length,
        "head_width": rules.head_width,
        "top_gap": rules.top_gap,
        "eye_line": rules.eye_line,
        "chin_gap": rules.chin_gap,
    }


def broken(measures: dict[str, float], rules: CropRules) -> tuple[str, ...]:
    """Names of the published bands that the photo does not keep."""
    return tuple(
        name for name, band in bands(rules).items() if band.rule and not band.holds(measures[name], slack=_SLACK)
    )
