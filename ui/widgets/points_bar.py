"""PointsBar: points of the present cycle before and after, in words and on a scale of twelve."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted

FULL = 12
"""Points at which the licence is withheld (公安部令163 第3条)."""


class PointsBar(Painted):
    """Twelve cells: full for points there are, hatched for points that come, empty for the rest. Readable without colour."""

    elevation: Elevation = 1

    def __init__(
        self, theme: Theme, name: str, before: int, added: int, *, near: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, "", parent)
        self._before, self._added, self._near = before, added, near
        self.setFixedHeight(theme.pick(178, 212))
        self.setAccessibleName(f"{self.words}，满分 {FULL} 分")

    @property
    def words(self) -> str:
        if not self._added:
            return f"本周期已记 {self._before} 分，本次不记分"
        return f"本周期已记 {self._before} 分，处理后 {self._before + self._added} 分"

    def set_points(self, before: int, added: int, *, near: bool) -> None:
        self._before, self._added, self._near = before, added, near
        self.setAccessibleName(f"{self.words}，满分 {FULL} 分")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        x, width = t.px(32), rect.width() - 2 * t.px(32)
        line = QRectF(x, t.px(18), width, t.line("h3"))
        self.line_text(p, line, self.words, ("h3", "label", "small"), "text", bold=True)
        top = line.bottom() + t.px(10)
        cell_h = t.pick(36, 40)
        gap = t.px(6)
        cell_w = (width - gap * (FULL - 1)) / FULL
        for i in range(FULL):
            self._cell(p, QRectF(x + i * (cell_w + gap), top, cell_w, cell_h), self._kind(i))
        self._legend(p, QRectF(x, top + cell_h + t.px(8), width, t.line("small")))

    def _kind(self, index: int) -> str:
        if index < self._before:
            return "had"
        return "added" if index < self._before + self._added else "free"

    def _cell(self, p: QPainter, cell: QRectF, kind: str) -> None:
        t = self.theme
        radius = t.px(8)
        color = "warn_text" if self._near else "primary"
        if kind == "had":
            fill_round(p, cell, radius, t.color(color))
            return
        if kind == "free":
            fill_round(p, cell, radius, t.color("surface"), t.color("outline"), t.px("stroke.divider"))
            return
        path = QPainterPath()
        path.addRoundedRect(cell, radius, radius)
        p.save()
        p.setClipPath(path)
        p.setPen(QPen(t.color(color), t.px(5)))
        step = t.px(16)
        offset = cell.left() - cell.height()
        while offset < cell.right():
            p.drawLine(QPointF(offset, cell.bottom()), QPointF(offset + cell.height(), cell.top()))
            offset += step
        p.restore()
        p.setBrush(Qt.BrushStyle.NoBrush)
        fill_round(p, cell, radius, None, t.color(color), t.px("stroke.outline"))

    def _legend(self, p: QPainter, area: QRectF) -> None:
        t = self.theme
        side = t.pick(28, 34)
        entries = [("had", f"已记 {self._before} 分")]
        if self._added:
            entries.append(("added", f"本次 {self._added} 分"))
        entries.append(("free", f"满分 {FULL} 分"))
        x = area.x()
        widths = [side + t.px(12) + text_width(text, t.font("small")) + 2 for _, text in entries]
        gap = min(t.px(44), (area.width() - sum(widths)) / (len(entries) - 1))
        for kind, text in entries:
            self._cell(p, QRectF(x, area.center().y() - side / 2, side, side), kind)
            width = text_width(text, t.font("small")) + 2
            box = QRectF(x + side + t.px(12), area.y(), width, area.height())
            self.line_text(p, box, text, "small", "muted")
            x = box.right() + gap
