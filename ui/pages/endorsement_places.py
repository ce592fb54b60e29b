"""C15b: Hong Kong, Macao, or both."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.endorsement import ChooseDestinations, PlaceRow
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading, tab_order
from ui.widgets.bars import Action
from ui.widgets.choice_cards import PlaceCard
from ui.widgets.sums import NOTHING, SumBlock

NOTHING_CHOSEN = "请至少选 1 个地方。点卡片就能选中。"
ALL_LOCKED = "这两个地方都不能在本机办理，请到人工窗口。"


class DestinationsPage(PageWidget[ChooseDestinations]):
    """Two large cards to tick. Next can be pressed at all times and says what is missing."""

    def title(self) -> str:
        return "请选择要去的地方"

    def hint(self) -> str:
        if sum(not row.locked for row in self.data.places) > 1:
            return f"{self.data.kind}签注。可以选一个，也可以都选。"
        locked = any(row.locked for row in self.data.places)
        return f"{self.data.kind}签注。" + ("带锁的不能在本机办理。" if locked else "点一下卡片就选中。")

    def next_action(self) -> Action:
        return Action("下一步：选次数", "primary", "arrow-right", icon_after=True, waiting=not self._picked())

    def help_lines(self) -> tuple[str, ...]:
        return (
            "点一下卡片就选中，再点一下取消。",
            "香港和澳门的签注分开收费，可以一起办。",
            "带锁的地方不能在本机办理，卡片上写着原因。",
        )

    def build(self) -> None:
        theme = self.theme
        self._chosen = set(self.data.chosen)
        self._cards: list[PlaceCard] = []
        self._width = 0
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px("gap"))
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._sum = SumBlock(theme, "c15b.sum")
        self.body.addWidget(self._sum)
        self._show_cards()

    def _show_cards(self) -> None:
        self._drop_cards()
        self._width = room_under_heading(self)[0]
        for row in self.data.places:
            card = PlaceCard(self.theme, row, row.id in self._chosen, self._width)
            card.ticked.connect(lambda on, place=row.id: self._tick(place, on))
            self._list.addWidget(card)
            card.reveal(True)
            self._cards.append(card)
        tab_order(self._cards)
        self._say_sum()
        self.update()

    def _drop_cards(self) -> None:
        for card in self._cards:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._cards = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if room_under_heading(self)[0] != self._width:
            self._show_cards()

    def _picked(self) -> tuple[PlaceRow, ...]:
        return tuple(row for row in self.data.places if row.id in self._chosen and not row.locked)

    def _say_sum(self) -> None:
        names = "、".join(row.title for row in self._picked())
        self._sum.set_sum(f"已选：{names}" if names else NOTHING, None)

    def _tick(self, place: str, on: bool) -> None:
        self._chosen = (self._chosen | {place}) if on else (self._chosen - {place})
        self._say_sum()
        self.chrome_changed.emit()

    def on_next(self) -> None:
        picked = self._picked()
        if picked:
            self.answer(tuple(row.id for row in picked))
        else:
            self._sum.set_alarm(ALL_LOCKED if all(row.locked for row in self.data.places) else NOTHING_CHOSEN)

    def refresh(self, screen: ChooseDestinations, before: ChooseDestinations) -> None:
        if screen == before:
            return
        self._chosen = set(screen.chosen)
        self._show_cards()
        self.rearranged.emit()

    def keep(self) -> object:
        return tuple(self._chosen)

    def restore(self, kept: tuple[str, ...]) -> None:
        self._chosen = set(kept)
        self._show_cards()
        self.chrome_changed.emit()

    def clear(self) -> None:
        self._drop_cards()
        self._chosen = set()
        self._sum.set_sum(NOTHING, None)
        super().clear()
