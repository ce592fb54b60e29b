"""C08: what was chosen, the sum, and what it does to the points. Nothing is decided here."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.violation import ReviewSelection, SummaryLine
from ui.pages.base import PageWidget
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.check_card import points_words
from ui.widgets.money import AmountBlock, yuan
from ui.widgets.notice_panel import PagedPanel, Piece
from ui.widgets.points_bar import PointsBar
from ui.widgets.text import Banner, draw_chip


class LinePiece:
    """One violation: the act, when and where, the points, and the amount on the right."""

    def __init__(self, panel: PagedPanel, line: SummaryLine, width: int) -> None:
        t = panel.theme
        self.line = line
        self.stacked = t.large
        self.amount_w = (
            0 if self.stacked else round(text_width(yuan(line.fine_fen), t.font("h2", bold=True))) + t.px(32)
        )
        self.chip_h = t.pick(52, 60)
        room = width - self.amount_w
        self.act = panel.shape(line.act, "h3", room)
        # the chip stands under the amount: beside the second line of the act, or else beside when and where
        self.where = panel.shape(line.when_where, "label", width if self.act.lines > 1 else room)
        beside = 0 if self.stacked else t.line("h3") + self.chip_h + t.px(8)
        self.where_y = max(self.act.height + t.px(4), beside if self.act.lines > 1 else 0)
        foot = self.chip_h + t.px(12) if self.stacked else 0
        self.height = max(self.where_y + self.where.height + foot, beside)

    def draw(self, panel: PagedPanel, p: QPainter, area: QRectF) -> None:
        t = panel.theme
        box = QRectF(area.x(), area.y(), self.act.width, self.act.height)
        panel.write(p, self.act, self.line.act, box, "h3")
        box = QRectF(area.x(), area.y() + self.where_y, self.where.width, self.where.height)
        panel.write(p, self.where, self.line.when_where, box, "label", "muted")
        points = points_words(self.line.points)
        kind: Any = "warn" if self.line.points else "plain"
        chip_w = round(text_width(points, t.font("small", bold=True))) + t.px(56)
        if self.stacked:
            y = area.bottom() - self.chip_h / 2
            draw_chip(panel, p, area.x(), y, points, kind)
            amount = QRectF(area.x() + chip_w, y - t.line("h2") / 2, area.width() - chip_w, t.line("h2"))
            panel.line_text(p, amount, yuan(self.line.fine_fen), ("h2", "h3"), "amount", "right", bold=True)
            return
        amount = QRectF(area.right() - self.amount_w, area.y(), self.amount_w, t.line("h3"))
        panel.line_text(p, amount, yuan(self.line.fine_fen), ("h2", "h3"), "amount", "right", bold=True)
        draw_chip(panel, p, area.right() - chip_w, area.y() + t.line("h3") + t.px(2) + self.chip_h / 2, points, kind)

    def split(self, room: int) -> tuple[Piece, Piece] | None:
        return None


class LinesPanel(PagedPanel):
    """The chosen violations, as many on a page as there is room for."""

    def __init__(self, theme: Theme, name: str, lines: tuple[SummaryLine, ...]) -> None:
        super().__init__(theme, name, "")
        self._lines: tuple[SummaryLine, ...] = ()
        self._laid: tuple[int, list[Piece]] | None = None
        self.set_lines(lines)

    def set_lines(self, lines: tuple[SummaryLine, ...]) -> None:
        self._lines, self._laid = lines, None
        said = (f"{line.act}，{line.when_where}，{yuan(line.fine_fen)}，{points_words(line.points)}" for line in lines)
        self.setAccessibleName("。".join(said) or "没有选择违法")
        self.relayout()

    def pieces(self, width: int) -> list[Piece]:
        if self._laid is None or self._laid[0] != width:
            self._laid = (width, [LinePiece(self, line, width) for line in self._lines])
        return list(self._laid[1])

    def _gap(self) -> int:
        return self.theme.px(32)


class ReviewPage(PageWidget[ReviewSelection]):
    def title(self) -> str:
        return "请核对要处理的违法"

    def hint(self) -> str:
        return "下一步看处罚告知，现在不扣款。"

    def next_action(self) -> Action:
        caption = "看处罚告知" if self.theme.large else "下一步：看处罚告知"
        return Action(caption, "primary", "arrow-right", icon_after=True)

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.setSpacing(theme.pick(24, 16))
        self._lines = LinesPanel(theme, "c08.lines", screen.lines)
        self.body.addWidget(self._lines)
        self._total = AmountBlock(theme, "c08.total", self._total_label(), screen.total_fen, note=self._pay_note())
        self.body.addWidget(self._total)
        self._points = PointsBar(
            theme, "c08.points", screen.points_before, screen.points_added, near=bool(screen.warning)
        )
        self.body.addWidget(self._points)
        self._warning = Banner(theme, "c08.warning", "warn", screen.warning)
        self._warning.reveal(bool(screen.warning))
        self.body.addWidget(self._warning)
        self.body.addStretch(1)

    def _total_label(self) -> str:
        return f"共 {len(self.data.lines)} 条，罚款"

    def _pay_note(self) -> str:
        """The last day to pay, where there is something to pay."""
        return f"最晚 {self.data.pay_by} 缴" if self.data.total_fen and self.data.pay_by else ""

    def on_next(self) -> None:
        self.answer(None)

    def refresh(self, screen: ReviewSelection, before: ReviewSelection) -> None:
        if screen == before:
            return
        self._lines.set_lines(screen.lines)
        self._total.set_amount(self._total_label(), screen.total_fen, self._pay_note())
        self._points.set_points(screen.points_before, screen.points_added, near=bool(screen.warning))
        self._warning.set_message("warn", screen.warning)
        self._warning.reveal(bool(screen.warning))

    def keep(self) -> object:
        return self._lines.page

    def restore(self, kept: int) -> None:
        self._lines.turn_to(kept)
