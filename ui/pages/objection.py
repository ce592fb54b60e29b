"""Why the citizen objects: one reason out of those the regulation names (公安部令105 第22条). Nothing is decided, nothing paid."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.base import Row
from kiosk.screens.violation import ChooseObjection
from ui.pages.base import PageWidget
from ui.pages.paging import pack, page_of, room_under_heading, tab_order
from ui.paint.shapes import draw_disc, fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Tappable
from ui.widgets.rows import Pager

NOT_CHOSEN = "请选一项。"


class ChoiceRow(Tappable):
    """One of several: a ring that is filled when chosen. The whole row is the target."""

    def __init__(self, theme: Theme, row: Row, width: int) -> None:
        super().__init__(theme, f"objection.{row.label}", row.value)
        self.row = row
        self.setCheckable(True)
        self.setFixedHeight(self.height_of(theme, row, width))

    @staticmethod
    def _left(theme: Theme) -> int:
        return theme.px(112)

    @staticmethod
    def height_of(theme: Theme, row: Row, width: int) -> int:
        room = width - ChoiceRow._left(theme) - theme.px(28)
        shape = TextShape(row.value, theme.font("h3", bold=False), room, theme.line("h3"))
        return max(theme.pick(100, 176), shape.height + theme.px(44))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        radius = t.px("radius.field")
        edge = t.color("primary" if chosen else "outline")
        fill = "pressed" if self.isDown() else "tint" if chosen else "surface"
        width = t.px("stroke.selected" if chosen else "stroke.divider")
        fill_round(p, rect, radius, t.color(fill), edge, width)
        centre = QPointF(t.px(58), rect.center().y())
        ring = t.pick(26, 32)
        draw_disc(p, centre, ring, t.color("surface"), edge, t.px("stroke.selected"))
        if chosen:
            draw_disc(p, centre, ring * 0.55, t.color("primary"))
        left = self._left(t)
        shape = self.shape(self.row.value, "h3", rect.width() - left - t.px(28), bold=chosen)
        box = QRectF(left, (rect.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self.row.value, box, "h3", "text")
        self.focus_ring(p, radius)


class ChooseObjectionPage(PageWidget[ChooseObjection]):
    """All on one page where they fit, three a page in large text. Next explains when nothing is chosen."""

    def title(self) -> str:
        return "请选择有异议的原因"

    def hint(self) -> str:
        return "提交后先核查，核查期间不处理、不罚款。"

    def next_action(self) -> Action | None:
        return Action("提交异议", "primary", "arrow-right", icon_after=True, waiting=not self._chosen)

    def build(self) -> None:
        theme = self.theme
        self._chosen = ""
        self._rows: list[ChoiceRow] = []
        self._pages: list[range] = []
        self._room = (0, 0)
        self._anchor = 0
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.pick(14, 24))
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._pager = Pager(theme, "objection.pager", 1)
        self._pager.turned.connect(self._turn)
        self.body.addWidget(self._pager)
        self._pack()
        self._show_page(0)

    def _pack(self) -> None:
        theme = self.theme
        width, room = self._room = room_under_heading(self)
        gap = self._list.spacing()
        most = 3 if theme.large else 10
        heights = [ChoiceRow.height_of(theme, row, width) for row in self.data.reasons]
        banner = theme.px("banner_h") + theme.px("gap")  # room for the sentence that says what is missing
        pages = pack(heights, room - banner, gap, most)
        if len(pages) > 1:
            pages = pack(heights, room - banner - theme.px("pager_h") - theme.px("gap"), gap, most)
        self._pages = pages

    def _turn(self, page: int) -> None:
        self._anchor = self._pages[page].start
        self._show_page(page)

    def _show_page(self, page: int) -> None:
        for old in self._rows:
            old.hide()
            old.setParent(None)
            old.deleteLater()
        self._pager.set_pages(len(self._pages), page)
        self._rows = []
        for i in self._pages[self._pager.page]:
            row = ChoiceRow(self.theme, self.data.reasons[i], self._room[0])
            row.setChecked(row.row.label == self._chosen)
            row.tapped.connect(lambda reason=row.row.label: self._choose(reason))
            self._list.addWidget(row)
            row.show()
            self._rows.append(row)
        tab_order([*self._rows, self._pager.previous, self._pager.following])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if room_under_heading(self) != self._room:
            before = self._pages
            self._pack()
            if self._pages != before:
                self._show_page(page_of(self._pages, self._anchor))

    def _choose(self, reason: str) -> None:
        """Tapping the chosen one again leaves it chosen, as with any choice of one."""
        self._chosen = reason
        for row in self._rows:
            row.setChecked(row.row.label == reason)
            row.update()
        self.complain("")
        self.chrome_changed.emit()

    def on_next(self) -> None:
        if self._chosen:
            self.answer(self._chosen)
        else:
            self.complain(NOT_CHOSEN)

    def refresh(self, screen: ChooseObjection, before: ChooseObjection) -> None:
        if screen.reasons != before.reasons:
            self._pack()
            self._show_page(page_of(self._pages, self._anchor))

    def keep(self) -> object:
        return (self._chosen, self._anchor)

    def restore(self, kept: tuple[str, int]) -> None:
        self._chosen, self._anchor = kept
        self._show_page(page_of(self._pages, self._anchor))
        self.chrome_changed.emit()

    def clear(self) -> None:
        self._chosen = ""
        super().clear()
