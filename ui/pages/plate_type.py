"""What kind of plate: the same characters stand on plates of several colours. A tap on a row answers."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.vehicle import ChoosePlateType, PlateTypeRow
from ui.pages.list_page import ListPage
from ui.paint.shapes import Elevation, fill_round
from ui.theme import Theme
from ui.widgets.base import Tappable

_COLOURS = {
    "blue": "蓝牌",
    "yellow": "黄牌",
    "green": "绿牌",
    "yellow_green": "黄绿牌",
    "white": "白牌",
    "black": "黑牌",
}


class PlateTypeCard(Tappable):
    """A plate in its colour, and what vehicles bear it."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, plate: str, row: PlateTypeRow) -> None:
        spoken = "，".join(word for word in (row.name, _COLOURS.get(row.colour, "")) if word)
        super().__init__(theme, f"plate.type.{row.plate_type}", spoken)
        self._plate, self._row = plate, row
        self.setFixedHeight(self.height_of(theme))

    @staticmethod
    def height_of(theme: Theme) -> int:
        return theme.pick(140, 200)

    def clear(self) -> None:
        self._plate = ""

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        fill = "pressed" if self.isDown() else "surface"
        fill_round(p, rect, radius, t.color(fill), t.color("card_edge"), t.px("stroke.outline"))
        words = _COLOURS.get(self._row.colour, "")
        ground, ink = (f"plate_{self._row.colour}", f"on_plate_{self._row.colour}") if words else ("plate", "on_plate")
        wide, high = t.pick(330, 340), t.pick(104, 116)
        plate = QRectF(t.px(32), (rect.height() - high) / 2, wide, high)
        fill_round(p, plate, t.px(12), t.color(ground), t.color("text"), t.px("stroke.divider"))
        frame = plate.adjusted(t.px(6), t.px(6), -t.px(6), -t.px(6))
        fill_round(p, frame, t.px(8), None, t.color(ink), t.px(3))
        inner = frame.adjusted(t.px(14), 0, -t.px(14), 0)
        self.line_text(p, inner, self._plate, ("h2", "h3", "label", "small"), ink, "center", bold=True)
        x = plate.right() + t.px(36)
        right = rect.right() - t.px(32)
        self.stamp(p, t.icon("chevron-right", 48, "muted"), right - t.px(16), rect.center().y())
        room = right - t.px(56) - x
        top = (rect.height() - t.line("h3") - (t.line("body") if words else 0)) / 2
        self.line_text(
            p, QRectF(x, top, room, t.line("h3")), self._row.name, ("h3", "label", "small"), "text", bold=True
        )
        if words:
            below = QRectF(x, top + t.line("h3"), room, t.line("body"))
            self.line_text(p, below, words, ("body", "label", "small"), "muted")
        self.focus_ring(p, radius)


class ChoosePlateTypePage(ListPage[ChoosePlateType, PlateTypeCard]):
    def title(self) -> str:
        return "请选择号牌种类"

    def hint(self) -> str:
        return "看车牌的颜色，点一下就选中。"

    def voice(self) -> str:
        return "请看车牌的颜色，选择号牌种类。"

    def build(self) -> None:
        self.add_list("plate.type.pager", self.theme.px("gap"))
        self.show_list()

    def row_heights(self, width: int) -> list[int]:
        return [PlateTypeCard.height_of(self.theme) for _ in self.data.rows]

    def wanted_height(self) -> int:
        return self.theme.pick(152, 208)

    def most_rows(self) -> int:
        return 3 if self.theme.large else 8

    def room_beside(self, width: int) -> int:
        return 0

    def make_row(self, i: int, width: int) -> PlateTypeCard:
        row = self.data.rows[i]
        card = PlateTypeCard(self.theme, self.data.plate, row)
        card.tapped.connect(lambda: self.answer(row.plate_type))
        return card

    def forget_row(self, row: PlateTypeCard) -> None:
        row.clear()

    def refresh(self, screen: ChoosePlateType, before: ChoosePlateType) -> None:
        self.repack()

    def keep(self) -> object:
        return self._anchor

    def restore(self, kept: int) -> None:
        self.turn_back_to(kept)
