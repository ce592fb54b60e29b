"""GroupHead: a heading over a group of options, of which one is to be chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.endorsement import EntryGroup
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.choice_cards import draw_emblem, emblem
from ui.widgets.text import ChipKind, chip_width, draw_chip


class GroupHead(Painted):
    """A destination's name over its options, and which one is chosen: it may be on another page."""

    def __init__(self, theme: Theme, group: EntryGroup, chosen: str) -> None:
        super().__init__(theme, f"c15c.group.{group.place_id}", group.place)
        self._group = group
        self._chosen = chosen
        self.setFixedHeight(self.height_of(theme))
        self.set_chosen(chosen)

    @staticmethod
    def height_of(theme: Theme) -> int:
        return theme.pick(60, 76)

    def set_chosen(self, chosen: str) -> None:
        """`chosen` is an option's id or empty."""
        self._chosen = chosen
        self.setAccessibleName(f"{self._group.place}，{self._word()}")
        self.update()

    def _word(self) -> str:
        if all(option.locked for option in self._group.options):
            return "没有可选的"
        titles = (option.title for option in self._group.options if option.id == self._chosen)
        title = next(titles, "")
        return f"已选 {title}" if title else "请选一项"

    def paint(self, p: QPainter) -> None:
        t = self.theme
        side = t.pick(52, 64)
        tile = QRectF(0, (self.height() - side) / 2, side, side)
        draw_emblem(self, p, tile, emblem(self._group.place_id, self._group.place), "h3")
        word = self._word()
        place_w = text_width(self._group.place, t.font("h3", bold=True))
        if chip_width(t, word, "check") > self.width() - side - t.px(40) - place_w:
            word = "已选一项"  # the card that is chosen says which
        kind: ChipKind = "ok" if self._chosen else "plain"
        icon = "check" if self._chosen else ""
        wide = chip_width(t, word, icon)
        draw_chip(self, p, self.width() - wide, self.height() / 2, word, kind, icon)
        box = QRectF(side + t.px(20), 0, self.width() - wide - side - t.px(40), self.height())
        self.line_text(p, box, self._group.place, ("h3", "label"), "text", bold=True)
