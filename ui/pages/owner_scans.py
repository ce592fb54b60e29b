"""The vehicle's owner scans this code and consents. The states are the platform's word."""

from __future__ import annotations

from PySide6.QtCore import Qt

from kiosk.screens.vehicle import OwnerScans
from ui.pages.base import PageWidget
from ui.pages.pay import Countdown, PayCode, StatusLine
from ui.widgets.cards import Panel
from ui.widgets.text import Banner
from ui.widgets.way_row import WayRow

HOW = "请车主打开“交管12123”，扫这个码，点“同意备案”。"
_STATUS = {
    "waiting": ("等待车主同意…", "ring"),
    "filed": ("车主已同意", "tick"),
    "refused": ("车主没有同意", "clock"),
    "expired": ("二维码已失效", "clock"),
}


class OwnerScansPage(PageWidget[OwnerScans]):
    def title(self) -> str:
        return "请车主扫码同意"

    def hint(self) -> str:
        return f"备案车辆 {self.data.plate}"

    def voice(self) -> str:
        return "请车主打开交管12123，扫屏幕上的二维码。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "要用车主自己的“交管12123”扫。",
            "车主不在旁边，点“改用短信验证码”。",
            "没有备案成，不影响您处理自己的车。",
        )

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self.body.addWidget(Banner(theme, "owner.how", "info", HOW))
        card = Panel(theme, "owner.card", "备案码", padding=14, spacing=4)
        self._code = PayCode(theme, "owner.qr", screen.payload)
        self._code.setAccessibleName("备案二维码，请车主扫")
        card.column.addWidget(self._code, 0, Qt.AlignmentFlag.AlignHCenter)
        self._countdown = Countdown(theme, "owner.countdown", screen.seconds_left)
        card.column.addWidget(self._countdown)
        card.setFixedWidth(theme.px(720))
        self.body.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        self.body.addStretch(1)
        self._status = StatusLine(theme, "owner.status")
        self.body.addWidget(self._status)
        self.body.addStretch(1)
        self._sms = WayRow(theme, "owner.sms", "改用短信验证码", "phone", self)
        self._sms.tapped.connect(lambda: self.answer("sms"))
        self.body.addWidget(self._sms)
        self._show()

    def _show(self) -> None:
        screen = self.data
        self._status.set_status(*_STATUS[screen.state])
        self._code.set_notice(
            "" if screen.state == "waiting" else _STATUS[screen.state][0], tick=screen.state == "filed"
        )
        self._sms.setEnabled(screen.state != "filed")
        self._countdown.set_left(screen.seconds_left) if screen.state == "waiting" else self._countdown.set_text(" ")

    def refresh(self, screen: OwnerScans, before: OwnerScans) -> None:
        if screen.payload != before.payload:
            self._code.set_payload(screen.payload)
        self._show()

    def clear(self) -> None:
        self._code.clear()
        super().clear()
