"""Edge: the amber mark round the whole window while diagnostics are open. No citizen's page has it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets.base import Painted


class Edge(Painted):
    """Lies above everything, overlays too, and takes no touch. Only its rim is part of the widget, so nothing under it pays for it."""

    floats = True

    def __init__(self, theme: Theme, color: str, parent: QWidget) -> None:
        super().__init__(theme, "diag.edge", "诊断模式", parent)
        self._color = color
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(parent.rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.theme.px("tech_edge")
        self.setMask(QRegion(self.rect()).subtracted(QRegion(self.rect().adjusted(wide, wide, -wide, -wide))))

    def paint(self, p: QPainter) -> None:
        p.fillRect(self.rect(), self.theme.color(self._color))
