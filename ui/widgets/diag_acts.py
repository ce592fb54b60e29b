"""What a device can be made to do: buttons in two columns on a card, turned like pages where there are many."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.screens.diagnostics import Act
from ui.theme import Theme
from ui.widgets.diag_base import TechButton, TechKind, TechPanel


class ActPanel(TechPanel):
    """`chosen(Act)` for each touch, of an act that cannot be done now as well: the page then says why. Buttons are called
    `name.id`."""

    chosen = Signal(object)
    turned = Signal()

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None, *, columns: int = 2) -> None:
        super().__init__(theme, f"{name}s", title, parent)
        self._prefix = name
        self._columns = columns
        self._acts: tuple[Act, ...] = ()
        self._danger: tuple[str, ...] = ()
        self._buttons: list[TechButton] = []
        self._first = 0
        self._more = TechButton(theme, f"{name}.more", "更多", icon="chevron-right", parent=self)
        self._more.tapped.connect(self._turn)
        self._more.hide()

    def show_acts(self, acts: Sequence[Act], danger: Sequence[str] = ()) -> None:
        acts = tuple(acts)
        if acts == self._acts and tuple(danger) == self._danger:
            return
        same = [act.id for act in acts] == [act.id for act in self._acts]
        self._acts, self._danger = acts, tuple(danger)
        if not same:
            self._first = 0
            self._build()
        for act, button in zip(acts, self._buttons, strict=True):
            button.set_caption(act.caption)
            button.waiting = not act.enabled
            button.setAccessibleDescription(act.why if not act.enabled else "")
            button.update()
        self._lay()

    def _build(self) -> None:
        for old in self._buttons:
            old.hide()
            old.deleteLater()
        self._buttons = []
        for i, act in enumerate(self._acts):
            kind: TechKind = "danger" if act.id in self._danger else "secondary"
            button = TechButton(self.theme, f"{self._prefix}.{act.id}", act.caption, kind, parent=self)
            button.tapped.connect(lambda i=i: self.chosen.emit(self._acts[i]))
            self._buttons.append(button)

    def columns(self, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            self._lay()

    def _turn(self) -> None:
        self._first += self._cells() - 1
        if self._first >= len(self._acts):
            self._first = 0
        self._lay()
        self.turned.emit()

    def _cells(self) -> int:
        t = self.theme
        rows = (int(self.inner().height()) + t.px("gap_min")) // (t.px("tech_button") + t.px("gap_min"))
        return max(2, rows * self._columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def _lay(self) -> None:
        t = self.theme
        inner, gap, tall = self.inner().toRect(), t.px("gap_min"), t.px("tech_button")
        cells = self._cells()
        many = len(self._buttons) > cells
        shown = self._buttons[self._first : self._first + cells - 1] if many else self._buttons
        for button in self._buttons:
            button.setVisible(button in shown)
        self._more.setVisible(many)
        width = (inner.width() - gap * (self._columns - 1)) // self._columns
        for i, button in enumerate([*shown, self._more] if many else shown):
            x, y = i % self._columns * (width + gap), i // self._columns * (tall + gap)
            button.setGeometry(inner.x() + x, inner.y() + y, width, tall)
