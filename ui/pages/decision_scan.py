"""The bar code or QR code of a penalty decision, held before the scanner. Whoever would rather type goes back."""

from __future__ import annotations

from kiosk.screens.fine import ScanDecision
from ui.pages.hold_up import HoldUpPage
from ui.widgets.bars import Action
from ui.widgets.decision_scene import DecisionScene


class ScanDecisionPage(HoldUpPage[ScanDecision]):
    prefix, scene = "scan", DecisionScene
    how = "条码在决定书标题下面，二维码在最下面，扫哪个都可以。"

    def title(self) -> str:
        return "请把决定书的条码对准扫码口"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "把纸展平，条码整条都要在扫码口前面。",
            "手机里的决定书也可以扫，屏幕调到最亮。",
            "扫不上，点“返回输入”，输入编号。",
        )

    def next_action(self) -> Action:
        return Action("返回输入", "secondary", "form-pen")

    def on_next(self) -> None:
        self.answer("type")
