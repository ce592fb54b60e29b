"""T08, late payment: the platform's figure, our own beside it, and why the two differ."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.day_end import LateRow, LateView
from kiosk.screens.diagnostics import Tone
from ui.paint.shapes import fill_rect
from ui.paint.text import TextShape
from ui.widgets.diag_base import TONE_COLOR, TONE_SIGN
from ui.widgets.diag_list import TechList

_SIGN = 40
COUNTS = "办理以平台的金额为准，本机推算只供核对。"


def verdict(late: LateView) -> tuple[Tone, str, str, str]:
    """Tone, word, sentence and the quiet line of the band above the list."""
    known = "、".join(map(str, late.years))
    table = f"节假日表：{known} 年" if known else "没有节假日表"
    if late.missing_year:
        lacks = f"没有 {late.missing_year} 年的节假日表：期限落在那一年的，本机不推算。请更新 holidays.toml。"
        return "warn", "缺少节假日表", lacks + COUNTS, table
    if late.differing:
        return "warn", f"有 {late.differing} 笔与本机推算不同", COUNTS, table
    if unknown := sum(row.tone == "muted" for row in late.rows):
        return "muted", f"没有不同，有 {unknown} 笔没有推算", COUNTS, table
    return "ok", "没有不同", COUNTS, table


class LateList(TechList[LateRow]):
    """Sign, number and day; the two figures at the right of it, below it in a narrow list; then why they differ."""

    def _wide(self, width: float) -> bool:
        return width >= self.theme.px(900)

    def _why(self, row: LateRow, width: float) -> TextShape | None:
        return self.shape(row.why, "tech", width - self.theme.px(_SIGN)) if row.why else None

    def measure(self, row: LateRow, width: int) -> int:
        t = self.theme
        why = self._why(row, width)
        lines = 1 if self._wide(width) else 2
        return lines * t.line("tech") + (why.height if why is not None else 0) + t.px(20)

    def draw_row(self, p: QPainter, row: LateRow, rect: QRectF, index: int) -> None:
        t = self.theme
        x, y, line = rect.x() + t.px(_SIGN), rect.y() + t.px(10), t.line("tech")
        color = "text" if row.tone in ("ok", "muted") else TONE_COLOR[row.tone]
        self.stamp(p, t.icon(TONE_SIGN[row.tone], 30, TONE_COLOR[row.tone]), rect.x() + t.px(15), y + line / 2)
        box = QRectF(x, y, rect.right() - x, line)
        self.line_text(p, box, f"{row.number} · {row.day}", "tech", "text")
        wide = self._wide(rect.width())
        if not wide:
            y += line
        box = QRectF(x, y, rect.right() - x, line)
        self.line_text(
            p, box, f"平台 {row.platform}　本机 {row.own}", "tech", color, "right" if wide else "left", bold=True
        )
        y += line
        why = self._why(row, rect.width())
        if why is not None:
            self.write(p, why, row.why, QRectF(x, y, why.width, why.height), "tech", "muted")
        if index < len(self.rows) - 1:
            fill_rect(p, QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), t.color("divider"))
