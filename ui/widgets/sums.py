"""What was chosen so far, and what it costs; or, in its place, what is missing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.money import yuan

NOTHING = "还没有选"


class SumBlock(Painted):
    """A tinted block at the foot of a page of choices: words left, amount right (None: no amount). An alarm takes its place until
    something is chosen. `write` is how amounts are written, `height` that of the standard version."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        write: Callable[[int], str] = yuan,
        height: int = 132,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, NOTHING, parent)
        self._text, self._alarm = NOTHING, ""
        self._fen: int | None = None
        self._written = write
        self.setFixedHeight(theme.pick(height, 150))

    def set_sum(self, text: str, fen: int | None) -> None:
        if (text, fen, "") == (self._text, self._fen, self._alarm):
            return
        self._text, self._fen, self._alarm = text, fen, ""
        self.setAccessibleName(text if fen is None else f"{text}，{self._written(fen)}")
        self.update()

    def set_alarm(self, text: str) -> None:
        self._alarm = text
        self.setAccessibleName(text)
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        if self._alarm:
            fill_round(p, rect, radius, t.color("bad_tint"), t.color("bad"), t.px("stroke.outline"))
            self.stamp(p, t.icon("octagon-x", "icon_m", "bad_text"), t.px(40) + t.px("icon_m") / 2, rect.center().y())
            left = t.px(40) + t.px("icon_m") + t.px(24)
            shape = self.shape(self._alarm, "h3", rect.width() - left - t.px(32))
            box = QRectF(left, (rect.height() - shape.height) / 2, shape.width, shape.height)
            self.write(p, shape, self._alarm, box, "h3", "bad_text")
            return
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, rect, radius, t.color("tint"), edge, t.px("stroke.outline"))
        inner = rect.adjusted(t.px(40), 0, -t.px(40), 0)
        if self._fen is not None:
            amount = self.line_text(p, inner, self._written(self._fen), ("display", "h1"), "amount", "right")
            inner.setRight(amount.left() - t.px(16))
        self.line_text(p, inner, self._text, ("h3", "label", "small"), "text", bold=True)
