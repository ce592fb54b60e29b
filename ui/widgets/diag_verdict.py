"""A sentence of weight in the diagnostics: the verdict of a self-test, of the audit chain, or what the technician is asked."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from kiosk.screens.diagnostics import Tone
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.diag_base import TONE_COLOR, TONE_SIGN


class VerdictBand(Painted):
    """Sign and word, a sentence, and a quiet line below. `room_right` pixels at the right stay free for buttons."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "没有结论", parent)
        self._tone: Tone = "muted"
        self._word = self._text = self._small = self._icon = ""
        self.room_right = 0

    def show_state(self, tone: Tone, word: str, text: str, small: str, icon: str = "") -> None:
        state = (tone, word, text, small, icon)
        if state != (self._tone, self._word, self._text, self._small, self._icon):
            self._tone, self._word, self._text, self._small, self._icon = state
            self.setAccessibleName("，".join(part for part in (word, text, small) if part) or "没有结论")
            self.update()

    def _shapes(self, width: float) -> list[tuple[TextShape, str, str, str]]:
        room = width - self.theme.px(96 + 24) - self.room_right
        color = "text" if self._tone == "muted" else TONE_COLOR[self._tone]
        out = (
            [(self.shape(self._word, "tech_head", room, bold=True), self._word, "tech_head", color)]
            if self._word
            else []
        )
        for text, role, ink in ((self._text, "tech_body", "text"), (self._small, "tech", "text")):
            if text:
                out.append((self.shape(text, role, room), text, role, ink))
        return out

    def height_for(self, width: int) -> int:
        return max(self.theme.px(88), sum(shape.height for shape, *_ in self._shapes(width)) + self.theme.px(32))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        muted = self._tone == "muted"
        color = "muted" if muted else TONE_COLOR[self._tone]
        fill = "surface" if muted else f"{self._tone}_tint"
        edge = t.color("outline" if muted else color)
        fill_round(p, rect, t.px("radius.field"), t.color(fill), edge, t.px("stroke.divider"))
        icon = t.icon(self._icon or ("info" if muted else TONE_SIGN[self._tone]), 48, color)
        shapes = self._shapes(self.width())
        y = max(
            float(t.px(16)), (min(self.height(), self.height_for(self.width())) - sum(s.height for s, *_ in shapes)) / 2
        )
        self.stamp(p, icon, t.px(52), y + t.line("tech_head") / 2)
        for shape, text, role, ink in shapes:
            self.write(p, shape, text, QRectF(t.px(96), y, shape.width, shape.height), role, ink)
            y += shape.height
