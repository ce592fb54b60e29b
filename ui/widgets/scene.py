"""DeviceScene: where the identity card goes. The arrow points where the real pad is, because the settings say so."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHideEvent, QPainter, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.loop import Loop
from ui.paint.shapes import Elevation, draw_disc, draw_ring, draw_tick, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted

SceneState = Literal["lift_first", "waiting", "reading", "done"]
Arrow = Literal["left", "right", "down"]

_WORDS = {
    "lift_first": "请先拿开感应区上的证件",
    "waiting": "正在等待身份证…",
    "reading": "正在读取，请不要拿开",
    "done": "读取成功，请收好身份证",
}


class DeviceScene(Painted):
    """A reader pad with a dashed slot and a card; the arrow bobs 24 px in 1.2 s while a card is awaited."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        state: SceneState = "waiting",
        arrow: Arrow = "right",
        words: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, words or _WORDS[state], parent)
        self.elevation: Elevation = 1
        self._state: SceneState = state
        self._arrow: Arrow = arrow
        self._words = words
        self._phase = 0.0
        self._loop = Loop(theme, self._move, self)
        self.setMinimumHeight(theme.px(620))
        self.setMaximumHeight(theme.px(780))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), self.theme.px(760))

    def set_state(self, state: SceneState, arrow: Arrow | None = None, words: str = "") -> None:
        self._state = state
        self._arrow = arrow or self._arrow
        self._words = words
        self.setAccessibleName(words or _WORDS[state])
        self._restart()
        self.update()

    def _restart(self) -> None:
        if self._state != "done" and self.isVisible():
            self._loop.start()
        else:
            self._loop.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._restart()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._loop.stop()

    def _move(self, phase: float) -> None:
        self._phase = phase
        pad = self._pad()
        if self._state == "reading":
            side = self.theme.px(140)
            self.update(QRect(round(pad.center().x() - side / 2), round(pad.center().y() - side / 2), side, side))
        else:
            self.update(self._arrow_box(pad))

    def _pad(self) -> QRectF:
        t = self.theme
        height = min(t.px(470), self.height() - t.pick(270, 290))
        width = min(t.px(700), round(height * 1.49))
        x = (self.width() - width) / 2
        room = self.height() - t.pick(130, 150)
        y = (room - height) / 2 + t.px(10)
        if self._pointing() == "down":
            y -= t.px(34)
        elif self._pointing() == "up":
            y += t.px(34)
        return QRectF(round(x), round(y), width, height)

    def _pointing(self) -> str:
        return "up" if self._state == "lift_first" else self._arrow

    def _arrow_box(self, pad: QRectF) -> QRect:
        t = self.theme
        reach = t.px(110)
        centre = {
            "down": QPointF(pad.center().x(), pad.bottom() + t.px(52)),
            "up": QPointF(pad.center().x(), pad.top() - t.px(56)),
            "left": QPointF(pad.left() - t.px(66), pad.center().y()),
            "right": QPointF(pad.right() + t.px(66), pad.center().y()),
        }[self._pointing()]
        return QRectF(centre.x() - reach / 2, centre.y() - reach / 2, reach, reach).toAlignedRect()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.scene"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        pad = self._pad()
        fill_round(p, pad, t.px(40), t.color("tint"), t.color("icon"), t.px("stroke.selected"))
        slot = pad.adjusted(pad.width() * 0.118, pad.height() * 0.152, -pad.width() * 0.118, -pad.height() * 0.11)
        pen = QPen(t.color("icon"), t.px(7))
        pen.setDashPattern([5, 2.4])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(slot, t.px(36), t.px(36))
        edge = t.px(26)
        card = slot.adjusted(edge, edge, -edge, -edge)
        if self._state == "lift_first":
            card.translate(0, -t.px(44))
        self._card(p, card)
        if self._state in ("waiting", "lift_first"):
            self._draw_arrow(p, pad)
        elif self._state == "reading":
            side = t.px(120)
            ring = QRectF(pad.center().x() - side / 2, pad.center().y() - side / 2, side, side)
            draw_disc(p, pad.center(), side * 0.56, t.color("surface"))
            draw_ring(p, ring, t.px(14), t.color("track"), t.color("primary"), 0.3, 90 - 360 * self._phase)
        else:
            radius = t.px(80)
            draw_disc(p, pad.center(), radius, t.color("ok"))
            tick = QRectF(pad.center().x() - radius, pad.center().y() - radius, 2 * radius, 2 * radius)
            draw_tick(p, tick, t.color("on_ok"), t.px(16))
        color = "ok_text" if self._state == "done" else "info_text"
        foot = t.pick(100, 110)
        words = QRectF(t.px(32), rect.bottom() - foot, rect.width() - t.px(64), t.line("h3"))
        self.line_text(p, words, self._words or _WORDS[self._state], ("h3", "label"), color, "center", bold=True)

    def _card(self, p: QPainter, card: QRectF) -> None:
        t = self.theme
        fill_round(p, card, t.px(24), t.color("surface"), t.color("outline"), t.px("stroke.outline"))
        unit = card.height() / 12
        for i, part in enumerate((0.42, 0.54, 0.33)):
            bar = QRectF(
                card.x() + card.width() * 0.075, card.y() + unit * (2.4 + 2.2 * i), card.width() * part, unit * 0.95
            )
            fill_round(p, bar, bar.height() / 2, t.color("track"))
        photo = QRectF(card.right() - card.width() * 0.29, card.y() + unit * 2.4, card.width() * 0.21, unit * 5.4)
        fill_round(p, photo, t.px(12), t.color("chip"))
        self.stamp(p, t.icon("user", 72, "icon"), photo.center().x(), photo.center().y())

    def _draw_arrow(self, p: QPainter, pad: QRectF) -> None:
        t = self.theme
        box = QRectF(self._arrow_box(pad))
        # up and down smoothly: 0 at both ends of the loop, 1 in the middle
        swing = (1 - abs(2 * self._phase - 1)) ** 1.5 * t.px(24)
        angle = {"down": 0, "left": 90, "up": 180, "right": 270}[self._pointing()]
        p.save()
        p.translate(box.center())
        p.rotate(angle)
        p.translate(0, swing - t.px(12))
        w = float(t.px(14))
        h = float(t.px(40))
        shape = QPolygonF(
            [
                QPointF(-w * 0.75, -h),
                QPointF(w * 0.75, -h),
                QPointF(w * 0.75, 0),
                QPointF(w * 2, 0),
                QPointF(0, h * 0.75),
                QPointF(-w * 2, 0),
                QPointF(-w * 0.75, 0),
            ]
        )
        p.setPen(
            QPen(t.color("primary"), t.px(4), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        p.setBrush(t.color("primary"))
        p.drawPolygon(shape)
        p.restore()
