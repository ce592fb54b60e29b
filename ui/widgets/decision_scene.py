"""DecisionScene: the paper with its bar code goes to the scanner window."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from ui.paint.shapes import draw_bars, fill_round
from ui.widgets.hold_up import HoldUpScene


class DecisionScene(HoldUpScene):
    """A sheet of paper stands in the phone's place."""

    waiting = "正在等待条码…"

    def draw_held(self, p: QPainter, box: QRectF) -> None:
        t = self.theme
        fill_round(p, box, t.px(10), t.color("plate"), t.color("text"), t.px(6))
        ink = t.color("on_plate")
        pad = box.width() * 0.1
        x, width = box.x() + pad, box.width() - 2 * pad
        bar = max(t.px(8), box.height() * 0.02)
        y = box.y() + box.height() * 0.08
        fill_round(p, QRectF(box.center().x() - width * 0.3, y, width * 0.6, bar * 1.4), bar * 0.7, ink)
        y += bar * 3
        bars = QRectF(x + width * 0.08, y, width * 0.84, box.height() * 0.16)
        draw_bars(p, bars, max(2.0, bars.width() / 60), ink)
        y += box.height() * 0.16 + bar * 2
        foot = box.bottom() - box.height() * 0.32
        part = 1.0
        while y + bar < foot:
            fill_round(p, QRectF(x, y, width * part, bar), bar / 2, t.color("outline"))
            y += bar * 2.4
            part = 0.72 if part == 1.0 else 1.0
        side = box.height() * 0.22
        code = QRectF(box.center().x() - side / 2, box.bottom() - side - box.height() * 0.06, side, side)
        self._code(p, code)
