"""What stands over the sheet to sign on: the sign that sound and picture are taken, what to do or what is missing, and the links."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout

from kiosk.screens.violation import Filming
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.buttons import BigButton

ASK = "请在框内手写签名"
STARTING = "正在准备录音录像，请稍等"
NO_FILM = "签名框下方"


class SignHead(Painted):
    """Over the pad: what to do or what is missing, and the link that clears it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "c09.sign", ASK)
        self._ask, self._note = ASK, ""
        self.setFixedHeight(theme.px("touch_min"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.clear_button = BigButton(theme, "c09.clear", "清除重写", "link", height="touch_min", parent=self)
        self.clear_button.setFixedWidth(self.clear_button.sizeHint().width() - theme.px(16))
        row.addStretch(1)
        row.addWidget(self.clear_button)

    def ask(self, words: str) -> None:
        """What to do, while nothing is missing."""
        self._ask = words
        self.complain(self._note)

    def complain(self, note: str) -> None:
        self._note = note
        self.setAccessibleName(note or self._ask)
        self.update()

    @property
    def note(self) -> str:
        """What is missing; empty: nothing."""
        return self._note

    def paint(self, p: QPainter) -> None:
        t = self.theme
        box = QRectF(0, 0, self.clear_button.x() - t.px(8), self.height())
        if self._note:
            side = t.px("icon_s")
            self.stamp(p, t.icon("octagon-x", "icon_s", "bad_text"), side / 2, box.center().y())
            box.setLeft(side + t.px(12))
        words, color = self._note or self._ask, "bad_text" if self._note else "text"
        if text_width(words, t.font("small", bold=True)) <= box.width():
            self.line_text(p, box, words, ("h3", "label", "small"), color, bold=True)
            return
        shape = self.shape(words, "small", box.width(), bold=True, balance=True)
        box.setTop(box.center().y() - shape.height / 2)
        self.write(p, shape, words, box, "small", color)


class SignFoot(Painted):
    """Under the pad: 正在录音录像 with its time, and the way for whoever does not sign. Red dot and words: colour is not alone."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "c09.filming", NO_FILM)
        self._filming: Filming | None = None
        self.setFixedHeight(theme.px("touch_min"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.refuse_button = BigButton(
            theme, "c09.refuse", "我不签名", "link", height="touch_min", spoken="我不签名，看看怎么办", parent=self
        )
        self.refuse_button.setFixedWidth(self.refuse_button.sizeHint().width() - theme.px(16))
        row.addStretch(1)
        row.addWidget(self.refuse_button)

    def show_filming(self, filming: Filming | None) -> None:
        if filming == self._filming:
            return
        before, self._filming = self._filming, filming
        if (before is None or filming is None) or before.state != filming.state:
            self.setAccessibleName(self._words().partition("　")[0] or NO_FILM)  # not read out anew every second
        self.update()

    def _words(self) -> str:
        filming = self._filming
        if filming is None:
            return ""
        if filming.state == "starting":
            return STARTING
        return f"正在录音录像　{filming.seconds // 60}:{filming.seconds % 60:02d}"

    def paint(self, p: QPainter) -> None:
        t, filming = self.theme, self._filming
        if filming is None:
            return
        box = QRectF(0, 0, self.refuse_button.x() - t.px(8), self.height())
        side = t.px("icon_s")
        if filming.state == "on":
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(t.color("bad_text"))
            p.drawEllipse(QPointF(side / 2, box.center().y()), side * 0.34, side * 0.34)
            p.setBrush(Qt.BrushStyle.NoBrush)
        else:
            self.stamp(p, t.icon("clock", "icon_s", "muted"), side / 2, box.center().y())
        box.setLeft(side + t.px(12))
        self.line_text(p, box, self._words(), ("label", "small"), "text", bold=filming.state == "on")
