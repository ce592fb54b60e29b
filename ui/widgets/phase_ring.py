"""PhaseRing: seconds in the middle, one arc for every phase of the work around them. An arc is full when its phase is done, not before."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.common import Phase
from ui.paint.loop import Loop
from ui.theme import Theme
from ui.widgets.base import Painted

_GAP = 12.0
"""Degrees between two arcs (round ends included)."""


class PhaseRing(Painted):
    """In the arc of the phase that goes on a short piece runs to and fro: work is done, and nobody knows how much of it."""

    def __init__(self, theme: Theme, name: str, diameter: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "", parent)
        self._phases: tuple[Phase, ...] = ()
        self._seconds = 0
        self._about = ""
        self._turn = 0.0
        self._back = False
        self._loop = Loop(theme, self._move, self)
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
        self._restart()
        self.update()

    def _restart(self) -> None:
        if self.isVisible() and any(phase.state in ("doing", "unknown") for phase in self._phases):
            self._loop.start()
        else:
            self._loop.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._restart()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._loop.stop()

    def _move(self, phase: float) -> None:
        if phase < self._turn:
            self._back = not self._back
        self._turn = phase
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        side = float(min(self.width(), self.height()))
        width = t.px(22)
        area = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        ring = area.adjusted(width / 2 + 1, width / 2 + 1, -width / 2 - 1, -width / 2 - 1)
        count = max(1, len(self._phases))
        gap = _GAP if count > 1 else 0.0
        span = 360 / count - gap
        p.setBrush(Qt.BrushStyle.NoBrush)
        for i, phase in enumerate(self._phases):
            start = 90 - gap / 2 - i * 360 / count
            self._arc(p, ring, start, span, t.color("track"), width)
            if phase.state == "done":
                self._arc(p, ring, start, span, t.color("ok"), width)
            elif phase.state == "failed":
                self._arc(p, ring, start, span, t.color("bad"), width)
            elif phase.state in ("doing", "unknown"):
                there = self._turn * self._turn * (3 - 2 * self._turn)
                there = 1 - there if self._back else there
                piece = span * 0.34
                at = (span - piece) * (there if t.motion else 0.0)
                self._arc(p, ring, start - at, piece, t.color("primary"), width)
        middle = area.center()
        digits = QRectF(area.x() + width, middle.y() - t.line("display") * 0.85, side - 2 * width, t.line("display"))
        self.line_text(p, digits, f"{self._seconds} 秒", ("display", "h1", "h2"), "text", "center")
        below = QRectF(area.x() + 1.4 * width, digits.bottom(), side - 2.8 * width, t.line("label"))
        self.line_text(p, below, self._about, ("label", "small"), "muted", "center")

    @staticmethod
    def _arc(p: QPainter, ring: QRectF, start: float, span: float, color: QColor, width: float) -> None:
        p.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        p.drawArc(ring, round(start * 16), -round(span * 16))
