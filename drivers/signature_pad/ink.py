"""Ink as it is written: strokes within the surface and within bounds, and whether it is a signature. Knows nothing of devices."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from kiosk.ports.controls import InkPoint, Stroke

MOST_STROKES = 250
MOST_POINTS = 6000
"""The same bounds as the window's sheet has: more is a scribble, or a pen that lies on the surface."""
LEAST_INK_MM = 40.0
LEAST_SPAN_MM = 12.0
"""Below these it is a dot or a tick: length of all lines, longer side of what they cover. A pen writes smaller than a finger, so they
are less than what the window's sheet wants. Own figures."""
_LEAST_STEP_MM = 0.1
"""A pen that stands still sends 200 points a second; only those that lie apart are kept."""


class Ink:
    """Implements `kiosk.ports.controls.InkSink`. `changed` is called when the pen comes down, goes up, and when ink is gone.

    Takes nothing unless `taking`. Points that are no numbers are left out.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._strokes: list[list[InkPoint]] = []
        self._outside: tuple[float, float] | None = None
        self._began: float | None = None
        self._count = 0
        self.taking = False
        self.down = False
        """The pen is on the surface, in a stroke that counts or beside it."""
        self.cut = False
        self.width, self.height = 0.0, 0.0

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        return tuple(tuple(points) for points in self._strokes)

    @property
    def empty(self) -> bool:
        return not self._strokes

    @property
    def signed(self) -> bool:
        """Whether there is ink enough for a name."""
        points = [point for stroke in self._strokes for point in stroke]
        if not points:
            return False
        length = sum(math.hypot(b.x - a.x, b.y - a.y) for stroke in self._strokes for a, b in pairwise(stroke))
        xs, ys = [point.x for point in points], [point.y for point in points]
        return length >= LEAST_INK_MM and max(max(xs) - min(xs), max(ys) - min(ys)) >= LEAST_SPAN_MM

    def clear(self) -> None:
        """All ink is gone. A pen that is down begins a new stroke with its next point."""
        self._strokes.clear()
        self._outside = self._began = None
        self._count = 0
        self.down = self.cut = False
        self._changed()

    # --- InkSink

    def resized(self, width_mm: float, height_mm: float) -> None:
        self.width, self.height = max(0.0, width_mm), max(0.0, height_mm)
        self._changed()

    def point(self, t: float, x: float, y: float, pressure: float = 1.0) -> None:
        if not self.taking or not all(map(math.isfinite, (t, x, y, pressure))):
            return
        inside = 0 <= x <= self.width and 0 <= y <= self.height and self.width > 0
        began, self.down = not self.down, True
        if inside:
            self._write(self._time(t), x, y, min(max(pressure, 0.0), 1.0), began=began)
        elif not began and self._outside is None and self._strokes:
            last = self._strokes[-1][-1]
            edge_x, edge_y = _crossing((last.x, last.y), (x, y), self.width, self.height)
            self._keep(InkPoint(self._time(t), edge_x, edge_y, last.pressure))
        self._outside = None if inside else (x, y)
        if began:
            self._changed()

    def lift(self) -> None:
        if self.down:
            self.down, self._outside = False, None
            self._changed()

    def abandon(self) -> None:
        if self.down:
            self.down = False
            if self._strokes and self._outside is None:
                self._count -= len(self._strokes.pop())
            self._outside = None
            self._changed()

    # --- inside

    def _write(self, t: float, x: float, y: float, pressure: float, *, began: bool) -> None:
        if began or self._outside is not None or not self._strokes:
            if len(self._strokes) >= MOST_STROKES or self._count >= MOST_POINTS:
                self.cut = True
                return
            self._strokes.append([])
            if self._outside is not None:
                self._keep(InkPoint(t, *_crossing((x, y), self._outside, self.width, self.height), pressure))
        elif math.hypot(x - self._strokes[-1][-1].x, y - self._strokes[-1][-1].y) < _LEAST_STEP_MM:
            return
        self._keep(InkPoint(t, x, y, pressure))

    def _keep(self, point: InkPoint) -> None:
        if self._count >= MOST_POINTS:
            self.cut = True
            if not self._strokes[-1]:
                self._strokes.pop()
            return
        self._strokes[-1].append(point)
        self._count += 1

    def _time(self, t: float) -> float:
        """Seconds since the first point, never backwards."""
        if self._began is None:
            self._began = t
        last = self._strokes[-1][-1].t if self._strokes and self._strokes[-1] else 0.0
        return max(last, round(t - self._began, 4))


def _crossing(
    inside: tuple[float, float], outside: tuple[float, float], width: float, height: float
) -> tuple[float, float]:
    """Where the line from a point on the surface to one beside it crosses the edge."""
    part = 1.0
    for start, end, most in ((inside[0], outside[0], width), (inside[1], outside[1], height)):
        if end > most:
            part = min(part, (most - start) / (end - start))
        elif end < 0:
            part = min(part, start / (start - end))
    part = max(0.0, part)
    return inside[0] + (outside[0] - inside[0]) * part, inside[1] + (outside[1] - inside[1]) * part
