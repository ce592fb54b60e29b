"""Overlays of the frame: C24 still there?, C25 help, C26 leave?, the technician's hand-over — and the cover shown while a session is
being wiped."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.base import Painted
from ui.widgets.buttons import BigButton
from ui.widgets.overlay import Overlay
from ui.widgets.rings import CountdownRing
from ui.widgets.rows import NumberedLine
from ui.widgets.text import Banner, TextBlock


class IdleOverlay(Overlay):
    """C24. A tap anywhere but on the second button means "still here" (WCAG 2.2.1: one simple act, any number of times)."""

    stay = Signal()
    leave = Signal()

    def __init__(self, theme: Theme, parent: QWidget, seconds: int) -> None:
        super().__init__(theme, "idle", "您还在办理吗？", parent, personal=True)
        column = self.card.column
        self.ring = CountdownRing(theme, "idle.ring", max(30, seconds), seconds)
        column.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(TextBlock(theme, "idle.title", "您还在办理吗？", "h1", align="center"))
        text = "时间到后将清除您填写的内容，退回首页。已缴的款不受影响。"
        column.addWidget(TextBlock(theme, "idle.text", text, "body", "muted", "center"))
        self.stay_button = BigButton(theme, "idle.stay", "我还在，继续办理")
        self.leave_button = BigButton(theme, "idle.leave", "结束并清除信息", "link_danger")
        column.addWidget(self.stay_button)
        column.addWidget(self.leave_button)
        self.stay_button.tapped.connect(self.stay)
        self.leave_button.tapped.connect(self.leave)
        self.outside.connect(self.stay)

    def set_left(self, seconds: int) -> None:
        self.ring.set_left(seconds)


class ExitOverlay(Overlay):
    """C26."""

    stay = Signal()
    leave = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "leave", "要退出吗？", parent, personal=True)
        column = self.card.column
        column.addWidget(TextBlock(theme, "leave.title", "要退出吗？", "h1", align="center"))
        column.addWidget(TextBlock(theme, "leave.text", "已填写的内容会清除。", "body", "muted", "center"))
        column.addSpacing(theme.px(16))
        self.stay_button = BigButton(theme, "leave.stay", "继续办理")
        self.leave_button = BigButton(theme, "leave.leave", "退出并清除", "danger")
        column.addWidget(self.stay_button)
        column.addWidget(self.leave_button)
        self.stay_button.tapped.connect(self.stay)
        self.leave_button.tapped.connect(self.leave)


class HelpOverlay(Overlay):
    """C25. What to do at this step, whom to call, and a button that calls staff and says that it did."""

    closed = Signal()
    called = Signal()

    def __init__(self, theme: Theme, parent: QWidget, lines: tuple[str, ...], phone: str, *, personal: bool) -> None:
        super().__init__(theme, "help", "人工帮助", parent, personal=personal)
        column = self.card.column
        column.addWidget(TextBlock(theme, "help.title", "需要帮助吗？", "h1", align="center"))
        for i, line in enumerate(lines, 1):
            column.addWidget(NumberedLine(theme, f"help.line.{i}", i, line))
        if phone:
            column.addWidget(TextBlock(theme, "help.phone", f"咨询电话 {phone}", "h3", align="center", bold=True))
        self.told = Banner(theme, "help.told", "ok", "已通知工作人员，请稍等。")
        self.told.hide()
        column.addWidget(self.told)
        self.call_button = BigButton(theme, "help.call", "呼叫工作人员", "primary", "bell")
        self.close_button = BigButton(theme, "help.close", "知道了，继续办理", "secondary")
        column.addWidget(self.call_button)
        column.addWidget(self.close_button)
        self.call_button.tapped.connect(self._call)
        self.close_button.tapped.connect(self.closed)
        self.outside.connect(self.closed)

    def _call(self) -> None:
        self.call_button.hide()
        self.told.show()
        self.called.emit()


class ServiceOverlay(Overlay):
    """A technician asks for diagnostics while somebody is served: end that visit, wait for its end, or let it be.

    Touches beside the card do nothing: a sixth knock on the header is none of the three.
    """

    end = Signal()
    wait = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, can_end: bool) -> None:
        super().__init__(theme, "service", "工作人员：本机有人在办理", parent, personal=True)
        column = self.card.column
        column.addWidget(TextBlock(theme, "service.title", "本机有人在办理", "h1", align="center"))
        self._text = TextBlock(theme, "service.text", "", "body", "muted", "center")
        column.addWidget(self._text)
        column.addSpacing(theme.px(16))
        self.wait_button = BigButton(theme, "service.wait", "等待办理结束")
        self.end_button = BigButton(theme, "service.end", "结束当前办理", "danger")
        self.close_button = BigButton(theme, "service.close", "返回办理", "link")
        for button, signal in (
            (self.wait_button, self.wait),
            (self.end_button, self.end),
            (self.close_button, self.closed),
        ):
            column.addWidget(button)
            button.tapped.connect(signal)
        self.allow_end(can_end)

    def allow_end(self, allowed: bool) -> None:
        """What has been decided or is being paid for is not broken off by anybody."""
        self.end_button.setVisible(allowed)
        told = (
            "供工作人员使用。结束后，已填写的内容会清除。"
            if allowed
            else "供工作人员使用。这一步不能中断，请等办理结束。"
        )
        self._text.set_text(told)


class Cover(Painted):
    """Hides the page within one frame of a confirmed exit, before anything is wiped."""

    modal = True

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "cover", "正在清除您的信息", parent)
        self.setGeometry(parent.rect())
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        p.fillRect(self.rect(), t.color("page"))
        middle = self.height() / 2
        self.stamp(p, t.icon("shield-check", 120, "icon"), self.width() / 2, middle - t.px(120))
        box = QRectF(0, middle - t.px(20), self.width(), t.px(100))
        self.line_text(p, box, "正在清除您的信息", ("h1", "h2"), "text", "center")


def column_of(widget: QWidget) -> QVBoxLayout:
    """A column without margins, for frames inside frames."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
