"""T08: the end of a day: sums of the three sides, what does not fit, what is to be done, money that is due back; and in its place, when
asked for, late payment of the last days."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from kiosk.screens.day_end import DayEndView
from kiosk.screens.diagnostics import Section, Verb
from ui.pages.diag_late import LateList, verdict
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_money import RefundList, WorkList
from ui.widgets.diag_rows import FactList
from ui.widgets.diag_verdict import VerdictBand

SLIP = "day_end"
LATE, BACK = "加处罚款", "返回对账"


class DayEndPage(DiagPage[DayEndView]):
    section = Section.DAY_END
    words = "日终对账"
    _late_open = False
    """Late payment is looked at."""

    def make(self) -> None:
        theme = self.theme
        self._older = TechButton(theme, "diag.day.older", "", icon="chevron-left", spoken="前一天", parent=self)
        self._newer = TechButton(theme, "diag.day.newer", "", icon="chevron-right", spoken="后一天", parent=self)
        self._match = TechButton(theme, "diag.day.match", "重新对账", icon="refresh", parent=self)
        self._print = TechButton(theme, "diag.day.print", "打印结账单", "primary", "printer", parent=self)
        self._older.tapped.connect(lambda: self.order(Verb.PAGE, "", "older"))
        self._newer.tapped.connect(lambda: self.order(Verb.PAGE, "", "newer"))
        self._match.tapped.connect(self._again)
        self._print.tapped.connect(lambda: self.order(Verb.PRINT, SLIP, self.data.day))
        self._verdict = VerdictBand(theme, "diag.day.verdict", self)
        self._sums = FactList(theme, "diag.day.sums", "三方合计", "没有数据", self)
        self._counts = FactList(theme, "diag.day.counts", "不一致的分类", "没有", self)
        self._work = WorkList(theme, "diag.day.work", "待办清单", "没有要办的事", self)
        self._refunds = RefundList(theme, "diag.day.refunds", "退款", "没有要退的款", self)
        self._late = LateList(theme, "diag.day.late", "", "没有", self)
        self._turn = TechButton(theme, "diag.day.turn", LATE, icon="scales", parent=self)
        self._turn.floats = True
        self._turn.tapped.connect(self._turn_over)
        for part in (*self._day_parts(), self._late):
            part.turned.connect(self.rearranged)
        self._fill(self.data)

    def head_buttons(self) -> Sequence[TechButton]:
        return (self._older, self._newer, self._match, self._print)

    def _day_parts(self) -> tuple[FactList | WorkList | RefundList, ...]:
        return self._sums, self._counts, self._work, self._refunds

    def _turn_over(self) -> None:
        self._late_open = not self._late_open
        self._fill(self.data)
        self.relay()
        self.rearranged.emit()

    def _again(self) -> None:
        if self.data.can_match:
            self.tell(self.data.can_match)
        else:
            self.order(Verb.MATCH, "", self.data.day)

    def _fill(self, screen: DayEndView) -> None:
        self._older.setEnabled(screen.older)
        self._newer.setEnabled(screen.newer)
        late = screen.late if self._late_open else None
        self._late_open = late is not None
        if late is not None:
            self._verdict.show_state(*verdict(late))
            self._late.set_title(f"{LATE}：近 {late.days} 天凭决定书缴的")
            self._late.show_rows(late.rows)
        else:
            self._verdict.show_state(screen.tone, f"{screen.day}　{screen.verdict}", screen.text, screen.told)
        for button in self.head_buttons():
            button.setVisible(late is None)
        for part in self._day_parts():
            part.setVisible(late is None)
        self._late.setVisible(late is not None)
        self._turn.setVisible(screen.late is not None)
        differing = screen.late.differing if screen.late is not None else 0
        if self._late_open:
            self._turn.set_caption(BACK, "chevron-left")
        elif differing:
            self._turn.set_caption(f"{LATE}（{differing}）", "scales", spoken=f"{LATE}，{differing} 笔与本机推算不同")
        else:
            self._turn.set_caption(LATE, "scales")
        self._sums.show_rows(screen.sums)
        self._counts.show_rows(screen.counts)
        self._work.set_title(f"待办清单（{len(screen.work)}）" if screen.work else "待办清单")
        self._work.show_rows(screen.work)
        self._refunds.show_rows(screen.refunds)

    def show_data(self, screen: DayEndView, before: DayEndView) -> None:
        self._fill(screen)
        if _stands(screen) != _stands(before):
            self.relay()

    def arrange(self, area: QRect, wide: bool) -> None:
        t = self.theme
        gap = t.px("tech_gap")
        x, y, width = area.x(), area.y(), area.width()
        y += self._lay_verdict(x, y, width) + gap
        left = area.bottom() + 1 - y
        self._late.setGeometry(x, y, width, left)
        if wide:
            column, upper = round(width * 0.36), round(left * 0.62)
            self._sums.setGeometry(x, y, column, upper)
            self._counts.setGeometry(x, y + upper + gap, column, left - upper - gap)
            x, width = x + column + gap, width - column - gap
            self._work.setGeometry(x, y, width, upper)
            self._refunds.setGeometry(x, y + upper + gap, width, left - upper - gap)
            return
        half, upper = (width - gap) // 2, round(left * 0.41)
        self._sums.setGeometry(x, y, half, upper)
        self._counts.setGeometry(x + half + gap, y, half, upper)
        y += upper + gap
        lower = round((left - upper - 2 * gap) * 0.62)
        self._work.setGeometry(x, y, width, lower)
        y += lower + gap
        self._refunds.setGeometry(x, y, width, area.bottom() + 1 - y)

    def _lay_verdict(self, x: int, y: int, width: int) -> int:
        """The band with the button at its right end. Returns its height."""
        t, turn = self.theme, self._turn
        size = turn.sizeHint()
        room = 0 if turn.isHidden() else size.width() + t.px(24)
        self._verdict.room_right = room
        self._verdict.update()
        height = max(self._verdict.height_for(width), size.height() + t.px(32) if room else 0)
        self._verdict.setGeometry(x, y, width, height)
        turn.setGeometry(x + width - room, y + (height - size.height()) // 2, size.width(), size.height())
        turn.raise_()
        return height

    def clear(self) -> None:
        for part in (*self._day_parts(), self._late):
            part.forget()
        super().clear()


def _stands(screen: DayEndView) -> tuple[object, ...]:
    """What the room of the band depends on."""
    return screen.tone, screen.verdict, screen.text, screen.told, screen.late
