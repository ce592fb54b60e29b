"""C15a: who was recognised, what they hold, and which kind of endorsement they want."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.endorsement import ChooseEndorsementKind, HeldRow
from ui.pages.base import PageWidget
from ui.pages.paging import pack, page_of, room_under_heading, tab_order
from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.choice_cards import KindCard
from ui.widgets.rows import Pager
from ui.widgets.text import _Flowing, chip_width, draw_chip

NOTHING_HELD = "没有可用的签注"


class PermitPanel(_Flowing):
    """The permit that lies in the machine: name and number masked, its last day, the endorsements in force."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "")
        self._who, self._number, self._until = "", "", ""
        self._held: tuple[HeldRow, ...] = ()
        self._laid: tuple[int, list[TextShape]] | None = None

    def set_permit(self, screen: ChooseEndorsementKind) -> None:
        self._who, self._number, self._held = screen.name, screen.permit, screen.held
        self._until = f"有效期至 {screen.valid_to}"
        self._laid = None
        held = "，".join(f"{row.place} {row.text}" for row in screen.held) or NOTHING_HELD
        self.setAccessibleName(f"{self._who}，通行证 {self._number}，{self._until}。现有签注：{held}")
        self.updateGeometry()
        self.update()

    def clear(self) -> None:
        self._who = self._number = self._until = ""
        self._held, self._laid = (), None
        self.setAccessibleName("")

    def _chip_column(self) -> int:
        widest = max((chip_width(self.theme, row.place) for row in self._held), default=0)
        return widest + self.theme.px(20) if widest else 0

    def _shapes(self, width: int) -> list[TextShape]:
        if self._laid is None or self._laid[0] != width:
            room = width - 2 * self.theme.px(32) - self._chip_column()
            self._laid = (width, [self.shape(row.text, "label", room, balance=True) for row in self._held])
        return self._laid[1]

    def _row_h(self, shape: TextShape) -> int:
        return max(self.theme.pick(60, 68), shape.height + self.theme.px(12))

    def _head_h(self) -> int:
        return self.theme.line("h3") + self.theme.line("label") + self.theme.px(12)

    def heightForWidth(self, width: int) -> int:
        rows = sum(self._row_h(shape) for shape in self._shapes(width)) or self.theme.line("label") + self.theme.px(12)
        return self._head_h() + rows + self.theme.px(2 + 16 + 40)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        x, right = float(t.px(32)), rect.right() - t.px(32)
        y = float(t.px(20))
        box = QRectF(x, y, right - x, t.line("h3"))
        used = self.line_text(p, box, self._who, "h3", "text", bold=True)
        self.line_text(p, box.adjusted(used.width() + t.px(24), 0, 0, 0), self._number, ("body", "label"), "text")
        y += t.line("h3")
        box = QRectF(x, y, right - x, t.line("label"))
        self.line_text(p, box, f"往来港澳通行证，{self._until}", ("label", "small"), "muted")
        y += t.line("label") + t.px(12)
        p.fillRect(
            QRectF(x, y, right - x, t.px("stroke.divider")), t.color("outline" if t.high_contrast else "divider")
        )
        y += t.px(2 + 8)
        if not self._held:
            line = QRectF(x, y, right - x, t.line("label") + t.px(12))
            self.line_text(p, line, NOTHING_HELD, ("label", "small"), "muted")
            return
        column = self._chip_column()
        for row, shape in zip(self._held, self._shapes(self.width()), strict=True):
            height = self._row_h(shape)
            draw_chip(self, p, x, y + height / 2, row.place)
            area = QRectF(x + column, y + (height - shape.height) / 2, shape.width, shape.height)
            self.write(p, shape, row.text, area, "label")
            y += height


class EndorsementKindPage(PageWidget[ChooseEndorsementKind]):
    """Four kinds a page at most, three in large text. A tap on a card answers its id."""

    def title(self) -> str:
        return "请选择签注种类"

    def hint(self) -> str:
        return "带锁的不能在本机办理，卡片上写着原因。" if self._any_locked() else "点一下卡片就选中。"

    def voice(self) -> str:
        open_now = [row.title for row in self.data.kinds if not row.locked]
        return f"请选择签注种类。可以选：{'、'.join(open_now)}。" if open_now else "没有可以在本机办理的签注。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "自己去旅游，选个人旅游；跟团去，选团队旅游。",
            "带锁的种类要到人工窗口办理，卡片上写着原因。",
            "不知道选哪一种，请呼叫工作人员。",
        )

    def _any_locked(self) -> bool:
        return any(row.locked for row in self.data.kinds)

    def build(self) -> None:
        theme = self.theme
        self._cards: list[KindCard] = []
        self._pages: list[range] = []
        self._room = (0, 0)
        self._anchor = 0
        self._permit = PermitPanel(theme, "c15a.permit")
        self._permit.set_permit(self.data)
        self.body.addWidget(self._permit)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(20))
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._pager = Pager(theme, "c15a.pager", 1)
        self._pager.turned.connect(self._turn)
        self.body.addWidget(self._pager)
        self._pack()
        self._show_page(0)

    def _pack(self) -> None:
        theme = self.theme
        width, height = self._room = room_under_heading(self)
        gap = self._list.spacing()
        room = height - self._permit.heightForWidth(width) - theme.px("gap")
        heights = [KindCard.height_of(theme, row, width) for row in self.data.kinds]
        most = 3 if theme.large else 5
        pages = pack(heights, room, gap, most)
        if len(pages) > 1:
            pages = pack(heights, room - theme.px("pager_h") - theme.px("gap"), gap, most)
        self._pages = pages

    def _turn(self, page: int) -> None:
        self._anchor = self._pages[page].start
        self._show_page(page)
        self.rearranged.emit()

    def _show_page(self, page: int) -> None:
        self._drop_cards()
        self._pager.set_pages(len(self._pages), page)
        for i in self._pages[self._pager.page]:
            row = self.data.kinds[i]
            card = KindCard(self.theme, row, self._room[0])
            card.tapped.connect(lambda kind=row.id: self.answer(kind))
            self._list.addWidget(card)
            card.show()
            self._cards.append(card)
        tab_order([*self._cards, self._pager.previous, self._pager.following])
        self.update()

    def _drop_cards(self) -> None:
        for card in self._cards:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._cards = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if room_under_heading(self) != self._room:
            before = self._pages
            self._pack()
            if self._pages != before:
                self._show_page(page_of(self._pages, self._anchor))

    def refresh(self, screen: ChooseEndorsementKind, before: ChooseEndorsementKind) -> None:
        if screen == before:
            return
        self._permit.set_permit(screen)
        self._pack()
        self._show_page(page_of(self._pages, self._anchor))
        self.rearranged.emit()

    def keep(self) -> object:
        return self._anchor

    def restore(self, kept: int) -> None:
        self._anchor = kept
        self._show_page(page_of(self._pages, kept))

    def clear(self) -> None:
        self._drop_cards()
        self._permit.clear()
        super().clear()
