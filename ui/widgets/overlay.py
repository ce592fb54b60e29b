"""Overlay: a card over a scrim, inside the window. Never a dialog: those are windows of their own, with focus of their own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.cards import Panel


class Overlay(Painted):
    """Covers its parent completely and swallows what is not meant for its card. `personal` makes the scrim opaque (0.98).

    Put content into `card.column`. `outside` is emitted when the scrim is tapped.
    """

    modal = True
    outside = Signal()

    def __init__(
        self, theme: Theme, name: str, spoken: str, parent: QWidget, *, personal: bool, width: int = 900
    ) -> None:
        super().__init__(theme, name, spoken, parent)
        self._pressed = False
        self._scrim = "scrim_personal" if personal else "scrim"
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.card = Panel(theme, f"{name}.card", spoken, elevation=0, padding=60, spacing=24, parent=self)
        self.card.setFixedWidth(min(theme.px(width), parent.width() - 2 * theme.px("margin")))
        parent.installEventFilter(self)
        self.card.installEventFilter(self)
        self.setGeometry(parent.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.card:
            if event.type() == QEvent.Type.LayoutRequest:
                self._place()
        elif event.type() == QEvent.Type.Resize and isinstance(watched, QWidget) and watched is self.parent():
            self.setGeometry(watched.rect())
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """The card is as high as its content needs at its width, a little above the middle."""
        width = self.card.width()
        height = min(self.card.column.totalHeightForWidth(width), self.height() - 2 * self.theme.px("gap"))
        self.card.setGeometry((self.width() - width) // 2, (self.height() - height) * 3 // 7, width, height)

    def open(self, focus: QWidget | None = None) -> None:
        self._place()
        self.raise_()
        self.show()
        if focus is not None:
            focus.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._pressed = True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        pressed, self._pressed = (
            self._pressed,
            False,
        )  # the finger that opened the overlay lifts over it: that is no tap
        if pressed and not self.card.geometry().contains(event.position().toPoint()):
            self.outside.emit()

    def paint(self, p: QPainter) -> None:
        p.fillRect(self.rect(), self.theme.color(self._scrim))
