"""Answers filled on the citizen's phone are brought along as a QR code. Nobody has to: the other button is the same form, here."""

from __future__ import annotations

from kiosk.screens.form import BringForm
from ui.pages.base import PageWidget
from ui.widgets.bars import Action
from ui.widgets.form_scene import FormScene
from ui.widgets.text import Banner

HOW = "打开手机上填好信息的二维码，把屏幕调亮。"


class BringFormPage(PageWidget[BringForm]):
    def title(self) -> str:
        return "请出示手机上的二维码"

    def hint(self) -> str:
        return f"{self.data.position}。离一掌远，停住不动。"

    def voice(self) -> str:
        trouble = self.data.trouble.rstrip("。")
        return f"{trouble}。" if trouble else super().voice()

    def help_lines(self) -> tuple[str, ...]:
        return (
            "要扫的是在手机上填申请信息后得到的二维码。",
            "手机屏幕调到最亮，离机器一掌远，停住不动。",
            "扫不上，点“不扫了，在这里填”。",
        )

    def next_action(self) -> Action:
        return Action("不扫了，在这里填", "secondary", "form-pen")

    def build(self) -> None:
        theme = self.theme
        self._banner = Banner(theme, "bring.banner", "info", HOW)
        self.body.addWidget(self._banner)
        self._scene = FormScene(theme, "bring.scene", self.data.arrow)
        self.body.addWidget(self._scene, 9)
        note = "内容只填到这次的申请表里，您可以逐项核对。"
        self._note = Banner(theme, "bring.privacy", "ok", note, "shield-lock")
        self.body.addWidget(self._note)
        self.body.addStretch(1)
        self._show()

    def _show(self) -> None:
        trouble = self.data.trouble
        self._banner.set_message("warn" if trouble else "info", trouble or HOW)
        self._scene.set_arrow(self.data.arrow)

    def refresh(self, screen: BringForm, before: BringForm) -> None:
        self._show()

    def on_next(self) -> None:
        self.answer("skip")
