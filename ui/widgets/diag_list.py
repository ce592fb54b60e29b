"""TechList: rows painted on a card and turned like pages. Nothing of it can be tapped but the two buttons that turn it.

One widget whatever the number of rows: a log changes many times a second, and a widget for every line would cost more than its ink.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.pages.paging import pack, page_of
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.diag_base import TechPanel, TechText
from ui.widgets.diag_turn import PageTurner

R = TypeVar("R")
_SHAPES = 600
_JOINTS = re.compile(r"([._/=:])(?=\w)")
"""Where a path or the name of a setting may be broken."""
_MOST = 200
"""Rows on one page; never reached on a screen."""


class TechList(TechText, TechPanel, Generic[R]):
    """Subclasses say how high a row is (`measure`) and draw it (`draw_row`). `from_end`: the last page is shown first (logs)."""

    from_end = False
    row_gap = 0
    pages = True
    """False: only the first page (`from_end`: the last) is ever shown."""
    turned = Signal()
    """Another page of it is shown: what lies under a finger has changed."""
    wanted = Signal(bool)
    """Turned beyond an end at which there are more rows than were given: whether beyond the first one."""

    def __init__(self, theme: Theme, name: str, title: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, title, parent)
        self._empty = empty
        self._rows: tuple[R, ...] = ()
        self._heights: list[int] = []
        self._pages: list[range] = [range(0)]
        self._page = 0
        self._anchored = False
        """The technician has turned to a page: it stays where it is while rows come."""
        self._placed = False
        """It has its size; before that nobody knows what goes on a page."""
        self._revealed: int | None = None
        self._more = (False, False)
        self._asked: bool | None = None
        """Which way more rows were asked for and have not come."""
        self._turner = PageTurner(self, name, self.turn)

    # -- for subclasses --------------------------------------------------------------------------------------------------

    def measure(self, row: R, width: int) -> int:
        raise NotImplementedError

    def draw_row(self, p: QPainter, row: R, rect: QRectF, index: int) -> None:
        raise NotImplementedError

    def shape(
        self, text: str, role: str, width: float, *, bold: bool | None = None, balance: bool = False
    ) -> TextShape:
        """As every widget's, but for some hundred rows."""
        key = (text, role, width, bold, balance)
        found = self._kept_shapes.get(key)
        if found is None:
            if len(self._kept_shapes) >= _SHAPES:
                self._kept_shapes.clear()
            font = self.theme.font(role, bold)
            if text.isascii() and text_width(text, font) >= width - 1:
                text = _JOINTS.sub("\\1\u200b", text)
            found = TextShape(text, font, width, self.theme.line(role), balance=balance)
            self._kept_shapes[key] = found
        return found

    # -- rows ------------------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[R, ...]:
        return self._rows

    @property
    def at_start(self) -> bool:
        return self._page == 0

    @property
    def at_end(self) -> bool:
        return self._page >= len(self._pages) - 1

    def set_title(self, title: str) -> None:
        if title != self.title:
            self.title = title
            self.setAccessibleName(title)
            self.update()

    def show_rows(self, rows: Sequence[R], *, first: bool = False, last: bool = False) -> None:
        """`first`, `last`: go to that end; otherwise what was looked at stays in sight."""
        rows = tuple(rows)
        if rows == self._rows and not (first or last):
            return
        beyond, self._asked = self._asked, None
        before = self._rows
        held = (
            self._rows[self._pages[self._page].start]
            if self._anchored and self._rows and len(self._pages) > 1
            else None
        )
        self._rows, self._revealed = rows, None
        self.setAccessibleDescription(f"{len(rows)} 行")
        if not self._placed:
            return
        self._plan()
        if first or last:
            self._page = 0 if first else len(self._pages) - 1
            self._anchored = not self._resting()
        elif beyond is not None:
            self._page = self._next_to(before, beyond)
            self._anchored = not self._resting()
        elif held is not None and held in rows:
            self._page = page_of(self._pages, rows.index(held))
        elif not self._anchored:
            self._page = len(self._pages) - 1 if self.from_end else 0
        self._page = min(self._page, len(self._pages) - 1)
        self._show_page()

    def _next_to(self, seen: Sequence[R], before: bool) -> int:
        """The page to go on with, now that rows beyond an end of `seen` have come: they may overlap with it."""
        if not seen or not self._rows:
            return 0
        edge = seen[0] if before else seen[-1]
        if edge not in self._rows:
            return len(self._pages) - 1 if before else 0
        at = self._rows.index(edge) + (-1 if before else 1)
        return page_of(self._pages, min(max(at, 0), len(self._rows) - 1))

    def forget(self) -> None:
        self._rows, self._heights, self._pages, self._page = (), [], [range(0)], 0
        self._kept_shapes.clear()

    def tell_more(self, *, before: bool, after: bool) -> None:
        """Whether there are rows before the first and after the last of what was given."""
        if (before, after) != self._more:
            self._more = (before, after)
            self._show_page()

    def reveal_row(self, index: int) -> None:
        """Show the page of a row, unless the technician has turned elsewhere."""
        self._revealed = None if self._anchored else index
        if not self._placed:
            return
        page = page_of(self._pages, index)
        if not self._anchored and page != self._page:
            self._page = page
            self._show_page()

    def _resting(self) -> bool:
        """Where new rows are seen as they come."""
        return (self.at_end and not self._more[1]) if self.from_end else (self.at_start and not self._more[0])

    def turn(self, by: int) -> None:
        if (by < 0 and self.at_start) or (by > 0 and self.at_end):
            self._asked = by < 0
            self.wanted.emit(by < 0)
            return
        self._asked = None
        self._page = min(max(self._page + by, 0), len(self._pages) - 1)
        self._anchored = not self._resting()
        self._show_page()
        self.turned.emit()

    def _plan(self) -> None:
        inner = self.inner()
        width = int(inner.width())
        self._heights = [self.measure(row, width) for row in self._rows]
        room = int(inner.height())
        if self.from_end:
            turned = pack(self._heights[::-1], room, self.theme.px(self.row_gap), _MOST)
            count = len(self._rows)
            self._pages = [range(count - page.stop, count - page.start) for page in reversed(turned)]
        else:
            self._pages = pack(self._heights, room, self.theme.px(self.row_gap), _MOST)

    def _show_page(self) -> None:
        before, after = self._more
        many = self.pages and (len(self._pages) > 1 or before or after)
        self._turner.show_state(many, back=not self.at_start or before, on=not self.at_end or after)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turner.place()
        self._placed = True
        if self._rows:
            last = self.from_end and not self._anchored
            at = self._pages[self._page].start if self._revealed is None else self._revealed
            self._plan()
            self._page = len(self._pages) - 1 if last else page_of(self._pages, at)
            self._show_page()

    # -- painting --------------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        t = self.theme
        self.draw_ground(p)
        self._turner.write(p, self._page, len(self._pages))
        inner = self.inner()
        if not self._rows:
            self.line_text(p, QRectF(inner.x(), inner.y(), inner.width(), t.px(48)), self._empty, "tech", "muted")
            return
        y = inner.y()
        for index in self._pages[self._page]:
            height = self._heights[index]
            self.draw_row(p, self._rows[index], QRectF(inner.x(), y, inner.width(), height), index)
            y += height + t.px(self.row_gap)
