"""C06: tick what to handle. What cannot be handled here keeps its place, with the reason."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.violation import ChooseViolations, Chosen, Toggled, ViewEvidence, ViolationRow
from ui.pages.base import PageWidget
from ui.pages.finish import Seal
from ui.pages.paging import pack, page_of, room_under_heading, tab_order
from ui.paint.shapes import fill_round
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Painted
from ui.widgets.check_card import CheckCard, short_yuan
from ui.widgets.rows import Pager
from ui.widgets.text import TextBlock

NOTHING_CHOSEN = "请至少选 1 条。点卡片就能选中。"
ALL_LOCKED = "这些违法都不能在本机处理，请到人工窗口。"


class TotalBlock(Painted):
    """How many, how many points, how much; or, in its place, what is missing."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "")
        self._text, self._fen, self._alarm = "", 0, ""
        self.setFixedHeight(theme.pick(144, 150))

    def set_total(self, count: int, points: int, fen: int) -> None:
        text = f"已选 {count} 条，{f'共记 {points} 分' if points else '不记分'}" if count else "还没有选"
        if (text, fen, "") == (self._text, self._fen, self._alarm):
            return
        self._text, self._fen, self._alarm = text, fen, ""
        self.setAccessibleName(f"{text}，{short_yuan(fen)}")
        self.update()

    def set_alarm(self, text: str) -> None:
        self._alarm = text
        self.setAccessibleName(text)
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        if self._alarm:
            fill_round(p, rect, radius, t.color("bad_tint"), t.color("bad"), t.px("stroke.outline"))
            self.stamp(p, t.icon("octagon-x", "icon_m", "bad_text"), t.px(40) + t.px("icon_m") / 2, rect.center().y())
            left = t.px(40) + t.px("icon_m") + t.px(24)
            shape = self.shape(self._alarm, "h3", rect.width() - left - t.px(32))
            box = QRectF(left, (rect.height() - shape.height) / 2, shape.width, shape.height)
            self.write(p, shape, self._alarm, box, "h3", "bad_text")
            return
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, rect, radius, t.color("tint"), edge, t.px("stroke.outline"))
        inner = rect.adjusted(t.px(40), 0, -t.px(40), 0)
        amount = self.line_text(p, inner, short_yuan(self._fen), ("display", "h1"), "amount", "right")
        left_box = QRectF(inner.x(), 0, amount.left() - inner.x() - t.px(16), rect.height())
        self.line_text(p, left_box, self._text, ("h3", "label", "small"), "text", bold=True)


class ChooseViolationsPage(PageWidget[ChooseViolations]):
    """Three rows a page, two in large text; long ones fewer. Answers Toggled at every tick, ViewEvidence, and Chosen."""

    def title(self) -> str:
        return "请选择要处理的违法" if self.data.rows else "没有未处理的违法"

    def hint(self) -> str:
        count = len(self.data.rows)
        return f"{self.data.name}，共有 {count} 条未处理违法" if count else f"{self.data.name}，查询已经完成"

    def voice(self) -> str:
        return f"{self.title()}。共 {len(self.data.rows)} 条。"  # no name aloud

    def help_lines(self) -> tuple[str, ...]:
        return (
            "点一下卡片就选中，再点一下取消。",
            "点“查看证据照片”，可以看照片，也可以提出异议。",
            "带锁的记录要到人工窗口办理，卡片上写着原因。",
        )

    def next_action(self) -> Action | None:
        if not self.data.rows:
            return None
        caption = "核对并确认" if self.theme.large else "下一步：核对并确认"
        return Action(caption, "primary", "arrow-right", icon_after=True, waiting=not self._chosen)

    # -- building --------------------------------------------------------------------------------------------------------

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._chosen: set[str] = set(screen.chosen)
        """Ticked record ids."""
        self._cards: list[CheckCard] = []
        self._pages: list[range] = []
        self._room = (0, 0)
        self._anchor = 0
        self._pager: Pager | None = None
        if not screen.rows:
            self._build_empty()
            return
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px("gap"))
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._pager = Pager(theme, "c06.pager", 1)
        self._pager.turned.connect(self._turn)
        self.body.addWidget(self._pager)
        self._total = TotalBlock(theme, "c06.total")
        self.body.addWidget(self._total)
        self._pack()
        self._turn(min(screen.page, len(self._pages) - 1))
        self._sum()

    def _build_empty(self) -> None:
        theme = self.theme
        self.body.addStretch(2)
        self.body.addWidget(Seal(theme, "c06.empty.seal", "ok", 220))
        self.body.addSpacing(theme.px(24))
        self.body.addWidget(TextBlock(theme, "c06.empty.title", "不用处理，也不用缴款", "h2", align="center"))
        text = "如果刚刚才被拍到，记录可能还没有录入。"
        self.body.addWidget(TextBlock(theme, "c06.empty.text", text, "body", "muted", "center"))
        self.body.addStretch(3)

    def _pack(self) -> None:
        """Decide which rows share a page, from the room there is."""
        theme = self.theme
        width, height = self._room = room_under_heading(self)
        gap = theme.px("gap")
        room = height - self._total.height() - gap
        most = 2 if theme.large else 3
        heights = [CheckCard.height_of(theme, row, width, self._total) for row in self.data.rows]
        pages = pack(heights, room, gap, most)
        if len(pages) > 1:
            pages = pack(heights, room - theme.px("pager_h") - gap, gap, most)
        self._pages = pages
        self._heights = heights
        if len(pages) == 1 and heights:  # room to spare: the height of the drawing rather than the least
            more = (room - gap * (len(heights) - 1) - sum(heights)) // len(heights)
            self._heights = [height + max(0, min(more, theme.pick(290, 392) - height)) for height in heights]

    def _turn(self, page: int) -> None:
        self._anchor = self._pages[page].start
        self._show_page(page)

    def _show_page(self, page: int) -> None:
        if self._pager is None:
            return
        for card in self._cards:
            card.hide()
            card.clear()
            card.setParent(None)
            card.deleteLater()
        self._cards = []
        self._pager.set_pages(len(self._pages), page)
        for i in self._pages[self._pager.page]:
            row = self.data.rows[i]
            card = CheckCard(self.theme, row, row.record_id in self._chosen, self)
            card.setFixedHeight(self._heights[i])
            card.ticked.connect(lambda on, record_id=row.record_id: self._tick(record_id, on))
            card.evidence_asked.connect(lambda record_id=row.record_id: self._view(record_id))
            self._list.addWidget(card)
            card.show()
            self._cards.append(card)
        controls: list[QWidget] = [part for card in self._cards for part in (card.tick, card.link)]
        tab_order([*controls, self._pager.previous, self._pager.following])
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._pager is not None and room_under_heading(self) != self._room:
            before = self._pages, self._heights
            self._pack()
            if (self._pages, self._heights) != before:
                self._show_page(page_of(self._pages, self._anchor))

    # -- choosing --------------------------------------------------------------------------------------------------------

    def _picked(self) -> tuple[ViolationRow, ...]:
        return tuple(row for row in self.data.rows if row.record_id in self._chosen and not row.locked)

    def _ids(self) -> tuple[str, ...]:
        return tuple(row.record_id for row in self._picked())

    def _sum(self) -> None:
        picked = self._picked()
        self._total.set_total(len(picked), sum(row.points for row in picked), sum(row.fine_fen for row in picked))

    def _tick(self, record_id: str, on: bool) -> None:
        self._chosen = (self._chosen | {record_id}) if on else (self._chosen - {record_id})
        self._sum()
        self.chrome_changed.emit()
        self.answer(Toggled(self._ids()))

    def _view(self, record_id: str) -> None:
        page = self._pager.page if self._pager is not None else 0
        self.answer(ViewEvidence(record_id, self._ids(), page))

    def on_next(self) -> None:
        if not self.data.rows:
            return
        ids = self._ids()
        if ids:
            self.answer(Chosen(ids))
        else:
            self._total.set_alarm(ALL_LOCKED if all(row.locked for row in self.data.rows) else NOTHING_CHOSEN)

    def refresh(self, screen: ChooseViolations, before: ChooseViolations) -> None:
        """The journey's answer to a tick: the same records, other locks. The page of the list stays."""
        self._chosen = set(screen.chosen)
        if self._pager is None:
            return
        known = self._pages, self._heights
        self._pack()
        same = [row.record_id for row in screen.rows] == [row.record_id for row in before.rows]
        if same and (self._pages, self._heights) == known:
            for card, i in zip(self._cards, self._pages[self._pager.page], strict=True):
                card.set_row(screen.rows[i], screen.rows[i].record_id in self._chosen)
            self.update()
        else:
            self._show_page(page_of(self._pages, self._anchor))
        self._sum()

    # -- keeping and forgetting ------------------------------------------------------------------------------------------

    def keep(self) -> object:
        return (tuple(self._chosen), self._anchor)

    def restore(self, kept: tuple[tuple[str, ...], int]) -> None:
        self._chosen = set(kept[0])
        if self._pager is not None:
            self._anchor = kept[1]
            self._show_page(page_of(self._pages, self._anchor))
            self._sum()
            self.chrome_changed.emit()

    def clear(self) -> None:
        self._chosen = set()
        for card in self._cards:
            card.clear()
        super().clear()
