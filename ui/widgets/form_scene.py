"""FormScene: the phone with the prefilled answers goes to the scanner window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.scan_scene import ScanScene
from ui.widgets.scene import Pointing

WAITING = "正在等待二维码…"


class FormScene(ScanScene):
    """As for a payment code, but the phone shows one square code and nothing else."""

    def __init__(self, theme: Theme, name: str, arrow: Pointing = "down", parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "waiting", arrow, parent)
        self.setAccessibleName(WAITING)

    def set_arrow(self, arrow: Pointing) -> None:
        self.set_state("waiting", arrow)
        self.setAccessibleName(WAITING)

    def paint(self, p: QPainter) -> None:
        self.draw_ground(p)
        phone, arrow, window = self._places()
        self._window(p, window)
        self._phone(p, phone)
        self.draw_arrow(p, arrow, self._arrow)
        self.draw_words(p, WAITING, "info_text")

    def _phone(self, p: QPainter, phone: QRectF) -> None:
        t = self.theme
        fill_round(p, phone, t.px(36), t.color("surface"), t.color("text"), t.px(8))
        inset = t.px(22)
        glass = phone.adjusted(inset, inset + t.px(8), -inset, -inset - t.px(8))
        fill_round(p, glass, t.px(14), t.color("plate"), t.color("outline"), t.px("stroke.divider"))
        side = min(glass.width(), glass.height()) * 0.78
        code = QRectF(0, 0, side, side)
        code.moveCenter(QPointF(glass.center().x(), glass.center().y() - glass.height() * 0.08))
        self._code(p, code)
        bar = QRectF(0, 0, side * 0.6, t.px(12))
        bar.moveCenter(QPointF(glass.center().x(), (code.bottom() + glass.bottom()) / 2))
        fill_round(p, bar, bar.height() / 2, t.color("track"))
