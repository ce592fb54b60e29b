"""The bars of the frame: top, steps, actions, utilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kiosk.ports.clock import Clock
from ui.paint.shapes import draw_disc, draw_sweep, draw_tick, fill_rect, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable

if TYPE_CHECKING:  # the home screen has neither steps nor actions
    from kiosk.screens.base import Progress
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


class TopBar(Painted):
    """Neutral shield, hall and machine, clock, and the permanent 模拟 mark. No controls."""

    def __init__(self, theme: Theme, brand: Brand, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.top", f"{brand.title}，{brand.hall} {brand.machine}", parent)
        self._brand = brand
        self._clock = clock
        self.setFixedHeight(theme.px("header_h"))
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


class StepBar(Painted):
    """Numbered phases: done is ticked, current is filled and bold. Tells the screen reader "第 3 步，共 5 步，选违法"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.steps", "步骤", parent)
        self._progress: Progress | None = None
        self.setFixedHeight(theme.px("steps_h"))

    def set_progress(self, progress: Progress) -> None:
        self._progress = progress
        title = progress.titles[progress.current] if progress.current < len(progress.titles) else ""
        self.setAccessibleName(f"第 {progress.current + 1} 步，共 {len(progress.titles)} 步，{title}")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        w, h = self.width(), self.height()
        p.fillRect(self.rect(), t.color("surface"))
        p.fillRect(0, h - t.px(2), w, t.px(2), t.color("divider"))
        if self._progress is None or not self._progress.titles:
            return
        titles, current = self._progress.titles, self._progress.current
        radius = t.px(28)
        y = t.px(16) + radius
        first = w / len(titles) / 2
        if len(titles) > 1:
            first = max(t.px(100), min(first, t.px(130)))
        pitch = (w - 2 * first) / max(1, len(titles) - 1)
        thick = t.px(6)
        widest = max(text_width(title, t.font("small", bold=True)) for title in titles)
        crowded = widest > min(pitch, 2 * first) - t.px(8)
        for i in range(len(titles) - 1):
            x = first + i * pitch + radius
            gap = t.px(4)
            done = i < current
            p.fillRect(
                QRectF(x + gap, y - thick / 2, pitch - 2 * radius - 2 * gap, thick), t.color("ok" if done else "track")
            )
        for i, title in enumerate(titles):
            x = first + i * pitch
            self._node(p, QPointF(x, y), radius, i, current)
            if crowded and i != current:
                continue
            width = text_width(title, t.font("small", bold=True)) + 4
            left = min(max(t.px(24), x - width / 2), w - t.px(24) - width)
            box = QRectF(left, y + radius, width, h - y - radius - t.px(4))
            mine = i == current
            self.line_text(p, box, title, "small", "text" if mine else "muted", "center", bold=mine)

    def _node(self, p: QPainter, centre: QPointF, radius: float, index: int, current: int) -> None:
        t = self.theme
        rect = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        if index < current:
            draw_disc(p, centre, radius, t.color("ok"))
            draw_tick(p, rect, t.color("on_ok"), t.px(5))
            return
        mine = index == current
        edge = None if mine else t.color("outline")
        draw_disc(p, centre, radius, t.color("primary" if mine else "surface"), edge, t.px("stroke.outline"))
        number = t.font("small", bold=True)
        color = "on_primary" if mine else "muted"
        box = rect if text_width(str(index + 1), number) < rect.width() else rect.adjusted(-4, 0, 4, 0)
        self.line_text(p, box, str(index + 1), "small", color, "center", bold=True)


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


class ActionBar(Painted):
    """Back on the left, the one way forward on the right, always in the same place."""

    back_tapped = Signal()
    next_tapped = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.actions", "操作", parent)
        self.setFixedHeight(theme.px("action_h"))
        self._shown: tuple[Action | None, Action | None, Split] | None = None
        self._row = QHBoxLayout(self)
        margin = theme.px("margin")
        self._row.setContentsMargins(margin, 0, margin, 0)
        self._row.setSpacing(theme.pick(32, 24))
        self.back: BigButton | None = None
        self.next: BigButton | None = None

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


class UtilityBar(Painted):
    """大字版 高对比 语音 人工帮助 退出: the same five, in the same order, on every page (WCAG 2.2, 3.2.6)."""

    large_tapped = Signal()
    contrast_tapped = Signal()
    voice_tapped = Signal()
    help_tapped = Signal()
    exit_tapped = Signal()

    def __init__(self, theme: Theme, *, voice: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(theme, "frame.utility", "辅助功能", parent)
        self.setFixedHeight(theme.px("utility_h"))
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
