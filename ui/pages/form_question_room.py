"""C19: how much room the fields of a question have over their keys, or in landscape beside them."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QVBoxLayout

from kiosk.screens.form import FormQuestion
from ui.pages.base import PageWidget
from ui.widgets.buttons import BigButton
from ui.widgets.choice_list import TickCard
from ui.widgets.field_box import FieldBox
from ui.widgets.form_docks import FormDocks
from ui.widgets.form_entry import Entry
from ui.widgets.keypads.alnum_pad import fit_tray
from ui.widgets.text import Banner

QWIDGETSIZE_MAX = 16777215
"""No limit; Qt has the number as a macro only."""


class QuestionRoom(PageWidget[FormQuestion]):
    """The page's parts, made by `form_question`, and the arithmetic of their places."""

    _rows: dict[str, FieldBox | TickCard]
    _entries: list[Entry]
    _column: QVBoxLayout
    _note: Banner
    _lists: BigButton
    _undo: BigButton
    _docks: FormDocks

    def _sole(self, entry: Entry) -> bool:
        """A question that is one list needs no box to show what was chosen."""
        return len(self._entries) == 1 and entry.tool == "choices"

    def _room(self, least: int) -> int:
        """What the rows may take above keys of `least` height, or in landscape beside them."""
        theme = self.theme
        width = self._width()
        gap = self._column.spacing()
        room = self.height() - theme.pick(30, 24)
        room -= gap if self.wide else self.body.spacing() + least
        if self.heading is not None:
            room -= self.heading.heightForWidth(width) + theme.pick(18, 0) + gap
        if not self._note.isHidden():
            room -= self._note.heightForWidth(width) + gap
        if not (self._lists.isHidden() and self._undo.isHidden()):
            room -= theme.px("row_h") + gap
        return room

    def _dock_width(self) -> int:
        """Keys are as wide as in portrait and stand on the right in landscape, at most six tenths of the window."""
        return min(self.theme.px(1080), self.width() * 6 // 10) if self.wide else self.width()

    def _width(self) -> int:
        """Of the rows."""
        beside = self._dock_width() + self.body.spacing() if self.wide else 0
        return self.width() - beside - 2 * self.theme.px("margin")

    def _place_dock(self, usual: int, least: int) -> None:
        wide, shown = self.wide, self._docks.shown
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self.body.setDirection(across if wide else down)
        # Beside the rows the keys are as high as the page.
        top, margin = self.theme.pick(30, 24), self.theme.px("margin")
        self.body.setContentsMargins(0, 0 if wide else top, 0, 0)
        self._column.setContentsMargins(margin, top if wide else 0, margin, 0)
        if shown is None:
            return
        if wide:
            shown.setFixedSize(self._dock_width(), self.height())
            return
        shown.setMinimumWidth(0)
        shown.setMaximumWidth(QWIDGETSIZE_MAX)
        fit_tray(self, self.body, self._column, shown, usual, least)

    def _tightened(self, index: int, tight: bool, width: int) -> int:
        """Height of the active row: on a small panel, beside other fields or over lists it keeps no lines free."""
        row = list(self._rows.values())[index]
        if isinstance(row, FieldBox):
            row.tighten(tight)
        return self._height(row, width)

    def _height(self, row: FieldBox | TickCard, width: int) -> int:
        if isinstance(row, FieldBox):
            return 0 if len(self._entries) == 1 and self._sole(self._entries[0]) else row.height_at(width)
        return row.height()
