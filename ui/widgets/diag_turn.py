"""The two buttons in a panel's heading that turn its pages, and the words between them. Made when first needed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from ui.widgets.diag_base import TechButton, TechPanel


class PageTurner:
    """Belongs to `panel`, which calls `place` when it was given another size. `turn(-1)` goes back, `turn(1)` on."""

    def __init__(self, panel: TechPanel, name: str, turn: Callable[[int], None]) -> None:
        self._panel, self._name, self._turn = panel, name, turn
        self._buttons: tuple[TechButton, TechButton] | None = None
        self.shown = False

    def show_state(self, shown: bool, *, back: bool, on: bool) -> None:
        self.shown = shown
        if shown and self._buttons is None:
            self._buttons = (
                self._make("previous", "chevron-left", "上一页", -1),
                self._make("next", "chevron-right", "下一页", 1),
            )
            self.place()
        if self._buttons is not None:
            for button, active in zip(self._buttons, (back, on), strict=True):
                button.setVisible(shown)
                button.setEnabled(active)

    def _make(self, act: str, icon: str, spoken: str, by: int) -> TechButton:
        button = TechButton(
            self._panel.theme, f"{self._name}.{act}", "", "secondary", icon, spoken=spoken, parent=self._panel
        )
        button.tapped.connect(lambda: self._turn(by))
        return button

    def place(self) -> None:
        if self._buttons is None:
            return
        t = self._panel.theme
        side, right, top = t.px("tech_touch"), self._panel.width() - t.px(16), t.px(8)
        self._buttons[1].setGeometry(right - side, top, side, side)
        self._buttons[0].setGeometry(right - 2 * side - t.px(120), top, side, side)

    def write(self, p: QPainter, page: int, pages: int) -> None:
        """Between the buttons; `page` counts from nought."""
        if self.shown and self._buttons is not None:
            left, right = self._buttons[0].geometry().right(), self._buttons[1].x()
            box = QRectF(left, self._buttons[0].y(), right - left, self._buttons[0].height())
            self._panel.line_text(p, box, f"{page + 1} / {pages}", "tech", "text", "center")
