"""C08: what was chosen, the sum, and what it does to the points. Nothing is decided here."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent

from kiosk.screens.violation import ReviewSelection, SummaryLine
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading
from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.check_card import points_words
from ui.widgets.money import AmountBlock, yuan
from ui.widgets.notice_panel import PagedPanel, Piece
from ui.widgets.points_bar import PointsBar
from ui.widgets.text import TONE_ICON, Banner, draw_chip


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


class CautionPiece:
    """Warnings as a banner within the panel: bar, sign and words. Torn between lines or sentences only."""

    def __init__(self, panel: PagedPanel, text: str, width: int) -> None:
        t = panel.theme
        self._panel, self._text, self._width = panel, text, width
        self._left, self._pad = t.px(92), t.px(14)
        self._shape = panel.shape(text, "label", width - self._left - t.px(20))
        self.height = self._shape.height + 2 * self._pad

    def draw(self, panel: PagedPanel, p: QPainter, area: QRectF) -> None:
        t = panel.theme
        edge = t.color("warn_text") if t.high_contrast else None
        fill_round(p, area, t.px("radius.field"), t.color("warn_tint"), edge, t.px("stroke.divider"))
        bar = QRectF(area.x(), area.y() + t.px(14), t.px(8), area.height() - t.px(28))
        fill_round(p, bar, t.px(4), t.color("warn"))
        panel.stamp(p, t.icon(TONE_ICON["warn"], "icon_s", "warn_text"), area.x() + t.px(50), area.center().y())
        box = QRectF(area.x() + self._left, area.y() + self._pad, self._shape.width, self._shape.height)
        panel.write(p, self._shape, self._text, box, "label", "warn_text")

    def split(self, room: int) -> tuple[Piece, Piece] | None:
        lines = [i + 1 for i, char in enumerate(self._text) if char == "\n"]
        ends = [i + 1 for i, char in enumerate(self._text) if char == "。" and i + 1 < len(self._text)]
        for end in (*reversed(lines), *reversed(ends)):
            first = CautionPiece(self._panel, self._text[:end].rstrip("\n"), self._width)
            if first.height <= room:
                return first, CautionPiece(self._panel, self._text[end:].lstrip("\n"), self._width)
        return None


class LinesPanel(PagedPanel):
    """The chosen violations, as many on a page as there is room for; before them the warnings that have no room elsewhere."""

    def __init__(self, theme: Theme, name: str, lines: tuple[SummaryLine, ...]) -> None:
        super().__init__(theme, name, "")
        self._lines: tuple[SummaryLine, ...] = ()
        self._cautions = ""
        self._laid: tuple[int, list[Piece]] | None = None
        self.set_lines(lines)

    def set_lines(self, lines: tuple[SummaryLine, ...], cautions: str = "") -> None:
        if (lines, cautions) == (self._lines, self._cautions):
            return
        self._lines, self._cautions, self._laid = lines, cautions, None
        said = (f"{line.act}，{line.when_where}，{yuan(line.fine_fen)}，{points_words(line.points)}" for line in lines)
        self.setAccessibleName(
            "。".join(part for part in (cautions.replace("\n", "").rstrip("。"), *said) if part) or "没有选择违法"
        )
        self.relayout()

    @property
    def cautioned(self) -> int:
        """How many pages have warnings."""
        return sum(any(isinstance(piece, CautionPiece) for piece in page) for page in self._pages)

    def pieces(self, width: int) -> list[Piece]:
        if self._laid is None or self._laid[0] != width:
            made: list[Piece] = [CautionPiece(self, self._cautions, width)] if self._cautions else []
            self._laid = (width, made + [LinePiece(self, line, width) for line in self._lines])
        return list(self._laid[1])

    def least_height(self, width: int) -> int:
        """Warnings are torn where they must be."""
        rest = [piece for piece in self.pieces(width - 2 * self._inset()) if isinstance(piece, LinePiece)]
        taken = max((piece.height for piece in rest), default=0)
        return 2 * self._top() + taken + self._control_h()

    def _gap(self) -> int:
        return self.theme.px(32)


class ReviewPage(PageWidget[ReviewSelection]):
    def title(self) -> str:
        return "请核对要处理的违法"

    def hint(self) -> str:
        return "下一步看处罚告知，现在不扣款。"

    def next_action(self) -> Action:
        if self._unseen:
            return Action("继续看提醒", "primary", "arrow-right", icon_after=True)
        caption = "看处罚告知" if self.theme.large else "下一步：看处罚告知"
        return Action(caption, "primary", "arrow-right", icon_after=True)

    @property
    def _unseen(self) -> bool:
        """There are warnings on pages nobody has turned to yet."""
        return self._lines.cautioned > self._seen + 1

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.setSpacing(theme.pick(24, 16))
        self._seen = 0
        sides = self.side_by_side()
        self._lines = LinesPanel(theme, "c08.lines", screen.lines)
        self._lines.turned.connect(self._turned)
        sides.main.addWidget(self._lines)
        sides.main.addStretch(0)
        self._total = AmountBlock(theme, "c08.total", self._total_label(), screen.total_fen, note=self._pay_note())
        sides.foot.addWidget(self._total)
        self._points = PointsBar(
            theme, "c08.points", screen.points_before, screen.points_added, near=bool(screen.warning)
        )
        sides.foot.addWidget(self._points)
        self._warning = Banner(theme, "c08.warning", "warn", screen.warning)
        sides.foot.addWidget(self._warning)
        self._fit()

    def _turned(self) -> None:
        self._seen = max(self._seen, self._lines.page)
        self.chrome_changed.emit()

    def _fit(self) -> None:
        """Warnings stand below the points where there is room for all of them; else before the violations, turned with them."""
        sides, theme, gap = self.sides, self.theme, self.body.spacing()
        if sides is None:
            return
        warning, unseen = self.data.warning, self._unseen
        width, room = room_under_heading(self)
        left = sides.width_of_aside(self.width() - 2 * theme.px("margin")) if sides.wide else width
        beside = self._total.height() + gap + self._points.height()
        told = gap + self._warning.heightForWidth(left) if warning else 0
        self._lines.set_lines(self.data.lines)
        if sides.wide:
            above = self.heading.heightForWidth(left) + theme.pick(18, 0) + gap if self.heading is not None else 0
            below = above + beside + told <= room
        else:
            room -= beside + gap
            below = min(self._lines.natural_height(width), self._lines.least_height(width)) + told <= room
            room -= told if below else 0
        self._warning.reveal(bool(warning) and below)
        self._lines.set_lines(self.data.lines, "" if below else warning)
        self._lines.fit(width, room)
        self.lay_out()
        if self._unseen != unseen:
            self.chrome_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.data is not None:
            self._fit()

    def _total_label(self) -> str:
        return f"共 {len(self.data.lines)} 条，罚款"

    def _pay_note(self) -> str:
        """The last day to pay, where there is something to pay."""
        return f"最晚 {self.data.pay_by} 缴" if self.data.total_fen and self.data.pay_by else ""

    def on_next(self) -> None:
        """Nobody goes on past a warning that was not shown."""
        if self._unseen:
            self._lines.turn_to(self._seen + 1)
            self.rearranged.emit()
        else:
            self.answer(None)

    def refresh(self, screen: ReviewSelection, before: ReviewSelection) -> None:
        if screen == before:
            return
        self._seen = 0
        self._lines.turn_to(0)
        self._total.set_amount(self._total_label(), screen.total_fen, self._pay_note())
        self._points.set_points(screen.points_before, screen.points_added, near=bool(screen.warning))
        self._warning.set_message("warn", screen.warning)
        self._fit()

    def keep(self) -> object:
        return self._lines.page

    def restore(self, kept: int) -> None:
        self._lines.turn_to(kept)
