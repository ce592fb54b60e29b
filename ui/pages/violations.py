"""C06: tick what to handle. What cannot be handled here keeps its place, with the reason."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kiosk.screens.violation import ChooseViolations, Chosen, Toggled, ViewEvidence, ViolationRow
from ui.pages.finish import Seal
from ui.pages.list_page import ListPage
from ui.pages.paging import page_of
from ui.widgets.bars import Action
from ui.widgets.check_card import CheckCard, short_yuan
from ui.widgets.sums import NOTHING, SumBlock
from ui.widgets.text import TextBlock

NOTHING_CHOSEN = "请至少选 1 条。点卡片就能选中。"
ALL_LOCKED = "这些违法都不能在本机处理，请到人工窗口。"


class ChooseViolationsPage(ListPage[ChooseViolations, CheckCard]):
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
        if not screen.rows:
            self._build_empty()
            return
        sides = self.add_list("c06.pager", theme.px("gap"))
        self._total = SumBlock(theme, "c06.total", write=short_yuan, height=144)
        sides.foot.addWidget(self._total)
        self.show_list(screen.page)
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

    def row_heights(self, width: int) -> list[int]:
        return [CheckCard.height_of(self.theme, row, width, self._total) for row in self.data.rows]

    def most_rows(self) -> int:
        return 2 if self.theme.large else 3

    def room_beside(self, width: int) -> int:
        return self._total.height() + self.theme.px("gap")

    def wanted_height(self) -> int:
        """The height of the drawing rather than the least, where nothing has to be turned."""
        return self.theme.pick(290, 392) if len(self._pages) == 1 else 0

    def make_row(self, i: int, width: int) -> CheckCard:
        row = self.data.rows[i]
        card = CheckCard(self.theme, row, row.record_id in self._chosen, self)
        card.ticked.connect(lambda on, record_id=row.record_id: self._tick(record_id, on))
        card.evidence_asked.connect(lambda record_id=row.record_id: self._view(record_id))
        return card

    def controls_of(self, row: CheckCard) -> tuple[QWidget, ...]:
        return (row.tick, row.link)

    def forget_row(self, row: CheckCard) -> None:
        row.clear()

    # -- choosing --------------------------------------------------------------------------------------------------------

    def _picked(self) -> tuple[ViolationRow, ...]:
        return tuple(row for row in self.data.rows if row.record_id in self._chosen and not row.locked)

    def _ids(self) -> tuple[str, ...]:
        return tuple(row.record_id for row in self._picked())

    def _sum(self) -> None:
        picked = self._picked()
        points = sum(row.points for row in picked)
        chosen = f"已选 {len(picked)} 条，{f'共记 {points} 分' if points else '不记分'}"
        self._total.set_sum(chosen if picked else NOTHING, sum(row.fine_fen for row in picked))

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
            for card, i in zip(self._rows, self._pages[self._pager.page], strict=True):
                card.set_row(screen.rows[i], screen.rows[i].record_id in self._chosen)
            self.update()
        else:
            self._show_page(page_of(self._pages, self._anchor))
        self._sum()

    # -- keeping and forgetting ------------------------------------------------------------------------------------------

    def keep(self) -> object:
        return (tuple(self._chosen), self._anchor if self._pager is not None else 0)

    def restore(self, kept: tuple[tuple[str, ...], int]) -> None:
        self._chosen = set(kept[0])
        if self._pager is not None:
            self.turn_back_to(kept[1])
            self._sum()
            self.chrome_changed.emit()

    def clear(self) -> None:
        self._chosen = set()
        super().clear()
