"""Where Tab goes: by place, as the eye reads.

Not by Qt's focus chain: walking the chain from Python ties the lives of its widgets together (PySide6 6.12.0), so that the window's
wrapper dies with the page it once followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget


def tab_stops(window: QWidget, areas: Sequence[QWidget]) -> list[QWidget]:
    """What can be focused now, area after area; inside an area row by row, left to right."""
    stops: list[QWidget] = []
    for area in areas:
        found = [
            widget
            for widget in area.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled() and widget.isVisible()
        ]
        stops += reading_order(window, found)
    return stops


def reading_order(window: QWidget, widgets: Sequence[QWidget]) -> list[QWidget]:
    """Rows from the top, each from the left. A control belongs to a row when its middle is above the end of that row's shortest; what
    lies inside a control (a link in a card) follows it."""
    spots = [(QRect(w.mapTo(window, QPoint(0, 0)), w.size()), w) for w in widgets]
    spots.sort(key=lambda spot: (spot[0].top(), spot[0].left()))
    rows: list[list[tuple[QRect, QWidget]]] = []
    for spot in spots:
        if rows and spot[0].center().y() <= min(rect.bottom() for rect, _ in rows[-1]):
            rows[-1].append(spot)
        else:
            rows.append([spot])
    return [w for row in rows for _, w in sorted(row, key=lambda spot: (spot[0].left(), spot[0].top()))]
