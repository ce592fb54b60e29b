"""C23: the whole machine is out of service. Calm, on navy; says since what, until when, where else."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.common import OutOfService
from ui.pages.base import PageWidget
from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.text import TextBlock


class _Sign(Painted):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "c23.sign", "暂停服务")
        self.setFixedHeight(theme.px(240))

    def paint(self, p: QPainter) -> None:
        rect = QRectF(self.rect())
        self.stamp(p, self.theme.icon("wrench", 200, "on_calm_muted"), rect.center().x(), rect.center().y())


class OutOfServicePage(PageWidget[OutOfService]):
    show_steps = False
    show_actions = False
    full_bleed = True
    entered = False
    between = True

    def voice(self) -> str:
        return f"本机暂停服务。{self.data.elsewhere}"

    def build(self) -> None:
        theme = self.theme
        self.body.addStretch(3)
        self.body.addWidget(_Sign(theme))
        self.body.addWidget(TextBlock(theme, "c23.title", "本机暂停服务", "display", "on_calm", "center"))
        self._reason = TextBlock(theme, "c23.reason", "", "h3", "on_calm", "center", bold=False)
        self._expected = TextBlock(theme, "c23.expected", "", "h3", "on_calm_muted", "center", bold=False)
        self._elsewhere = TextBlock(theme, "c23.elsewhere", "", "h3", "on_calm", "center")
        for block in (self._reason, self._expected):
            self.body.addWidget(block)
        self.body.addSpacing(theme.px(48))
        self.body.addWidget(self._elsewhere)
        self.body.addStretch(4)
        self._fill(self.data)

    def _fill(self, screen: OutOfService) -> None:
        self._reason.set_text(screen.reason)
        self._expected.set_text(f"预计恢复：{screen.expected}" if screen.expected else "")
        self._elsewhere.set_text(screen.elsewhere)
        for block in (self._expected, self._elsewhere):
            block.reveal(bool(block.text))

    def refresh(self, screen: OutOfService, before: OutOfService) -> None:
        self._fill(screen)

    def paint_ground(self, p: QPainter) -> None:
        p.fillRect(self.rect(), self.theme.color("calm"))
