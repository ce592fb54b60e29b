"""C10: the citizen's phone pays what this page's code says. The states are the wallet's word, never a guess of the page."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from kiosk.screens.pay import PayByQr
from ui.pages.base import PageWidget
from ui.paint.shapes import draw_disc, draw_tick, draw_turning
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.base import Painted
from ui.widgets.buttons import BigButton
from ui.widgets.cards import Panel
from ui.widgets.layouts import forget_sizes
from ui.widgets.money import AmountBlock, QrPanel
from ui.widgets.moving import Moving
from ui.widgets.text import Banner, TextBlock
from ui.widgets.way_row import WayRow

LEAST_SYMBOL = 480
"""Side of the symbol without its quiet zone, pixels at scale 1.0 = 119 mm, for phones at 30 to 80 cm."""
LARGEST_PLATE = 668
SAFETY = "只扫屏幕里亮着的码，不要扫贴在机器上的码。"
SAFETY_SHORT = "只扫屏幕里亮着的码，不扫贴纸。"
SCAN_INSTEAD = "改为出示付款码给机器扫"
UNKNOWN = "正在核对付款结果。如果手机显示已付款，请不要重复付款。"
STATUS = {
    "waiting": "等待付款结果…",
    "checking": "正在核对付款…",
    "paid": "已收到付款",
    "expired": "二维码已失效，没有扣款",
    "unknown": "正在核对付款…",
}


class PayCode(QrPanel):
    """The code, as large as needed for `LEAST_SYMBOL`. Once it must not be scanned any more, a notice lies over its middle."""

    def __init__(self, theme: Theme, name: str, payload: str) -> None:
        self._notice = ""
        self._tick = False
        self._room = theme.px(LARGEST_PLATE)
        super().__init__(theme, name, payload, "付款二维码，请用手机扫", LARGEST_PLATE)

    def set_payload(self, payload: str) -> None:
        super().set_payload(payload)
        if self._payload:
            self._fit()

    def fit(self, room: int) -> None:
        """Whole pixels per module: the fewest that make the symbol large enough, or as many as `room` pixels take."""
        self._room = room
        self._fit()

    def _fit(self) -> None:
        count = self._symbol.width()
        if not count:
            return
        modules = count + 2 * self.QUIET
        module = max(1, min(math.ceil(self.theme.px(LEAST_SYMBOL) / count), self._room // modules))
        self.setFixedSize(module * modules, module * modules)

    def set_notice(self, notice: str, *, tick: bool = False) -> None:
        """ "" takes it away."""
        if (notice, tick) != (self._notice, self._tick):
            self._notice, self._tick = notice, tick
            self.set_veiled(bool(notice))
            self.setAccessibleName(notice or "付款二维码，请用手机扫")

    def paint(self, p: QPainter) -> None:
        super().paint(p)
        if not self._notice:
            return
        t = self.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(0, self.height() * 0.22, self.width(), self.height() * 0.56)
        p.fillRect(middle, t.color("plate"))  # more than error correction can make up for
        centre = middle.center()
        sign = t.px(72)
        if self._tick:
            draw_disc(
                p, QRectF(middle.x(), centre.y() - t.px(110), middle.width(), 2 * sign).center(), sign, t.color("ok")
            )
            box = QRectF(centre.x() - sign, centre.y() - t.px(110), 2 * sign, 2 * sign)
            draw_tick(p, box, t.color("on_ok"), t.px(14))
        else:
            self.stamp(p, t.icon("clock", 120, "on_plate"), centre.x(), centre.y() - t.px(50))
        words = QRectF(t.px(16), centre.y() + t.px(46), self.width() - t.px(32), t.line("h2"))
        self.line_text(p, words, self._notice, ("h2", "h3", "label"), "on_plate", "center", bold=True)


class Countdown(Painted):
    """二维码 4 分 32 秒后失效. Of fixed size, so that a second that passes repaints this line and nothing else."""

    def __init__(self, theme: Theme, name: str, seconds: int) -> None:
        super().__init__(theme, name, "")
        self._text = ""
        self.setFixedHeight(theme.line("body"))
        self.set_left(seconds)

    def set_left(self, seconds: int) -> None:
        minutes, rest = divmod(max(0, seconds), 60)
        self.set_text(f"二维码 {minutes} 分 {rest:02d} 秒后失效" if minutes else f"二维码 {rest} 秒后失效")

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def paint(self, p: QPainter) -> None:
        self.line_text(p, QRectF(self.rect()), self._text, ("body", "small"), "muted", "center")


class StatusLine(Moving):
    """What the machine is doing about the payment: a turning ring, a tick or nothing, and words."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "状态")
        self._text, self._sign = "", "ring"
        self.setFixedHeight(theme.pick(64, 72))

    def set_status(self, text: str, sign: str) -> None:
        if (text, sign) == (self._text, self._sign):
            return
        self._text, self._sign = text, sign
        self.setAccessibleName(text)
        self.restart()
        self.update()

    def moving(self) -> QRect | None:
        return self._box().toAlignedRect().adjusted(-2, -2, 2, 2) if self._sign == "ring" else None

    def _box(self) -> QRectF:
        """Where the sign stands: left of the words, both centred."""
        t = self.theme
        side = t.pick(44, 52)
        width = side + t.px(20) + text_width(self._text, t.font("h3", bold=True))
        return QRectF(max(0.0, (self.width() - width) / 2), (self.height() - side) / 2, side, side)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        box = self._box()
        color = "link"
        if self._sign == "ring":
            draw_turning(p, t, box, t.px(6), self._phase, 0.28)
        elif self._sign == "tick":
            color = "ok_text"
            draw_disc(p, box.center(), box.width() / 2, t.color("ok"))
            draw_tick(p, box, t.color("on_ok"), t.px(5))
        else:
            color = "text"
            self.stamp(p, t.icon("clock", t.pick(44, 52) / t.scale, "muted"), box.center().x(), box.center().y())
        words = QRectF(box.right() + t.px(20), 0, self.width() - box.right() - t.px(20), self.height())
        self.line_text(p, words, self._text, ("h3", "label", "small"), color, bold=True)


class PayByQrPage(PageWidget[PayByQr]):
    show_actions = False  # leaving is asked of the wallet, so these two are answers and not the frame's way back
    patience = "pay"

    def title(self) -> str:
        return "请用手机扫码缴款"

    def hint(self) -> str:
        """Large text in landscape has no line for it beside the second way."""
        return "" if self.crowded and self.data.can_scan else self.data.wallets

    def voice(self) -> str:
        return "请用手机扫屏幕上的二维码缴款。"

    def back_action(self) -> Action | None:
        return None

    def help_lines(self) -> tuple[str, ...]:
        return (
            "打开手机上的“扫一扫”，对准屏幕上的二维码。",
            "付好后请等屏幕变化，不要离开。",
            "手机显示已付款，请不要再付，点“我已付款，没反应”。",
        )

    def build(self) -> None:
        theme, screen = self.theme, self.data
        tight = screen.can_scan  # the second way needs a row, and the code stays as large
        self.body.setSpacing(theme.pick(18, 12) if tight else theme.pick(24, 16))
        self._amount = AmountBlock(theme, "c10.amount", self._label(), screen.amount_fen)
        if theme.large:
            self._amount.setFixedHeight(theme.px(120 if tight else 140))  # the code needs the room
        sides = self.side_by_side(grows="foot")
        sides.aside.addWidget(self._amount)
        foot = sides.foot
        self._card = Panel(theme, "c10.card", "付款码", padding=10 if theme.large else 14, spacing=4)
        self._code = PayCode(theme, "c10.qr", screen.payload)
        self._card.column.addWidget(self._code, 0, Qt.AlignmentFlag.AlignHCenter)
        self._countdown = Countdown(theme, "c10.countdown", screen.seconds_left)
        self._card.column.addWidget(self._countdown)
        self._card.setFixedWidth(theme.px(720))
        sides.main.addWidget(self._card, 0, Qt.AlignmentFlag.AlignHCenter)
        self._banner = Banner(theme, "c10.banner", "info", SAFETY)
        foot.addWidget(self._banner)
        self._scan = WayRow(theme, "c10.scan", SCAN_INSTEAD, "phone", self)
        self._scan.tapped.connect(self._switch)
        foot.addWidget(self._scan)
        foot.addStretch(1)
        self._status = StatusLine(theme, "c10.status")
        foot.addWidget(self._status)
        self._order = TextBlock(theme, "c10.order", self._order_text(), "small", "muted", "center")
        foot.addWidget(self._order)
        foot.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.pick(32, 24))
        row.addStrut(theme.px("button_h"))  # the page stays as it is while there is nothing to press
        self._cancel = BigButton(theme, "c10.cancel", "取消缴款", "secondary", "x", parent=self)
        self._paid = BigButton(theme, "c10.paid", "我已付款，没反应", "secondary", parent=self)
        self._renew = BigButton(theme, "c10.renew", "重新生成", "primary", "refresh", parent=self)
        for button, answer in ((self._cancel, "cancel"), (self._paid, "paid_no_reaction"), (self._renew, "renew")):
            row.addWidget(button, 1)
            button.tapped.connect(lambda answer=answer: self.answer(answer))
        foot.addLayout(row)
        self._show_state()

    def _switch(self) -> None:
        if self._scan_offered() and self.data.state != "checking":
            self.answer("scan")

    def _scan_offered(self) -> bool:
        """Where the scanner is there, and while the code shown may still be taken back."""
        return self.data.can_scan and self.data.state in ("waiting", "checking", "expired")

    def _label(self) -> str:
        return self.data.charge

    def _order_text(self) -> str:
        return f"订单号 {self.data.order_no}" if self.data.order_no else ""

    def _show_state(self) -> None:
        state = self.data.state
        notice = {"paid": "付款成功", "expired": "二维码已失效", "unknown": "请不要再扫"}.get(state, "")
        self._code.set_notice(notice, tick=state == "paid")
        self._status.set_status(STATUS[state], {"paid": "tick", "expired": "clock"}.get(state, "ring"))
        self._status.reveal(not (self.theme.large and state == "unknown"))  # the banner says it, and needs the room
        if state == "unknown":
            self._banner.set_message("warn", UNKNOWN)
        elif state == "paid":
            self._banner.set_message("ok", "钱已收到，不用再付。请稍等。")
        elif self.data.trouble and state == "waiting":
            self._banner.set_message("warn", self.data.trouble)
        else:
            self._banner.set_message("info", SAFETY_SHORT if self.theme.large else SAFETY)
        self._scan.setVisible(self._scan_offered())
        self._scan.setEnabled(state != "checking")
        narrow = self.theme.large or self.wide
        self._order.setVisible(not (narrow and self._scan_offered()))  # it is asked for when something is unclear
        self._cancel.setVisible(state != "paid")
        self._paid.setVisible(state not in ("paid", "expired"))
        self._renew.setVisible(state == "expired")
        self._show_left()

    def _show_left(self) -> None:
        if self.data.state in ("waiting", "checking") and self.data.seconds_left > 0:
            self._countdown.set_left(self.data.seconds_left)
        else:
            self._countdown.set_text("请点“重新生成”" if self.data.state == "expired" else " ")

    def refresh(self, screen: PayByQr, before: PayByQr) -> None:
        if screen.payload != before.payload:
            self._code.set_payload(screen.payload)
        if (screen.amount_fen, screen.charge) != (before.amount_fen, before.charge):
            self._amount.set_amount(self._label(), screen.amount_fen)
        if screen.order_no != before.order_no:
            self._order.set_text(self._order_text())
        if (screen.state, screen.can_scan, screen.trouble) != (before.state, before.can_scan, before.trouble):
            self._show_state()
        else:
            self._show_left()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small panel the code gives way, as far as everything else needs the height. In landscape it has a side to itself."""
        super().resizeEvent(event)
        if self.sides is None or self.data is None:
            return
        self._show_state()
        if self.sides.wide:
            if self.heading is not None:
                self.heading.set_texts(self.title(), self.hint())
            self.sides.tighten(self.theme.px(8) if self.crowded else min(self.theme.px(16), self.body.spacing()))
            margins = self.body.contentsMargins()
            others = margins.top() + margins.bottom() + self._countdown.height() + self.theme.px(4 + 2 * 14)
            self._code.fit(min(self.theme.px(LARGEST_PLATE), self.height() - others))
            self.lay_out()
            return
        forget_sizes(self.body)
        others = self.body.totalMinimumHeightForWidth(self.width()) - self._code.height()
        self._code.fit(min(self.theme.px(LARGEST_PLATE), self.height() - others))

    def clear(self) -> None:
        self._code.clear()
        super().clear()
