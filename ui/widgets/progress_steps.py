"""ProgressSteps: what the machine has done, is doing and will do. Real phases only."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.common import Phase
from ui.paint.shapes import Elevation, draw_disc, draw_tick, draw_turning, fill_round
from ui.theme import Theme
from ui.widgets.moving import Moving

WORDS = {"todo": "未开始", "doing": "正在办", "done": "已完成", "failed": "没有办成", "unknown": "正在核对"}
_COLOR = {"todo": "muted", "doing": "text", "done": "ok_text", "failed": "bad_text", "unknown": "warn_text"}


class ProgressSteps(Moving):
    """A card with one row per phase: sign, title, word of state. Sign and word differ by state, not colour alone."""

    def __init__(self, theme: Theme, name: str, phases: tuple[Phase, ...], parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "进度", parent)
        self.elevation: Elevation = 1
        self._phases: tuple[Phase, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_phases(phases)

    def set_phases(self, phases: tuple[Phase, ...]) -> None:
        if phases == self._phases:
            return
        resized = len(phases) != len(self._phases)
        self._phases = phases
        self.setAccessibleName("；".join(f"{phase.title}，{WORDS[phase.state]}" for phase in phases))
        if resized:
            self.setFixedHeight(self._row_h() * len(phases) + self.theme.px(48))
        self.restart()
        self.update()

    def _row_h(self) -> int:
        return self.theme.pick(120, 128)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), self._row_h() * len(self._phases) + self.theme.px(48))

    def moving(self) -> QRect | None:
        """The column of signs."""
        busy = any(phase.state in ("doing", "unknown") for phase in self._phases)
        return QRect(0, 0, self.theme.px(140), self.height()) if busy else None

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        row_h = self._row_h()
        radius = t.px(30)
        x = t.px(84)
        word_w = t.pick(150, 190)
        for i, phase in enumerate(self._phases):
            top = t.px(24) + i * row_h
            centre = QPointF(x, top + row_h / 2)
            if i + 1 < len(self._phases):
                line = QRectF(x - t.px(2), centre.y() + radius + t.px(6), t.px(4), row_h - 2 * radius - t.px(12))
                p.fillRect(line, t.color("ok" if phase.state == "done" else "track"))
            self._sign(p, centre, radius, phase.state)
            strong = phase.state in ("doing", "unknown", "failed")
            title = QRectF(x + t.px(60), top, rect.width() - x - t.px(60) - word_w - t.px(56), row_h)
            role = ("h3", "label", "small") if strong else ("body", "label", "small")
            self.line_text(p, title, phase.title, role, "muted" if phase.state == "todo" else "text", bold=strong)
            word = QRectF(rect.right() - word_w - t.px(40), top, word_w, row_h)
            self.line_text(p, word, WORDS[phase.state], "small", _COLOR[phase.state], "right", bold=strong)

    def _sign(self, p: QPainter, centre: QPointF, radius: float, state: str) -> None:
        t = self.theme
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        if state == "done":
            draw_disc(p, centre, radius, t.color("ok"))
            draw_tick(p, box, t.color("on_ok"), t.px(5))
        elif state == "doing":
            draw_turning(p, t, box, t.px(8), self._phase)
        elif state == "failed":
            self.stamp(p, t.icon("octagon-x", 64, "bad"), centre.x(), centre.y())
        elif state == "unknown":
            self.stamp(p, t.icon("clock", 64, "warn_text"), centre.x(), centre.y())
        else:
            draw_disc(p, centre, radius, None, t.color("outline"), t.px("stroke.outline"))
