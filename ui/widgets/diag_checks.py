"""The list of a self-test: what was examined, what was measured, what is allowed."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.diagnostics import CheckRow, CheckState
from ui.paint.shapes import draw_disc, draw_ring, fill_round
from ui.paint.text import TextShape, text_width
from ui.widgets.diag_list import TechList

CHECK_WORD: dict[CheckState, str] = {
    "todo": "等待",
    "doing": "进行中",
    "passed": "通过",
    "failed": "不通过",
    "skipped": "跳过",
    "unknown": "无结论",
}
_CHECK_COLOR: dict[CheckState, str] = {
    "todo": "muted",
    "doing": "info_text",
    "passed": "ok_text",
    "failed": "bad_text",
    "skipped": "muted",
    "unknown": "warn_text",
}
_CHECK_ICON: dict[CheckState, str] = {
    "passed": "check-circle",
    "failed": "octagon-x",
    "skipped": "skip-circle",
    "unknown": "warning-triangle",
}
_LEFT, _WORD, _TOOK, _EDGE = 72, 130, 114, 16
"""Where the caption begins; how wide the word of the state is, and how long it took; what stays free at the right."""
_MOST = 600
_BOUNDS = "0123456789<>≤≥≦≧±~～-–.不至"
"""What a limit begins with that is a bound; any other is the one right value."""


class _Laid(NamedTuple):
    words: str
    caption: TextShape
    measured: str
    """Value and limit: 412 ms（限 800 ms）"""
    below: bool
    """They have a line of their own, where they and the caption do not fit side by side."""
    detail: TextShape | None


class CheckList(TechList[CheckRow]):
    """One examination a row: sign and word, device and what is examined, value against limit, how long it took."""

    row_gap = 8
    _kept: dict[tuple[CheckRow, float], _Laid] | None = None

    def _laid(self, row: CheckRow, width: float) -> _Laid:
        if self._kept is None or len(self._kept) > _MOST:
            self._kept = {}
        found = self._kept.get((row, width))
        if found is None:
            found = self._kept[row, width] = self._lay(row, width)
        return found

    def _lay(self, row: CheckRow, width: float) -> _Laid:
        t = self.theme
        measured = row.value
        if row.limit:
            limit = f"{'限' if row.limit[0] in _BOUNDS else '应为'} {row.limit}"
            measured = f"{row.value}（{limit}）" if row.value else limit
        words = f"{row.device} · {row.caption}"
        room = width - t.px(_LEFT + _WORD + _TOOK + _EDGE)
        taken = text_width(measured, t.font("tech", bold=True)) + t.px(40) if measured else 0.0
        below = bool(measured) and text_width(words, t.font("tech_body")) > room - taken
        caption = self.shape(words, "tech_body", room if below else room - taken)
        detail = self.shape(row.detail, "tech", width - t.px(_LEFT + _EDGE)) if row.detail else None
        return _Laid(words, caption, measured, below, detail)

    def measure(self, row: CheckRow, width: int) -> int:
        t = self.theme
        laid = self._laid(row, width)
        height = (
            laid.caption.height + (t.line("tech") if laid.below else 0) + (laid.detail.height if laid.detail else 0)
        )
        return max(t.px(64), height + t.px(20))

    def draw_row(self, p: QPainter, row: CheckRow, rect: QRectF, index: int) -> None:
        t = self.theme
        color = _CHECK_COLOR[row.state]
        edge = t.color("divider") if t.high_contrast else None
        fill_round(p, rect, t.px("radius.chip"), t.color("page"), edge, t.px("stroke.divider"))
        laid = self._laid(row, rect.width())
        caption, detail = laid.caption, laid.detail
        top = rect.y() + t.px(10)
        self._sign(p, row.state, QPointF(rect.x() + t.px(36), top + t.line("tech_body") / 2))
        x = rect.x() + t.px(_LEFT)
        self.write(p, caption, laid.words, QRectF(x, top, caption.width, caption.height), "tech_body")
        word = QRectF(rect.right() - t.px(_WORD + _TOOK + _EDGE), top, t.px(_WORD), t.line("tech_body"))
        self.line_text(p, word, CHECK_WORD[row.state], "tech", color, "left", bold=True)
        took = QRectF(rect.right() - t.px(_TOOK + _EDGE), top, t.px(_TOOK), t.line("tech_body"))
        if row.duration:
            self.short_text(p, took, row.duration, "tech", "muted", "right")
        tone = color if row.state in ("failed", "unknown") else "text"
        if laid.measured and not laid.below:
            box = QRectF(x + caption.width, top, word.x() - t.px(20) - x - caption.width, t.line("tech_body"))
            self.line_text(p, box, laid.measured, "tech", tone, "right", bold=True)
        y = top + caption.height
        if laid.measured and laid.below:
            box = QRectF(x, y, rect.right() - t.px(16) - x, t.line("tech"))
            self.short_text(p, box, laid.measured, "tech", tone, bold=True)
            y += t.line("tech")
        if detail is not None:
            self.write(p, detail, row.detail, QRectF(x, y, detail.width, detail.height), "tech", "muted")

    def _sign(self, p: QPainter, state: CheckState, at: QPointF) -> None:
        t = self.theme
        icon = _CHECK_ICON.get(state)
        if icon is not None:
            self.stamp(p, t.icon(icon, 36, _CHECK_COLOR[state]), at.x(), at.y())
            return
        radius = t.px(15)
        if state == "doing":
            box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
            draw_ring(p, box, t.px(5), t.color("track"), t.color("primary"), 0.35)
        else:
            draw_disc(p, at, radius, None, t.color("outline"), t.px("stroke.outline"))
