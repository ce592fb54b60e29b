"""The bars of the frame: top, steps, actions, utilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kiosk.ports.clock import Clock
from ui.paint.shapes import draw_disc, draw_sweep, draw_tick, fill_rect, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Tappable
from ui.widgets.step_bar import Bar
from ui.widgets.step_bar import StepBar as StepBar

if TYPE_CHECKING:  # the home screen has neither steps nor actions
    from ui.widgets.buttons import BigButton, ButtonKind

_WEEKDAYS = "一二三四五六日"


class Brand(NamedTuple):
    """What the top bar says. `simulated`: some device is a simulator, which is said at all times."""

    title: str = "公安自助服务"
    hall: str = "自助服务大厅"
    machine: str = "1 号机"
    simulated: bool = False
    help_phone: str = ""
    """Shown in the help overlay when not empty."""


class TopBar(Bar):
    """Neutral shield, hall and machine, clock, and the permanent 模拟 mark. No controls."""

    tall, low = "header_h", (96, 96)

    def __init__(self, theme: Theme, brand: Brand, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.top", f"{brand.title}，{brand.hall} {brand.machine}", parent)
        self._brand = brand
        self._clock = clock
        self._shown = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1000)

    def _tick(self) -> None:
        if self._clock.now().strftime("%H:%M") != self._shown:
            self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        w, h = self.width(), self.height()
        draw_sweep(p, QRectF(self.rect()), t.color("header_from"), t.color("header_to"))
        line = t.px(4)
        fill_rect(p, QRectF(0, h - line, w, line), t.color("header_line"))
        margin = t.px("margin")
        self.stamp(p, t.icon("shield-check", 60, "on_header"), margin + t.px(30), (h - line) / 2)
        x = margin + t.px(84)
        now = self._clock.now()
        self._shown = now.strftime("%H:%M")
        right = w - margin
        date = f"{now.month}月{now.day}日 周{_WEEKDAYS[now.weekday()]}"
        if self.wide:
            self._one_line(p, QRectF(x, 0, right - x, h - line), date)
            return
        clock_w = round(text_width(date, t.font("small"))) + 2
        room = right - clock_w - t.px(28) - x
        if self._brand.simulated:
            room -= self._mark(p, right - clock_w - t.px(28), h - line) + t.px(16)
        upper = QRectF(x, t.px(18), room, t.px(58))
        lower = QRectF(x, t.px(74), room, t.px(42))
        self.line_text(p, upper, self._brand.title, ("h3", "body", "small"), "on_header", bold=True, elide=True)
        self.line_text(p, lower, f"{self._brand.hall} · {self._brand.machine}", "small", "on_header_muted", elide=True)
        box = QRectF(right - clock_w, upper.y(), clock_w, upper.height())
        self.line_text(p, box, self._shown, "h2", "on_header", "right")
        box.moveTop(lower.y())
        box.setHeight(lower.height())
        self.line_text(p, box, date, "small", "on_header_muted", "right")

    def _one_line(self, p: QPainter, box: QRectF, date: str) -> None:
        t = self.theme
        time = self.line_text(p, box, self._shown, "h2", "on_header", "right")
        right = time.left() - t.px(28)
        day = self.line_text(
            p, QRectF(box.x(), 0, right - box.x(), box.height()), date, "small", "on_header_muted", "right"
        )
        right = day.left() - t.px(28)
        if self._brand.simulated:
            right -= self._mark(p, right, box.height()) + t.px(28)
        box = QRectF(box.x(), 0, right - box.x(), box.height())
        title = self.line_text(p, box, self._brand.title, ("h3", "body", "small"), "on_header", bold=True, elide=True)
        box.setLeft(title.right() + t.px(40))
        self.line_text(p, box, f"{self._brand.hall} · {self._brand.machine}", "small", "on_header_muted", elide=True)

    def _mark(self, p: QPainter, right: float, height: float) -> int:
        """模拟: this machine runs on simulated devices. Amber, so that nobody takes it for the real thing. Returns its width."""
        t = self.theme
        text = "模拟"
        width = round(text_width(text, t.font("small", bold=True))) + t.pick(40, 28)
        tall = t.pick(48, 60)
        rect = QRectF(right - width, (height - tall) / 2, width, tall)
        fill_round(p, rect, t.px("radius.chip"), t.color("warn"))
        self.line_text(p, rect, text, "small", "on_warn", "center", bold=True)
        return width


class Action(NamedTuple):
    """A button of the action bar. `waiting` looks disabled but stays pressable, to explain what is missing."""

    caption: str
    kind: ButtonKind = "primary"
    icon: str = ""
    icon_after: bool = False
    waiting: bool = False
    spoken: str = ""


Split = Literal["narrow", "equal"]


def _same_buttons(
    before: tuple[Action | None, Action | None, Split], after: tuple[Action | None, Action | None]
) -> bool:
    return all((old is None) == (new is None) for old, new in zip(before, after, strict=False))


class ActionBar(Bar):
    """Back on the left, the one way forward on the right, always in the same place."""

    tall, low = "action_h", (136, 136)
    back_tapped = Signal()
    next_tapped = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.actions", "操作", parent)
        self._shown: tuple[Action | None, Action | None, Split] | None = None
        self._row = QHBoxLayout(self)
        margin = theme.px("margin")
        self._row.setContentsMargins(margin, 0, margin, 0)
        self._row.setSpacing(theme.pick(32, 24))
        self.back: BigButton | None = None
        self.next: BigButton | None = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        margin = self.theme.px("margin")
        self._row.setContentsMargins(margin, 0, margin, self.theme.px("gap_min") if self.wide else 0)

    def set_actions(self, back: Action | None, next_: Action | None, split: Split = "narrow") -> None:
        """Show these two; None is absent. A button that stays is changed in place, so that a press on
        it is not interrupted and its guard against double taps goes on."""
        if self._shown == (back, next_, split):
            return
        before, self._shown = self._shown, (back, next_, split)
        if before is not None and before[2] == split and _same_buttons(before, (back, next_)):
            for button, action in ((self.back, back), (self.next, next_)):
                if button is not None and action is not None:
                    button.restyle(
                        action.caption,
                        action.kind,
                        action.icon,
                        icon_after=action.icon_after,
                        waiting=action.waiting,
                        spoken=action.spoken,
                    )
            return
        focused = next((b.objectName() for b in (self.back, self.next) if b is not None and b.hasFocus()), "")
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self.back = self._button("action.back", back) if back else None
        self.next = self._button("action.next", next_) if next_ else None
        if self.back is not None:
            self.back.tapped.connect(self.back_tapped)
            if split == "narrow":
                self.back.setFixedWidth(self.theme.px("back_w"))
            self._row.addWidget(self.back, 1)
        if self.next is not None:
            self.next.tapped.connect(self.next_tapped)
            self._row.addWidget(self.next, 1)
        elif split == "narrow":
            self._row.addStretch(1)
        for button in (self.back, self.next):
            if button is not None and button.objectName() == focused:
                button.setFocus()

    def _button(self, name: str, action: Action) -> BigButton:
        from ui.widgets.buttons import BigButton

        return BigButton(
            self.theme,
            name,
            action.caption,
            action.kind,
            action.icon,
            icon_after=action.icon_after,
            waiting=action.waiting,
            spoken=action.spoken,
            parent=self,
        )

    def paint(self, p: QPainter) -> None:
        return


class UtilityButton(Tappable):
    """One fifth of the utility bar: icon over a word; a switch that is on has a bar and a tick."""

    def __init__(
        self, theme: Theme, name: str, caption: str, icon: str, *, switch: bool, danger: bool, parent: QWidget
    ) -> None:
        super().__init__(theme, name, caption, parent)
        self._caption, self._icon, self._danger = caption, icon, danger
        self.setCheckable(switch)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        if self.isDown():
            p.fillRect(rect, t.color("pressed"))
        elif self.isChecked():
            p.fillRect(rect, t.color("tint"))
        icon_color = "bad_text" if self._danger else "icon"
        parent = self.parent()
        if isinstance(parent, Bar) and parent.wide:
            self._in_line(p, rect, icon_color)
            return
        icon_y = t.pick(34, 32)
        self.stamp(p, t.icon(self._icon, 44, icon_color), rect.center().x(), icon_y)
        box = QRectF(0, t.pick(58, 56), rect.width(), t.pick(48, 54))
        color = "bad_text" if self._danger else "text"
        self.line_text(p, box, self._caption, "small", color, "center", bold=self.isChecked() or None)
        if self.isChecked():
            p.fillRect(QRectF(0, 0, rect.width(), t.px(6)), t.color("primary"))
            tick = QRectF(rect.center().x() + t.px(26), t.px(14), t.px(36), t.px(36))
            draw_disc(p, tick.center(), tick.width() / 2, t.color("primary"))
            draw_tick(p, tick, t.color("on_primary"), t.px(4))
        self.focus_ring(p, t.px("radius.chip"))

    def _in_line(self, p: QPainter, rect: QRectF, icon_color: str) -> None:
        """Icon beside the word; a switch that is on has its tick behind it."""
        t, on = self.theme, self.isChecked()
        side, gap = t.px(44), t.px(16)
        width = text_width(self._caption, t.font("small", bold=on))
        x = rect.center().x() - (side + gap + width) / 2
        self.stamp(p, t.icon(self._icon, 44, icon_color), x + side / 2, rect.center().y())
        box = QRectF(x + side + gap, 0, width + 2, rect.height())
        self.line_text(p, box, self._caption, "small", "bad_text" if self._danger else "text", bold=on or None)
        if on:
            p.fillRect(QRectF(0, 0, rect.width(), t.px(6)), t.color("primary"))
            tick = QRectF(box.right() + gap, rect.center().y() - t.px(18), t.px(36), t.px(36))
            draw_disc(p, tick.center(), tick.width() / 2, t.color("primary"))
            draw_tick(p, tick, t.color("on_primary"), t.px(4))
        self.focus_ring(p, t.px("radius.chip"))


class UtilityBar(Bar):
    """大字版 高对比 语音 人工帮助 退出: the same five, in the same order, on every page (WCAG 2.2, 3.2.6)."""

    tall, low = "utility_h", (88, 112)
    large_tapped = Signal()
    contrast_tapped = Signal()
    voice_tapped = Signal()
    help_tapped = Signal()
    exit_tapped = Signal()

    def __init__(self, theme: Theme, *, voice: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.utility", "辅助功能", parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.large = self._add("utility.large", "大字版", "text-size", switch=True)
        self.contrast = self._add("utility.contrast", "高对比", "contrast", switch=True)
        self.voice = self._add("utility.voice", "语音", "speaker", switch=True)
        self.help = self._add("utility.help", "人工帮助", "help-person")
        self.exit = self._add("utility.exit", "退出", "exit", danger=True)
        for button, signal in (
            (self.large, self.large_tapped),
            (self.contrast, self.contrast_tapped),
            (self.voice, self.voice_tapped),
            (self.help, self.help_tapped),
            (self.exit, self.exit_tapped),
        ):
            row.addWidget(button, 1)
            button.tapped.connect(signal)
        self.set_state(voice=voice)

    def _add(self, name: str, caption: str, icon: str, *, switch: bool = False, danger: bool = False) -> UtilityButton:
        return UtilityButton(self.theme, name, caption, icon, switch=switch, danger=danger, parent=self)

    def set_state(self, *, voice: bool) -> None:
        self.large.setChecked(self.theme.large)
        self.contrast.setChecked(self.theme.high_contrast)
        self.voice.setChecked(voice)

    def allow_exit(self, allowed: bool) -> None:
        """Without a way out the button is neither shown nor accepted; the other four keep their places."""
        policy = self.exit.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.exit.setSizePolicy(policy)
        self.exit.setVisible(allowed)

    def paint(self, p: QPainter) -> None:
        fill_rect(p, QRectF(self.rect()), self.theme.color("surface"))
        fill_rect(p, QRectF(0, 0, self.width(), self.theme.px(2)), self.theme.color("divider"))
