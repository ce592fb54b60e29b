"""T08: the end of a day: sums of the three sides, what does not fit, what is to be done, money that is due back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from kiosk.screens.day_end import DayEndView
from kiosk.screens.diagnostics import Section, Verb
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_money import RefundList, WorkList
from ui.widgets.diag_rows import FactList
from ui.widgets.diag_verdict import VerdictBand

SLIP = "day_end"


class DayEndPage(DiagPage[DayEndView]):
    section = Section.DAY_END
    words = "日终对账"

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
        for part in (self._sums, self._counts, self._work, self._refunds):
            part.turned.connect(self.rearranged)
        self._fill(self.data)

    def head_buttons(self) -> Sequence[TechButton]:
        return (self._older, self._newer, self._match, self._print)

    def _again(self) -> None:
        if self.data.can_match:
            self.tell(self.data.can_match)
        else:
            self.order(Verb.MATCH, "", self.data.day)

    def _fill(self, screen: DayEndView) -> None:
        self._older.setEnabled(screen.older)
        self._newer.setEnabled(screen.newer)
        self._verdict.show_state(screen.tone, f"{screen.day}　{screen.verdict}", screen.text, screen.told)
        self._sums.show_rows(screen.sums)
        self._counts.show_rows(screen.counts)
        self._work.set_title(f"待办清单（{len(screen.work)}）" if screen.work else "待办清单")
        self._work.show_rows(screen.work)
        self._refunds.show_rows(screen.refunds)

    def show_data(self, screen: DayEndView, before: DayEndView) -> None:
        self._fill(screen)
        if (screen.tone, screen.verdict, screen.text, screen.told) != (
            before.tone,
            before.verdict,
            before.text,
            before.told,
        ):
            self.relay()

    def arrange(self, area: QRect, wide: bool) -> None:
        t = self.theme
        gap = t.px("tech_gap")
        x, y, width = area.x(), area.y(), area.width()
        height = self._verdict.height_for(width)
        self._verdict.setGeometry(x, y, width, height)
        y += height + gap
        left = area.bottom() + 1 - y
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

    def clear(self) -> None:
        for part in (self._sums, self._counts, self._work, self._refunds):
            part.forget()
        super().clear()
