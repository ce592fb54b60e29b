"""PhaseRing: seconds in the middle, one arc for every phase of the work around them. An arc is full when its phase is done, not before."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.common import Phase
from ui.paint.shapes import draw_ring
from ui.theme import Theme
from ui.widgets.moving import Moving

_GAP = 12.0
"""Degrees between two arcs (round ends included)."""


class PhaseRing(Moving):
    """In the arc of the phase that goes on a short piece runs to and fro: work is done, and nobody knows how much of it."""

    def __init__(self, theme: Theme, name: str, diameter: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "", parent)
        self._phases: tuple[Phase, ...] = ()
        self._seconds = 0
        self._about = ""
        self._back = False
        self._diameter = diameter
        side = theme.px(diameter)
        self.setMinimumSize(theme.px(280), theme.px(280))
        self.setMaximumSize(side, side)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        side = self.theme.px(self._diameter)
        return QSize(side, side)

    def set_state(self, phases: tuple[Phase, ...], seconds: int, about: str) -> None:
        """`about` is the small line under the seconds."""
        if (phases, seconds, about) == (self._phases, self._seconds, self._about):
            return
        self._phases, self._seconds, self._about = phases, seconds, about
        done = sum(phase.state == "done" for phase in phases)
        self.setAccessibleName(f"已用 {seconds} 秒，{about}，{len(phases)} 步已完成 {done} 步")
        self.restart()
        self.update()

    def moving(self) -> QRect | None:
        return self.rect() if any(phase.state in ("doing", "unknown") for phase in self._phases) else None

    def _move(self, phase: float) -> None:
        if phase < self._phase:
            self._back = not self._back
        super()._move(phase)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        side = float(min(self.width(), self.height()))
        width = t.px(22)
        area = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        ring = area.adjusted(1, 1, -1, -1)
        count = max(1, len(self._phases))
        gap = _GAP if count > 1 else 0.0
        span = 1 / count - gap / 360
        """Part of the circle an arc has."""
        for i, phase in enumerate(self._phases):
            start = 90 - gap / 2 - i * 360 / count
            draw_ring(p, ring, width, None, t.color("track"), span, start)
            if phase.state in ("done", "failed"):
                draw_ring(p, ring, width, None, t.color("ok" if phase.state == "done" else "bad"), span, start)
            elif phase.state in ("doing", "unknown"):
                there = self._phase * self._phase * (3 - 2 * self._phase)
                there = 1 - there if self._back else there
                piece = span * 0.34
                at = (span - piece) * 360 * (there if t.motion else 0.0)
                draw_ring(p, ring, width, None, t.color("primary"), piece, start - at)
        middle = area.center()
        clear = width + t.px(24)
        digits = QRectF(area.x() + clear, middle.y() - t.line("display") * 0.85, side - 2 * clear, t.line("display"))
        self.line_text(p, digits, f"{self._seconds} 秒", ("display", "h1", "h2"), "text", "center")
        below = QRectF(area.x() + 1.4 * width, digits.bottom(), side - 2.8 * width, t.line("label"))
        self.line_text(p, below, self._about, ("label", "small"), "muted", "center")
