"""WayCard: one way to go on: a picture, what it is, what it takes."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.base import Tappable
from ui.widgets.choice_cards import draw_plate


class WayCard(Tappable):
    """Greyed, with the reason in place of what it takes, when it cannot be had now."""

    elevation: Elevation = 1

    def __init__(
        self, theme: Theme, name: str, title: str, detail: str, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, "", parent)
        self._title, self._detail, self._icon, self._reason = title, detail, icon, ""
        self.set_low(False)
        self.set_reason("")

    def set_low(self, low: bool) -> None:
        """In landscape, where two of them share the height of the page."""
        self.setFixedHeight(self.theme.px(288 if low else 330))

    def set_reason(self, reason: str) -> None:
        """Why this cannot be chosen; empty: it can."""
        self._reason = reason
        self.setEnabled(not reason)
        self.elevation = 0 if reason else 1
        self.setAccessibleName("，".join(part for part in (self._title, reason or self._detail) if part))
        self.update()

    def _left(self) -> float:
        return self.theme.px(40) + self.theme.pick(160, 128) + self.theme.pick(40, 32)

    def _lines(self) -> TextShape:
        """The reason stands in place of the detail: what cannot be had need not be described."""
        room = self.width() - self._left() - self.theme.px(96)
        return self.shape(self._reason or self._detail, "body", room, balance=True)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        off = bool(self._reason)
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        draw_plate(self, p, off=off, chosen=False, down=self.isDown(), radius=radius)
        side = t.pick(160, 128)
        tile = QRectF(t.px(40), (rect.height() - side) / 2, side, side)
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(32), t.color("surface" if off else "tint"), edge, t.px("stroke.divider"))
        picture = t.icon("lock" if off else self._icon, 88, "muted" if off else "icon")
        self.stamp(p, picture, tile.center().x(), tile.center().y())
        below = self._lines()
        gap = t.px(10)
        x = self._left()
        y = (rect.height() - t.line("h2") - gap - below.height) / 2
        title = QRectF(x, y, rect.right() - t.px(96) - x, t.line("h2"))
        self.line_text(p, title, self._title, ("h2", "h3"), "muted" if off else "text", bold=True)
        box = QRectF(x, y + t.line("h2") + gap, below.width, below.height)
        self.write(p, below, self._reason or self._detail, box, "body", "text" if off else "muted")
        if not off:
            self.stamp(p, t.icon("chevron-right", 48, "muted"), rect.right() - t.px(56), rect.center().y())
        self.focus_ring(p, radius)
