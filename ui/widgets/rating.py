"""好差评: five faces with the five official words. Always skippable."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.paint.shapes import Elevation, draw_disc, draw_tick, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable

LEVELS = (
    (5, "非常满意", "ok"),
    (4, "满意", "ok"),
    (3, "基本满意", "warn"),
    (2, "不满意", "bad"),
    (1, "非常不满意", "bad"),
)


class _Face(Tappable):
    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str, level: int, word: str, tone: str, parent: QWidget) -> None:
        super().__init__(theme, name, word, parent)
        self.level = level
        self._word, self._tone = word, tone
        self.setCheckable(True)
        self.setFixedHeight(theme.pick(220, 236))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        edge = t.color("primary" if chosen else "card_edge" if t.high_contrast else "outline" if t.large else "divider")
        fill = "pressed" if self.isDown() else "surface"
        width = t.px("stroke.selected" if chosen else "stroke.outline")
        fill_round(p, rect, t.px("radius.card"), t.color(fill), edge, width)
        self.stamp(p, t.icon(f"face-{self.level}", 80, f"{self._tone}_text"), rect.center().x(), t.px(78))
        if t.large and len(self._word) > 3:  # 40 px words do not fit in one line of a fifth
            half = 2
            for i, part in enumerate((self._word[:half], self._word[half:])):
                box = QRectF(0, t.px(126) + i * t.px(48), rect.width(), t.px(48))
                self.line_text(p, box, part, "small", "text", "center", bold=chosen)
        else:
            box = QRectF(t.px(2), t.pick(144, 140), rect.width() - t.px(4), t.px(48))
            self.line_text(p, box, self._word, "small", "text", "center", bold=chosen)
        if chosen:
            r = t.px(20)
            tick = QRectF(rect.right() - 2 * r - t.px(10), t.px(10), 2 * r, 2 * r)
            draw_disc(p, tick.center(), r, t.color("primary"))
            draw_tick(p, tick, t.color("on_primary"), t.px(4))
        self.focus_ring(p, t.px("radius.card"))


class RatingRow(Painted):
    """Emits `rated(level)`, 5 非常满意 … 1 非常不满意, or 0 when the choice was taken back by tapping it again."""

    rated = Signal(int)

    def __init__(self, theme: Theme, name: str = "c13.rating", parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "评价，可不评", parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        self.faces: list[_Face] = []
        for level, word, tone in LEVELS:
            face = _Face(theme, f"{name}.{level}", level, word, tone, self)
            face.tapped.connect(lambda face=face: self._choose(face))
            row.addWidget(face, 1)
            self.faces.append(face)

    @property
    def value(self) -> int | None:
        return next((face.level for face in self.faces if face.isChecked()), None)

    def set_value(self, level: int | None) -> None:
        for face in self.faces:
            face.setChecked(face.level == level)

    def _choose(self, chosen: _Face) -> None:
        for face in self.faces:
            if face is not chosen:
                face.setChecked(False)
        self.rated.emit(self.value or 0)

    def paint(self, p: QPainter) -> None:
        return
