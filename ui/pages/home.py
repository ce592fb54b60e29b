"""C01: which service?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from kiosk.screens.home import Home
from kiosk.screens.home import ServiceCard as ServiceCardData
from ui.pages.base import PageWidget
from ui.widgets.cards import HowTo, ServiceCard, TileCard
from ui.widgets.text import Banner

if TYPE_CHECKING:  # needed where there are more services than fit
    from ui.widgets.buttons import BigButton, ButtonKind
    from ui.widgets.rows import Pager

PER_PAGE = 3
"""Services at a time; more are turned like pages, never scrolled."""
FEW = 2
"""Up to so many choices there is room to show how it goes."""


class HomePage(PageWidget[Home]):
    show_steps = False
    show_actions = False
    entered = False
    between = True

    def title(self) -> str:
        return "请选择要办理的业务"

    def hint(self) -> str:
        return "请先准备好本人身份证。办理中可随时退出。"

    def voice(self) -> str:
        return "欢迎使用公安自助服务。请选择业务。"

    def build(self) -> None:
        self._cards: list[ServiceCard] = []
        self._tiles: list[TileCard] = []
        self._pager: Pager | None = None
        self._banner: Banner | None = None
        self._more: BigButton | None = None
        self._how: HowTo | None = None
        self._first = 0
        self._showing_more = False
        self._fill()

    def _fill(self) -> None:
        if self._showing_more:
            self._fill_more()
        else:
            self._fill_services()
        if self.data.notice is not None:
            self.body.addSpacing(self.theme.px(8))
            self._banner = Banner(self.theme, "c01.notice", self.data.notice.tone, self.data.notice.text)
            self.body.addWidget(self._banner)
        if not self._showing_more and len(self.data.services) + len(self.data.tiles) <= FEW:
            self.body.addStretch(1)
            self._how = HowTo(self.theme, "c01.how")
            self.body.addWidget(self._how)
        self.body.addStretch(1)

    def _tile(self, tile: ServiceCardData, *, wide: bool = False) -> TileCard:
        name = f"c01.tile.{tile.id}"
        small = TileCard(self.theme, name, tile.title, tile.icon, tile.unavailable, parent=self, wide=wide)
        small.tapped.connect(lambda chosen=tile.id: self.answer(chosen))
        self._tiles.append(small)
        return small

    def _more_button(self, caption: str, kind: ButtonKind) -> None:
        """Large text: at most three choices at a time, so the small tiles wait behind one button."""
        from ui.widgets.buttons import BigButton

        self._more = BigButton(self.theme, "c01.more", caption, kind, parent=self)
        self._more.tapped.connect(self._toggle_more)
        self.body.addWidget(self._more)

    def _fill_more(self) -> None:
        for tile in self.data.tiles:
            self.body.addWidget(self._tile(tile, wide=True))
        self._more_button("返回业务选择", "secondary")

    def _toggle_more(self) -> None:
        self._showing_more = not self._showing_more
        self._refill()
        self.rearranged.emit()

    def _fill_services(self) -> None:
        screen, theme = self.data, self.theme
        pages = -(-len(screen.services) // PER_PAGE)
        self._first = min(self._first, max(0, pages - 1) * PER_PAGE)
        for service in screen.services[self._first : self._first + PER_PAGE]:
            card = ServiceCard(
                theme,
                f"c01.card.{service.id}",
                service.title,
                service.summary,
                service.minutes,
                service.needs,
                service.icon,
                service.unavailable,
                hero=len(screen.services) == 1,
            )
            card.tapped.connect(lambda chosen=service.id: self.answer(chosen))
            self.body.addWidget(card)
            self._cards.append(card)
        if pages > 1:
            from ui.widgets.rows import Pager

            self._pager = Pager(theme, "c01.pager", pages, self._first // PER_PAGE)
            self._pager.turned.connect(self._turn)
            self.body.addWidget(self._pager)
        if screen.tiles and theme.large and len(screen.services) + len(screen.tiles) > PER_PAGE:
            self._more_button("更多服务", "secondary")
        elif len(screen.tiles) == 1 or (screen.tiles and theme.large):
            for tile in screen.tiles:
                self.body.addWidget(self._tile(tile, wide=True))
        elif screen.tiles:
            row = QHBoxLayout()
            row.setSpacing(theme.px("gap"))
            for tile in screen.tiles:
                row.addWidget(self._tile(tile), 1)
            self.body.addLayout(row)

    def _turn(self, page: int) -> None:
        self._first = page * PER_PAGE
        self._refill()
        self.rearranged.emit()

    def refresh(self, screen: Home, before: Home) -> None:
        if screen != before:
            self._refill()

    def _refill(self) -> None:
        start = 2 if self.heading is not None else 0  # heading and the space after it stay
        while self.body.count() > start:
            item = self.body.takeAt(start)
            layout = item.layout() if item is not None else None
            while layout is not None and layout.count():
                layout.takeAt(0)
        for widget in (*self._cards, *self._tiles, self._pager, self._banner, self._more, self._how):
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._cards, self._tiles = [], []
        self._pager, self._banner, self._more, self._how = None, None, None, None
        self._fill()
        self.update()

    def keep(self) -> object:
        return self._first

    def restore(self, kept: int) -> None:
        if kept != self._first:
            self._first = kept
            self._refill()
