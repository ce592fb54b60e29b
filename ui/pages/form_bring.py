"""Answers filled on the citizen's phone are brought along as a QR code. Nobody has to: the other button is the same form, here."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.form import BringForm
from ui.pages.hold_up import HoldUpPage
from ui.widgets.bars import Action
from ui.widgets.form_scene import FormScene
from ui.widgets.text import Banner


class BringFormPage(HoldUpPage[BringForm]):
    prefix, scene = "bring", FormScene
    how = "打开手机上填好信息的二维码，把屏幕调亮。"

    def title(self) -> str:
        return "请出示手机上的二维码"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "要扫的是在手机上填申请信息后得到的二维码。",
            "手机屏幕调到最亮，离机器一掌远，停住不动。",
            "扫不上，点“不扫了，在这里填”。",
        )

    def next_action(self) -> Action:
        return Action("不扫了，在这里填", "secondary", "form-pen")

    def below(self, column: QVBoxLayout) -> None:
        note = "内容只填到这次的申请表里，您可以逐项核对。"
        column.addWidget(Banner(self.theme, "bring.privacy", "ok", note, "shield-lock"))

    def on_next(self) -> None:
        self.answer("skip")
