"""Paging instead of scrolling: how much room a list has on a page, and which rows go on which page of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from ui.pages.base import PageWidget

_PORTRAIT_WITH_STEPS = 1388
"""Height of a page at scale 1.0 on the base panel, assumed until the frame has given the real one."""


def room_under_heading(page: PageWidget[Any]) -> tuple[int, int]:
    """(width, height) in pixels between heading and action bar; of a page with sides in landscape, those of its right side."""
    theme = page.theme
    margins = page.body.contentsMargins()
    placed = page.width() > 700  # a widget that nobody has laid out yet is 640x480
    shown = page.height() if placed else theme.px(_PORTRAIT_WITH_STEPS)
    full = page.width() if placed else theme.px(1080)
    width = full - 2 * theme.px("margin")
    height = shown - margins.top() - margins.bottom()
    if page.sides is not None and page.sides.wide:
        return page.sides.width_of_main(width), height
    if page.heading is not None:
        height -= page.heading.heightForWidth(width) + theme.pick(18, 0) + page.body.spacing()
    return width, height


def pack(heights: Sequence[int], room: int, gap: int, most: int) -> list[range]:
    """Indexes per page: as many rows as fit into `room`, at most `most`, at least one. No rows make one empty page."""
    pages: list[range] = []
    start, used = 0, 0
    for i, height in enumerate(heights):
        taken = used + gap + height if i > start else height
        if i > start and (taken > room or i - start >= most):
            pages.append(range(start, i))
            start, taken = i, height
        used = taken
    pages.append(range(start, len(heights)))
    return pages


def page_of(pages: Sequence[range], index: int) -> int:
    """The page that shows row `index`; the nearest one when there is no such row."""
    return next((i for i, rows in enumerate(pages) if index in rows), 0 if index <= 0 else len(pages) - 1)


def tab_order(widgets: Sequence[QWidget]) -> None:
    """Tab visits these in this order, whatever the order they were created in.

    Each is put directly behind the first, last one first: the chain is a ring, and Qt leaves a pair alone that is in order
    across the ring's seam.
    """
    for widget in reversed(widgets[1:]):
        QWidget.setTabOrder(widgets[0], widget)
