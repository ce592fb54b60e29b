"""ListPage: a page that is a list of cards, as many of them at a time as fit, with a pager where there are more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.screen import Screen
from ui.pages.base import PageWidget
from ui.pages.paging import pack, page_of, room_under_heading, tab_order
from ui.pages.sides import Sides
from ui.widgets.rows import Pager

S = TypeVar("S", bound=Screen[Any])
R = TypeVar("R", bound=QWidget)


class ListPage(PageWidget[S], Generic[S, R]):
    """Subclass with `row_heights`, `most_rows`, `room_beside` and `make_row`; in `build` call `add_list` where the list belongs and
    `show_list` at the end. A page of the list is found again, in another theme or after new data, by its first row."""

    _pager: Pager | None = None
    """None: there is no list."""

    # -- what the list is of ---------------------------------------------------------------------------------------------

    def row_heights(self, width: int) -> list[int]:
        """The least height of every row."""
        raise NotImplementedError

    def most_rows(self) -> int:
        """Per page, however low they are."""
        raise NotImplementedError

    def room_beside(self, width: int) -> int:
        """Height of what stands above and below the list, gaps included. The heading and the pager are counted elsewhere; in
        landscape all of it stands to the left of the list, and nothing is asked."""
        raise NotImplementedError

    def make_row(self, i: int, width: int) -> R:
        """The card of row `i`, connected to what it does."""
        raise NotImplementedError

    def wanted_height(self) -> int:
        """Where there is room to spare, lower rows grow up to this."""
        return 0

    def controls_of(self, row: R) -> Sequence[QWidget]:
        """What Tab visits in a row."""
        return (row,)

    def forget_row(self, row: R) -> None:
        """Drop what is personal in a row that is shown no more."""

    # -- building --------------------------------------------------------------------------------------------------------

    def add_list(self, name: str, gap: int) -> Sides:
        """Cards, what room is left, pager (object name `name`). Returns where what stands above and below them belongs."""
        sides = self.side_by_side()
        self._rows: list[R] = []
        self._pages: list[range] = []
        self._heights: list[int] = []
        self._room = (0, 0)
        self._anchor = 0
        self._list = QVBoxLayout()
        self._gap = gap
        sides.main.addLayout(self._list)
        sides.main.addStretch(1)
        self._pager = Pager(self.theme, name, 1)
        self._pager.turned.connect(self._turn)
        sides.foot.addWidget(self._pager)
        return sides

    def show_list(self, page: int = 0) -> None:
        self._pack()
        page = min(page, len(self._pages) - 1)
        self._anchor = self._pages[page].start
        self._show_page(page)

    def _pack(self) -> None:
        """Decide which rows share a page, from the room there is."""
        theme, most = self.theme, self.most_rows()
        width, height = self._room = room_under_heading(self)
        beside = self.sides is not None and self.sides.wide
        gap = min(self._gap, theme.px(16)) if beside else self._gap
        self._list.setSpacing(gap)
        heights = self.row_heights(width)
        room = height - (0 if beside else self.room_beside(width))
        pages = pack(heights, room, gap, most)
        if len(pages) > 1 and not beside:
            room -= theme.px("pager_h") + theme.px("gap")
            pages = pack(heights, room, gap, most)
        self._pages = pages
        spare = min(
            (room - gap * (len(part) - 1) - sum(heights[i] for i in part)) // max(1, len(part)) for part in pages
        )
        wanted = self.wanted_height()
        self._heights = [height + max(0, min(spare, wanted - height)) for height in heights]

    def _turn(self, page: int) -> None:
        self._anchor = self._pages[page].start
        self._show_page(page)
        self.rearranged.emit()

    def _show_page(self, page: int) -> None:
        if self._pager is None:
            return
        self._drop_rows()
        self._pager.set_pages(len(self._pages), page)
        for i in self._pages[self._pager.page]:
            row = self.make_row(i, self._room[0])
            row.setFixedHeight(self._heights[i])
            self._list.addWidget(row)
            row.show()
            self._rows.append(row)
        controls = [control for row in self._rows for control in self.controls_of(row)]
        tab_order([*controls, self._pager.previous, self._pager.following])
        self.update()

    def _drop_rows(self) -> None:
        for row in self._rows:
            row.hide()
            self.forget_row(row)
            row.setParent(None)
            row.deleteLater()
        self._rows = []

    def repack(self) -> None:
        """The rows are others now: lay them out again, on the page that shows the first row shown before."""
        self._pack()
        self._show_page(page_of(self._pages, self._anchor))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._pager is not None and room_under_heading(self) != self._room:
            before = self._pages, self._heights, self._room[0]
            self._pack()
            if (self._pages, self._heights, self._room[0]) != before:
                self._show_page(page_of(self._pages, self._anchor))

    # -- keeping and forgetting ------------------------------------------------------------------------------------------

    def turn_back_to(self, anchor: int) -> None:
        """Show the page that has row `anchor`."""
        if self._pager is not None:
            self._anchor = anchor
            self._show_page(page_of(self._pages, anchor))

    def clear(self) -> None:
        if self._pager is not None:
            self._drop_rows()
        super().clear()
