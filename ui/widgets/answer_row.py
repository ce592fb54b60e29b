"""AnswerRow: one answer on a check page, with the button that leads back to its question."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.buttons import BigButton
from ui.widgets.text import _Flowing

CHANGE_ROOM = "更改"
"""The column of links is as wide as this, whatever the row."""


class AnswerRow(_Flowing):
    """Label, value, and where it can be changed a link named <name>.act. Emits `acted`. Divider below unless it is the last."""

    acted = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        label: str,
        value: str,
        *,
        act: str = "",
        divider: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, f"{label}，{value}", parent)
        self._label, self._value, self._divider = label, value, divider
        self._shape: TextShape | None = None
        self.act: BigButton | None = None
        if act:
            spoken = f"{act}{label}"
            self.act = BigButton(theme, f"{name}.act", act, "link", spoken=spoken, height="touch_min", parent=self)
            self.act.tapped.connect(self.acted)

    def clear(self) -> None:
        self._label = self._value = ""
        self._shape = None
        self.setAccessibleName("")

    def _label_w(self) -> int:
        return self.theme.pick(176, 200)

    def _pad(self) -> int:
        """Left and right of what is written; the link's target reaches into it."""
        return self.theme.px(24)

    def _act_w(self) -> int:
        return round(text_width(CHANGE_ROOM, self.theme.font("h3", bold=True))) + 2 * self._pad() + 2

    def _shaped(self, width: int) -> TextShape:
        # rows without a button keep its column free: all values end at the same line
        room = max(60, width - self._pad() - self._label_w() - self._act_w())
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._value, "body", room, bold=True, balance=True)
        return self._shape

    def heightForWidth(self, width: int) -> int:
        """At least a target and the gap between two of them."""
        t = self.theme
        least = t.px("touch_min") + t.px("gap_min") if self.act is not None else t.pick(76, 96)
        return max(least, self._shaped(width).height + t.px(20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.act is not None:
            height = self.act.height()
            self.act.setGeometry(self.width() - self._act_w(), (self.height() - height) // 2, self._act_w(), height)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        h = self.height()
        shape = self._shaped(self.width())
        top = (h - shape.height) / 2
        label = QRectF(self._pad(), top, self._label_w() - t.px(12), t.line("body"))
        self.line_text(p, label, self._label, ("body", "label", "small"), "muted")
        box = QRectF(self._pad() + self._label_w(), top, shape.width, shape.height)
        self.write(p, shape, self._value, box, "body")
        if self._divider:
            line = QRectF(self._pad(), h - t.px(2), self.width() - 2 * self._pad(), t.px(2))
            p.fillRect(line, t.color("outline" if t.high_contrast else "divider"))
