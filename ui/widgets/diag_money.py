"""The lists of the day's end: what is on the work list, and money that is due back."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.day_end import RefundRow, WorkRow
from kiosk.screens.diagnostics import Tone
from ui.paint.shapes import fill_rect
from ui.paint.text import TextShape
from ui.widgets.diag_base import TONE_COLOR, TONE_SIGN
from ui.widgets.diag_list import R, TechList

_SIGN = 40


class _EntryList(TechList[R]):
    """Sign, what it is and its amount in one line; number and day below it; then what is to be done, where there is anything."""

    def parts(self, row: R) -> tuple[Tone, str, str, str, str]:
        """Tone, words, amount, the quiet line, what is to be done."""
        raise NotImplementedError

    def _shapes(self, row: R, width: float) -> tuple[TextShape, TextShape, TextShape | None]:
        _, _, _, quiet, todo = self.parts(row)
        room = width - self.theme.px(_SIGN)
        return (
            self.shape(self.parts(row)[1], "tech", room * 0.62, bold=True),
            self.shape(quiet, "tech", room),
            self.shape(todo, "tech", room) if todo else None,
        )

    def measure(self, row: R, width: int) -> int:
        return sum(shape.height for shape in self._shapes(row, width) if shape is not None) + self.theme.px(20)

    def draw_row(self, p: QPainter, row: R, rect: QRectF, index: int) -> None:
        t = self.theme
        tone, words, amount, quiet, todo = self.parts(row)
        what, line, todo_shape = self._shapes(row, rect.width())
        x, y = rect.x() + t.px(_SIGN), rect.y() + t.px(10)
        color = "text" if tone == "muted" else TONE_COLOR[tone]
        if tone != "muted":
            self.stamp(p, t.icon(TONE_SIGN[tone], 30, color), rect.x() + t.px(15), y + t.line("tech") / 2)
        self.write(p, what, words, QRectF(x, y, what.width, what.height), "tech", color)
        box = QRectF(x + what.width, y, rect.right() - x - what.width, t.line("tech"))
        self.line_text(p, box, amount, "tech", "text", "right", bold=True)
        y += what.height
        self.write(p, line, quiet, QRectF(x, y, line.width, line.height), "tech", "muted")
        y += line.height
        if todo_shape is not None:
            self.write(p, todo_shape, todo, QRectF(x, y, todo_shape.width, todo_shape.height), "tech", "text")
        if index < len(self.rows) - 1:
            fill_rect(p, QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), t.color("divider"))


class WorkList(_EntryList[WorkRow]):
    def parts(self, row: WorkRow) -> tuple[Tone, str, str, str, str]:
        words = f"报警：{row.what}" if row.alarm else row.what
        return "bad" if row.alarm else "warn", words, row.amount, f"{row.number} · {row.day}", row.todo


class RefundList(_EntryList[RefundRow]):
    def parts(self, row: RefundRow) -> tuple[Tone, str, str, str, str]:
        return row.tone, row.state, row.amount, f"{row.number} · {row.detail}", ""
