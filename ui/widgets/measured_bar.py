"""MeasuredBar: what was measured, drawn against what is allowed, with both figures in words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from kiosk.screens.violation import Measured
from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.text import _Flowing

MEASURED, LIMIT = "测量值", "标准值"


class MeasuredBar(_Flowing):
    """A bar up to the limit and on to what was measured; figures without a common unit are told and not drawn."""

    def __init__(self, theme: Theme, measured: Measured | None) -> None:
        super().__init__(theme, "c07.measured", "")
        self._measured: Measured | None = None
        self.set_measured(measured)

    def set_measured(self, measured: Measured | None) -> None:
        self._measured = measured
        self.setVisible(measured is not None)
        self.setAccessibleName(self._spoken())
        self.updateGeometry()
        self.update()

    def _spoken(self) -> str:
        m = self._measured
        return (
            "，".join(part for part in (f"{MEASURED} {m.value}", m.limit and f"{LIMIT} {m.limit}", m.over) if part)
            if m
            else ""
        )

    @property
    def _drawn(self) -> bool:
        return self._measured is not None and self._measured.limit_n > 0

    def heightForWidth(self, width: int) -> int:
        del width
        if self._measured is None:
            return 0
        lines = self.theme.line("label")
        return lines + (self.theme.px(36) + lines if self._drawn else 0)

    def paint(self, p: QPainter) -> None:
        m, t = self._measured, self.theme
        if m is None:
            return
        line, width = float(t.line("label")), float(self.width())
        head = f"{MEASURED} {m.value}" if self._drawn or not m.limit else f"{MEASURED} {m.value}　{LIMIT} {m.limit}"
        self.line_text(
            p,
            QRectF(0, 0, width, line),
            head + (f"，{m.over}" if m.over else ""),
            ("label", "small"),
            "text",
            bold=True,
        )
        if not self._drawn:
            return
        whole = max(m.value_n, m.limit_n) * 1.05
        high, top = t.px(20), line + t.px(8)
        to_limit, to_value = width * m.limit_n / whole, width * m.value_n / whole
        radius = high / 2
        fill_round(p, QRectF(0, top, width, high), radius, t.color("well"), t.color("outline"), t.px("stroke.divider"))
        if to_value > to_limit:
            fill_round(p, QRectF(0, top, to_value, high), radius, t.color("bad_text"), None, 0)
        fill_round(p, QRectF(0, top, min(to_value, to_limit), high), radius, t.color("primary"), None, 0)
        p.setPen(QPen(t.color("text"), t.px(4)))
        p.drawLine(QPointF(to_limit, top - t.px(6)), QPointF(to_limit, top + high + t.px(6)))
        told = f"{LIMIT} {m.limit}"
        room = min(width, text_width(told, t.font("label")) + t.px(4))
        left = min(max(0.0, to_limit - room / 2), width - room)
        self.line_text(
            p, QRectF(left, top + high + t.px(8), room, line), told, ("label", "small"), "muted", align="center"
        )
