"""The row of panel names below the bench's header: a click brings that panel into sight, however long the column is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea

from ui.bench.look import Look, Panel, button

_ABOVE = 8
"""Pixels of the column left visible above the panel."""


class Jumps(QFrame):
    def __init__(self, look: Look, area: QScrollArea, panels: Sequence[Panel]) -> None:
        super().__init__()
        self.setObjectName("bench.jumps")
        self.setStyleSheet(
            f"#bench\\.jumps {{ background: {look.hex('surface')}; border-bottom: 1px solid {look.hex('divider')}; }}"
            "#bench\\.jumps QPushButton { padding: 0 6px; font-size: 14px; }"
        )
        self._area = area
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 4, 10, 4)
        line.setSpacing(2)
        for panel in panels:
            name = f"bench.jump.{panel.objectName().removeprefix('bench.')}"
            made = button(name, panel.title, "quiet", spoken=f"转到{panel.title}")
            made.clicked.connect(self._leader(panel))
            line.addWidget(made)
        line.addStretch(1)
        if len(panels) < 2:
            self.hide()

    def _leader(self, panel: Panel) -> Callable[[], None]:
        return lambda: self._area.verticalScrollBar().setValue(panel.y() - _ABOVE)
