"""SheetTab: the name of one of several sheets; the one that is looked at is filled."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.base import Tappable


class SheetTab(Tappable):
    """Height 96 px, as wide as the layout makes it; titles break into two lines where they must."""

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, title, parent)
        self._title = title
        self._chosen = False
        self.setFixedHeight(self.height_of(theme))

    @staticmethod
    def height_of(theme: Theme) -> int:
        return theme.pick(96, 120)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px("touch_min"), self.height_of(self.theme))

    def set_chosen(self, chosen: bool) -> None:
        self._chosen = chosen
        self.setAccessibleName(f"{self._title}，正在看" if chosen else self._title)
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill = "primary" if self._chosen else "pressed" if self.isDown() else "surface"
        color = "on_primary" if self._chosen else "text"
        fill_round(p, rect, t.px("radius.field"), t.color(fill), t.color("outline"), t.px("stroke.divider"))
        room = rect.width() - t.px(24)
        for role in ("h3", "label", "small"):
            shape = self.shape(self._title, role, room, bold=True, balance=True)
            if shape.height <= t.line(role) or (role == "small" and shape.height <= rect.height()):
                break
        shape.width = min(shape.width, room)
        box = QRectF((rect.width() - shape.width) / 2, (rect.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self._title, box, role, color, "center")
        self.focus_ring(p, t.px("radius.field"))
