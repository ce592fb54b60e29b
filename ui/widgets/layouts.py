"""What Qt's layouts leave to us."""

from __future__ import annotations

from PySide6.QtWidgets import QLayout


def forget_sizes(layout: QLayout) -> None:
    """Something in it was shown, hidden or resized just now: what is asked of it next counts that, also where it is a layout within a
    layout, which Qt asks again no sooner than it places them."""
    layout.invalidate()
    for i in range(layout.count()):
        item = layout.itemAt(i)
        inner = item.layout() if item is not None else None
        if inner is not None:
            forget_sizes(inner)
