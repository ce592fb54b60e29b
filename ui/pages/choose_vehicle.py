"""Which vehicle: the citizen's own and filed ones, or another one by its plate."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout

from kiosk.domain.plate import normalise_plate
from kiosk.screens.violation import ChooseVehicle, VehicleRow
from ui.pages.base import PageWidget
from ui.pages.paging import pack, page_of, room_under_heading, tab_order
from ui.paint.shapes import Elevation, draw_disc, fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable
from ui.widgets.buttons import BigButton
from ui.widgets.rows import Pager
from ui.widgets.text import Banner, ChipKind, TextBlock, chip_width, draw_chip


def vehicle_key(row: VehicleRow) -> str:
    """plate_type + plate without the dot, e.g. 02浙B8K23A."""
    return row.plate_type + normalise_plate(row.plate)


def _count_words(row: VehicleRow) -> str:
    if row.open_records is None:
        return "条数待查"
    return f"{row.open_records} 条未处理" if row.open_records else "没有未处理"


class VehicleCard(Tappable):
    """One vehicle: plate large, kind, whose it is, how many open records. Locked: greyed, with padlock and reason."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, row: VehicleRow, width: int) -> None:
        spoken = f"{row.plate}，{row.kind}，{row.relation}，"
        super().__init__(theme, f"vehicle.{vehicle_key(row)}", spoken + (row.locked or _count_words(row)))
        self.row = row
        if row.locked:
            self.elevation = 0
        self.setFixedHeight(self.height_of(theme, row, width))

    @staticmethod
    def _text_x(theme: Theme) -> int:
        return theme.px(32) + theme.pick(112, 104) + theme.px(28)

    @staticmethod
    def height_of(theme: Theme, row: VehicleRow, width: int) -> int:
        base = theme.pick(188, 232)
        if not row.locked:
            return base
        room = width - VehicleCard._text_x(theme) - theme.px(32)
        reason = TextShape(row.locked, theme.font("label"), room, theme.line("label"))
        return max(base, theme.px(56) + theme.line("h1") + theme.line("body") + reason.height)

    def clear(self) -> None:
        self.row = VehicleRow("", "", "", "", None)
        self.setAccessibleName("")

    def paint(self, p: QPainter) -> None:
        t, row = self.theme, self.row
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        off = bool(row.locked)
        fill = "well" if off else "pressed" if self.isDown() else "surface"
        edge = "divider" if off else "card_edge"
        fill_round(p, rect, radius, t.color(fill), t.color(edge), t.px("stroke.divider" if off else "stroke.outline"))
        side = t.pick(112, 104)
        tile = QRectF(t.px(32), (rect.height() - side) / 2, side, side)
        tile_edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(24), t.color("surface" if off else "tint"), tile_edge, t.px("stroke.divider"))
        self.stamp(
            p, t.icon("lock" if off else "car", 64, "muted" if off else "icon"), tile.center().x(), tile.center().y()
        )
        x = self._text_x(t)
        right = rect.right() - t.px(32) + 1
        ink = "muted" if off else "text"
        reason = self.shape(row.locked, "label", right - x) if off else None
        text_h = t.line("h1") + t.line("body") + (reason.height if reason else 0)
        top = (rect.height() - text_h) / 2
        if not off:
            self.stamp(p, t.icon("chevron-right", 48, "muted"), right - t.px(16), rect.center().y())
            right -= t.px(56)
        chip = "不能选" if off else _count_words(row)
        kind: ChipKind = "warn" if row.open_records and not off else "plain"
        chip_w = chip_width(t, chip)
        draw_chip(self, p, right - chip_w, top + t.line("h1") / 2, chip, kind)
        plate_box = QRectF(x, top, right - chip_w - t.px(16) - x, t.line("h1"))
        self.line_text(p, plate_box, row.plate, ("h1", "h2", "h3"), ink, bold=True)
        y = top + t.line("h1")
        kind_box = QRectF(x, y, right - x, t.line("body"))
        used = self.line_text(p, kind_box, row.kind, ("body", "label", "small"), "muted")
        bar = used.right() + t.px(20)
        p.fillRect(QRectF(bar, y + t.line("body") * 0.28, t.px(2), t.line("body") * 0.44), t.color("outline"))
        room = QRectF(bar + t.px(22), y, right - bar - t.px(22), t.line("body"))
        if text_width(row.relation, t.font("small")) <= room.width():
            self.line_text(p, room, row.relation, ("body", "label", "small"), "muted")
        if reason is not None:
            y += t.line("body")
            self.write(p, reason, row.locked, QRectF(x, y, reason.width, reason.height), "label", "text")
        self.focus_ring(p, radius)


class NoVehicle(Painted):
    """The empty list, drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "vehicle.empty", "没有车辆")
        self.setFixedHeight(theme.px(260))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        centre = QRectF(self.rect()).center()
        edge = t.color("card_edge") if t.high_contrast else None
        draw_disc(p, centre, t.px(110), t.color("tint"), edge, t.px("stroke.outline"))
        self.stamp(p, t.icon("car", 120, "icon"), centre.x(), centre.y())


class ChooseVehiclePage(PageWidget[ChooseVehicle]):
    """Four vehicles a page at most, two in large text. A tap on a card answers; None asks for another plate."""

    def title(self) -> str:
        return "请选择要查询的车辆" if self.data.vehicles else "请输入要查询的车牌"

    def hint(self) -> str:
        count = len(self.data.vehicles)
        if not count:
            return f"{self.data.name}，没有查到您名下或已备案的车辆"
        return f"{self.data.name}，查到 {count} 辆车"

    def voice(self) -> str:
        if not self.data.vehicles:
            return "没有查到您的车辆，请输入要查询的车牌。"
        return f"请选择要查询的车辆，一共 {len(self.data.vehicles)} 辆。"

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._cards: list[VehicleCard] = []
        self._pages: list[range] = []
        self._room = (0, 0)
        self._anchor = 0
        self._notice = Banner(theme, "vehicle.notice", "warn", screen.notice)
        self._notice.reveal(bool(screen.notice))
        sides = self.side_by_side()
        sides.aside.addWidget(self._notice)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px("gap"))
        sides.main.addLayout(self._list)
        if not screen.vehicles:
            sides.main.addStretch(1)
            sides.main.addWidget(NoVehicle(theme))
            text = "请输入车牌，再用行驶证上的号码核对。"
            sides.main.addWidget(TextBlock(theme, "vehicle.none", text, "body", "text", "center"))
        self._pager = Pager(theme, "vehicle.pager", 1)
        self._pager.turned.connect(self._turn)
        sides.main.addStretch(1)
        sides.foot.addWidget(self._pager)
        if screen.vehicles:
            self.other = BigButton(theme, "vehicle.other", "输入其他车牌", "secondary", "car-plus")
        else:
            self.other = BigButton(theme, "vehicle.other", "输入车牌", "primary", "car-plus")
        self.other.tapped.connect(lambda: self.answer(None))
        sides.foot.addWidget(self.other)
        self._pack()
        self._show_page(0)

    def _pack(self) -> None:
        theme = self.theme
        width, height = self._room = room_under_heading(self)
        gap = theme.px("gap")
        beside = self.sides is not None and self.sides.wide
        room = height - (0 if beside else theme.px("button_h") + gap)
        if self.data.notice and not beside:
            room -= self._notice.heightForWidth(width) + gap
        most = 2 if theme.large else 4
        heights = [VehicleCard.height_of(theme, row, width) for row in self.data.vehicles]
        pages = pack(heights, room, gap, most)
        if len(pages) > 1 and not beside:
            pages = pack(heights, room - theme.px("pager_h") - gap, gap, most)
        self._pages = pages

    def _turn(self, page: int) -> None:
        self._anchor = self._pages[page].start
        self._show_page(page)

    def _show_page(self, page: int) -> None:
        for card in self._cards:
            card.hide()
            card.clear()
            card.setParent(None)
            card.deleteLater()
        self._pager.set_pages(len(self._pages), page)
        self._cards = []
        for i in self._pages[self._pager.page]:
            row = self.data.vehicles[i]
            card = VehicleCard(self.theme, row, self._room[0])
            card.tapped.connect(lambda row=row: self.answer(vehicle_key(row)))
            self._list.addWidget(card)
            card.show()
            self._cards.append(card)
        tab_order([*self._cards, self._pager.previous, self._pager.following, self.other])
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.sides is not None:
            gap = self.theme.px("gap")
            self.sides.tighten(
                self.theme.px(4) if self.crowded else gap, self.theme.px("gap_min") if self.crowded else gap
            )
        if room_under_heading(self) != self._room:
            before = self._pages
            self._pack()
            if self._pages != before:
                self._show_page(page_of(self._pages, self._anchor))

    def refresh(self, screen: ChooseVehicle, before: ChooseVehicle) -> None:
        self._notice.set_message("warn", screen.notice)
        self._notice.reveal(bool(screen.notice))
        self._pack()
        self._show_page(page_of(self._pages, self._anchor))

    def keep(self) -> object:
        return self._anchor

    def restore(self, kept: int) -> None:
        self._anchor = kept
        self._show_page(page_of(self._pages, kept))

    def clear(self) -> None:
        for card in self._cards:
            card.clear()
        super().clear()
