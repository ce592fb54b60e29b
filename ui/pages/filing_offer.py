"""Somebody else's vehicle: its owner can consent to the filing now, in one of two ways. A tap on a card answers."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.screens.vehicle import OfferFiling
from ui.pages.base import PageWidget
from ui.widgets.text import Banner
from ui.widgets.way_card import WayCard

_WAYS = (
    ("qr", "车主扫码同意", "车主在旁边，用“交管12123”扫屏幕上的码", "qr"),
    ("sms", "车主短信同意", "验证码发到车主手机，请车主告诉您", "phone"),
)


class OfferFilingPage(PageWidget[OfferFiling]):
    def title(self) -> str:
        return "这辆车要先备案"

    def hint(self) -> str:
        return f"{self.data.plate}不在您名下，要车主同意。"

    def voice(self) -> str:
        return "这辆车不在您名下，要车主同意后备案。请选择车主怎么同意。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "备案后，可以处理您自己驾驶这辆车的违法。",
            "备案以前发生的、要记分的违法，请到人工窗口处理。",
            "车主不同意，或者联系不上，请到人工窗口。",
        )

    def build(self) -> None:
        self._warning = Banner(self.theme, "filing.warning", "warn", self.data.warning)
        sides = self.side_by_side()
        sides.aside.addWidget(self._warning)
        self._cards: list[WayCard] = []
        for way, title, detail, icon in _WAYS:
            card = WayCard(self.theme, f"filing.way.{way}", title, detail, icon)
            card.tapped.connect(lambda way=way: self.answer(way))
            sides.main.addWidget(card)
            self._cards.append(card)
        sides.main.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for card in self._cards:
            card.set_low(self.wide)

    def refresh(self, screen: OfferFiling, before: OfferFiling) -> None:
        self._warning.set_message("warn", screen.warning)
