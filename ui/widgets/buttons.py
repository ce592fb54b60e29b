"""BigButton: the one button of citizen screens."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Tappable

ButtonKind = Literal["primary", "secondary", "danger", "link", "link_danger"]


class BigButton(Tappable):
    """A button whose caption names the act. `primary` is filled, `secondary` outlined, `danger` outlined in red, `link` bare.

    Height is the `button_h` token (120 px = 30 mm), links `row_h`; width is the layout's. `waiting` looks disabled but stays pressable, for
    a "next" that explains what is missing.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        caption: str,
        kind: ButtonKind = "primary",
        icon: str = "",
        *,
        icon_after: bool = False,
        waiting: bool = False,
        spoken: str = "",
        height: str = "",
        repeat: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, spoken or caption, parent, repeat=repeat)
        self.caption = caption
        self.kind = kind
        self.icon_name = icon
        self.icon_after = icon_after
        self.waiting = waiting
        self.even: BigButton | None = None
        """The other of two choices of equal weight: both are written in the size in which both fit."""
        self._height = theme.px(height or ("row_h" if kind.startswith("link") else "button_h"))
        self.setFixedHeight(self._height)

    def set_caption(self, caption: str, spoken: str = "") -> None:
        self.caption = caption
        self.setAccessibleName(spoken or caption)
        self.update()

    def restyle(
        self, caption: str, kind: ButtonKind, icon: str = "", *, icon_after: bool, waiting: bool, spoken: str = ""
    ) -> None:
        """Another caption or look for the same button."""
        self.kind, self.icon_name, self.icon_after, self.waiting = kind, icon, icon_after, waiting
        self.set_caption(caption, spoken)

    def sizeHint(self) -> QSize:
        width = text_width(self.caption, self.theme.font("h3", bold=True)) + self.theme.px(64)
        if self.icon_name:
            width += self.theme.px("icon_s") + self.theme.px(16)
        return QSize(round(width), self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px("touch_min"), self._height)

    def _colors(self) -> tuple[str | None, str | None, str]:
        """Roles of fill, edge and text."""
        down = self.isDown()
        if self.kind.startswith("link"):
            return ("pressed" if down else None, None, "bad_text" if self.kind == "link_danger" else "link")
        if not self.isEnabled() or (self.waiting and not down):
            return ("disabled", "outline", "on_disabled")
        if self.kind == "primary":
            return ("primary_pressed" if down else "primary", None, "on_primary")
        text = "bad_text" if self.kind == "danger" else "text"
        return ("pressed" if down else "surface", "bad" if self.kind == "danger" else "outline", text)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        fill, edge, text = self._colors()
        rect = QRectF(self.rect())
        radius = t.px("radius.button")
        if self.isDown() and fill is not None:
            inset = t.px(2)
            rect.adjust(inset, inset, -inset, -inset)
        fill_round(
            p, rect, radius, t.color(fill) if fill else None, t.color(edge) if edge else None, t.px("stroke.outline")
        )
        roles = ("h2", "h3", "label") if self.kind == "primary" else ("h3", "label")
        room = rect.width() - t.px(48)
        gap = t.px(16) if self.caption else 0
        icon_px = t.px("icon_s") if self.icon_name else 0
        extra = icon_px + gap if icon_px else 0
        captions = [self.caption, *([self.even.caption] if self.even is not None else [])]
        widest = {r: max(text_width(caption, t.font(r, bold=True)) for caption in captions) for r in roles}
        role = next((r for r in roles if widest[r] + extra <= room), roles[-1])
        width = text_width(self.caption, t.font(role, bold=True))
        x = rect.center().x() - (width + extra) / 2
        if icon_px:
            icon_x = x + width + gap if self.icon_after else x
            self.stamp(p, t.icon(self.icon_name, "icon_s", text), icon_x + icon_px / 2, rect.center().y())
            if not self.icon_after:
                x += extra
        fits = min(width + 2, room - extra)
        if self.caption:
            self.line_text(p, QRectF(x, rect.y(), fits, rect.height()), self.caption, role, text, bold=True)
        if self.kind.startswith("link") and t.high_contrast:
            y = rect.center().y() + t.font_px(role) * 0.62
            p.fillRect(QRectF(x, y, width, t.px(2)), t.color(text))
        self.focus_ring(p, radius)
