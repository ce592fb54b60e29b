"""C19 of the name: where surname and given name divide. The border is moved by a tap, or one of the usual ways is chosen."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.screens.form import SplitName
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading
from ui.widgets.bars import Action
from ui.widgets.name_border import NameBorder, boxes_before, boxes_of, words_of
from ui.widgets.split_card import SplitCard
from ui.widgets.text import Banner

UNSURE = "机器分不清这个名字的姓，请您看一看。"
MOST_CARDS = 3
_HINTS = {
    "none": "名字只有一段，不用分。",
    "between": "点两个字的中间，或者点下面的分法。",
    "dots": "点两段的中间，或者点下面的分法。",
    "on": "点姓的最后一个字，或者点下面的分法。",
}


class SplitNamePage(PageWidget[SplitName]):
    """Answers the number of the name's characters that are the surname; all of them where it does not divide."""

    def title(self) -> str:
        return "请看姓和名分得对不对"

    def hint(self) -> str:
        return _HINTS[self._border.slots] if hasattr(self, "_border") else _HINTS["between"]

    def help_lines(self) -> tuple[str, ...]:
        return (
            "左边有粗框的是姓，右边的是名。",
            "分得不对，点两个字的中间，分界线就移过去。",
            "只有名没有姓的，选“不分姓和名”。",
        )

    def next_action(self) -> Action:
        return Action("这样分，对", "primary", "check", spoken="这样分，对，下一步")

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._boxes = boxes_of(screen.name)
        self._banner = Banner(theme, "split.unsure", "warn", UNSURE)
        self._banner.reveal(not screen.certain and len(self._boxes) > 1)
        self._border = NameBorder(theme, "split.name", self._boxes)
        self._border.moved.connect(self._move)
        self._cards: dict[int, SplitCard] = {}
        self.body.addWidget(self._border)
        self.body.addWidget(self._banner)
        self._count = self._first = boxes_before(self._boxes, screen.surname_length)
        for count in self._ways():
            surname, given = words_of(self._boxes[:count]), words_of(self._boxes[count:])
            card = SplitCard(theme, f"split.way.{count}", surname, given, theme.px(984))
            card.tapped.connect(lambda count=count: self._move(count))
            self._cards[count] = card
            self.body.addWidget(card)
        self.body.addStretch(1)
        if self.heading is not None:
            self.heading.set_texts(self.title(), self.hint())
        self._move(self._count)

    def _ways(self) -> list[int]:
        """What is proposed, what is usual, and not to divide; the rest is done in the name itself."""
        whole = len(self._boxes)
        if whole == 0:
            return []
        usual = [self._count, *self._border.borders[:2]]
        kept = list(dict.fromkeys(count for count in usual if count != whole))[: MOST_CARDS - 1]
        return [*sorted(kept), whole]

    def _move(self, count: int) -> None:
        self._count = count
        self._border.set_count(count)
        for way, card in self._cards.items():
            card.set_chosen(way == count)

    def on_next(self) -> None:
        self.answer(self._boxes[self._count - 1].end if self._count else 0)

    def refresh(self, screen: SplitName, before: SplitName) -> None:
        self._banner.reveal(not screen.certain and len(self._boxes) > 1)
        if screen.name != before.name:
            raise ValueError("a page shows one name")
        if screen.surname_length != before.surname_length:
            self._move(boxes_before(self._boxes, screen.surname_length))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A very long name leaves no room for all cards: the name itself can be tapped, so the less likely ones go."""
        if self.width() < self.theme.px(700):
            return
        width, room = room_under_heading(self)
        room -= self._border.heightForWidth(width)
        if not self._banner.isHidden():
            room -= self._banner.heightForWidth(width) + self.body.spacing()
        whole = len(self._boxes)
        for count in sorted(self._cards, key=lambda count: (count != self._first, count != whole, count)):
            needs = self._cards[count].height() + self.body.spacing()
            self._cards[count].setVisible(needs <= room)
            room -= needs if needs <= room else 0

    def keep(self) -> object:
        return self._count

    def restore(self, kept: int) -> None:
        self._move(kept)

    def clear(self) -> None:
        self._border.clear()
        for card in self._cards.values():
            self.body.removeWidget(card)
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._cards, self._boxes, self._count = {}, (), 0
        super().clear()
