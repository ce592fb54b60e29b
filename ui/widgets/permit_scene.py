"""PermitScene: the permit goes into the card slot, or comes out of it, on the side where this cabinet has the slot."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.scene import Arrow, Pointing, Scene

PermitState = Literal["insert", "taking", "reading", "done", "out", "taken", "kept"]

WORDS: dict[PermitState, str] = {
    "insert": "正在等待通行证…",
    "taking": "正在收卡，请松手",
    "reading": "正在读取，请稍等",
    "done": "读取成功",
    "out": "请把通行证取走",
    "taken": "通行证已取走",
    "kept": "通行证已收进机器",
}
_COLOR: dict[PermitState, str] = {"done": "ok_text", "taken": "ok_text", "kept": "warn_text"}
_AWAY: dict[Arrow, Pointing] = {"left": "right", "right": "left", "down": "up"}
_CARD = 1.585
"""Length of an ID-1 card over its height (ISO/IEC 7810)."""
_MODULES = ("1110111", "1010101", "1110111", "0001000", "1110110", "1010101", "1110011")
"""A drawn code: a texture, not a symbol anybody could scan."""


class PermitScene(Scene):
    """A slot with its light, a card and a hand; the arrow says which way the card goes. Where motion is off the card stands half in.

    Everything is drawn as for a slot on the left, then mirrored or turned. `side` is which side of the card is up, as the hall's
    settings word it; the drawn card follows it as far as a drawing can.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        state: PermitState = "insert",
        arrow: Arrow = "left",
        side: str = "",
        words: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self._state, self._arrow, self._side, self._words = state, arrow, side, words
        self._second_half = False
        self._slide = 0.0
        super().__init__(theme, name, self._spoken(), parent)
        self.setMinimumHeight(theme.px(400))
        self.setMaximumHeight(theme.px(860))

    def set_state(self, state: PermitState, arrow: Arrow, words: str = "") -> None:
        if (state, arrow, words) == (self._state, self._arrow, self._words):
            return
        self._state, self._arrow, self._words = state, arrow, words
        self._slide = 0.0
        self.setAccessibleName(self._spoken())
        self.restart()
        self.update()

    def _spoken(self) -> str:
        words = self._words or WORDS[self._state]
        return f"{words}，{self._side}" if self._side and self._state == "insert" else words

    def moving(self) -> QRect | None:
        if self._state in ("done", "taken", "kept"):
            return None
        if self._state == "reading":
            return self.ring_box(self._centre())
        return self._stage().toAlignedRect()

    def _move(self, phase: float) -> None:
        """One way in 1.2 s and the same time to start again: half as fast as the loop, a hand is not quicker."""
        if phase < self._phase:
            self._second_half = not self._second_half
        whole = (phase + self._second_half) / 2
        there = min(1.0, whole / 0.5) if whole < 0.75 else max(0.0, 1 - (whole - 0.75) / 0.25)
        self._slide = there * there * (3 - 2 * there)
        super()._move(phase)

    # -- layout ----------------------------------------------------------------------------------------------------------

    def _stage(self) -> QRectF:
        """What is left for the drawing above the words (and the line that says which side is up)."""
        t = self.theme
        foot = self.foot + t.px(12)
        if self._shows_side:
            foot += t.pick(84, 96)
        return QRectF(t.px(24), t.px(28), self.width() - t.px(48), self.height() - foot - t.px(28))

    @property
    def _shows_side(self) -> bool:
        return bool(self._side) and self._state == "insert"

    def _centre(self) -> QPointF:
        return self._stage().center()

    def _unit(self) -> float:
        """Height of the card: 270 at scale 1.0, less where the room is low."""
        room = self._stage()
        along, across = (room.height(), room.width()) if self._arrow == "down" else (room.width(), room.height())
        return min(self.theme.px(270), along / 3.35, across / 1.9)

    # -- painting --------------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        self.draw_ground(p)
        unit = self._unit()
        p.save()
        p.translate(self._centre())
        if self._arrow == "right":
            p.scale(-1, 1)
        elif self._arrow == "down":
            p.rotate(-90)
        self._draw(p, unit)
        p.restore()
        if self._state == "reading":
            self.draw_turning(p, self._centre())
        elif self._state in ("done", "taken"):
            self.draw_done(p, self._centre(), self.theme.px(84))
        if self._shows_side:
            self._draw_side(p)
        self.draw_words(p, self._words or WORDS[self._state], _COLOR.get(self._state, "info_text"))

    def _draw(self, p: QPainter, u: float) -> None:
        """Slot on the left, the origin in the middle of the drawing."""
        length = _CARD * u
        if self._state in ("reading", "done", "kept"):
            self._draw_inside(p, length, u)
            return
        # where the slit is: the hand takes room on the other side
        mouth = -length * (0.72 if self._state in ("insert", "out") else 0.62 if self._state == "taken" else 0.1)
        slide = self._slide if self.theme.motion else 0.4
        part = {"insert": 0.98 - 0.5 * slide, "taking": 0.6 - 0.4 * slide, "out": 0.62 + 0.38 * slide, "taken": 1.12}
        shown = part[self._state]
        """Part of the card outside the slit."""
        card = QRectF(mouth - (1 - shown) * length, -u / 2, length, u)
        p.save()
        p.setClipRect(QRectF(mouth, -u, 4 * length, 2 * u))
        self._draw_card(p, card)
        p.restore()
        self._draw_slot(p, mouth, u)
        if self._state in ("insert", "out"):
            self._draw_hand(p, QPointF(card.right() - u * 0.2, u * 0.12), u)
            self._draw_way(p, mouth, length, u)

    def _draw_inside(self, p: QPainter, length: float, u: float) -> None:
        """The machine with the card in it, as a dashed outline."""
        t = self.theme
        body = QRectF(-length * 0.7, -u * 0.84, length * 1.4, u * 1.68)
        fill_round(p, body, t.px(28), t.color("tint"), t.color("icon"), t.px("stroke.selected"))
        pen = QPen(t.color("icon"), t.px(5))
        pen.setDashPattern([5, 2.4])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        p.setPen(pen)
        p.setBrush(t.color("surface"))
        p.drawRoundedRect(QRectF(-length / 2, -u / 2, length, u), u * 0.085, u * 0.085)
        light = QRectF(body.right() - u * 0.17, -u * 0.66, u * 0.17 + t.px(4), u * 1.32)
        fill_round(p, light, u * 0.08, t.color("track"))
        slit = QRectF(body.right() - u * 0.075, -u * 0.57, u * 0.075, u * 1.14)
        fill_round(p, slit, u * 0.03, t.color("preview"))

    def _draw_slot(self, p: QPainter, mouth: float, u: float) -> None:
        """The plate with the slit and the light around it. The slit is the plate's right edge, so that the card comes out of it."""
        t = self.theme
        plate = QRectF(mouth - u * 0.52, -u * 0.84, u * 0.52, u * 1.68)
        fill_round(p, plate, t.px(28), t.color("tint"), t.color("icon"), t.px("stroke.selected"))
        lit = self._state in ("insert", "out")
        light = QRectF(mouth - u * 0.17, -u * 0.66, u * 0.17 + t.px(4), u * 1.32)
        fill_round(p, light, u * 0.08, t.color("ok" if lit else "track"))
        slit = QRectF(mouth - u * 0.075, -u * 0.57, u * 0.075, u * 1.14)
        fill_round(p, slit, u * 0.03, t.color("preview"))
        for i in (-1, 0, 1):
            groove = QRectF(plate.x() + u * 0.12, i * u * 0.34 - t.px(5), u * 0.14, t.px(10))
            fill_round(p, groove, t.px(5), t.color("track"))

    def _draw_card(self, p: QPainter, card: QRectF) -> None:
        t = self.theme
        u = card.height()
        fill_round(p, card, u * 0.085, t.color("surface"), t.color("outline"), t.px("stroke.outline"))
        if "二维码" in self._side or not self._side:
            code = QRectF(card.x() + u * 0.14, -u * 0.36, u * 0.42, u * 0.42)
            cell = code.width() / len(_MODULES)
            for y, row in enumerate(_MODULES):
                for x, dark in enumerate(row):
                    if dark == "1":
                        p.fillRect(
                            QRectF(code.x() + x * cell, code.y() + y * cell, cell + 0.5, cell + 0.5), t.color("icon")
                        )
        elif "芯片" in self._side:
            chip = QRectF(card.x() + u * 0.16, -u * 0.14, u * 0.3, u * 0.26)
            fill_round(p, chip, u * 0.04, t.color("chip"), t.color("icon"), t.px("stroke.outline"))
        else:
            photo = QRectF(card.x() + u * 0.12, -u * 0.34, u * 0.36, u * 0.5)
            fill_round(p, photo, u * 0.04, t.color("chip"))
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(t.color("icon"))
            p.drawEllipse(QPointF(photo.center().x(), photo.y() + u * 0.17), u * 0.075, u * 0.075)
            shoulders = QPainterPath(QPointF(photo.x() + u * 0.06, photo.bottom() - u * 0.05))
            shoulders.arcTo(QRectF(photo.x() + u * 0.06, photo.y() + u * 0.28, u * 0.24, u * 0.34), 180, -180)
            p.drawPath(shoulders)
        for i, part in enumerate((0.62, 0.44)):
            bar = QRectF(card.x() + u * 0.7, -u * 0.34 + i * u * 0.2, u * part, u * 0.09)
            fill_round(p, bar, bar.height() / 2, t.color("track"))
        for i in range(2):
            bar = QRectF(card.x() + u * 0.14, u * 0.18 + i * u * 0.14, u * 0.86, u * 0.07)
            fill_round(p, bar, bar.height() / 2, t.color("track"))

    def _draw_hand(self, p: QPainter, grip: QPointF, u: float) -> None:
        """A thumb on the card's end, the hand behind it, a sleeve; an outline, so that it is everybody's hand."""
        t = self.theme
        pen = QPen(t.color("icon"), t.px(5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        x, y = grip.x(), grip.y()
        p.setPen(pen)
        p.setBrush(t.color("surface"))
        hand = QPainterPath(QPointF(x + u * 1.06, y - u * 0.16))
        hand.cubicTo(x + u * 0.8, y - u * 0.3, x + u * 0.62, y - u * 0.34, x + u * 0.42, y - u * 0.3)
        hand.cubicTo(x + u * 0.26, y - u * 0.28, x + u * 0.1, y - u * 0.19, x + u * 0.02, y - u * 0.13)
        hand.cubicTo(x - u * 0.13, y - u * 0.02, x - u * 0.02, y + u * 0.11, x + u * 0.12, y + u * 0.04)
        hand.lineTo(QPointF(x + u * 0.34, y - u * 0.05))
        hand.cubicTo(x + u * 0.3, y + u * 0.06, x + u * 0.25, y + u * 0.12, x + u * 0.24, y + u * 0.2)
        hand.cubicTo(x + u * 0.22, y + u * 0.44, x + u * 0.6, y + u * 0.56, x + u * 1.06, y + u * 0.42)
        hand.closeSubpath()
        p.drawPath(hand)
        sleeve = QRectF(x + u * 1.02, y - u * 0.25, u * 0.3, u * 0.76)
        fill_round(p, sleeve, u * 0.06, t.color("primary"))

    def _draw_way(self, p: QPainter, mouth: float, length: float, u: float) -> None:
        """The arrow above the card: into the slot, or out of it."""
        t = self.theme
        swing = (1 - abs(2 * self._phase - 1)) ** 1.5 * t.px(24) - t.px(12)
        turn = -1.0 if self._state == "insert" else 1.0
        x, y = mouth + length * 0.62 + turn * swing, -u * 0.76
        w, h = float(t.px(12)), float(t.px(56))
        path = QPainterPath(QPointF(x - turn * h, y - w))
        for dx, dy in ((0.15, -w), (0.15, -w * 2.4), (1.0, 0.0), (0.15, w * 2.4), (0.15, w), (-1.0, w)):
            path.lineTo(QPointF(x + turn * dx * h, y + dy))
        path.closeSubpath()
        p.setPen(
            QPen(t.color("primary"), t.px(4), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        p.setBrush(t.color("primary"))
        p.drawPath(path)

    def _draw_side(self, p: QPainter) -> None:
        """Which side is up, as a pill in the type of a heading: the one thing that goes wrong here."""
        t = self.theme
        font = t.font("h3", bold=True)
        icon = t.px("icon_s")
        height = t.pick(68, 84)
        width = min(self.width() - t.px(48), round(text_width(self._side, font)) + icon + t.px(16 + 64))
        top = self.height() - self.foot - height - t.px(16)
        box = QRectF((self.width() - width) / 2, top, width, height)
        fill_round(p, box, height / 2, t.color("info_tint"), t.color("info"), t.px("stroke.divider"))
        self.stamp(
            p,
            t.icon("qr" if "二维码" in self._side else "info", "icon_s", "info_text"),
            box.x() + t.px(32) + icon / 2,
            box.center().y(),
        )
        text = box.adjusted(t.px(48) + icon, 0, -t.px(24), 0)
        self.line_text(p, text, self._side, ("h3", "label", "small"), "info_text", bold=True)
