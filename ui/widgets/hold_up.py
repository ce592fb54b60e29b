"""HoldUpScene: what people hold before the scanner window so that its code is read; nothing is paid meanwhile."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets.scan_scene import ScanScene
from ui.widgets.scene import Pointing


class HoldUpScene(ScanScene):
    """As for a payment code, with something else in the phone's place. Subclass with `waiting` and `draw_held`."""

    waiting: ClassVar[str]
    """The words below, while nothing was read."""

    def __init__(self, theme: Theme, name: str, arrow: Pointing = "down", parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "waiting", arrow, parent)
        self.setAccessibleName(self.waiting)

    def set_arrow(self, arrow: Pointing) -> None:
        self.set_state("waiting", arrow)
        self.setAccessibleName(self.waiting)

    def paint(self, p: QPainter) -> None:
        self.draw_ground(p)
        held, arrow, window = self._places()
        self._window(p, window)
        self.draw_held(p, held)
        self.draw_arrow(p, arrow, self._arrow)
        self.draw_words(p, self.waiting, "info_text")

    @abstractmethod
    def draw_held(self, p: QPainter, box: QRectF) -> None: ...
