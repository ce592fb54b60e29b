"""C08 of a decision made elsewhere: for what, how much, until when. Nothing is paid here yet."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from kiosk.screens.fine import ReviewFine
from ui.pages.base import PageWidget
from ui.pages.paging import room_under_heading
from ui.widgets.bars import Action
from ui.widgets.money import AmountBlock, yuan
from ui.widgets.notice_panel import NoticePanel
from ui.widgets.text import Banner


class ReviewFinePage(PageWidget[ReviewFine]):
    def title(self) -> str:
        return "请核对要缴的罚款"

    def hint(self) -> str:
        return f"决定书 {self.data.number}"

    def voice(self) -> str:
        return f"请核对要缴的罚款，一共 {yuan(self.data.total_fen)}。"  # no number and no name aloud

    def help_lines(self) -> tuple[str, ...]:
        return (
            "核对违法行为、时间和金额，和决定书上的一样就可以缴。",
            "姓名和车牌只显示一部分，是为了保护当事人的信息。",
            "不是您要缴的，点“上一步”重新输入编号。",
        )

    def next_action(self) -> Action:
        return Action("核对无误，去缴款", "primary", "arrow-right", icon_after=True)

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.setSpacing(theme.pick(24, 16))
        self._panel = NoticePanel(theme, "fine.rows", "", self._rows())
        sides = self.side_by_side()
        sides.main.addWidget(self._panel)
        self._note = Banner(theme, "fine.note", "warn", screen.note)
        self._note.reveal(bool(screen.note))
        sides.foot.addWidget(self._note)
        self._total = AmountBlock(theme, "fine.total", "一共要缴", screen.total_fen, note=self._until())
        sides.foot.addWidget(self._total)
        sides.main.addStretch(0)
        self._fit()

    def _fit(self) -> None:
        """The sum and the note keep their heights; rows that have no room are turned."""
        sides, gap = self.sides, self.body.spacing()
        if sides is None:
            return
        width, room = room_under_heading(self)
        if not sides.wide:
            room -= self._total.height() + gap
            room -= self._note.heightForWidth(width) + gap if self.data.note else 0
        self._panel.fit(width, room)
        self.lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.data is not None:
            self._fit()

    def _rows(self) -> list[tuple[str, str]]:
        """The two parts of the sum come last, nearest to it; a fine without surcharge is the sum."""
        screen = self.data
        rows = [("违法行为", screen.act), *((row.label, row.value) for row in screen.rows)]
        if screen.surcharge_fen:
            rows += [("罚款", yuan(screen.principal_fen)), ("加处罚款", yuan(screen.surcharge_fen))]
        return rows

    def _until(self) -> str:
        screen = self.data
        if not screen.pay_by:
            return ""
        return f"缴款期限 {screen.pay_by}" if screen.surcharge_fen else f"最晚 {screen.pay_by} 缴"

    def on_next(self) -> None:
        self.answer(None)

    def refresh(self, screen: ReviewFine, before: ReviewFine) -> None:
        if screen == before:
            return
        self._panel.set_rows("", self._rows())
        self._total.set_amount("一共要缴", screen.total_fen, self._until())
        self._note.set_message("warn", screen.note)
        self._note.reveal(bool(screen.note))
        self._fit()

    def keep(self) -> object:
        return self._panel.page

    def restore(self, kept: int) -> None:
        self._panel.turn_to(kept)
