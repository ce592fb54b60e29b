"""T03: one device. What it is, what it counted, what it can be made to do, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from kiosk.screens.diagnostics import Act, DeviceDetail, Section, Verb
from ui.pages.diag_shell import DiagPage
from ui.widgets.diag_acts import ActPanel
from ui.widgets.diag_base import TechButton
from ui.widgets.diag_rows import FactList, LogList
from ui.widgets.diag_tile import DeviceCard

LEVELS = (("1", "内部：只读状态"), ("2", "外部：设备会动作"), ("3", "交互：需要人配合"))
REASONS = ("设备故障", "等待备件", "培训演示")
RESET, SWAP = "reset", "swap"
"""Ids of the buttons every device may have, beside its own acts."""


class DeviceDetailPage(DiagPage[DeviceDetail]):
    section = Section.DEVICE
    words = "设备详情"

    def make(self) -> None:
        theme = self.theme
        self._previous = TechButton(
            theme, "diag.device.previous", "", icon="chevron-left", spoken="上一台", parent=self
        )
        self._pick = TechButton(theme, "diag.device.pick", "选设备", icon="devices", parent=self)
        self._next = TechButton(theme, "diag.device.next", "", icon="chevron-right", spoken="下一台", parent=self)
        self._check = TechButton(theme, "diag.device.check", "自检", "primary", "play-circle", parent=self)
        self._previous.tapped.connect(lambda: self._go_on(-1))
        self._next.tapped.connect(lambda: self._go_on(1))
        self._pick.tapped.connect(self._choose_device)
        self._check.tapped.connect(self._choose_level)
        self._card = DeviceCard(theme, self.data.tile, self)
        self._acts = ActPanel(theme, "diag.device.act", "操作", self)
        self._acts.chosen.connect(self._act)
        self._acts.turned.connect(self.rearranged)
        self._facts = FactList(theme, "diag.device.facts", "属性", "没有数据", self)
        self._counters = FactList(theme, "diag.device.counters", "计数与余量", "还没有计数", self)
        self._events = LogList(theme, "diag.device.events", "最近事件", from_end=False, parent=self)
        for part in (self._facts, self._counters, self._events):
            part.turned.connect(self.rearranged)
        self._fill(self.data)

    def head_buttons(self) -> Sequence[TechButton]:
        return (self._previous, self._pick, self._next, self._check)

    def _fill(self, screen: DeviceDetail) -> None:
        self._card.show_tile(screen.tile)
        self._facts.show_rows(screen.facts)
        self._counters.show_rows((*screen.forecast, *screen.counters))
        self._events.show_rows(screen.events)
        acts = list(screen.acts)
        acts.append(Act(RESET, "复位设备", screen.can_reset, "" if screen.can_reset else "这台设备不能由程序复位。"))
        if screen.swap:
            acts.append(Act(SWAP, "换成模拟器" if screen.swap == "to_simulator" else "换回真实设备"))
        self._acts.show_acts(acts, danger=(RESET, SWAP))
        for button in (self._previous, self._pick, self._next):
            button.setVisible(len(screen.others) > 1)

    def show_data(self, screen: DeviceDetail, before: DeviceDetail) -> None:
        if screen.tile.key != before.tile.key:
            self.close_question()
        moved = (len(screen.others) > 1) != (len(before.others) > 1)
        self._fill(screen)
        if moved:
            self.relay()

    # -- what is done ----------------------------------------------------------------------------------------------------

    def _go_on(self, by: int) -> None:
        keys = [key for key, _ in self.data.others]
        at = keys.index(self.data.tile.key) if self.data.tile.key in keys else -min(by, 0)
        if keys:
            self.order(Verb.GO, Section.DEVICE.value, keys[(at + by) % len(keys)])

    def _choose_device(self) -> None:
        from ui.widgets.diag_ask import ChooseOverlay

        overlay = ChooseOverlay(
            self.theme, "diag.device.choose", "看哪一台设备", self.data.others, self.data.tile.key, self.window()
        )
        self.ask(overlay, lambda key: self.order(Verb.GO, Section.DEVICE.value, key))

    def _choose_level(self) -> None:
        from ui.widgets.diag_ask import ChooseOverlay

        overlay = ChooseOverlay(
            self.theme, "diag.device.level", f"自检：{self.data.tile.name}", LEVELS, None, self.window()
        )
        self.ask(overlay, lambda level: self.order(Verb.CHECK, self.data.tile.key, level))

    def _act(self, act: Act) -> None:
        if not act.enabled:
            self.tell(act.why or "现在不能做。")
        elif act.id == RESET:
            self._ask_reset()
        elif act.id == SWAP:
            self._ask_swap()
        else:
            self.order(Verb.DO, self.data.tile.key, act.id)

    def _ask_reset(self) -> None:
        from ui.widgets.diag_ask import ConfirmOverlay

        name = self.data.tile.name
        text = "设备会断开并重新打开，正在做的事会中断。"
        overlay = ConfirmOverlay(self.theme, "diag.device.reset", f"复位{name}？", text, "复位", self.window())
        self.ask(overlay, lambda _: self.order(Verb.RESET, self.data.tile.key))

    def _ask_swap(self) -> None:
        from ui.widgets.diag_ask import TypeOverlay

        away = self.data.swap == "to_simulator"
        title = f"{self.data.tile.name}：换成模拟器" if away else f"{self.data.tile.name}：换回真实设备"
        overlay = TypeOverlay(
            self.theme,
            "diag.device.swap",
            title,
            "请说明原因，可加工单号。原因会记入审计。",
            "换成模拟器" if away else "换回真实设备",
            self.window(),
            ready=REASONS if away else ("已修好", "已换新", "结束演示"),
            least=2,
        )
        self.ask(overlay, lambda reason: self.order(Verb.SWAP, self.data.tile.key, reason))

    # -- where it stands -------------------------------------------------------------------------------------------------

    def arrange(self, area: QRect, wide: bool) -> None:
        t = self.theme
        gap = t.px("tech_gap")
        bottom, right = area.bottom() + 1, area.right() + 1
        x, y = area.x(), area.y()
        if wide:
            left, upper = t.px(480), round(area.height() * 0.54)
            card = t.px(360)
            self._card.setGeometry(x, y, left, card)
            self._acts.setGeometry(x, y + card + gap, left, bottom - y - card - gap)
            x += left + gap
            half = (right - x - gap) // 2
            self._facts.setGeometry(x, y, half, upper)
            self._counters.setGeometry(x + half + gap, y, half, upper)
            self._events.setGeometry(x, y + upper + gap, right - x, bottom - y - upper - gap)
            return
        half = (area.width() - gap) // 2
        top = t.px(460)
        middle = round((area.height() - top) * 0.48)
        self._card.setGeometry(x, y, half, top)
        self._acts.setGeometry(x + half + gap, y, half, top)
        y += top + gap
        self._facts.setGeometry(x, y, half, middle)
        self._counters.setGeometry(x + half + gap, y, half, middle)
        y += middle + gap
        self._events.setGeometry(x, y, area.width(), bottom - y)
