"""C14: put the permit into the card slot. There is nothing to answer; the card is the answer."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from kiosk.screens.endorsement import InsertPermit
from ui.pages.base import PageWidget
from ui.widgets.permit_scene import WORDS, PermitScene, PermitState
from ui.widgets.rows import NumberedLine
from ui.widgets.text import Banner

_TITLES = {
    "waiting": "请插入往来港澳通行证",
    "taking": "正在收卡",
    "reading": "正在读取通行证",
    "given_back": "请重新插入通行证",
    "done": "读取成功",
}
_HINTS = {
    "taking": "机器会自己收卡，请松开手。",
    "reading": "请不要离开，马上就好。",
    "done": "通行证先放在机器里，办完后退还给您。",
}
_SCENE: dict[str, PermitState] = {
    "waiting": "insert",
    "taking": "taking",
    "reading": "reading",
    "given_back": "insert",
    "done": "done",
}
_CARRIED_OUT = {"taking": 1, "reading": 2, "done": 2}
"""How many of the lines below the picture are behind us: nobody is asked for what was done."""
GIVEN_BACK = "通行证退出来了，请取回再插一次"
READ_SHOWN_MS = 1200
"""How long "读取成功" stands before the page goes on by itself, as for the identity card (UX brief, C04)."""


class InsertPermitPage(PageWidget[InsertPermit]):
    def title(self) -> str:
        return _TITLES[self.data.state]

    def hint(self) -> str:
        return _HINTS.get(self.data.state, self.data.position)

    def help_lines(self) -> tuple[str, ...]:
        return (
            f"{self.data.position}。",
            f"{self.data.side}，轻轻推进去，机器会自己收卡。",
            "卡退回来了，请换一面再插一次。",
        )

    def voice(self) -> str:
        if self.data.trouble:
            return self.data.trouble
        said = super().voice()
        return f"{said}。{self.data.side}" if self._scene_state() == "insert" and self.data.side else said

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._trouble = Banner(theme, "c14.trouble", "warn", screen.trouble)
        self._trouble.reveal(bool(screen.trouble))
        self.body.addWidget(self._trouble)
        self._scene = PermitScene(theme, "c14.scene", _SCENE[screen.state], screen.arrow, screen.side, self._words())
        self.body.addWidget(self._scene, 20)
        texts = ("取下卡套，对准插卡口", "轻轻推进去，机器会自己收卡", "办完后通行证会退出来，请记得取走")
        self._lines = [NumberedLine(theme, f"c14.line.{i}", i, line) for i, line in enumerate(texts, 1)]
        for line in self._lines:
            self.body.addWidget(line)
        self.body.addStretch(1)
        self._tick_off()

    def _tick_off(self) -> None:
        count = _CARRIED_OUT.get(self.data.state, 0)
        for i, line in enumerate(self._lines):
            line.set_done(i < count)

    def _scene_state(self) -> PermitState:
        return _SCENE[self.data.state]

    def _words(self) -> str:
        return GIVEN_BACK if self.data.state == "given_back" else WORDS[_SCENE[self.data.state]]

    def refresh(self, screen: InsertPermit, before: InsertPermit) -> None:
        self._scene.set_state(_SCENE[screen.state], screen.arrow, self._words())
        self._tick_off()
        if screen.state == "done" != before.state:
            QTimer.singleShot(READ_SHOWN_MS if self.theme.motion else 0, self, lambda: self.answer(None))
        if screen.trouble != before.trouble:
            self._trouble.set_message("warn", screen.trouble)
            self._trouble.reveal(bool(screen.trouble))
