"""C11: the machine reads the payment code on the citizen's phone. What the wallet says about it comes with the screen."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from kiosk.screens.pay import ScanPayerCode
from ui.pages.base import PageWidget
from ui.pages.pay import UNKNOWN
from ui.widgets.bars import Action
from ui.widgets.buttons import BigButton
from ui.widgets.money import AmountBlock
from ui.widgets.scan_scene import ScanScene
from ui.widgets.text import Banner, TextBlock, Tone

_SIDES = {"down": "下方", "left": "左侧", "right": "右侧", "up": "上方"}
_TITLES = {
    "scanned": "请在手机上确认付款",
    "checking": "正在核对付款结果",
    "unknown": "正在核对付款结果",
    "paid": "付款成功",
}


class PayerCodePage(PageWidget[ScanPayerCode]):
    show_actions = False  # leaving is asked of the wallet, so both are answers and not the frame's way back

    def title(self) -> str:
        waiting = f"请把付款码对准{_SIDES[self.data.arrow]}扫码口，屏幕调亮"
        return _TITLES.get(self.data.state, waiting)

    def hint(self) -> str:
        if self.data.state == "waiting":
            return self.data.position
        return "正在进入下一步。" if self.data.state == "paid" else "请不要离开，结果出来会自动进入下一步。"

    def voice(self) -> str:
        if self.data.state == "scanned":
            return "已扫到，请在手机上确认。"
        return f"{self.data.trouble}。" if self.data.trouble else super().voice()

    def back_action(self) -> Action | None:
        return None

    def help_lines(self) -> tuple[str, ...]:
        return (
            f"打开{self.data.wallets}，点“付款”。",
            "手机屏幕调到最亮，离扫码口一掌远，停住不动。",
            "扫不上，可以改为用手机扫屏幕上的码。",
        )

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.setSpacing(theme.pick(24, 16))
        self._amount = AmountBlock(theme, "c11.amount", self._label(), screen.amount_fen)
        if theme.large:
            self._amount.setFixedHeight(theme.px(140))
        sides = self.side_by_side()
        sides.aside.addWidget(self._amount)
        self._banner = Banner(theme, "c11.banner", "info", " ")
        sides.aside.addWidget(self._banner)
        self._scene = ScanScene(theme, "c11.scene", screen.state, screen.arrow)
        sides.main.addWidget(self._scene, 9)
        sides.main.addStretch(1)
        self._order = TextBlock(theme, "c11.order", "", "small", "muted", "center")
        sides.foot.addWidget(self._order)
        row = QHBoxLayout()
        row.setSpacing(theme.pick(32, 24))
        row.addStrut(theme.px("button_h"))  # the page stays as it is while there is nothing to press
        self._cancel = BigButton(theme, "c11.cancel", "取消缴款", "secondary", "x", parent=self)
        switch = "改扫屏幕上的码" if theme.large else "改为扫屏幕上的码"
        self._show_qr = BigButton(theme, "c11.show_qr", switch, "secondary", "qr", parent=self)
        self._cancel.tapped.connect(lambda: self._leave("cancel"))
        self._show_qr.tapped.connect(lambda: self._leave("show_qr"))
        row.addWidget(self._cancel, 2)
        row.addWidget(self._show_qr, 3)
        policy = self._show_qr.sizePolicy()
        policy.setRetainSizeWhenHidden(
            True
        )  # a finger on its way to it must not meet the other one, grown over its place
        self._show_qr.setSizePolicy(policy)
        self.body.addLayout(row)
        self._show_state()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.sides is not None and self.crowded:
            self.sides.tighten(self.theme.px(8))
            self.lay_out()

    def _offered(self) -> tuple[str, ...]:
        """The answers this state allows."""
        return {"waiting": ("cancel", "show_qr"), "scanned": ("cancel",)}.get(self.data.state, ())

    def _leave(self, answer: str) -> None:
        if answer in self._offered():
            self.answer(answer)

    def _label(self) -> str:
        return self.data.charge

    def _message(self) -> tuple[Tone, str]:
        screen = self.data
        if screen.state == "unknown":
            return "warn", UNKNOWN
        if screen.state == "scanned":
            return "info", "请看手机，按提示输入密码或用指纹确认。"
        if screen.state == "paid":
            return "ok", "钱已收到，不用再付。请稍等。"
        if screen.state == "checking":
            return "info", "请不要重复付款。"
        if screen.trouble:
            return "warn", screen.trouble.removesuffix("。") + "。"
        return "info", f"打开{screen.wallets}，点“付款”。"

    def _show_state(self) -> None:
        screen = self.data
        tone, text = self._message()
        self._banner.set_message(tone, text)
        self._scene.set_state(screen.state, screen.arrow)
        self._order.set_text(f"订单号 {screen.order_no}" if screen.order_no else "")
        self._cancel.setVisible("cancel" in self._offered())
        self._show_qr.setVisible("show_qr" in self._offered())

    def refresh(self, screen: ScanPayerCode, before: ScanPayerCode) -> None:
        if (screen.amount_fen, screen.charge) != (before.amount_fen, before.charge):
            self._amount.set_amount(self._label(), screen.amount_fen)
        self._show_state()
