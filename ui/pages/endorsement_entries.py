"""C15c: how often and for how long, for each destination, with the price on every card and the sum below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.endorsement import ChooseEntries, EntryOption
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading, tab_order
from ui.widgets.bars import Action
from ui.widgets.choice_cards import OptionCard
from ui.widgets.group_head import GroupHead
from ui.widgets.rows import Pager
from ui.widgets.sums import NOTHING, SumBlock


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the list: (group, its options' range) in order."""

    parts: tuple[tuple[int, range], ...]


class EntriesPage(PageWidget[ChooseEntries]):
    """Everything on one page where it fits; else each destination begins a page, its options spread evenly. Next leads to the first
    destination that lacks a choice, and answers when none does."""

    def title(self) -> str:
        return "请选择次数和有效期"

    def hint(self) -> str:
        return f"{self.data.kind}签注，价格写在每一项的右边。"

    def voice(self) -> str:
        places = "和".join(group.place for group in self.data.groups)
        return f"请选择{places}签注的次数和有效期。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "一次、二次，是在有效期里可以去几趟。",
            "每个地方选一项，选好的写在地方名右边。",
            "带锁的不能在本机办理，卡片上写着原因。",
        )

    def next_action(self) -> Action:
        missing = self._missing()
        if missing is not None and not self._here(missing) and not self._unseen(missing):
            return Action(f"接着选{self.data.groups[missing].place}", "primary", "arrow-right", icon_after=True)
        return Action("下一步：填手机号", "primary", "arrow-right", icon_after=True, waiting=missing is not None)

    # -- building --------------------------------------------------------------------------------------------------------

    def build(self) -> None:
        theme = self.theme
        self._chosen = self._offered(self.data)
        self._cards: list[OptionCard] = []
        self._heads: dict[int, GroupHead] = {}
        self._sheets: list[Sheet] = []
        self._room = (0, 0)
        self._gap = theme.pick(12, 16)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._pager = Pager(theme, "c15c.pager", 1)
        self._pager.turned.connect(self._turn)
        self.body.addWidget(self._pager)
        self._total = SumBlock(theme, "c15c.total")
        self.body.addWidget(self._total)
        self._pack()
        self._show_page(self._sheet_of(self._start()))
        self._sum()

    @staticmethod
    def _offered(screen: ChooseEntries) -> list[str]:
        """What the screen says is chosen, unless it is locked by now."""
        picked = []
        for group in screen.groups:
            usable = {option.id for option in group.options if not option.locked}
            picked.append(group.chosen if group.chosen in usable else "")
        return picked

    def _pack(self) -> None:
        """Decide what is on which page, from the room there is."""
        theme = self.theme
        width, height = self._room = room_under_heading(self)
        room = height - self._total.height() - theme.px("gap")
        head = GroupHead.height_of(theme) + theme.px(8)
        groups = self.data.groups
        heights = [[OptionCard.height_of(theme, option, width) for option in group.options] for group in groups]
        needed = [head + sum(column) + self._gap * max(0, len(column) - 1) for column in heights]
        between = theme.px(20)
        count = sum(len(column) for column in heights)
        self._extra = 0
        if sum(needed) + between * (len(groups) - 1) <= room and (not theme.large or count <= 3):
            self._sheets = [Sheet(tuple((i, range(len(group.options))) for i, group in enumerate(groups)))]
            spare = room - sum(needed) - between * (len(groups) - 1)
            self._extra = max(0, min(theme.px(24), spare // max(1, count)))
            return
        room -= theme.px("pager_h") + theme.px("gap") + head
        self._sheets = []
        spare = room
        for i, column in enumerate(heights):
            for part in self._spread(column, room):
                self._sheets.append(Sheet(((i, part),)))
                used = sum(column[n] + self._gap for n in part) - self._gap
                spare = min(spare, (room - used) // max(1, len(part)))
        self._extra = max(0, min(theme.pick(24, 60), spare))

    def _spread(self, heights: list[int], room: int) -> list[range]:
        """As few pages as the options need, as evenly filled as they go; at most three choices a page in large text."""
        count = len(heights)
        most = 3 if self.theme.large else count
        for pages in range(1, count):
            parts = [range(count * i // pages, count * (i + 1) // pages) for i in range(pages)]
            fits = all(sum(heights[i] + self._gap for i in part) - self._gap <= room for part in parts)
            if fits and max(len(part) for part in parts) <= most:
                return parts
        return [range(i, i + 1) for i in range(count)] or [range(0)]

    def _turn(self, page: int) -> None:
        self._show_page(page)
        self.chrome_changed.emit()
        self.rearranged.emit()

    def _show_page(self, page: int) -> None:
        self._drop()
        self._pager.set_pages(len(self._sheets), page)
        theme, width = self.theme, self._room[0]
        made: list[tuple[QWidget, int]] = []
        for i, part in self._sheets[self._pager.page].parts:
            group = self.data.groups[i]
            head = self._heads[i] = GroupHead(theme, group, self._chosen[i])
            made.append((head, theme.px(20) if made else 0))
            for n in part:
                option = group.options[n]
                card = OptionCard(theme, group.place_id, group.place, option, option.id == self._chosen[i], width)
                card.setFixedHeight(card.height() + self._extra)
                card.tapped.connect(lambda i=i, option=option.id: self._choose(i, option))
                made.append((card, theme.px(8) if n == part.start else self._gap))
                self._cards.append(card)
        for widget, above in made:
            if above:
                self._list.addSpacing(above)
            self._list.addWidget(widget)
            if self.isVisible():
                widget.show()
        tab_order([*self._cards, self._pager.previous, self._pager.following])
        self.update()

    def _drop(self) -> None:
        for widget in (*self._cards, *self._heads.values()):
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        self._cards, self._heads = [], {}
        while self._list.count():
            self._list.takeAt(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if room_under_heading(self) != self._room:
            before = self._sheets, self._extra, self._room[0]
            first = self._first()
            self._pack()
            if (self._sheets, self._extra, self._room[0]) != before:
                self._show_page(self._sheet_of(first))

    # -- where things are ------------------------------------------------------------------------------------------------

    def _first(self) -> tuple[int, int]:
        """Group and option that the shown page begins with."""
        group, part = self._sheets[self._pager.page].parts[0]
        return group, part.start

    def _start(self) -> tuple[int, int]:
        """Where to begin: at the first destination without a choice, else at what is chosen for the first one."""
        missing = self._missing()
        if missing is not None or not self.data.groups:
            return missing or 0, 0
        ids = [option.id for option in self.data.groups[0].options]
        return 0, ids.index(self._chosen[0])

    def _sheet_of(self, first: tuple[int, int]) -> int:
        group, option = first
        for page, sheet in enumerate(self._sheets):
            if any(i == group and (option in part or not part) for i, part in sheet.parts):
                return page
        return 0

    def _here(self, group: int) -> bool:
        return any(i == group for i, _ in self._sheets[self._pager.page].parts)

    def _missing(self) -> int | None:
        return next((i for i, option in enumerate(self._chosen) if not option), None)

    def _unseen(self, group: int) -> bool:
        """All of the group is locked: turning to it helps nobody."""
        return all(option.locked for option in self.data.groups[group].options)

    # -- choosing --------------------------------------------------------------------------------------------------------

    def _picked(self) -> list[EntryOption]:
        chosen = zip(self.data.groups, self._chosen, strict=True)
        return [option for group, wanted in chosen for option in group.options if option.id == wanted]

    def _sum(self) -> None:
        picked = self._picked()
        left = len(self.data.groups) - len(picked)
        text = "合计" if not left else f"已选 {len(picked)} 个，还差 {left} 个" if picked else NOTHING
        self._total.set_sum(text, sum(option.fee_fen for option in picked))

    def _choose(self, group: int, option: str) -> None:
        """Tapping the chosen one again leaves it chosen, as with any choice of one."""
        self._chosen[group] = option
        place = self.data.groups[group].place_id
        for card in self._cards:
            if card.place_id == place:
                card.set_chosen(card.option.id == option)
        self._heads[group].set_chosen(option)
        self._sum()
        self.chrome_changed.emit()

    def on_next(self) -> None:
        missing = self._missing()
        if missing is None:
            self.answer(tuple(self._chosen))
            return
        place = self.data.groups[missing].place
        if self._unseen(missing):
            self._total.set_alarm(f"{place}没有可以选的，请返回上一步。")
        elif self._here(missing):
            self._total.set_alarm(f"{place}还没有选，请选一项。")
        else:
            self._turn(self._sheet_of((missing, 0)))

    def refresh(self, screen: ChooseEntries, before: ChooseEntries) -> None:
        if screen == before:
            return
        self._chosen = self._offered(screen)
        first = self._first()
        self._pack()
        self._show_page(self._sheet_of(first))
        self._sum()
        self.rearranged.emit()

    # -- keeping and forgetting ------------------------------------------------------------------------------------------

    def keep(self) -> object:
        return (tuple(self._chosen), self._first())

    def restore(self, kept: tuple[tuple[str, ...], tuple[int, int]]) -> None:
        self._chosen = list(kept[0])
        self._show_page(self._sheet_of(kept[1]))
        self._sum()
        self.chrome_changed.emit()

    def clear(self) -> None:
        self._drop()
        self._chosen = []
        self._total.set_sum(NOTHING, None)
        super().clear()
