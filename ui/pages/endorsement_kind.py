"""C15a: who was recognised, what they hold, and which kind of endorsement they want."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.endorsement import ChooseEndorsementKind, HeldRow
from ui.pages.list_page import ListPage
from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.choice_cards import KindCard
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
        number = text_width(self._number, t.font("body")) + t.px(24)
        who = box.adjusted(0, 0, -number, 0)
        used = self.line_text(p, who, self._who, ("h3", "label", "small"), "text", bold=True)
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


class EndorsementKindPage(ListPage[ChooseEndorsementKind, KindCard]):
    """Four kinds a page at most, three in large text. A tap on a card answers its id."""

    def title(self) -> str:
        return "请选择签注种类"

    def hint(self) -> str:
        return "点一下卡片就选中。" + ("带锁的不能在本机办理。" if self._any_locked() else "")

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
        self._permit = PermitPanel(theme, "c15a.permit")
        self._permit.set_permit(self.data)
        sides = self.add_list("c15a.pager", theme.px(20))
        sides.aside.addWidget(self._permit)
        self.show_list()

    def row_heights(self, width: int) -> list[int]:
        return [KindCard.height_of(self.theme, row, width) for row in self.data.kinds]

    def most_rows(self) -> int:
        return 3 if self.theme.large else 5

    def room_beside(self, width: int) -> int:
        return self._permit.heightForWidth(width) + self.theme.px("gap")

    def wanted_height(self) -> int:
        return self.theme.pick(168, 196)

    def make_row(self, i: int, width: int) -> KindCard:
        row = self.data.kinds[i]
        card = KindCard(self.theme, row, width)
        card.tapped.connect(lambda kind=row.id: self.answer(kind))
        return card

    def refresh(self, screen: ChooseEndorsementKind, before: ChooseEndorsementKind) -> None:
        if screen == before:
            return
        self._permit.set_permit(screen)
        self.repack()
        self.rearranged.emit()

    def keep(self) -> object:
        return self._anchor

    def restore(self, kept: int) -> None:
        self.turn_back_to(kept)

    def clear(self) -> None:
        self._permit.clear()
        super().clear()
