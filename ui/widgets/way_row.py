"""WayRow: a quiet row that leads to another way of doing the same, below the one that is shown."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Tappable


class WayRow(Tappable):
    """Icon and caption on the left, an arrow at the right end. Height is the `row_h` token; width is the layout's."""

    def __init__(self, theme: Theme, name: str, caption: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, caption, parent)
        self.caption = caption
        self._icon = icon
        self.setFixedHeight(theme.px("row_h"))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px("touch_min"), self.height())

    def paint(self, p: QPainter) -> None:
        t = self.theme
        on = self.isEnabled()
        rect = QRectF(self.rect())
        radius = t.px("radius.button")
        fill = "disabled" if not on else "pressed" if self.isDown() else "surface"
        fill_round(p, rect, radius, t.color(fill), t.color("outline"), t.px("stroke.outline"))
        side, end = t.px("icon_s"), t.px(40)
        self.stamp(
            p,
            t.icon(self._icon, "icon_s", "icon" if on else "on_disabled"),
            rect.x() + end + side / 2,
            rect.center().y(),
        )
        arrow = t.px(40)
        if on:
            self.stamp(p, t.icon("chevron-right", 40, "text"), rect.right() - end - arrow / 2, rect.center().y())
        left = rect.x() + end + side + t.px(28)
        words = QRectF(left, rect.y(), rect.right() - end - arrow - t.px(16) - left, rect.height())
        self.line_text(p, words, self.caption, ("h3", "label"), "text" if on else "on_disabled", bold=True)
        self.focus_ring(p, radius)
