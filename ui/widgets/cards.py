"""Cards: a service, a small tile, a panel that holds rows. The page paints their shadows (see PageWidget)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.paint.shapes import Elevation, draw_disc, fill_rect, fill_round
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
        *,
        hero: bool = False,
    ) -> None:
        spoken = f"{title}，{summary}，" + (unavailable or f"约 {minutes} 分钟，需要：{needs}")
        super().__init__(theme, name, spoken, parent)
        self._title, self._summary, self._minutes, self._needs = title, summary, minutes, needs
        self._icon, self._unavailable = icon, unavailable
        self.setEnabled(not unavailable)
        self._hero = hero
        self.setFixedHeight(theme.pick(400, 430) if hero else theme.pick(298, 338))
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
        tile_px = t.px(220) if self._hero else t.px("icon_tile")
        tile = QRectF(t.px(40), (rect.height() - tile_px) / 2, tile_px, tile_px)
        tile_edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(32), t.color("surface" if off else "tint"), tile_edge, t.px("stroke.divider"))
        self.stamp(
            p,
            t.icon(self._icon, 124 if self._hero else 88, "muted" if off else "icon"),
            tile.center().x(),
            tile.center().y(),
        )
        x = tile.right() + t.px(40)
        right = rect.right() - t.px(96)
        width = right - x
        top = t.pick(76, 66) if self._hero else t.pick(44, 42)
        role = "h1" if self._hero else "h2"
        title = QRectF(x, top, width, t.line(role))
        self.line_text(p, title, self._title, (role, "h2", "h3"), "muted" if off else "text", bold=True)
        summary = QRectF(x, title.bottom() + t.px(8 if self._hero else 0), width, t.line("body"))
        self.line_text(p, summary, self._summary, ("body", "small"), "muted")
        if off:
            left = x + t.px(52)
            shape = self.shape(self._unavailable, "label", rect.right() - t.px(40) - left, bold=True)
            upper = rect.height() - t.pick(36, 30) - shape.height
            self.stamp(p, t.icon("lock", 36, "on_disabled"), x + t.px(18), upper + t.line("label") / 2)
            box = QRectF(left, upper, shape.width, rect.height() - upper)
            self.write(p, shape, self._unavailable, box, "label", "on_disabled")
            return
        foot = rect.height() - (t.pick(96, 92) if self._hero else t.pick(62, 68))
        chip = f"约 {self._minutes} 分钟"
        draw_chip(self, p, x, foot, chip)
        left = x + chip_width(t, chip) + t.px(20)
        box = QRectF(left, foot - t.px(30), rect.right() - t.px(40) - left, t.px(60))
        self.line_text(p, box, f"需要：{self._needs}", "small", "muted")
        self.stamp(p, t.icon("chevron-right", 48, "muted"), rect.right() - t.px(60), rect.center().y())
        self.focus_ring(p, radius)


class TileCard(Tappable):
    """A small tile: icon over a word, or beside it where the tile has a row to itself (`wide`)."""

    may_touch_top = True
    elevation: Elevation = 1

    def __init__(
        self,
        theme: Theme,
        name: str,
        title: str,
        icon: str,
        unavailable: str = "",
        parent: QWidget | None = None,
        *,
        wide: bool = False,
    ) -> None:
        super().__init__(theme, name, f"{title}，{unavailable}" if unavailable else title, parent)
        self._wide = wide
        self._reason = unavailable
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
        if self._wide:
            self._paint_wide(p, rect)
            self.focus_ring(p, radius)
            return
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

    def _paint_wide(self, p: QPainter, rect: QRectF) -> None:
        t = self.theme
        side = t.px(96)
        tile = QRectF(t.px(40), (rect.height() - side) / 2, side, side)
        edge = t.color("card_edge") if t.high_contrast else None
        ground = t.color("surface" if self._off else "tint")
        fill_round(p, tile, t.px(24), ground, edge, t.px("stroke.divider"))
        icon = t.icon("lock" if self._off else self._icon, "icon_m", "on_disabled" if self._off else "icon")
        self.stamp(p, icon, tile.center().x(), tile.center().y())
        x = tile.right() + t.px(36)
        color = "on_disabled" if self._off else "text"
        if self._off:
            width = rect.right() - t.px(40) - x
            half = rect.height() / 2
            upper = QRectF(x, t.px(12), width, half - t.px(12))
            self.line_text(p, upper, self._title, ("h3", "label"), color, bold=True)
            lower = QRectF(x, half, width, half - t.px(12))
            self.line_text(p, lower, "本机暂停办理", "small", color)
            return
        box = QRectF(x, 0, rect.right() - t.px(96) - x, rect.height())
        self.line_text(p, box, self._title, ("h3", "label"), color, bold=True)
        self.stamp(p, t.icon("chevron-right", 48, "muted"), rect.right() - t.px(60), rect.center().y())


class HowTo(Painted):
    """The way through any service in four pictures, for a home screen that has room. Nothing on it can be pressed."""

    elevation: Elevation = 1
    STEPS = (("id-card", "放身份证"), ("user-check", "核验本人"), ("list", "核对办理"), ("receipt", "取走凭证"))

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "怎么办理：" + "，".join(words for _, words in self.STEPS))
        self.setFixedHeight(theme.pick(430, 460))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = t.color("card_edge")
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), edge, t.px("stroke.outline"))
        head = QRectF(t.px(40), t.px(28), rect.width() - t.px(80), t.line("h3"))
        self.line_text(p, head, "怎么办理", "h3", "text", bold=True)
        cell = (rect.width() - t.px(32)) / len(self.STEPS)
        radius = t.px(56)
        y = head.bottom() + t.px(36) + radius
        ring = t.color("card_edge") if t.high_contrast else None
        for i, (icon, words) in enumerate(self.STEPS):
            x = t.px(16) + (i + 0.5) * cell
            if i:
                self.stamp(p, t.icon("chevron-right", 44, "muted"), x - cell / 2, y)
            draw_disc(p, QPointF(x, y), radius, t.color("tint"), ring, t.px("stroke.divider"))
            self.stamp(p, t.icon(icon, "icon_m", "icon"), x, y)
            box = QRectF(x - cell / 2, y + radius + t.px(16), cell, t.line("label"))
            self.line_text(p, box, words, ("label", "small"), "text", "center")
        foot = QRectF(t.px(40), rect.height() - t.pick(100, 104), rect.width() - t.px(80), t.pick(76, 80))
        fill_rect(p, QRectF(foot.x(), foot.y(), foot.width(), t.px(2)), t.color("divider"))
        self.stamp(p, t.icon("shield-lock", 44, "ok_text"), foot.x() + t.px(22), foot.center().y() + t.px(4))
        words = "证件信息只用于本次办理，结束后清除。"
        self.line_text(p, foot.adjusted(t.px(64), t.px(8), 0, 0), words, ("label", "small"), "muted")


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
