"""Why the citizen objects: one reason out of those the regulation names (公安部令105 第22条). Nothing is decided, nothing paid."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.base import Row
from kiosk.screens.violation import ChooseObjection
from ui.pages.list_page import ListPage
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Tappable
from ui.widgets.choice_cards import draw_radio

NOT_CHOSEN = "请选一项。"


class ChoiceRow(Tappable):
    """One of several: a ring that is filled when chosen. The whole row is the target."""

    def __init__(self, theme: Theme, row: Row, width: int) -> None:
        super().__init__(theme, f"objection.{row.label}", row.value)
        self.row = row
        self.setCheckable(True)
        self.setFixedHeight(self.height_of(theme, row, width))

    @staticmethod
    def _left(theme: Theme) -> int:
        return theme.px(112)

    @staticmethod
    def height_of(theme: Theme, row: Row, width: int) -> int:
        room = width - ChoiceRow._left(theme) - theme.px(28)
        shape = TextShape(row.value, theme.font("h3", bold=False), room, theme.line("h3"))
        return max(theme.pick(100, 176), shape.height + theme.px(44))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        radius = t.px("radius.field")
        edge = t.color("primary" if chosen else "outline")
        fill = "pressed" if self.isDown() else "tint" if chosen else "surface"
        width = t.px("stroke.selected" if chosen else "stroke.divider")
        fill_round(p, rect, radius, t.color(fill), edge, width)
        centre = QPointF(t.px(58), rect.center().y())
        draw_radio(self, p, centre, t.pick(26, 32), chosen)
        left = self._left(t)
        shape = self.shape(self.row.value, "h3", rect.width() - left - t.px(28), bold=chosen)
        box = QRectF(left, (rect.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self.row.value, box, "h3", "text")
        self.focus_ring(p, radius)


class ChooseObjectionPage(ListPage[ChooseObjection, ChoiceRow]):
    """All on one page where they fit, three a page in large text. Next explains when nothing is chosen."""

    def title(self) -> str:
        return "请选择有异议的原因"

    def hint(self) -> str:
        return "提交后先核查，核查期间不处理、不罚款。"

    def next_action(self) -> Action | None:
        return Action("提交异议", "primary", "arrow-right", icon_after=True, waiting=not self._chosen)

    def build(self) -> None:
        self._chosen = ""
        self.add_list("objection.pager", self.theme.pick(14, 24))
        self.show_list()

    def row_heights(self, width: int) -> list[int]:
        return [ChoiceRow.height_of(self.theme, row, width) for row in self.data.reasons]

    def most_rows(self) -> int:
        return 3 if self.theme.large else 10

    def room_beside(self, width: int) -> int:
        """For the sentence that says what is missing."""
        return self.theme.px("banner_h") + self.theme.px("gap")

    def make_row(self, i: int, width: int) -> ChoiceRow:
        row = ChoiceRow(self.theme, self.data.reasons[i], width)
        row.setChecked(row.row.label == self._chosen)
        row.tapped.connect(lambda reason=row.row.label: self._choose(reason))
        return row

    def _choose(self, reason: str) -> None:
        """Tapping the chosen one again leaves it chosen, as with any choice of one."""
        self._chosen = reason
        for row in self._rows:
            row.setChecked(row.row.label == reason)
            row.update()
        self.complain("")
        self.chrome_changed.emit()

    def on_next(self) -> None:
        if self._chosen:
            self.answer(self._chosen)
        else:
            self.complain(NOT_CHOSEN)

    def refresh(self, screen: ChooseObjection, before: ChooseObjection) -> None:
        if screen.reasons != before.reasons:
            self.repack()

    def keep(self) -> object:
        return (self._chosen, self._anchor)

    def restore(self, kept: tuple[str, int]) -> None:
        self._chosen, anchor = kept
        self.turn_back_to(anchor)
        self.chrome_changed.emit()

    def clear(self) -> None:
        self._chosen = ""
        super().clear()
