"""DecisionScene: the paper with its bar code goes to the scanner window."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.scan_scene import ScanScene
from ui.widgets.scene import Pointing

WAITING = "正在等待条码…"


class DecisionScene(ScanScene):
    """As for a payment code, but a sheet of paper stands in the phone's place."""

    def __init__(self, theme: Theme, name: str, arrow: Pointing = "down", parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "waiting", arrow, parent)
        self.setAccessibleName(WAITING)

    def set_arrow(self, arrow: Pointing) -> None:
        self.set_state("waiting", arrow)
        self.setAccessibleName(WAITING)

    def paint(self, p: QPainter) -> None:
        self.draw_ground(p)
        sheet, arrow, window = self._places()
        self._window(p, window)
        self._sheet(p, sheet)
        self.draw_arrow(p, arrow, self._arrow)
        self.draw_words(p, WAITING, "info_text")

    def _sheet(self, p: QPainter, sheet: QRectF) -> None:
        t = self.theme
        fill_round(p, sheet, t.px(10), t.color("plate"), t.color("text"), t.px(6))
        ink = t.color("on_plate")
        pad = sheet.width() * 0.1
        x, width = sheet.x() + pad, sheet.width() - 2 * pad
        bar = max(t.px(8), sheet.height() * 0.02)
        y = sheet.y() + sheet.height() * 0.08
        fill_round(p, QRectF(sheet.center().x() - width * 0.3, y, width * 0.6, bar * 1.4), bar * 0.7, ink)
        y += bar * 3
        self._bars(p, QRectF(x + width * 0.08, y, width * 0.84, sheet.height() * 0.16))
        y += sheet.height() * 0.16 + bar * 2
        foot = sheet.bottom() - sheet.height() * 0.32
        part = 1.0
        while y + bar < foot:
            fill_round(p, QRectF(x, y, width * part, bar), bar / 2, t.color("outline"))
            y += bar * 2.4
            part = 0.72 if part == 1.0 else 1.0
        side = sheet.height() * 0.22
        code = QRectF(sheet.center().x() - side / 2, sheet.bottom() - side - sheet.height() * 0.06, side, side)
        self._code(p, code)

    def _bars(self, p: QPainter, box: QRectF) -> None:
        unit = max(2.0, box.width() / 60)
        x, i = box.x(), 0
        while x + 3 * unit < box.right():
            width = unit * (2, 1, 1, 2, 1, 3, 1)[i % 7]
            if i % 2 == 0:
                p.fillRect(QRectF(x, box.y(), width, box.height()), self.theme.color("on_plate"))
            x += width
            i += 1
