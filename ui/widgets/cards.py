"""Cards: a service, a small tile, a panel that holds rows. The page paints their shadows (see PageWidget)."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.paint.shapes import Elevation, fill_round
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable
from ui.widgets.text import chip_width, draw_chip


class ServiceCard(Tappable):
    """One service: icon tile, title, what it does, how long, what is needed. Unavailable: greyed, with the reason, not pressable."""

    may_touch_top = True
    elevation: Elevation = 1

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        summary: str,
        minutes: int,
        needs: str,
        icon: str,
        unavailable: str = "",
        parent: QWidget | None = None,
    ) -> None:
        spoken = f"{title}，{summary}，" + (unavailable or f"约 {minutes} 分钟，需要：{needs}")
        super().__init__(theme, name, spoken, parent)
        self._title, self._summary, self._minutes, self._needs = title, summary, minutes, needs
        self._icon, self._unavailable = icon, unavailable
        self.setEnabled(not unavailable)
        self.setFixedHeight(theme.pick(298, 338))
        if unavailable:
            self.elevation = 0

    def paint(self, p: QPainter) -> None:
        t = self.theme
        off = bool(self._unavailable)
        rect = QRectF(self.rect())
        edge = t.color("outline") if off and not t.high_contrast else t.color("card_edge")
        fill = "well" if off else "pressed" if self.isDown() else "surface"
        radius = t.px("radius.card")
        fill_round(p, rect, radius, t.color(fill), edge, t.px("stroke.divider" if off else "stroke.outline"))
        tile_px = t.px("icon_tile")
        tile = QRectF(t.px(40), (rect.height() - tile_px) / 2, tile_px, tile_px)
        tile_edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(32), t.color("surface" if off else "tint"), tile_edge, t.px("stroke.divider"))
        self.stamp(p, t.icon(self._icon, 88, "muted" if off else "icon"), tile.center().x(), tile.center().y())
        x = tile.right() + t.px(40)
        right = rect.right() - t.px(96)
        width = right - x
        top = t.pick(44, 42)
        title = QRectF(x, top, width, t.line("h2"))
        self.line_text(p, title, self._title, ("h2", "h3"), "muted" if off else "text", bold=True)
        summary = QRectF(x, title.bottom(), width, t.line("body"))
        self.line_text(p, summary, self._summary, ("body", "small"), "muted")
        if off:
            left = x + t.px(52)
            shape = self.shape(self._unavailable, "label", rect.right() - t.px(40) - left, bold=True)
            upper = rect.height() - t.pick(36, 30) - shape.height
            self.stamp(p, t.icon("lock", 36, "on_disabled"), x + t.px(18), upper + t.line("label") / 2)
            box = QRectF(left, upper, shape.width, rect.height() - upper)
            self.write(p, shape, self._unavailable, box, "label", "on_disabled")
            return
        foot = rect.height() - t.pick(62, 68)
        chip = f"约 {self._minutes} 分钟"
        draw_chip(self, p, x, foot, chip)
        left = x + chip_width(t, chip) + t.px(20)
        box = QRectF(left, foot - t.px(30), rect.right() - t.px(40) - left, t.px(60))
        self.line_text(p, box, f"需要：{self._needs}", "small", "muted")
        self.stamp(p, t.icon("chevron-right", 48, "muted"), rect.right() - t.px(60), rect.center().y())
        self.focus_ring(p, radius)


class TileCard(Tappable):
    """A small tile: icon over a word."""

    elevation: Elevation = 1

    def __init__(
        self, theme: Theme, name: str, title: str, icon: str, unavailable: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, f"{title}，{unavailable}" if unavailable else title, parent)
        self._title, self._icon, self._off = title, icon, bool(unavailable)
        self.setEnabled(not self._off)
        self.setFixedHeight(theme.pick(150, 170))
        if unavailable:
            self.elevation = 0

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill = "well" if self._off else "pressed" if self.isDown() else "surface"
        radius = t.px("radius.card")
        fill_round(p, rect, radius, t.color(fill), t.color("card_edge"), t.px("stroke.outline"))
        if self._off:
            self.stamp(p, t.icon("lock", 36, "on_disabled"), rect.center().x(), t.px(36))
            box = QRectF(t.px(12), t.pick(58, 58), rect.width() - t.px(24), t.pick(44, 56))
            self.line_text(p, box, self._title, ("label", "small"), "on_disabled", "center")
            box.translate(0, box.height() - t.px(2))
            self.line_text(p, box, "本机暂停办理", "small", "on_disabled", "center", bold=True)
            return
        self.stamp(p, t.icon(self._icon, "icon_m", "icon"), rect.center().x(), t.pick(54, 56))
        box = QRectF(t.px(12), t.pick(86, 96), rect.width() - t.px(24), t.pick(52, 60))
        self.line_text(p, box, self._title, ("label", "small"), "text", "center")
        self.focus_ring(p, radius)


class Panel(Painted):
    """A card that holds other widgets in a column: `panel.column.addWidget(...)`. `fill`/`edge` are colour roles."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        spoken: str,
        *,
        fill: str = "surface",
        edge: str = "card_edge",
        edge_width: str = "stroke.outline",
        elevation: Elevation = 1,
        padding: int = 32,
        spacing: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, spoken, parent)
        self.elevation: Elevation = elevation
        self._fill, self._edge, self._edge_width = fill, edge, edge_width
        self.column = QVBoxLayout(self)
        inset = theme.px(padding)
        self.column.setContentsMargins(inset, inset, inset, inset)
        self.column.setSpacing(theme.px(spacing))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        fill_round(
            p,
            QRectF(self.rect()),
            t.px("radius.card"),
            t.color(self._fill),
            t.color(self._edge),
            t.px(self._edge_width),
        )
