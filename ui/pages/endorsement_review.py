"""C16: check the answers, what it costs, what is declared. Every answer can be changed from here."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.endorsement import FeeLine, ReviewEndorsement
from ui.pages.base import PageWidget
from ui.pages.paging import pack, room_under_heading, tab_order
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.answer_row import AnswerRow
from ui.widgets.bars import Action
from ui.widgets.cards import Panel
from ui.widgets.money import AmountBlock, yuan
from ui.widgets.rows import Pager
from ui.widgets.text import _Flowing

CHANGE = "更改"


class FeeRow(_Flowing):
    """What for on the left, how much on the right."""

    def __init__(self, theme: Theme, name: str, line: FeeLine, divider: bool) -> None:
        super().__init__(theme, name, f"{line.title}，{yuan(line.fee_fen)}")
        self._line, self._divider = line, divider
        self._shape: TextShape | None = None

    def _shaped(self, width: int) -> TextShape:
        room = width - self.theme.pick(190, 240) - 2 * self._pad()
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._line.title, "body", room)
        return self._shape

    def _pad(self) -> int:
        return self.theme.px(24)

    def heightForWidth(self, width: int) -> int:
        return max(self.theme.pick(64, 84), self._shaped(width).height + self.theme.px(16))

    def clear(self) -> None:
        self._line, self._shape = FeeLine("", 0), None
        self.setAccessibleName("")

    def paint(self, p: QPainter) -> None:
        t = self.theme
        shape = self._shaped(self.width())
        box = QRectF(self._pad(), (self.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self._line.title, box, "body")
        amount = QRectF(box.right(), box.y(), self.width() - self._pad() - box.right(), t.line("body"))
        self.line_text(p, amount, yuan(self._line.fee_fen), ("h3", "label"), "amount", "right", bold=True)
        if self._divider:
            line = QRectF(self._pad(), self.height() - t.px(2), self.width() - 2 * self._pad(), t.px(2))
            p.fillRect(line, t.color("outline" if t.high_contrast else "divider"))


class Declaration(_Flowing):
    """What the citizen declares by going on, in a frame of its own so that it is read as one thing."""

    def __init__(self, theme: Theme, name: str, text: str) -> None:
        super().__init__(theme, name, text)
        self._text = text
        self._shape: TextShape | None = None

    def _shaped(self, width: int) -> TextShape:
        room = width - self.theme.px(104 + 28)
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._text, "label", room, balance=True)
        return self._shape

    def heightForWidth(self, width: int) -> int:
        return max(self.theme.px("banner_h"), self._shaped(width).height + self.theme.px(36))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        edge = t.color("outline")
        fill_round(p, rect, t.px("radius.field"), t.color("surface"), edge, t.px("stroke.divider"))
        self.stamp(p, t.icon("pen", "icon_s", "muted"), t.px(58), rect.center().y())
        shape = self._shaped(self.width())
        box = QRectF(t.px(104), (rect.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self._text, box, "label", "text")


class ReviewEndorsementPage(PageWidget[ReviewEndorsement]):
    """Rows, fees and declaration on one page where they fit, else on several: then the button pays only after the last was seen.
    The sum stays in sight."""

    _shown: range | None = None
    """Blocks on the page that is shown; None before there is one."""

    def title(self) -> str:
        return "请核对要办的签注"

    def hint(self) -> str:
        return f"还没有缴费。有不对的，点“{CHANGE}”。" if self._can_change() else "还没有缴费。要更改，请点“上一页”。"

    def voice(self) -> str:
        return "请核对要办的签注。还没有缴费，有不对的可以更改。"

    def next_action(self) -> Action:
        if self._seen < len(self._pages) - 1:
            return Action("继续核对", "primary", "arrow-right", icon_after=True, spoken="继续核对下一页")
        return Action("确认并缴费", "primary", "arrow-right", icon_after=True)

    def _can_change(self) -> bool:
        """Whether the page that is shown has an answer to change: the last one may have the fees alone."""
        return self._shown is None or any(self.data.changes[i] for i in self._shown if i < len(self.data.changes))

    # -- building --------------------------------------------------------------------------------------------------------

    def build(self) -> None:
        theme = self.theme
        self.body.setSpacing(theme.pick(20, 16))
        self._blocks: list[QWidget] = []
        """Rows, fee lines, declaration, in this order."""
        self._panels: list[Panel] = []
        self._pages: list[range] = [range(0)]
        self._seen = 0
        self._page = 0
        self._room = (0, 0)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.pick(20, 16))
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._pager = Pager(theme, "c16.pager", 1)
        self._pager.turned.connect(self._turn)
        self.body.addWidget(self._pager)
        self._total = AmountBlock(theme, "c16.total", "一共要缴", self.data.total_fen)
        self._total.setFixedHeight(theme.pick(124, 140))
        self.body.addWidget(self._total)
        self._pack()
        self._show_page(0)

    def _heights(self, width: int) -> list[int]:
        """Of every block at the width inside a panel."""
        inner = width - 2 * self._inset()
        screen = self.data
        heights = [self._row(i).heightForWidth(inner) for i in range(len(screen.rows))]
        heights += [self._fee(i).heightForWidth(inner) for i in range(len(screen.fees))]
        if screen.declaration:
            heights.append(Declaration(self.theme, "c16.declaration", screen.declaration).heightForWidth(width))
        return heights

    def _inset(self) -> int:
        return self.theme.px(8)

    def _row(self, i: int, last: bool = False) -> AnswerRow:
        row, change = self.data.rows[i], self.data.changes[i]
        act = CHANGE if change else ""
        made = AnswerRow(self.theme, f"c16.row.{i}", row.label, row.value, act=act, divider=not last)
        if change:
            made.acted.connect(lambda change=change: self.answer(change))
        return made

    def _fee(self, i: int, last: bool = False) -> FeeRow:
        return FeeRow(self.theme, f"c16.fee.{i}", self.data.fees[i], not last)

    def _pack(self) -> None:
        theme = self.theme
        width, height = self._room = room_under_heading(self)
        heights = self._heights(width)
        spacing = self.body.spacing()
        room = height - self._total.height() - 2 * spacing
        # two panels have four paddings and a gap; the declaration stands apart
        frames = 4 * theme.px(8) + 2 * spacing
        if sum(heights) + frames <= room:
            self._pages = [range(len(heights))]
        else:
            self._pages = pack(heights, room - frames - theme.px("pager_h") - spacing, 0, len(heights))

    def _turn(self, page: int) -> None:
        self._show_page(page)
        self.chrome_changed.emit()
        self.rearranged.emit()

    def _show_page(self, page: int) -> None:
        self._drop()
        self._pager.set_pages(len(self._pages), page)
        self._page = self._pager.page
        self._seen = max(self._seen, self._page)
        shown = self._shown = self._pages[self._page]
        if self.heading is not None:
            self.heading.set_texts(self.title(), self.hint())
        rows, fees = len(self.data.rows), len(self.data.fees)
        controls: list[QWidget] = []
        panel: Panel | None = None
        for i in shown:
            if i in (shown.start, rows) and i < rows + fees:
                panel = self._panel("c16.rows" if i < rows else "c16.fees", "办理内容" if i < rows else "费用")
            if i < rows and panel is not None:
                row = self._row(i, last=i == min(rows, shown.stop) - 1)
                panel.column.addWidget(row)
                if row.act is not None:
                    controls.append(row.act)
            elif i < rows + fees and panel is not None:
                panel.column.addWidget(self._fee(i - rows, last=i == min(rows + fees, shown.stop) - 1))
            else:
                declared = Declaration(self.theme, "c16.declaration", self.data.declaration)
                self._list.addWidget(declared)
                self._blocks.append(declared)
        for widget in (*self._panels, *self._blocks):
            if self.isVisible():
                widget.show()
        tab_order([*controls, self._pager.previous, self._pager.following])
        self.update()

    def _panel(self, name: str, spoken: str) -> Panel:
        panel = Panel(self.theme, name, spoken, padding=8)
        self._list.addWidget(panel)
        self._panels.append(panel)
        return panel

    def _drop(self) -> None:
        for widget in (*self._panels, *self._blocks):
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        self._panels, self._blocks = [], []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if room_under_heading(self) != self._room:
            before = self._pages
            self._pack()
            if self._pages != before:
                self._seen = 0
                self._show_page(0)
                self.chrome_changed.emit()

    # -- answering -------------------------------------------------------------------------------------------------------

    def on_next(self) -> None:
        if self._seen < len(self._pages) - 1:
            self._turn(self._seen + 1)
        else:
            self.answer("submit")

    def refresh(self, screen: ReviewEndorsement, before: ReviewEndorsement) -> None:
        if screen == before:
            return
        self._total.set_amount("一共要缴", screen.total_fen)
        self._pack()
        self._seen = min(self._seen, len(self._pages) - 1)
        self._show_page(min(self._page, len(self._pages) - 1))
        self.rearranged.emit()

    def keep(self) -> object:
        return None

    def clear(self) -> None:
        self._drop()
        super().clear()
