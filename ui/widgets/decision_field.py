"""DecisionField: the number of a penalty decision, six, nine and the check character; and the paper it is printed on."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy

from ui.paint.shapes import draw_bar_label, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.digits_field import DigitsField

PLACES = 16
LEAST = 15
"""Without the check character, which need not be typed."""


class DecisionField(DigitsField):
    """Two rows in large text."""

    spoken = "决定书编号"
    groups = (6, 9, 1)
    least = LEAST
    heights = (136, 228)

    def rows(self) -> tuple[tuple[int, ...], ...]:
        return ((6,), (9, 1)) if self.theme.large else (self.groups,)


class DecisionPicture(Painted):
    """The head of a penalty decision: its title, the number framed below it, the bar code."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "处罚决定书上，编号在标题下面，旁边有条码")
        self.setMinimumHeight(theme.px(150))
        self.setMaximumHeight(theme.px(300))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("outline"), t.px("stroke.divider"))
        pad = t.px(28)
        line = t.line("small")
        frame_h = min(t.pick(64, 76), rect.height() * 0.44)
        gap = t.px(12)
        block = line + gap + frame_h
        spare = rect.height() - block
        top = spare / 2
        head = QRectF(pad, top, rect.width() - 2 * pad, line)
        self.line_text(p, head, "道路交通违法处罚决定书", "small", "muted", "center", bold=True)
        y = top + line + gap
        frame = QRectF(pad, y, rect.width() * 0.56 - pad, frame_h)
        fill_round(p, frame, t.px("radius.chip"), t.color("warn_tint"), t.color("warn"), t.px("stroke.selected"))
        words = frame.adjusted(t.px(16), 0, -t.px(12), 0)
        self.line_text(p, words, "编号：15 位或 16 位数字", ("label", "small"), "warn_text", "center", bold=True)
        bars = QRectF(frame.right() + t.px(28), y, rect.right() - pad - frame.right() - t.px(28), frame_h)
        draw_bar_label(p, t, bars)
