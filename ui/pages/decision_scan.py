"""The bar code or QR code of a penalty decision, held before the scanner. Whoever would rather type goes back."""

from __future__ import annotations

from kiosk.screens.fine import ScanDecision
from ui.pages.base import PageWidget
from ui.widgets.bars import Action
from ui.widgets.decision_scene import DecisionScene
from ui.widgets.text import Banner

HOW = "条码在决定书标题下面，二维码在最下面，扫哪个都可以。"


class ScanDecisionPage(PageWidget[ScanDecision]):
    def title(self) -> str:
        return "请把决定书的条码对准扫码口"

    def hint(self) -> str:
        return f"{self.data.position}。离一掌远，停住不动。"

    def voice(self) -> str:
        trouble = self.data.trouble.rstrip("。")
        return f"{trouble}。" if trouble else super().voice()

    def help_lines(self) -> tuple[str, ...]:
        return (
            "把纸展平，条码整条都要在扫码口前面。",
            "手机里的决定书也可以扫，屏幕调到最亮。",
            "扫不上，点“返回输入”，输入编号。",
        )

    def next_action(self) -> Action:
        return Action("返回输入", "secondary", "form-pen")

    def build(self) -> None:
        theme = self.theme
        self._banner = Banner(theme, "scan.banner", "info", HOW)
        self.body.addWidget(self._banner)
        self._scene = DecisionScene(theme, "scan.scene", self.data.arrow)
        self.body.addWidget(self._scene, 9)
        self.body.addStretch(1)
        self._show()

    def _show(self) -> None:
        trouble = self.data.trouble
        self._banner.set_message("warn" if trouble else "info", trouble or HOW)
        self._scene.set_arrow(self.data.arrow)

    def refresh(self, screen: ScanDecision, before: ScanDecision) -> None:
        self._show()

    def on_next(self) -> None:
        self.answer("type")
