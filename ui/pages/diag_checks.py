"""T04: self-test. What is examined, in order, with what was measured and what is allowed; the verdict in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QRect

from kiosk.screens.diagnostics import Section, SelfTest, Tone, Verb
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_checks import CHECK_WORD, CheckList
from ui.widgets.diag_verdict import VerdictBand

LEVELS = (("1", "内部自检"), ("2", "外部自检"), ("3", "交互自检"))
HOW = {"1": "只读", "2": "会动作", "3": "要配合"}
VERDICTS: dict[Literal["", "ready", "limited", "not_ready"], tuple[Tone, str]] = {
    "": ("muted", "还没有结论"),
    "ready": ("ok", "可以开放"),
    "limited": ("warn", "部分业务可用"),
    "not_ready": ("bad", "不能开放"),
}


class SelfTestPage(DiagPage[SelfTest]):
    section = Section.CHECKS
    words = "设备自检"

    def make(self) -> None:
        theme = self.theme
        self._print = TechButton(theme, "diag.checks.print", "打印报告", icon="printer", parent=self)
        self._export = TechButton(theme, "diag.checks.export", "导出", icon="download", parent=self)
        self._print.tapped.connect(lambda: self.order(Verb.PRINT))
        self._export.tapped.connect(lambda: self.export("readiness", self.data.folders))
        self._starts: list[TechButton] = []
        for level, caption in LEVELS:
            words = f"{caption}：{HOW[level]}"
            button = TechButton(theme, f"diag.checks.start.{level}", words, icon="play-circle", parent=self)
            button.tapped.connect(lambda level=level: self.order(Verb.CHECK, "", level))
            self._starts.append(button)
        self._stop = TechButton(theme, "diag.checks.stop", "停止自检", "danger", "hand-stop", parent=self)
        self._stop.tapped.connect(lambda: self.order(Verb.STOP))
        self._verdict = VerdictBand(theme, "diag.checks.verdict", self)
        self._ask = VerdictBand(theme, "diag.checks.ask", self)
        self._yes = TechButton(theme, "diag.checks.yes", "是", "primary", "check", parent=self)
        self._no = TechButton(theme, "diag.checks.no", "否", "secondary", "x", parent=self)
        self._yes.tapped.connect(lambda: self.order(Verb.SAY, "", "yes"))
        self._no.tapped.connect(lambda: self.order(Verb.SAY, "", "no"))
        self._list = CheckList(theme, "diag.checks.rows", "检查项目", "还没有做过自检。请选择一级开始。", self)
        self._list.turned.connect(self.rearranged)
        self._fill(self.data)

    def head_buttons(self) -> Sequence[TechButton]:
        return (self._print, self._export)

    def _fill(self, screen: SelfTest) -> None:
        done = bool(screen.verdict) and not screen.running
        for button in (self._print, self._export):
            button.setVisible(done)
        for button in self._starts:
            button.setVisible(not screen.running)
        self._stop.setVisible(screen.running)
        tone, word = VERDICTS[screen.verdict]
        counted = Counter(row.state for row in screen.rows)
        sums = [f"{CHECK_WORD[state]} {counted[state]} 项" for state in CHECK_WORD if counted[state]]
        told = f"{screen.at} · {dict(LEVELS)[str(screen.level)]} · " if screen.at else ""
        if screen.running:
            tone, word = "muted", f"正在自检：{dict(LEVELS)[str(screen.level)]}"
        self._verdict.show_state(tone, word, screen.verdict_text if done else "", told + " · ".join(sums))
        self._verdict.setVisible(bool(screen.rows))
        self._ask.show_state("warn", screen.ask, "", "", icon="help-person")
        self._ask.setVisible(bool(screen.ask))
        self._yes.setVisible(bool(screen.ask) and screen.is_question)
        self._no.setVisible(bool(screen.ask) and screen.is_question)
        self._list.show_rows(screen.rows)
        doing = next((i for i, row in enumerate(screen.rows) if row.state == "doing"), None)
        if doing is not None:
            self._list.reveal_row(doing)

    def news(self) -> str:
        return self.data.ask

    def show_data(self, screen: SelfTest, before: SelfTest) -> None:
        self._fill(screen)
        stands = (
            screen.running,
            screen.verdict,
            screen.verdict_text,
            screen.ask,
            screen.is_question,
            bool(screen.rows),
        )
        stood = (before.running, before.verdict, before.verdict_text, before.ask, before.is_question, bool(before.rows))
        if stands != stood:
            self.relay()
            if (screen.ask, screen.is_question) != (before.ask, before.is_question):
                self.rearranged.emit()

    def arrange(self, area: QRect, wide: bool) -> None:
        t = self.theme
        gap, tall = t.px("tech_gap"), t.px("tech_button")
        x, y, width = area.x(), area.y(), area.width()
        each = min(t.px(380), (width - 2 * t.px(16)) // 3)
        for i, button in enumerate(self._starts):
            button.setGeometry(x + i * (each + t.px(16)), y, each, tall)
        self._stop.setGeometry(x, y, self._stop.sizeHint().width(), tall)
        y += tall + gap
        if not self._verdict.isHidden():
            height = self._verdict.height_for(width)
            self._verdict.setGeometry(x, y, width, height)
            y += height + gap
        if not self._ask.isHidden():
            buttons = t.px(150) * 2 + t.px(16 + 24) if self.data.is_question else 0
            beside = wide or not buttons
            self._ask.room_right = buttons if beside else 0
            height = max(self._ask.height_for(width), tall + t.px(32))
            if not beside:
                height += tall + t.px(16)
            self._ask.setGeometry(x, y, width, height)
            foot = y + height - t.px(16) - tall if not beside else y + (height - tall) // 2
            for i, button in enumerate((self._no, self._yes)):
                button.floats = True
                button.setGeometry(x + width - t.px(24) - (i + 1) * t.px(150) - i * t.px(16), foot, t.px(150), tall)
                button.raise_()
            y += height + gap
        self._list.setGeometry(x, y, width, area.bottom() + 1 - y)
