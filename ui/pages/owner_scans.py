"""The vehicle's owner scans this code and consents. The states are the platform's word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.vehicle import OwnerScans
from ui.pages.base import PageWidget
from ui.pages.pay import LARGEST_PLATE, Countdown, PayCode, StatusLine
from ui.pages.sides import move
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
        sides = self.side_by_side()
        sides.aside.addWidget(Banner(theme, "owner.how", "info", HOW))
        card = self._card = Panel(theme, "owner.card", "备案码", padding=12, spacing=4)
        self._code = PayCode(theme, "owner.qr", screen.payload)
        self._code.setAccessibleName("备案二维码，请车主扫")
        card.column.addWidget(self._code, 0, Qt.AlignmentFlag.AlignHCenter)
        self._countdown = Countdown(theme, "owner.countdown", screen.seconds_left)
        card.column.addWidget(self._countdown)
        card.setFixedWidth(theme.px(720))
        sides.main.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        self._status = StatusLine(theme, "owner.status")
        self._below = QVBoxLayout()
        self._below.addStretch(1)
        self._below.addWidget(self._status)
        self._below.addStretch(1)
        sides.foot.addLayout(self._below, 1)
        sides.main.addStretch(0)
        self._sms = WayRow(theme, "owner.sms", "改用短信验证码", "phone", self)
        self._sms.tapped.connect(lambda: self.answer("sms"))
        sides.foot.addWidget(self._sms)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In landscape the line below the code stands left of it, so that the code stays as large."""
        super().resizeEvent(event)
        if self.sides is not None and self.data is not None:
            wide = self.wide
            spacing = self.theme.px(8) if self.crowded else self.body.spacing()
            self.sides.tighten(spacing)
            self._below.setSpacing(spacing)
            move(self._countdown, self._below if wide else self._card.column, 1, self._card.column, self._below)
            self._code.fit(self.height() - self.theme.px(30 + 24 + 2 * 12) if wide else self.theme.px(LARGEST_PLATE))

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
