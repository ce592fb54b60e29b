"""DecisionField: the number of a penalty decision, six, nine and the check character; and the paper it is printed on."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Painted

PLACES = 16
LEAST = 15
"""Without the check character, which need not be typed."""
GROUPS = (6, 9, 1)


def grouped(digits: str) -> str:
    """330203 191000001 3; of an unfinished number what there is."""
    parts, rest = [], digits
    for size in GROUPS:
        parts.append(rest[:size])
        rest = rest[size:]
    return " ".join(part for part in parts if part)


class DecisionField(Painted):
    """Shows what was typed, a line for every digit still to come (a faint one for the check character), and where the next one goes.
    Two rows in large text."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "决定书编号，没有填", parent)
        self._digits, self._alarm = "", False
        self._rows: tuple[tuple[int, ...], ...] = ((6,), (9, 1)) if theme.large else (GROUPS,)
        self.setFixedHeight(theme.pick(136, 228))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_digits(self, digits: str, alarm: bool = False) -> None:
        self._digits, self._alarm = digits, alarm
        said = f"{grouped(digits)}，已输入 {len(digits)} 位" if digits else "没有填"
        self.setAccessibleName(f"决定书编号，{said}")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = "bad" if self._alarm else "primary"
        fill = "bad_tint" if self._alarm else "surface"
        fill_round(p, rect, t.px("radius.field"), t.color(fill), t.color(edge), t.px("stroke.selected"))
        between, pad = t.px(28), t.px(24)
        widest = max(sum(row) for row in self._rows)
        most = max(len(row) for row in self._rows) - 1
        cell = (rect.width() - 2 * pad - most * between) / widest
        high = (rect.height() - t.px(16)) / len(self._rows)
        place = 0
        for n, row in enumerate(self._rows):
            x = rect.x() + pad
            for size in row:
                for _ in range(size):
                    self._place(p, QRectF(x, t.px(8) + n * high, cell, high), place)
                    x += cell
                    place += 1
                x += between

    def _place(self, p: QPainter, box: QRectF, place: int) -> None:
        t = self.theme
        if place < len(self._digits):
            roles = ("h1", "h2", "h3")
            self.line_text(p, box.adjusted(0, 0, 0, -t.px(8)), self._digits[place], roles, "text", "center", bold=True)
            return
        here = place == len(self._digits)
        line = QRectF(box.x() + t.px(6), box.bottom() - t.px(24), box.width() - t.px(12), t.px(8 if here else 4))
        color = "primary" if here else "divider" if place >= LEAST and not t.high_contrast else "outline"
        fill_round(p, line, line.height() / 2, t.color(color))
        if here:
            caret = QRectF(box.center().x() - t.px(3), box.center().y() - t.px(34), t.px(6), t.px(52))
            fill_round(p, caret, t.px(3), t.color("primary"))


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
        self._bars(p, QRectF(frame.right() + t.px(28), y, rect.right() - pad - frame.right() - t.px(28), frame_h))

    def _bars(self, p: QPainter, box: QRectF) -> None:
        """A texture, not a code anybody could scan."""
        t = self.theme
        p.fillRect(box, t.color("plate"))
        unit = t.px(5)
        x, i = box.x() + 2 * unit, 0
        while x + 4 * unit < box.right():
            width = unit * (2, 1, 1, 2, 1, 3, 1)[i % 7]
            if i % 2 == 0:
                p.fillRect(QRectF(x, box.y() + unit, width, box.height() - 2 * unit), t.color("on_plate"))
            x += width
            i += 1
