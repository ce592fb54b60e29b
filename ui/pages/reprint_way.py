"""补打: with the identity card, or by the number of one decision. A tap on a card answers."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.screens.fine import ChooseReprintWay
from ui.pages.base import PageWidget
from ui.widgets.way_card import WayCard

_WAYS = (
    ("card", "刷身份证", "补打最近一次办理的全部凭证", "id-card"),
    ("number", "用决定书编号", "补打这份决定书的缴款凭证，不用身份证", "receipt"),
)


class ChooseReprintWayPage(PageWidget[ChooseReprintWay]):
    entered = False

    def title(self) -> str:
        return "请选择怎么补打"

    def hint(self) -> str:
        return "每次补打都会印上次数和时间。"

    def voice(self) -> str:
        return "请选择怎么补打。可以刷身份证，也可以用决定书编号。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "处罚决定书只能刷本人身份证补打。",
            "只要缴款凭证的，输入决定书编号就可以。",
            "都没有，请到人工窗口。",
        )

    def build(self) -> None:
        sides = self.side_by_side()
        self._cards: list[WayCard] = []
        for way, title, detail, icon in _WAYS:
            card = WayCard(self.theme, f"reprint.way.{way}", title, detail, icon)
            card.tapped.connect(lambda way=way: self.answer(way))
            sides.main.addWidget(card)
            self._cards.append(card)
        sides.main.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for card in self._cards:
            card.set_low(self.wide)
