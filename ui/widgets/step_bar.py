"""StepBar, and what all bars of the frame have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import draw_disc, draw_tick
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted

if TYPE_CHECKING:  # the home screen has no steps
    from kiosk.screens.base import Progress


class Bar(Painted):
    """As wide as the window. In landscape, where height is dear, it is lower and has its words in one line."""

    tall: ClassVar[str]
    """Size token of the height in portrait."""
    low: ClassVar[tuple[int, int]]
    """Pixels of height in landscape at scale 1.0, in usual and in large text."""

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, spoken, parent)
        self.wide = False
        self.setFixedHeight(theme.px(self.tall))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        window = self.window()
        wide = window.width() > window.height()
        if wide != self.wide:
            self.wide = wide
            self.setFixedHeight(self.theme.pick(*self.low) if wide else self.theme.px(self.tall))


class StepBar(Bar):
    """Numbered phases: done is ticked, current is filled and bold. Tells the screen reader "第 3 步，共 5 步，选违法"."""

    tall, low = "steps_h", (64, 72)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.steps", "步骤", parent)
        self._progress: Progress | None = None

    def set_progress(self, progress: Progress) -> None:
        self._progress = progress
        title = progress.titles[progress.current] if progress.current < len(progress.titles) else ""
        self.setAccessibleName(f"第 {progress.current + 1} 步，共 {len(progress.titles)} 步，{title}")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        w, h = self.width(), self.height()
        p.fillRect(self.rect(), t.color("surface"))
        p.fillRect(0, h - t.px(2), w, t.px(2), t.color("divider"))
        if self._progress is None or not self._progress.titles:
            return
        titles, current = self._progress.titles, self._progress.current
        radius = t.pick(24, 28) if self.wide else t.px(28)
        if self.wide:
            self._in_line(p, titles, current, radius)
            return
        y = t.px(16) + radius
        first = w / len(titles) / 2
        if len(titles) > 1:
            first = max(t.px(100), min(first, t.px(130)))
        pitch = (w - 2 * first) / max(1, len(titles) - 1)
        thick = t.px(6)
        widest = max(text_width(title, t.font("small", bold=True)) for title in titles)
        crowded = widest > min(pitch, 2 * first) - t.px(8)
        for i in range(len(titles) - 1):
            x = first + i * pitch + radius
            gap = t.px(4)
            done = i < current
            p.fillRect(
                QRectF(x + gap, y - thick / 2, pitch - 2 * radius - 2 * gap, thick), t.color("ok" if done else "track")
            )
        for i, title in enumerate(titles):
            x = first + i * pitch
            self._node(p, QPointF(x, y), radius, i, current)
            if crowded and i != current:
                continue
            width = text_width(title, t.font("small", bold=True)) + 4
            left = min(max(t.px(24), x - width / 2), w - t.px(24) - width)
            box = QRectF(left, y + radius, width, h - y - radius - t.px(4))
            mine = i == current
            self.line_text(p, box, title, "small", "text" if mine else "muted", "center", bold=mine)

    def _in_line(self, p: QPainter, titles: tuple[str, ...], current: int, radius: float) -> None:
        """Each word beside its number; where they do not all have room, that of the present step alone."""
        t = self.theme
        margin, gap, thick = t.px("margin"), t.px(12), t.px(6)
        y = (self.height() - t.px(2)) / 2
        font = t.font("small", bold=True)
        words = [text_width(title, font) + 2 * gap for title in titles]
        taken = sum(words) + 2 * radius * len(titles)
        least = t.px(24) * (len(titles) - 1)
        if taken + least > self.width() - 2 * margin:
            words = [width if i == current else gap for i, width in enumerate(words)]
            taken = sum(words) + 2 * radius * len(titles)
        between = (self.width() - 2 * margin - taken) / max(1, len(titles) - 1)
        x = float(margin)
        for i, title in enumerate(titles):
            self._node(p, QPointF(x + radius, y), radius, i, current)
            x += 2 * radius
            if words[i] > gap:
                box = QRectF(x + gap, 0, words[i] - gap, 2 * y)
                self.line_text(p, box, title, "small", "text" if i == current else "muted", bold=i == current)
            x += words[i]
            if i + 1 < len(titles):
                color = t.color("ok" if i < current else "track")
                p.fillRect(QRectF(x, y - thick / 2, max(0.0, between - gap), thick), color)
                x += between

    def _node(self, p: QPainter, centre: QPointF, radius: float, index: int, current: int) -> None:
        t = self.theme
        rect = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        if index < current:
            draw_disc(p, centre, radius, t.color("ok"))
            draw_tick(p, rect, t.color("on_ok"), t.px(5))
            return
        mine = index == current
        edge = None if mine else t.color("outline")
        draw_disc(p, centre, radius, t.color("primary" if mine else "surface"), edge, t.px("stroke.outline"))
        number = t.font("small", bold=True)
        color = "on_primary" if mine else "muted"
        box = rect if text_width(str(index + 1), number) < rect.width() else rect.adjusted(-4, 0, 4, 0)
        self.line_text(p, box, str(index + 1), "small", color, "center", bold=True)
