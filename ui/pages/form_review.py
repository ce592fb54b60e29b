"""C20: all answers of the application form, where each comes from, what is missing; every one can be changed from here."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.form import AnswerRow, ReviewForm
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading, tab_order
from ui.widgets.bars import Action
from ui.widgets.cards import Panel
from ui.widgets.form_answer_row import (
    FormAnswerRow,
    FormPhotoRow,
    RowShapes,
    SectionHead,
    is_plain,
    least_height,
    row_shapes,
)
from ui.widgets.rows import Pager
from ui.widgets.text import Banner

PHOTO = "photo"
PHOTO_WORDS = ("照片", "相片")
_NAMED = 4
"""Missing things named in the summary; more than that nobody reads."""


class _Spot(NamedTuple):
    """One row of the page: of which section, which row. The photo is row 0 of the section after the last."""

    section: int
    row: int


class ReviewFormPage(PageWidget[ReviewForm]):
    """Sections as cards, on several pages where one is too short: then the button goes on only after all were seen, for going on
    confirms what the machine worked out. Opened at the first problem."""

    def title(self) -> str:
        return "请核对您的信息"

    def hint(self) -> str:
        papers = self.data.papers
        return f"确认后用于{f' {papers} 张' if papers > 1 else ''}申请表，打印前都可以修改。"

    def voice(self) -> str:
        return "。".join((self.title(), self._summary() or self.hint().rstrip("。")))

    def help_lines(self) -> tuple[str, ...]:
        return (
            "“读卡”是从身份证芯片里读出来的，不能在这里改。",
            "“请核对”是机器推算的，请您看清楚，不对就点“修改”。",
            "红色的“未填写”是必须填的，点“去填写”就能补上。",
        )

    def next_action(self) -> Action:
        if self.data.missing:
            return Action(f"去填写缺少的 {len(self.data.missing)} 项", "primary", "arrow-right", icon_after=True)
        if self._unseen():
            return Action("继续核对", "primary", "arrow-right", icon_after=True, spoken="继续核对下一页")
        return Action("信息无误，预览申请表", "primary", "arrow-right", icon_after=True)

    def _summary(self) -> str:
        missing = self.data.missing
        if not missing:
            return ""
        named = "、".join(missing[:_NAMED]) + ("等" if len(missing) > _NAMED else "")
        return f"还有 {len(missing)} 项没有填写：{named}"

    # -- building --------------------------------------------------------------------------------------------------------

    def build(self) -> None:
        theme = self.theme
        self.body.setSpacing(theme.pick(20, 16))
        self._panels: list[Panel] = []
        self._rows: list[FormAnswerRow | FormPhotoRow] = []
        self._pages: list[list[_Spot]] = [[]]
        self._seen: set[int] = set()
        self._page = 0
        self._room = (0, 0)
        self._shapes: dict[_Spot, RowShapes] = {}
        self._banner = Banner(theme, "c20.missing", "bad", self._summary())
        self._banner.reveal(bool(self.data.missing))
        self.body.addWidget(self._banner)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.pick(20, 16))
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._pager = Pager(theme, "c20.pager", 1)
        self._pager.turned.connect(self._turn)
        self.body.addWidget(self._pager)
        self._pack()
        self._open(self._first_problem())

    def _photo_wanted(self) -> bool:
        return any(word in label for label in self.data.missing for word in PHOTO_WORDS)

    def _wanted(self, row: AnswerRow) -> bool:
        return not row.value and (bool(row.trouble) or row.label in self.data.missing)

    def _orders(self) -> list[list[_Spot]]:
        """In which the rows may stand, the usual one first: the photo last, before everything, or behind any of the cards."""
        sections = self.data.sections
        cards = [[_Spot(s, r) for r in range(len(section.rows))] for s, section in enumerate(sections)]
        photo = [_Spot(len(sections), 0)]
        if self.data.photo is None and not self.data.photo_text and not self._photo_wanted():
            return [[spot for card in cards for spot in card]]
        places = [len(cards), *range(len(cards))]
        return [[spot for card in (*cards[:at], photo, *cards[at:]) for spot in card] for at in places]

    def _first_problem(self) -> int:
        """The page with the first row that misses an answer, else that has something wrong; else the first."""
        sections = self.data.sections
        for bad in (self._wanted, lambda row: bool(row.trouble)):
            for i, spots in enumerate(self._pages):
                if any(s < len(sections) and bad(sections[s].rows[r]) for s, r in spots):
                    return i
        if not self._photo_wanted():
            return 0
        return next(i for i, spots in enumerate(self._pages) if _Spot(len(sections), 0) in spots)

    def _widget(self, spot: _Spot, *, last: bool) -> FormAnswerRow | FormPhotoRow:
        screen, theme = self.data, self.theme
        if spot.section == len(screen.sections):
            photo = FormPhotoRow(theme, "c20.photo", screen.photo, screen.photo_text, wanted=self._photo_wanted())
            photo.acted.connect(lambda: self.answer(PHOTO))
            return photo
        row = screen.sections[spot.section].rows[spot.row]
        name = f"c20.row.{spot.section}.{spot.row}"
        shapes = self._shapes.get(spot) or row_shapes(theme, row, self._inner())
        self._shapes[spot] = shapes
        made = FormAnswerRow(theme, name, row, wanted=self._wanted(row), divider=not last, shapes=shapes)
        made.acted.connect(lambda: self.answer(row.question))
        return made

    # -- pages -----------------------------------------------------------------------------------------------------------

    def _inset(self) -> int:
        return 8

    def _inner(self) -> int:
        """How wide a row is."""
        return self._room[0] - 2 * self.theme.px(self._inset())

    def _height(self, spot: _Spot) -> int:
        """Of a row, before it is made. What is broken for it is kept for the row."""
        screen, theme, width = self.data, self.theme, self._inner()
        if spot.section == len(screen.sections):
            return FormPhotoRow.height_of(theme, screen.photo, screen.photo_text, width)
        row = screen.sections[spot.section].rows[spot.row]
        if is_plain(theme, row, width):
            return least_height(theme)
        self._shapes[spot] = row_shapes(theme, row, width)
        return self._shapes[spot].height(theme)

    def _pack(self) -> None:
        """Rows onto pages; a card that goes on overleaf has its title there again."""
        theme = self.theme
        width, height = self._room = room_under_heading(self)
        self._shapes.clear()
        gap = self._list.spacing()
        if self.data.missing:
            height -= self._banner.heightForWidth(width) + self.body.spacing()
        height -= self.body.spacing()
        orders = self._orders()
        tall = {spot: self._height(spot) for spot in orders[0]}
        self._pages = self._split(orders[0], tall, height, gap)
        if len(self._pages) > 1:
            height -= theme.px("pager_h") + gap
            self._pages = self._split(orders[0], tall, height, gap)
            if len(self._pages[-1]) == 1:  # hardly the photo alone on a page
                ways = [self._split(order, tall, height, gap) for order in orders]
                self._pages = min(ways, key=lambda pages: (len(pages), len(pages[-1]) == 1))

    def _split(self, order: list[_Spot], tall: dict[_Spot, int], room: int, gap: int) -> list[list[_Spot]]:
        theme = self.theme
        frame = 2 * theme.px(self._inset())
        head = SectionHead.height_of(theme)
        pages: list[list[_Spot]] = [[]]
        used = 0
        for spot in order:
            page, height = pages[-1], tall[spot]
            titled = spot.section < len(self.data.sections)
            begin = frame + (head if titled else 0) + (gap if page else 0)
            taken = height + (0 if page and page[-1].section == spot.section else begin)
            if page and used + taken > room:
                pages.append([])
                used, taken = 0, height + frame + (head if titled else 0)
            pages[-1].append(spot)
            used += taken
        return pages

    def _turn(self, page: int) -> None:
        self._open(page)
        self.chrome_changed.emit()
        self.rearranged.emit()

    def _open(self, page: int) -> None:
        self._drop()
        self._pager.set_pages(len(self._pages), page)
        self._page = self._pager.page
        self._seen.add(self._page)
        controls: list[QWidget] = []
        spots = self._pages[self._page]
        for i, spot in enumerate(spots):
            if i == 0 or spots[i - 1].section != spot.section:
                panel = self._panel(spot)
            row = self._widget(spot, last=i + 1 == len(spots) or spots[i + 1].section != spot.section)
            panel.column.addWidget(row)
            self._rows.append(row)
            if row.act is not None:
                controls.append(row.act)
        if self.isVisible():
            for panel in self._panels:
                panel.show()
        tab_order([*controls, self._pager.previous, self._pager.following])
        self.update()

    def _panel(self, spot: _Spot) -> Panel:
        titled = spot.section < len(self.data.sections)
        title = self.data.sections[spot.section].title if titled else "照片"
        panel = Panel(self.theme, f"c20.section.{spot.section}", title, padding=self._inset())
        if titled:
            shown = f"{title}（续）" if spot.row else title
            panel.column.addWidget(SectionHead(self.theme, f"c20.section.{spot.section}.head", shown))
        self._list.addWidget(panel)
        self._panels.append(panel)
        return panel

    def _drop(self) -> None:
        for row in self._rows:
            row.clear()
        for panel in self._panels:
            panel.hide()
            panel.setParent(None)
            panel.deleteLater()
        self._panels, self._rows = [], []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.data is not None and room_under_heading(self) != self._room:
            before, width = self._pages, self._room[0]
            self._pack()
            if self._pages != before:
                self._seen.clear()
                self._open(self._first_problem())
                self.chrome_changed.emit()
            elif self._room[0] != width:
                self._open(self._page)  # rows keep the height they were measured for

    def _unseen(self) -> list[int]:
        return [page for page in range(len(self._pages)) if page not in self._seen]

    # -- answering -------------------------------------------------------------------------------------------------------

    def on_next(self) -> None:
        unseen = self._unseen()
        if unseen and not self.data.missing:
            self._turn(next((page for page in unseen if page > self._page), unseen[0]))
        else:
            self.answer("next")

    def refresh(self, screen: ReviewForm, before: ReviewForm) -> None:
        if screen == before:
            return
        self._banner.set_message("bad", self._summary())
        self._banner.reveal(bool(screen.missing))
        self._pack()
        self._seen &= set(range(len(self._pages)))
        self._open(min(self._page, len(self._pages) - 1))
        self.rearranged.emit()

    def keep(self) -> object:
        """The row on top of what is looked at, and whether all was seen: another size of type has other pages."""
        top = self._pages[self._page][0] if self._pages[self._page] else None
        return top, not self._unseen()

    def restore(self, kept: tuple[_Spot | None, bool]) -> None:
        top, all_seen = kept
        self._open(next((i for i, spots in enumerate(self._pages) if top in spots), 0))
        if all_seen:
            self._seen = set(range(len(self._pages)))

    def clear(self) -> None:
        self._drop()
        self._shapes.clear()
        super().clear()
