"""Scenes: where a thing goes. The arrow points where the real device is, because the settings say so."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint.shapes import Elevation, draw_disc, draw_tick, draw_turning, fill_round
from ui.theme import Theme
from ui.widgets.moving import Moving

SceneState = Literal["lift_first", "waiting", "reading", "done"]
Arrow = Literal["left", "right", "down"]
RING = 120
"""Diameter of the waiting ring, pixels at scale 1.0."""

_WORDS = {
    "lift_first": "请先拿开感应区上的证件",
    "waiting": "正在等待身份证…",
    "reading": "正在读取，请不要拿开",
    "done": "读取成功，请收好身份证",
}


Pointing = Literal["left", "right", "down", "up"]


class Scene(Moving):
    """A card with a picture, a sentence at its foot, and an arrow that bobs 24 px in 1.2 s (nothing moves where motion is off).

    Subclasses paint the picture, say where the arrow stands, and what is to be painted anew while the loop runs.
    """

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, spoken, parent)
        self.elevation: Elevation = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), self.theme.px(760))

    @property
    def foot(self) -> int:
        """Height of the sentence and what is left free under it."""
        return self.theme.pick(100, 110)

    def draw_ground(self, p: QPainter) -> None:
        t = self.theme
        edge = t.color("card_edge")
        fill_round(p, QRectF(self.rect()), t.px("radius.scene"), t.color("surface"), edge, t.px("stroke.outline"))

    def draw_words(self, p: QPainter, words: str, color: str) -> None:
        t = self.theme
        box = QRectF(t.px(32), self.height() - self.foot, self.width() - t.px(64), t.line("h3"))
        self.line_text(p, box, words, ("h3", "label"), color, "center", bold=True)

    def draw_turning(self, p: QPainter, centre: QPointF) -> None:
        """The waiting ring, on a disc of its own so that it can be seen over anything."""
        t = self.theme
        side = t.px(RING)
        ring = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
        draw_disc(p, centre, side * 0.56, t.color("surface"))
        draw_turning(p, t, ring, t.px(14), self._phase)

    def ring_box(self, centre: QPointF) -> QRect:
        side = self.theme.px(RING + 20)
        return QRect(round(centre.x() - side / 2), round(centre.y() - side / 2), side, side)

    def draw_done(self, p: QPainter, centre: QPointF, radius: int) -> None:
        t = self.theme
        draw_disc(p, centre, radius, t.color("ok"))
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        draw_tick(p, box, t.color("on_ok"), radius / 5)

    def arrow_box(self, centre: QPointF) -> QRect:
        reach = self.theme.px(110)
        return QRectF(centre.x() - reach / 2, centre.y() - reach / 2, reach, reach).toAlignedRect()

    def draw_arrow(self, p: QPainter, centre: QPointF, pointing: Pointing) -> None:
        t = self.theme
        # up and down smoothly: 0 at both ends of the loop, 1 in the middle
        swing = (1 - abs(2 * self._phase - 1)) ** 1.5 * t.px(24)
        p.save()
        p.translate(QRectF(self.arrow_box(centre)).center())
        p.rotate({"down": 0, "left": 90, "up": 180, "right": 270}[pointing])
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


class DeviceScene(Scene):
    """C04: a reader pad with a dashed slot and a card; the arrow bobs while a card is awaited."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        state: SceneState = "waiting",
        arrow: Arrow = "right",
        words: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self._state: SceneState = state
        self._arrow: Arrow = arrow
        self._words = words
        super().__init__(theme, name, words or _WORDS[state], parent)
        self.setMinimumHeight(theme.px(620))
        self.setMaximumHeight(theme.px(780))

    def set_state(self, state: SceneState, arrow: Arrow | None = None, words: str = "") -> None:
        self._state = state
        self._arrow = arrow or self._arrow
        self._words = words
        self.setAccessibleName(words or _WORDS[state])
        self.restart()
        self.update()

    def moving(self) -> QRect | None:
        if self._state == "done":
            return None
        pad = self._pad()
        return self.ring_box(pad.center()) if self._state == "reading" else self.arrow_box(self._arrow_centre(pad))

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

    def _pointing(self) -> Pointing:
        return "up" if self._state == "lift_first" else self._arrow

    def _arrow_centre(self, pad: QRectF) -> QPointF:
        t = self.theme
        return {
            "down": QPointF(pad.center().x(), pad.bottom() + t.px(52)),
            "up": QPointF(pad.center().x(), pad.top() - t.px(56)),
            "left": QPointF(pad.left() - t.px(66), pad.center().y()),
            "right": QPointF(pad.right() + t.px(66), pad.center().y()),
        }[self._pointing()]

    def paint(self, p: QPainter) -> None:
        t = self.theme
        self.draw_ground(p)
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
            self.draw_arrow(p, self._arrow_centre(pad), self._pointing())
        elif self._state == "reading":
            self.draw_turning(p, pad.center())
        else:
            self.draw_done(p, pad.center(), t.px(80))
        self.draw_words(p, self._words or _WORDS[self._state], "ok_text" if self._state == "done" else "info_text")

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
