"""FormScene: the phone with the prefilled answers goes to the scanner window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from ui.paint.shapes import fill_round
from ui.widgets.hold_up import HoldUpScene


class FormScene(HoldUpScene):
    """The phone shows one square code and nothing else."""

    waiting = "正在等待二维码…"

    def draw_held(self, p: QPainter, box: QRectF) -> None:
        t = self.theme
        fill_round(p, box, t.px(36), t.color("surface"), t.color("text"), t.px(8))
        inset = t.px(22)
        glass = box.adjusted(inset, inset + t.px(8), -inset, -inset - t.px(8))
        fill_round(p, glass, t.px(14), t.color("plate"), t.color("outline"), t.px("stroke.divider"))
        side = min(glass.width(), glass.height()) * 0.78
        code = QRectF(0, 0, side, side)
        code.moveCenter(QPointF(glass.center().x(), glass.center().y() - glass.height() * 0.08))
        self._code(p, code)
        bar = QRectF(0, 0, side * 0.6, t.px(12))
        bar.moveCenter(QPointF(glass.center().x(), (code.bottom() + glass.bottom()) / 2))
        fill_round(p, bar, bar.height() / 2, t.color("track"))
