"""T07: who did what when, and whether the chain of these records is whole."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from kiosk.screens.diagnostics import AuditView, Section, Verb
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_rows import AuditList
from ui.widgets.diag_verdict import VerdictBand


class AuditPage(DiagPage[AuditView]):
    section = Section.AUDIT
    words = "审计记录"

    def make(self) -> None:
        theme = self.theme
        self._export = TechButton(theme, "diag.audit.export", "导出", icon="download", parent=self)
        self._export.tapped.connect(lambda: self.export("audit", self.data.folders))
        self._verdict = VerdictBand(theme, "diag.audit.verdict", self)
        self._list = AuditList(theme, "diag.audit.rows", "新的在上", "没有记录", self)
        self._list.turned.connect(self.rearranged)
        self._list.wanted.connect(lambda newer: self.order(Verb.PAGE, "", "newer" if newer else "older"))
        self._fill(self.data)

    def head_buttons(self) -> Sequence[TechButton]:
        return (self._export,)

    def _fill(self, screen: AuditView) -> None:
        word = "记录链完整" if screen.whole else "记录链有问题"
        self._verdict.show_state("ok" if screen.whole else "bad", word, screen.verdict, "")
        self._list.tell_more(before=screen.newer, after=screen.older)
        self._list.show_rows(sorted(screen.rows, key=lambda row: -row.seq))

    def show_data(self, screen: AuditView, before: AuditView) -> None:
        self._fill(screen)
        if (screen.whole, screen.verdict) != (before.whole, before.verdict):
            self.relay()

    def arrange(self, area: QRect, wide: bool) -> None:
        height = self._verdict.height_for(area.width())
        self._verdict.setGeometry(area.x(), area.y(), area.width(), height)
        y = area.y() + height + self.theme.px("tech_gap")
        self._list.setGeometry(area.x(), y, area.width(), area.bottom() + 1 - y)

    def clear(self) -> None:
        self._list.forget()
        super().clear()
