"""C04: lay the identity card on the pad. There is nothing to answer; the card is the answer."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from kiosk.screens.common import PlaceIdCard
from ui.pages.base import PageWidget
from ui.widgets.rows import NumberedLine
from ui.widgets.scene import DeviceScene
from ui.widgets.text import Banner

_TITLES = {
    "lift_first": "请先拿开感应区上的证件",
    "waiting": "请把身份证平放在感应区",
    "reading": "正在读取身份证",
    "done": "读取成功",
}
_HINTS = {
    "lift_first": "拿开以后，再放身份证。",
    "reading": "请不要拿开，听到“嘀”声就好了。",
    "done": "请收好身份证，不要遗忘。",
}


READ_SHOWN_MS = 1200
"""How long "读取成功" stands before the page goes on by itself (UX brief, C04)."""


class IdCardPage(PageWidget[PlaceIdCard]):
    entered = False

    def title(self) -> str:
        return _TITLES[self.data.state]

    def hint(self) -> str:
        return _HINTS.get(self.data.state, self.data.position)

    def help_lines(self) -> tuple[str, ...]:
        return (
            f"{self.data.position}。",
            "取下卡套，把身份证平放，停 2 秒。",
            "还是读不到，请换一面再放一次。",
        )

    def voice(self) -> str:
        return self.data.trouble or super().voice()

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._trouble = Banner(theme, "c04.trouble", "warn", screen.trouble)
        self._trouble.reveal(bool(screen.trouble))
        self.body.addWidget(self._trouble)
        self._scene = DeviceScene(theme, "c04.scene", screen.state, screen.arrow)
        self.body.addWidget(self._scene, 4)
        lines = ("取下卡套，平放不要移动", "听到“嘀”声后再拿开", "请拿好身份证，不要遗忘")
        for i, line in enumerate(lines, 1):
            self.body.addWidget(NumberedLine(theme, f"c04.line.{i}", i, line))
        self.body.addStretch(1)

    def refresh(self, screen: PlaceIdCard, before: PlaceIdCard) -> None:
        if (screen.state, screen.arrow) != (before.state, before.arrow):
            self._scene.set_state(screen.state, screen.arrow)
        if screen.state == "done" != before.state:
            QTimer.singleShot(READ_SHOWN_MS if self.theme.motion else 0, self, lambda: self.answer(None))
        if screen.trouble != before.trouble:
            self._trouble.set_message("warn", screen.trouble)
            self._trouble.reveal(bool(screen.trouble))
