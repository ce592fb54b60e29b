"""A device on the overview, and the trace of its last checks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from kiosk.screens.diagnostics import Tile
from ui.paint.shapes import Elevation, fill_rect, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import PaintMixin, Tappable
from ui.widgets.diag_base import TechPanel, TechText, draw_state, draw_tag, known_icon

SAMPLES = 60


def _scale(values: Sequence[float | None]) -> float:
    """Milliseconds at the top."""
    answered = sorted(value for value in values if value is not None)
    if len(answered) < 8:
        return max([10.0, *answered])
    return max(10.0, min(answered[-1], 1.3 * answered[round(0.95 * (len(answered) - 1))]))


def draw_sparkline(widget: PaintMixin, p: QPainter, rect: QRectF, values: Sequence[float | None]) -> None:
    """The newest sample at the right end; where nothing answered, the line breaks and a mark stands on the ground.

    Never less than 10 ms from foot to top, so that a quiet device does not look agitated; the slowest answers of all may leave the
    scale, or one slow start would flatten an hour.
    """
    t = widget.theme
    values = values[-SAMPLES:]
    fill_rect(p, QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), t.color("divider"))
    if not values:
        return
    highest = _scale(values)
    step, foot, tall = rect.width() / (SAMPLES - 1), rect.bottom() - 1, rect.height() - 2
    x = rect.right() - (len(values) - 1) * step
    lines: list[list[QPointF]] = [[]]
    gaps: list[QRectF] = []
    for value in values:
        if value is not None:
            lines[-1].append(QPointF(x, foot - tall * min(1.0, value / highest)))
        else:
            gaps.append(QRectF(x - 1, rect.bottom() - t.px(8), t.px(2), t.px(8)))
            if lines[-1]:
                lines.append([])
        x += step
    if gaps:
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(t.color("bad"))
        p.drawRects(gaps)
    p.setPen(QPen(t.color("icon"), 1))
    for line in lines:
        if len(line) == 1:
            line.append(line[0] + QPointF(t.px(2), 0))
        p.drawPolyline(line)
    p.translate(
        0, 1
    )  # two thin lines, one above the other: a thick one takes five times as long, and there are a dozen
    for line in lines:
        p.drawPolyline(line)
    p.translate(0, -1)


def latency_words(values: Sequence[float | None]) -> str:
    """12 ms · 60 次中 2 次无应答"""
    if not values:
        return "还没有检查过"
    answered = sorted(value for value in values if value is not None)
    missed = len(values) - len(answered)
    if not answered:
        return f"最近 {len(values)} 次都没有应答"
    middle = f"中位 {answered[len(answered) // 2]:.0f} ms · 最慢 {answered[-1]:.0f} ms"
    return f"{middle} · {len(values)} 次中 {missed} 次无应答" if missed else middle


class DeviceTile(TechText, Tappable):
    """Name, state as sign and word, sparkline, two lines. A tap leads to the device."""

    may_touch_top = True
    elevation: Elevation = 1
    _flat = False

    @property
    def flat(self) -> bool:
        """An edge in place of the shadow, where there are so many that shadows would run into each other."""
        return self._flat

    @flat.setter
    def flat(self, flat: bool) -> None:
        self._flat = flat
        self.elevation = 0 if flat else 1

    def __init__(self, theme: Theme, tile: Tile, parent: QWidget) -> None:
        super().__init__(theme, f"diag.overview.tile.{tile.key}", "", parent)
        self.tile = tile
        self._icon = known_icon(tile.icon)
        self._say()

    def _say(self) -> None:
        tile = self.tile
        said = [tile.name, tile.state, *tile.lines]
        self.setAccessibleName("，".join([*said, "模拟"] if tile.simulated else said))

    def show_tile(self, tile: Tile) -> None:
        if tile != self.tile:
            self.tile = tile
            self._icon = known_icon(tile.icon)
            self._say()
            self.update()

    def paint(self, p: QPainter) -> None:
        t, tile = self.theme, self.tile
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        fill = "pressed" if self.isDown() else "surface"
        if (
            self._flat and not t.high_contrast
        ):  # two fills: a stroke round twelve tiles takes longer than all their words
            fill_round(p, rect, radius, t.color("divider"))
            rim = t.px("stroke.divider")
            fill_round(p, rect.adjusted(rim, rim, -rim, -rim), radius - rim, t.color(fill))
        else:
            fill_round(p, rect, radius, t.color(fill), t.color("card_edge"), t.px("stroke.outline"))
        if tile.tone in ("warn", "bad"):  # besides sign and word: found at a glance among a dozen
            bar = QRectF(0, t.px(28), t.px(8), rect.height() - t.px(56))
            fill_round(p, bar, t.px(4), t.color(tile.tone))
        tall = rect.height() >= t.px(196)
        pad = t.px(24) if rect.width() >= t.px(340) else t.px(18)
        x, right = pad, round(rect.right()) - pad
        y = t.px(22) if tall else t.px(10)
        row = t.px(52) if tall else t.px(40)
        side = 44 if tall else 36
        self.stamp(p, t.icon(self._icon, side, "icon"), x + t.px(side) / 2, y + row / 2)
        left = x + t.px(side) + t.px(14)
        if tile.simulated:
            right -= self._simulated(p, right, y + row / 2)
        name = QRectF(left, y, right - left, row)
        roles = ("tech_head", "tech_body", "tech") if tall else ("tech_body", "tech")
        self.short_text(p, name, tile.name, roles, "text", bold=True)
        right = round(rect.right()) - pad
        y += row + (t.px(4) if tall else 0)
        row = t.px(48) if tall else t.px(36)
        end = draw_state(self, p, QRectF(x, y, right - x, row), tile.tone, tile.state)
        spark = QRectF(end + t.px(24), y + t.px(6), right - end - t.px(24), row - t.px(12))
        if spark.width() > t.px(60):
            spark.setLeft(max(spark.x(), right - t.px(140)))
            draw_sparkline(self, p, spark, tile.latency_ms)
        y += row + (t.px(4) if tall else 0)
        pitch = t.px(36) if tall else t.px(30)
        for line in tile.lines[:2]:
            if y + pitch > rect.height():
                break
            self.short_text(p, QRectF(x, y, right - x, pitch), line, "tech", "muted")
            y += pitch
        self.focus_ring(p, radius)

    def _simulated(self, p: QPainter, right: int, centre_y: float) -> int:
        t = self.theme
        width = round(text_width("模拟", t.font("tech", bold=True))) + t.px(32)
        draw_tag(self, p, right - width, centre_y, "模拟", "warn_tint", "warn_text")
        return width + t.px(8)


class DeviceCard(TechText, TechPanel):
    """T03: the same device, large, with its trace over the whole width."""

    def __init__(self, theme: Theme, tile: Tile, parent: QWidget) -> None:
        super().__init__(theme, "diag.device.card", "", parent)
        self.tile = tile
        self.show_tile(tile)

    def show_tile(self, tile: Tile) -> None:
        self.tile = tile
        self._icon = known_icon(tile.icon)
        self.setAccessibleName("，".join([tile.name, tile.state, *tile.lines]))
        self.update()

    def paint(self, p: QPainter) -> None:
        t, tile = self.theme, self.tile
        self.draw_ground(p)
        x, right = t.px(24), self.width() - t.px(24)
        self.stamp(p, t.icon(self._icon, 56, "icon"), x + t.px(28), t.px(52))
        room = right - x - t.px(76)
        if tile.simulated:
            width = round(text_width("模拟", t.font("tech", bold=True))) + t.px(32)
            draw_tag(self, p, right - width, t.px(52), "模拟", "warn_tint", "warn_text")
            room -= width + t.px(12)
        name = QRectF(x + t.px(76), t.px(24), room, t.px(56))
        self.short_text(p, name, tile.name, ("tech_head", "tech_body", "tech"), "text", bold=True)
        draw_state(self, p, QRectF(x, t.px(90), right - x, t.px(50)), tile.tone, tile.state)
        y = t.px(144)
        for line in tile.lines[:2]:
            self.short_text(p, QRectF(x, y, right - x, t.px(36)), line, "tech", "muted")
            y += t.px(36)
        y = t.px(144 + 72 + 8)
        said = latency_words(tile.latency_ms)
        shape = self.shape(said, "tech", right - x)
        spark = QRectF(x, y, right - x, max(t.px(30), self.height() - y - shape.height - t.px(28)))
        draw_sparkline(self, p, spark, tile.latency_ms)
        self.write(p, shape, said, QRectF(x, spark.bottom() + t.px(8), right - x, shape.height), "tech", "muted")
