"""FactsPanel: what a violation's record says, what was measured, and the law: turned like pages where it is more than has room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from kiosk.screens.base import Row
from kiosk.screens.violation import Measured
from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.notice_panel import PagedPanel, Piece, RowPiece

MEASURED, LIMIT = "测量值", "标准值"


def measured_words(measured: Measured | None) -> str:
    if measured is None:
        return ""
    limit = f"{LIMIT} {measured.limit}" if measured.limit else ""
    return "，".join(part for part in (f"{MEASURED} {measured.value}", limit, measured.over) if part)


class MeasuredPiece:
    """A bar up to the limit and on to what was measured; figures without a common unit are told and not drawn."""

    def __init__(self, panel: PagedPanel, measured: Measured) -> None:
        self._measured = measured
        self._drawn = measured.limit_n > 0
        lines = panel.theme.line("label")
        self.height = lines + (panel.theme.px(36) + lines if self._drawn else 0)

    def draw(self, panel: PagedPanel, p: QPainter, area: QRectF) -> None:
        m, t = self._measured, panel.theme
        line, left, width = float(t.line("label")), area.x(), area.width()
        head = f"{MEASURED} {m.value}" if self._drawn or not m.limit else f"{MEASURED} {m.value}　{LIMIT} {m.limit}"
        head += f"，{m.over}" if m.over else ""
        panel.line_text(p, QRectF(left, area.y(), width, line), head, ("label", "small"), "text", bold=True)
        if not self._drawn:
            return
        whole = max(m.value_n, m.limit_n) * 1.05
        high, top = t.px(20), area.y() + line + t.px(8)
        to_limit, to_value = width * m.limit_n / whole, width * m.value_n / whole
        radius, edge = high / 2, t.px("stroke.divider")
        fill_round(p, QRectF(left, top, width, high), radius, t.color("well"), t.color("outline"), edge)
        if to_value > to_limit:
            fill_round(p, QRectF(left, top, to_value, high), radius, t.color("bad_text"), None, 0)
        fill_round(p, QRectF(left, top, min(to_value, to_limit), high), radius, t.color("primary"), None, 0)
        p.setPen(QPen(t.color("text"), t.px(4)))
        p.drawLine(QPointF(left + to_limit, top - t.px(6)), QPointF(left + to_limit, top + high + t.px(6)))
        told = f"{LIMIT} {m.limit}"
        room = min(width, text_width(told, t.font("label")) + t.px(4))
        x = left + min(max(0.0, to_limit - room / 2), width - room)
        box = QRectF(x, top + high + t.px(8), room, line)
        panel.line_text(p, box, told, ("label", "small"), "muted", align="center")

    def split(self, room: int) -> tuple[Piece, Piece] | None:
        return None


class FactsPanel(PagedPanel):
    """Facts with their labels, a bar, plain words, and the law small beneath. `more` leads to the law where it is not shown."""

    def __init__(self, theme: Theme, name: str, title: str, more_name: str) -> None:
        super().__init__(theme, name, title, more="查看法律依据", more_name=more_name, divided=False)
        self._rows: tuple[Row, ...] = ()
        self._measured: Measured | None = None
        self._plain, self._law = "", ""
        self._shown = (True, True)
        """Plain words, and the law."""
        self._laid: tuple[int, list[Piece]] | None = None

    def set_facts(self, rows: Sequence[Row], measured: Measured | None, plain: Sequence[str], law: str) -> None:
        self._rows, self._measured, self._plain, self._law = tuple(rows), measured, "\n".join(plain), law
        facts = (*(f"{row.label} {row.value}" for row in rows), measured_words(measured), *plain)
        self.setAccessibleName("，".join(part.rstrip("。") for part in (self._title, *facts) if part))
        self._show(*self._shown)

    def fit_law(self, width: int, rooms: tuple[int, int, int]) -> None:
        """As much as there is room for: all of it in `rooms[0]` pixels, or the law behind its link in `rooms[1]`, or all that
        explains behind it in `rooms[2]`; what is still too much is turned."""
        for (words, law), room in zip(((True, True), (True, False), (False, False)), rooms, strict=True):
            self._show(words, law)
            if self.natural_height(width) <= room:
                break
        self.fit(width, rooms[2])

    def _show(self, words: bool, law: bool) -> None:
        self._shown, self._laid = (words, law), None
        self.offer_more("" if law or not self._law else "查看法律原文" if words and self._plain else "查看法律依据")
        self.relayout()

    def _gap(self) -> int:
        return self.theme.px(4)

    def pieces(self, width: int) -> list[Piece]:
        if self._laid is None or self._laid[0] != width:
            font = self.theme.font("label")
            label_w = max((text_width(row.label, font) for row in self._rows), default=0)
            column = round(label_w) + self.theme.px(32) if label_w else 0
            made: list[Piece] = [
                RowPiece(self, row.label, row.value, column, width, role="label") for row in self._rows
            ]
            if self._measured is not None:
                made.append(MeasuredPiece(self, self._measured))
            if self._plain and self._shown[0]:
                made.append(RowPiece(self, "", self._plain, 0, width, role="label"))
            if self._law and self._shown[1]:
                made.append(RowPiece(self, "", self._law, 0, width, role="small", color="muted"))
            self._laid = (width, made)
        return list(self._laid[1])
