"""ScanScene: the phone goes to the scanner window, on the side where this cabinet has it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.scene import Pointing, Scene

ScanState = Literal["waiting", "scanned", "checking", "unknown", "paid"]

WORDS = {
    "waiting": "正在等待付款码…",
    "scanned": "已扫到，等待您在手机上确认",
    "checking": "正在核对付款…",
    "unknown": "正在核对付款…",
    "paid": "已收到付款",
}
_MODULES = ("1101011", "0110100", "1011001", "0100111", "1110010", "0011101", "1001110")
"""The middle of a drawn code: a texture, not a symbol anybody could scan."""


class ScanScene(Scene):
    """A phone showing a payment code, the scanner window, and between them the arrow. Phone and window stand beside each other
    where the window is left or right of the screen, else one above the other."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        state: ScanState = "waiting",
        arrow: Pointing = "down",
        parent: QWidget | None = None,
    ) -> None:
        self._state: ScanState = state
        self._arrow: Pointing = arrow
        super().__init__(theme, name, WORDS[state], parent)
        self.setMinimumHeight(theme.px(460))
        self.setMaximumHeight(theme.px(800))

    def set_state(self, state: ScanState, arrow: Pointing) -> None:
        if (state, arrow) == (self._state, self._arrow):
            return
        self._state, self._arrow = state, arrow
        self.setAccessibleName(WORDS[state])
        self.restart()
        self.update()

    def moving(self) -> QRect | None:
        phone, arrow, _ = self._places()
        if self._state == "paid":
            return None
        return self.arrow_box(arrow) if self._state == "waiting" else self.ring_box(phone.center())

    # -- layout ----------------------------------------------------------------------------------------------------------

    def _places(self) -> tuple[QRectF, QPointF, QRectF]:
        """The phone, the middle of the arrow, the scanner window."""
        t = self.theme
        margin, arrow = t.px(36), t.px(120)
        room = QRectF(margin, margin, self.width() - 2 * margin, self.height() - self.foot - t.px(32) - margin)
        middle = room.center()
        if self._arrow in ("down", "up"):
            window_h = min(t.px(150), room.height() * 0.26)
            phone_h = min(t.px(400), room.height() - window_h - arrow)
            phone = QRectF(0, 0, phone_h * 0.62, phone_h)
            window = QRectF(0, 0, t.px(460), window_h)
            top = room.y() + (room.height() - phone_h - arrow - window_h) / 2
            phone.moveCenter(QPointF(middle.x(), top + phone_h / 2))
            window.moveCenter(QPointF(middle.x(), top + phone_h + arrow + window_h / 2))
            between = QPointF(middle.x(), top + phone_h + arrow / 2)
            if self._arrow == "up":
                phone.moveTop(top + window_h + arrow)
                window.moveTop(top)
                between.setY(top + window_h + arrow / 2)
            return phone, between, window
        phone_h = min(t.px(470), room.height())
        phone = QRectF(0, 0, phone_h * 0.56, phone_h)
        window = QRectF(0, 0, t.px(200), min(t.px(340), room.height() * 0.8))
        arrow = t.px(170)
        whole = phone.width() + arrow + window.width()
        left = middle.x() - whole / 2
        if self._arrow == "right":
            phone.moveCenter(QPointF(left + phone.width() / 2, middle.y()))
            window.moveCenter(QPointF(left + whole - window.width() / 2, middle.y()))
            return phone, QPointF(left + phone.width() + arrow / 2, middle.y()), window
        window.moveCenter(QPointF(left + window.width() / 2, middle.y()))
        phone.moveCenter(QPointF(left + whole - phone.width() / 2, middle.y()))
        return phone, QPointF(left + window.width() + arrow / 2, middle.y()), window

    # -- painting --------------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        t = self.theme
        self.draw_ground(p)
        phone, arrow, window = self._places()
        self._window(p, window)
        self._phone(p, phone)
        if self._state == "waiting":
            self.draw_arrow(p, arrow, self._arrow)
        elif self._state != "paid":
            self.draw_turning(p, phone.center())
        if self._state == "scanned":
            self.draw_done(p, window.center(), t.px(48))
        elif self._state == "paid":
            self.draw_done(p, phone.center(), t.px(72))
        self.draw_words(p, WORDS[self._state], "info_text")

    def _window(self, p: QPainter, window: QRectF) -> None:
        """The scanner: a plate of the cabinet with a window, its corners marked, a line of light across it."""
        t = self.theme
        fill_round(p, window, t.px(28), t.color("tint"), t.color("icon"), t.px("stroke.selected"))
        inset = t.px(26)
        glass = window.adjusted(inset, inset, -inset, -inset)
        fill_round(p, glass, t.px(12), t.color("well"))
        corner = min(t.px(36), glass.height() * 0.3)
        pen = QPen(t.color("icon"), t.px(7), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath()
        for x, y, dx, dy in (
            (glass.left(), glass.top(), 1, 1),
            (glass.right(), glass.top(), -1, 1),
            (glass.left(), glass.bottom(), 1, -1),
            (glass.right(), glass.bottom(), -1, -1),
        ):
            path.moveTo(x + dx * corner, y)
            path.lineTo(x, y)
            path.lineTo(x, y + dy * corner)
        p.drawPath(path)
        if self._state == "waiting":
            p.setPen(QPen(t.color("bad"), t.px(5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            y = glass.center().y()
            p.drawLine(QPointF(glass.left() + t.px(12), y), QPointF(glass.right() - t.px(12), y))

    def _phone(self, p: QPainter, phone: QRectF) -> None:
        """A phone whose screen is bright: bar code above, square code below, as wallets show them."""
        t = self.theme
        fill_round(p, phone, t.px(36), t.color("surface"), t.color("text"), t.px(8))
        inset = t.px(22)
        glass = phone.adjusted(inset, inset + t.px(8), -inset, -inset - t.px(8))
        fill_round(p, glass, t.px(14), t.color("plate"), t.color("outline"), t.px("stroke.divider"))
        ink = t.color("on_plate")
        unit = glass.width() / 12
        x = glass.x() + unit
        y = glass.y() + unit
        for i, wide in enumerate((2, 1, 3, 1, 1, 2, 1, 3, 2, 1, 1, 2)):  # bars and gaps in turn
            width = wide * unit * 0.5
            if i % 2 == 0:
                p.fillRect(QRectF(x, y, width, unit * 1.6), ink)
            x += width
        side = min(glass.width() - 2 * unit, glass.height() - unit * 4.6)
        code = QRectF(0, 0, side, side)
        code.moveCenter(QPointF(glass.center().x(), (y + unit * 2.4 + glass.bottom() - unit) / 2))
        self._code(p, code)

    def _code(self, p: QPainter, code: QRectF) -> None:
        ink, plate = self.theme.color("on_plate"), self.theme.color("plate")
        cell = code.width() / 15
        for row, line in enumerate(_MODULES):
            for column, dark in enumerate(line):
                if dark == "1":
                    at = QPointF(code.x() + (column + 4) * cell, code.y() + (row + 4) * cell)
                    p.fillRect(QRectF(at.x(), at.y(), cell + 0.5, cell + 0.5), ink)
        for column, row in ((0, 0), (10, 0), (0, 10)):
            finder = QRectF(code.x() + column * cell, code.y() + row * cell, 5 * cell, 5 * cell)
            p.fillRect(finder, ink)
            p.fillRect(finder.adjusted(cell, cell, -cell, -cell), plate)
            p.fillRect(finder.adjusted(1.8 * cell, 1.8 * cell, -1.8 * cell, -1.8 * cell), ink)
        p.fillRect(QRectF(code.x() + 11 * cell, code.y() + 11 * cell, 3 * cell, 3 * cell), ink)
